"""The transaction that forgets a campaign: its key, what was sealed under it, and who its people were."""

from __future__ import annotations

import json
import secrets

import sqlalchemy as sa

from gsmsend.audit import Kind, stamp
from gsmsend.contract.forgetting import FORGOTTEN, Forgot
from gsmsend.errors import UsageError
from gsmsend.model import State
from gsmsend.store import free_words, wiping
from gsmsend.store.base import Changer
from gsmsend.store.campaign_rows import UNDER_WAY, WAITING, count_in, decide, family, named
from gsmsend.store.journal import enter
from gsmsend.store.schema import (
    approvals,
    audit,
    campaigns,
    decisions,
    imports,
    inbound,
    keys,
    messages,
    refused_rows,
    replies,
    reports,
    sightings,
    texts,
)
from gsmsend.store.seals import OWN
from gsmsend.store.vault import vault_of

FORGOT = "forgot the campaign"
"""What the decision of the person who did it is called."""
_NOBODY = "nobody "
"""What a keyed hash becomes, with the number of its row: no look-up finds it, and it stays distinct."""
_CHUNK = 500
_GONE = sa.select(keys.c.destroyed_at_s).where(
    keys.c.campaign_id == sa.bindparam("campaign"), keys.c.destroyed_at_s.is_not(None)
)


def forgotten(connection: sa.Connection, campaign_id: int) -> bool:
    """Whether this campaign (root) was forgotten."""
    return connection.execute(_GONE, {"campaign": campaign_id}).first() is not None


def refuse_forgotten(connection: sa.Connection, campaign_id: int, name: str) -> None:
    """Raise UsageError if nothing can be added to a campaign any more."""
    if forgotten(connection, campaign_id):
        raise UsageError(
            f"the campaign {name} was forgotten: its key is destroyed, and nothing can be added to it",
            remedy="Begin another one with --campaign NAME.",
        )


def forget(connection: sa.Connection, name: str, by: str, reason: str, now_s: float) -> Forgot:
    """Destroy what a campaign knows of people. Raises UsageError if it is not over."""
    row = named(connection, name)
    if row.parent_id is not None:
        parent = connection.execute(
            sa.select(campaigns.c.name).where(campaigns.c.id == row.parent_id)
        ).scalar_one()
        raise UsageError(
            f"the campaign {name} answers the replies to {parent}, and is forgotten with it",
            remedy=f"Name that one: {parent}",
        )
    root = row.campaign_id
    if forgotten(connection, root):
        return Forgot(name, 0, 0, already=True, wiped=False)
    ids = family(connection, root)
    _refuse_unfinished(connection, ids, name)
    mine = messages.c.campaign_id.in_(ids)
    its_imports = sa.select(imports.c.id).where(imports.c.campaign_id.in_(ids))
    its_messages = sa.select(messages.c.id).where(mine)
    its_texts = sa.select(inbound.c.id).where(inbound.c.campaign_id == root)
    connection.execute(
        sa.update(sightings)
        .where(sa.or_(sightings.c.message_id.in_(its_messages), sightings.c.import_id.in_(its_imports)))
        .values(original=None)
    )
    connection.execute(sa.update(refused_rows).where(refused_rows.c.import_id.in_(its_imports)).values(value=None))
    connection.execute(
        sa.update(texts).where(texts.c.campaign_id == root).values(body=None, digest=_nobody(texts))
    )
    people = connection.execute(
        sa.update(messages).where(mine).values(number=None, person=_nobody(messages), tail="")
    ).rowcount
    connection.execute(
        sa.update(reports)
        .where(reports.c.campaign_id == root)
        .values(recipient=None, raw=None, raw_digest=_nobody(reports))
    )
    connection.execute(sa.update(replies).where(replies.c.inbound_id.in_(its_texts)).values(words=None))
    received = _forget_senders(connection, root)
    _forget_lists_and_approvals(connection, root)
    _forget_secrets(connection, ids, root)
    _destroy_key(connection, root, by, now_s)
    vault, label = vault_of(connection), free_words.reason_label(by, FORGOT)
    decide(connection, root, by, FORGOT, free_words.kept(vault, OWN, label, reason), now_s)
    data = {"campaign": root, "by": by, "destroyed": stamp(now_s)}
    enter(connection, Kind.FORGET, now_s, data, sealed={"reason": reason})
    wiping.want(connection)
    return Forgot(name, people, received, already=False, wiped=False)


