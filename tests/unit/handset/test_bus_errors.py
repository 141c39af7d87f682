"""What error replies prove: every row of both tables, and the answers that no row has."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import gsmsend_handset
from gsmsend.model import OutcomeKind, Refusal
from gsmsend.sms import tp_status
from gsmsend_handset.bus_errors import error_table, outcome_of
from gsmsend_handset.obex_events import said
from gsmsend_handset.obex_news import ENDS

FOLDER = Path(gsmsend_handset.__file__).parent
TABLES = ("modemmanager.csv", "obex.csv")
ROWS = [(table, name) for table in TABLES for name in error_table(table)]


@pytest.mark.parametrize(("table", "name"), ROWS)
def test_every_row_gives_an_outcome_with_words(table: str, name: str) -> None:
    row = error_table(table)[name]
    outcome = outcome_of(table, name)
    assert outcome.why
    assert outcome.raw == name
    assert row.source
    if row.listed:
        assert outcome.code == row.code
    elif row.proof:
        assert (outcome.kind, outcome.refusal, outcome.code) == (OutcomeKind.REFUSED, row.refusal, row.code)
    else:
        assert (outcome.kind, outcome.code) == (OutcomeKind.UNKNOWN, row.code)
        assert row.refusal is None, "what proves nothing has no class"


@pytest.mark.parametrize("table", TABLES)
def test_the_columns_have_legal_values_only(table: str) -> None:
    lines = (FOLDER / table).read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        assert row["sent"] in {"no", "maybe", "cms-errors.csv"}, row
        assert row["class"] in {"", *(one.value for one in Refusal)}, row
        assert (row["sent"] == "no") == bool(row["class"]), row


@pytest.mark.parametrize(("table", "name"), ROWS)
def test_nothing_is_proven_of_a_text_of_several_parts(table: str, name: str) -> None:
    assert outcome_of(table, name, parts=2).kind is OutcomeKind.UNKNOWN


def test_an_answer_that_no_row_has_proves_nothing() -> None:
    assert outcome_of("modemmanager.csv", "Core.New").kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        ("Unknown message error: 8", 8, OutcomeKind.REFUSED),
        ("Unknown message error: 38", 38, OutcomeKind.REFUSED),
        ("Unknown error", 500, OutcomeKind.UNKNOWN),
        ("about +447700900123", 500, OutcomeKind.UNKNOWN),
    ],
)
def test_codes_of_the_network_are_in_the_words_of_unknown(words: str, code: int, kind: OutcomeKind) -> None:
    outcome = outcome_of("modemmanager.csv", "Message.Unknown", words)
    assert (outcome.code, outcome.kind) == (code, kind)


def test_every_event_that_ends_a_text_has_a_status_that_says_the_same() -> None:
    lines = (FOLDER / "obex_events.csv").read_text(encoding="utf-8").splitlines()
    words = {row["word"] for row in csv.DictReader(line for line in lines if not line.startswith("#"))}
    assert words == ENDS - {"sending-success"} | {"delivered"}
    for word in words:
        status = said("0000000000000001", word, "event")
        assert status is not None
        assert tp_status(status.status).final
        assert (status.status == 0) == (word in {"delivered", "delivery-success"})
    assert said("0000000000000001", "complete", "event") is None
