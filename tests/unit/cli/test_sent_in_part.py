"""A text of several parts that was refused after its first part had gone out is not told as "not sent"."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend.contract import Submission
from gsmsend.model import Outcome, OutcomeKind, Refusal
from gsmsend.partly import sent_in_part
from gsmsend.testing.scripted import ScriptedDriver, ScriptedLink

from .conftest import Call, objects

WHY = "part 1 of 2 went out and cannot be called back, the rest did not: unassigned number"


@pytest.fixture
def two_parts(driver: ScriptedDriver, tmp_path: Path) -> Path:
    """A list of two people: one gets a text of two parts, whose second is refused; the other's is refused."""

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.total == 2 and submission.seq == 1:
            return link.accept(submission)
        link.commit()
        return Outcome(OutcomeKind.REFUSED, refusal=Refusal.RECIPIENT, code=1, why="unassigned number")

    driver.answer = answer
    path = tmp_path / "people.csv"
    path.write_text(f"number,text\n07700900001,{'x' * 200}\n07700900002,Hi\n", encoding="utf-8")
    return path


def test_every_screen_says_so(call: Call, operation: Path, two_parts: Path) -> None:
    result = call("run", "--operation", operation, "--to", two_parts)
    assert result.exit_code == 3
    assert "1 text sent in part only: the first part went out, the rest did not. To see why:" in result.stdout
    assert "1 text not sent. To see why:" in result.stdout
    assert WHY in call("messages", "--operation", operation).stdout
    status = call("status", "--operation", operation).stdout
    assert "2  failed" in status
    assert "1  of these in part: some parts went out, the rest did not" in status


def test_scripts_are_told(call: Call, operation: Path, two_parts: Path) -> None:
    result = call("run", "--operation", operation, "--to", two_parts, "--json")
    moved = {event["number"]: event["why"] for event in objects(result) if event["event"] == "message"}
    assert moved == {"+447*****0001": WHY, "+447*****0002": "unassigned number"}
    listed = objects(call("messages", "--operation", operation, "--json"))
    assert [message["why"] for message in listed] == [WHY, "unassigned number"]
    (found,) = objects(call("status", "--operation", operation, "--json"))
    assert (found["totals"]["failed"], found["sent_in_part"]) == (2, 1)


def test_send_says_so(call: Call, operation: Path, driver: ScriptedDriver, two_parts: Path) -> None:
    result = call("send", "07700 900123", "x" * 200, "--operation", operation)
    assert result.exit_code == 3
    assert "(2 parts): failed, sent in part only." in result.stdout
    assert WHY in result.stdout


@pytest.mark.parametrize(
    ("out", "total", "words"),
    [
        ([], 2, "busy"),
        ([1], 3, "part 1 of 3 went out and cannot be called back, the rest did not: busy"),
        ([1, 2, 4], 5, "parts 1, 2 and 4 of 5 went out and cannot be called back, the rest did not: busy"),
    ],
)
def test_words(out: list[int], total: int, words: str) -> None:
    assert sent_in_part(out, total, "busy") == words
