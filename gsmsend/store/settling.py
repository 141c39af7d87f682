"""Transactions that settle what is unknown: by recovery after a stop, and by a named person."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract import AttemptClose, Decision, Recovered, Rules
from gsmsend.errors import UsageError
from gsmsend.model import Evidence, Outcome, OutcomeKind, State
from gsmsend.store import evidence, free_words, gates, queueing, sending
from gsmsend.store.journal import enter
from gsmsend.store.schema import decisions, lines, messages
from gsmsend.store.seals import OWN
from gsmsend.store.vault import vault_of

_TOTAL = sa.select(messages.c.parts).where(messages.c.id == sa.bindparam("message"))
_CAMPAIGN = sa.select(messages.c.campaign_id).where(messages.c.id == sa.bindparam("message"))
_INTERRUPTED = Outcome(
    OutcomeKind.UNKNOWN,
    why="gsmsend was stopped while this was being sent; it may have gone out",
)


def recover(connection: sa.Connection, rules: Rules, now_s: float, but: Collection[int] = ()) -> Recovered:
    """After a stop of any kind: open attempts become unknown, claimed messages go back to the queue.

    If the clock was set back meanwhile, nothing waits longer for it. What the lines `but` have is let be: another
    host works with them.
    """
    left_open = [row for row in queueing.open_attempts(connection) if row.line_id not in but]
    for row in left_open:
        total = connection.execute(_TOTAL, {"message": row.message_id}).scalar_one()
        sending.close_attempt(
            connection,
            rules,
            AttemptClose(
                row.attempt_id, row.message_id, row.seq, total, row.line_id, _INTERRUPTED, now_s, State.UNCERTAIN,
                _INTERRUPTED.why,
            ),
        )  # fmt: skip
    for row in left_open:
        evidence.reconsider(connection, rules, row.line_id, row.opened_at_s, now_s)
    claimed = queueing.claimed(connection, but)
    gates.end_claimed(connection, rules, None if not but else claimed, now_s)
    freed = queueing.move(connection, claimed, State.SENDING, State.QUEUED, now_s) if claimed else 0
    queueing.clock_set_back(connection, now_s)
    connection.execute(sa.update(lines).where(lines.c.id.not_in(list(but))).values(state="down", why=""))
    cut_off_s = {row.device: row.opened_at_s for row in left_open if row.key is None}
    return Recovered(len(left_open), freed, cut_off_s)


def give_back(connection: sa.Connection, rules: Rules, ids: Sequence[int], now_s: float) -> None:
    """Claimed messages go back to the queue, but for those that must stop."""
    gates.end_claimed(connection, rules, ids, now_s)
    queueing.move(connection, ids, State.SENDING, State.QUEUED, now_s)


def resolve(connection: sa.Connection, rules: Rules, decision: Decision) -> State:
    """A named person says what became of an uncertain message; its state now. Raises UsageError."""
    state = sending.state_of(connection, decision.message_id)
    if state is None:
        raise UsageError(f"there is no message {decision.message_id}", remedy="List them with: gsmsend messages")
    if state is not State.UNCERTAIN:
        raise UsageError(
            f"message {decision.message_id} is {state}; only an uncertain message needs to be settled",
            remedy="List those with: gsmsend messages --state uncertain",
        )
    words = "sent" if decision.as_sent else "not sent"
    kind = OutcomeKind.ACCEPTED if decision.as_sent else OutcomeKind.REFUSED
    outcome = Outcome(kind, why=f"settled as {words} by {decision.person}")
    for attempt in evidence.unknown_attempts(connection, decision.message_id):
        state = evidence.settle(connection, rules, attempt, outcome, Evidence.PERSON, decision.at_s)
    campaign = connection.execute(_CAMPAIGN, {"message": decision.message_id}).scalar_one()
    whose = vault_of(connection).root(campaign)
    what = f"resolve as {words}"
    note(connection, decision.person, what, decision.reason, decision.at_s, decision.message_id, whose=whose)
    data = {
        "message": decision.message_id, "as": words, "person": decision.person, "state": state.value,
        "why": outcome.why,
    }  # fmt: skip
    enter(connection, Kind.RESOLVE, decision.at_s, data, sealed={"reason": decision.reason}, campaign_id=whose)
    return state


def noted(
    connection: sa.Connection, person: str, what: str, reason: str, now_s: float, signature: str = ""
) -> None:
    """Keep a decision that has no other entry in the audit log."""
    note(connection, person, what, reason, now_s, whose=OWN, signature=signature)
    data = {"person": person, "what": what}
    if signature:
        data["signature"] = signature
    enter(connection, Kind.NOTE, now_s, data, sealed={"reason": reason})


def note(
    connection: sa.Connection,
    person: str,
    what: str,
    reason: str,
    now_s: float,
    message_id: int | None = None,
    *,
    whose: int | None = None,
    signature: str = "",
) -> None:
    """Keep what a person decided. `whose`: the campaign (root) whose key seals the reason; None: our own words."""
    if whose is not None:
        reason = free_words.kept(vault_of(connection), whose, free_words.reason_label(person, what), reason)
    connection.execute(
        sa.insert(decisions),
        {
            "at_s": now_s, "person": person, "what": what, "message_id": message_id, "reason": reason,
            "signature": signature or None,
        },
    )  # fmt: skip
