"""TP-VP: what each value means, and the smallest value that is not too short (TS 23.040 9.2.3.12)."""

from __future__ import annotations

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import Timestamp, Validity, ValidityFormat
from gsmsend.sms.octets import Octets

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800

RELATIVE = [
    # the table of 9.2.3.12.1, at both ends of each row
    (0, 5 * MINUTE),
    (1, 10 * MINUTE),
    (143, 12 * HOUR),
    (144, 12 * HOUR + 30 * MINUTE),
    (167, 24 * HOUR),
    (168, 2 * DAY),
    (196, 30 * DAY),
    (197, 5 * WEEK),
    (255, 63 * WEEK),
]


@pytest.mark.parametrize(("value", "seconds"), RELATIVE)
def test_relative_values_both_ways(value: int, seconds: int) -> None:
    assert Validity.relative(value).seconds == seconds
    assert Validity.of_seconds(seconds) == Validity.relative(value)


ASKED = [
    # seconds asked for, octet
    (0.001, 0),
    (299, 0),
    (300.5, 1),
    (301, 1),
    (12 * HOUR + 1, 144),
    (12 * HOUR + 30 * MINUTE + 1, 145),
    (23 * HOUR + 31 * MINUTE, 167),
    (DAY + 1, 168),
    (3 * DAY, 169),
    (29 * DAY + 1, 196),
    (30 * DAY + 1, 197),
    (5 * WEEK + 1, 198),
    (62 * WEEK + 1, 255),
]


@pytest.mark.parametrize(("seconds", "value"), ASKED)
def test_the_smallest_value_that_is_not_shorter(seconds: float, value: int) -> None:
    assert Validity.of_seconds(seconds).octets == bytes((value,))


def test_no_smaller_value_would_do_anywhere() -> None:
    lengths = [Validity.relative(value).seconds or 0 for value in range(256)]
    assert lengths == sorted(lengths)
    for shorter, longer in zip(range(255), range(1, 256), strict=True):
        assert Validity.of_seconds(lengths[shorter] + 1).octets == bytes((longer,))


@pytest.mark.parametrize("seconds", [0, -1, 63 * WEEK + 1, float("nan"), float("inf"), -float("inf")])
def test_periods_that_cannot_be_are_refused(seconds: float) -> None:
    with pytest.raises(SmsError, match=r"^TP-VP: .* expected more than 0 and at most 63 weeks"):
        Validity.of_seconds(seconds)


ENHANCED = [
    # made, octets, seconds, single shot
    (Validity.enhanced_none(), "00000000000000", None, False),
    (Validity.enhanced_none(single_shot=True), "40000000000000", None, True),
    (Validity.enhanced_relative(DAY), "01A70000000000", DAY, False),
    (Validity.enhanced_relative(301, single_shot=True), "41010000000000", 600, True),
    (Validity.enhanced_seconds(90), "025A0000000000", 90, False),
    (Validity.enhanced_seconds(255, single_shot=True), "42FF0000000000", 255, True),
    (Validity.enhanced_clock(1, 2, 3), "03102030000000", 3723, False),
    (Validity.enhanced_clock(99, 59, 59, single_shot=True), "43999595000000", 359999, True),
]


@pytest.mark.parametrize(("validity", "octets", "seconds", "single_shot"), ENHANCED)
def test_enhanced_forms(validity: Validity, octets: str, seconds: int | None, *, single_shot: bool) -> None:
    assert validity.octets.hex().upper() == octets
    assert validity.format is ValidityFormat.ENHANCED
    assert validity.seconds == seconds
    assert validity.single_shot is single_shot
    assert validity.stamp is None


READ = [
    # enhanced octets that others may send, seconds
    ("02000000000000", None),  # zero seconds are reserved
    ("04050000000000", None),  # 100 to 111 are reserved
    ("07050000000000", None),
    ("81001E00000000", 31 * 300),  # a second octet of functionality, then the period
    ("8280003C000000", 60),
    ("FFFFFFFFFFFFFF", None),  # functionality octets without end
    ("03A02030000000", None),  # digits above nine
    ("03106030000000", 3600 + 6 * 60 + 3),
    ("03100630000000", None),  # 60 minutes
    ("03101006000000", None),  # 60 seconds
    ("8180808080000A", 3300),  # the period in the very last octet
    ("83808080801010", None),  # too late for three octets
    ("01000000000000", 300),
]


@pytest.mark.parametrize(("octets", "seconds"), READ)
def test_enhanced_octets_of_others(octets: str, seconds: int | None) -> None:
    validity = Validity.read(Octets(bytes.fromhex(octets)), ValidityFormat.ENHANCED)
    assert validity.seconds == seconds
    assert validity.octets.hex().upper() == octets


def test_absolute() -> None:
    stamp = Timestamp.of_epoch(1715519660, 60)
    validity = Validity.until(stamp)
    assert validity.format is ValidityFormat.ABSOLUTE
    assert validity.octets == stamp.octets
    assert validity.stamp == stamp
    assert validity.seconds is None
    assert not validity.single_shot


def test_none() -> None:
    assert Validity() == Validity(ValidityFormat.NONE, b"")
    assert Validity().seconds is None
    assert Validity().stamp is None
    assert not Validity().single_shot


@pytest.mark.parametrize(("form", "length"), [(0, 0), (1, 7), (2, 1), (3, 7)])
def test_lengths_are_checked(form: int, length: int) -> None:
    kind = ValidityFormat(form)
    assert Validity.read(Octets(bytes(9)), kind).octets == bytes(length)
    with pytest.raises(SmsError, match=r"^TP-VP: has \d octets"):
        Validity(kind, bytes(length + 1))
    if length:
        with pytest.raises(SmsError, match=r"^TP-VP at octet 0: needs"):
            Validity.read(Octets(bytes(length - 1)), kind)


@pytest.mark.parametrize("seconds", [0, 256, -5])
def test_enhanced_seconds_out_of_range(seconds: int) -> None:
    with pytest.raises(SmsError, match="expected 1 to 255"):
        Validity.enhanced_seconds(seconds)


@pytest.mark.parametrize("clock", [(100, 0, 0), (0, 60, 0), (0, 0, 60), (-1, 0, 0)])
def test_enhanced_clock_out_of_range(clock: tuple[int, int, int]) -> None:
    with pytest.raises(SmsError, match="at most 99:59:59"):
        Validity.enhanced_clock(*clock)


def test_a_relative_octet_out_of_range() -> None:
    with pytest.raises(SmsError, match=r"^TP-VP: 256 does not fit"):
        Validity.relative(256)
