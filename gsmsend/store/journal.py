"""Writing the audit log: entries are collected while a transaction runs and written with it, just before its end.

Whoever changes the store calls `enter` with the connection of its transaction. The chain's last entry is read
within that transaction, so that processes which take turns at one store make one chain.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from gsmsend.audit import FIRST, Kind, canonical, commitment, digest, entry, new_salt
from gsmsend.model import State
from gsmsend.store import vault
from gsmsend.store.key import OperationKey
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import audit
from gsmsend.store.seals import OWN, Seals

FORMAT = 1
"""The version of docs/audit-log.md that these entries follow."""
LABEL = "audit.secrets"
_SLOT = "gsmsend journal"
_QUEUED = State.QUEUED.value
_LAST = Prepared(sa.select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1))
_ADD = Prepared(
    sa.insert(audit).values(
        n=sa.bindparam("number"), kind=sa.bindparam("what"), campaign_id=sa.bindparam("campaign"),
        line=sa.bindparam("octets"), hash=sa.bindparam("its_hash"), secrets=sa.bindparam("hidden"),
    )
)  # fmt: skip


@dataclass(slots=True)
class _Pending:
    kind: Kind
    at_s: float
    data: Mapping[str, object]
    sealed: Mapping[str, object] | None
    campaign_id: int


class Journal:
    """The log of one open store. Used by the store's writer only, on its thread.

    `about` says who this process is, for the entry that comes before its first other one (Kind.SESSION).
    """

    def __init__(self, key: OperationKey, seals: Seals, about: Callable[[], Mapping[str, object]]) -> None:
        self._key = key
        self._seals = seals
        self._about = about
        self._pending: list[_Pending] = []
        self._session: int | None = None
        self._session_was: int | None = None

    def attach(self, connection: sa.Connection) -> None:
        """Let `enter` find this journal by the connection."""
        connection.info[_SLOT] = self
        vault.attach(connection, self._seals)

    def begin(self) -> None:
        """A transaction begins: what an earlier one left that was undone is dropped."""
        self._pending.clear()
        self._session_was = self._session

    def undone(self) -> None:
        """The transaction came to nothing, and keys that it made with it."""
        self._pending.clear()
        self._session = self._session_was
        self._seals.clear()

    def add(self, pending: _Pending) -> None:
        """An entry for the transaction that is under way."""
        self._pending.append(pending)

    def write(self, connection: sa.Connection) -> None:
        """Write what was entered, chained to the last entry in the store."""
        if not self._pending:
            return
        last = _LAST.run(connection, {}).fetchone()
        number, prev = (last[0], last[1]) if last is not None else (0, FIRST)
        if last is None:
            number, prev = self._write(connection, number, prev, self._operation())
        if self._session is None:
            self._session = number + 1
            about = _Pending(Kind.SESSION, self._pending[0].at_s, dict(self._about()), None, OWN)
            number, prev = self._write(connection, number, prev, about)
        for pending in self._pending:
            number, prev = self._write(connection, number, prev, pending)
        self._pending.clear()

    def root(self, connection: sa.Connection, campaign_id: int) -> int:
        """The campaign itself, or the one whose replies it acknowledges."""
        return self._seals.root(connection, campaign_id)

    def _operation(self) -> _Pending:
        """The first entry: which operation this is, and the key that signs for it."""
        from gsmsend.store.heads import public_key  # noqa: PLC0415 - cryptography's signatures, once in a store's life

        if not self._key.open(needed=False):
            self._key.make()
        data = {"format": FORMAT, "id": os.urandom(16).hex(), "public_key": public_key(self._key)}
        return _Pending(Kind.OPERATION, self._pending[0].at_s, data, None, OWN)

    def _write(self, connection: sa.Connection, number: int, prev: str, pending: _Pending) -> tuple[int, str]:
        number += 1
        hidden, commitments = None, None
        if pending.sealed:
            salted = {name: [new_salt(), value] for name, value in pending.sealed.items()}
            commitments = {name: commitment(cast("str", salt), value) for name, (salt, value) in salted.items()}
            hidden = self._seals.seal(connection, pending.campaign_id, LABEL, canonical(salted))
        session = self._session if pending.kind is not Kind.OPERATION else None
        line = entry(number, prev, pending.kind, pending.at_s, pending.data, session=session, sealed=commitments)
        found = digest(line)
        _ADD.run(
            connection,
            {
                "number": number, "what": pending.kind.value, "campaign": pending.campaign_id, "octets": line,
                "its_hash": found, "hidden": hidden,
            },
        )  # fmt: skip
        return number, found


def enter(
    connection: sa.Connection,
    kind: Kind,
    at_s: float,
    data: Mapping[str, object],
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


def root(connection: sa.Connection, campaign_id: int) -> int:
    """The campaign whose key seals what belongs to this one: itself, or its parent. Asked of the store once."""
    journal: Any = connection.info[_SLOT]
    return int(journal.root(connection, campaign_id))


def said(state: State) -> str:
    """A message's state as entries have it: whether a line has taken it up already is no matter of theirs."""
    return _QUEUED if state is State.SENDING else state.value
