"""What a run puts into the audit log by itself: its start and stop, its lines, and what their SIMs hold.

Nothing of a recipient is in it: identities are those of our own SIMs and devices (docs/audit-log.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass

from gsmsend import transcripts
from gsmsend.audit import Kind, stamp
from gsmsend.clockfacts import ClockWatch
from gsmsend.contract import Countable, LineRow, Link, Places, Recovered, StorageState
from gsmsend.engine.context import RunContext
from gsmsend.errors import GsmsendError
from gsmsend.model import Facts, State

_COUNT_S = 5.0
"""The longest that counting what a SIM and its device hold may keep a line from its texts."""


class RunRecord:
    """The `start` and `stop` of one run. Owned by its coordinator. A stop is on disk when the run has ended."""

    def __init__(self, context: RunContext, clock: ClockWatch | None = None) -> None:
        self._context = context
        self._clock = clock or ClockWatch()
        self._began = (context.clock.now(), context.clock.monotonic())
        self._open = False

    def start(self, recovered: Recovered, totals: dict[State, int]) -> None:
        """The run begins. It is on disk when this returns: what is remembered before the first text has it."""
        self._open = True
        self._began = now_s, _ = self._context.clock.now(), self._context.clock.monotonic()
        data = {
            "clock": self._clock.read().entry(), "recipients": sum(totals.values()), "totals": _said(totals),
            "uncertain": recovered.uncertain, "freed": recovered.freed,
            "devices": sorted(self._context.addresses),
        }  # fmt: skip
        self._context.store.record_now(Kind.START, data, now_s)

    def stop(self, totals: dict[State, int], code: int, why: str) -> None:
        """The run has ended so. Raises StoreError."""
        self._open = False
        now_s, steady_s = self._context.clock.now(), self._context.clock.monotonic()
        ran_s = steady_s - self._began[1]
        data = {
            "clock": self._clock.read().entry(), "ran_ms": round(1000 * ran_s),
            "drift_ms": round(1000 * (now_s - self._began[0] - ran_s)), "totals": _said(totals), "exit": code,
            "why": why, "transcripts": transcripts.sums(self._context.settings),
        }  # fmt: skip
        self._context.store.record_now(Kind.STOP, data, now_s)

    def noted(self, what: str, words: str) -> None:
        """Something happened that nobody decided. Not waited for."""
        _note(self._context, what, words)

    def broken(self, fault: BaseException) -> None:
        """The run was ended by a fault, which is raised next; it goes on record if the store still takes it."""
        if self._open:
            why = fault.words if isinstance(fault, GsmsendError) else type(fault).__name__
            with suppress(Exception):
                self.stop(self._context.store.totals(), getattr(fault, "exit_code", 1), why)


def _said(totals: dict[State, int]) -> dict[str, int]:
    """Totals as the log has states: being sent is no state of its own there."""
    found = {state.value: count for state, count in totals.items() if state is not State.SENDING}
    found[State.QUEUED.value] += totals[State.SENDING]
    return found


@dataclass(frozen=True, slots=True)
class _Identity:
    """All that is told of a line; another `line` entry follows when one of these changes."""

    iccid: str | None
    imsi: str | None
    number: str | None
    imei: str | None
    driver: str
    device: str
    manufacturer: str
    model: str
    revision: str
    profile: str
    usb: str | None
    virtual: bool
    operator: str
    smsc: str
    account: str


class LineRecord:
    """The `line` and `storage` entries of one worker. Used on its thread only."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._told: tuple[int, _Identity] | None = None
        self._counted: set[int] = set()
        self._owed: LineRow | None = None

    def line(self, row: LineRow, facts: Facts) -> None:
        """Put on record who the line and its device are, if that is not what was put there last. Not waited for.

        A line without a network tells no operator: that is no change of it.
        """
        device, sim = facts.device, facts.sim
        before = self._told[1] if self._told is not None and self._told[0] == row.line_id else None
        identity = _Identity(
            sim.iccid, sim.imsi, sim.number, device.imei, device.driver, device.address, device.manufacturer,
            device.model, device.revision, device.profile, device.usb, device.virtual,
            facts.operator or (before.operator if before is not None else ""), facts.smsc,
            "" if sim.known else device.account,
        )  # fmt: skip
        if identity == before:
            return
        self._told = row.line_id, identity
        names = _Identity.__slots__
        said = {name: None if value == "" else value for name, value in zip(names, astuple(identity), strict=True)}
        if not identity.account:
            del said["account"]
        now_s = self._context.clock.now()
        data = {"line": row.line_id, "name": row.name, **said, "read": stamp(now_s)}
        self._context.store.record(Kind.LINE, data, now_s)

    def before(self, row: LineRow, link: Link) -> None:
        """Count what the line's SIM and device hold, once in a run, before its first text.

        Raises LinkLost, GuardStop. Not waited for on disk: the first intent stands behind it.
        """
        if isinstance(link, Countable) and row.line_id not in self._counted:
            state = link.storage(_COUNT_S)
            self._counted.add(row.line_id)
            self._owed = row
            self._storage(row, "before", state)

    def after(self, link: Link) -> None:
        """Count again: the run is over. What cannot be read any more is said so."""
        row = self._owed
        if row is not None and isinstance(link, Countable):
            try:
                state = link.storage(_COUNT_S)
            except GsmsendError as fault:
                state = StorageState(not_read=(f"not read: {fault.words}",))
            self._owed = None
            self._storage(row, "after", state)

    def acted(self, words: str) -> None:
        """Something was done to the device that is no text and no question."""
        _note(self._context, "recovery", words)

    def gone(self, why: str) -> None:
        """The worker ends: if its device was lost before it could be counted again, that is said."""
        row, self._owed = self._owed, None
        if row is not None:
            words = f"not read: {why}" if why else "not read: the device was lost"
            self._storage(row, "after", StorageState(not_read=(words,)))

    def _storage(self, row: LineRow, when: str, state: StorageState) -> None:
        now_s = self._context.clock.now()
        data = {
            "line": row.line_id, "when": when, "read": stamp(now_s), "texts": _listed(state.texts),
            "phonebooks": _listed(state.phonebooks), "counter": state.counter, "found": dict(state.found),
            "now": dict(state.settings), "not_read": list(state.not_read),
        }  # fmt: skip
        self._context.store.record(Kind.STORAGE, data, now_s)


def _note(context: RunContext, what: str, words: str) -> None:
    now_s = context.clock.now()
    context.store.record(Kind.NOTE, {"person": None, "what": what, "reason": words}, now_s)


def _listed(memories: Mapping[str, Places]) -> dict[str, list[int]]:
    return {name: list(places) for name, places in memories.items()}
