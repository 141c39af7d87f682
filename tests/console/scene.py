"""An operation with officers, lines, texts in each state that a page shows, and replies: what tests look at."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gsmsend import config, wiring
from gsmsend.campaign.signing import new_key, public_hex, sign
from gsmsend.cli.init import make
from gsmsend.console.challenge import Approving, read
from gsmsend.contract import AttemptClose, AttemptOpen, ImportSource, NewMessage, Role
from gsmsend.model import Device, Inbound, Outcome, OutcomeKind, Refusal, Report, Sim, State
from gsmsend.store import SqlStore

TEXT = "Example Police: free help at https://example.org/help or 0808 157 0123. Reply STOP to opt out."
OFFICERS = {
    "PC Viewer": (Role.VIEWER, False), "DC Operator": (Role.OPERATOR, False), "DI Approver": (Role.APPROVER, True),
    "DS Second": (Role.APPROVER, False),
}  # fmt: skip
HOSTILE = (
    "<script>document.title='taken'</script><img src=x onerror=alert(1)><b>bold</b>"
    "\u202egnp.exe\u202c \x1b[2J{{7*7}} '\"><a href=javascript:alert(2)>x</a>\nkill him"
)
PEOPLE = 12


def number(index: int) -> str:
    """A number of the range for drama."""
    return f"+447700900{index:03}"


def recipient(message: int) -> str:
    """Whom a text of the campaign `main` is for."""
    return number(message - 1)


@dataclass
class Scene:
    """An operation, and the keys of its officers."""

    folder: Path
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        """The operation's store, as another process has it open."""
        store = wiring.open_store(config.load(self.folder))
        try:
            yield store
        finally:
            store.close()

    def settle(self, old: str, new: str) -> None:
        """Change gsmsend.toml."""
        file = self.folder / config.FILE
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def sign(self, code: str) -> str:
        """What `gsmsend serve sign` prints for this code, with the key of the officer that it names."""
        asked = read(code)
        signed = asked.statement if isinstance(asked, Approving) else asked
        return sign(self.keys[signed.officer], signed)

    def kinds(self) -> list[str]:
        """What the audit log has, in order."""
        with self.store() as store:
            return [kind for _, kind in store.audit_kinds()]

    def last(self, kind: str) -> dict[str, object]:
        """The facts of the newest entry of a kind."""
        with self.store() as store:
            (row,) = store.entries([kind], None, 1)
        facts: dict[str, object] = json.loads(row.line)["data"]
        return facts

    @contextmanager
    def running(self) -> Iterator[None]:
        """As if a run were going on: this process holds the operation."""
        holder = self.folder / "run.holder"
        said = {"pid": os.getpid(), "host": platform.node(), "since": "2026-11-22 10:00:00"}
        holder.write_text(json.dumps(said), encoding="utf-8")
        holder.chmod(0o600)
        try:
            yield
        finally:
            holder.unlink()

    def state_of(self, message: int) -> State:
        """Where a text stands."""
        with self.store() as store:
            (row,) = store.messages(message_id=message, closed=True)
        return row.state


def build(folder: Path, *, lab: bool = False, people: int = PEOPLE, lines: int = 3) -> Scene:
    """A new scene. Of its people 4 were delivered, 2 are uncertain, 1 failed, the rest waits; 3 wrote back."""
    make(folder, lab=lab)
    scene = Scene(folder)
    if not lab:
        scene.settle("names = []", 'names = ["Example Police"]')
    now_s = time.time()
    with scene.store() as store:
        for name, (role, unmask) in OFFICERS.items():
            key = scene.keys[name] = new_key()
            login = name.split()[1].lower()
            store.add_officer(name, public_hex(key), login, "tester", now_s - 500, role, unmask=unmask)
        rows = [NewMessage(number(index), TEXT, index + 1, 1) for index in range(people)]
        store.add(ImportSource("people.csv", "d1", "main", now_s - 400, person="importer", draft=True), rows)
        store.add(
            ImportSource("second.csv", "d2", "second", now_s - 400, person="importer", draft=True),
            [NewMessage(number(500 + index), TEXT, index + 1, 1) for index in range(4)],
        )
        store.release_campaign("main", 0, now_s - 350)
        for index in range(lines):
            iccid = f"894400000000000{index:04}7"
            device = Device("virtual", f"/dev/ttyUSB{index}", imei=f"35000000000{index:04}")
            row = store.line(Sim(iccid=iccid, imsi=f"23430000000{index:04}"), device, now_s - 300)
            store.line_state(row.line_id, "ready", "", -60 - 12 * (index % 5), "Example Mobile")
            scene.lines.append(row.line_id)
        _send(store, scene.lines[0], now_s)
    return scene


def _send(store: SqlStore, line: int, now_s: float) -> None:
    outcomes = [Outcome(OutcomeKind.ACCEPTED, reference=index) for index in range(4)]
    unknown = Outcome(OutcomeKind.UNKNOWN, why="the modem went away after Ctrl-Z")
    outcomes += [unknown, unknown, Outcome(OutcomeKind.REFUSED, code=28, why="the number is not in use")]
    states = [State.SENT] * 4 + [State.UNCERTAIN] * 2 + [State.FAILED]
    claimed = store.claim(line, len(outcomes), now_s - 200).result()
    for at, (message, outcome, state) in enumerate(zip(claimed, outcomes, states, strict=True)):
        at_s = now_s - 50 + at
        opened = store.advance(None, AttemptOpen(message.message_id, 1, line, at_s)).result().attempt_id
        assert opened is not None
        close = AttemptClose(opened, message.message_id, 1, 1, line, outcome, at_s + 0.5, state)
        store.advance(close, None).result()
        if state is State.SENT:
            report = Report(outcome.reference, message.number, 0, raw=f"00{at:02}")
            store.record_report(line, report, at_s + 2).result()
    for at, (sender, text) in enumerate(((0, HOSTILE), (1, "STOP"), (2, "Thank you, I will call."))):
        inbound = Inbound(number(sender), text, now_s - 20 + at, how="CMT")
        store.record_inbound(line, inbound, now_s - 20 + at).result()


def struggle(store: SqlStore, line: int, now_s: float, times: int) -> None:
    """So many texts of a line were refused by its network, and wait to be tried again."""
    busy = Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=38, raw="+CMS ERROR: 38", why="out of order")
    for at in range(times):
        at_s = now_s - 30 + at
        (message,) = store.claim(line, 1, at_s).result()
        opened = store.advance(None, AttemptOpen(message.message_id, 1, line, at_s)).result().attempt_id
        assert opened is not None
        close = AttemptClose(
            opened, message.message_id, 1, 1, line, busy, at_s + 0.5, State.QUEUED, busy.why, at_s, counts=False
        )
        store.advance(close, None).result()


def finish(scene: Scene, message_line: int, now_s: float) -> int:
    """One more text leaves: claimed, accepted, delivered; its id."""
    with scene.store() as store:
        (message,) = store.claim(message_line, 1, now_s).result()
        opened = store.advance(None, AttemptOpen(message.message_id, 1, message_line, now_s)).result().attempt_id
        assert opened is not None
        outcome = Outcome(OutcomeKind.ACCEPTED, reference=99)
        close = AttemptClose(opened, message.message_id, 1, 1, message_line, outcome, now_s, State.SENT)
        store.advance(close, None).result()
        store.record_report(message_line, Report(99, message.number, 0, raw="0099"), now_s).result()
    return message.message_id
