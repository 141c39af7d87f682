"""From rows to messages: filters that say what they left out, and cells that hold more than one number."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from gsmsend.campaign.filters import Filters
from gsmsend.campaign.judging import LeftOut, Terms, Told, count_seen, judge
from gsmsend.campaign.sources.row import RowKind, SourceRow
from gsmsend.contract import NewMessage, Refused

ANNA, BORIS = "+447700900101", "+447700900102"
JANUARY_2_S = 1_767_312_000.0


def told(*rows: SourceRow, seen: Counter[str] | None = None, **filters: object) -> list[Told]:
    return list(judge(rows, Terms("GB", "Help", drama_allowed=True, filters=Filters(**filters)), seen))  # type: ignore[arg-type]  # fields by name


def outcome(one: Told) -> str:
    return one.number if isinstance(one, NewMessage) else one.why


@pytest.mark.parametrize(
    "cell",
    [
        "07700 900101; 07700 900102",
        "07700900101,07700900102",
        "+447700900101 / +44 7700 900102",
        "07700900101\n07700900102",
        "07700 900101 or 07700 900102",
        "\u202a07700900101\u202c | 07700\u00a0900102",
    ],
)
def test_full_numbers_between_clear_separators_are_one_each(cell: str) -> None:
    found = told(SourceRow(2, cell))
    assert [outcome(one) for one in found] == [ANNA, BORIS]
    assert all(isinstance(one, NewMessage) and (one.row, one.original) == (2, cell) for one in found)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("07700 900101 / 102", "several numbers, but not each is a full one"),
        ("07700900101, see below", "several numbers, but not each is a full one"),
        ("07700900101 07700900102", "two numbers"),
        ("0770090010107700900102", "too long for one number"),
        ("07700,900101,1", "not a phone number"),
    ],
)
def test_pieces_that_are_no_full_numbers_are_refused_whole(cell: str, why: str) -> None:
    (one,) = told(SourceRow(2, cell))
    assert isinstance(one, Refused)
    assert why in one.why or "not as many digits" in one.why or "too" in one.why


def test_a_landline_beside_a_mobile_number_is_refused_by_itself() -> None:
    found = told(SourceRow(2, "07700 900101; 020 7946 0101"))
    assert [type(one) for one in found] == [NewMessage, Refused]


def test_filters_say_what_they_left_out() -> None:
    rows = [
        SourceRow(1, ANNA, kind=RowKind.CALL, at_s=JANUARY_2_S),
        SourceRow(2, ANNA, kind=RowKind.CALL, at_s=JANUARY_2_S - 1),
        SourceRow(3, ANNA, kind=RowKind.CALL, at_s=JANUARY_2_S + 86_400),
        SourceRow(4, ANNA, kind=RowKind.CONTACT, at_s=JANUARY_2_S),
        SourceRow(5, ANNA, kind=RowKind.CALL),
    ]
    found = told(*rows, since=date(2026, 1, 2), until=date(2026, 1, 2), kinds=frozenset({RowKind.CALL}))
    assert [outcome(one) for one in found] == [
        ANNA, "before 2026-01-02", "after 2026-01-02", "not asked for: contact", "no date",
    ]  # fmt: skip


def test_mobile_numbers_only() -> None:
    rows = (SourceRow(1, "020 7946 0101"), SourceRow(2, "+1 212 555 0100"), SourceRow(3, ANNA), SourceRow(4, "x"))
    assert [outcome(one) for one in told(*rows, mobile_only=True)] == [
        "not a mobile number",
        "not known to be a mobile number",
        ANNA,
        "this is not a phone number: it has letters in it",
    ]


def test_one_country_only() -> None:
    found = told(SourceRow(1, "+1 212 555 0100"), SourceRow(2, ANNA), regions=frozenset({"GB"}))
    assert [outcome(one) for one in found] == ["a number of US", ANNA]


def test_seen_at_least_counts_every_way_to_write_a_number() -> None:
    rows = [SourceRow(1, "07700 900101"), SourceRow(2, ANNA), SourceRow(3, BORIS), SourceRow(4, "x")]
    terms = Terms("GB", "Help", drama_allowed=True, filters=Filters(seen_at_least=2))
    seen: Counter[str] = Counter()
    count_seen(rows, terms, seen)
    assert [outcome(one) for one in judge(rows, terms, seen)] == [
        ANNA, ANNA, "seen fewer than 2 times", "this is not a phone number: it has letters in it",
    ]  # fmt: skip
    assert all(isinstance(one, LeftOut) for one in told(*rows[:3], seen=seen, seen_at_least=3))


def test_a_list_may_say_itself_how_often() -> None:
    row = SourceRow(1, ANNA, seen=5)
    terms = Terms("GB", "Help", drama_allowed=True, filters=Filters(seen_at_least=5))
    seen: Counter[str] = Counter()
    count_seen([row], terms, seen)
    (found,) = judge([row], terms, seen)
    assert isinstance(found, NewMessage)
    assert found.seen == 5
