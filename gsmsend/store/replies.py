"""Received texts as replies: what each answers, what it says, and what follows from that, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import sqlalchemy as sa

from gsmsend.audit import Kind, stamp
from gsmsend.contract import Flag, Received, ReplyReading, ReplyRow, Rules, Suppression
from gsmsend.model import Inbound, OutcomeKind
from gsmsend.store import acknowledging, received, settling, suppression, swept
from gsmsend.store.base import Changer, Reader
from gsmsend.store.forgetting import forgotten
from gsmsend.store.joining import Joined, joined
from gsmsend.store.journal import enter
from gsmsend.store.schema import attempts, campaigns, inbound, lines, messages, replies
from gsmsend.store.seals import OWN
from gsmsend.store.vault import TAIL, Vault, vault_of

ASKED, PERHAPS_ASKED = "replied that they want no more texts", "perhaps replied that they want no more texts"
"""Reasons of opt-outs."""
_SENDER = "the recipient"
_CLOCKS_S = 3600.0
"""So far this computer's clock may be ahead of the network's."""
_FIRST_TEXT = sa.select(sa.func.min(attempts.c.opened_at_s))
_TEXTED = (
    sa.select(messages.c.id, messages.c.campaign_id, messages.c.number)
    .join(attempts, attempts.c.message_id == messages.c.id)
    .join(campaigns, campaigns.c.id == messages.c.campaign_id)
    .where(
        messages.c.person.in_(sa.bindparam("people", expanding=True)),
        campaigns.c.parent_id.is_(None),
        sa.or_(attempts.c.outcome.is_(None), attempts.c.outcome != OutcomeKind.REFUSED.value),
    )
    .order_by((attempts.c.line_id == sa.bindparam("line")).desc(), attempts.c.id.desc())
    .limit(1)
)
_ENDING_SO = sa.select(messages.c.id, messages.c.campaign_id, messages.c.number).where(
    messages.c.tail == sa.bindparam("tail")
)
_WHO = sa.select(messages.c.id).where(messages.c.person == sa.bindparam("person")).limit(1)
_WHOSE = sa.select(inbound.c.campaign_id).where(inbound.c.id == sa.bindparam("first"))
_KNOWN = sa.select(replies).where(replies.c.inbound_id == sa.bindparam("first"))
_ROWS = (
    sa.select(
        replies.c.inbound_id, replies.c.message_id, replies.c.flag, replies.c.words, replies.c.seen_by,
        replies.c.seen_at_s, campaigns.c.name.label("campaign"), messages.c.number.label("recipient"),
        messages.c.campaign_id.label("family"), inbound.c.campaign_id.label("whose"),
    )
    .join(inbound, inbound.c.id == replies.c.inbound_id)
    .outerjoin(campaigns, campaigns.c.id == replies.c.campaign_id)
    .outerjoin(messages, messages.c.id == replies.c.message_id)
)  # fmt: skip


class _Answered(NamedTuple):
    """The message that a text answers."""

    message_id: int
    campaign_id: int
    number: str


def keep(connection: sa.Connection, rules: Rules, line_id: int, text: Inbound, now_s: float) -> Received:
    """Keep a received part with what it answers and says; an opt-out takes effect with it.

    The very same PDU is kept once (the centre repeats what is not acknowledged). What lay in the device's memory
    before the operation is no reply to it, and is not kept.
    """
    if swept.lay_there(connection, line_id, text.how, text.raw) and not swept.answers(
        connection, line_id, text, _people(connection, rules, text.sender)
    ):
        return Received(new=False)
    if received.heard_before(connection, line_id, text):
        return Received(new=False)
    old = _is_old(connection, text)
    people = () if old else _people(connection, rules, text.sender)
    answered = _answered(connection, people, line_id)
    whose = answered.campaign_id if answered else OWN
    inbound_id = received.insert(connection, line_id, text, whose, now_s)
    whole = _whole(connection, line_id, inbound_id, text, now_s)
    if old:
        _note(connection, whole.first_id, None, (Flag.OLD,), ())
        _say(connection, whole.first_id, line_id, text, None, (Flag.OLD,), now_s)
        return Received(new=True, reply_id=whole.first_id, flags=(Flag.OLD,))
    reading = _read(rules, whole, text)
    fresh = _note(connection, whole.first_id, answered, reading.flags, reading.words)
    _say(connection, whole.first_id, line_id, text, answered, fresh, now_s)
    got = Received(
        new=True, reply_id=whole.first_id, message_id=answered.message_id if answered else None, flags=fresh
    )
    if reading.stop and people:
        reason = PERHAPS_ASKED if reading.doubtful else ASKED
        done = suppression.add(
            connection, rules, people, Suppression.OPT_OUT, reason, _SENDER, now_s, whose, own_words=True
        )
        got = replace(got, stopped=done.stopped)
    if whole.complete and answered and reading.answer is not None:
        barred = suppression.kinds(connection, [answered.number]).get(answered.number)
        if barred is None or (reading.stop and barred is Suppression.OPT_OUT):
            queued = acknowledging.queue(
                connection, reading.answer, answered.campaign_id, answered.number, line_id, whole.first_id, now_s,
                answered.message_id,
            )  # fmt: skip
            got = replace(got, answered=queued)
    return got


def _answered(connection: sa.Connection, people: Sequence[str], line_id: int) -> _Answered | None:
    """The newest text to one of these people, over this line if there is one."""
    if not people:
        return None
    vault = vault_of(connection)
    digests = [vault.person(number) for number in people]
    found = connection.execute(_TEXTED, {"people": digests, "line": line_id}).first()
    if found is None:
        return None
    return _Answered(found.id, found.campaign_id, vault.number(found.campaign_id, found.id, found.number))


def _say(
    connection: sa.Connection, reply_id: int, line_id: int, text: Inbound, answered: _Answered | None,
    flags: Sequence[Flag], now_s: float,
) -> None:  # fmt: skip
    """Put a received part into the audit log."""
    data = {
        "reply": reply_id, "line": line_id, "how": text.how, "message": answered.message_id if answered else None,
        "flags": [flag.value for flag in flags], "arrived": stamp(now_s),
    }  # fmt: skip
    sealed = {"sender": text.sender, "text": text.text, "pdu": text.raw}
    whose = answered.campaign_id if answered else 0
    enter(connection, Kind.INBOUND, now_s, data, sealed=sealed, campaign_id=whose)


def _whole(connection: sa.Connection, line_id: int, inbound_id: int, text: Inbound, now_s: float) -> Joined:
    """The text that this part belongs to, as far as it has come."""
    reference, total, _ = text.concat or (0, 1, 1)
    if total < 2:
        return Joined(inbound_id, line_id, text.sender, 1, now_s, {1: text.text})
    vault = vault_of(connection)
    values = {"who": received.who_of(vault, text.sender), "line": line_id, "reference": reference, "total": total}
    parts = connection.execute(received.ITS_PARTS, values).all()
    return list(joined(received.opened(vault, parts)))[-1]


def _is_old(connection: sa.Connection, text: Inbound) -> bool:
    """Whether it lay in a memory since before this operation's first text: then it answers none of them.

    What comes while we listen is new, whatever its time stamp says.
    """
    if text.how != swept.SWEPT:
        return False
    first_s = connection.execute(_FIRST_TEXT).scalar()
    if first_s is None:
        return True
    return text.sent_at_s is not None and text.sent_at_s < first_s - _CLOCKS_S


def _people(connection: sa.Connection, rules: Rules, sender: str) -> tuple[str, ...]:
    """The numbers, in E.164, that a sender may be: one, or none for a name or a short code.

    A national form that is nobody's by the operation's country is looked for among those who were texted.
    """
    own = rules.e164(sender)
    if sender.startswith("+") or not sender.isdigit() or len(sender) < TAIL:
        return (own,) if own else ()
    vault = vault_of(connection)
    if own and connection.execute(_WHO, {"person": vault.person(own)}).first():
        return (own,)
    rows = connection.execute(_ENDING_SO, {"tail": vault.tail(sender)}).all()
    alike = dict.fromkeys(vault.number(row.campaign_id, row.id, row.number) for row in rows)
    texted = tuple(number for number in alike if rules.same_recipient(number, sender))
    return texted or ((own,) if own else ())


def _read(rules: Rules, whole: Joined, text: Inbound) -> ReplyReading:
    """A part alone is read for danger; for a refusal only if it is the first, and certain."""
    if whole.complete:
        return rules.read_reply(whole.text)
    reading = rules.read_reply(text.text)
    first = text.concat is not None and text.concat[2] == 1
    stop = reading.stop and not reading.doubtful and first
    return ReplyReading(stop=stop, danger=reading.danger, words=reading.words if stop or reading.danger else ())


def _note(
    connection: sa.Connection,
    first_id: int,
    answered: _Answered | None,
    flags: Sequence[Flag],
    words: Sequence[str],
) -> tuple[Flag, ...]:
    """Write what a text answers and says; the flags that are new. A new one asks for a person's look again."""
    known = connection.execute(_KNOWN, {"first": first_id}).first()
    vault, label = vault_of(connection), received.words_of(first_id)
    whose = connection.execute(_WHOSE, {"first": first_id}).scalar_one()
    if known is None:
        values = {
            "inbound_id": first_id, "campaign_id": answered.campaign_id if answered else None,
            "message_id": answered.message_id if answered else None, "flag": " ".join(flags),
            "words": vault.seal(whose, label, ", ".join(words)), "seen_by": "",
        }  # fmt: skip
        connection.execute(sa.insert(replies), values)
        return tuple(flags)
    before = flags_of(known.flag)
    fresh = tuple(flag for flag in flags if flag not in before and flag is not Flag.OLD)
    if fresh:
        every = [flag for flag in Flag if (flag in before or flag in fresh) and flag is not Flag.OLD]
        before_said = vault.open(whose, label, known.words)
        said = [before_said] if before_said else []
        said += [word for word in words if word not in before_said]
        sealed = vault.seal(whose, label, ", ".join(said))
        statement = sa.update(replies).where(replies.c.id == known.id)
        connection.execute(statement.values(flag=" ".join(every), words=sealed, seen_by="", seen_at_s=None))
    return fresh


