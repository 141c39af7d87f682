"""The bMessage, octet for octet (Message Access Profile 1.4, 3.1.3)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmsend_handset.obex_bmessage import SMS_GSM, bmessage, text_of

THEM = "+447700900123"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def test_it_is_as_the_profile_says() -> None:
    assert bmessage(SMS_GSM, THEM, "caf\u00e9\nopen") == (
        b"BEGIN:BMSG\r\nVERSION:1.0\r\nSTATUS:READ\r\nTYPE:SMS_GSM\r\nFOLDER:telecom/msg/outbox\r\nBEGIN:BENV\r\n"
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:\r\nTEL:+447700900123\r\nEND:VCARD\r\n"
        b"BEGIN:BBODY\r\nCHARSET:UTF-8\r\nLENGTH:33\r\nBEGIN:MSG\r\ncaf\xc3\xa9\r\nopen\r\nEND:MSG\r\n"
        b"END:BBODY\r\nEND:BENV\r\nEND:BMSG\r\n"
    )


@given(TEXTS.map(lambda text: text.replace("\r", "")))
def test_what_is_written_is_read_again(text: str) -> None:
    assert text_of(bmessage(SMS_GSM, THEM, text)) == text


@given(st.lists(st.sampled_from(["END:MSG", "/", "BEGIN:MSG", "END:BBODY", "\n", "x", "END:VCARD"])).map("".join))
def test_no_text_ends_its_message_or_begins_another(text: str) -> None:
    octets = bmessage(SMS_GSM, THEM, text)
    assert len(re.findall(rb"\r\nEND:MSG\r\n", octets)) == 1
    length = re.search(rb"LENGTH:(\d+)\r\n", octets)
    assert length is not None
    end = length.end() + int(length[1])
    assert octets[end:] == b"END:BBODY\r\nEND:BENV\r\nEND:BMSG\r\n", "LENGTH says where it ends"
    assert text_of(octets) == text


def test_half_a_surrogate_pair_cannot_be_coded() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        bmessage(SMS_GSM, THEM, "\ud83d")


@pytest.mark.parametrize("octets", [b"", b"\xff\xfe", b"BEGIN:BMSG\r\nBEGIN:MSG\r\n", b"\r\nEND:MSG\r\n"])
def test_what_is_no_bmessage_has_no_text(octets: bytes) -> None:
    assert text_of(octets) == ""


def test_a_text_that_is_no_utf_8_is_read_as_far_as_it_goes() -> None:
    assert text_of(b"BEGIN:BBODY\r\nBEGIN:MSG\r\nlatin caf\xe9\r\nEND:MSG\r\n") == "latin caf\ufffd"
