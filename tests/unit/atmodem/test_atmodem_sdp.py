"""SDP by example: octets as the Bluetooth Core Specification (Vol 3, Part B) and handsets have them."""

from __future__ import annotations

import pytest

from gsmsend_atmodem import sdp
from gsmsend_atmodem.sdp import Element, Kind


def octets(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("00", Element(Kind.NIL)),
        ("08 ff", Element(Kind.UNSIGNED, 255, 1)),
        ("09 00 04", Element(Kind.UNSIGNED, 4, 2)),
        ("10 ff", Element(Kind.SIGNED, -1, 1)),
        ("19 11 03", Element(Kind.UUID, 0x1103, 2)),
        ("25 02 68 69", Element(Kind.TEXT, octets=b"hi")),
        ("28 01", Element(Kind.BOOLEAN, 1, 1)),
        ("35 03 19 11 03", sdp.sequence(sdp.uuid(0x1103))),
        ("45 01 61", Element(Kind.URL, octets=b"a")),
    ],
)
def test_elements_by_example(text: str, element: Element) -> None:
    assert sdp.decode(octets(text)) == element
    assert sdp.encode(element) == octets(text)


def test_lengths_may_be_given_wider_than_they_need() -> None:
    assert sdp.decode(octets("36 00 03 19 11 03")) == sdp.decode(octets("37 00 00 00 03 19 11 03"))


def test_a_short_uuid_is_the_long_one_of_the_same_service() -> None:
    long = sdp.decode(octets("1c 00 00 11 03 00 00 10 00 80 00 00 80 5f 9b 34 fb"))
    assert sdp.uuid(0x1103).uuid == long.uuid == sdp.decode(octets("1a 00 00 11 03")).uuid
    assert sdp.unsigned(3, 1).uuid is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "08",
        "35 04 19 11 03",
        "35 03 19 11",
        "4d 00",
        "01",
        "0d 01 00",
        "18 01",
        "20",
        "19 11 03 00",
        "35 01 19",
    ],
)
def test_what_is_no_element_is_malformed(text: str) -> None:
    with pytest.raises(sdp.Malformed):
        sdp.decode(octets(text))


def test_nesting_without_end_is_malformed() -> None:
    bomb = b""
    for _ in range(40):
        bomb = bytes((0x36,)) + len(bomb).to_bytes(2, "big") + bomb
    with pytest.raises(sdp.Malformed, match="nested"):
        sdp.decode(bomb)


@pytest.mark.parametrize(
    "element", [Element(Kind.UNSIGNED, 256, 1), Element(Kind.UUID, 1, 1), Element(Kind.SIGNED, 128, 1)]
)
def test_what_cannot_be_written_is_malformed(element: Element) -> None:
    with pytest.raises(sdp.Malformed):
        sdp.encode(element)


def test_the_question_is_as_the_specification_has_it() -> None:
    asked = sdp.Inquiry(0x1103).data_to_send()
    assert asked == octets("06 0001 000d 35 03 19 11 03 ff ff 35 03 09 00 04 00")


def test_the_answer_of_a_handset_gives_its_channel() -> None:
    inquiry = sdp.Inquiry(0x1103)
    body = octets("35 13 35 11 09 00 04 35 0c 35 03 19 01 00 35 05 19 00 03 08 01")
    answer = octets("07 0001") + (len(body) + 3).to_bytes(2, "big") + len(body).to_bytes(2, "big") + body + b"\0"
    assert inquiry.receive(answer)
    assert sdp.channels(inquiry.records) == [1]


def test_a_continuation_is_asked_for_under_the_next_number() -> None:
    inquiry = sdp.Inquiry(0x1101)
    assert inquiry.data_to_send()
    assert not inquiry.receive(octets("07 0001 0007 0001 35 03 aabbcc"))
    assert inquiry.data_to_send().endswith(octets("03 aa bb cc"))
    assert inquiry.data_to_send() == b"", "it is asked once"
    assert inquiry.receive(octets("07 0002 0004 0001 00 00"))
    assert sdp.channels(inquiry.records) == []


def test_the_answer_to_another_question_is_passed_over() -> None:
    inquiry = sdp.Inquiry(0x1103)
    assert not inquiry.receive(octets("07 0009 0005 0002 3500 00"))
    assert inquiry.receive(octets("07 0001 0005 0002 3500 00"))


def test_an_error_is_told_by_its_code() -> None:
    with pytest.raises(sdp.Refused) as refused:
        sdp.Inquiry(0x1103).receive(octets("01 0001 0002 0003"))
    assert refused.value.code == 3


@pytest.mark.parametrize(
    "record",
    [
        {},
        {sdp.PROTOCOLS: sdp.unsigned(1, 1)},
        {sdp.PROTOCOLS: sdp.sequence(sdp.sequence(sdp.uuid(0x0100)))},
        {sdp.PROTOCOLS: sdp.sequence(sdp.sequence(sdp.uuid(sdp.RFCOMM), sdp.unsigned(31, 1)))},
        {sdp.PROTOCOLS: sdp.sequence(sdp.sequence(sdp.uuid(sdp.RFCOMM)))},
    ],
)
def test_a_record_without_a_channel_has_none(record: dict[int, Element]) -> None:
    assert sdp.channels([record]) == []


def test_alternatives_each_have_their_channel() -> None:
    stacks = tuple(
        sdp.sequence(sdp.sequence(sdp.uuid(sdp.RFCOMM), sdp.unsigned(channel, 1))) for channel in (9, 8)
    )
    assert sdp.channels([{sdp.PROTOCOLS: Element(Kind.ALTERNATIVE, items=stacks)}]) == [9, 8]
