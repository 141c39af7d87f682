"""Transactions of hosts and their leases (contract.leasing), and what asks within others whether a lease holds.

A lease holds while its fence is the host's newest. No clock takes part in that: time only says when a host may be
taken for dead, and whoever does so raises its fence with the same row locked. So what is begun under a fence is
either there for whoever takes the host for dead, or it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract import AttemptClose, Rules
from gsmsend.contract.leasing import HostRow, HostState, Joined, Joining, LostHost, OtherLine
from gsmsend.errors import FenceLost, LineElsewhere
from gsmsend.model import Outcome, OutcomeKind, State
from gsmsend.store import evidence, falling, gates, queueing, sending
from gsmsend.store.base import Changer, Reader
from gsmsend.store.journal import enter
from gsmsend.store.plain import all_wait, store_error
from gsmsend.store.prepared import Prepared
from gsmsend.store.schema import hosts, leases, lines, messages

LOST = "this host was not heard of for so long that others took it for dead; it drops what it had, and begins anew"
_FREE = 0
"""The fence of a lease that nobody has."""
_UP, _LEFT, _LOST = HostState.UP.value, HostState.LEFT.value, HostState.LOST.value
_OUT_OF_USE = "quarantined"
"""The rule of the fallbacks for a line that is lost (config.Rule): so is that of a dead host."""
_CURRENT = sa.and_(leases.c.fence == hosts.c.fence, hosts.c.state == sa.literal_column("'up'"))
HOLDS = (
    sa.select(hosts.c.fence)
    .join(leases, leases.c.host == hosts.c.name)
    .where(
        leases.c.line_id == sa.bindparam("line"), hosts.c.name == sa.bindparam("who"),
        hosts.c.fence == sa.bindparam("its_fence"), _CURRENT,
    )
    # Whoever takes the host for dead locks its row for good; a renewal does not.
    .with_for_update(read=True, key_share=True, skip_locked=True, of=hosts)
)  # fmt: skip
"""A row, if the line is a host's under its newest fence: with the values of `of_line`."""
_HOLDS = Prepared(HOLDS)
_RENEW = (
    sa.update(hosts)
    .where(
        hosts.c.name == sa.bindparam("who"), hosts.c.fence == sa.bindparam("its_fence"),
        hosts.c.run == sa.bindparam("its_run"), hosts.c.state == _UP,
    )
    .values(seen_at_s=sa.bindparam("now"), until_s=sa.bindparam("then"))
)  # fmt: skip
_SILENT = sa.select(hosts.c.name).where(
    hosts.c.state == _UP, hosts.c.until_s <= sa.bindparam("now"), hosts.c.name != sa.bindparam("who")
)
_LET_GO = (
    sa.update(leases)
    .where(
        leases.c.line_id == sa.bindparam("line"), leases.c.host == sa.bindparam("who"),
        leases.c.fence == sa.bindparam("its_fence"),
    )
    .values(fence=_FREE)
)  # fmt: skip
_CLAIMED = sa.select(messages.c.id).where(
    messages.c.state == State.SENDING.value, messages.c.claim_line.in_(sa.bindparam("lines", expanding=True))
)
_TIME = {
    "sqlite": sa.select((sa.func.julianday("now") - 2440587.5) * 86400.0),
    "postgresql": sa.select(sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Double)),
}
"""The clock of the store's computer, in epoch seconds (PostgreSQL's manual, 9.9.5)."""
_TOTAL = sa.select(messages.c.parts).where(messages.c.id == sa.bindparam("message"))


@dataclass(slots=True)
class Held:
    """What this process has: set once it is on disk, by the threads that asked for it. `lines` to their fences.

    `alone`: no other process can be at work, so what was taken is held.
    """

    host: str = ""
    run: str = ""
    fence: int = 0
    lease_s: float = 0.0
    alone: bool = False
    lines: dict[int, int] = field(default_factory=dict)


def holds(connection: sa.Connection, held: Held, line_id: int) -> bool:
    """Whether this process may work with the line: its lease is under the host's newest fence."""
    if not held.host:
        return True
    if held.alone:
        return held.lines.get(line_id, _FREE) != _FREE
    values = of_line(held, line_id)
    return values["its_fence"] != _FREE and _HOLDS.run(connection, values).fetchone() is not None


