"""Outside a lab nobody gets two texts of one operation unless it is asked for; on a bench it is no matter."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gsmsend.cli.init import make
from gsmsend.cli.operation import opened
from gsmsend.contract import ImportSource, NewMessage
from gsmsend.model import Outcome, OutcomeKind, Refusal, State
from gsmsend.testing.scripted import ScriptedDriver
from gsmsend.testing.store_desk import NOW_S, Desk, accepted

from .conftest import Call, People, objects

AGAIN = "the same command with --again"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An operation that is no lab bench, with nobody queued yet; its pace holds up no test."""
    folder = tmp_path / "real"
    make(folder, lab=False)
    config = folder / "gsmsend.toml"
    words = config.read_text(encoding="utf-8")
    for key, limit in (("per_minute", 6), ("per_hour", 100), ("per_day", 400)):
        assert f"{key} = {limit}" in words
        words = words.replace(f"{key} = {limit}", f"{key} = 0")
    config.write_text(words, encoding="utf-8")
    return folder


def listed(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["number,text", *rows]) + "\n", encoding="utf-8")
    return path


def queued(place: Path) -> list[tuple[str, str]]:
    with opened(place) as (_, store):
        return [(row.number[-3:], row.text) for row in store.messages(State.DRAFT)]


def test_a_corrected_wording_is_refused_row_by_row_and_new_people_are_queued(
    call: Call, place: Path, people: People, tmp_path: Path
) -> None:
    assert call("import", people(3), "--operation", place).exit_code == 0
    second = listed(
        tmp_path / "corrected.csv", "07700900001,Corrected", "07700900002,Corrected", "07700900009,Corrected"
    )
    result = call("import", second, "--operation", place)
    assert result.exit_code == 0
    assert "corrected.csv: 1 in the draft, 2 refused." in result.stdout
    assert "row 2: +447*****0001: this person has another text in this operation" in result.stdout
    assert (
        f"2 rows are for people who have another text in this operation. To text them as well: {AGAIN}"
        in result.stdout
    )
    assert [number for number, text in queued(place) if text == "Corrected"] == ["009"]
    (kept,) = place.glob("refused-corrected-*.csv")
    with kept.open(encoding="utf-8-sig", newline="") as stream:
        assert [row["row"] for row in csv.DictReader(stream)] == ["2", "3"]


def test_json_counts_them(call: Call, place: Path, people: People, tmp_path: Path) -> None:
    call("import", people(3), "--operation", place)
    second = listed(tmp_path / "corrected.csv", "07700900001,Corrected", "07700900009,Corrected", "60777,Hi")
    (found,) = objects(call("import", second, "--operation", place, "--json"))
    assert (found["accepted"], found["refused"], found["other_text"]) == (1, 2, 1)
    assert found["repeated"] is False


def test_the_same_text_stays_one_text(call: Call, place: Path, people: People, tmp_path: Path) -> None:
    call("import", people(2), "--operation", place)
    other = listed(tmp_path / "other.csv", "07700900000,Help is here 0", "07700900001,Help is here 1")
    (found,) = objects(call("import", other, "--operation", place, "--json"))
    assert (found["duplicates"], found["other_text"]) == (2, 0)


def test_two_texts_for_one_person_in_one_list(call: Call, place: Path, tmp_path: Path) -> None:
    result = call("import", listed(tmp_path / "a.csv", "07700900001,One", "07700900001,Two"), "--operation", place)
    assert "row 3: +447*****0001: this person has another text" in result.stdout
    assert queued(place) == [("001", "One")]


def test_if_nobody_is_left_it_is_a_guard_that_stops(
    call: Call, place: Path, people: People, tmp_path: Path
) -> None:
    call("import", people(2), "--operation", place)
    second = listed(tmp_path / "corrected.csv", "07700900001,Corrected")
    result = call("import", second, "--operation", place)
    assert result.exit_code == 5
    assert AGAIN in result.stderr


def test_again_queues_them(call: Call, place: Path, people: People, tmp_path: Path) -> None:
    call("import", people(2), "--operation", place)
    second = listed(tmp_path / "corrected.csv", "07700900001,Corrected")
    call("import", second, "--operation", place)
    assert call("import", second, "--operation", place, "--again").exit_code == 0
    assert ("001", "Corrected") in queued(place)
    (found,) = objects(call("import", second, "--operation", place, "--again", "--json"))
    assert found["repeated"] is True
    assert len(queued(place)) == 3


def test_a_bench_sends_as_many_as_it_likes(call: Call, operation: Path, people: People, tmp_path: Path) -> None:
    call("import", people(2), "--operation", operation)
    second = listed(tmp_path / "corrected.csv", "07700900001,Corrected")
    (found,) = objects(call("import", second, "--operation", operation, "--json"))
    assert (found["accepted"], found["other_text"]) == (1, 0)


def test_run_sends_nothing_when_its_list_has_a_second_text_for_somebody(
    call: Call, place: Path, driver: ScriptedDriver, people: People, tmp_path: Path
) -> None:
    call("import", people(2), "--operation", place)
    second = listed(tmp_path / "corrected.csv", "07700900001,Corrected")
    for _ in range(2):  # it is no file that was "imported before"
        result = call("run", "--operation", place, "--port", "fake1", "--to", second)
        assert result.exit_code == 5
        assert "1 row is for a person who has another text in this operation. Nothing was sent" in result.stderr
        assert AGAIN in result.stderr
    assert driver.on_air == []


def sent(place: Path, number: str, *outcomes: Outcome) -> None:
    """Somebody was texted before, a part for each outcome."""
    with opened(place) as (_, store):
        rows = [NewMessage(number, "Hello", 1, len(outcomes))]
        store.add(ImportSource("before.csv", "before", "main", NOW_S), rows)
        desk = Desk(store)
        line = desk.line()
        (message,) = desk.claim(line)
        for seq, outcome in enumerate(outcomes, 1):
            more = outcome.kind is OutcomeKind.ACCEPTED and seq < len(outcomes)
            done = State.SENT if outcome.kind is OutcomeKind.ACCEPTED else State.FAILED
            state = State.SENDING if more else done
            desk.close(line, message, desk.open(line, message, seq), outcome, state, seq=seq)


FOR_GOOD = Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, code=21, why="the network refuses it")


@pytest.mark.parametrize(
    ("outcomes", "accepted"),
    [((accepted(1),), 0), ((FOR_GOOD,), 1), ((accepted(1), FOR_GOOD), 0)],
    ids=["texted", "proven not texted", "texted in part"],
)
def test_who_was_texted_gets_no_corrected_wording(
    call: Call, place: Path, tmp_path: Path, outcomes: tuple[Outcome, ...], accepted: int
) -> None:
    sent(place, "+447700900001", *outcomes)
    corrected = listed(tmp_path / "corrected.csv", "07700900001,Corrected")
    result = call("import", corrected, "--operation", place)
    assert (result.exit_code, len(queued(place))) == (0 if accepted else 5, accepted)
    assert (AGAIN in result.stdout + result.stderr) is not bool(accepted)


def test_send_is_for_labs_only(call: Call, place: Path, driver: ScriptedDriver) -> None:
    for more in ((), ("--again",)):
        result = call("send", "07700 900123", "Hello", "--operation", place, *more)
        assert (result.exit_code, driver.on_air, queued(place)) == (5, [], [])
        assert "approval missing" in result.stderr
        assert "gsmsend init DIR --lab" in result.stderr
