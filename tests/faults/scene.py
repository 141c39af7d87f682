"""One case: an operation, a bench, the runs on it, and what is held against each other at the end."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gsmsend import config
from gsmsend.contract import InboundRow, MessageRow
from gsmsend.wiring.opening import open_store  # as it is now: tests beside this one put others into wiring
from tests.crash import log
from tests.faults import judge, told
from tests.faults.far_side import PATIENCE_S, ROOT, FarSide, environment
from tests.faults.near_side import NearSide, command_of
from tests.faults.page import ROWS
from tests.faults.slowness import slow_now, slowness, yardstick

SETTINGS: dict[str, dict[str, object]] = {
    "modems": {"listen_first_seconds": 1},
    "retry": {
        "soon_first_seconds": 0.2, "soon_longest_seconds": 0.5, "soon_tries": 3,
        "later_first_seconds": 0.4, "later_longest_seconds": 0.8, "later_tries": 3,
    },
    "driver.atmodem": {"submit_timeout_s": 1.5, "prompt_timeout_s": 1, "late_listen_s": 2},
}  # fmt: skip
"""A case takes seconds where the real waits are minutes."""
OFFICERS: dict[str, dict[str, object]] = {
    "approval": {"officers": 1, "independent": False},
    "window": {
        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00", "holidays": "",
    },
    "wording": {"link": False, "phone": False, "opt_out": []},
    "pace": {"per_minute": 0, "per_hour": 0, "per_day": 0},
}  # fmt: skip
"""Where it is no lab: sent at any hour, once one officer has approved it."""
SEED = 20260701
ALL_COME_S = 4.0
"""A case in which some reports never come waits for less than this, and to the end."""
LONGEST_WAIT_S = PATIENCE_S / 2
"""No wait for reports is made longer, lest a run does not end in time."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a case is remembered by: how long the line took to send again, and what the user was told."""

    recovery_s: float | None
    words: str


