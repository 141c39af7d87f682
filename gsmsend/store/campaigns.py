"""contract.CampaignStore on the embedded store: each method one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from gsmsend.contract import CampaignRow, CancelCounts, FirstTexts, Halt, QueuedFor, Wanted
from gsmsend.model import State
from gsmsend.store import halting, queueing, releasing
from gsmsend.store.base import Changer, Reader
from gsmsend.store.campaign_rows import family, named, row_of
from gsmsend.store.schema import campaigns, messages


class CampaignViews(Reader):
    """contract.CampaignViews."""

    def campaigns(self) -> list[CampaignRow]:
        """All campaigns, oldest first."""
        with self._reading() as connection:
            return [row_of(row) for row in connection.execute(sa.select(campaigns).order_by(campaigns.c.id))]

    def campaign(self, name: str) -> CampaignRow | None:
        """One of them."""
        with self._reading() as connection:
            row = connection.execute(sa.select(campaigns).where(campaigns.c.name == name)).first()
            return row_of(row) if row is not None else None

    def campaign_totals(self, campaign_id: int) -> dict[State, int]:
        """Messages of one campaign by state."""
        query = (
            sa.select(messages.c.state, sa.func.count())
            .where(messages.c.campaign_id == campaign_id)
            .group_by(messages.c.state)
        )
        counts = dict.fromkeys(State, 0)
        with self._reading() as connection:
            counts.update({State(state): number for state, number in connection.execute(query)})
        return counts

    def halts(self) -> list[Halt]:
        """Campaigns that are paused or cancelled."""
        with self._reading() as connection:
            return halting.halts(connection)

    def first_texts(self) -> list[FirstTexts]:
        """Campaigns whose first texts hold back the rest."""
        with self._reading() as connection:
            return releasing.first_texts(connection)

    def wanted_lines(self) -> list[Wanted]:
        """Lines that imports asked for."""
        with self._reading() as connection:
            return halting.wanted(connection)

    def cancel_counts(self, name: str) -> CancelCounts:
        """What cancelling a campaign now would do. Raises UsageError."""
        with self._reading() as connection:
            return halting.cancel_counts(connection, family(connection, named(connection, name).campaign_id))

    def queued_for(self, without: Sequence[int] = ()) -> list[QueuedFor]:
        """For which lines texts are queued."""
        with self._reading() as connection:
            return queueing.queued_for(connection, without)


class CampaignChanges(Changer, CampaignViews):
    """contract.CampaignStore: each method one transaction."""

    def release_campaign(
        self, name: str, first: int, now_s: float, *, judged: Collection[int] = (), people: int | None = None
    ) -> int:
        """Its drafts may be sent."""

        def body(connection: sa.Connection) -> int:
            return releasing.release(connection, self._rules, name, first, now_s, judged=judged, people=people)

        return int(self._writer.submit(body).result())

    def withdraw(self, name: str, why: str, now_s: float) -> int:
        """Its approval is void."""
        return int(self._writer.submit(lambda c: releasing.withdraw(c, self._rules, name, why, now_s)).result())

    def pass_canary(self, name: str, why: str, now_s: float, person: str = "") -> int:
        """The rest may follow."""
        freed: int = self._writer.submit(
            lambda c: releasing.pass_canary(c, self._rules, name, why, now_s, person)
        ).result()
        return freed

    def pause(self, name: str, person: str, reason: str, now_s: float) -> bool:
        """No attempt is opened for it any more."""
        return bool(self._writer.submit(lambda c: halting.pause(c, name, person, reason, now_s)).result())

    def resume(self, name: str, person: str, reason: str, now_s: float) -> bool:
        """It goes on."""
        return bool(self._writer.submit(lambda c: halting.resume(c, name, person, reason, now_s)).result())

    def cancel(self, name: str, person: str, reason: str, now_s: float) -> CancelCounts:
        """No further text of it leaves, ever."""
        counts: CancelCounts = self._writer.submit(
            lambda c: halting.cancel(c, self._rules, name, person, reason, now_s)
        ).result()
        return counts

    def line_found(self, name: str, line_id: int) -> int:
        """The SIM of a wanted line was seen."""
        return int(self._writer.submit(lambda c: halting.line_found(c, name, line_id)).result())

    def hold_line(self, line_id: int, why: str, now_s: float) -> int:
        """A line is closed."""
        return int(self._writer.submit(lambda c: halting.hold_line(c, self._rules, line_id, why, now_s)).result())
