"""Putting the certificates of whatever a time-stamping service sends in order neither fails nor loses an octet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gsmsend.timestamping.ordering import ordered


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def answer(certificates: list[bytes]) -> bytes:
    """A TimeStampResp with just so much in it that its certificates can be found."""
    signed = (
        der(0x02, b"\3") + der(0x31, b"") + der(0x30, b"") + der(0xA0, b"".join(certificates)) + der(0x31, b"")
    )
    return der(0x30, der(0x30, b"\2\1\0") + der(0x30, der(0x06, b"\x2a") + der(0xA0, der(0x30, signed))))


CERTIFICATE = st.binary(max_size=200).map(lambda content: der(0x30, content))


@given(st.binary(max_size=400))
def test_octets_that_are_no_answer_are_left_alone_or_moved_but_never_lost(octets: bytes) -> None:
    assert sorted(ordered(octets)) == sorted(octets)


@given(st.lists(CERTIFICATE, max_size=5), st.data())
def test_certificates_come_out_in_order_and_whole(certificates: list[bytes], data: st.DataObject) -> None:
    turned = data.draw(st.permutations(certificates))
    assert ordered(answer(turned)) == answer(sorted(certificates))


@given(st.lists(CERTIFICATE, min_size=1, max_size=3), st.data())
def test_an_answer_that_was_cut_off_is_left_as_it_is(certificates: list[bytes], data: st.DataObject) -> None:
    whole = answer(certificates)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert ordered(cut) == cut
