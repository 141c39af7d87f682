"""Writing the audit log: entries are collected while a transaction runs and written with it, just before its end.

Whoever changes the store calls `enter` with the connection of its transaction. The chain's last entry is read
within that transaction, so that processes which take turns at one store make one chain; what others wrote since
this one wrote last is checked first (store/tail.py).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind, canonical, commitment, digest, entry, new_salt, spans
from gsmsend.audit.checking import FOUND
from gsmsend.contract import ConfigFacts
from gsmsend.errors import GuardStop
from gsmsend.model import State
from gsmsend.store import tail, told_people, vault
from gsmsend.store.key import OperationKey
from gsmsend.store.macs import Macs, marked, may_lack, unmark
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import attempts, audit, campaigns, inbound, messages, reports
from gsmsend.store.seals import OWN, Seals

FORMAT = 1
"""The version of docs/audit-log.md that these entries follow."""
_SLOT = "gsmsend journal"
HEAD = "gsmsend head"
"""Where a transaction that began with the question for the log's last entry has the answer, None for none."""
_QUEUED = State.QUEUED.value
_LAST = Prepared(sa.select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1))
_LINE = Prepared(sa.select(audit.c.line, audit.c.mac).where(audit.c.n == sa.bindparam("number")))
_ADD = Prepared(
    sa.insert(audit).values(
        n=sa.bindparam("number"), kind=sa.bindparam("what"), campaign_id=sa.bindparam("campaign"),
        line=sa.bindparam("octets"), hash=sa.bindparam("its_hash"), secrets=sa.bindparam("hidden"),
        mac=sa.bindparam("its_mac"),
    )
)  # fmt: skip


Later = Callable[[int, str], Mapping[str, object]]
"""Makes an entry's data of the number and hash of the entry before it, when both are known."""


@dataclass(slots=True)
class _Pending:
    kind: Kind
    at_s: float
    data: Mapping[str, object] | Later
    sealed: Mapping[str, object] | None
    campaign_id: int

    @property
    def keyed(self) -> bool:
        """Whether it cannot be written without the operation's key."""
        return bool(self.sealed) or not may_lack(self.kind, self.data)


