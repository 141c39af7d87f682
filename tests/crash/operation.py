"""One operation under kills: the same command again and again until nothing is left, then the judgement."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash import judge, log, near_side
from tests.crash.far_side import PYTHON, ROOT, FarSide, environment, far_side
from tests.crash.judge import Expectation, Problem, Wrong
from tests.crash.launcher import EXIT_GONE
from tests.crash.points import RANDOM, Deck, Plan, Reach
from tests.crash.weather import Weather

WAIT_REPORTS_S = 2.5
END_S = 90.0
LAST_RUNS = 2
_CONFIG = """\
[operation]
lab = true
[modems]
listen_first_seconds = {listen_s}
[retry]
soon_first_seconds = 0.2
soon_longest_seconds = 1
soon_tries = 20
later_first_seconds = 0.2
later_longest_seconds = 1
later_tries = 20
"""


class HarnessBroken(Exception):
    """The harness cannot do its work: nothing was shown about gsmsend."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: where it was meant, and where it fell."""

    plan: Plan
    reached: bool
    took_s: float
    cut_off: int

    @property
    def where(self) -> str:
        """The point; a random moment if the run never came to it."""
        return self.plan.name if self.reached else RANDOM


@dataclass(slots=True)
class Verdict:
    """What one operation showed. `needed_person` counts the parts that only a person could settle."""

    number: int
    weather: Weather
    kills: list[Kill] = field(default_factory=list)
    runs: int = 0
    seconds: float = 0.0
    recipients: int = 0
    parts: int = 0
    problems: list[Problem] = field(default_factory=list)
    made: int = 0
    settled: dict[str, int] = field(default_factory=dict)
    needed_person: int = 0


