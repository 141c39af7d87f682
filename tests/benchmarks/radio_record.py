"""What a long bench's own record tells: how busy each radio was, how long each modem was out, what went on air."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gsmsend.sms import Submit

_HALF_READ = ("at-prompt", "mid-pdu")
"""The modem has not read all of a text yet: the client may have handed it over, and must take it for gone out."""

Span = tuple[float, float]
"""From and to, in epoch seconds."""


@dataclass(frozen=True, slots=True)
class Outage:
    """One modem out of use: since when, whether it was unplugged (else it hung), whether a text was handed over,
    since when it is registered again (None: never), and when its next text was handed to it."""

    modem: int
    since_s: float
    unplugged: bool
    sending: bool
    back_s: float | None = None
    next_s: float | None = None


@dataclass(slots=True)
class RadioRecord:
    """`accepted`: recipient and text of each part that the network took, and how often. `busy`: spans by modem."""

    accepted: dict[tuple[str, str], int] = field(default_factory=dict)
    submits: list[float] = field(default_factory=list)
    busy: dict[int, list[Span]] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)

    def shares(self, first_s: float, last_s: float, grace_s: float | None) -> dict[int, Span]:
        """By modem, for how long it was busy and for how long it was healthy, in seconds.

        Healthy: not in an outage nor in the `grace_s` seconds after it; with None, always.
        """
        found: dict[int, Span] = {}
        for modem, busy in self.busy.items():
            ill = [
                (outage.since_s, (outage.back_s if outage.back_s is not None else last_s) + grace_s)
                for outage in self.outages
                if grace_s is not None and outage.modem == modem
            ]
            healthy = list(_without((first_s, last_s), sorted(ill)))
            spans = _joined(busy)
            found[modem] = (
                sum(_overlap(span, well) for span in spans for well in healthy if span[1] > well[0]),
                sum(to_s - from_s for from_s, to_s in healthy),
            )
        return found

    def share(self, first_s: float, last_s: float, grace_s: float | None) -> float:
        """Of all healthy time, the part in which the radio was busy."""
        shares = self.shares(first_s, last_s, grace_s).values()
        return sum(busy for busy, _ in shares) / sum(healthy for _, healthy in shares)


def read(log: Path) -> RadioRecord:
    """The record, line by line: it is long."""
    found, submits, open_since = RadioRecord(), dict[int, tuple[str, str]](), dict[int, Outage]()
    waiting: dict[int, Outage] = {}
    on_air: dict[int, float] = {}
    for event in _events(log):
        modem = int(event.get("modem", 0))
        at_s = float(event["at"])
        match event["event"]:
            case "submit":
                submits[event["submit"]] = event["to"], Submit.decode(bytes.fromhex(event["tpdu"])).text
                found.submits.append(at_s)
                on_air[modem] = at_s
                if modem in waiting:
                    out = waiting.pop(modem)
                    found.outages.append(
                        Outage(out.modem, out.since_s, out.unplugged, out.sending, out.back_s, at_s)
                    )
            case "accepted":
                key = submits.pop(event["submit"])
                found.accepted[key] = found.accepted.get(key, 0) + 1
            case "result":
                on_air.pop(modem, None)
                found.busy.setdefault(modem, []).append((at_s - float(event["busy_s"]), at_s))
            case "fault" | "off" if modem not in open_since and _begins(event):
                if modem in waiting:  # out again before its next text
                    found.outages.append(waiting.pop(modem))
                begun_s = on_air.pop(modem, None)
                handed_over = begun_s is not None or event.get("what") in _HALF_READ
                open_since[modem] = Outage(modem, at_s, _unplugs(event), handed_over)
                if begun_s is not None:
                    found.busy.setdefault(modem, []).append((begun_s, at_s))
            case "registration" if event["registered"] and modem in open_since:
                out = open_since.pop(modem)
                waiting[modem] = Outage(out.modem, out.since_s, out.unplugged, out.sending, at_s)
    found.outages += [*waiting.values(), *open_since.values()]
    found.outages.sort(key=lambda out: out.since_s)
    return found


def _begins(event: dict[str, Any]) -> bool:
    return bool(event["event"] == "fault" or event["why"] == "unplugged")


def _unplugs(event: dict[str, Any]) -> bool:
    return event["event"] == "off" or str(event["fault"]).startswith("unplug")


def _events(log: Path) -> Iterator[dict[str, Any]]:
    with log.open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def _joined(spans: list[Span]) -> list[Span]:
    """Without overlaps, in order."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span[0] <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], span[1])
        else:
            found.append(span)
    return found


def _without(whole: Span, holes: list[Span]) -> Iterator[Span]:
    at_s, end_s = whole
    for from_s, to_s in holes:
        if min(from_s, end_s) > at_s:
            yield at_s, min(from_s, end_s)
        at_s = max(at_s, to_s)
    if end_s > at_s:
        yield at_s, end_s


def _overlap(one: Span, other: Span) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))