def of_line(held: Held, line_id: int) -> dict[str, object]:
    """The values of `HOLDS`; fence 0, which holds nothing, for a line that this process has not."""
    return {"line": line_id, "who": held.host, "its_fence": held.lines.get(line_id, _FREE)}


def require(connection: sa.Connection, held: Held, line_id: int) -> None:
    """Raise FenceLost unless the lease holds."""
    if not holds(connection, held, line_id):
        raise FenceLost(LOST)


def take(connection: sa.Connection, rules: Rules, held: Held, line_id: int, now_s: float) -> int:
    """Take the lease of a line; the fence that it is under. What was left of it is settled first.

    Raises FenceLost. That no other host has it is asked before (`refuse`).
    """
    own = connection.execute(sa.select(hosts.c.fence).where(hosts.c.name == held.host, hosts.c.run == held.run))
    if own.scalar() != held.fence:
        raise FenceLost(LOST)
    row = connection.execute(sa.select(leases).where(leases.c.line_id == line_id)).first()
    if row is None:
        connection.execute(sa.insert(leases).values(line_id=line_id, host=held.host, fence=held.fence))
    elif (row.host, row.fence) == (held.host, held.fence):
        return held.fence
    else:
        change = sa.update(leases).where(leases.c.line_id == line_id)
        connection.execute(change.values(host=held.host, fence=held.fence))
    settle(connection, rules, [line_id], f"what host {held.host} had begun before", now_s)
    # A run that was taken for dead goes on without having seen that its lines were: nobody else would undo that.
    if any((one.line_id, one.rule) == (line_id, _OUT_OF_USE) for one in falling.out_of_use(connection)):
        falling.put_outage(connection, line_id, "", now_s)
    return held.fence


def refuse(connection: sa.Connection, held: Held, identity: str) -> None:
    """Raise LineElsewhere if another host has the lease of the line that is known by this identity."""
    query = (
        sa.select(lines.c.name, hosts.c.name.label("host"))
        .join(leases, leases.c.line_id == lines.c.id)
        .join(hosts, hosts.c.name == leases.c.host)
        .where(lines.c.identity == identity, hosts.c.name != held.host, _CURRENT)
    )
    row = connection.execute(query).first()
    if row is not None:
        raise LineElsewhere(
            f"line {row.name} is in use by host {row.host}",
            remedy="It is this host's as soon as that one lets go of it, or is found dead.",
        )


def settle(
    connection: sa.Connection, rules: Rules, line_ids: Collection[int], why: str, now_s: float
) -> tuple[int, int]:
    """Make open attempts of these lines unknown, and give back what they had taken up. How many of each."""
    left_open = [row for row in queueing.open_attempts(connection) if row.line_id in line_ids]
    outcome = Outcome(OutcomeKind.UNKNOWN, why=f"{why}: it may have gone out")
    for row in left_open:
        total = connection.execute(_TOTAL, {"message": row.message_id}).scalar_one()
        close = AttemptClose(
            row.attempt_id, row.message_id, row.seq, total, row.line_id, outcome, now_s, State.UNCERTAIN,
            outcome.why,
        )  # fmt: skip
        sending.close_attempt(connection, rules, close)
    for row in left_open:
        evidence.reconsider(connection, rules, row.line_id, row.opened_at_s, now_s)
    ids = list(connection.execute(_CLAIMED, {"lines": list(line_ids)}).scalars())
    if ids:
        gates.end_claimed(connection, rules, ids, now_s)
        queueing.move(connection, ids, State.SENDING, State.QUEUED, now_s)
    return len(left_open), len(ids)


def of_others(connection: sa.Connection, held: Held) -> frozenset[int]:
    """Lines that another host holds, and has not been found dead."""
    query = sa.select(leases.c.line_id).join(hosts, hosts.c.name == leases.c.host)
    return frozenset(connection.execute(query.where(hosts.c.name != held.host, _CURRENT)).scalars())


def running(connection: sa.Connection) -> list[str]:
    """The names of hosts that work now, or were not found dead yet."""
    query = sa.select(hosts.c.name).where(hosts.c.state == _UP).order_by(hosts.c.name)
    return list(connection.execute(query).scalars())


