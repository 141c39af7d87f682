"""Holds the bench's record of what went on air against what gsmsend says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gsmsend.masking import mask_number
from tests.crash.far_side import OnAir, PartKey, Record
from tests.crash.near_side import Account


class Wrong(StrEnum):
    """What must never be."""

    LOST = "lost"
    DUPLICATE = "duplicate"
    STATE = "wrong state"


@dataclass(frozen=True, slots=True)
class Problem:
    """One of them, in plain words."""

    what: Wrong
    words: str

    def __str__(self) -> str:
        return f"{self.what}: {self.words}"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Who was to get which text; whether delivery reports came; whether a person has settled some.

    `cut_off` are the attempts that kills left open: each must be unknown still, or have its evidence.
    """

    texts: Mapping[str, str]
    reports: bool = True
    resolved: bool = False
    cut_off: frozenset[int] = frozenset()


def on_the_way(record: Record) -> Iterator[Problem]:
    """What can be said at any time: no part twice."""
    for (to, seq), parts in record.accepted.items():
        if len(parts) > 1:
            yield Problem(Wrong.DUPLICATE, f"part {seq} to {mask_number(to)} went on air {len(parts)} times")


def at_the_end(
    wanted: Expectation, record: Record, messages: Sequence[Mapping[str, Any]], store: Account
) -> Iterator[Problem]:
    """Everything, once nothing is left to send."""
    yield from on_the_way(record)
    yield from _recipients(wanted, record, messages)
    for message in messages:
        yield from _message(wanted, record, message, store)
    for number, text in wanted.texts.items():
        yield from _content(record, number, text)
    yield from _doubted(record, store)
    yield from _evidence(wanted, store)
    yield from _reports(record, store)


def _recipients(wanted: Expectation, record: Record, messages: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    counts = Counter(message["number"] for message in messages)
    for number in wanted.texts:
        if counts[number] != 1:
            yield Problem(Wrong.LOST, f"{mask_number(number)} is {counts[number]} times in the store")
    for number in counts.keys() - wanted.texts.keys():
        yield Problem(Wrong.STATE, f"the store has {mask_number(number)}, who was never asked for")
    for to in {to for to, _ in record.accepted} - wanted.texts.keys():
        yield Problem(Wrong.STATE, f"{mask_number(to)} was texted and never asked for")


def _message(wanted: Expectation, record: Record, message: Mapping[str, Any], store: Account) -> Iterator[Problem]:
    state, parts, who = message["state"], message["parts"], f"message {message['id']}"
    aired = {part["seq"]: record.accepted.get((message["number"], part["seq"]), []) for part in parts}
    doubtful = any(part["outcome"] == "unknown" for part in parts)
    for part in parts:
        yield from _part(who, part, aired[part["seq"]], store, resolved=wanted.resolved)
    if doubtful != (state == "uncertain"):
        yield Problem(Wrong.STATE, f"{who} is {state}; a part of it is unknown: {doubtful}")
    if state in {"queued", "sending", "held", "failed"}:
        yield Problem(Wrong.LOST, f"{who} is {state} at the end ({message['why']})")
    if state == "uncertain":
        return
    told = all(any(part.told for part in found) for found in aired.values())
    if state == "delivered" and not told:
        yield Problem(Wrong.STATE, f"{who} is delivered, but the network has not reported every part of it")
    if state != "delivered" and wanted.reports and not wanted.resolved:
        yield Problem(Wrong.STATE, f"{who} is {state}, not delivered; all its reports were taken: {told}")


def _part(
    who: str, part: Mapping[str, Any], aired: Sequence[OnAir], store: Account, *, resolved: bool
) -> Iterator[Problem]:
    place = f"part {part['seq']} of {who}"
    if part["outcome"] == "accepted":
        if not aired:
            yield Problem(Wrong.LOST, f"{place} is on record as sent and never went on air")
        elif part["reference"] is None and resolved:
            return
        elif part["reference"] != aired[0].reference or store.iccids.get(part["line"]) != aired[0].iccid:
            yield Problem(Wrong.STATE, f"{place} has another TP-MR or line on record than it had on air")
    elif part["outcome"] != "unknown" and aired:
        yield Problem(Wrong.STATE, f"{place} went on air and is on record as not sent ({part['outcome']})")


def _content(record: Record, number: str, text: str) -> Iterator[Problem]:
    parts = {seq: found[0] for (to, seq), found in record.accepted.items() if to == number}
    if not parts:
        return
    totals, references = {part.total for part in parts.values()}, {part.concat for part in parts.values()}
    if len(totals) != 1 or len(references) != 1:
        yield Problem(Wrong.STATE, f"the parts to {mask_number(number)} do not join: {totals}, {references}")
        return
    said = "".join(parts[seq].text for seq in sorted(parts))
    whole = len(parts) == totals.pop()
    if not all(part.text in text for part in parts.values()) or (whole and said != text):
        yield Problem(Wrong.STATE, f"{mask_number(number)} was sent another text than theirs")


def _doubted(record: Record, store: Account) -> Iterator[Problem]:
    """Evidence must have told the truth: what `_part` has not compared, an attempt that was settled as sent."""
    for attempt in store.doubted:
        place = f"part {attempt.seq} to {mask_number(attempt.number)}"
        aired = record.accepted.get((attempt.number, attempt.seq), [])
        if attempt.by is not None and attempt.outcome == "accepted" and not aired:
            yield Problem(Wrong.LOST, f"{place} was settled as sent ({attempt.by}) and never went on air")


def _evidence(wanted: Expectation, store: Account) -> Iterator[Problem]:
    for attempt_id in wanted.cut_off:
        outcome, settled_by = store.attempts.get(attempt_id, (None, None))
        if outcome != "unknown" and settled_by is None:
            yield Problem(
                Wrong.STATE, f"attempt {attempt_id} was cut off and is {outcome} with no evidence on record"
            )


def _reports(record: Record, store: Account) -> Iterator[Problem]:
    """What was acknowledged to the network must be on disk: it never comes again."""
    kept = Counter(store.reports)
    for report, count in Counter(record.reports_taken).items():
        if kept[report] < count:
            yield Problem(
                Wrong.LOST,
                f"{count} reports on TP-MR {report[2]} to {mask_number(report[1])} were acknowledged, "
                f"{kept[report]} are on record",
            )


def went_out(record: Record, message: Mapping[str, Any]) -> bool:
    """What a person who knows the truth would say of an uncertain message: whether its unknown part went out."""
    keys: list[PartKey] = [(message["number"], part["seq"]) for part in message["parts"]
                           if part["outcome"] == "unknown"]  # fmt: skip
    return all(record.accepted.get(key) for key in keys)