class Scene:
    """What a case plays with."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        self.place = folder / "op"
        self.runs: list[NearSide] = []
        self.recipients = 0
        self.recovery_s: float | None = None
        self.shown: list[str] = []
        self._far: FarSide | None = None

    # -- setting the scene --------------------------------------------------------------------------------

    @property
    def far(self) -> FarSide:
        """The bench."""
        assert self._far is not None, "no bench was started"
        return self._far

    def bench(
        self, *faults: str, modems: int = 1, radio_s: float = 0.05, report_s: float = 0.1,
        redelivery_s: float = 0.3, personality: Sequence[str] = (), options: Sequence[str] = (),
    ) -> FarSide:  # fmt: skip
        """Start the bench with these faults on."""
        words = ["--radio", str(radio_s), "--report-delay", str(report_s), "--redelivery", str(redelivery_s)]
        words += ["--seed", str(self.seed), *options]
        words += [word for name in personality for word in ("--personality", name)]
        words += [word for fault in faults for word in ("--fault", fault)]
        self._far = FarSide(self.folder, modems, words)
        return self._far

    def operation(
        self,
        more: Mapping[str, dict[str, object]] | None = None,
        *,
        lab: bool = True,
        **changes: dict[str, object],
    ) -> None:
        """Make the operation, as `gsmsend init` does, with short waits and a case's own tables of gsmsend.toml."""
        self.place.mkdir(mode=0o700)
        text = config.template(lab=lab)
        changes = changes if lab else {**OFFICERS, **changes}
        tables = {name: {**SETTINGS.get(name, {}), **changes.get(name.replace(".", "_"), {})} for name in SETTINGS}
        tables |= {name: table for name, table in changes.items() if name.replace("_", ".") not in SETTINGS}
        tables |= more or {}
        (self.place / config.FILE).write_text(settings_text(text, tables), encoding="utf-8")

    def people(self, count: int, text: str = "Help is here.", *, first: int = 0, name: str = "people.csv") -> Path:
        """A list of so many people of the drama range, a text each."""
        assert first + count <= 900, (
            "numbers of the drama range end at 07700 900999; from 900900 on the bench has them"
        )
        rows = [f'07700{900_000 + index},"{text}"' for index in range(first, first + count)]
        (self.folder / name).write_text("\n".join(["number,text", *rows]) + "\n", encoding="utf-8")
        self.recipients += count
        return self.folder / name

    def approve(self) -> None:
        """Bring in the lists and have an officer approve them, as outside a lab nothing is sent otherwise."""
        where = ("--operation", str(self.place))
        secret, key = self.folder / "passphrase", self.folder / "officer.key"
        if not secret.exists():
            secret.write_text("four words make one\n", encoding="utf-8")
            secret.chmod(0o600)
            made = ("--key", str(key), "--passphrase-file", str(secret))
            assert self.command("officer", "add", "A. Officer", *made, *where) == 0
        for file in sorted(self.folder.glob("people*.csv")):
            assert self.command("import", str(file), *where) == 0
        signed = ("--officer", "A. Officer", "--key", str(key), "--passphrase-file", str(secret))
        assert self.command("approve", *signed, *where) == 0

    # -- running ------------------------------------------------------------------------------------------

    def words(
        self, *more: str, wait_reports_s: float = ALL_COME_S, ports: Sequence[str] | None = None
    ) -> list[str]:
        """The command line of the run. It waits longer for reports while the machine is slow, where all come."""
        if ALL_COME_S <= wait_reports_s < LONGEST_WAIT_S:
            wait_reports_s = round(min(LONGEST_WAIT_S, wait_reports_s * slow_now()), 1)
        flags = [word for port in (self.far.ports if ports is None else ports) for word in ("--port", port)]
        people = [word for file in sorted(self.folder.glob("people*.csv")) for word in ("--to", str(file))]
        return [
            "run", "--operation", str(self.place), *flags, *people, "--json",
            "--wait-reports", str(wait_reports_s), *more,
        ]  # fmt: skip

    def run(
        self, *more: str, wait_reports_s: float = ALL_COME_S, ports: Sequence[str] | None = None, **wishes: Any
    ) -> NearSide:
        """Start `gsmsend run`; with wishes, by the launcher."""
        if not self.place.exists():
            self.operation()
        words = self.words(*more, wait_reports_s=wait_reports_s, ports=ports)
        run = NearSide(command_of(wishes, words))
        self.runs.append(run)
        return run

    def command(self, *words: str) -> int:
        """Another command of gsmsend, to its end; its exit code. What it says counts as said."""
        run = NearSide(command_of({}, words))
        self.runs.append(run)
        return run.finish()

    def status_of(self, name: str = "sim-000010") -> dict[str, Any]:
        """What `gsmsend status --json` says of a line, from another process, now."""
        command = command_of({}, ["status", "--json", "--operation", str(self.place)])
        said = subprocess.run(
            command, capture_output=True, text=True, env=environment(), cwd=ROOT, check=True
        ).stdout
        found: dict[str, Any] = next(line for line in json.loads(said)["lines"] if line["name"] == name)
        return found

    # -- judging ------------------------------------------------------------------------------------------

    def messages(self) -> list[MessageRow]:
        """What the store says of every recipient."""
        store = open_store(config.load(self.place))
        try:
            return list(store.messages())
        finally:
            store.close()

    def inbox(self) -> list[InboundRow]:
        """What came in."""
        store = open_store(config.load(self.place))
        try:
            return store.inbox()
        finally:
            store.close()

    def ends(
        self, code: int | set[int], totals: dict[str, int] | None = None, run: NearSide | None = None
    ) -> None:
        """The run ends so; bench and store agree; every word was plain English."""
        run = run or self.runs[-1]
        got = run.finish()
        codes = {code} if isinstance(code, int) else code
        last = run.finished
        assert got == last["exit"], f"exit code {got}, and its last object says {last['exit']}"
        assert got in codes, f"exit code {got} ({last['why']}), expected {codes}; stderr: {run.stderr[:500]}"
        if got in (1, 5, 6):
            told.check_remedy(run)
        counts = {state: count for state, count in last["totals"].items() if count}
        if totals is not None:
            assert counts == totals, f"ended with {counts} ({last['why']}), expected {totals}"
        self.agree()
        assert counts == judge.totals_of(self.messages()), f"its last object says {counts}"

    def agree(self) -> None:
        """Bench and store agree about every recipient, and every word was plain English."""
        judge.check(self.far.events(), self.messages(), self.recipients)
        faults = list(log.faults(self.place))
        assert not faults, f"the audit log and the tables do not agree: {faults}"
        for run in self.runs:
            told.check_plain(told.words_of(run))
            for event in run.events:
                assert not told.numbers_in(event), f"a recipient's number in full: {event['event']}"

    def told(self, *keys: str) -> None:
        """The user was told so, in the words that docs/faults.md has under these keys."""
        words = [sentence for run in self.runs for sentence in told.words_of(run)]
        for key in keys:
            found = told.find(ROWS[key].see, words)
            assert found is not None, f"nobody was told {ROWS[key].see!r}; what was said: {words}"
            self.shown.append(found)

    def mono_of(self, kind: str, place: int = 0, **having: Any) -> float:
        """When an event happened, on the bench's clock."""
        found = [event for event in self.far.events(kind) if having.items() <= event.items()]
        assert len(found) > place, f"{kind} {having} did not happen"
        return float(found[place]["mono"])

    def recovers(self, within_s: float, *, modem: int = 1, since: float | None = None) -> None:
        """The line sends again, soon enough after the fault; the limit is that of a quiet machine."""
        begun = self.mono_of("fault", modem=modem) if since is None else since
        self.recovery_s = judge.recovery_s(self.far.events(), begun, modem)
        assert self.recovery_s is not None, "the line never sent again"
        self.soon("the line sent again", begun, begun + self.recovery_s, within_s)

    def never_waits(self, modem: int, most_s: float = 1.0, *, spare: int = 0) -> None:
        """That modem was never without work for longer: nobody else's trouble delayed it.

        The last `spare` texts do not count: the line in trouble may hold them.
        """
        for ended, begun in judge.gaps(self.far.events(), modem, self.recipients - spare):
            self.soon(f"modem {modem} had its next text", ended, begun, most_s)

    def soon(self, what: str, begun: float, ended: float, most_s: float) -> None:
        """What took from one moment to the other took no longer than it may, on a machine as slow as it was."""
        took_s = ended - begun
        if took_s > most_s:
            slow = slowness(begun, ended)
            assert took_s <= most_s * slow, (
                f"{what} after {took_s:.2f} s; expected {most_s:g} s, and the machine was {slow:.1f} times slower "
                "than a quiet one"
            )

    def keep(self, folder: Path) -> None:
        """Keep bench log, transcripts, store and what the runs said, for a person to look at."""
        self.end_runs()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("control", "ports", "disk"))
        for number, run in enumerate(self.runs, 1):
            lines = [json.dumps(event) for event in run.events]
            (folder / f"run{number}.jsonl").write_text("\n".join([*lines, run.stderr]), encoding="utf-8")

    def end_runs(self) -> None:
        """End what still runs."""
        for run in self.runs:
            run.kill()

    def close(self) -> None:
        """End everything."""
        self.end_runs()
        if self._far is not None:
            self._far.stop()


@contextmanager
def scene(seed: int = SEED) -> Iterator[Scene]:
    """A scene in a folder of its own, whose name is short enough for a socket."""
    yardstick()  # it begins to measure
    folder = Path(tempfile.mkdtemp(prefix="gf-"))
    made = Scene(folder, seed)
    try:
        yield made
    finally:
        try:
            made.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def settings_text(template: str, tables: dict[str, dict[str, object]]) -> str:
    """The template with these values: each replaced where it stands, or added to its table."""
    lines = template.splitlines()
    for name, values in tables.items():
        header = f"[{name}]"
        if header not in lines:
            lines += ["", header]
        for key, value in values.items():
            shown = str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
            begin = lines.index(header)
            end = next((at for at in range(begin + 1, len(lines)) if lines[at].startswith("[")), len(lines))
            here = next((at for at in range(begin + 1, end) if lines[at].startswith(f"{key} =")), None)
            if here is None:
                lines.insert(begin + 1, f"{key} = {shown}")
            else:
                lines[here] = f"{key} = {shown}"
    return "\n".join(lines) + "\n"
