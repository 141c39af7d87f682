"""Transactions that queue acknowledgements of replies. Each takes an open connection."""

from __future__ import annotations

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract import Answer, AnswerKind
from gsmsend.contract.replies import ANSWERS
from gsmsend.model import State
from gsmsend.store import texts
from gsmsend.store.journal import enter
from gsmsend.store.schema import approvals, campaigns, imports, messages, parts
from gsmsend.store.stopping import ANSWER_TO_STOP
from gsmsend.store.vault import number_of, vault_of

SOURCES = {AnswerKind.REPLY: "acknowledgement of replies", AnswerKind.STOP: ANSWER_TO_STOP}
"""`imports.source` of each kind."""

_GIVEN = (
    sa.select(messages.c.id)
    .join(imports, imports.c.id == messages.c.import_id)
    .join(campaigns, campaigns.c.id == messages.c.campaign_id)
    .where(
        messages.c.person == sa.bindparam("person"),
        imports.c.source == sa.bindparam("source"),
        campaigns.c.parent_id.is_not(None),
    )
    .limit(1)
)


def queue(
    connection: sa.Connection, answer: Answer, campaign_id: int, number: str, line_id: int, row: int, now_s: float,
    to: int,
) -> int | None:  # fmt: skip
    """Queue an acknowledgement to a person who was texted, over the line they answered; its message.

    None if they had one of this kind before, in whatever campaign: two programs that answer each other end there.
    Nor is there one in a campaign that was cancelled. `row` names the reply, `to` the message that it answers.
    It waits as a draft while the campaign's approval does not stand.
    """
    vault = vault_of(connection)
    person = vault.person(number)
    if connection.execute(_GIVEN, {"person": person, "source": SOURCES[answer.kind]}).first():
        return None
    parent = connection.execute(sa.select(campaigns).where(campaigns.c.id == campaign_id)).one()
    child = connection.execute(sa.select(campaigns).where(campaigns.c.parent_id == parent.id)).first()
    if parent.cancelled or (child is not None and child.cancelled):
        return None
    child_id = int(child.id) if child is not None else _child(connection, parent, now_s)
    needs = answer.approved_only or _needs_approval(connection, campaign_id)
    ready = parent.released_at_s is not None or not needs
    message_id = (connection.execute(sa.select(sa.func.max(messages.c.id))).scalar() or 0) + 1
    message = {
        "id": message_id, "number": vault.seal(campaign_id, number_of(message_id), number), "person": person,
        "tail": vault.tail(number),
        "campaign_id": child_id, "import_id": _import(connection, child_id, answer.kind, now_s), "row": row,
        "text_id": texts.id_of(connection, campaign_id, answer.text, answer.segments), "why": "",
        "due_at_s": now_s,
        "state": (State.QUEUED if ready else State.DRAFT).value, "bound_line": line_id, "parts": answer.segments,
        "changed_at_s": now_s,
    }  # fmt: skip
    _insert(connection, messages, message)
    connection.execute(
        sa.insert(parts), [{"message_id": message_id, "seq": seq} for seq in range(1, answer.segments + 1)]
    )
    data = {
        "message": message_id, "campaign": child_id, "name": f"{parent.name} {ANSWERS}", "to": to,
        "state": message["state"],
    }  # fmt: skip
    sealed = {"number": number, "text": answer.text}
    enter(connection, Kind.ANSWER, now_s, data, sealed=sealed, campaign_id=campaign_id)
    return message_id


def _child(connection: sa.Connection, parent: sa.Row[tuple[object, ...]], now_s: float) -> int:
    name = f"{parent.name} {ANSWERS}"
    values = {"name": name, "created_at_s": now_s, "parent_id": parent.id, "released_at_s": parent.released_at_s}
    return _insert(connection, campaigns, values)


def _import(connection: sa.Connection, child_id: int, kind: AnswerKind, now_s: float) -> int:
    """The import that this message counts under, with one row more."""
    known = sa.select(imports.c.id).where(imports.c.campaign_id == child_id, imports.c.digest == kind.value)
    found = connection.execute(known).scalar()
    if found is None:
        values = {
            "campaign_id": child_id, "source": SOURCES[kind], "digest": kind.value, "accepted": 1, "duplicates": 0,
            "refused": 0, "complete": 1, "at_s": now_s, "person": "",
        }  # fmt: skip
        return _insert(connection, imports, values)
    one_more = sa.update(imports).where(imports.c.id == found).values(accepted=imports.c.accepted + 1)
    connection.execute(one_more)
    return int(found)


def _needs_approval(connection: sa.Connection, campaign_id: int) -> bool:
    """Whether the campaign was ever approved: a text of one that needs none went out without."""
    known = sa.select(approvals.c.id).where(approvals.c.campaign_id == campaign_id).limit(1)
    return connection.execute(known).first() is not None


def _insert(connection: sa.Connection, table: sa.Table, values: dict[str, object]) -> int:
    key = connection.execute(sa.insert(table), values).inserted_primary_key
    assert key is not None  # noqa: S101 - an insert of one row has one
    return int(key[0])
