"""Between gsmsend's values and python-gammu's dictionaries."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmsend.errors import SmsError
from gsmsend.model import Registration
from gsmsend.sms import Encoding, Language, Segment
from gsmsend.sms.validity import relative_seconds
from gsmsend.testing.driver_suite import part
from gsmsend_handset.gammu import wire
from gsmsend_handset.gammu.apart import speaker
from tests.unit.handset.gammu_bench import SMSC, coded, received, report

LONG = replace(part(text="second", seq=2, total=3), concat_reference=77)


def test_a_part_is_handed_over_as_libgammu_takes_it() -> None:
    assert wire.sms_of(part(), SMSC) == {
        "Coding": "Default_No_Compression", "Number": "+447700900123", "Text": "Help is there",
        "SMSC": {"Format": "Text", "Number": SMSC, "Validity": "Max"}, "Type": "Status_Report",
    }  # fmt: skip
    made = wire.sms_of(replace(LONG, report=False, segment=Segment("ж", Encoding.UCS2)), SMSC)
    assert (made["Coding"], made["Type"]) == ("Unicode_No_Compression", "Submit")
    assert made["UDH"] == {"Text": {"hex": "0500034d0302"}, "Type": "UserUDH"}
    assert speaker.octets(made)["UDH"]["Text"] == bytes.fromhex("0500034d0302")


@pytest.mark.parametrize(
    "segment",
    [Segment(""), Segment("a", Encoding.OCTETS), Segment("\u015f", locking=Language.TURKISH), Segment("\u0436")],
    ids=["empty", "octets", "national", "not-in-gsm7"],
)
def test_what_libgammu_cannot_code_is_refused(segment: Segment) -> None:
    with pytest.raises(SmsError):
        wire.sms_of(replace(part(), segment=segment), SMSC)


@pytest.mark.parametrize(
    ("seconds", "word"),
    [(None, "Max"), (300, "5M"), (3600, "60M"), (12 * 3600, "720M"), (12 * 3600 + 1, "750M"), (86400, "1440M"),
     (86401, "2D"), (30 * 86400, "30D"), (31 * 86400, "30D"), (60 * 7 * 86400, "30D")],
)  # fmt: skip
def test_validity_in_the_words_that_libgammu_codes_right(seconds: float | None, word: str) -> None:
    assert wire.sms_of(replace(part(), validity_s=seconds), SMSC)["SMSC"]["Validity"] == word


@given(st.floats(1, 30 * 86400))
def test_validity_is_never_shorter_than_asked_nor_much_longer(seconds: float) -> None:
    word = wire.sms_of(replace(part(), validity_s=seconds), SMSC)["SMSC"]["Validity"]
    number, unit = int(word[:-1]), word[-1]
    # python-gammu's StringToSMSValidity.
    octet = {"M": number // 5 - 1 if number <= 720 else (number - 720) // 30 + 143, "D": number + 166}[unit]
    assert relative_seconds(octet) >= seconds
    assert relative_seconds(octet) - seconds <= max(86400, 300)


@pytest.mark.parametrize("submission", [part(), LONG, replace(part(), report=False), part(text="{\u20ac}")])
def test_what_libgammu_codes_alike_is_known(submission: object) -> None:
    assert wire.same(coded(wire.sms_of(submission, SMSC)), submission)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [{"Text": "Help is ther?"}, {"Number": "+447700900124"}, {"Type": "Submit"},
     {"Coding": "Unicode_No_Compression"}, {"UDH": {"Text": {"hex": "0500034e0302"}}}],
)  # fmt: skip
def test_what_libgammu_codes_otherwise_is_known(change: dict[str, object]) -> None:
    submission = LONG if "UDH" in change else part()
    assert not wire.same(coded({**wire.sms_of(submission, SMSC), **change}), submission)
    assert not wire.same("00", submission)
    assert not wire.same("no pdu", submission)


def test_reports_and_texts_are_read() -> None:
    made = wire.report_of(report("+447700900123", 7, 0x46), "event")
    assert (made.reference, made.recipient, made.status, made.how) == (7, "+447700900123", 0x46, "event")
    assert made.submitted_at_s is None, "python-gammu drops the time zone"
    came = received("+447700900123", "caf\u00e9 \u20ac")
    came["UDH"] = {"Type": "ConcatenatedMessages", "ID8bit": 197, "ID16bit": -1, "PartNumber": 2, "AllParts": 3}
    inbound = wire.inbound_of(came, "stored")
    assert (inbound.sender, inbound.text, inbound.concat) == ("+447700900123", "caf\u00e9 \u20ac", (197, 3, 2))
    came["UDH"] = {
        "Type": "ConcatenatedMessages16bit",
        "ID8bit": -1,
        "ID16bit": 4660,
        "PartNumber": 1,
        "AllParts": 2,
    }
    assert wire.inbound_of(came, "stored").concat == (4660, 2, 1)
    came["UDH"] = {"Type": "UserUDH", "PartNumber": -1, "AllParts": -1}
    assert wire.inbound_of(came, "stored").concat is None
    assert wire.inbound_of({**came, "Text": {"hex": "6869"}}, "stored").text == "hi"


@pytest.mark.parametrize(
    ("network", "state", "name"),
    [
        (None, Registration.UNKNOWN, ""),
        ({"State": "RoamingNetwork", "NetworkName": "", "NetworkCode": "001 01"}, Registration.ROAMING, "001 01"),
        ({"State": "NoNetwork"}, Registration.NOT_SEARCHING, ""),
        ({"State": "RegistrationDenied"}, Registration.DENIED, ""),
        ({"State": "something new"}, Registration.UNKNOWN, ""),
    ],
)
def test_the_network_in_our_words(network: dict[str, str] | None, state: Registration, name: str) -> None:
    assert (wire.registration_of(network), wire.operator_of(network)) == (state, name)


def test_signal_and_identities_are_taken_where_they_can_be() -> None:
    assert wire.signal_of({"SignalStrength": -71}) == -71
    assert wire.signal_of({"SignalStrength": -1}) is None
    assert wire.signal_of(None) is None
    assert wire.digits_of("490154203237518 ") == "490154203237518"
    assert wire.digits_of("unknown") is None
    assert wire.digits_of(None) is None


def test_what_the_process_says_is_plain() -> None:
    moment = dt.datetime(2026, 11, 22, 11, 20, 42)  # noqa: DTZ001 - as python-gammu has it
    said = speaker.plain({"a": b"\x05\x00", "b": (1, None), "c": moment, "d": {"e": True}, "f": object})
    assert said["a"] == {"hex": "0500"}
    assert (said["b"], said["c"], said["d"]) == ([1, None], "2026-11-22T11:20:42", {"e": True})
    assert isinstance(said["f"], str)
