"""The AT driver on real pseudo-terminals, against the virtual bench in another process, with faults."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmsend.contract import Countable, Link, OpenOptions, Submission
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Outcome, OutcomeKind
from gsmsend.sms import Segment
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_atmodem import DRIVER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the bench needs Linux")

PATIENT_S = 20.0


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Bench:
    """`gsmsend bench` with one modem, and links to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.log, control = folder / "modem1", folder / "log", folder / "control"
        command = [sys.executable, "-m", "gsmsend", "bench", "--dir", str(folder), "--radio", "0.01"]
        command += ["--report-delay", "0.02", "--log", str(self.log), "--control", str(control)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        while "ready" not in self.process.stdout.readline():
            assert self.process.poll() is None
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(control))
        self._control = self._socket.makefile("rw")
        self.sink = RecordingSink()
        self.link: Link | None = None

    def ask(self, **request: object) -> None:
        self._control.write(json.dumps(request) + "\n")
        self._control.flush()
        assert json.loads(self._control.readline())["ok"]

    def open(self, *, exhibit: bool = False) -> Link:
        settings: dict[str, object] = {"submit_timeout_s": 1.0, "late_listen_s": 1.0, "prompt_timeout_s": 1.0}
        options = OpenOptions(settings=settings, exhibit=exhibit)
        until = time.monotonic() + PATIENT_S
        while True:
            try:
                link = DRIVER.open(DRIVER.endpoint(str(self.port)), self.sink, SystemClock(), options)
                link.bring_up()
            except LinkLost:
                assert time.monotonic() < until
                time.sleep(0.1)
            else:
                self.link = link
                return link

    def send(self, count: int) -> dict[str, Outcome]:
        """So many texts, each to another number, opening the link anew whenever it is lost."""
        outcomes: dict[str, Outcome] = {}
        link = self.link or self.open()
        while len(outcomes) < count:
            number = f"+4477009000{len(outcomes):02}"
            try:
                outcomes[number] = link.submit(
                    Submission(number, Segment("Help", units=4), "Help"), lambda _raw: None
                )
            except LinkLost:
                link.close()
                link = self.open()
        return outcomes

    def accepted(self) -> dict[str, int]:
        """What the network took: number to reference."""
        events = [json.loads(line) for line in self.log.read_text().splitlines()]
        taken = [(event["to"], event["reference"]) for event in events if event["event"] == "accepted"]
        assert max(Counter(number for number, _ in taken).values(), default=1) == 1, "a text went out twice"
        return dict(taken)

    def written(self) -> list[dict[str, object]]:
        """What was changed on SIM and modem."""
        events = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [event for event in events if event["event"] == "write"]

    def dispose(self) -> None:
        if self.link is not None:
            self.link.close()
        self._control.close()
        self._socket.close()
        self.process.terminate()
        self.process.communicate()


@pytest.fixture
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("b"))
    yield made
    made.dispose()


def test_texts_reports_and_replies(bench: Bench) -> None:
    facts = DRIVER.inspect(DRIVER.endpoint(str(bench.port)), OpenOptions())
    assert facts.device.virtual
    outcomes = bench.send(10)
    assert {number: outcome.reference for number, outcome in outcomes.items()} == bench.accepted()
    bench.ask(do="text", to=facts.sim.number, text="Thank you, caf\u00e9", **{"from": "+447700900123"})
    until = time.monotonic() + PATIENT_S
    while (len(bench.sink.reports) < 10 or not bench.sink.inbounds) and time.monotonic() < until:
        bench.open().listen(0.1) if bench.link is None else bench.link.listen(0.1)
    assert {report.reference for report in bench.sink.reports} == set(bench.accepted().values())
    assert [inbound.text for inbound in bench.sink.inbounds] == ["Thank you, caf\u00e9"]


def test_an_exhibit_is_counted_and_nothing_on_it_changes(bench: Bench) -> None:
    link = bench.open(exhibit=True)
    assert isinstance(link, Countable)
    for _ in range(2):
        state = link.storage(PATIENT_S)
        assert set(state.texts) >= {"SM", "ME"}
        assert set(state.phonebooks) == {"SM", "ME"}
        assert state.found["CMGF"] in {"0", "1"}
        assert state.counter is not None
    assert not bench.written()
    outcomes = bench.send(2)
    assert {number: outcome.reference for number, outcome in outcomes.items()} == bench.accepted()
    assert {event["what"] for event in bench.written()} <= {"TP-MR"}, "the modem's own count of texts, no more"


def test_bring_up_is_quick(bench: Bench) -> None:
    started = time.monotonic()
    bench.open()
    assert time.monotonic() - started < 0.5, "0.01 s on an idle computer"


@pytest.mark.parametrize(
    "faults",
    [
        ["unplug:at=mid-pdu,back=0.2"],
        ["unplug:at=after-ctrl-z,back=0.2"],
        ["reboot:at=at-prompt"],
        ["reboot:at=before-result"],
        ["late-result:s=1.5,busy=no"],
        ["swallow-prompt"],
        ["refuse-each", "report-early"],
        ["flood:lines=30,every=0.02", "garbage:share=0.3", "halves:s=0.005"],
    ],
    ids=lambda faults: re.split("[:,]", faults[0])[0] + (faults[0].partition("at=")[2].partition(",")[0] or ""),
)
def test_whatever_happens_the_outcomes_are_true(bench: Bench, faults: list[str]) -> None:
    bench.open()
    for fault in faults:
        bench.ask(do="fault", fault=fault)
    outcomes = bench.send(4)
    taken = bench.accepted()
    for number, outcome in outcomes.items():
        if outcome.kind is OutcomeKind.ACCEPTED:
            assert taken[number] == outcome.reference
        if outcome.kind is OutcomeKind.REFUSED:
            assert number not in taken
    assert sum(outcome.kind is OutcomeKind.UNKNOWN for outcome in outcomes.values()) <= 1
    for late in bench.sink.late:
        assert late.reference in taken.values()


def test_another_sim_stops_the_line(bench: Bench) -> None:
    link = bench.open()
    bench.ask(do="fault", fault="sim-swap")
    with pytest.raises(GuardStop, match="another SIM"):
        link.listen(5)
    assert not bench.accepted()


def test_two_links_do_not_share_a_modem(bench: Bench) -> None:
    bench.open()
    with pytest.raises(LinkLost, match="in use by another program"):
        DRIVER.open(DRIVER.endpoint(str(bench.port)), bench.sink, SystemClock(), OpenOptions())
    assert os.path.realpath(bench.port).startswith("/dev/pts/")
