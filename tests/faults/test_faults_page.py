"""docs/faults.md is what the harness has checked, and the harness itself can fail."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from gsmsend.contract import MessageRow, PartRow
from gsmsend.model import State
from tests.faults import catalogue, judge, page, scene, told

NUMBER = "+447700900001"


def test_the_page_is_made_from_the_rows_that_the_cases_check() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.render(), "write it with: python -m tests.faults --page"


def test_every_row_is_told_in_some_case() -> None:
    folder = Path(inspect.getfile(catalogue)).parent
    source = "\n".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    assert [key for key in page.ROWS if f'"{key}"' not in source] == []


@pytest.mark.parametrize(
    "words", ["[Errno 5] Input/output error", "LinkLost('gone')", "<Port object at 0x7f>", "is None"]
)
def test_words_for_programmers_are_found(words: str) -> None:
    with pytest.raises(AssertionError, match="not plain English"):
        told.check_plain([words])


def test_a_recipient_in_full_is_found() -> None:
    with pytest.raises(AssertionError, match="recipient"):
        told.check_plain([f"could not send to {NUMBER}"])
    told.check_plain(["could not send to +447*****0001"])


def _submission(serial: int, *endings: str, tpdu: str = "01000B91") -> list[dict[str, Any]]:
    submit = {"event": "submit", "submit": serial, "to": NUMBER, "tpdu": tpdu, "modem": 1, "mono": float(serial)}
    return [submit, *({"event": ending, "submit": serial, "status": 0, "modem": 1} for ending in endings)]


def _row(state: State, outcome: str | None) -> MessageRow:
    part = PartRow(1, "sim", 0, outcome, None, None, None, 1)
    return MessageRow(1, NUMBER, state, "", "Help", 0.0, (part,))


@pytest.mark.parametrize(
    ("events", "state", "outcome"),
    [
        (_submission(1, "accepted") + _submission(2, "accepted"), State.SENT, "accepted"),
        (_submission(1) + _submission(2, "accepted"), State.SENT, "accepted"),
        (_submission(1, "accepted"), State.FAILED, "refused"),
        (_submission(1, "accepted"), State.QUEUED, None),
        (_submission(1, "refused"), State.SENT, "accepted"),
        (_submission(1, "accepted"), State.DELIVERED, "accepted"),
        (_submission(1, "accepted", "report"), State.UNDELIVERED, "accepted"),
        ([], State.UNCERTAIN, "refused"),
        ([], State.SENDING, None),
    ],
)
def test_bench_and_store_that_disagree_are_found(events: list[dict[str, Any]], state: State, outcome: str) -> None:
    with pytest.raises(AssertionError):
        judge.check(events, [_row(state, outcome)], 1)


@pytest.mark.parametrize(
    ("events", "state", "outcome"),
    [
        (_submission(1, "accepted", "report"), State.DELIVERED, "accepted"),
        (_submission(1, "refused") + _submission(2, "accepted", tpdu="05010B91"), State.SENT, "accepted"),
        (_submission(1), State.UNCERTAIN, "unknown"),
        ([], State.UNCERTAIN, "unknown"),
        (_submission(1, "refused"), State.FAILED, "refused"),
        ([], State.QUEUED, None),
    ],
)
def test_bench_and_store_that_agree_are_not(events: list[dict[str, Any]], state: State, outcome: str) -> None:
    judge.check(events, [_row(state, outcome)], 1)


def test_a_text_to_nobody_in_the_list_is_found() -> None:
    with pytest.raises(AssertionError, match="in no list"):
        judge.check(
            [*_submission(1, "accepted"), {**_submission(2)[0], "to": "+447700900002"}],
            [_row(State.SENT, "accepted")],
            1,
        )


def test_what_takes_too_long_is_found_unless_the_machine_was_as_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = scene.Scene(tmp_path, scene.SEED)
    monkeypatch.setattr(scene, "slowness", lambda _begun, _ended: 1.0)
    with pytest.raises(AssertionError, match=r"after 3\.00 s; expected 2 s"):
        on.soon("the line sent again", 10.0, 13.0, 2.0)
    monkeypatch.setattr(scene, "slowness", lambda _begun, _ended: 1.6)
    on.soon("the line sent again", 10.0, 13.0, 2.0)


def test_a_line_that_waits_for_another_is_found() -> None:
    events = [{**event, "mono": 0.5} for event in _submission(1, "accepted")]
    assert judge.gaps([*events, {**_submission(2)[0], "mono": 9.5}], 1, 2) == [(0.5, 9.5)]
