"""Any octets at all: a value or SmsError, never anything else, and what was read is written again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gsmsend.errors import SmsError
from gsmsend.sms import (
    Address,
    Deliver,
    Direction,
    Encoding,
    Header,
    Joiner,
    Language,
    StatusReport,
    Submit,
    Timestamp,
    UserData,
    Validity,
    ValidityFormat,
    encode_submit,
    from_pdu,
    split,
    to_pdu,
)
from gsmsend.sms.octets import Octets
from gsmsend.sms.userdata import decode_text

directions = st.sampled_from(("to_network", "from_network"))
octets = st.binary(max_size=200)

# Plausible beginnings, so that chance gets past the address into the fields behind it.
address = st.builds(
    lambda length, kind, value: bytes((length, kind)) + value[: (length + 1) // 2],
    st.integers(0, 20),
    st.sampled_from((0x81, 0x91, 0xA1, 0xD0, 0xFF)),
    st.binary(min_size=10, max_size=10),
)
submit_like = st.builds(
    lambda first, to, rest: bytes((first & ~3 | 1, 7)) + to + rest, st.integers(0, 255), address, octets
)
deliver_like = st.builds(
    lambda first, to, rest: bytes((first & ~3,)) + to + rest, st.integers(0, 255), address, octets
)
report_like = st.builds(
    lambda first, to, rest: bytes((first & ~3 | 2, 7)) + to + rest, st.integers(0, 255), address, octets
)
kinds = st.sampled_from((Submit, Deliver, StatusReport))

T = TypeVar("T")


def attempt(call: Callable[..., T], *arguments: object, **options: object) -> T | SmsError:
    """What a call returns, or its SmsError; any other exception fails the test."""
    try:
        return call(*arguments, **options)
    except SmsError as error:
        return error


@settings(max_examples=500)
@given(kinds, octets | submit_like | deliver_like | report_like)
@example(StatusReport, bytes.fromhex("06000081" + "00" * 15) + b"\xff" * 40)
@example(StatusReport, bytes.fromhex("06000081" + "00" * 15) + b"\x80" * 40)
def test_any_octets_are_a_tpdu_or_an_sms_error(kind: type[Submit | Deliver | StatusReport], data: bytes) -> None:
    tpdu: Submit | Deliver | StatusReport | SmsError = attempt(kind.decode, data)
    if isinstance(tpdu, SmsError):
        assert tpdu.field.startswith("TP-")
        assert tpdu.offset is not None
        assert 0 <= tpdu.offset <= len(data)
        return
    assert isinstance(tpdu.text, str)
    tpdu.text.encode()  # no half surrogates: the text can be stored
    again = tpdu.encode()
    assert kind.decode(again) == tpdu


@given(directions, octets | submit_like | deliver_like | report_like, st.binary(max_size=9))
def test_any_pdu_is_read_or_an_sms_error(direction: Direction, data: bytes, centre: bytes) -> None:
    pdu = (bytes((len(centre),)) + centre + data).hex()
    read = attempt(from_pdu, pdu, direction)
    if not isinstance(read, SmsError):
        assert isinstance(read[1], Submit) == (direction == "to_network")


@given(directions, st.text(max_size=40) | st.text("0123456789abcdefABCDEF \n", max_size=80))
def test_any_string_is_a_pdu_or_an_sms_error(direction: Direction, pdu: str) -> None:
    read = attempt(from_pdu, pdu, direction)
    assert not isinstance(read, SmsError) or read.offset is not None


@given(submit_like | deliver_like | report_like, st.data())
def test_a_bit_that_flips_on_the_line_is_no_more_than_an_sms_error(data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data) * 8 - 1))
    damaged = bytearray(data)
    damaged[at // 8] ^= 1 << at % 8
    for kind in (Submit, Deliver, StatusReport):
        read = attempt(kind.decode, bytes(damaged))
        assert isinstance(read, (kind, SmsError))


@given(st.binary(max_size=30), st.sampled_from(("TP-OA", "TP-RA")))
def test_any_octets_are_an_address_or_an_sms_error(data: bytes, field: str) -> None:
    for read in (Address.read, Address.read_rp):
        made = attempt(read, Octets(data), field)
        assert not isinstance(made, SmsError) or made.field == field


@given(st.text(max_size=30))
def test_any_string_is_an_address_or_an_sms_error(written: str) -> None:
    made = attempt(Address.of, written)
    if isinstance(made, SmsError):
        assert len(written) < 8 or written not in str(made)
        return
    assert Address.decode(made.encode()) == made
    assert made.text == written


@given(octets, st.sampled_from(Encoding), st.booleans())
def test_any_octets_are_user_data_or_an_sms_error(data: bytes, encoding: Encoding, has_header: bool) -> None:
    read = attempt(UserData.read, Octets(data), encoding, has_header=has_header)
    if isinstance(read, SmsError):
        assert read.field in {"TP-UDL", "TP-UD", "TP-UDHL"}
        return
    assert UserData.read(Octets(read.encode()), encoding, has_header=has_header) == read


@given(st.binary(max_size=140))
def test_any_octets_are_a_header(data: bytes) -> None:
    header = Header.decode(data)
    place = header.concatenation
    assert place is None or 1 <= place.seq <= place.total
    assert isinstance(header.locking, Language)
    assert isinstance(header.single, Language)
    assert header.ports is None or header.ports.destination <= 65535


@given(st.binary(max_size=200), st.sampled_from(Encoding), st.sampled_from(Language), st.sampled_from(Language))
def test_any_payload_has_a_text_that_can_be_stored(
    payload: bytes, encoding: Encoding, locking: Language, single: Language
) -> None:
    if encoding is Encoding.GSM7:
        payload = bytes(septet & 127 for septet in payload)
    decode_text(payload, encoding, locking, single).encode()


@given(st.binary(min_size=7, max_size=7))
def test_any_seven_octets_are_a_stamp_and_a_validity(data: bytes) -> None:
    stamp = Timestamp(data)
    assert stamp.epoch_s is None or 6e8 < stamp.epoch_s < 4e9
    for form in (ValidityFormat.ENHANCED, ValidityFormat.ABSOLUTE):
        validity = Validity(form, data)
        assert validity.seconds is None or validity.seconds > -1
    assert Validity.relative(data[0]).seconds


@given(st.floats() | st.integers())
def test_any_number_of_seconds_is_a_validity_or_an_sms_error(seconds: float) -> None:
    validity = attempt(Validity.of_seconds, seconds)
    assert isinstance(validity, SmsError) or validity.seconds is not None


@given(st.floats() | st.integers(), st.integers())
def test_any_moment_is_a_stamp_or_an_sms_error(moment: float, offset: int) -> None:
    stamp = attempt(Timestamp.of_epoch, moment, offset)
    assert isinstance(stamp, SmsError) or stamp.known


@given(st.text(st.characters(), max_size=400), st.text(max_size=20), st.integers(), st.integers(), st.integers())
def test_any_arguments_are_a_submit_or_an_sms_error(
    text: str, to: str, seq: int, total: int, reference: int
) -> None:
    try:
        segment = split(text).segments[0]
        pdu = to_pdu(encode_submit(to, segment, seq=seq, total=total, concat_reference=reference), "+447700900999")
    except SmsError:
        return
    assert from_pdu(pdu, "to_network")[1].text == segment.text


@given(st.lists(deliver_like, max_size=12))
def test_any_delivers_can_be_joined(received: list[bytes]) -> None:
    joiner = Joiner()
    for now_s, data in enumerate(received):
        deliver = attempt(Deliver.decode, data)
        if not isinstance(deliver, SmsError):
            joined = joiner.add(deliver, now_s)
            assert joined is None or joined.whole
    assert all(gap.missing and gap.text for gap in joiner.gaps())
    joiner.expire(1e12)
    assert joiner.gaps() == ()


@pytest.mark.parametrize("kind", [Submit, Deliver, StatusReport])
def test_no_octets_at_all(kind: type[Submit | Deliver | StatusReport]) -> None:
    with pytest.raises(SmsError, match=r"^TP-MTI at octet 0"):
        kind.decode(b"")