def _join(
    connection: sa.Connection, rules: Rules, who: Joining, times: tuple[float, float], *, alone: bool
) -> Joined:
    """`times`: by the store's clock, and that which goes on record. `alone`: no other process can be at work."""
    at_s, now_s = times
    row = connection.execute(sa.select(hosts).where(hosts.c.name == who.host).with_for_update()).first()
    known = row is not None and who.run == row.run
    other = row is not None and not known and not alone and row.state == _UP and row.mark != who.mark
    if row is not None and other and row.until_s > at_s:
        return Joined(None, seen_at_s=row.seen_at_s, left_s=row.until_s - at_s)
    if alone:  # whoever else is there was cut off, by another name of this computer or on another one
        others = sa.update(hosts).where(hosts.c.name != who.host, hosts.c.state == _UP)
        connection.execute(others.values(state=_LOST, fence=hosts.c.fence + 1))
    fence = 1 if row is None else row.fence + 1
    values = {
        "fence": fence, "run": who.run, "mark": who.mark, "state": _UP, "seen_at_s": at_s,
        "until_s": at_s + who.lease_s,
    }  # fmt: skip
    if row is None:
        connection.execute(sa.insert(hosts).values(name=who.host, **values))
    else:
        connection.execute(sa.update(hosts).where(hosts.c.name == who.host).values(**values))
    mine = sa.select(leases.c.line_id).where(leases.c.host == who.host, leases.c.fence != _FREE)
    own = list(connection.execute(mine).scalars())
    uncertain = freed = 0
    if own and known:
        silent = f"host {who.host} was silent while this was being sent"
        uncertain, freed = settle(connection, rules, own, silent, now_s)
        connection.execute(sa.update(leases).where(leases.c.line_id.in_(own)).values(fence=_FREE))
    return Joined(fence, uncertain, freed)


