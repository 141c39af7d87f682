"""What an error of libgammu proves: every row of the table, and what no row has."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import gsmsend_handset.gammu
from gsmsend.model import OutcomeKind, Refusal
from gsmsend_handset.gammu import outcomes

FILE = Path(gsmsend_handset.gammu.__file__).parent / "errors.csv"
LINES = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
ROWS = list(csv.DictReader(LINES))


def test_the_table_is_whole() -> None:
    assert len(ROWS) == len(outcomes.rows()), "no name twice"
    for row in ROWS:
        assert row["sent"] in {"no", "maybe"}
        assert bool(row["class"]) == (row["sent"] == "no")
        assert row["words"].endswith(".")
        assert row["source"]
    assert "" in outcomes.rows(), "a row for all else"


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] or "all-else" for row in ROWS])
def test_each_row_decides_on_handsets_whose_answer_comes_apart(row: dict[str, str]) -> None:
    for connection in ("at", "at115200", "fbususb", "bluephonet", "dku2", "MBUS"):
        outcome = outcomes.of_error(row["name"] or "ERR_NEW", None, connection)
        if row["sent"] == "no":
            assert (outcome.kind, outcome.refusal) == (OutcomeKind.REFUSED, Refusal(row["class"]))
        else:
            assert outcome.kind is OutcomeKind.UNKNOWN
        assert outcome.why == row["words"]
        assert outcome.raw == (row["name"] or "ERR_NEW")


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] or "all-else" for row in ROWS])
def test_other_handsets_prove_only_what_is_always_so(row: dict[str, str]) -> None:
    for connection in ("bluerfgnapbus", "blues60", "irdaobex", "unheard-of"):
        proven = outcomes.of_error(row["name"] or "ERR_NEW", None, connection).kind is OutcomeKind.REFUSED
        assert proven == (row["sent"] == "no" and row["source"].endswith("; always"))


@pytest.mark.parametrize(
    ("name", "cms", "kind", "refusal"),
    [
        ("ERR_UNKNOWN", 1, OutcomeKind.REFUSED, Refusal.RECIPIENT),
        ("ERR_UNKNOWN", 8, OutcomeKind.REFUSED, Refusal.LINE),
        ("ERR_UNKNOWN", 332, OutcomeKind.UNKNOWN, None),
        ("ERR_UNKNOWN", 500, OutcomeKind.UNKNOWN, None),
        ("ERR_FULL", 322, OutcomeKind.REFUSED, Refusal.MODEM),
        ("ERR_NETWORK_ERROR", 332, OutcomeKind.REFUSED, Refusal.LATER),
    ],
)
def test_a_code_in_the_trace_decides_as_it_does_for_a_modem(
    name: str, cms: int, kind: OutcomeKind, refusal: Refusal | None
) -> None:
    """332 is no proof after the text was handed over; libgammu tells it as ERR_NETWORK_ERROR before."""
    outcome = outcomes.of_error(name, cms, "at")
    assert (outcome.kind, outcome.code, outcome.raw) == (kind, cms, f"{name}, +CMS ERROR: {cms}")
    if refusal is not None:
        assert outcome.refusal is refusal


@pytest.mark.parametrize(("name", "cms"), [("ERR_UNKNOWN", None), ("ERR_UNKNOWN", 500), ("ERR_TIMEOUT", None)])
def test_what_was_refused_at_the_prompt_was_not_sent(name: str, cms: int | None) -> None:
    assert outcomes.of_error(name, cms, "at", handed=False).kind is OutcomeKind.REFUSED


@pytest.mark.parametrize(
    ("given", "reference"), [(0, 0), (255, 255), (-1, None), (256, None), (None, None), ("7", None)]
)
def test_a_reference_is_one_octet_or_none(given: object, reference: int | None) -> None:
    outcome = outcomes.of_answer(given)
    assert (outcome.kind, outcome.reference) == (OutcomeKind.ACCEPTED, reference)
