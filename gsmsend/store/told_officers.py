"""Officers and approvals as the audit log tells them, to hold the tables `officers` and `approvals` against.

Whoever can write to the store's file could put a row into either; an entry fits nowhere but at its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.store.schema import approvals, officers

KINDS = frozenset({Kind.OFFICER, Kind.OFFICER_REMOVED, Kind.APPROVE, Kind.APPROVAL_VOID})


@dataclass(frozen=True, slots=True)
class _Officer:
    """What an `officer` entry says of one; `n` is that of the entry that spoke last of them."""

    n: int
    public_key: object
    login: object
    role: object
    unmask: bool
    removed: bool


@dataclass(frozen=True, slots=True)
class _Approval:
    """One `approve` entry; `void` names the entry that voided it, 0 while it stands."""

    n: int
    campaign: object
    officer: object
    login: object
    digest: object
    signature: object
    at_ms: object
    void: int = 0


@dataclass(slots=True)
class ToldOfficers:
    """Fed with entries in order; there are few of these kinds."""

    _officers: dict[str, _Officer] = field(default_factory=dict)
    _approvals: list[_Approval] = field(default_factory=list)

    def take(self, made: Mapping[str, Any]) -> None:
        """The next entry. Raises KeyError or TypeError if it has not the facts of its kind."""
        kind, n, told = made["kind"], made["n"], made["data"]
        if kind in (Kind.OFFICER, Kind.OFFICER_REMOVED):
            gone = kind == Kind.OFFICER_REMOVED
            self._officers[str(told["name"])] = _Officer(
                n, told["public_key"], told["login"], told["role"], bool(told["unmask"]), gone
            )
        elif kind == Kind.APPROVE:
            names = ("campaign", "officer", "login", "digest", "signature", "at_ms")
            self._approvals.append(_Approval(n, *(told[name] for name in names)))
        elif kind == Kind.APPROVAL_VOID:
            whose = told["campaign"]
            self._approvals = [
                replace(one, void=n) if one.campaign == whose and not one.void else one for one in self._approvals
            ]

    def differences(self, connection: sa.Connection) -> Iterator[str]:
        """What the two tables have otherwise, a sentence each."""
        yield from self._of_officers(connection)
        yield from self._of_approvals(connection)

    def _of_officers(self, connection: sa.Connection) -> Iterator[str]:
        left = dict(self._officers)
        for row in connection.execute(sa.select(officers).order_by(officers.c.id)):
            told = left.pop(row.name, None)
            where = f"the table officers, row {row.id} ({row.name})"
            if told is None:
                yield f"{where}: no entry of the log ever added this officer"
                continue
            pairs = (
                ("key", told.public_key, row.public_key), ("login", told.login, row.login),
                ("role", told.role, row.role), ("right to see numbers", told.unmask, bool(row.unmask)),
                ("removal", told.removed, row.removed_at_s is not None),
            )  # fmt: skip
            for what, said, there in pairs:
                if said != there:
                    yield f"{where}: the {what} is {there}, and entry {told.n} says {said}"
        for name, told in left.items():
            yield f"the table officers has no {name}, whom entry {told.n} tells of"

    def _of_approvals(self, connection: sa.Connection) -> Iterator[str]:
        left: dict[tuple[object, ...], list[_Approval]] = {}
        for one in self._approvals:
            left.setdefault((one.campaign, one.officer, one.signature), []).append(one)
        query = (
            sa.select(approvals, officers.c.name.label("officer"))
            .join(officers, officers.c.id == approvals.c.officer_id, isouter=True)
            .order_by(approvals.c.id)
        )
        for row in connection.execute(query):
            void = row.voided_at_s is not None
            if not row.signature and void:
                continue  # of an earlier version, which had no log; it counts for nothing
            where = f"the table approvals, row {row.id} (by {row.officer}, of campaign {row.campaign_id})"
            alike = left.get((row.campaign_id, row.officer, row.signature))
            if not alike:
                yield f"{where}: no entry of the log tells of this approval"
                continue
            told = alike.pop(0)
            pairs = (
                ("digest", told.digest, row.digest), ("login", told.login, row.login),
                ("time", told.at_ms, round(row.at_s * 1000)),
            )  # fmt: skip
            for what, said, there in pairs:
                if said != there:
                    yield f"{where}: the {what} is {there}, and entry {told.n} says {said}"
            if void and not told.void:
                yield f"{where} is void, and no entry of the log voids it"
            elif told.void and not void:
                yield f"{where} stands, and entry {told.void} voided it"
        for told in (one for alike in left.values() for one in alike):
            yield (
                f"the table approvals lacks the one by {told.officer} of campaign {told.campaign} "
                f"that entry {told.n} tells of"
            )