def _bury(connection: sa.Connection, rules: Rules, name: str, times: tuple[float, float]) -> LostHost | None:
    at_s, now_s = times
    query = sa.select(hosts).where(hosts.c.name == name, hosts.c.state == _UP, hosts.c.until_s <= at_s)
    row = connection.execute(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    connection.execute(
        sa.update(hosts).where(hosts.c.name == name).values(fence=row.fence + 1, state=_LOST, until_s=at_s)
    )
    its = sa.select(leases.c.line_id).where(leases.c.host == name, leases.c.fence != _FREE)
    own = list(connection.execute(its.order_by(leases.c.line_id)).scalars())
    silent = f"host {name} was not heard of for {at_s - row.seen_at_s:.0f} seconds"
    uncertain, freed = settle(connection, rules, own, f"{silent} while this was being sent", now_s)
    connection.execute(sa.update(leases).where(leases.c.line_id.in_(own)).values(fence=_FREE))
    connection.execute(sa.update(lines).where(lines.c.id.in_(own)).values(state="down", why=silent))
    known = {outage.line_id for outage in falling.out_of_use(connection)}
    for line_id in own:
        if line_id not in known:
            falling.put_outage(connection, line_id, _OUT_OF_USE, now_s)
    words = (
        f"{silent}: its {len(own)} line(s) are free, {uncertain} text(s) that it was sending are uncertain, and "
        f"{freed} that it had taken up are queued again"
    )
    enter(connection, Kind.NOTE, now_s, {"person": None, "what": "host", "reason": words})
    return LostHost(name, tuple(own), uncertain, freed)


class LeaseViews(Reader):
    """contract.leasing.LeaseView."""

    _lease_clock: Callable[[], float] | None = None

    def hosts(self) -> list[HostRow]:
        """All hosts that ever worked here."""
        with self._reading() as connection:
            at_s = self._lease_now(connection)
            names: dict[str, list[str]] = {}
            query = (
                sa.select(hosts.c.name.label("host"), lines.c.name)
                .join(leases, leases.c.host == hosts.c.name)
                .join(lines, lines.c.id == leases.c.line_id)
                .where(_CURRENT)
                .order_by(lines.c.name)
            )
            for row in connection.execute(query):
                names.setdefault(row.host, []).append(row.name)
            return [
                HostRow(
                    row.name, self._state(row, at_s), max(0.0, at_s - row.seen_at_s),
                    tuple(names.get(row.name, ())), row.fence,
                )
                for row in connection.execute(sa.select(hosts).order_by(hosts.c.name))
            ]  # fmt: skip

    def _state(self, row: Any, at_s: float) -> HostState:
        silent = self.leases_expire and row.state == _UP and row.until_s <= at_s
        return HostState.SILENT if silent else HostState(row.state)

    @property
    def leases_expire(self) -> bool:
        """Whether other hosts may be at work."""
        return self._lease_clock is not None or self._engine.dialect.name != "sqlite"

    def _lease_now(self, connection: sa.Connection) -> float:
        """The store's own clock, in epoch seconds."""
        if self._lease_clock is not None:
            return self._lease_clock()
        return float(connection.execute(_TIME[connection.dialect.name]).scalar_one())


class LeaseChanges(Changer, LeaseViews):
    """contract.leasing.Leasing."""

    _held: Held

    def join(self, who: Joining, now_s: float) -> Joined:
        """Begin to work as this host, or begin anew."""

        def body(connection: sa.Connection) -> Joined:
            times = self._lease_now(connection), now_s
            return _join(connection, self._rules, who, times, alone=not self.leases_expire)

        joined: Joined = self._writer.submit(body).result()
        if joined.fence is not None:
            held = self._held
            held.host, held.run, held.fence, held.lease_s = who.host, who.run, joined.fence, who.lease_s
            held.alone = not self.leases_expire
        return joined

    def renew(self) -> bool:
        """Say that this host is there."""
        held = self._held
        with self._aside() as connection:
            at_s = self._lease_now(connection)
            values = {
                "who": held.host, "its_fence": held.fence, "its_run": held.run, "now": at_s,
                "then": at_s + held.lease_s,
            }  # fmt: skip
            return connection.execute(_RENEW, values).rowcount == 1

    @contextmanager
    def _aside(self) -> Iterator[sa.Connection]:
        """A transaction that does not wait for the store's writers: it changes the host's own row only."""
        try:
            with self._engine.connect().execution_options(no_turn=True) as connection, connection.begin():
                yield connection
        except sa.exc.DBAPIError as error:
            raise store_error(error, self._path, "written") from None
        except sa.exc.TimeoutError:
            raise all_wait(self._path, "written") from None

    def leave(self, now_s: float) -> None:
        """The run ends."""
        held = self._held
        own = list(held.lines)

        def body(connection: sa.Connection) -> None:
            mine = sa.and_(hosts.c.name == held.host, hosts.c.fence == held.fence, hosts.c.run == held.run)
            at_s = self._lease_now(connection)
            values = {"state": _LEFT, "seen_at_s": at_s, "until_s": at_s}
            if connection.execute(sa.update(hosts).where(mine).values(**values)).rowcount:
                ended = f"host {held.host} ended while this was being sent"
                settle(connection, self._rules, own, ended, now_s)
                connection.execute(sa.update(leases).where(leases.c.host == held.host).values(fence=_FREE))

        if held.host:
            held.lines = {}  # from now on nothing is begun as this host: what still goes on has no lease
            self._writer.submit(body).result()

    def let_go(self, line_id: int) -> None:
        """Give up the lease of a line."""
        held = self._held
        fence = held.lines.pop(line_id, None)
        if held.host and fence is not None:
            values = {"line": line_id, "who": held.host, "its_fence": fence}
            self._writer.submit(lambda c: c.execute(_LET_GO, values)).result()

    def silent(self) -> list[str]:
        """Other hosts whose leases have run out."""
        if not self.leases_expire:
            return []
        with self._reading() as connection:
            at_s = self._lease_now(connection)
            return list(connection.execute(_SILENT, {"now": at_s, "who": self._held.host}).scalars())

    def bury(self, host: str, now_s: float) -> LostHost | None:
        """Take a host for dead, if its lease has run out."""
        if not self.leases_expire:
            return None
        found: LostHost | None = self._writer.submit(
            lambda c: _bury(c, self._rules, host, (self._lease_now(c), now_s))
        ).result()
        return found

    def other_lines(self) -> list[OtherLine]:
        """The lines that other hosts worked with last."""
        if not self.leases_expire:
            return []
        query = (
            sa.select(leases.c.line_id, hosts.c.name, _CURRENT.label("held"), (hosts.c.state == _UP).label("up"))
            .join(hosts, hosts.c.name == leases.c.host)
            .where(hosts.c.name != self._held.host)
            .order_by(leases.c.line_id)
        )
        with self._reading() as connection:
            return [
                OtherLine(line_id, name, held=bool(held), up=bool(up))
                for line_id, name, held, up in connection.execute(query)
            ]
