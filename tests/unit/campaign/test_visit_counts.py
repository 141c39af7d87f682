"""Counts of link visits from a file: by day, and never by person."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gsmsend.campaign.visits import DayCount, read, read_count, read_day
from gsmsend.errors import UsageError

TODAY = date(2026, 11, 26)


def file(folder: Path, text: str) -> Path:
    place = folder / "visits.csv"
    place.write_text(text, encoding="utf-8")
    return place


@pytest.mark.parametrize(
    "text",
    [
        "date,count\n2026-11-24,141\n2026-11-23,120\n",
        "Count;Day\n141;2026-11-24\n120;2026-11-23\n",
        "\ufeffday\tclicks\n2026-11-23\t120\n\n2026-11-24\t141\n",
    ],
)
def test_counts_by_day_in_order(tmp_path: Path, text: str) -> None:
    found = read(file(tmp_path, text), TODAY)
    assert found == [DayCount(date(2026, 11, 23), 120), DayCount(date(2026, 11, 24), 141)]


@pytest.mark.parametrize("column", ["ip", "IP address", "phone_number", "Visitor", "e-mail", "user id", "session"])
def test_a_column_that_could_tell_who_came_is_refused(tmp_path: Path, column: str) -> None:
    with pytest.raises(UsageError, match="could tell who opened the link"):
        read(file(tmp_path, f"date,count,{column}\n2026-11-24,1,x\n"), TODAY)


def test_a_row_for_each_visit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"row 3.*second time") as caught:
        read(file(tmp_path, "date,count\n2026-11-24,1\n2026-11-24,1\n"), TODAY)
    assert "add the visits of a day up" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("date,count\n", "no rows"),
        ("date\n2026-11-24\n", "columns are 'date'"),
        ("date,count,colour\n2026-11-24,1,red\n", "columns are 'date', 'count', 'colour'"),
        ("date,count\n24/11/2026,1\n", "row 2: '24/11/2026' is no day"),
        ("date,count\n2026-11-27,1\n", "has not come yet"),
        ("date,count\n2026-11-24,-1\n", "'-1' is no count"),
        ("date,count\n2026-11-24,1.5\n", "'1.5' is no count"),
        ("date,count\n2026-11-24\n", "row 2: it has 1 columns"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(file(tmp_path, text), TODAY)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        read(tmp_path / "visits.csv", TODAY)


def test_words_on_the_command_line() -> None:
    assert read_day("2026-11-26", "--day", TODAY) == TODAY
    assert read_count("0", "COUNT") == 0
    with pytest.raises(UsageError, match="--day: 'yesterday' is no day"):
        read_day("yesterday", "--day", TODAY)
