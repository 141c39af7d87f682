"""What a SIM and its device hold is on record before the first text and after the last, whatever happens."""

from __future__ import annotations

import json
import sqlite3

import pytest

from gsmsend.contract import StorageState, Submission
from gsmsend.errors import LinkLost
from gsmsend.model import Outcome
from gsmsend.testing import scripted
from gsmsend.testing.scripted import Desk, ScriptedLink


class CountedLink(ScriptedLink):
    """A scripted link that can be counted."""

    held = 3
    asked: list[float]
    fault: LinkLost | None = None

    def storage(self, within_s: float) -> StorageState:
        CountedLink.asked.append(within_s)
        if self.fault is not None:
            raise self.fault
        sent = len(self.driver.on_air)
        found = {"CNMI": "0,0,0,0,0"}
        return StorageState({"SM": (self.held, 20)}, {"SM": (7, 250)}, sent, {"CNMI": "2,2,0,1,0"}, found)


@pytest.fixture
def counted(bench: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    CountedLink.asked = []
    monkeypatch.setattr(CountedLink, "fault", None)
    monkeypatch.setattr(scripted, "ScriptedLink", CountedLink)
    return bench


def log(desk: Desk) -> list[dict[str, object]]:
    connection = sqlite3.connect(desk.folder / "gsmsend.db")
    lines = [json.loads(line) for (line,) in connection.execute("SELECT line FROM audit ORDER BY n")]
    connection.close()
    return [{"kind": line["kind"], **line["data"]} for line in lines]


def test_before_the_first_text_and_after_the_last(counted: Desk) -> None:
    counted.fill(3)
    assert counted.execute().exit_code == 0
    entries = log(counted)
    kinds = [entry["kind"] for entry in entries]
    before, after = (entry for entry in entries if entry["kind"] == "storage")
    assert (before["when"], before["counter"], after["when"], after["counter"]) == ("before", 0, "after", 3)
    assert kinds.index("line") < kinds.index("storage") < kinds.index("attempt")
    assert kinds[-2:] != ["storage", "attempt"]
    assert kinds.index("stop") > max(at for at, kind in enumerate(kinds) if kind == "storage")
    assert (before["texts"], before["phonebooks"]) == ({"SM": [3, 20]}, {"SM": [7, 250]})
    assert (before["found"], before["now"]) == ({"CNMI": "0,0,0,0,0"}, {"CNMI": "2,2,0,1,0"})
    assert all(0 < within_s < 30 for within_s in CountedLink.asked)


def test_a_line_that_comes_back_is_counted_once_before_and_once_after(counted: Desk) -> None:
    faults = [LinkLost("the port is gone")]

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if faults:
            raise faults.pop()
        return link.accept(submission)

    counted.driver.answer = answer
    counted.fill(2)
    assert counted.execute().exit_code == 0
    assert counted.driver.opened == 2
    whens = [entry["when"] for entry in log(counted) if entry["kind"] == "storage"]
    assert whens == ["before", "after"]


def test_what_cannot_be_read_at_the_end_is_said_and_ends_nothing(
    counted: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        monkeypatch.setattr(CountedLink, "fault", LinkLost("nothing answers there"))
        return link.accept(submission)

    counted.driver.answer = answer
    counted.fill(1)
    assert counted.execute().exit_code == 0
    after = [entry for entry in log(counted) if entry["kind"] == "storage"][-1]
    assert (after["when"], after["texts"], after["counter"]) == ("after", {}, None)
    assert after["not_read"] == ["not read: nothing answers there"]


def test_a_device_that_is_lost_for_good_is_said_to_be(counted: Desk) -> None:
    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        counted.driver.sims = ["8944000000000000017", "8944000000000000025"]
        raise LinkLost("the port is gone")

    counted.driver.answer = answer
    counted.fill(1)
    counted.execute()
    last = [entry for entry in log(counted) if entry["kind"] == "storage"][-1]
    assert last["when"] == "after"
    assert "another SIM" in str(last["not_read"])


def test_a_link_that_cannot_be_counted_sends_all_the_same(bench: Desk) -> None:
    bench.fill(1)
    assert bench.execute().exit_code == 0
    assert not [entry for entry in log(bench) if entry["kind"] == "storage"]
