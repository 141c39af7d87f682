"""A text that went whole with its part 1: its other parts, in the transaction that knows part 1 accepted.

They get attempts of their own, opened and closed at once: so no stop, and no other route, comes in between.
"""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract import sibling
from gsmsend.model import OutcomeKind, State
from gsmsend.store.journal import enter
from gsmsend.store.schema import attempts, messages, parts
from gsmsend.store.vault import vault_of

WITH_PART_1 = "with part 1"
_CARRIED = (
    sa.select(
        attempts.c.message_id, attempts.c.line_id, attempts.c.opened_at_s, messages.c.parts, messages.c.campaign_id
    )
    .join(messages, messages.c.id == attempts.c.message_id)
    .where(
        attempts.c.id == sa.bindparam("attempt"), attempts.c.whole == 1, attempts.c.seq == 1, messages.c.parts > 1
    )
)  # fmt: skip
_OTHERS = (
    sa.select(parts.c.seq)
    .where(parts.c.message_id == sa.bindparam("message"), parts.c.seq > 1)
    .where(sa.or_(parts.c.outcome.is_(None), parts.c.outcome == OutcomeKind.REFUSED.value))
    .order_by(parts.c.seq)
)
_PART = (
    sa.update(parts)
    .where(parts.c.message_id == sa.bindparam("message"), parts.c.seq == sa.bindparam("part"))
    .values(
        outcome=OutcomeKind.ACCEPTED.value, reference=None, code=None, line_id=sa.bindparam("line"),
        attempt_id=sa.bindparam("attempt"), tries=parts.c.tries + 1, handle=sa.bindparam("its_handle"),
    )
)  # fmt: skip


def others_went(connection: sa.Connection, attempt_id: int, handle: str, now_s: float) -> None:
    """If this accepted attempt carried the whole text, its other parts are accepted with it; else nothing."""
    carried = connection.execute(_CARRIED, {"attempt": attempt_id}).first()
    if carried is None:
        return
    whose = vault_of(connection).root(carried.campaign_id)
    message_id, total = carried.message_id, carried.parts
    for seq in connection.execute(_OTHERS, {"message": message_id}).scalars().all():
        its = sibling(handle, seq)
        row = {
            "message_id": message_id, "seq": seq, "line_id": carried.line_id, "opened_at_s": carried.opened_at_s,
            "closed_at_s": now_s, "outcome": OutcomeKind.ACCEPTED.value, "raw": WITH_PART_1, "whole": 1,
            "handle": its or None,
        }  # fmt: skip
        made = connection.execute(sa.insert(attempts).values(row).returning(attempts.c.id)).scalar_one()
        named = {"message": message_id, "part": seq, "line": carried.line_id}
        connection.execute(_PART, {**named, "attempt": made, "its_handle": its or None})
        begun = {"attempt": made, **named, "whole": True}
        pdu = {"pdu": f"part {seq} of {total}, {WITH_PART_1} {handle}".strip()}
        enter(connection, Kind.ATTEMPT, carried.opened_at_s, begun, sealed=pdu, campaign_id=whose)
        ended: dict[str, object] = {
            "attempt": made, "message": message_id, "part": seq, "outcome": OutcomeKind.ACCEPTED.value,
            "refusal": None, "reference": None, "code": None, "raw": WITH_PART_1, "state": State.SENT.value,
            "why": "",
        }  # fmt: skip
        enter(connection, Kind.OUTCOME, now_s, ended | ({"handle": its} if its else {}))
