"""Real small files of every kind, read as an import reads them: who is taken, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend.campaign.judging import Terms, judge
from gsmsend.campaign.sources.finding import open_source
from gsmsend.campaign.sources.row import Choice
from gsmsend.contract import NewMessage, Refused

CORPUS = Path(__file__).parents[2] / "corpus" / "import"
SCIENTIFIC = "scientific number (one with an E in it)"

FILES: dict[str, tuple[list[tuple[str, int, str]], list[tuple[str, int, str]]]] = {
    "phone.xlsx": (
        [
            ("Contacts", 3, "101"), ("Contacts", 4, "102"), ("Contacts", 5, "103"), ("Contacts", 9, "104"),
            ("Contacts", 9, "105"), ("Contacts", 10, "106"), ("Call Log", 2, "101"), ("Call Log", 3, "108"),
        ],
        [
            ("Contacts", 6, SCIENTIFIC), ("Contacts", 7, "the last five digits are all 0"),
            ("Contacts", 8, "a landline"), ("Contacts", 11, "merged with that of row 10"),
            ("Contacts", 12, "a formula whose result was not saved"),
        ],
    ),
    "contacts.vcf": (
        [("", 1, "101"), ("", 2, "102"), ("", 3, "103")],
        [("", 1, "a landline"), ("", 3, "an extension")],
    ),
    "list-windows.csv": (
        [("", 2, "101"), ("", 3, "102"), ("", 3, "103")],
        [("", 4, "an extension")],
    ),
    "list-utf16.txt": ([("", 2, "101"), ("", 3, "102")], []),
    "report.xml": (
        [
            ("Contact", 1, "101"), ("Contact", 1, "102"), ("Contact", 2, "103"), ("Call", 1, "101"),
            ("Call", 2, "102"), ("SMS", 1, "101"), ("SMS", 2, "104"), ("MMS", 1, "104"), ("Chat", 1, "105"),
            ("Chat", 1, "105"),
        ],
        [("Call", 3, "a short code or service number"), ("Chat", 2, "an account of an app")],
    ),
}  # fmt: skip


def test_every_file_is_expected_here() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", list(FILES))
def test_who_is_taken_and_what_is_said_of_the_others(name: str) -> None:
    taken, others = FILES[name]
    told = list(judge(open_source(CORPUS / name, Choice()).rows(), Terms("GB", "Help", drama_allowed=True)))
    assert [(one.place, one.row, one.number[-3:]) for one in told if isinstance(one, NewMessage)] == taken
    refused = [one for one in told if isinstance(one, Refused)]
    assert [(one.place, one.row) for one in refused] == [(place, row) for place, row, _ in others]
    for one, (_, _, says) in zip(refused, others, strict=True):
        assert says in one.why
