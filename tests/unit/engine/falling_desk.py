"""A run with a line and a fallback, both doing as a test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from gsmsend.config import FallbackTerms, Rule, Settings
from gsmsend.contract import Endpoint, Link, OpenOptions, Sink, Submission, TextBody
from gsmsend.contract.clock import Clock
from gsmsend.engine.events import Finished
from gsmsend.engine.fallwatch import Fallbacks, Plan, Stands
from gsmsend.engine.run import Run
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Refusal, Registration, Report, Sim, State
from gsmsend.testing.scripted import Desk, RealClock, ScriptedDriver, ScriptedLink, number

OTHER = "Example Police writes from another number. Help: example.org/help 0800 000 000 STOP"
WORDING = "ab" * 32
BARRED = Outcome(OutcomeKind.REFUSED, refusal=Refusal.LINE, code=8, why="The operator has barred this SIM.")
TRIAL = 990


def terms(**changes: object) -> FallbackTerms:
    """A fallback that takes over at once."""
    made = FallbackTerms(
        "campaign", "cloud", OTHER, "ExamplePol", number(TRIAL), Decimal("0.03"), Decimal(50), 0.0, frozenset(Rule)
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own words


@dataclass
class LineDriver(ScriptedDriver):
    """A modem that keeps what it heard while its port was closed."""

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        before = self.links[-1] if self.links else None
        self.opened += 1
        link = LineLink(self, endpoint, sink)
        if before is not None:
            link.heard, link.reference = before.heard, before.reference
        self.links.append(link)
        return link


class LineLink(ScriptedLink):
    """Its codes are those of +CMS ERROR."""

    def bring_up(self) -> Facts:
        facts = super().bring_up()
        return replace(facts, device=replace(facts.device, driver="virtual"))


@dataclass
class CloudDriver(ScriptedDriver):
    """An account that takes whole texts and gives handles."""

    name: str = "cloud"
    account: str = "example account"

    def endpoint(self, address: str) -> Endpoint:
        return Endpoint("cloud", address, virtual=True, cloud=True)

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        self.opened += 1
        link = CloudLink(self, endpoint, sink)
        if self.links:
            link.heard = self.links[-1].heard
        self.links.append(link)
        return link


class CloudLink(ScriptedLink):
    driver: CloudDriver

    def bring_up(self) -> Facts:
        self.driver.bring_up(self.driver.opened)
        _, _, name = self.endpoint.address.partition(":")
        account = f"{name} account" if name else self.driver.account
        device = Device("cloud", self.endpoint.address, account=account, virtual=True)
        return Facts(device, Sim(), registration=Registration.UNKNOWN)

    def accept(self, submission: Submission, *, status: int | None = 0) -> Outcome:
        self.go(submission)
        handle = uuid4().hex
        if status is not None:
            report = Report(None, "", status, raw=handle, handle=handle, said="delivered", how="poll")
            self.heard.put(lambda: self.sink.report(report))
        return Outcome(OutcomeKind.ACCEPTED, handle=handle)


@dataclass
class Routes(Desk):
    """A desk with a cloud beside its line. `trial` is what became of the trial text, None for none."""

    driver: ScriptedDriver = field(default_factory=LineDriver)
    cloud: CloudDriver = field(default_factory=CloudDriver)
    terms: FallbackTerms = field(default_factory=terms)
    trial: State | None = State.DELIVERED
    stands: Stands | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.tune()

    def tune(self, **changes: object) -> None:
        """Other settings."""
        more: dict[str, object] = {"fallbacks": {"campaign": self.terms}, **changes}
        self.settings = replace(self.settings, **more)  # type: ignore[arg-type]  # as above

    def try_it(self) -> None:
        """Have the trial text of another campaign be what it is said to be."""
        if self.trial is None:
            return
        from gsmsend.contract import ImportSource, NewMessage

        rows = [NewMessage(number(TRIAL), OTHER, 1, 1)]
        name = "campaign trial"
        found = self.store.add(ImportSource("trial", "trial", name, time.time(), line="fallback cloud"), rows)
        assert found.first_id is not None
        self.store.keep_trial("campaign", WORDING, found.first_id, "a.person", time.time())
        line = self.store.line(Sim(), Device("cloud", "cloud", account="example account"), time.time(), cloud=True)
        self.store.line_found("fallback cloud", line.line_id)
        if self.trial is State.DELIVERED:
            from gsmsend.testing import store_desk

            (message,) = self.store.claim(line.line_id, 1, time.time(), bound_only=True).result()
            store_desk.Desk(self.store).send(line, message, 1)
            report = store_desk.report(1, number(TRIAL))
            self.store.record_report(line.line_id, report, time.time()).result()

    def go(
        self, *ports: str, wait_reports_s: float = 5.0, during: Callable[[Run], None] | None = None,
        others: Settings | None = None, accounts: tuple[str, ...] = ("cloud",),
    ) -> Finished:  # fmt: skip
        """A run over the line and the cloud."""
        routes = [(self.driver, self.driver.endpoint(port)) for port in ports or ("fake1",)]
        routes += [(self.cloud, self.cloud.endpoint(account)) for account in accounts]
        plan = Plan(self.terms, TextBody(self.terms.text, 1), WORDING)
        run = Run(
            others or self.settings, self.store, RealClock(), routes, publish=self.events.append,
            wait_reports_s=wait_reports_s, stay=False, fallbacks=Fallbacks((plan,), self.stands),
        )  # fmt: skip
        if during is not None:
            threading.Thread(target=during, args=(run,), daemon=True).start()
        return run.execute()

    def reached(self) -> dict[str, list[str]]:
        """Whom the line and the cloud texted."""
        return {
            "line": [to for to, _, _ in self.driver.on_air], "cloud": [to for to, _, _ in self.cloud.on_air],
        }  # fmt: skip


def desk(folder: Path, **changes: object) -> Routes:
    """A desk with these."""
    return Routes(folder, **changes)  # type: ignore[arg-type]  # as above
