"""Attempts and reports as the audit log tells them, to hold `attempts`, `parts` and `reports` against.

Of each row only hashes of what the log says are kept, eight octets each: a log may tell of millions.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind, stamp
from gsmsend.model import OutcomeKind
from gsmsend.store.schema import attempts, parts, reports

KINDS = frozenset({Kind.ATTEMPT, Kind.OUTCOME, Kind.SETTLE, Kind.REPORT, Kind.ADOPT})
_PAGE = 1000
_SHOWN = 5
_CAME_OF = ("outcome", "refusal", "reference", "code")


class Marks:
    """A hash by row id; 0 for a row of which nothing was told. Ids are handed out one by one."""

    def __init__(self) -> None:
        self._near = array("q")
        self._far: dict[int, int] = {}
        self.count = 0

    def put(self, row_id: int, *values: object) -> None:
        """What is told of a row now. Raises TypeError for an id that is none."""
        if type(row_id) is not int or row_id < 1:
            raise TypeError(f"{row_id!r} is no id")
        mark = hash(values) or 1
        if row_id > 2 * len(self._near) + _PAGE:
            self.count += row_id not in self._far
            self._far[row_id] = mark
            return
        if row_id >= len(self._near):
            self._near.extend([0] * (row_id + 1 - len(self._near)))
        self.count += not self._near[row_id]
        self._near[row_id] = mark

    def has(self, row_id: int) -> bool:
        """Whether anything is told of a row."""
        return bool(self._get(row_id))

    def fits(self, row_id: int, *values: object) -> bool:
        """Whether this is what is told of it."""
        return self._get(row_id) == (hash(values) or 1)

    def _get(self, row_id: int) -> int:
        return self._far.get(row_id) or (self._near[row_id] if 0 < row_id < len(self._near) else 0)


@dataclass(slots=True)
class ToldSending:
    """Fed with entries in order."""

    _begun: Marks = field(default_factory=Marks)
    _ended: Marks = field(default_factory=Marks)
    _came_to: Marks = field(default_factory=Marks)
    _heard: Marks = field(default_factory=Marks)
    _about: Marks = field(default_factory=Marks)

    def take(self, made: Mapping[str, Any]) -> None:
        """The next entry. Raises KeyError or TypeError if it has not the facts of its kind."""
        kind, told, at = made["kind"], made["data"], made["at"]
        if kind == Kind.ATTEMPT:
            whole = bool(told.get("whole"))
            self._begun.put(
                told["attempt"], told["message"], told["part"], told["line"], at, told.get("key"), whole
            )
        elif kind == Kind.OUTCOME:
            self._ended.put(told["attempt"], at, told["raw"])
            self._came_to.put(told["attempt"], *(told[name] for name in _CAME_OF), told.get("handle"), None)
        elif kind == Kind.SETTLE:
            came_of = (told[name] for name in _CAME_OF)
            self._came_to.put(told["attempt"], *came_of, told.get("handle"), told["by"])
        elif kind == Kind.REPORT:
            self._heard.put(
                told["report"], told["line"], told["reference"], told["status"], told["how"], made["at"],
                told.get("handle"), told.get("said"),
            )  # fmt: skip
            if told["message"] is not None:
                self._about.put(told["report"], told["message"], told["part"])
        elif told["message"] is not None:
            self._about.put(told["report"], told["message"], told["part"])

    def differences(self, connection: sa.Connection, before: Mapping[str, int]) -> Iterator[str]:
        """What the tables have otherwise, a sentence each. `before`: how many rows are older than the log."""
        yield from _said("attempts", self._of_attempts(connection), before.get("attempts", 0))
        yield from _said("reports", self._of_reports(connection), before.get("reports", 0))
        yield from _said("parts", _of_parts(connection, before.get("attempts", 0)), 0)

    def _of_attempts(self, connection: sa.Connection) -> Iterator[tuple[int, str]]:
        for row in _rows(connection, sa.select(attempts).order_by(attempts.c.id)):
            if not self._begun.has(row.id):
                yield row.id, ""
            elif not self._begun.fits(
                row.id, row.message_id, row.seq, row.line_id, stamp(row.opened_at_s), row.key, bool(row.whole)
            ):
                yield (
                    row.id,
                    "message, part, line, time, key or kind of route are not those of its 'attempt' entry",
                )
            closed = row.closed_at_s is not None
            if closed != self._ended.has(row.id) and self._begun.has(row.id):
                yield (
                    row.id,
                    "it is ended and no 'outcome' entry says so" if closed else "an 'outcome' entry ended it",
                )
            elif (
                closed
                and self._ended.has(row.id)
                and not self._ended.fits(row.id, stamp(row.closed_at_s), row.raw)
            ):
                yield row.id, "when it ended, or the modem's words, are not those of its 'outcome' entry"
            came_of = (row.outcome, row.refusal, row.reference, row.code, row.handle, row.settled_by)
            if closed and self._came_to.has(row.id) and not self._came_to.fits(row.id, *came_of):
                yield (
                    row.id,
                    "outcome, reference, code, handle or evidence are not as its 'outcome' or 'settle' entry says",
                )

    def _of_reports(self, connection: sa.Connection) -> Iterator[tuple[int, str]]:
        query = (
            sa.select(reports, parts.c.message_id, parts.c.seq, parts.c.tp_status)
            .join(parts, parts.c.id == reports.c.part_id, isouter=True)
            .order_by(reports.c.id)
        )
        for row in _rows(connection, query):
            if not self._heard.has(row.id):
                yield row.id, ""
                continue
            when = stamp(row.arrived_at_s)
            heard = row.line_id, row.reference, row.status, row.how, when, row.handle, row.said
            if not self._heard.fits(row.id, *heard):
                yield row.id, "line, reference, status, handle, word or time are not those of its 'report' entry"
            matched = row.message_id is not None
            if matched != self._about.has(row.id) or (
                matched and not self._about.fits(row.id, row.message_id, row.seq)
            ):
                yield row.id, "it is not about the part that its 'report' or 'adopt' entry names"
            elif matched and row.tp_status is None:
                yield row.id, "the part that it is about has no status"


def _of_parts(connection: sa.Connection, older: int) -> Iterator[tuple[int, str]]:
    """What parts say of themselves, against their attempts and reports. Not of the `older` first attempts."""
    p, a, r = parts.c, attempts.c, reports.c
    newest = (
        sa.select(sa.func.max(a.id))
        .where(a.message_id == p.message_id, a.seq == p.seq, a.closed_at_s.is_not(None))
        .correlate(parts)
        .scalar_subquery()
    )
    last = attempts.alias("last")
    reworded = sa.and_(p.attempt_id.is_(None), p.outcome.is_(None), last.c.outcome == OutcomeKind.REFUSED.value)
    other = sa.or_(
        p.outcome.is_distinct_from(last.c.outcome), p.reference.is_distinct_from(last.c.reference),
        p.code.is_distinct_from(last.c.code), p.line_id.is_distinct_from(last.c.line_id),
        p.attempt_id.is_distinct_from(last.c.id), p.handle.is_distinct_from(last.c.handle),
    )  # fmt: skip
    wrong = (
        sa.select(p.message_id)
        .select_from(parts)
        .join(last, last.c.id == newest, isouter=True)
        .where(
            other, sa.not_(sa.func.coalesce(reworded, sa.false())), sa.func.coalesce(last.c.id, older + 1) > older
        )
        .order_by(p.id)
    )
    for row in _rows(connection, wrong):
        yield row.message_id, "a part of these messages is not as its last attempt left it"
    heard = sa.select(r.part_id, r.status, r.said).where(r.part_id.is_not(None)).distinct().subquery("heard")
    wrong = (
        sa.select(p.message_id)
        .select_from(parts)
        .join(
            heard,
            sa.and_(
                heard.c.part_id == p.id,
                heard.c.status == p.tp_status,
                heard.c.said.is_not_distinct_from(p.said),
            ),
            isouter=True,
        )
        .where(p.tp_status.is_not(None), heard.c.part_id.is_(None), sa.func.coalesce(p.attempt_id, 0) > older)
        .order_by(p.id)
    )
    for row in _rows(connection, wrong):
        yield row.message_id, "no report gave a part of these messages the status that it has"


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Any]:
    yield from connection.execute(query, execution_options={"yield_per": _PAGE})


def _said(table: str, found: Iterator[tuple[int, str]], older: int) -> Iterator[str]:
    """A sentence for each sort of difference, with the first rows; "" is a row of which the log does not tell."""
    rows: dict[str, list[int]] = {}
    counts: dict[str, int] = {}
    for row_id, what in found:
        counts[what] = counts.get(what, 0) + 1
        if len(rows.setdefault(what, [])) < _SHOWN:
            rows[what].append(row_id)
    for what, ids in rows.items():
        more = "..." if counts[what] > len(ids) else ""
        listed = ", ".join(map(str, ids)) + more
        if what:
            yield f"the table {table}, {counts[what]} row(s) ({listed}): {what}"
        elif counts[what] != older:
            yield f"the table {table}, {counts[what]} row(s) ({listed}): the log does not tell of them"
