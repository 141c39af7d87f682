"""contract.Routes on the embedded store: handles that reports are wanted for, look-ups, and accepted changes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import sqlalchemy as sa

from gsmsend.contract import AcceptedChanges, InDoubt, Role, changes_there
from gsmsend.errors import UsageError
from gsmsend.model import Evidence, Outcome, OutcomeKind
from gsmsend.store import evidence, reporting, settling
from gsmsend.store.base import Changer, Reader
from gsmsend.store.schema import attempts, decisions, messages, officers, parts
from gsmsend.store.told_campaigns import ACCEPTED

_AWAITED = (
    sa.select(parts.c.handle)
    .join(attempts, attempts.c.id == parts.c.attempt_id)
    .where(
        parts.c.line_id == sa.bindparam("line"),
        parts.c.handle.is_not(None),
        parts.c.answered == sa.literal_column("0"),
        parts.c.outcome == OutcomeKind.ACCEPTED.value,
        attempts.c.opened_at_s >= sa.bindparam("since"),
    )
    .order_by(parts.c.attempt_id)
)
_IN_DOUBT = (
    sa.select(
        attempts.c.id, attempts.c.message_id, attempts.c.seq, messages.c.parts, attempts.c.key,
        attempts.c.opened_at_s,
    )
    .join(parts, parts.c.attempt_id == attempts.c.id)
    .join(messages, messages.c.id == attempts.c.message_id)
    .where(
        parts.c.line_id == sa.bindparam("line"),
        parts.c.outcome == sa.literal_column("'unknown'"),
        attempts.c.key.is_not(None),
        attempts.c.opened_at_s >= sa.bindparam("since"),
    )
    .order_by(attempts.c.id)
)  # fmt: skip
_STILL = (
    sa.select(
        attempts.c.id, attempts.c.message_id, attempts.c.seq, attempts.c.outcome, attempts.c.opened_at_s,
        attempts.c.handle,
    )
    .join(parts, parts.c.attempt_id == attempts.c.id)
    .where(attempts.c.id == sa.bindparam("attempt"), parts.c.outcome == sa.literal_column("'unknown'"))
)  # fmt: skip
_ACCEPTANCE = (decisions.c.person, decisions.c.at_s, decisions.c.what, decisions.c.signature)


class RouteViews(Reader):
    """contract.RoutesView."""

    def accepted_changes(self, driver: str, address: str, words: Sequence[str]) -> AcceptedChanges | None:
        """Who accepted exactly these words for this endpoint."""
        query = (
            sa.select(*_ACCEPTANCE)
            .join(officers, officers.c.name == decisions.c.person)
            .where(
                decisions.c.what == ACCEPTED + changes_there(driver, address, words),
                officers.c.removed_at_s.is_(None),
                officers.c.role == Role.APPROVER.value,
            )
            .order_by(decisions.c.id.desc())
            .limit(1)
        )
        with self._reading() as connection:
            row = connection.execute(query).first()
        return _told(row) if row is not None else None

    def all_accepted_changes(self) -> list[AcceptedChanges]:
        """All that was ever accepted so."""
        query = (
            sa.select(*_ACCEPTANCE)
            .where(decisions.c.what.startswith(ACCEPTED, autoescape=True))
            .order_by(decisions.c.id)
        )
        with self._reading() as connection:
            return [_told(row) for row in connection.execute(query)]


class RouteChanges(Changer):
    """contract.Routes."""

    def awaited_handles(self, line_id: int, since_s: float) -> list[str]:
        """Handles of accepted parts that have no final report."""
        with self._reading() as connection:
            return list(connection.execute(_AWAITED, {"line": line_id, "since": since_s}).scalars())

    def in_doubt(self, line_id: int, since_s: float) -> list[InDoubt]:
        """Unknown attempts that the route can be asked for."""
        with self._reading() as connection:
            return [InDoubt(*row) for row in connection.execute(_IN_DOUBT, {"line": line_id, "since": since_s})]

    def settle_lookup(self, attempt_id: int, outcome: Outcome, now_s: float) -> Future[int | None]:
        """The route's own record settles an attempt, if that is unknown still."""

        def body(connection: sa.Connection) -> int | None:
            row = connection.execute(_STILL, {"attempt": attempt_id}).first()
            if row is None:
                return None
            past = evidence.PastAttempt(*row)
            evidence.settle(connection, self._rules, past, outcome, Evidence.LOOKUP, now_s)
            if outcome.handle:
                reporting.adopt_handles(connection, self._rules, past.message_id, now_s)
            return past.message_id

        return self._writer.submit(body)

    def accept_changes(
        self,
        person: str,
        driver: str,
        address: str,
        words: Sequence[str],
        reason: str,
        now_s: float,
        signature: str = "",
    ) -> None:
        """A named officer accepts what sending over this endpoint changes there. Raises UsageError for nobody."""
        if not person.strip() or not words:
            raise UsageError(
                "nobody can accept nothing: the officer's name and what sending changes must both be given",
                remedy="See what this route changes with: gsmsend accept --help",
            )
        what = ACCEPTED + changes_there(driver, address, words)
        self._writer.submit(lambda c: settling.noted(c, person, what, reason, now_s, signature)).result()


def _told(row: Any) -> AcceptedChanges:
    return AcceptedChanges(row.person, row.at_s, row.what.removeprefix(ACCEPTED), row.signature or "")
