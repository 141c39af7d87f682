"""Transactions that stop what has not been sent to one person yet. Each takes an open connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gsmsend.contract import Rules
from gsmsend.model import OutcomeKind, State
from gsmsend.store.schema import imports, messages, parts

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
    sa.select(messages.c.id, messages.c.state, messages.c.parts, imports.c.source, _SENT_PARTS.label("gone"))
    .join(imports, imports.c.id == messages.c.import_id)
    .where(
        messages.c.number.in_(sa.bindparam("numbers", expanding=True)),
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


@dataclass(frozen=True, slots=True)
class Stopped:
    """Ids of messages that will not be sent, and of those that are halfway: sent in part, or on air now."""

    ended: tuple[int, ...] = ()
    halfway: tuple[int, ...] = ()


def stop_people(
    connection: sa.Connection, rules: Rules, numbers: Sequence[str], stop: str, now_s: float
) -> Stopped:
    """Send nothing more to these numbers, in any campaign.

    What waits becomes suppressed; what is being sent, or may have gone out, keeps its state and its `stop`: it is
    looked at before the next part would leave. The answer to an opt-out still goes, unless it is "never contact".
    """
    ended: list[int] = []
    halfway: list[int] = []
    for start in range(0, len(numbers), _CHUNK):
        rows = connection.execute(_UNSENT, {"numbers": list(numbers[start : start + _CHUNK])}).all()
        for row in rows:
            if stop == OPTED_OUT and row.source == ANSWER_TO_STOP:
                continue
            state = State(row.state)
            if state in _UNDER_WAY:
                connection.execute(_STOP, {"message": row.id, "reason": stop})
                halfway.append(row.id)
                continue
            rules.check(state, State.SUPPRESSED)
            values = {"message": row.id, "because": why(stop, row.gone, row.parts), "now": now_s, "reason": stop}
            connection.execute(_MOVE, values)
            (halfway if row.gone else ended).append(row.id)
    return Stopped(tuple(ended), tuple(halfway))


def why(stop: str, gone: int, total: int) -> str:
    """The reason as people read it, with what had left by then: parts `gone` of `total`."""
    if not gone:
        return stop
    return f"{stop} after {'part' if gone == 1 else 'parts'} {_first(gone)} of {total} had gone out"


def _first(gone: int) -> str:
    return "1" if gone == 1 else f"1 to {gone}"
