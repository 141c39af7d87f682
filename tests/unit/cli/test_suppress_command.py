"""suppress: who must not be texted, and who said so."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gsmsend import config, wiring
from gsmsend.cli.group import main
from gsmsend.model import State
from gsmsend.testing.scripted import ScriptedDriver

from .conftest import Call, People, objects

ONE, TWO = "07700 900001", "+447700900002"


def typed(operation: Path, lines: str, *words: str) -> Result:
    """`gsmsend suppress WORDS` with these lines on standard input."""
    args = ["suppress", words[0], "--operation", str(operation), *words[1:]]
    return CliRunner().invoke(main, args, prog_name="gsmsend", input=lines)


def listed(call: Call, operation: Path) -> list[tuple[str, str, int]]:
    found = json.loads(call("suppress", "list", "--operation", operation, "--json").stdout)
    assert found["people"] == sum(row["people"] for row in found["reasons"])
    return [(row["kind"], row["reason"], row["people"]) for row in found["reasons"]]


def test_people_are_added_from_standard_input_and_found_again(call: Call, operation: Path) -> None:
    done = typed(operation, f"{ONE}\n\n{TWO}\n{ONE}\n", "add", "-", "--reason", "witness")
    assert (done.exit_code, done.stdout) == (0, "2 people added.\n")
    checked = typed(operation, f"{TWO}\n07700 900003\n", "check", "-")
    assert checked.stdout.splitlines() == ["+447*****0002    never contact", "+447*****0003    may be texted"]
    assert listed(call, operation) == [("never", "witness", 2)]


def test_the_list_shows_counts_and_no_number(call: Call, operation: Path) -> None:
    call("suppress", "add", ONE, "--reason", "an officer", "--operation", operation)
    call("suppress", "add", TWO, "--reason", "rang us", "--opted-out", "--operation", operation)
    shown = call("suppress", "list", "--operation", operation)
    assert [line.split()[0] for line in shown.stdout.splitlines()] == ["1", "1"]
    assert "opted out" in shown.stdout
    assert "0001" not in shown.stdout + shown.stderr
    assert "cannot be shown" in shown.stderr


def test_a_file_is_read_as_an_import_reads_it(call: Call, operation: Path, people: People) -> None:
    done = call("suppress", "add", "--file", people(30), "--reason", "a list", "--operation", operation, "--json")
    assert objects(done) == [{"kind": "never", "added": 30, "known": 0, "stopped": 0, "halfway": 0, "refused": []}]


def test_rows_that_cannot_be_read_are_named_as_not_protected(call: Call, operation: Path) -> None:
    done = typed(operation, f"{ONE}\n0770\n", "add", "-", "--reason", "witness")
    assert done.exit_code == 2
    assert "row 2" in done.stderr
    assert "NOT protected" in done.stderr
    assert listed(call, operation) == [("never", "witness", 1)]


def test_what_waits_for_them_is_stopped_and_later_imports_leave_them_out(
    call: Call, operation: Path, people: People
) -> None:
    assert call("import", people(3), "--operation", operation).exit_code == 0
    done = call("suppress", "add", ONE, "--reason", "witness", "--operation", operation)
    assert "1 text to them will not be sent." in done.stdout
    call("suppress", "add", "07700900005", "--reason", "witness", "--operation", operation)
    more = people(0, "07700 900005,Help is here as well")
    assert call("import", more, "--operation", operation).exit_code == 0
    store = wiring.open_store(config.load(operation))
    totals = store.totals()
    store.close()
    assert (totals[State.QUEUED], totals[State.SUPPRESSED]) == (2, 2)


def test_never_ends_with_a_reason_and_an_opt_out_only_at_their_own_wish(call: Call, operation: Path) -> None:
    call("suppress", "add", ONE, "--reason", "a mix-up", "--operation", operation)
    call("suppress", "add", TWO, "--reason", "rang us", "--opted-out", "--operation", operation)
    remove = ("remove", "-", "--reason", "the wrong number was given")
    assert typed(operation, ONE, *remove).exit_code == 0
    refused = typed(operation, TWO, *remove)
    assert refused.exit_code == 2
    assert "--asked-by-person" in refused.stderr
    assert listed(call, operation) == [("opt-out", "rang us", 1)]
    assert typed(operation, TWO, *remove, "--asked-by-person", "--person", "DC Example").exit_code == 0
    assert listed(call, operation) == []
    with closing(sqlite3.connect(operation / "gsmsend.db")) as database, database:
        noted = database.execute("SELECT person, what FROM decisions ORDER BY id").fetchall()
    database.close()
    assert noted[-1] == ("DC Example", "ended a suppression (opt-out)")
    assert "1 new" in noted[0][1]
    with closing(wiring.open_store(config.load(operation))) as view:
        ended = [row for row in view.audit() if row.kind == "suppress-end"][-1]
    assert (ended.secrets or {})["reason"][1] == "the wrong number was given"
    assert "wrong" not in ended.line


def test_what_was_typed_as_a_reason_is_in_no_file_of_the_store(call: Call, operation: Path) -> None:
    call("suppress", "add", ONE, "--reason", "Renée Smythe rang", "--operation", operation)
    call("suppress", "add", TWO, "--reason", "Renée Smythe rang", "--operation", operation)
    assert listed(call, operation) == [("never", "Renée Smythe rang", 2)]
    kept = b"".join(file.read_bytes() for file in operation.glob("gsmsend.db*"))
    assert b"Smythe" not in kept
    assert b"never" in kept


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "--reason", "x"), "expected a number"),
        (("add", "-", "--reason", " "), "--reason is empty"),
        (("add", "-", "--reason", "see 07700900001"), "long number"),
        (("add", "-", "--reason", "x", "--file", "y.csv"), "expected a number"),
        (("add", "-", "--reason", "x"), "no number was given"),
        (("check", "-"), "no number was given"),
        (("remove", "-", "--reason", "x"), "no number was given"),
    ],
)
def test_what_is_missing_is_said(operation: Path, words: tuple[str, ...], says: str) -> None:
    done = typed(operation, "", *words)
    assert done.exit_code == 2
    assert says in done.stderr


def test_two_people_are_not_taken_off_at_once(operation: Path) -> None:
    assert typed(operation, f"{ONE}\n{TWO}\n", "remove", "-", "--reason", "x").exit_code == 2


def test_nobody_on_the_list_is_sent_a_single_text_either(
    call: Call, operation: Path, driver: ScriptedDriver
) -> None:
    call("suppress", "add", ONE, "--reason", "witness", "--operation", operation)
    done = call("send", ONE, "Hello", "--operation", operation)
    assert done.exit_code == 5
    assert "never contact" in done.stdout
    assert call("send", TWO, "Hello", "--wait-reports", 0, "--operation", operation).exit_code == 0
