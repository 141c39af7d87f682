"""What must hold after every case: the bench's own record of what went on air against the store.

A part is known on the bench by its recipient and by its octets without first octet and TP-MR, which may differ
from one try to the next. A submission *may have reached* its recipient unless the network refused it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gsmsend.contract import MessageRow
from gsmsend.model import ReportOutcome, State
from gsmsend.sms import tp_status

Event = dict[str, Any]
PartKey = tuple[str, str]

EVERY_PART_TAKEN = {State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNCONFIRMED}


@dataclass(slots=True)
class Air:
    """What the bench knows of one part: its submissions, and the final TP-Status of each report taken."""

    tries: int = 0
    may_have_reached: int = 0
    accepted: int = 0
    statuses: list[int] = field(default_factory=list)


def air_of(events: Sequence[Event]) -> dict[PartKey, Air]:
    """The bench's record by part."""
    parts: dict[PartKey, Air] = defaultdict(Air)
    key_of: dict[int, PartKey] = {}
    for event in events:
        kind, serial = event["event"], event.get("submit")
        if kind == "submit":
            octets = str(event["tpdu"])
            key = key_of[event["submit"]] = (str(event["to"]), octets[4:])
            parts[key].tries += 1
            parts[key].may_have_reached += 1
        elif serial not in key_of:
            continue
        elif kind == "refused":
            parts[key_of[serial]].may_have_reached -= 1
        elif kind == "accepted":
            parts[key_of[serial]].accepted += 1
        elif kind == "report" and event["status"] not in _PENDING:
            parts[key_of[serial]].statuses.append(int(event["status"]))
    return dict(parts)


_PENDING = {status for status in range(256) if tp_status(status).outcome is ReportOutcome.PENDING}


def check(events: Sequence[Event], messages: Sequence[MessageRow], recipients: int) -> None:
    """Raise AssertionError naming the first recipient about whom bench and store do not agree."""
    parts = air_of(events)
    by_number: dict[str, list[Air]] = defaultdict(list)
    for (number, _), air in parts.items():
        by_number[number].append(air)
        assert air.may_have_reached <= 1, (
            f"a text to {number} may have reached it {air.may_have_reached} times, in {air.tries} tries"
        )
    assert len(messages) == recipients, f"{len(messages)} messages for {recipients} recipients"
    assert len({row.number for row in messages}) == recipients, "a recipient has two messages"
    for row in messages:
        _agree(row, by_number.pop(row.number, []))
    assert not by_number, f"on air to numbers that are in no list: {sorted(by_number)}"


def _agree(row: MessageRow, air: Sequence[Air]) -> None:
    taken = sum(part.accepted > 0 for part in air)
    doubtful = sum(part.may_have_reached > part.accepted for part in air)
    statuses = [status for part in air for status in part.statuses]
    what = f"message {row.message_id} is {row.state}; the network took {taken} of {len(row.parts)} parts"
    if row.state in EVERY_PART_TAKEN:
        assert taken == len(row.parts), what
    elif row.state is State.FAILED:
        assert taken < len(row.parts), what
        assert not doubtful, f"{what} and {doubtful} may have gone out"
    elif row.state is State.UNCERTAIN:
        assert any(part.outcome == "unknown" for part in row.parts), f"{what} and none is in doubt"
    else:
        assert row.state is State.QUEUED, f"{what}: no state to end in"
        accepted = sum(part.outcome == "accepted" for part in row.parts)
        assert (taken, doubtful) == (accepted, 0), f"{what}; the store has {accepted} as accepted"
    if row.state is State.DELIVERED:
        assert len(statuses) >= len(row.parts), f"{what}, with {len(statuses)} reports"
        assert all(0 in part.statuses for part in air), f"{what}, and the reports say {statuses}"
    if row.state is State.UNDELIVERED:
        gave_up = [status for status in statuses if tp_status(status).outcome is ReportOutcome.UNDELIVERED]
        assert gave_up, f"{what}; the reports say {statuses}"


def gaps(events: Sequence[Event], modem: int, while_fewer: int) -> list[tuple[float, float]]:
    """From the end of each text to the start of the next on a modem's radio, on the bench's clock.

    Only while fewer than so many recipients had their text begun: then there was work for it for sure.
    """
    begun: set[str] = set()
    ended: float | None = None
    found = []
    for event in events:
        if event["event"] == "submit":
            begun.add(str(event["to"]))
        if len(begun) >= while_fewer:
            break
        if event.get("modem") == modem and event["event"] == "submit" and ended is not None:
            found.append((ended, float(event["mono"])))
        elif event.get("modem") == modem and event["event"] in ("accepted", "refused"):
            ended = float(event["mono"])
    return found


def recovery_s(events: Sequence[Event], since_mono: float, modem: int) -> float | None:
    """From a moment on the bench's clock until the modem next had a text accepted that was begun after it."""
    begun: set[int] = set()
    for event in events:
        if event.get("modem") != modem or event["mono"] < since_mono:
            continue
        if event["event"] == "submit":
            begun.add(event["submit"])
        elif event["event"] == "accepted" and event["submit"] in begun:
            return float(event["mono"]) - since_mono
    return None


def totals_of(messages: Sequence[MessageRow]) -> Mapping[str, int]:
    """The states that are not empty."""
    counts: dict[str, int] = defaultdict(int)
    for row in messages:
        counts[row.state.value] += 1
    return dict(counts)
