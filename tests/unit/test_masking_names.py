"""Names of files and sheets are kept in clear, and are often a phone's number."""

from __future__ import annotations

import pytest

from gsmsend.masking import mask_name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("07700900123.csv", "xxxxxxxxx23.csv"),
        ("phone +44 7700 900123.xlsx", "phone +xx xxxx xxxx23.xlsx"),
        ("00447700900123_calls", "xxxxxxxxxxxx23_calls"),
        ("from (07700) 900-123 to 07700 900124", "from (xxxxx) xxx-x23 to xxxxx xxxx24"),
    ],
)
def test_a_phone_number_in_a_name_is_hidden_but_for_two_digits(name: str, kept: str) -> None:
    assert mask_name(name) == kept


@pytest.mark.parametrize(
    "name",
    [
        "people.csv", "2026-11-22 list.csv", "20261122-093000.xml", "20261122_093000.xml", "Sheet 12345678",
        "SIM 8944000000000000017", "SIM 001010000000001", "", "exhibit AB/12/2026",
    ],
)  # fmt: skip
def test_other_names_stay(name: str) -> None:
    assert mask_name(name) == name
