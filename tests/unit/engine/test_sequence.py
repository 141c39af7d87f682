"""What the next text's number proves, and all that makes it prove nothing."""

from __future__ import annotations

import pytest

from gsmsend.contract import Tried
from gsmsend.engine.sequence import never_left
from gsmsend.model import Evidence, OutcomeKind

QUIET_S = 20.0
CUT = 100
"""The id of the attempt that is cut off."""


def one(place: int, what: int | str, *, number: str = "", message: int = 0, by: Evidence | None = None) -> Tried:
    """A number is an accepted text's TP-MR; `cut` is unknown, `E331` a +CMS ERROR, `lost` one with no code."""
    message = message or place + 1
    attempt_id, opened_s, number = place + 1, place * 60.0, number or f"+4477009{place:05d}"
    if isinstance(what, int):
        return Tried(attempt_id, message, opened_s, number, OutcomeKind.ACCEPTED, what, by=by)
    if what == "cut":
        return Tried(CUT, message, opened_s, number, OutcomeKind.UNKNOWN)
    code = int(what[1:]) if what.startswith("E") else None
    return Tried(attempt_id, message, opened_s, number, OutcomeKind.REFUSED, code=code, by=by)


def proven(*whats: int | str) -> bool:
    return never_left([one(place, what) for place, what in enumerate(whats)], QUIET_S) == [CUT]


def test_the_next_text_took_its_number() -> None:
    assert proven(1, 2, 3, "cut", 4)


def test_it_wraps() -> None:
    assert proven(253, 254, 255, "cut", 0)


def test_how_the_modem_counts_may_be_seen_afterwards() -> None:
    assert proven(3, "cut", 4, 5, 6)


@pytest.mark.parametrize(
    "whats",
    [
        (1, 2, 3, "cut", 5),  # it took one
        (1, 2, 3, "cut"),  # nothing came after it
        ("cut", 1, 2, 3),  # nothing came before it
        (2, 3, "cut", 4),  # once is not enough
        (1, 2, 4, 5, 6, "cut", 7),  # it does not go up by one
        (7, 7, 7, "cut", 8),
        (1, 2, 3, "cut", 3),
        (1, 2, 3, "cut", 1),  # began anew
        (1, 2, 3, "cut", "E42", 4),  # one of the two may have taken none
        (1, 2, 3, "cut", "E42", 5),
        (1, 2, 3, "lost", "cut", 4),
        (1, 2, 3, "E42", 4, "cut", 5),  # a modem that gives the number of a refused text again
    ],
)
def test_everything_else_proves_nothing(whats: tuple[int | str, ...]) -> None:
    assert not proven(*whats)


def test_a_refusal_of_the_modem_itself_says_nothing_about_its_count() -> None:
    assert proven(1, 2, 3, "E331", 4, "cut", 5)


def test_several_cut_off_in_a_row_are_proven_together() -> None:
    tries = [
        one(0, 1),
        one(1, 2),
        one(2, 3),
        *(Tried(i, i, 180.0, str(i), OutcomeKind.UNKNOWN) for i in (7, 8)),
        one(9, 4),
    ]
    assert never_left(tries, QUIET_S) == [7, 8]
    assert never_left([*tries[:-1], one(9, 5)], QUIET_S) == []


@pytest.mark.parametrize("by", [Evidence.COUNTER, Evidence.NEXT])
def test_what_is_proven_not_sent_took_no_number(by: Evidence) -> None:
    tries = [one(0, 1), one(1, 2), one(2, 3), one(3, "lost", by=by), one(4, "cut"), one(5, 4)]
    assert never_left(tries, QUIET_S) == [CUT]


def test_what_a_person_said_is_no_proof() -> None:
    assert not never_left(
        [one(0, 1), one(1, 2), one(2, 3), one(3, "lost", by=Evidence.PERSON), one(4, "cut"), one(5, 4)], 0
    )


def test_it_might_have_been_given_its_number_late() -> None:
    tries = [one(0, 1), one(1, 2), one(2, 3), one(3, "cut"), one(4, 4)]
    assert never_left(tries, 60.0) == [CUT]
    assert never_left(tries, 60.1) == []


def test_a_clock_set_back_proves_nothing() -> None:
    tries = [one(0, 1), one(1, 2), one(2, 3), one(9, "cut"), one(4, 4)]
    assert never_left(tries, 0.0) == []


def test_a_report_that_may_be_about_the_text_in_doubt_is_no_end() -> None:
    same = [one(0, 1), one(1, 2), one(2, 3), one(3, "cut", number="+447700900001")]
    for number, found in (("+447700900001", []), ("+447700900002", [CUT])):
        assert never_left([*same, one(4, 4, number=number, by=Evidence.REPORT)], QUIET_S) == found


def test_after_a_whole_round_of_numbers_they_tell_nothing() -> None:
    many = [Tried(place, place, 0.0, str(place), OutcomeKind.UNKNOWN) for place in range(10, 266)]
    assert never_left([one(0, 1), one(1, 2), one(2, 3), *many, one(400, 4)], QUIET_S) == []


def test_a_report_about_an_earlier_part_of_the_same_text_is_an_end() -> None:
    who = "+447700900001"
    tries = [one(0, 1), one(1, 2), one(2, 3), one(3, 4, number=who, message=9, by=Evidence.REPORT)]
    assert never_left([*tries, one(4, "cut", number=who, message=9), one(5, 5)], QUIET_S) == [CUT]
    assert never_left([*tries, one(4, "cut", number=who, message=8), one(5, 5)], QUIET_S) == []
