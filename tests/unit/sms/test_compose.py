"""From segments to PDUs and back: what goes into AT+CMGS and what comes out of +CMT and +CDS."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import (
    Address,
    Concatenation,
    DataCoding,
    Deliver,
    Direction,
    Encoding,
    Language,
    Segment,
    StatusReport,
    Submit,
    Validity,
    encode_submit,
    from_pdu,
    split,
    submit,
    to_pdu,
)

TO = "+447700900123"
HELLO = split("hellohello").segments[0]
TURKISH = split("\u015f" * 100).segments[0]
EMOJI = split("\U0001f600").segments[0]

KNOWN = [
    # keyword arguments, TPDU
    ({}, "21000C9144770009103200000AE8329BFD4697D9EC37"),
    ({"report": False}, "01000C9144770009103200000AE8329BFD4697D9EC37"),
    ({"reference": 200}, "21C80C9144770009103200000AE8329BFD4697D9EC37"),
    ({"reject_duplicates": True}, "25000C9144770009103200000AE8329BFD4697D9EC37"),
    ({"validity_s": 86400}, "31000C914477000910320000A70AE8329BFD4697D9EC37"),
    ({"validity_s": 0.5}, "31000C914477000910320000000AE8329BFD4697D9EC37"),
    (
        {"seq": 2, "total": 3, "concat_reference": 0x9D},
        "61000C914477000910320000" + "11" + "0500039D0302" + "D06536FB8D2EB3D96F",
    ),
    (
        {"seq": 2, "total": 3, "concat_reference": 0x1234, "wide_reference": True},
        "61000C914477000910320000" + "12" + "06080412340302" + "E8329BFD4697D9EC37",
    ),
]


@pytest.mark.parametrize(("options", "octets"), KNOWN)
def test_known_submits_by_both_ways(options: dict[str, Any], octets: str) -> None:
    fast = encode_submit(TO, HELLO, **options)
    assert fast.hex().upper() == octets
    assert submit(TO, HELLO, **options).encode() == fast


def test_the_fast_way_is_the_other_way_for_every_option() -> None:
    places = [(1, 1, 0, False), (1, 2, 0, False), (2, 2, 255, False), (1, 255, 65535, True), (3, 3, 7, True)]
    for destination, segment, place, report, validity_s, reject, reference in itertools.product(
        (TO, "07700900123", "60777"),
        (HELLO, TURKISH, EMOJI, Segment("\x00\xff", Encoding.OCTETS, units=2), split("").segments[0]),
        places,
        (True, False),
        (None, 300, 604800),
        (True, False),
        (0, 255),
    ):
        seq, total, concat_reference, wide = place
        if total > 1 and segment is TURKISH:
            continue  # too full for another header
        options: dict[str, Any] = {
            "reference": reference,
            "seq": seq,
            "total": total,
            "concat_reference": concat_reference,
            "report": report,
            "validity_s": validity_s,
            "wide_reference": wide,
            "reject_duplicates": reject,
        }
        fast = encode_submit(destination, segment, **options)
        assert fast == submit(destination, segment, **options).encode()
        assert fast == encode_submit(destination, segment, **options), "and again from what is remembered"


def test_one_segment_under_many_references() -> None:
    made = {encode_submit(TO, HELLO, seq=1, total=2, concat_reference=reference) for reference in range(256)}
    assert len(made) == 256
    read = [Submit.decode(octets).user_data.header for octets in made]
    assert {header.concatenation for header in read if header} == {
        Concatenation(reference, 2, 1) for reference in range(256)
    }


def test_what_a_submit_says() -> None:
    made = submit(TO, TURKISH, validity_s=3600, reference=9)
    assert made.destination == Address.of(TO)
    assert made.text == TURKISH.text
    assert made.validity == Validity.relative(11)
    assert made.coding == DataCoding(0)
    assert made.user_data.header is not None
    assert made.user_data.header.locking is Language.TURKISH
    assert made.user_data.header.concatenation is None
    assert submit(TO, EMOJI).coding == DataCoding(8)


REFUSED = [
    ({"reference": 256}, "TP-MR"),
    ({"reference": -1}, "TP-MR"),
    ({"validity_s": 0}, "TP-VP"),
    ({"validity_s": float("nan")}, "TP-VP"),
    ({"validity_s": 1e9}, "TP-VP"),
    ({"seq": 2}, "TP-UDH"),
    ({"seq": 0, "total": 2}, "TP-UDH"),
    ({"seq": 3, "total": 2}, "TP-UDH"),
    ({"seq": 1, "total": 256}, "TP-UDH"),
    ({"total": 0}, "TP-UDH"),
    ({"total": 2, "concat_reference": 256}, "TP-UDH"),
    ({"total": 2, "concat_reference": -1}, "TP-UDH"),
    ({"total": 2, "concat_reference": 65536, "wide_reference": True}, "TP-UDH"),
]


@pytest.mark.parametrize(("options", "field"), REFUSED)
def test_options_out_of_range_are_refused_by_both_ways(options: dict[str, Any], field: str) -> None:
    with pytest.raises(SmsError) as fast:
        encode_submit(TO, HELLO, **options)
    with pytest.raises(SmsError) as slow:
        submit(TO, HELLO, **options).encode()
    assert fast.value.field == slow.value.field == field


@pytest.mark.parametrize("destination", ["", "+", "+44 7700 900123", "a name that is too long"])
def test_bad_destinations_are_refused_without_showing_them(destination: str) -> None:
    with pytest.raises(SmsError) as caught:
        encode_submit(destination, HELLO)
    assert len(destination) < 3 or destination not in str(caught.value)


def test_a_segment_that_is_too_full_for_its_header_is_refused() -> None:
    with pytest.raises(SmsError, match=r"^TP-UDL: 167 septets; expected at most 160"):
        encode_submit(TO, split("a" * 160).segments[0], total=2)


def test_a_segment_whose_text_is_not_in_its_alphabet_is_refused() -> None:
    with pytest.raises(SmsError, match=r"^TP-UD: character 1 of the text"):
        encode_submit(TO, Segment("\u015f", Encoding.GSM7))


def test_pdu_with_and_without_service_centre() -> None:
    tpdu = encode_submit(TO, HELLO)
    assert to_pdu(tpdu) == "00" + tpdu.hex().upper()
    assert to_pdu(tpdu, "+447700900999") == "0791447700099099" + tpdu.hex().upper()
    assert from_pdu(to_pdu(tpdu), "to_network") == (None, Submit.decode(tpdu))
    smsc, read = from_pdu(to_pdu(tpdu, "+447700900999"), "to_network")
    assert smsc == Address.of("+447700900999")
    assert isinstance(read, Submit)


def test_the_length_for_cmgs_leaves_the_service_centre_out() -> None:
    tpdu = encode_submit(TO, HELLO)
    assert len(tpdu) == 22
    assert len(to_pdu(tpdu, "+447700900999")) == 2 * (22 + 8)


DELIVER = "0791447700099099" + "040C914477000910320000425021314102400AE8329BFD4697D9EC37"
REPORT = "0791447700099099" + "06070C914477000910324250213141024042502131415340" + "00"


def test_from_the_network() -> None:
    smsc, deliver = from_pdu(DELIVER, "from_network")
    assert isinstance(deliver, Deliver)
    assert smsc == Address.of("+447700900999")
    assert (deliver.originator.text, deliver.text) == (TO, "hellohello")
    assert deliver.service_centre_time.epoch_s == 1715516060
    _, report = from_pdu(REPORT, "from_network")
    assert isinstance(report, StatusReport)
    assert (report.recipient.text, report.reference, report.status) == (TO, 7, 0)
    assert report.discharge_time.epoch_s == 1715516075


def test_lower_case_and_line_ends_are_no_matter() -> None:
    assert from_pdu(DELIVER.lower() + "\r\n", "from_network") == from_pdu(DELIVER, "from_network")


def test_a_reserved_type_from_the_network_is_read_as_a_deliver() -> None:
    _, deliver = from_pdu("00" + "07" + DELIVER[18:], "from_network")
    assert isinstance(deliver, Deliver)
    assert deliver.message_type == 3


MALFORMED: list[tuple[str, Direction, str, int, str]] = [
    # PDU, direction, field, offset, words
    ("", "from_network", "RP-SMSC", 0, "truncated"),
    ("00", "from_network", "TP-MTI", 0, "no TPDU follows"),
    ("0791447700", "from_network", "RP-SMSC", 2, "needs 6 octets but only 3"),
    ("0C91" + "00" * 20, "from_network", "RP-SMSC", 0, "12 octets long"),
    ("000", "from_network", "PDU", 1, "odd number"),
    ("00zz", "from_network", "PDU", 1, "no hexadecimal digit"),
    ("00 100", "from_network", "PDU", 1, "no hexadecimal digit"),
    ("00\u0661\u0662", "from_network", "PDU", 1, "no hexadecimal digit"),
    ("0x10", "to_network", "PDU", 0, "no hexadecimal digit"),
    ("0001", "from_network", "TP-MTI", 0, "1 is a type that is not read from network"),
    ("0000", "to_network", "TP-MTI", 0, "0 is a type that is not read to network"),
    ("0002", "to_network", "TP-MTI", 0, "2 is a type"),
    ("0003", "to_network", "TP-MTI", 0, "3 is a type"),
    (DELIVER[:-2], "from_network", "TP-UD", 19, "needs 9 octets but only 8"),
    (REPORT[:-2], "from_network", "TP-ST", 24, "truncated"),
    ("0004", "from_network", "TP-OA", 1, "truncated"),
]


@pytest.mark.parametrize(("pdu", "direction", "field", "offset", "words"), MALFORMED)
def test_malformed_pdus(pdu: str, direction: Direction, field: str, offset: int, words: str) -> None:
    with pytest.raises(SmsError, match=words) as caught:
        from_pdu(pdu, direction)
    assert (caught.value.field, caught.value.offset) == (field, offset)


def test_octets_behind_the_tpdu_are_kept() -> None:
    _, deliver = from_pdu(DELIVER + "FFFF", "from_network")
    assert deliver.trailing == b"\xff\xff"
    assert to_pdu(deliver.encode(), "+447700900999") == DELIVER + "FFFF"