def flags_of(column: str) -> tuple[Flag, ...]:
    """The flags in a row of `replies`."""
    return tuple(Flag(word) for word in column.split())


class ReplyViews(Reader):
    """contract.ReplyView."""

    def replies(self) -> list[ReplyRow]:
        """Every received text with what it answers; what needs a person first."""
        with self._reading() as connection:
            names = {row.id: row.name for row in connection.execute(sa.select(lines.c.id, lines.c.name))}
            known = {row.inbound_id: row for row in connection.execute(_ROWS)}
            found, vault = [], vault_of(connection)
            for text in joined(received.every(connection)):
                row = known.get(text.first_id)
                found.append(
                    ReplyRow(
                        text.first_id, names[text.line_id], text.sender, text.text, text.arrived_at_s,
                        len(text.pieces), text.complete,
                        row.campaign if row else None, row.message_id if row else None,
                        _recipient(vault, row), flags_of(row.flag) if row else (),
                        vault.open(row.whose, received.words_of(text.first_id), row.words) if row else "",
                        row.seen_by if row else "", row.seen_at_s if row else None,
                    )
                )  # fmt: skip
        return sorted(found, key=_urgency)

    def unseen_dangers(self) -> int:
        """Replies that suggest danger and that nobody has looked at."""
        query = sa.select(sa.func.count()).where(
            replies.c.seen_by == sa.literal_column("''"), replies.c.flag.like(f"{Flag.DANGER}%")
        )
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())


