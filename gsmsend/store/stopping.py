"""Transactions that stop what has not been sent to one person yet. Each takes an open connection."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gsmsend.contract import Rules, StoppedMessage
from gsmsend.model import OutcomeKind, State
from gsmsend.store import gates
from gsmsend.store.schema import campaigns, imports, messages, parts
from gsmsend.store.vault import vault_of

OPTED_OUT, NEVER_CONTACT = "opted out", "never contact"
"""Values of `messages.stop`."""
ANSWER_TO_STOP = "acknowledgement of opt-outs"
"""`imports.source` of the one text that a person still gets after they asked for no more."""

_WAITING = (State.DRAFT, State.QUEUED, State.HELD)
_UNDER_WAY = (State.SENDING, State.UNCERTAIN)
_SENT_PARTS = (
    sa.select(sa.func.count())
    .where(
        parts.c.message_id == messages.c.id,
        parts.c.outcome.in_((OutcomeKind.ACCEPTED.value, OutcomeKind.UNKNOWN.value)),
    )
    .scalar_subquery()
)
_UNSENT = (
    sa.select(
        messages.c.id,
        messages.c.campaign_id,
        messages.c.number,
        messages.c.state,
        imports.c.source,
        campaigns.c.parent_id,
        _SENT_PARTS.label("gone"),
    )
    .join(imports, imports.c.id == messages.c.import_id)
    .join(campaigns, campaigns.c.id == messages.c.campaign_id)
    .where(
        messages.c.person.in_(sa.bindparam("people", expanding=True)),
        messages.c.state.in_([state.value for state in (*_WAITING, *_UNDER_WAY)]),
    )
    .order_by(messages.c.id)
)
_STOP = sa.update(messages).where(messages.c.id == sa.bindparam("message")).values(stop=sa.bindparam("reason"))
_MOVE = (
    sa.update(messages)
    .where(messages.c.id == sa.bindparam("message"))
    .values(
        state=State.SUPPRESSED.value,
        why=sa.bindparam("because"),
        changed_at_s=sa.bindparam("now"),
        stop=sa.bindparam("reason"),
    )
)
_CHUNK = 500


def stop_people(
    connection: sa.Connection, rules: Rules, numbers: Sequence[str], stop: str, now_s: float
) -> tuple[StoppedMessage, ...]:
    """Send nothing more to these numbers, in any campaign.

    What waits becomes suppressed; what is being sent, or may have gone out, keeps its state and its `stop`: it is
    looked at before the next part would leave. The answer to an opt-out still goes, unless it is "never contact".
    """
    vault = vault_of(connection)
    stopped: list[StoppedMessage] = []
    for start in range(0, len(numbers), _CHUNK):
        people = [vault.person(number) for number in numbers[start : start + _CHUNK]]
        for row in connection.execute(_UNSENT, {"people": people}).all():
            if stop == OPTED_OUT and row.source == ANSWER_TO_STOP and row.parent_id is not None:
                continue
            state, number = State(row.state), vault.number(row.campaign_id, row.id, row.number)
            if state in _UNDER_WAY:
                connection.execute(_STOP, {"message": row.id, "reason": stop})
                stopped.append(StoppedMessage(row.id, number, state, stop, halfway=True, moved=False))
                continue
            rules.check(state, State.SUPPRESSED)
            why = gates.words(connection, row.id, stop)
            connection.execute(_MOVE, {"message": row.id, "because": why, "now": now_s, "reason": stop})
            stopped.append(StoppedMessage(row.id, number, state, why, halfway=bool(row.gone), moved=True))
    return tuple(stopped)
