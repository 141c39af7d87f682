"""Feature phones on pseudo-terminals: what `modems` and a link say of one that sends or reports nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmsend.contract import Link, OpenOptions
from gsmsend.errors import LinkLost
from gsmsend.model import OutcomeKind
from gsmsend.testing.driver_suite import part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_atmodem import DRIVER
from tests.bench.running import Running, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the bench needs Linux")

PHONES = ("phonenosend", "phonenoreport", "generic")


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    arguments = [word for name in PHONES for word in ("--personality", name)]
    with running(tmp_path_factory.mktemp("phones"), "--modems", "3", "--radio", "0.02", *arguments) as it:
        yield it


def open_link(bench: Running, number: int) -> Link:
    return DRIVER.open(DRIVER.endpoint(str(bench.port(number))), RecordingSink(), SystemClock(), OpenOptions())


def test_looking_says_which_of_them_sends_and_which_reports(bench: Running, tmp_path: Path) -> None:
    ports = [word for number in (1, 2, 3) for word in ("--port", str(bench.port(number)))]
    command = [sys.executable, "-m", "gsmsend", "modems", "--json", *ports]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    found = {it["model"]: it for it in map(json.loads, done.stdout.splitlines())}
    nosend, noreport = found["Virtual Feature Phone"], found["Virtual Feature Phone R"]
    assert "offers no sending of texts (+CMGS)" in nosend["notes"][0]
    assert [found[model]["sends"] for model in sorted(found)] == [False, True, True]
    assert noreport["notes"] == ["It sends, but cannot route delivery reports (+CNMI): texts stay unconfirmed."]
    assert not noreport["reports"]
    assert found["Virtual Modem"]["notes"] == []
    assert found["Virtual Modem"]["reports"]
    assert bench.events("submit", "on_air") == [], "looking sends nothing"


def test_doctor_says_that_one_of_them_cannot_be_used(bench: Running, tmp_path: Path) -> None:
    gsmsend = [sys.executable, "-m", "gsmsend"]
    subprocess.run([*gsmsend, "init", "op", "--lab"], cwd=tmp_path, capture_output=True, check=True)
    said = {}
    for number in (1, 2):
        command = [*gsmsend, "doctor", "--operation", "op", "--port", str(bench.port(number))]
        said[number] = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "it answers, but sends no texts" in said[1].stdout
    assert "cannot hand over delivery reports" not in said[1].stdout
    assert said[1].returncode == 6, "no usable route"
    assert "cannot hand over delivery reports" in said[2].stdout
    assert said[2].returncode == 0


def test_one_that_sends_nothing_gets_no_text(bench: Running) -> None:
    link = open_link(bench, 1)
    with pytest.raises(LinkLost, match="sends no texts"):
        link.bring_up()
    link.close()


def test_one_that_reports_nothing_sends_and_says_so(bench: Running) -> None:
    link = open_link(bench, 2)
    facts = link.bring_up()
    assert not facts.reports
    assert "The modem passes no delivery reports on." in facts.notes
    assert link.submit(part(), lambda _raw: None).kind is OutcomeKind.ACCEPTED
    link.close()
