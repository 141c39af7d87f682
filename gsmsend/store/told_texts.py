"""Who gets which text, as the sealed part of the audit log tells it, to hold `messages` and `texts` against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.audit.states import ids_in
from gsmsend.errors import StoreError
from gsmsend.store import texts as wording
from gsmsend.store.schema import messages, texts
from gsmsend.store.seals import Seals
from gsmsend.store.told_sending import Marks
from gsmsend.store.vault import Vault

KINDS = frozenset({Kind.ROWS, Kind.REWORD, Kind.ANSWER, Kind.FALLBACK})
_PAGE = 1000
_SHOWN = 5


@dataclass(slots=True)
class ToldTexts:
    """Fed with what entries sealed, in order. Keeps a hash a message, and each wording's."""

    _numbers: Marks = field(default_factory=Marks)
    _text_of: dict[int, int] = field(default_factory=dict)
    _bodies: dict[int, int] = field(default_factory=dict)
    _answers: dict[int, int] = field(default_factory=dict)

    def take(self, made: Mapping[str, Any], hidden: Mapping[str, Any]) -> None:
        """The next entry of these kinds, with what it sealed. Raises KeyError, TypeError or ValueError."""
        kind, told = made["kind"], made["data"]
        if kind == Kind.ANSWER:
            self._numbers.put(told["message"], hidden["number"])
            self._answers[told["message"]] = hash(hidden["text"])
            return
        for text_id, body in hidden["texts"].items():
            self._bodies[int(text_id)] = hash(body)
        if kind == Kind.FALLBACK:  # the message keeps its own text too
            return
        if kind == Kind.REWORD:
            changes = {int(old): int(new) for old, new in told["texts"].items()}
            for message_id in (one for span in ids_in(told["messages"]) for one in span):
                old = self._text_of.get(message_id)
                if old is not None and old in changes:
                    self._text_of[message_id] = changes[old]
            return
        first, last = told["messages"] or (0, -1)
        for _place, _original, number, text_id, message_id in hidden["rows"]:
            if message_id is not None and first <= message_id <= last:
                self._numbers.put(message_id, number)
                self._text_of.setdefault(message_id, text_id)

    def differences(self, connection: sa.Connection, seals: Seals) -> Iterator[str]:
        """What the tables have otherwise; nobody's number or text is named."""
        vault = Vault(connection, seals)
        c, bodies = messages.c, dict[int, int]()
        other: dict[str, list[int]] = {}
        for row in connection.execute(sa.select(texts).order_by(texts.c.id)):
            if row.body is not None and (row.id in self._bodies or self._answers):
                body = bodies[row.id] = _hash_of(vault, row)
                if row.id in self._bodies and self._bodies[row.id] != body:
                    yield f"the table texts, row {row.id}: its words are not those that the log sealed"
        query = sa.select(c.id, c.campaign_id, c.number, c.person, c.text_id).order_by(c.id)
        for row in connection.execute(query, execution_options={"yield_per": _PAGE}):
            if row.number is None or not self._numbers.has(row.id):
                continue
            number = _number(vault, row)
            if number is None or not self._numbers.fits(row.id, number):
                other.setdefault("their number is not the one that the log sealed", []).append(row.id)
            elif vault.person(number) != row.person:
                other.setdefault("the hash of their person is not that of the number", []).append(row.id)
            known = self._text_of.get(row.id)
            answer = self._answers.get(row.id)
            if (known is not None and known != row.text_id) or (
                answer is not None and answer != bodies.get(row.text_id)
            ):
                other.setdefault("their text is not the one that the log says", []).append(row.id)
        for what, ids in other.items():
            listed = ", ".join(map(str, ids[:_SHOWN])) + ("..." if len(ids) > _SHOWN else "")
            yield f"the table messages, {len(ids)} row(s) ({listed}): {what}"


def _number(vault: Vault, row: Any) -> str | None:
    try:
        return vault.number(row.campaign_id, row.id, row.number)
    except StoreError:
        return None


def _hash_of(vault: Vault, row: Any) -> int:
    try:
        return hash(wording.opened(vault, row.id, row.campaign_id, row.body))
    except StoreError:
        return 0
