"""contract.FallbackStore on the embedded store: each method one transaction."""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract.falling import FallCounts, FallOrder, Outage, TrialRow
from gsmsend.model import State
from gsmsend.store import falling, leasing
from gsmsend.store.base import Changer, Reader
from gsmsend.store.journal import enter
from gsmsend.store.schema import fallbacks, messages, trials
from gsmsend.store.told_fall import TRIAL
from gsmsend.store.vault import vault_of


class FallbackViews(Reader):
    """contract.FallbackView."""

    def fall_counts(self, campaign_id: int) -> FallCounts:
        """What a campaign's fallback has."""
        with self._reading() as connection:
            return falling.counts(connection, campaign_id)

    def fallback_lines(self) -> frozenset[int]:
        """The lines of what went over a fallback."""
        query = sa.select(fallbacks.c.line_id).where(fallbacks.c.home_at_s.is_(None)).distinct()
        with self._reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def trial(self, campaign: str, wording: str) -> TrialRow | None:
        """The newest trial text of this wording."""
        with self._reading() as connection:
            known = _known(connection, campaign, wording)
            query = (
                sa.select(messages.c.id, messages.c.state, messages.c.why, messages.c.changed_at_s)
                .join(trials, trials.c.message_id == messages.c.id)
                .where(trials.c.campaign == campaign, trials.c.wording == known, ~falling.OVER_ANOTHER)
                .order_by(trials.c.id.desc())
            )
            row = connection.execute(query).first()
        return TrialRow(row.id, State(row.state), row.why, row.changed_at_s) if row is not None else None

    def outages(self) -> list[Outage]:
        """Lines that were out of use."""
        with self._reading() as connection:
            return falling.out_of_use(connection)


class FallbackChanges(Changer):
    """contract.FallbackStore."""

    _held: leasing.Held

    def fall_back(self, order: FallOrder, now_s: float) -> int:
        """Give texts the fallback's wording and line; none, if another host has that line by now."""

        def body(connection: sa.Connection) -> list[int]:
            if not leasing.holds(connection, self._held, order.line_id):
                return []
            return falling.fall_back(connection, self._rules, order, now_s)

        ids: list[int] = self._writer.submit(body).result()
        return len(ids)

    def return_home(
        self, campaign_id: int, why: str, now_s: float, *, bound: tuple[int, ...] | None = None
    ) -> int:
        """Own text and line again for what was not begun."""
        ids: list[int] = self._writer.submit(
            lambda c: falling.return_home(c, self._rules, [campaign_id], why, now_s, bound)
        ).result()
        return len(ids)

    def keep_trial(self, campaign: str, wording: str, message_id: int, person: str, now_s: float) -> None:
        """A trial text of this wording was queued."""

        def body(connection: sa.Connection) -> None:
            known = _known(connection, campaign, wording)
            values = {
                "campaign": campaign, "wording": known, "message_id": message_id, "person": person, "at_s": now_s,
            }  # fmt: skip
            connection.execute(sa.insert(trials).values(**values))
            said = {"what": TRIAL, "reason": f"a trial text of the fallback of {campaign} was queued"}
            data = {"person": person, "message": message_id, "campaign": None, "wording": known, **said}
            enter(connection, Kind.NOTE, now_s, data)

        self._writer.submit(body).result()

    def outage(self, line_id: int, rule: str, since_s: float) -> None:
        """A line is out of use since then; an empty rule: it is not. Not waited for."""
        self._writer.submit(lambda c: falling.put_outage(c, line_id, rule, since_s))


def _known(connection: sa.Connection, campaign: str, wording: str) -> str:
    """A wording has the trial's phone in it, so it is found by a keyed hash only."""
    return vault_of(connection).digest("fallback", f"{campaign}:{wording}")
