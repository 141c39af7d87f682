"""PDUs as they come: cut anywhere, broken anyhow; and against smpplib, where it reads well-formed ones."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import smpp  # type: ignore[import-untyped] # it ships no types

from gsmsend.errors import SmsError
from gsmsend.sms import Address
from gsmsend_cloud.smpp import compose
from gsmsend_cloud.smpp.pdu import MOST_OCTETS, Command, Deliver, Framer, Pdu, PduError, Tag, message_id

_NAME = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)
_PDUS = st.builds(
    Pdu, st.sampled_from(list(Command)).map(int), st.integers(0, 0xFFFFFFFF), st.integers(1, 0x7FFFFFFF),
    st.binary(max_size=300),
)  # fmt: skip


def body(source: str, short: bytes, options: bytes = b"", esm_class: int = 4) -> bytes:
    return (
        b"\0\1\1" + source.encode() + b"\0\1\1447700900999\0" + bytes((esm_class, 0, 0)) + b"\0\0"
        + bytes((0, 0, 0, 0, len(short))) + short + options
    )  # fmt: skip


def option(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


@given(st.lists(_PDUS, max_size=5), st.integers(1, 40))
def test_pdus_come_whole_however_the_stream_is_cut(pdus: list[Pdu], size: int) -> None:
    stream = b"".join(bytes.fromhex(pdu.hex) for pdu in pdus)
    framer = Framer()
    found = [pdu for at in range(0, len(stream), size) for pdu in framer.feed(stream[at : at + size])]
    assert found == pdus


@pytest.mark.parametrize("length", [0, 15, MOST_OCTETS + 1, 0xFFFFFFFF])
def test_a_length_that_cannot_be_ends_the_stream_at_once(length: int) -> None:
    with pytest.raises(PduError, match="command_length"):
        list(Framer().feed(struct.pack(">L", length)))


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    for read in (Deliver.decode, message_id):
        with suppress(PduError):
            assert read(octets) is not None


@given(_NAME, st.binary(max_size=254), st.binary(max_size=20), st.integers(0, 255))
def test_what_is_well_formed_is_read_as_smpplib_reads_it(
    source: str, short: bytes, name: bytes, esm_class: int
) -> None:
    made = body(source, short, option(0x1E, name + b"\0") + option(0x0427, b"\2"), esm_class)
    raw = struct.pack(">LLLL", 16 + len(made), 5, 0, 9) + made
    theirs = smpp.parse_pdu(raw, allow_unknown_opt_params=True, sequence=0)
    ours = Deliver.decode(made)
    assert ours.source.encode() == theirs.source_addr
    assert ours.octets == theirs.short_message
    assert (ours.esm_class, ours.data_coding, ours.source_ton) == (theirs.esm_class, theirs.data_coding, 1)
    assert ours.options[Tag.RECEIPTED_MESSAGE_ID] == theirs.receipted_message_id + b"\0"
    assert ours.number(Tag.MESSAGE_STATE) == theirs.message_state


@given(st.integers(1, 60))
def test_a_pdu_that_is_cut_short_is_never_read(cut: int) -> None:
    whole = body("447700900123", b"id:12345 stat:DELIVRD", option(0x1E, b"12345\0"))
    if cut != len(option(0x1E, b"12345\0")):  # there it is whole again, without its parameter
        with pytest.raises(PduError):
            Deliver.decode(whole[:-cut])


def test_what_a_body_has_stays_out_of_words() -> None:
    pdu = Pdu(4, 0, 1, b"secret +447700900123")
    assert "447700900123" not in repr(pdu)
    with pytest.raises(PduError) as error:
        Deliver.decode(b"+447700900123")
    assert "447700900123" not in str(error.value)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""), (0.2, "000000000001000R"), (3600, "000000010000000R"), (3 * 86400, "000003000000000R"),
        (45 * 86400 + 61, "000115000101000R"), (10**9, "010221014640000R"),
    ],
)  # fmt: skip
def test_a_validity_period_is_relative(seconds: float | None, words: str) -> None:
    assert compose.relative_time(seconds) == words


@pytest.mark.parametrize(
    ("source", "coded", "field"),
    [
        (Address("Helpline", npi=0), compose.Coded(0, b"x" * 255), "short_message"),
        (Address("4" * 21), compose.Coded(0, b"x"), "source_addr"),
        (Address("caf\u00e9"), compose.Coded(0, b"x"), "source_addr"),
    ],
)
def test_what_smpplib_would_cut_is_refused(source: Address, coded: compose.Coded, field: str) -> None:
    with pytest.raises(SmsError, match=field):
        compose.submit(source, Address("447700900123"), coded, report=True, validity_s=None, user_reference=None)


def test_nothing_that_a_bind_holds_is_lost() -> None:
    made = compose.bind("s" * 15, "p" * 8, "t" * 12, 7)
    assert made[16:] == b"s" * 15 + b"\0" + b"p" * 8 + b"\0" + b"t" * 12 + b"\0\x34\0\0\0"
    assert made[12:16] == b"\0\0\0\7"
