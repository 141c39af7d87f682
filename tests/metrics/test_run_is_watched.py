"""`gsmsend run` on the virtual bench with metrics, health, log and alerts on; the bench is the judge."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from tests.metrics.listeners import Hook, listening
from tests.metrics.prometheus_tools import accepted
from tests.run.far_end import GSMSEND, FarEnd, far_end, gsmsend, lab, people
from tests.run.test_replies_on_the_bench import People

FIRST = "+447700900000"
_HOLD = '\n[metrics]\naddress = "127.0.0.1:0"\n[logs]\nto = "json"\nlevel = "debug"\n'
_ALERTS = '\n[alerts]\nto = ["env:BENCH_ALERTS"]\nline_minutes = 0\ndisk_megabytes = 0\nclock_seconds = 3600\n'


class Watched:
    """A run whose metrics, log and screen can be read while it goes on."""

    def __init__(self, place: Path, far: FarEnd, *words: str, alerts: str = "") -> None:
        self._files = (place / "said", place / "log")
        command = [*GSMSEND, "run", "--operation", str(place), *far.port_flags, *words]
        environment = {**os.environ, "BENCH_ALERTS": alerts}
        with self._files[0].open("wb") as out, self._files[1].open("wb") as err:
            self.child = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        self.url = ""

    @property
    def said(self) -> str:
        return self._files[0].read_text(encoding="utf-8")

    @property
    def log(self) -> str:
        return self._files[1].read_text(encoding="utf-8")

    def entries(self, event: str) -> list[dict[str, Any]]:
        lines = [line for line in self.log.splitlines() if line.startswith("{") and line.endswith("}")]
        return [one for one in map(json.loads, lines) if one["event"] == event]

    def ask(self, path: str, accept: str = "*/*") -> tuple[int, str]:
        until(lambda: "Metrics are at " in self.log)
        if not self.url:
            found = re.search(r"Metrics are at (http://[\d.:]+)/metrics", self.log)
            assert found is not None
            self.url = found[1]
        try:
            with urlopen(Request(self.url + path, headers={"Accept": accept}), timeout=30) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def metrics(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in plain_text(self.ask("/metrics")[1])
            for sample in family.samples
        }

    def sum(self, name: str, **labels: str) -> float:
        wanted = set(labels.items())
        return sum(value for (named, has), value in self.metrics().items() if named == name and wanted <= set(has))

    def stop(self) -> int:
        self.child.terminate()
        return self.child.wait(60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait(30)


def until(so: Callable[[], bool], within_s: float = 60.0) -> None:
    ends_s = time.monotonic() + within_s
    while True:
        with suppress(URLError, ConnectionError):
            if so():
                return
        assert time.monotonic() < ends_s, "it did not happen in time"
        time.sleep(0.1)


def numberless(words: str, count: int = 100) -> bool:
    """Whether none of the first numbers of the drama range stands in it, however it is written."""
    squeezed = re.sub(r"[ ().+-]", "", words)
    return not [at for at in range(count) if f"7700900{at:03}" in squeezed]


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    place = lab(tmp_path)
    with (place / "gsmsend.toml").open("a", encoding="utf-8") as config:
        config.write(_HOLD)
    return place


@contextmanager
def alerted(operation: Path) -> Iterator[Hook]:
    with (operation / "gsmsend.toml").open("a", encoding="utf-8") as config:
        config.write(_ALERTS)
    hook = Hook()
    with listening(hook):
        yield hook


def test_metrics_are_what_went_on_air(operation: Path, tmp_path: Path) -> None:
    with (
        far_end(tmp_path, "--report-delay", "0.1", modems=2, radio_s=0.05) as far,
        Watched(operation, far, "--to", str(people(tmp_path, 30)), "--stay") as run,
    ):
        until(lambda: run.sum("gsmsend_messages", state="delivered") == 30)
        assert run.sum("gsmsend_parts_total", outcome="accepted") == len(far.on_air()) == 30
        assert run.sum("gsmsend_submission_seconds_count") == 30
        assert run.sum("gsmsend_reports_total", report="delivered") == 30
        assert run.sum("gsmsend_report_delay_seconds_count") == 30
        assert run.sum("gsmsend_line_up") == 2
        assert run.sum("gsmsend_run_alive") == run.sum("gsmsend_run_ready") == run.sum("gsmsend_store_up") == 1
        assert run.sum("gsmsend_line_busy_seconds_total") >= 30 * 0.05
        assert run.sum("process_resident_memory_bytes") > 1e6
        assert run.ask("/healthz") == (200, "alive\n")
        assert run.ask("/readyz") == (200, "ready\n")
        said = run.ask("/metrics")[1]
        accepted("check", "metrics", given=said.encode())
        status, opened = run.ask("/metrics", "application/openmetrics-text; version=1.0.0")
        assert status == 200
        assert any(one.name == "gsmsend_parts" for one in open_metrics(opened))  # type: ignore[no-untyped-call]
        assert numberless(said + opened + run.log)
        assert run.stop() == 130
        levels = {one["level"] for one in run.entries("part")}
        assert (len(run.entries("part")), levels) == (30, {"debug"})
        (ended,) = run.entries("finished")
        assert ended["totals"] == "delivered 30"


def test_numbers_begin_anew_after_a_restart_and_the_counts_of_the_store_do_not(
    operation: Path, tmp_path: Path
) -> None:
    with far_end(tmp_path, "--report-delay", "0.1", modems=1) as far:
        with Watched(operation, far, "--to", str(people(tmp_path, 5))) as run:
            assert run.child.wait(60) == 0
        with Watched(operation, far, "--stay") as run:
            until(lambda: run.sum("gsmsend_messages", state="delivered") == 5)
            until(lambda: run.sum("gsmsend_line_up") == 1)
            assert run.sum("gsmsend_parts_total", outcome="accepted") == 0
            again = tmp_path / "more.csv"
            again.write_text("number,text\n07700900050,Help is here.\n", encoding="utf-8")
            assert gsmsend("import", str(again), "--operation", str(operation)).returncode == 0
            until(lambda: run.sum("gsmsend_parts_total", outcome="accepted") == 1)
            until(lambda: run.sum("gsmsend_messages", state="delivered") == 6)


def test_a_reply_of_danger_is_an_alert_at_once_and_says_nothing_of_who(operation: Path, tmp_path: Path) -> None:
    answering = People(tmp_path)
    with (
        alerted(operation) as hook,
        far_end(tmp_path, "--report-delay", "0.1", *answering.option, modems=1) as far,
        Watched(operation, far, "--to", str(people(tmp_path, 2)), "--stay", alerts=hook.address) as run,
    ):
        until(lambda: len(far.on_air()) == 2)
        answering.write("help he has a knife Larchgrove call 07700 900042", FIRST)
        until(lambda: any("Danger to life?" in one["message"] for one in hook.taken))
        until(lambda: run.sum("gsmsend_danger_replies") == 1)
        assert run.sum("gsmsend_replies_flagged_total") == 1
        assert run.sum("gsmsend_troubles", kind="danger") == 1
        assert run.sum("gsmsend_alert_letters_sent_total") >= 1
        (danger,) = run.entries("danger")
        assert danger["level"] == "error"
        told = hook.words() + run.log + run.ask("/metrics")[1]
        assert "Larchgrove" not in told
        assert "knife" not in told
        assert numberless(told)
        assert hook.taken[0]["type"] == "failure"
        assert run.stop() == 130


def test_a_line_that_is_pulled_out_is_told_once(operation: Path, tmp_path: Path) -> None:
    answering = People(tmp_path)
    with (
        alerted(operation) as hook,
        far_end(tmp_path, *answering.option, modems=2) as far,
        Watched(operation, far, "--stay", alerts=hook.address) as run,
    ):
        until(lambda: run.sum("gsmsend_line_up") == 2)
        answering.ask(do="unplug", modem=1)
        until(lambda: "is out of use" in hook.words())
        until(lambda: run.sum("gsmsend_line_up") == 1)
        assert run.ask("/readyz")[0] == 200
        assert run.stop() == 130
    assert hook.words().count("is out of use") <= 2  # title and body of one message


def test_a_campaign_that_is_through_is_told_at_the_end_of_its_run(operation: Path, tmp_path: Path) -> None:
    with (
        alerted(operation) as hook,
        far_end(tmp_path, "--report-delay", "0.1", modems=1) as far,
        Watched(operation, far, "--to", str(people(tmp_path, 3)), alerts=hook.address) as run,
    ):
        assert run.child.wait(60) == 0
    assert [one["message"] for one in hook.taken if "main has nothing left to send" in one["message"]]
    assert (operation / "alerts.json").stat().st_mode & 0o077 == 0


def test_a_service_that_hangs_holds_up_no_text_and_not_the_end(operation: Path, tmp_path: Path) -> None:
    with alerted(operation) as hook, far_end(tmp_path, "--report-delay", "0.1", modems=1, radio_s=0.02) as far:
        hook.go_on.clear()
        with Watched(operation, far, "--to", str(people(tmp_path, 40)), alerts=hook.address) as run:
            assert run.child.wait(60) == 0
        assert len(far.on_air()) == 40
        assert hook.taken == []


def test_a_service_that_refuses_is_told_in_log_and_metrics(operation: Path, tmp_path: Path) -> None:
    with (
        alerted(operation) as hook,
        far_end(tmp_path, modems=1) as far,
        Watched(operation, far, "--stay", alerts="json://127.0.0.1:1/") as run,
    ):
        far.child.terminate()  # the modem is gone: there is something to tell
        until(lambda: run.sum("gsmsend_alert_letters_failed_total") >= 1)
        until(lambda: any("did not take one" in one["why"] for one in run.entries("notice")))
        assert run.ask("/readyz")[0] == 503
        assert "no line" in run.ask("/readyz")[1]
        assert run.ask("/healthz")[0] == 200
        assert hook.taken == []


def test_a_run_that_cannot_begin_tells_it(operation: Path, tmp_path: Path) -> None:
    with alerted(operation) as hook, far_end(tmp_path, modems=1) as far:
        assert gsmsend("import", str(people(tmp_path, 2)), "--operation", str(operation)).returncode == 0
        far.child.terminate()
        far.child.wait(10)
        with Watched(operation, far, alerts=hook.address) as run:
            assert run.child.wait(60) in (2, 5, 6)
        assert "has stopped" in hook.words()


def test_a_service_that_cannot_even_open_its_store_tells_it_once(operation: Path, tmp_path: Path) -> None:
    with alerted(operation) as hook, far_end(tmp_path, modems=1) as far:
        (operation / "gsmsend.db").write_bytes(b"this is no database" * 1000)
        for _ in range(2):
            with Watched(operation, far, "--stay", alerts=hook.address) as run:
                assert run.child.wait(60) not in (0, 130)
    (told,) = hook.taken
    assert "The run has stopped" in told["message"]


def test_without_the_secret_of_an_address_it_is_said_and_nothing_is_sent(operation: Path, tmp_path: Path) -> None:
    with alerted(operation), far_end(tmp_path, modems=1) as far:
        environment = {name: value for name, value in os.environ.items() if name != "BENCH_ALERTS"}
        command = [*GSMSEND, "run", "--operation", str(operation), *far.port_flags]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 5
    assert "BENCH_ALERTS is not set" in done.stderr
