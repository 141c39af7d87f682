"""A driver that does as a test says, and a run over it on a real store: the engine without any modem."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from gsmsend.config import Pace, Retry, Settings
from gsmsend.contract import Clock, Endpoint, ImportSource, Link, NewMessage, OpenOptions, Sink, Submission
from gsmsend.engine.events import Event, Finished
from gsmsend.engine.rules import EngineRules
from gsmsend.engine.run import Run
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Registration, Report, Sim
from gsmsend.sms import split
from gsmsend.store import SqlStore

E = TypeVar("E")
Answer = Callable[["ScriptedLink", Submission], Outcome]


class RealClock:
    """contract.Clock by the operating system."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()


def number(index: int) -> str:
    """A number of the drama range."""
    return f"+447700{900_000 + index}"


@dataclass
class ScriptedDriver:
    """`answer` decides each outcome; `on_air` is what really went out; `sims` the SIM at each opening."""

    name: str = "fake"
    summary: str = "does as the test says"
    answer: Answer | None = None
    sims: list[str] = field(default_factory=lambda: ["8944000000000000017"])
    registration: Registration = Registration.HOME
    reports: bool = True
    virtual: bool = True
    on_air: list[tuple[str, str, int]] = field(default_factory=list)
    committed: list[int] = field(default_factory=list)
    opened: int = 0
    count: int | None = None
    register: int | None = None
    options: list[OpenOptions] = field(default_factory=list)
    links: list[ScriptedLink] = field(default_factory=list)
    bring_up: Callable[[int], None] = lambda _opened: None
    wire: Callable[[Submission], str] = lambda submission: f"{submission.destination} part {submission.seq}"

    def discover(self) -> Sequence[Endpoint]:
        return ()

    def endpoint(self, address: str) -> Endpoint:
        return Endpoint("fake", address, virtual=self.virtual)

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        raise NotImplementedError

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        self.opened += 1
        self.options.append(options)
        link = ScriptedLink(self, endpoint, sink)
        self.links.append(link)
        return link


class ScriptedLink:
    def __init__(self, driver: ScriptedDriver, endpoint: Endpoint, sink: Sink) -> None:
        self.driver, self.endpoint, self.sink = driver, endpoint, sink
        self.reference = 0
        self.heard: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self.hang: threading.Event | None = None
        self.commit: Callable[[], None] = lambda: None

    def bring_up(self) -> Facts:
        driver = self.driver
        driver.bring_up(driver.opened)
        iccid = driver.sims[min(driver.opened, len(driver.sims)) - 1]
        return Facts(
            Device("fake", self.endpoint.address, imei="350000000000001", virtual=driver.virtual),
            Sim(iccid=iccid),
            registration=driver.registration,
            reports=driver.reports,
        )

    def raw(self, submission: Submission) -> str:
        """What the driver's `wire` makes of it."""
        return self.driver.wire(submission)

    def submit(self, submission: Submission, commit: Callable[[str], None]) -> Outcome:
        raw = self.driver.wire(submission)
        self.commit = lambda: commit(raw)
        if self.driver.answer is not None:
            return self.driver.answer(self, submission)
        return self.accept(submission)

    def accept(self, submission: Submission, *, status: int | None = 0) -> Outcome:
        """Commit, go on air, be accepted, and be reported with `status`."""
        self.go(submission)
        self.reference = (self.reference + 1) % 256
        reference = self.reference
        if status is not None:
            report = Report(reference, submission.destination, status, raw=f"{time.monotonic_ns():X}")
            self.heard.put(lambda: self.sink.report(report))
        return Outcome(OutcomeKind.ACCEPTED, reference=reference)

    def go(self, submission: Submission) -> None:
        """Commit and go on air."""
        self.commit()
        self.driver.on_air.append((submission.destination, submission.segment.text, submission.seq))

    def listen(self, timeout_s: float) -> None:
        if self.hang is not None:
            self.hang.wait(30.0)
            self.hang = None
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                item = self.heard.get(timeout=left_s)
            except queue.Empty:
                return
            if item is None:
                return
            item()

    def counter(self) -> int | None:
        """The SIM's count, if the driver keeps one."""
        return self.driver.count

    def mark(self) -> int | None:
        """What the driver's device keeps until a test says that it restarts."""
        return self.driver.register

    def set_mark(self, mark: int) -> bool:
        """Keep it, unless the device cannot (None)."""
        if self.driver.register is not None:
            self.driver.register = mark
        return self.driver.register is not None

    def wake(self) -> None:
        self.heard.put(None)

    def close(self) -> None:
        return


@dataclass
class Desk:
    """One operation: its store, its driver, and what the run told."""

    folder: Path
    driver: ScriptedDriver = field(default_factory=ScriptedDriver)
    events: list[Event] = field(default_factory=list)
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        retry = Retry(
            soon_first_s=0.01, soon_longest_s=0.02, soon_tries=3, later_first_s=0.01, later_longest_s=0.02
        )
        self.settings = Settings(self.folder, "test", lab=True, retry=retry, pace=Pace(), transcripts=False)
        self.store = SqlStore(self.settings.store_path, EngineRules())
        self.imports = 0

    def fill(self, count: int, text: str = "Help is here.") -> None:
        segments = len(split(text).segments)
        self.imports += 1
        rows = [NewMessage(number(index), text, index + 1, segments) for index in range(count)]
        self.store.add(ImportSource("list.csv", f"digest{self.imports}", "campaign", time.time()), rows)

    def execute(
        self,
        *ports: str,
        wait_reports_s: float = 5.0,
        during: Callable[[Run], None] | None = None,
        clear: Callable[[float], Sequence[str]] | None = None,
    ) -> Finished:
        routes = [(self.driver, self.driver.endpoint(port)) for port in ports or ("fake1",)]
        run = Run(
            self.settings, self.store, RealClock(), routes, publish=self.events.append,
            wait_reports_s=wait_reports_s, stay=False, clear=clear,
        )  # fmt: skip
        if during is not None:
            threading.Thread(target=during, args=(run,), daemon=True).start()
        return run.execute()

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]
