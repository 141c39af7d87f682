"""Matching: a report finds its own part whatever form its number has, and never another person's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gsmsend.contract import Candidate
from gsmsend.engine.matching import choose, same_recipient
from gsmsend.model import Report

drama = st.integers(0, 999).map(lambda index: f"+447700{900_000 + index}")
FORMS = (
    lambda number: number,
    lambda number: number[1:],
    lambda number: "00" + number[1:],
    lambda number: "0" + number[3:],
    lambda number: number[3:],
)


@given(drama, st.sampled_from(FORMS))
def test_every_form_of_a_number_is_recognised(number: str, form: object) -> None:
    assert callable(form)
    assert same_recipient(number, form(number))


@given(drama, drama, st.sampled_from(FORMS))
def test_another_number_never_is(one: str, two: str, form: object) -> None:
    assert callable(form)
    if one != two:
        assert not same_recipient(one, form(two))


@given(drama, st.text(max_size=20))
def test_any_text_is_compared_without_an_error(number: str, reported: str) -> None:
    assert same_recipient(number, reported) in {True, False}


@given(st.lists(drama, min_size=1, max_size=30), st.data())
def test_the_newest_part_of_the_same_recipient_is_chosen(numbers: list[str], data: st.DataObject) -> None:
    candidates = [Candidate(index, 1, index, number) for index, number in enumerate(numbers)]
    wanted = data.draw(st.sampled_from(numbers))
    shuffled = data.draw(st.permutations(candidates))
    found = choose(Report(5, wanted, 0), shuffled)
    assert found is not None
    assert found.number == wanted
    assert found.attempt_id == max(item.attempt_id for item in candidates if item.number == wanted)


def test_short_or_empty_numbers_match_nobody() -> None:
    for reported in ("", "0", "+", "123456", "900001"):
        assert not same_recipient("+447700900001", reported)