@dataclass(slots=True)
class Operation:
    """One campaign, one bench, many kills. `folder` is fresh."""

    number: int
    weather: Weather
    folder: Path
    dice: random.Random
    verdict: Verdict = field(init=False)
    cut_off: set[int] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.verdict = Verdict(self.number, self.weather)

    def judge(self, deck: Deck, kills: int) -> Verdict:
        """Kill so many times, at most; run to the end; say what it showed. Raises HarnessBroken."""
        began_s, verdict = time.monotonic(), self.verdict
        place = self.folder / "op"
        place.mkdir()
        (place / "gsmsend.toml").write_text(_CONFIG.format(listen_s=self.weather.listen_s), encoding="utf-8")
        self.texts = self.weather.people(self.folder / "people.csv", self.dice)
        verdict.recipients = len(self.texts)
        with far_side(self.folder, self.weather.modems, self.weather.bench_options(self.dice)) as far:
            deck.new_operation()
            while len(verdict.kills) < kills and not verdict.problems:
                if not self._kill(far, deck.deal(self._reach(kills))) or not self._look(far):
                    break
            self._last_runs(far)
            self._sum_up(far)
            if verdict.needed_person and self.weather.person and not verdict.problems:
                self._person(far)
        verdict.seconds = time.monotonic() - began_s
        return verdict

    def _reach(self, kills: int) -> Reach:
        """What is left to send is shared out over the kills that are left."""
        weather, left = self.weather, near_side.account(self.folder / "op").parts_left or len(self.texts)
        share = left // max(1, kills - len(self.verdict.kills))
        return Reach(
            weather.modems, share, weather.radio_s, weather.listen_s, weather.slow, weather.stored,
            weather.acknowledged,
        )  # fmt: skip

    # -- runs ----------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _run(
        self, far: FarSide, plan: Plan | None = None, *, wait_s: float = WAIT_REPORTS_S
    ) -> Iterator[subprocess.Popen[str]]:
        """`gsmsend run`, always by the same command."""
        self.verdict.runs += 1
        command = [
            *PYTHON, "tests.crash.launcher", "run", "--operation", str(self.folder / "op"), "--to",
            str(self.folder / "people.csv"), "--json", "--wait-reports", str(wait_s),
            *(word for port in far.ports for word in ("--port", port)),
        ]  # fmt: skip
        point = {} if plan is None or plan.name == RANDOM else {
            "CRASH_POINT": plan.name, "CRASH_PASSAGE": str(plan.passage), "CRASH_DELAY_S": str(plan.delay_s),
        }  # fmt: skip
        out = self.folder / f"run-{self.verdict.runs:03d}.jsonl"
        with (
            out.open("w", encoding="utf-8") as sink,
            subprocess.Popen(
                command, stdout=sink, stderr=sink, text=True, env=environment(**point), cwd=ROOT
            ) as child,
        ):
            try:
                yield child
            finally:
                if child.poll() is None:
                    child.kill()
        self._started_right(out)

    def _kill(self, far: FarSide, plan: Plan) -> bool:
        """Run and kill; whether there is more to come: False once a run has come to its end by itself."""
        began_s = time.monotonic()
        with self._run(far, plan) as child:
            try:
                code = child.wait(plan.patience_s)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                code = None
        if code is not None and code != -9:
            self._ended_right(code)
            return False
        store = near_side.account(self.folder / "op")
        took_s = time.monotonic() - began_s
        self.verdict.kills.append(Kill(plan, code is not None or plan.name == RANDOM, took_s, len(store.cut_off)))
        self.cut_off |= {attempt for attempt, _ in store.cut_off}
        return True

    def _ended_right(self, code: int) -> None:
        if code == EXIT_GONE:
            raise HarnessBroken(self._last_words())
        if code not in {0, 4}:
            self._problem(Wrong.STATE, f"run {self.verdict.runs} ended with {code}: {self._last_words()}")

    def _last_words(self) -> str:
        lines = (self.folder / f"run-{self.verdict.runs:03d}.jsonl").read_text(encoding="utf-8").splitlines()
        return lines[-1] if lines else "nothing was printed"

    def _last_runs(self, far: FarSide) -> None:
        """With no more kills, until nothing is left; once more while something is uncertain: it may settle yet."""
        for _ in range(LAST_RUNS):
            with self._run(far) as child:
                try:
                    self._ended_right(child.wait(END_S))
                except subprocess.TimeoutExpired:
                    self._problem(Wrong.STATE, f"run {self.verdict.runs} has not ended after {END_S:.0f} s")
            if not near_side.account(self.folder / "op").states.get("uncertain"):
                return

    # -- what must be so -------------------------------------------------------------------------------------

    def _problem(self, what: Wrong, words: str) -> None:
        self.verdict.problems.append(Problem(what, words))

    def _started_right(self, out: Path) -> None:
        """The totals that a run gives add up."""
        for line in out.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if event["event"] in {"started", "finished"} and sum(event["totals"].values()) != len(self.texts):
                    self._problem(Wrong.STATE, f"{out.name}: totals do not add up: {event['totals']}")

    def _look(self, far: FarSide) -> bool:
        """After a kill; whether there is something left to send."""
        store, kills = near_side.account(self.folder / "op"), len(self.verdict.kills)
        problems = list(judge.on_the_way(far.record()))
        problems += [Problem(Wrong.STATE, words) for words in log.faults(self.folder / "op")]
        if store.texts not in {0, len(self.texts)}:
            problems.append(Problem(Wrong.LOST, f"after kill {kills} the store has {store.texts} recipients"))
        for line, count in store.in_doubt.items():
            if count > kills:
                words = f"line {line} has made {count} parts uncertain in {kills} kills"
                problems.append(Problem(Wrong.STATE, words))
        self.verdict.problems += problems
        return store.texts == 0 or store.parts_left > 0

    def _messages(self) -> list[dict[str, Any]]:
        return near_side.answers(self.folder / "op", "messages", "--unmask")

    def _sum_up(self, far: FarSide, *, resolved: bool = False) -> None:
        verdict, place = self.verdict, self.folder / "op"
        record, store, messages = far.record(), near_side.account(place), self._messages()
        wanted = Expectation(self.texts, self.weather.reports, resolved, frozenset(self.cut_off))
        verdict.problems += judge.at_the_end(wanted, record, messages, store)
        verdict.problems += [Problem(Wrong.STATE, words) for words in log.faults(place)]
        (status,) = near_side.answers(place, "status")
        if status["recipients"] != len(self.texts) or sum(status["totals"].values()) != len(self.texts):
            self._problem(Wrong.STATE, f"status does not add up: {status['totals']}")
        if resolved:
            return
        verdict.parts = sum(len(message["parts"]) for message in messages)
        verdict.made = len(store.doubted)
        for attempt in store.doubted:
            if attempt.by is None:
                verdict.needed_person += 1
            else:
                verdict.settled[attempt.by] = verdict.settled.get(attempt.by, 0) + 1

    def _person(self, far: FarSide) -> None:
        """A person who knows what happened settles the rest; then everything must have gone out once."""
        record = far.record()
        for message in self._messages():
            if message["state"] == "uncertain":
                near_side.resolve(self.folder / "op", message["id"], as_sent=judge.went_out(record, message))
        with self._run(far, wait_s=1.0) as child:
            self._ended_right(child.wait(END_S))
        self._sum_up(far, resolved=True)
        record = far.record()
        messages = self._messages()
        for message in messages:
            missing = [part["seq"] for part in message["parts"]
                       if not record.accepted.get((message["number"], part["seq"]))]  # fmt: skip
            if missing:
                self._problem(Wrong.LOST, f"message {message['id']}: parts {missing} never went on air")