def _nobody(table: sa.Table) -> sa.ColumnElement[str]:
    return sa.literal(_NOBODY) + sa.cast(table.c.id, sa.String)


def _forget_lists_and_approvals(connection: sa.Connection, root: int) -> None:
    """What was signed, names of lists, what persons said, and what the operation's key would tell from a guess.

    That is which list it was, and which old approval.

    A digest that an officer signed has a salt which goes with the campaign's key; those that an earlier version
    made have none and are kept without a signature (store/older_rows.py).
    """
    mine = sa.update(approvals).where(approvals.c.campaign_id == root)
    connection.execute(mine.values(content=None))
    connection.execute(mine.where(approvals.c.signature == "").values(digest=_nobody(approvals)))
    lists = sa.update(imports).where(imports.c.campaign_id == root)
    connection.execute(lists.values(digest=_nobody(imports), source=FORGOTTEN))
    said = free_words.under(decisions.c.reason, root)
    connection.execute(sa.update(decisions).where(said).values(reason=FORGOTTEN))


def _refuse_unfinished(connection: sa.Connection, ids: list[int], name: str) -> None:
    uncertain = count_in(connection, ids, [State.UNCERTAIN])
    open_still = count_in(connection, ids, [*WAITING, *UNDER_WAY]) - uncertain
    if not (open_still or uncertain):
        return
    said = [f"{open_still} of its texts wait or are being sent"] if open_still else []
    said += [f"{uncertain} may or may not have gone out"] if uncertain else []
    first = f"cancel it with 'gsmsend cancel --campaign {name}'" if open_still else ""
    then = "settle those that are uncertain with 'gsmsend resolve'" if uncertain else ""
    do = ", then ".join(filter(None, (first, then)))
    raise UsageError(
        f"the campaign {name} is not over: {' and '.join(said)}; nothing was forgotten",
        remedy=f"{do[0].upper()}{do[1:]}. Then give the same command again.",
    )


def _forget_senders(connection: sa.Connection, root: int) -> int:
    """Empty the received texts; the parts of one still belong together by a hash of nobody. How many texts."""
    own = inbound.c.campaign_id == root
    senders = connection.execute(sa.select(inbound.c.sender_digest).where(own).distinct()).scalars().all()
    for sender in senders:
        connection.execute(
            sa.update(inbound)
            .where(own, inbound.c.sender_digest == sender)
            .values(sender_digest=_NOBODY + secrets.token_hex(16))
        )
    return connection.execute(
        sa.update(inbound).where(own).values(sender=None, text=None, raw=None, raw_digest=_nobody(inbound))
    ).rowcount


def _forget_secrets(connection: sa.Connection, ids: list[int], root: int) -> None:
    """What the log's commitments stand for; also in entries of reports that were about no known text at first."""
    connection.execute(sa.update(audit).where(audit.c.campaign_id.in_(ids)).values(secrets=None))
    own = sa.select(audit.c.n, audit.c.line).where(
        audit.c.kind == Kind.REPORT.value, audit.c.campaign_id == OWN, audit.c.secrets.is_not(None)
    )
    its_reports = set(connection.execute(sa.select(reports.c.id).where(reports.c.campaign_id == root)).scalars())
    found = [row.n for row in connection.execute(own) if json.loads(row.line)["data"]["report"] in its_reports]
    for start in range(0, len(found), _CHUNK):
        chunk = audit.c.n.in_(found[start : start + _CHUNK])
        connection.execute(sa.update(audit).where(chunk).values(secrets=None))


def _destroy_key(connection: sa.Connection, root: int, by: str, now_s: float) -> None:
    gone = {"wrapped": None, "destroyed_at_s": now_s, "destroyed_by": by}
    if not connection.execute(sa.update(keys).where(keys.c.campaign_id == root).values(**gone)).rowcount:
        connection.execute(sa.insert(keys).values(campaign_id=root, made_at_s=now_s, **gone))
    vault_of(connection).seals.drop(root)


class ForgettingChanges(Changer):
    """contract.Forgetting."""

    def forget(self, campaign: str, by: str, reason: str, now_s: float) -> Forgot:
        """Destroy the campaign's key, and wipe the store's files."""
        done: Forgot = self._writer.submit(lambda c: forget(c, campaign, by, reason, now_s)).result()
        return Forgot(done.campaign, done.messages, done.replies, done.already, wiping.wiped(self._engine))
