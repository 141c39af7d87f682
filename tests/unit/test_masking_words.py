"""Words of our own that go into logs and alerts: no number in them can be read, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmsend.masking import mask_words


@pytest.mark.parametrize(
    "number",
    [
        "+447700900123", "07700 900123", "(07700) 900-123", "0.7.7.0.0.9.0.0.1.2.3", "07700/900123",
        "07700_900123", "07700\u200b900123", "0 - 7 - 7 - 0 - 0 - 9 - 0 - 0 - 1 - 2 - 3", "900123 4",
    ],
)  # fmt: skip
def test_a_number_is_hidden_but_for_two_digits(number: str) -> None:
    shown = mask_words(f"said {number} twice")
    digits = [sign for sign in number if sign.isdecimal()]
    assert [sign for sign in shown if sign.isdecimal()] in (digits[-2:], digits[-1:])


def test_two_numbers_side_by_side_are_hidden_both() -> None:
    assert mask_words("07700900123 07700900124") == "xxxxxxxxxxx xxxxxxxxx24"


def test_digits_of_other_scripts_are_digits() -> None:
    assert (
        mask_words("\uff10\uff17\uff17\uff10\uff10\uff19\uff10\uff10\uff11\uff12\uff13") == "xxxxxxxxx\uff12\uff13"
    )


@pytest.mark.parametrize(
    "words",
    ["", "on 2026-11-22 14:00:00", "1,234,567 texts", "-71 dBm", "/dev/ttyUSB2", "SIM ..00017", "code 512"],
)
def test_other_words_stay(words: str) -> None:
    assert mask_words(words) == words


@given(st.from_regex(r"[0-9]{9,15}", fullmatch=True), st.sampled_from(["", " ", "-", ".", "_"]))
def test_no_more_than_two_digits_of_a_number_are_left(number: str, between: str) -> None:
    shown = mask_words(f"a {between.join(number)} b")
    assert sum(sign.isdecimal() for sign in shown) <= 2
