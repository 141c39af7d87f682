"""What a run puts into the audit log by itself: start, stop, lines, and nothing of a recipient."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from dataclasses import replace

import pytest

from gsmsend.contract import Submission
from gsmsend.engine.run import Run
from gsmsend.model import Outcome
from gsmsend.testing.scripted import Desk, RealClock, ScriptedLink, number


def entries(desk: Desk, *kinds: str) -> list[dict[str, object]]:
    """The data of the log's entries of these kinds, as they stand on disk."""
    connection = sqlite3.connect(desk.folder / "gsmsend.db")
    lines = [json.loads(line) for (line,) in connection.execute("SELECT line FROM audit ORDER BY n")]
    connection.close()
    return [{"kind": line["kind"], **line["data"]} for line in lines if line["kind"] in kinds]


def test_a_run_has_a_start_and_a_stop(bench: Desk) -> None:
    bench.fill(4)
    folder = bench.settings.transcript_folder
    folder.mkdir()
    (folder / "fake1.transcript").write_bytes(b"# gsmsend transcript 2\n")
    bench.execute()
    start, *middle, stop = entries(bench, "start", "attempt", "outcome", "stop")
    assert (start["kind"], stop["kind"], len(middle)) == ("start", "stop", 8)
    assert (start["recipients"], start["uncertain"], start["devices"]) == (4, 0, ["fake1"])
    assert isinstance(start["clock"], dict)
    assert set(start["clock"]) == {"source", "synchronised", "error_ms", "offset_ms", "why"}
    assert isinstance(stop["totals"], dict)
    assert (stop["exit"], stop["totals"]["delivered"], stop["totals"]["queued"]) == (0, 4, 0)
    assert "sending" not in stop["totals"]
    digest = hashlib.sha256(b"# gsmsend transcript 2\n").hexdigest()
    assert stop["transcripts"] == {"fake1.transcript": [23, digest]}
    assert isinstance(stop["ran_ms"], int)
    assert abs(int(str(stop["drift_ms"]))) < 60_000


def test_a_clock_that_was_set_while_the_run_went_on_shows_as_drift(bench: Desk) -> None:
    class Moved(RealClock):
        by_s = 0.0

        def now(self) -> float:
            return super().now() + self.by_s

    clock = Moved()

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        clock.by_s = -3600.0
        return link.accept(submission)

    bench.driver.answer = answer
    bench.fill(1)
    routes = [(bench.driver, bench.driver.endpoint("fake1"))]
    run = Run(
        bench.settings, bench.store, clock, routes, publish=bench.events.append, wait_reports_s=5, stay=False
    )
    run.execute()
    (stop,) = entries(bench, "stop")
    assert -3_660_000 < int(str(stop["drift_ms"])) < -3_540_000


def test_a_clock_that_was_set_back_is_noted_when_it_is_seen(bench: Desk) -> None:
    routes = [(bench.driver, bench.driver.endpoint("fake1"))]
    run = Run(
        bench.settings, bench.store, RealClock(), routes, publish=bench.events.append, wait_reports_s=5, stay=False
    )
    now_s = time.time()
    run._mind_the_clock(now_s)
    run._mind_the_clock(now_s - 3600.0)
    bench.store.note("a person", "a test", "waits for what was not waited for", now_s)
    clock, _ = entries(bench, "note")
    assert (clock["what"], clock["person"]) == ("clock", None)
    assert "set back by 3600 seconds" in str(clock["reason"])


def test_a_fault_is_a_stop_too(bench: Desk) -> None:
    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        raise RuntimeError(f"a bug that names {submission.destination}")

    bench.driver.answer = answer
    bench.fill(1)
    with pytest.raises(RuntimeError):
        bench.execute()
    (stop,) = entries(bench, "stop")
    assert (stop["exit"], stop["why"]) == (1, "RuntimeError")


def test_a_line_is_on_record_when_it_comes_up_and_when_it_changes(bench: Desk) -> None:
    said = iter(["One Network", "One Network", "", "Another Network"])

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        outcome = link.accept(submission)
        facts = link.bring_up()
        link.sink.changed(replace(facts, operator=next(said), smsc="+447700900800", signal_dbm=-70))
        return outcome

    bench.driver.answer = answer
    bench.fill(4)
    bench.execute()
    lines = entries(bench, "line")
    assert [line["operator"] for line in lines] == [None, "One Network", "Another Network"]
    assert [line["smsc"] for line in lines] == [None, "+447700900800", "+447700900800"]
    first = lines[0]
    assert (first["iccid"], first["imei"]) == ("8944000000000000017", "350000000000001")
    assert (first["device"], first["driver"], first["virtual"], first["imsi"]) == ("fake1", "fake", True, None)
    assert {line["line"] for line in lines} == {attempt["line"] for attempt in entries(bench, "attempt")}
    assert str(first["read"]).endswith("Z")


def test_nothing_of_a_recipient_is_in_what_a_run_says_of_itself(bench: Desk) -> None:
    bench.fill(5, "A text that nobody else may read.")
    bench.execute()
    whole = json.dumps(entries(bench, "start", "stop", "line", "session", "storage"))
    assert all(number(index)[3:] not in whole for index in range(5))
    assert "nobody else" not in whole
