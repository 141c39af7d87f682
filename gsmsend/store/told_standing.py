"""Officers, approvals, who must not be texted, fallbacks' trials: tables held against the log before a run sends.

Whoever can write to the store's file can add an officer, or take a person off the list; the log's entries need the
operation's key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.store import tail, told_officers, told_people
from gsmsend.store.base import Reader
from gsmsend.store.comparing import opened, read
from gsmsend.store.key import OperationKey
from gsmsend.store.macs import Macs, marked
from gsmsend.store.schema import audit
from gsmsend.store.seals import Seals
from gsmsend.store.told_accepted import ToldAccepted
from gsmsend.store.told_campaigns import ACCEPTED
from gsmsend.store.told_fall import TRIAL, ToldTrials
from gsmsend.store.told_officers import ToldOfficers
from gsmsend.store.told_people import ToldPeople

_FEW = 20_000
"""Entries that a run's start checks one by one, a tenth of a second; of more, those that are looked for here."""
_WANTED = (
    '"kind":"officer', '"kind":"approv', '"kind":"suppress', f'"kind":"{Kind.OPERATION}"', f'"what":"{TRIAL}"',
    f'"what":"{ACCEPTED}',
)  # fmt: skip
_NEWEST = sa.select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1)


class StandingViews(Reader):
    """contract.ApprovalsView.not_as_logged."""

    _told: _Told | None = None

    def not_as_logged(self) -> tuple[str, ...]:
        """What the tables have otherwise; only new entries are read. Raises LogStop, KeyStop."""
        with self._reading() as connection:
            if self._told is None:
                self._told = _Told(self._key, self._seals)
            try:
                return self._told.differences(connection)
            except BaseException:
                self._told = None  # half of the entries were taken
                raise


class _Told:
    def __init__(self, key: OperationKey, seals: Seals) -> None:
        self._key = key
        self._seals = seals
        self._at = tail.BEGIN
        self._officers = ToldOfficers()
        self._people = ToldPeople()
        self._trials = ToldTrials()
        self._accepted = ToldAccepted()

    def differences(self, connection: sa.Connection) -> tuple[str, ...]:
        newest = connection.execute(_NEWEST).first()
        if newest is None and marked(connection, Macs(self._key) if self._key.open(needed=False) else None):
            return ()  # of an earlier version, and nothing was entered yet: its approvals are void
        if newest is not None and tuple(newest) != self._at:
            self._key.open(needed=True)
            self._seals.unlock(connection)
            self._people.person = lambda number: self._seals.person(connection, number)
            try:
                for row in self._since(connection, newest.n):
                    self._take(connection, row)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise tail.forged(
                    "an entry of officers, approvals, trials, acceptances or lists has not the facts of its kind"
                ) from None
            self._at = (newest.n, newest.hash)
        return (
            *self._officers.differences(connection),
            *self._people.differences(connection),
            *self._trials.differences(connection),
            *self._accepted.differences(connection),
        )

    def _since(self, connection: sa.Connection, newest: int) -> Iterator[Any]:
        macs = Macs(self._key)
        if newest - self._at[0] <= _FEW:
            yield from tail.sound(connection, macs, self._at)
            return
        named = sa.or_(*(sa.func.instr(audit.c.line, words) > 0 for words in _WANTED))
        for row in connection.execute(
            sa.select(audit).where(audit.c.n > self._at[0], audit.c.n <= newest, named).order_by(audit.c.n)
        ):
            if not macs.fits(row.mac, row.campaign_id, row.line):
                raise tail.forged(f"entry {row.n} was not written with the operation's key, or was changed")
            yield row

    def _take(self, connection: sa.Connection, row: Any) -> None:
        if not any(words in row.line for words in _WANTED):
            return
        made = read(row.line)
        if made is None or made["n"] != row.n:
            raise tail.forged(f"entry {row.n} was changed")
        if made["kind"] in told_officers.KINDS:
            self._officers.take(made)
        elif made["kind"] in told_people.KINDS:
            hidden = opened(connection, self._seals, row) if row.secrets is not None else None
            self._people.take(made, (hidden or {}).get("numbers"))
        elif made["kind"] == Kind.NOTE:
            self._trials.take(made)
            self._accepted.take(made)
