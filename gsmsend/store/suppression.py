"""People who must not be texted: keyed hashes of their numbers, asked at every import and on every reply."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gsmsend.audit import Kind, spans
from gsmsend.contract import StoppedMessage, Suppressed, Suppression, SuppressionCount
from gsmsend.contract.queueing import Rules
from gsmsend.errors import KeyStop
from gsmsend.model import OutcomeKind, State
from gsmsend.store import free_words, settling, stopping
from gsmsend.store.base import Changer, Reader
from gsmsend.store.journal import enter
from gsmsend.store.schema import attempts, campaigns, messages, suppressions
from gsmsend.store.seals import KEY_ROW, OWN
from gsmsend.store.vault import vault_of

WORDS = {Suppression.NEVER: stopping.NEVER_CONTACT, Suppression.OPT_OUT: stopping.OPTED_OUT}
"""What is said of a person's messages: `messages.stop`, and the reason shown."""

NOT_READ = "(not to be read without the operation's key)"
_CHUNK = 500
_KINDS = sa.select(suppressions.c.digest, suppressions.c.kind).where(
    suppressions.c.digest.in_(sa.bindparam("digests", expanding=True)), suppressions.c.ended_at_s.is_(None)
)
_COUNTS = (
    sa.select(
        suppressions.c.kind,
        suppressions.c.reason,
        sa.func.count().label("people"),
        sa.func.max(suppressions.c.at_s).label("newest_s"),
    )
    .where(suppressions.c.kind != KEY_ROW, suppressions.c.ended_at_s.is_(None))
    .group_by(suppressions.c.kind, suppressions.c.reason)
)
_END = (
    sa.update(suppressions)
    .where(
        suppressions.c.digest == sa.bindparam("who"),
        suppressions.c.kind == sa.bindparam("list"),
        suppressions.c.ended_at_s.is_(None),
    )
    .values(ended_at_s=sa.bindparam("now"))
)
_TAKE_UP_AGAIN = (
    sa.update(suppressions)
    .where(suppressions.c.digest == sa.bindparam("who"), suppressions.c.kind == sa.bindparam("list"))
    .values(ended_at_s=None, reason=sa.bindparam("because"), person=sa.bindparam("by"), at_s=sa.bindparam("now"))
)
_ENDED = sa.select(suppressions.c.digest).where(
    suppressions.c.digest.in_(sa.bindparam("digests", expanding=True)),
    suppressions.c.kind == sa.bindparam("list"),
    suppressions.c.ended_at_s.is_not(None),
)
_TEXTED = (
    sa.select(messages.c.person, sa.func.max(attempts.c.opened_at_s))
    .join(messages, messages.c.id == attempts.c.message_id)
    .join(campaigns, campaigns.c.id == messages.c.campaign_id)
    .where(
        messages.c.person.in_(sa.bindparam("people", expanding=True)),
        messages.c.campaign_id != sa.bindparam("campaign"),
        campaigns.c.parent_id.is_(None),
        sa.or_(attempts.c.outcome.is_(None), attempts.c.outcome != OutcomeKind.REFUSED.value),
    )
    .group_by(messages.c.person)
)
_WAITING = (
    sa.select(messages.c.person)
    .join(campaigns, campaigns.c.id == messages.c.campaign_id)
    .where(
        messages.c.person.in_(sa.bindparam("people", expanding=True)),
        messages.c.campaign_id != sa.bindparam("campaign"),
        campaigns.c.parent_id.is_(None),
        messages.c.state.in_([s.value for s in (State.DRAFT, State.QUEUED, State.SENDING, State.HELD)]),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Added:
    """How many people are new on the list, how many were on it, and what was stopped of their messages."""

    added: int
    known: int
    stopped: tuple[StoppedMessage, ...]


def kinds(connection: sa.Connection, numbers: Sequence[str]) -> dict[str, Suppression]:
    """Those of the numbers (E.164) that must not be texted, and why; `never` before `opt-out`.

    Raises StoreError if the key is lost.
    """
    vault = vault_of(connection)
    if not vault.seals.unlock(connection):
        return {}
    found: dict[str, Suppression] = {}
    for chunk in _chunks(numbers):
        by_digest = {vault.person(number): number for number in chunk}
        for digest, kind in connection.execute(_KINDS, {"digests": list(by_digest)}):
            number = by_digest[digest]
            if found.get(number) is not Suppression.NEVER:
                found[number] = Suppression(kind)
    return found


def add(
    connection: sa.Connection,
    rules: Rules,
    numbers: Sequence[str],
    kind: Suppression,
    reason: str,
    person: str,
    now_s: float,
    campaign_id: int = OWN,
    *,
    own_words: bool = False,
) -> Added:
    """Put people on the list and stop what has not been sent to them. Raises StoreError if the key is lost.

    Who asked for it themselves did so in answer to a campaign: its key seals their numbers in the audit log.
    `own_words`: the reason is gsmsend's, and names nobody; any other is sealed.
    """
    vault = vault_of(connection)
    wanted = list(dict.fromkeys(numbers))
    added = 0
    said = reason if own_words else free_words.kept(vault, OWN, free_words.LISTED, reason)
    for chunk in _chunks(wanted):
        digests = [vault.person(number) for number in chunk]
        listed = {
            digest
            for digest, listed_as in connection.execute(_KINDS, {"digests": digests})
            if listed_as == kind.value
        }
        ended = set(connection.execute(_ENDED, {"digests": digests, "list": kind.value}).scalars())
        for digest in ended:
            values = {"who": digest, "list": kind.value, "because": said, "by": person, "now": now_s}
            connection.execute(_TAKE_UP_AGAIN, values)
        new = [digest for digest in digests if digest not in listed and digest not in ended]
        if new:
            connection.execute(
                sa.insert(suppressions),
                [
                    {"digest": digest, "kind": kind.value, "reason": said, "person": person, "at_s": now_s}
                    for digest in new
                ],
            )
        added += len(new) + len(ended)
    stopped = stopping.stop_people(connection, rules, wanted, WORDS[kind], now_s)
    data = {
        "person": person, "list": kind.value, "count": added,
        "messages": spans(message.message_id for message in stopped if message.moved),
        "state": State.SUPPRESSED.value, "why": WORDS[kind],
    }  # fmt: skip
    sealed = {"numbers": wanted, "reason": reason}
    enter(connection, Kind.SUPPRESS, now_s, data, sealed=sealed, campaign_id=campaign_id)
    return Added(added, len(wanted) - added, stopped)


def last_texted(connection: sa.Connection, numbers: Sequence[str], campaign_id: int) -> dict[str, float]:
    """When each of these people was last texted by another campaign; infinity if a text to them still waits there.

    What waits will go: it counts as now, so that two campaigns imported one after the other cannot both pass.
    Acknowledgements of replies are left out: they answer the person's own text.
    """
    vault = vault_of(connection)
    found: dict[str, float] = {}
    for chunk in _chunks(numbers):
        who = {vault.person(number): number for number in chunk}
        values = {"people": list(who), "campaign": campaign_id}
        found |= {who[row[0]]: row[1] for row in connection.execute(_TEXTED, values)}
        found |= {who[person]: math.inf for person in connection.execute(_WAITING, values).scalars()}
    return found


def _chunks(numbers: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(numbers), _CHUNK):
        yield list(numbers[start : start + _CHUNK])


class SuppressionViews(Reader):
    """contract.SuppressionView."""

    def suppressed(self, numbers: Sequence[str]) -> dict[str, Suppression]:
        """Those of the numbers that must not be texted."""
        with self._reading() as connection:
            return kinds(connection, numbers)

    def suppressions(self) -> list[SuppressionCount]:
        """Counts by kind and reason; the reasons that persons gave are told only where the key can be had."""
        found: dict[tuple[str, str], SuppressionCount] = {}
        with self._reading() as connection:
            for row in connection.execute(_COUNTS):  # each time that people were added was sealed by itself
                reason = _readable(connection, row.reason)
                one = SuppressionCount(Suppression(row.kind), reason, row.people, row.newest_s)
                same = found.get((row.kind, reason))
                if same is not None:
                    newest = max(same.newest_s, one.newest_s)
                    one = SuppressionCount(one.kind, reason, same.people + one.people, newest)
                found[row.kind, reason] = one
        return sorted(found.values(), key=lambda one: (one.kind.value, -one.people, one.reason))


def _readable(connection: sa.Connection, column: str) -> str:
    try:
        return free_words.opened(vault_of(connection), free_words.LISTED, column)
    except KeyStop:
        return NOT_READ


class SuppressionChanges(Changer):
    """contract.SuppressionStore."""

    def suppress(
        self, numbers: Sequence[str], kind: Suppression, reason: str, person: str, now_s: float
    ) -> Suppressed:
        """Put people on the list, stop what waits for them, and keep who decided it."""
        wanted = list(numbers)

        def body(connection: sa.Connection) -> Suppressed:
            done = add(connection, self._rules, wanted, kind, reason, person, now_s)
            what = f"suppressed {done.added + done.known} ({kind.value}): {done.added} new"
            settling.note(connection, person, what, reason, now_s, whose=OWN)
            halfway = sum(message.halfway for message in done.stopped)
            return Suppressed(done.added, done.known, len(done.stopped) - halfway, halfway)

        result: Suppressed = self._writer.submit(body).result()
        return result

    def unsuppress(self, number: str, kind: Suppression, reason: str, person: str, now_s: float) -> bool:
        """Take a person off the list, and keep who decided it."""

        def body(connection: sa.Connection) -> bool:
            vault = vault_of(connection)
            if not vault.seals.unlock(connection):
                return False
            values = {"who": vault.person(number), "list": kind.value, "now": now_s}
            if not connection.execute(_END, values).rowcount:
                return False
            settling.note(connection, person, f"ended a suppression ({kind.value})", reason, now_s, whose=OWN)
            data = {"person": person, "list": kind.value, "count": 1}
            sealed = {"numbers": [number], "reason": reason}
            enter(connection, Kind.SUPPRESS_END, now_s, data, sealed=sealed)
            return True

        result: bool = self._writer.submit(body).result()
        return result
