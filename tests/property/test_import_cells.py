"""Whatever stands in a cell: a number comes out only if its digits are all there, and nothing raises."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from gsmsend.campaign.judging import Terms, judge
from gsmsend.campaign.sources.row import SourceRow
from gsmsend.campaign.sources.sheetbook import number_text
from gsmsend.campaign.sources.times import seen_at
from gsmsend.contract import NewMessage

DRAMA = st.integers(900_000, 900_999).map(lambda tail: f"7700{tail}")
MARKS = ["", " ", "\u00a0", "\u202a", "\u202c", '"', "\t", "\u200e", "\ufeff"]
TERMS = Terms("GB", "Help", drama_allowed=True)


def numbers(cell: str) -> list[str]:
    return [told.number for told in judge([SourceRow(1, cell)], TERMS) if isinstance(told, NewMessage)]


@given(
    DRAMA,
    st.sampled_from(["0", "+44", "0044", "+44 (0)", "44"]),
    st.sampled_from([*MARKS, "'"]),
    st.sampled_from(MARKS),
)
def test_a_whole_number_is_itself_whatever_invisible_signs_stand_round_it(
    digits: str, before: str, left: str, right: str
) -> None:
    if before == "44" and digits.endswith("00000"):
        return  # it may have been rounded
    assert numbers(f"{left}{before}{digits}{right}") == [f"+44{digits}"]


@given(st.text(alphabet="0123456789+-() .,;/|eE\n\u202a\u00a0'=\"x", max_size=40))
def test_every_digit_of_a_number_that_comes_out_stood_in_the_cell(cell: str) -> None:
    digits = re.sub(r"\D", "", cell)
    for number in numbers(cell):
        assert number[3:] in digits or number.removeprefix("+") in digits


@given(st.text(max_size=60))
def test_no_cell_raises(cell: str) -> None:
    list(judge([SourceRow(1, cell)], TERMS))
    seen_at(cell)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_floating_number_never_loses_digits_unseen(value: float) -> None:
    text = number_text(value)
    if text.lstrip("-").isdecimal():
        assert int(text) == value
        assert abs(value) < 10**15
    else:
        assert not numbers(text)


@given(DRAMA, st.integers(3, 11))
def test_what_a_spreadsheet_shows_in_scientific_form_is_never_a_number(digits: str, places: int) -> None:
    shown = f"{float('44' + digits):.{places - 1}E}"
    assert numbers(shown) == []


@given(st.lists(DRAMA, min_size=2, max_size=5, unique=True), st.sampled_from([";", ",", " / ", "\n", " or "]))
def test_several_full_numbers_are_all_there_in_order(found: list[str], parted: str) -> None:
    assert numbers(parted.join(f"0{digits}" for digits in found)) == [f"+44{digits}" for digits in found]


@given(DRAMA, st.integers(1, 9))
def test_a_number_and_the_end_of_another_are_never_one_person(digits: str, cut: int) -> None:
    assert numbers(f"0{digits}/{digits[-cut:]}") in ([], [f"+44{digits}"] * 2)
