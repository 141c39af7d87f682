"""The window: when it is open, when it opens next and closes, over bank holidays and changes of the clocks."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gsmsend.config import parse
from gsmsend.errors import ConfigError
from gsmsend.window import EVERY_DAY, MIDNIGHT, Opening, Window, when

LONDON = "Europe/London"


def at(words: str, zone: str = LONDON, fold: int = 0) -> float:
    """Epoch seconds of a local time."""
    return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


@pytest.mark.parametrize(
    ("moment", "opens", "closes"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:00", "2026-11-23 19:00"),
        ("2026-11-23 09:59:59", "2026-11-23 10:00", "2026-11-23 19:00"),
        ("2026-11-23 18:59:59", "2026-11-23 10:00", "2026-11-23 19:00"),
        ("2026-11-23 19:00", "2026-11-24 10:00", "2026-11-24 19:00"),
        ("2026-11-21 19:00", "2026-11-23 10:00", "2026-11-23 19:00"),  # Saturday evening
        ("2026-12-24 20:00", "2026-12-29 10:00", "2026-12-29 19:00"),  # Christmas, Boxing Day, its Monday
        ("2027-03-25 19:30", "2027-03-27 10:00", "2027-03-27 19:00"),  # Good Friday
    ],
)
def test_the_opening_that_counts_from_a_moment_on(moment: str, opens: str, closes: str) -> None:
    assert Window().opening(at(moment)) == Opening(at(opens), at(closes))
    assert Window().is_open(at(moment)) is (at(opens) <= at(moment))


def test_bank_holidays_are_those_of_the_part_of_the_country() -> None:
    burns_free = "2026-11-30 12:00"  # St Andrew's Day
    assert Window().is_open(at(burns_free))
    assert not Window(holidays="GB-SCT").is_open(at(burns_free))
    assert Window(holidays="").is_open(at("2026-12-25 12:00"))


def test_closing_at_midnight_joins_two_days() -> None:
    window = Window(EVERY_DAY, time(0), MIDNIGHT, holidays="")
    evening = at("2026-11-23 23:59:50")
    opening = window.opening(evening)
    assert opening is not None
    assert opening.closes_s > at("2026-11-25 00:00")
    only_monday = Window(frozenset({0}), time(22), MIDNIGHT, holidays="")
    assert only_monday.opening(evening) == Opening(at("2026-11-23 22:00"), at("2026-11-24 00:00"))


@pytest.mark.parametrize(
    ("opens", "closes", "day", "hours"),
    [
        (time(0), MIDNIGHT, "2026-03-29", 23.0),
        (time(0), MIDNIGHT, "2026-10-25", 25.0),
        (time(0), time(3), "2026-03-29", 2.0),
        (time(0), time(3), "2026-10-25", 4.0),
        # A time that comes twice: from its second coming on, or until its first.
        (time(1, 30), time(3), "2026-10-25", 1.5),
        (time(0), time(1, 30), "2026-10-25", 1.5),
        # A time that never comes.
        (time(1, 30), time(4), "2026-03-29", 1.5),
        (time(0), time(1, 30), "2026-03-29", 0.5),
    ],
)
def test_nights_on_which_the_clocks_change(opens: time, closes: time, day: str, hours: float) -> None:
    window = Window(frozenset({6}), opens, closes, holidays="")
    opening = window.opening(at(f"{day} 00:00"))
    assert opening is not None
    assert (opening.closes_s - opening.opens_s) / 3600 == hours


def test_a_window_within_the_hour_that_is_left_out_does_not_open_that_night() -> None:
    window = Window(frozenset({6}), time(1), time(2), holidays="")
    assert window.opening(at("2026-03-29 00:00")) == Opening(at("2026-04-05 01:00"), at("2026-04-05 02:00"))


def test_a_window_that_never_opens() -> None:
    never = Window(frozenset(), holidays="")
    assert never.opening(at("2026-11-23 12:00")) is None
    assert not never.is_open(at("2026-11-23 12:00"))


def test_a_country_without_known_holidays_is_named() -> None:
    with pytest.raises(ConfigError, match=r'window.holidays = "GB-XYZ"'):
        Window(holidays="GB-XYZ").is_open(at("2026-11-23 12:00"))


def test_in_words() -> None:
    assert Window().words == "Mon to Sat, 10:00 to 19:00, Europe/London, not on bank holidays (GB-ENG)"
    assert Window(frozenset({0, 2}), time(9), MIDNIGHT, holidays="").words == (
        "Mon, Wed, 09:00 to 24:00, Europe/London"
    )
    assert Window(EVERY_DAY, holidays="").words == "every day, 10:00 to 19:00, Europe/London"
    assert when(at("2026-07-06 10:00"), LONDON) == "Mon 6 Jul 10:00"


def test_midnight_is_written_as_24_00(tmp_path: Path) -> None:
    settings = parse('[window]\nfrom = "20:00"\nto = "24:00"\n', tmp_path)
    assert settings.window is not None
    assert settings.window.closes == MIDNIGHT
    with pytest.raises(ConfigError, match=r"window.from = '24:00'"):
        parse('[window]\nfrom = "24:00"\nto = "24:00"\n', tmp_path)


def test_the_year_is_named_where_the_day_would_be_taken_for_a_near_one() -> None:
    now_s = at("2026-11-22 09:00")
    assert when(at("2027-11-24 00:00"), LONDON, now_s=now_s) == "Wed 24 Nov 2027 00:00"
    assert when(at("2026-11-24 00:00"), LONDON, now_s=now_s) == "Tue 24 Nov 00:00"
    assert when(at("2027-01-02 10:00"), LONDON, now_s=now_s) == "Sat 2 Jan 2027 10:00"
    assert when(at("2026-11-24 10:00"), LONDON, now_s=at("2026-02-01 09:00")) == "Tue 24 Nov 2026 10:00"
