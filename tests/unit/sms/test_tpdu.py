"""SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT, field by field and octet by octet (TS 23.040 9.2.2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import (
    Address,
    Concatenation,
    DataCoding,
    Deliver,
    Encoding,
    Header,
    Segment,
    StatusReport,
    Submit,
    Timestamp,
    Ton,
    UserData,
    Validity,
)

TO = Address.of("+447700900123")
STAMP = Timestamp(bytes.fromhex("42502131410240"))
LATER = Timestamp(bytes.fromhex("42502131415340"))
HELLO = UserData(b"hellohello")
UCS2 = DataCoding.of(Encoding.UCS2)
EURO = UserData.of_segment(Segment("\u20ac", Encoding.UCS2))
PART = UserData(b"A", header=Header.of(concatenation=Concatenation(0x9D, 2, 1)))

SUBMITS = [
    (Submit(TO, HELLO), "01000C9144770009103200000AE8329BFD4697D9EC37"),
    (Submit(TO, HELLO, report=True), "21000C9144770009103200000AE8329BFD4697D9EC37"),
    (Submit(TO, HELLO, reject_duplicates=True), "05000C9144770009103200000AE8329BFD4697D9EC37"),
    (Submit(TO, HELLO, reply_path=True), "81000C9144770009103200000AE8329BFD4697D9EC37"),
    (Submit(TO, HELLO, reference=255), "01FF0C9144770009103200000AE8329BFD4697D9EC37"),
    (Submit(TO, HELLO, protocol=0x41), "01000C9144770009103241000AE8329BFD4697D9EC37"),
    (Submit(TO, HELLO, DataCoding(0x10)), "01000C9144770009103200100AE8329BFD4697D9EC37"),
    (Submit(TO, HELLO, validity=Validity.relative(0xA7)), "11000C914477000910320000A70AE8329BFD4697D9EC37"),
    (
        Submit(TO, HELLO, validity=Validity.until(STAMP)),
        "19000C914477000910320000425021314102400AE8329BFD4697D9EC37",
    ),
    (
        Submit(TO, HELLO, validity=Validity.enhanced_seconds(90, single_shot=True)),
        "09000C914477000910320000425A00000000000AE8329BFD4697D9EC37",
    ),
    (Submit(TO, PART), "41000C914477000910320000080500039D020182"),
    (Submit(TO, EURO, UCS2), "01000C914477000910320008" + "0220AC"),
    (Submit(Address.of("60777")), "01000581" + "0677F7" + "000000"),
    (Submit(TO, HELLO, trailing=b"\xff\xff"), "01000C9144770009103200000AE8329BFD4697D9EC37FFFF"),
]

DELIVERS = [
    (
        Deliver(TO, HELLO, service_centre_time=STAMP),
        "040C91447700091032000042502131410240" + "0AE8329BFD4697D9EC37",
    ),
    (Deliver(TO, more_messages=True), "000C9144770009103200000000000000000000"),
    (Deliver(TO, loop_prevention=True), "0C0C9144770009103200000000000000000000"),
    (Deliver(TO, report=True), "240C9144770009103200000000000000000000"),
    (Deliver(TO, reply_path=True), "840C9144770009103200000000000000000000"),
    (Deliver(TO, protocol=0x7F), "040C914477000910327F000000000000000000"),
    (Deliver(TO, message_type=3), "070C9144770009103200000000000000000000"),
    (Deliver(TO, PART), "440C9144770009103200000000000000000008" + "0500039D020182"),
    (Deliver(TO, EURO, UCS2), "040C91447700091032000800000000000000" + "0220AC"),
    (Deliver(Address.of("CHARITY"), HELLO), "040DD04364509AA46601" + "0000" + "00" * 7 + "0AE8329BFD4697D9EC37"),
    (Deliver(TO, trailing=b"\x00"), "040C914477000910320000000000000000000000"),
]

BASIC = "06070C914477000910324250213141024042502131415340" + "00"
REPORTS = [
    (StatusReport(TO, 7, 0, STAMP, LATER), BASIC),
    (StatusReport(TO, 7, 0x46, STAMP, LATER), BASIC[:-2] + "46"),
    (StatusReport(TO, 7, 0, STAMP, LATER, more_messages=True), "02" + BASIC[2:]),
    (StatusReport(TO, 7, 0, STAMP, LATER, loop_prevention=True), "0E" + BASIC[2:]),
    (StatusReport(TO, 7, 0, STAMP, LATER, of_command=True), "26" + BASIC[2:]),
    (StatusReport(TO, 7, 0, STAMP, LATER, protocol=0x41), BASIC + "0141"),
    (StatusReport(TO, 7, 0, STAMP, LATER, coding=UCS2), BASIC + "0208"),
    (StatusReport(TO, 7, 0, STAMP, LATER, user_data=HELLO), BASIC + "04" + "0AE8329BFD4697D9EC37"),
    (StatusReport(TO, 7, 0, STAMP, LATER, 0, UCS2, EURO), BASIC + "07" + "0008" + "0220AC"),
    (StatusReport(TO, 7, 0, STAMP, LATER, user_data=PART), "46" + BASIC[2:] + "04" + "080500039D020182"),
    (StatusReport(TO, 7, 0, STAMP, LATER, indicator=b"\x00"), BASIC + "00"),
    (StatusReport(TO, 7, 0, STAMP, LATER, 1, indicator=b"\x81\x80\x00"), BASIC + "818000" + "01"),
    (StatusReport(TO, 7, 0, STAMP, LATER, 1, indicator=b"\x79"), BASIC + "79" + "01"),  # reserved bits
    (StatusReport(TO, 7, 0, STAMP, LATER, trailing=b"\xff" * 9), BASIC + "FF" * 9),
    (StatusReport(TO, 7, 0, STAMP, LATER, trailing=b"\x00\xff"), BASIC + "00" + "00FF"),
    (StatusReport(TO, 7, 0, STAMP, LATER, 2, trailing=b"\xff"), BASIC + "0102" + "FF"),
    (StatusReport(Address("")), "06000081" + "00" * 15),
]


@pytest.mark.parametrize(("tpdu", "octets"), [*SUBMITS, *DELIVERS, *REPORTS])
def test_known_tpdus_both_ways(tpdu: Submit | Deliver | StatusReport, octets: str) -> None:
    assert tpdu.encode().hex().upper() == octets
    assert type(tpdu).decode(bytes.fromhex(octets)) == tpdu
    assert type(tpdu).decode(bytes.fromhex(octets)).encode().hex().upper() == octets


def test_texts_are_read() -> None:
    assert Submit.decode(Submit(TO, HELLO).encode()).text == "hellohello"
    assert Deliver.decode(Deliver(TO, EURO, UCS2).encode()).text == "\u20ac"
    assert StatusReport.decode(StatusReport(TO, user_data=HELLO).encode()).text == "hellohello"
    assert StatusReport(TO).text == ""


@pytest.mark.parametrize(("tpdu", "octets"), [*SUBMITS[:-1], *DELIVERS[:-1]])
def test_every_truncation_is_an_error(tpdu: Submit | Deliver, octets: str) -> None:
    whole = bytes.fromhex(octets)
    for length in range(len(whole)):
        with pytest.raises(SmsError) as caught:
            type(tpdu).decode(whole[:length])
        assert caught.value.field.startswith("TP-")
        assert caught.value.offset is not None
        assert caught.value.offset <= length


@pytest.mark.parametrize(("report", "octets"), REPORTS[:10])
def test_a_report_may_end_behind_its_status_only(report: StatusReport, octets: str) -> None:
    whole = bytes.fromhex(octets)
    for length in range(len(whole)):
        if length == len(BASIC) // 2:
            short = StatusReport.decode(whole[:length])
            assert (short.recipient, short.reference, short.status) == (TO, 7, report.status)
            continue
        with pytest.raises(SmsError) as caught:
            StatusReport.decode(whole[:length])
        assert caught.value.field.startswith("TP-")


ORDER = [
    # octets of an SMS-SUBMIT that stop short, the field that is missing, where
    ("", "TP-MTI", 0),
    ("11", "TP-MR", 1),
    ("1100", "TP-DA", 2),
    ("11000C91", "TP-DA", 4),
    ("11000C91447700091032", "TP-PID", 10),
    ("11000C9144770009103200", "TP-DCS", 11),
    ("11000C914477000910320000", "TP-VP", 12),
    ("11000C914477000910320000A7", "TP-UDL", 13),
    ("11000C914477000910320000A70A", "TP-UD", 14),
    ("19000C9144770009103200004250", "TP-VP", 12),
]


@pytest.mark.parametrize(("octets", "field", "offset"), ORDER)
def test_the_first_missing_field_is_named(octets: str, field: str, offset: int) -> None:
    with pytest.raises(SmsError, match=rf"^{field} at octet {offset}: ") as caught:
        Submit.decode(bytes.fromhex(octets))
    assert (caught.value.field, caught.value.offset) == (field, offset)


REPORT_ORDER = [
    ("06", "TP-MR", 1),
    ("0607", "TP-RA", 2),
    (BASIC[:20], "TP-SCTS", 10),
    (BASIC[:34], "TP-DT", 17),
    (BASIC[:48], "TP-ST", 24),
    (BASIC + "80", "TP-PI", 26),
    (BASIC + "01", "TP-PID", 26),
    (BASIC + "0300", "TP-DCS", 27),
    (BASIC + "04", "TP-UDL", 26),
    (BASIC + "0405", "TP-UD", 27),
    ("46" + BASIC[2:] + "0400", "TP-UDHL", 27),
]


@pytest.mark.parametrize(("octets", "field", "offset"), REPORT_ORDER)
def test_the_first_missing_field_of_a_report_is_named(octets: str, field: str, offset: int) -> None:
    with pytest.raises(SmsError, match=rf"^{field} at octet {offset}: "):
        StatusReport.decode(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("kind", "first", "words"),
    [
        (Submit, "00", "is 0; an SMS-SUBMIT has 1"),
        (Submit, "02", "is 2; an SMS-SUBMIT has 1"),
        (Submit, "03", "is 3; an SMS-SUBMIT has 1"),
        (Deliver, "01", "is 1; an SMS-DELIVER has 0"),
        (Deliver, "02", "is 2; an SMS-DELIVER has 0"),
        (StatusReport, "00", "is 0; an SMS-STATUS-REPORT has 2"),
        (StatusReport, "03", "is 3; an SMS-STATUS-REPORT has 2"),
    ],
)
def test_other_types_are_refused(kind: type[Submit | Deliver | StatusReport], first: str, words: str) -> None:
    with pytest.raises(SmsError, match=words) as caught:
        kind.decode(bytes.fromhex(first + "00" * 40))
    assert (caught.value.field, caught.value.offset) == ("TP-MTI", 0)


@pytest.mark.parametrize(
    ("tpdu", "field"),
    [
        (Submit(TO, reference=256), "TP-MR"),
        (Submit(TO, reference=-1), "TP-MR"),
        (Submit(TO, protocol=256), "TP-PID"),
        (Submit(Address("1" * 21)), "TP-DA"),
        (Submit(TO, EURO), "TP-DCS"),  # UCS-2 data under a coding that says GSM 7 bit
        (Submit(TO, UserData(bytes(161))), "TP-UDL"),
        (Deliver(TO, EURO), "TP-DCS"),
        (Deliver(TO, protocol=-1), "TP-PID"),
        (Deliver(TO, message_type=1), "TP-MTI"),
        (Deliver(Address("x")), "TP-OA"),
        (StatusReport(TO, reference=256), "TP-MR"),
        (StatusReport(TO, status=256), "TP-ST"),
        (StatusReport(TO, protocol=256), "TP-PID"),
        (StatusReport(TO, user_data=EURO), "TP-DCS"),
        (StatusReport(TO, coding=UCS2, user_data=HELLO), "TP-DCS"),
        (StatusReport(TO, indicator=b"\x01"), "TP-PI"),
        (StatusReport(TO, protocol=0, indicator=b"\x00"), "TP-PI"),
        (StatusReport(Address("x")), "TP-RA"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_field(tpdu: Submit | Deliver | StatusReport, field: str) -> None:
    with pytest.raises(SmsError) as caught:
        tpdu.encode()
    assert caught.value.field == field


def test_compressed_text_is_carried_as_octets() -> None:
    packed = Deliver(TO, UserData(b"\x01\xfe", Encoding.OCTETS), DataCoding(0x28))
    assert Deliver.decode(packed.encode()) == packed
    assert packed.encode()[-3:] == b"\x02\x01\xfe"


def test_reserved_codings_are_read_as_gsm_7_bit() -> None:
    octets = bytearray(Deliver(TO, HELLO).encode())
    octets[9] = 0x8C
    assert Deliver.decode(bytes(octets)).text == "hellohello"
    assert Deliver.decode(bytes(octets)).encode() == bytes(octets)


def test_a_report_read_from_a_padded_sim_record_has_no_more_fields() -> None:
    record = bytes.fromhex(BASIC).ljust(176, b"\xff")
    report = StatusReport.decode(record)
    assert (report.protocol, report.coding, report.user_data) == (None, None, None)
    assert report.trailing == b"\xff" * (176 - 25)


def test_unused_bits_of_the_first_octet_are_ignored() -> None:
    octets = bytearray(Deliver(TO, HELLO).encode())
    octets[0] |= 0x10
    assert Deliver.decode(bytes(octets)) == Deliver(TO, HELLO)


def test_a_national_recipient_stays_national() -> None:
    report = StatusReport(Address("7700900123", Ton.NATIONAL), 1)
    assert StatusReport.decode(report.encode()).recipient == report.recipient


def test_repr_shows_neither_number_nor_text() -> None:
    shown = repr(replace(SUBMITS[0][0], trailing=b"hellohello"))
    assert "447700900123" not in shown
    assert "hello" not in shown