class Journal:
    """The log of one open store. Used by the store's writer only, on its thread.

    `about` says who this process is, for the entry that comes before its first other one (Kind.SESSION); `config`
    with which settings, for the one that follows it if they are not those of the session before (Kind.CONFIG).
    """

    def __init__(
        self,
        key: OperationKey,
        seals: Seals,
        about: Callable[[], Mapping[str, object]],
        config: Callable[[], ConfigFacts | None] = lambda: None,
    ) -> None:
        self._key = key
        self._seals = seals
        self._about = about
        self._config = config
        self._pending: list[_Pending] = []
        self._session: int | None = None
        self._session_was: int | None = None
        self._macs: Macs | None = None
        self._known: tail.Position | None = None
        self._known_was: tail.Position | None = None

    def attach(self, connection: sa.Connection) -> None:
        """Let `enter` find this journal by the connection."""
        connection.info[_SLOT] = self
        vault.attach(connection, self._seals)

    def begin(self) -> None:
        """A transaction begins: what an earlier one left that was undone is dropped."""
        self._pending.clear()
        self._session_was = self._session
        self._known_was = self._known

    def undone(self) -> None:
        """The transaction came to nothing, and keys that it made with it."""
        self._pending.clear()
        self._session = self._session_was
        self._known = self._known_was
        self._seals.clear()

    def add(self, pending: _Pending) -> None:
        """An entry for the transaction that is under way."""
        self._pending.append(pending)

    def write(self, connection: sa.Connection) -> None:
        """Write what was entered, chained to the last entry in the store.

        Raises LogStop if entries before it were not written by gsmsend with the operation's key, KeyStop if that
        is needed and cannot be had. What stops sending is written all the same.
        """
        if not self._pending:
            return
        last = _last(connection)
        first: list[_Pending] = []
        if last is None:
            first.append(self._operation(connection))
        number, prev = last or tail.BEGIN
        macs = self._macs
        if macs is None or last != self._known:
            macs = self._authority(connection, last)
        if self._session is None:
            self._session = number + len(first) + 1
            about, at_s = dict(self._about()), self._pending[0].at_s
            first.append(_Pending(Kind.SESSION, at_s, about, None, OWN))
            if macs is not None:
                first += self._settings(connection, number, about.get("config"), at_s)
        if last is None:
            first += self._found(connection)
            unmark(connection)
        rows = []
        for pending in (*first, *self._pending):
            number += 1
            prev, row = self._row(connection, number, prev, pending, macs)
            rows.append(row)
        _ADD.run_all(connection, rows)
        self._pending.clear()
        self._known = (number, prev) if macs is not None else None

    def check(self, connection: sa.Connection) -> None:
        """Check what others wrote since this process did, or since the last signed head. Raises as `write`."""
        last = _last(connection)
        if last is not None and (self._macs is None or last != self._known):
            self._known = self._checked(connection, last)

    def _authority(self, connection: sa.Connection, last: tail.Position | None) -> Macs | None:
        """What makes the entries' codes, once all before them is known to be good; None if they have none."""
        needed = last is None or any(pending.keyed for pending in self._pending)
        if not needed and not self._key.at_hand():
            return None
        try:
            self._checked(connection, last)
        except GuardStop:  # of the key, or of the log: neither may be in the way of a stop
            if needed:
                raise
            return None
        return self._macs

    def _checked(self, connection: sa.Connection, last: tail.Position | None) -> tail.Position | None:
        if self._macs is None:
            self._seals.unlock(connection)
            self._macs = Macs(self._key)
        if last is not None:
            tail.check(connection, self._macs, self._known, last)
        return last

    def root(self, connection: sa.Connection, campaign_id: int) -> int:
        """The campaign itself, or the one whose replies it acknowledges."""
        return self._seals.root(connection, campaign_id)

    def _operation(self, connection: sa.Connection) -> _Pending:
        """The first entry: which operation this is, the key that signs for it, and what was there before the log.

        That is nothing but in a store that an earlier version made.
        """
        from gsmsend.store.heads import public_key  # noqa: PLC0415 - cryptography's signatures, once in a store's life

        if not self._key.open(needed=False):
            self._key.make()
        before = {}
        for table, kind in ((attempts, Kind.ATTEMPT), (reports, Kind.REPORT), (inbound, Kind.INBOUND)):
            count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            before[table.name] = count - sum(pending.kind is kind for pending in self._pending)
        before |= told_people.before(connection, self._pending)
        held = any(before.values()) or connection.execute(sa.select(messages.c.id).limit(1)).first() is not None
        if held and not marked(connection, Macs(self._key)):
            raise tail.forged("it is not there any more, and the store has messages")
        data = {"format": FORMAT, "id": os.urandom(16).hex(), "public_key": public_key(self._key)}
        more = {"before": before} if any(before.values()) else {}
        return _Pending(Kind.OPERATION, self._pending[0].at_s, data | more, None, OWN)

    def _settings(self, connection: sa.Connection, last: int, now: object, at_s: float) -> list[_Pending]:
        """An entry about the settings, if they are others than those of the session that wrote the last entry."""
        was = _config_of_session(connection, last)  # one without the key enters none
        facts = self._config() if now != was else None
        if facts is None:
            return []
        data = {"config": facts.digest, "was": was, "settings": facts.settings}
        return [_Pending(Kind.CONFIG, at_s, data, {"toml": facts.toml}, OWN)]

    def _found(self, connection: sa.Connection) -> list[_Pending]:
        """Messages and officers that were there before the log; what this transaction did to them follows."""
        from gsmsend.store import officers  # noqa: PLC0415 - it enters by this module

        columns = (messages.c.id, messages.c.state, campaigns.c.id, campaigns.c.name, campaigns.c.parent_id)
        of_campaign = campaigns.c.id == messages.c.campaign_id
        query = sa.select(*columns).join(campaigns, of_campaign).order_by(messages.c.id)
        alike: dict[tuple[str, int, str, int | None], list[int]] = {}
        for message_id, state, campaign_id, name, parent_id in connection.execute(query):
            alike.setdefault((said(State(state)), campaign_id, name, parent_id), []).append(message_id)
        at_s, moves = self._pending[0].at_s, []
        for (state, campaign_id, name, parent_id), ids in alike.items():
            data = {"messages": spans(ids), "state": state, "why": FOUND, "campaign": campaign_id, "name": name}
            more = {"parent": parent_id} if parent_id is not None else {}
            moves.append(_Pending(Kind.MOVE, at_s, data | more, None, OWN))
        of_officers = [_Pending(kind, at_s, data, None, OWN) for kind, data in officers.found(connection)]
        return moves + of_officers

    def _row(
        self, connection: sa.Connection, number: int, prev: str, pending: _Pending, macs: Macs | None
    ) -> tuple[str, tuple[object, ...]]:
        """An entry's hash, and its row in the order of the columns."""
        hidden, commitments, whose = None, None, OWN
        if pending.sealed:
            whose = pending.campaign_id
            salted = {name: (new_salt(), value) for name, value in pending.sealed.items()}
            commitments = {name: commitment(salt, value) for name, (salt, value) in salted.items()}
            hidden = self._seals.seal(connection, whose, label(number), canonical(salted))
        data = pending.data(number - 1, prev) if callable(pending.data) else pending.data
        session = self._session if pending.kind is not Kind.OPERATION else None
        line = entry(number, prev, pending.kind, pending.at_s, data, session=session, sealed=commitments)
        found = digest(line)
        mac = macs.of(whose, line) if macs is not None else None
        return found, (number, pending.kind.value, whose, line, found, hidden, mac)


