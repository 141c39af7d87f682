"""The whole audit log checked against itself, what is sealed in it, and the tables: one snapshot, row by row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind, commitment, digest, sealing
from gsmsend.audit.checking import MOST_FINDINGS, Chain
from gsmsend.audit.short import Noted
from gsmsend.contract.heads import HeadRow, Verdict
from gsmsend.errors import StoreError
from gsmsend.model import State
from gsmsend.store import comparing, heads
from gsmsend.store.base import Reader
from gsmsend.store.journal import label, said
from gsmsend.store.key import OperationKey
from gsmsend.store.macs import OLDER, Macs, marked, may_lack
from gsmsend.store.schema import attempts, audit, inbound, keys, messages, reports
from gsmsend.store.schema_log import ONLY_WRITTEN_ON
from gsmsend.store.seals import OWN, Forgotten, Seals

_PAGE = 1000
_COUNTED = ((attempts, Kind.ATTEMPT), (reports, Kind.REPORT), (inbound, Kind.INBOUND))
_LOGGED = {state.value: said(state) for state in State}
_EDITED = "the store was changed by something else than gsmsend, or a part of it was put back from an older copy"
_GONE = "it was taken away by something else than gsmsend"
_FORGED = "it was written or changed by somebody who does not have this operation's key"
_ACTING = sa.text("SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') ORDER BY name")


class Verification(Reader):
    """contract.heads.HeadView.verify."""

    def verify(self, noted: Sequence[Noted] = ()) -> Verdict:
        """Check the whole log."""
        with self._reading() as connection:
            return _Check(connection, self._key, noted).run()


class _Check:
    def __init__(self, connection: sa.Connection, key: OperationKey, noted: Sequence[Noted]) -> None:
        self._connection = connection
        self._key = key
        self._seals = Seals(key)
        self._macs: Macs | None = None
        self._chain = Chain(heads.genuine, noted)
        self._closed = ""
        self._sealed = self._forgotten = self._unkeyed = 0
        self._without: list[tuple[int, int]] = []
        self._reports_without: dict[int, int] = {}
        """Entries of reports that were about no known text and whose secrets are gone, by the report."""
        self._adopted: dict[int, object] = {}
        """The message of each report that was matched later."""
        self._forgets: dict[object, int] = {}
        """The last entry that forgets a campaign."""

    def run(self) -> Verdict:
        self._unlock()
        chain, times = self._chain, ("", "")
        for row in self._rows():
            made = self._row(row)
            if made is not None:
                times = times[0] or made["at"], made["at"]
                data = made["data"]
                if made["kind"] == Kind.FORGET:
                    self._forgets[data.get("campaign")] = made["n"]
                elif made["kind"] == Kind.ADOPT:
                    self._adopted[data.get("report")] = data.get("message")
        held = any(self._count(table) for table in (messages, attempts, reports, inbound))
        older = not chain.number and held and marked(self._connection, self._macs)
        chain.end(nothing_done=older or not held)
        self._taken_away()
        self._acting()
        if len(chain.findings) < MOST_FINDINGS and not older:
            self._states()
            self._counts()
            for found in comparing.differences(self._connection, None if self._closed else self._seals):
                chain.find(found.n, found.what, found.means)
        return Verdict(
            chain.number, tuple(chain.findings), len(chain.heads), self._head(),
            chain.states.totals(), self._sealed, self._forgotten, self._closed, times,
            self._unkeyed, older, (chain.back.times, chain.back.entry, chain.back.by_s),
        )  # fmt: skip

    def _unlock(self) -> None:
        """Have the key, or say why not: most can be checked without it."""
        try:
            if self._key.open(needed=False):
                self._seals.unlock(self._connection)
                self._macs = Macs(self._key)
            else:
                self._closed = "the operation's key is not here"
        except StoreError as error:
            self._closed = error.words

    def _head(self) -> HeadRow | None:
        """The last one, as the chain has it: the table may have anything."""
        if not self._chain.heads:
            return None
        last = self._chain.heads[-1]
        return HeadRow(last.number, last.hash, last.entry, last.signature, last.at)

    def _rows(self) -> Any:
        query, last = sa.select(audit).order_by(audit.c.n).limit(_PAGE), None
        while page := self._connection.execute(query if last is None else query.where(audit.c.n > last)).all():
            yield from page
            last = page[-1].n

    def _row(self, row: Any) -> Mapping[str, Any] | None:
        chain, n = self._chain, row.n
        line = row.line if isinstance(row.line, str) else ""
        made = chain.take(line)
        if not line.isascii() or digest(line) != row.hash:
            chain.find(n, f"entry {n} has not the hash that is kept with it", "one of the two was changed")
        if made is None:
            return None
        if (made["n"], made["kind"]) != (n, row.kind):
            chain.find(n, f"entry {n} is kept under another number or kind", _EDITED)
        self._authentic(row, made)
        commitments = made.get("sealed")
        if commitments is None:
            if row.secrets is not None or row.campaign_id != OWN:
                chain.find(n, f"something is kept with entry {n} that it does not stand for", _EDITED)
            return made
        owner = sealing.owner(made, chain.owners)
        if owner is not None and owner != row.campaign_id:
            chain.find(n, f"entry {n} is kept with another campaign than it tells of", _EDITED)
        if row.secrets is None:
            if made["kind"] == Kind.REPORT and row.campaign_id == OWN:
                self._reports_without[made["data"].get("report")] = n
            else:
                self._without.append((n, row.campaign_id))
        elif not self._closed:
            self._open(row, commitments)
        return made

    def _authentic(self, row: Any, made: Mapping[str, Any]) -> None:
        """Whether it was written with the operation's key, or is of those that may be written without."""
        n = row.n
        if made["kind"] == Kind.OPERATION:
            self._own_key()
        if row.mac is None:
            if "sealed" not in made and may_lack(made["kind"], made["data"]):
                self._unkeyed += 1
            else:
                self._chain.find(n, f"entry {n} was not written with the operation's key", _FORGED)
        elif self._macs is not None and not self._macs.fits(row.mac, row.campaign_id, row.line):
            self._chain.find(n, f"entry {n} is not as it was written with the operation's key", _FORGED)

    def _open(self, row: Any, commitments: Mapping[str, str]) -> None:
        n = row.n
        try:
            opened = json.loads(self._seals.open(self._connection, row.campaign_id, label(n), bytes(row.secrets)))
        except Forgotten:
            self._forgotten += 1
            return
        except (StoreError, TypeError) as error:
            self._chain.find(n, f"what entry {n} sealed cannot be opened: {error}", "it was changed")
            return
        if {name: commitment(*pair) for name, pair in opened.items()} != commitments:
            self._chain.find(n, f"what entry {n} sealed is not what it stands for", "it was changed")
            return
        self._sealed += 1

    def _own_key(self) -> None:
        """Whether the log is by the key that is here; with another one no entry would be right."""
        chain = self._chain
        if self._macs is not None and heads.public_key(self._key) != chain.public_key:
            self._macs = None
            chain.find(
                1,
                "the key that entry 1 names is not this operation's",
                "the whole log was replaced by another one, or the key is that of another operation",
            )

    def _taken_away(self) -> None:
        """What is not there any more although nobody forgot it. What belongs to no campaign is never forgotten."""
        for report, n in self._reports_without.items():
            message = self._adopted.get(report)
            whose = self._chain.owners.of(message) if isinstance(message, int) else None
            self._without.append((n, OWN if whose is None else whose))
        for n, campaign_id in self._without:
            if campaign_id != OWN and self._forgets.get(campaign_id, 0) > n:
                self._forgotten += 1
            else:
                self._chain.find(n, f"what entry {n} sealed is not there", _GONE)
        rows = self._connection.execute(sa.select(keys).where(keys.c.campaign_id != OLDER))
        gone = {row.campaign_id for row in rows if row.wrapped is None}
        for campaign_id in gone - self._forgets.keys():
            self._chain.find(None, f"the key of campaign {campaign_id} is not there, and no entry says why", _GONE)

    def _acting(self) -> None:
        """What is in the store that changes or shows rows by itself must be ours, and all of it."""
        if self._connection.dialect.name != "sqlite":
            self._acting_there()
            return
        ours = {_words(statement).split()[2]: _words(statement) for statement in ONLY_WRITTEN_ON}
        there = {name: (kind, _words(sql)) for kind, name, sql in self._connection.execute(_ACTING)}
        for name in sorted(ours.keys() | there.keys()):
            if name not in there:
                means = "somebody wanted to change the audit log, or did"
                self._chain.find(None, f"the store's guard {name} of the audit log was taken away", means)
            elif name not in ours:
                self._chain.find(None, f"in the store is a {there[name][0]} {name} that is not gsmsend's", _EDITED)
            elif there[name] != ("trigger", ours[name]):
                self._chain.find(None, f"the store's guard {name} of the audit log was changed", _EDITED)

    def _acting_there(self) -> None:
        """As `_acting`, on PostgreSQL."""
        from gsmsend.store import pg_triggers  # noqa: PLC0415 - not of the embedded store

        right, others = pg_triggers.acting(self._connection)
        named = {name for _, name in others}
        for name in sorted(pg_triggers.GUARDS - right - named):
            means = "somebody wanted to change the audit log, or did"
            self._chain.find(None, f"the store's guard {name} of the audit log was taken away", means)
        for kind, name in others:
            if name in pg_triggers.GUARDS:
                self._chain.find(None, f"the store's guard {name} of the audit log was changed", _EDITED)
            else:
                self._chain.find(None, f"in the store is a {kind} {name} that is not gsmsend's", _EDITED)

    def _states(self) -> None:
        """Compare what the log says of each message with what its row says."""
        chain, seen, other = self._chain, 0, list[int]()
        for message_id, state in self._connection.execute(
            sa.select(messages.c.id, messages.c.state).order_by(messages.c.id),
            execution_options={"yield_per": _PAGE},
        ):
            seen += 1
            known = chain.states.get(message_id)
            if known is None or known != _LOGGED.get(state):
                other.append(message_id)
        if other:
            first = ", ".join(map(str, other[:5])) + ("..." if len(other) > 5 else "")
            chain.find(None, f"{len(other)} message(s) are not in the state that the log tells: {first}", _EDITED)
        elif seen != chain.states.count:
            chain.find(None, f"the log tells of {chain.states.count} messages, and the store has {seen}", _EDITED)

    def _counts(self) -> None:
        for table, kind in _COUNTED:
            told = self._chain.counts[kind] + _whole(self._chain.before.get(table.name))
            there = self._count(table)
            if told != there:
                words = f"the log tells of {told} {table.name}, and the store has {there}"
                self._chain.find(None, words, _EDITED)

    def _count(self, table: sa.Table) -> int:
        return int(self._connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _words(statement: object) -> str:
    return " ".join(str(statement).split())