def _recipient(vault: Vault, row: Any) -> str | None:
    if row is None or row.message_id is None:
        return None
    return vault.number(row.family, row.message_id, row.recipient)


def _urgency(row: ReplyRow) -> tuple[int, int]:
    if row.seen_by or Flag.OLD in row.flags:
        return 3, row.reply_id
    urgent = (Flag.DANGER, Flag.DOUBTFUL)
    return next((rank for rank, flag in enumerate(urgent) if flag in row.flags), len(urgent)), row.reply_id


class ReplyChanges(Changer):
    """contract.ReplyStore."""

    def mark_seen(self, reply_id: int, reason: str, person: str, now_s: float) -> bool:
        """A named person has looked at a reply."""

        def body(connection: sa.Connection) -> bool:
            if connection.execute(sa.select(inbound.c.id).where(inbound.c.id == reply_id)).first() is None:
                return False
            if connection.execute(_KNOWN, {"first": reply_id}).first() is None:
                _note(connection, reply_id, None, (), ())
            statement = sa.update(replies).where(replies.c.inbound_id == reply_id)
            connection.execute(statement.values(seen_by=person, seen_at_s=now_s))
            message_id = connection.execute(_KNOWN, {"first": reply_id}).one().message_id
            its_campaign = sa.select(inbound.c.campaign_id).where(inbound.c.id == reply_id)
            whose, what = connection.execute(its_campaign).scalar_one(), f"looked at reply {reply_id}"
            whose = OWN if forgotten(connection, whose) else whose
            settling.note(connection, person, what, reason, now_s, message_id, whose=whose)
            data, sealed = {"reply": reply_id, "person": person}, {"reason": reason}
            enter(connection, Kind.REPLY_SEEN, now_s, data, sealed=sealed, campaign_id=whose)
            return True

        result: bool = self._writer.submit(body).result()
        return result