def _last(connection: sa.Connection) -> tail.Position | None:
    """The log's last entry as this transaction finds it, which is alone with the log."""
    found = connection.info[HEAD] if HEAD in connection.info else _LAST.run(connection, {}).fetchone()
    return (found[0], found[1]) if found is not None else None


def label(number: int) -> str:
    """What an entry's secrets are sealed as: of no other entry."""
    return f"audit.secrets {number}"


def _config_of_session(connection: sa.Connection, number: int) -> str | None:
    """The SHA-256 of gsmsend.toml in the last session that had the key, up to the one that wrote entry `number`.

    None if there was no file, or no such session.
    """
    while number > 0:
        session = _entry(connection, number)[0].get("session")
        if session is None:
            return None
        made, keyed = _entry(connection, session)
        if keyed:
            said = made.get("data", {}).get("config")
            return str(said) if said is not None else None
        number = session - 1
    return None


def _entry(connection: sa.Connection, number: int) -> tuple[dict[str, Any], bool]:
    """What stands in an entry, and whether it was written with the key."""
    found = _LINE.run(connection, {"number": number}).fetchone()
    return (dict(json.loads(found[0])), found[1] is not None) if found is not None else ({}, False)


def enter(
    connection: sa.Connection,
    kind: Kind,
    at_s: float,
    data: Mapping[str, object] | Later,
    *,
    sealed: Mapping[str, object] | None = None,
    campaign_id: int = OWN,
) -> None:
    """Put an entry into the audit log, with the transaction of this connection.

    `data` has no recipient's number, name, text or PDU: those go into `sealed`, by name, and are sealed under the
    campaign's key. Neither may hold a float.
    """
    journal: Any = connection.info[_SLOT]
    journal.add(_Pending(kind, at_s, data, sealed, campaign_id))


def check(connection: sa.Connection) -> None:
    """Check what others wrote into the log since this process did, or since the last signed head.

    Raises LogStop if it is not gsmsend's own, KeyStop if the operation's key cannot be had.
    """
    journal: Any = connection.info[_SLOT]
    journal.check(connection)


def root(connection: sa.Connection, campaign_id: int) -> int:
    """The campaign whose key seals what belongs to this one: itself, or its parent. Asked of the store once."""
    journal: Any = connection.info[_SLOT]
    return int(journal.root(connection, campaign_id))


def said(state: State) -> str:
    """A message's state as entries have it: whether a line has taken it up already is no matter of theirs."""
    return _QUEUED if state is State.SENDING else state.value
