"""Time stamps: zones of every kind, stamps of zeros, dates that cannot be (TS 23.040 9.2.3.11)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import Timestamp
from gsmsend.sms.octets import Octets


def epoch(*fields: int) -> float:
    return datetime(*fields, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]


KNOWN = [
    # octets, UTC, minutes from UTC
    ("42502131410200", (2024, 5, 12, 13, 14, 20), 0),
    ("42502131410240", (2024, 5, 12, 12, 14, 20), 60),  # one hour ahead: four quarters
    ("42502131410222", (2024, 5, 12, 7, 44, 20), 330),  # India: half an hour
    ("42502131410232", (2024, 5, 12, 7, 29, 20), 345),  # Nepal: quarters
    ("4250213141024A", (2024, 5, 12, 19, 14, 20), -360),  # the sign is bit 3 of the first semi-octet
    ("42502131410208", (2024, 5, 12, 13, 14, 20), 0),  # minus nothing
    ("42502131410265", (2024, 5, 11, 23, 14, 20), 840),  # Kiribati: 14 hours
    ("4250213141028C", (2024, 5, 13, 1, 14, 20), -720),  # 48 quarters, with the sign
    ("99309251619580", (1999, 3, 29, 13, 16, 59), 120),
    ("00101000000000", (2000, 1, 1, 0, 0, 0), 0),
    ("42209232959500", (2024, 2, 29, 23, 59, 59), 0),
    ("98211332959500", (2089, 12, 31, 23, 59, 59), 0),
    ("09101000000000", (1990, 1, 1, 0, 0, 0), 0),
]


@pytest.mark.parametrize(("octets", "utc", "offset"), KNOWN)
def test_known_stamps_both_ways(octets: str, utc: tuple[int, ...], offset: int) -> None:
    stamp = Timestamp(bytes.fromhex(octets))
    assert stamp.epoch_s == epoch(*utc)
    assert stamp.offset_minutes == offset
    assert stamp.known
    made = Timestamp.of_epoch(epoch(*utc), offset)
    assert made.epoch_s == stamp.epoch_s
    if octets != "42502131410208":
        assert made == stamp


UNKNOWN = [
    "00000000000000",  # no stamp at all: month and day 0
    "FFFFFFFFFFFFFF",
    "42003131410200",  # month 0
    "42313131410200",  # month 13
    "42500031410200",  # day 0
    "42201331410200",  # 31 February
    "52209231410200",  # 29 February 2025
    "42502142410200",  # 24 o'clock
    "42502131060200",  # minute 60
    "42502131410600",  # second 60
    "4A502131410200",  # digits above nine
    "A4502131410200",
    "42F02131410200",
    "425021314102A0",  # a zone of digits above nine
    "42502131410275",  # 57 quarters: beyond any place on earth
    "4250213141027D",
    "425021314102FF",
]


@pytest.mark.parametrize("octets", UNKNOWN)
def test_impossible_stamps_are_unknown_and_kept(octets: str) -> None:
    stamp = Timestamp(bytes.fromhex(octets))
    assert stamp.epoch_s is None
    assert not stamp.known
    assert stamp.octets.hex().upper() == octets


def test_a_fraction_of_a_second_is_cut() -> None:
    assert Timestamp.of_epoch(1715519660.99) == Timestamp.of_epoch(1715519660)
    assert Timestamp.of_epoch(1e9 + 0.5).epoch_s == 1e9


@pytest.mark.parametrize("offset", range(-14 * 60, 14 * 60 + 1, 15))
def test_every_zone_comes_back(offset: int) -> None:
    stamp = Timestamp.of_epoch(1715519660, offset)
    assert stamp.offset_minutes == offset
    assert stamp.epoch_s == 1715519660


@pytest.mark.parametrize("offset", [1, 14, -7, 855, -855, 100000])
def test_zones_that_cannot_be_are_refused(offset: int) -> None:
    with pytest.raises(SmsError, match=r"^time zone: -?\d+ minutes from UTC cannot be"):
        Timestamp.of_epoch(0, offset)


@pytest.mark.parametrize("moment", [0.0, epoch(1989, 12, 31), epoch(2090, 1, 1), -1e9])
def test_years_without_a_two_digit_form_are_refused(moment: float) -> None:
    with pytest.raises(SmsError, match=r"^time stamp: year \d+ has no two-digit form"):
        Timestamp.of_epoch(moment)


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), float("-inf"), 1e18, -1e18])
def test_moments_that_are_no_date_are_refused(moment: float) -> None:
    with pytest.raises(SmsError, match=r"^time stamp"):
        Timestamp.of_epoch(moment)


def test_lengths_are_checked() -> None:
    with pytest.raises(SmsError, match=r"^time stamp: has 6 octets; expected 7"):
        Timestamp(bytes(6))
    with pytest.raises(SmsError, match=r"^TP-SCTS at octet 1: needs 7 octets but only 6 follow"):
        Timestamp.read(Octets(bytes(7), 1), "TP-SCTS")
