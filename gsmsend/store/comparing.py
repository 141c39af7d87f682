"""The tables held against the audit log: whoever can write to the store's file can change either, not both alike.

One pass over the log, row by row, then one over each table. The chain itself is checked by store/verifying.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.audit.checking import MOST_FINDINGS, Finding
from gsmsend.errors import StoreError
from gsmsend.store import told_campaigns, told_fall, told_officers, told_people, told_sending, told_texts
from gsmsend.store.base import Reader
from gsmsend.store.journal import label
from gsmsend.store.schema import audit
from gsmsend.store.seals import Seals
from gsmsend.store.told_campaigns import ToldCampaigns
from gsmsend.store.told_fall import ToldFallbacks
from gsmsend.store.told_officers import ToldOfficers
from gsmsend.store.told_people import ToldPeople
from gsmsend.store.told_sending import ToldSending
from gsmsend.store.told_texts import ToldTexts

_PAGE = 1000
_MEANS = "the store was changed by something else than gsmsend, or a part of it was put back from an older copy"


class Comparing(Reader):
    """contract.heads.HeadView.differences."""

    def differences(self) -> tuple[Finding, ...]:
        """Where the tables do not hold what the log tells; sealed values too if the operation's key is here."""
        with self._reading() as connection:
            try:
                open_here = self._key.open(needed=False)
            except StoreError:
                open_here = False
            return tuple(differences(connection, self._seals if open_here else None))


def differences(connection: sa.Connection, seals: Seals | None) -> list[Finding]:
    """Where the tables do not hold what the log tells, the first few. `seals` None: the key is not open."""
    found: list[Finding] = []
    for n, words in _differences(connection, seals):
        found.append(Finding(n, words, _MEANS))
        if len(found) == MOST_FINDINGS:
            break
    return found


def _differences(connection: sa.Connection, seals: Seals | None) -> Iterator[tuple[int | None, str]]:
    told = _Told(connection, seals if seals is not None and _usable(connection, seals) else None)
    for made, row in entries(connection):
        try:
            told.take(made, row)
        except (KeyError, TypeError, ValueError, AttributeError):
            yield made["n"], f"entry {made['n']} has not the facts that an entry of its kind has"
    for words in told.differences():
        yield None, words


class _Told:
    """All that the log tells, each table's share apart."""

    def __init__(self, connection: sa.Connection, seals: Seals | None) -> None:
        self._connection = connection
        self._seals = seals
        self._before: dict[str, int] = {}
        self._officers, self._sending, self._campaigns = ToldOfficers(), ToldSending(), ToldCampaigns()
        self._people = ToldPeople(None if seals is None else lambda number: seals.person(connection, number))
        self._texts, self._fallbacks = ToldTexts(), ToldFallbacks()

    def take(self, made: Mapping[str, Any], row: Any) -> None:
        kind = made["kind"]
        self._campaigns.anything(made)
        if kind == Kind.OPERATION:
            before = made["data"].get("before") or {}
            self._before = {str(name): int(count) for name, count in before.items()}
        if kind in told_officers.KINDS:
            self._officers.take(made)
        elif kind in told_sending.KINDS:
            self._sending.take(made)
        elif kind in told_people.KINDS:
            self._people.take(made, (self._opened(row) or {}).get("numbers"))
        if kind in told_campaigns.KINDS:
            self._campaigns.take(made)
        if kind in told_fall.KINDS:
            self._fallbacks.take(made)
        if kind in told_texts.KINDS:
            hidden = self._opened(row)
            if hidden is not None:
                self._texts.take(made, hidden)

    def differences(self) -> Iterator[str]:
        yield from self._officers.differences(self._connection)
        yield from self._people.differences(self._connection)
        yield from self._campaigns.differences(self._connection)
        yield from self._sending.differences(self._connection, self._before)
        yield from self._fallbacks.differences(self._connection)
        if self._seals is not None:
            yield from self._texts.differences(self._connection, self._seals)

    def _opened(self, row: Any) -> dict[str, Any] | None:
        if self._seals is None or row.secrets is None:
            return None
        return opened(self._connection, self._seals, row)


def _usable(connection: sa.Connection, seals: Seals) -> bool:
    """Whether this store's own key is there: a hash by any other says nothing."""
    try:
        return seals.unlock(connection)
    except StoreError:
        return False


def entries(connection: sa.Connection, after: int = 0) -> Iterator[tuple[dict[str, Any], Any]]:
    """The log's entries after one, with the row of each; what cannot be read is left to store/verifying.py."""
    query = (
        sa.select(audit.c.n, audit.c.line, audit.c.campaign_id, audit.c.secrets).order_by(audit.c.n).limit(_PAGE)
    )
    while page := connection.execute(query.where(audit.c.n > after)).all():
        for row in page:
            made = read(row.line)
            if made is not None:
                yield made, row
        after = page[-1].n


def read(line: object) -> dict[str, Any] | None:
    """An entry as it stands in its line; None if there is none in it."""
    try:
        made = json.loads(str(line))
    except (ValueError, RecursionError):
        return None
    if not isinstance(made, dict) or not isinstance(made.get("data"), dict):
        return None
    whole = {"n": int, "kind": str, "at": str}
    return made if all(type(made.get(name)) is form for name, form in whole.items()) else None


def opened(connection: sa.Connection, seals: Seals, row: Any) -> dict[str, Any] | None:
    """What an entry sealed, by name; None if it is forgotten, or cannot be opened (store/verifying.py says so)."""
    try:
        found = json.loads(seals.open(connection, row.campaign_id, label(row.n), bytes(row.secrets)))
        return {name: value for name, (_, value) in found.items()}
    except (StoreError, TypeError, ValueError, AttributeError):
        return None
