"""`run --json`: one object a line for each event; numbers masked."""

from __future__ import annotations

import json
from typing import Any, TextIO, assert_never

from gsmsend.cli.options import iso
from gsmsend.engine.events import (
    Acknowledging,
    Counted,
    Event,
    Finished,
    HeadSigned,
    HealthChanged,
    HeldBack,
    InboundArrived,
    LineChanged,
    MessageMoved,
    Notice,
    OptedOut,
    PartAnswered,
    ReplyFlagged,
    ReportArrived,
    Started,
)
from gsmsend.masking import mask_number
from gsmsend.model import State
from gsmsend.partly import sent_in_part


class JsonLines:
    """A feed.Show that writes JSON lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._refused: dict[int, tuple[int, int]] = {}

    def event(self, event: Event) -> None:
        """Write it."""
        told = as_object(event)
        if isinstance(event, PartAnswered) and event.total > 1:
            self._refused[event.message_id] = event.seq, event.total
        elif isinstance(event, MessageMoved):
            seq, total = self._refused.pop(event.message_id, (1, 1))
            if event.new is State.FAILED:  # parts go in turn: those before the one refused are out
                told["why"] = sent_in_part(range(1, seq), total, event.why)
        self._stream.write(json.dumps(told) + "\n")

    def tick(self, now_s: float) -> None:  # noqa: ARG002 - a Show's signature
        """Let a reader on a pipe have it."""
        self._stream.flush()

    def close(self) -> None:
        """Nothing is left to write."""


def totals(counts: dict[State, int]) -> dict[str, int]:
    """Every state by its name."""
    return {state.value: counts.get(state, 0) for state in State}


def finished(at_s: float, counts: dict[State, int] | None, code: int, why: str) -> dict[str, Any]:
    """The last object of every run, however it ends; `totals` is null if they could not be read."""
    known = totals(counts) if counts is not None else None
    return {"event": "finished", "at": iso(at_s), "totals": known, "exit": code, "why": why}


def as_object(event: Event) -> dict[str, Any]:
    """An event as scripts get it."""
    at = iso(event.at_s)
    match event:
        case Started():
            return {"event": "started", "at": at, "totals": totals(event.totals)}
        case LineChanged():
            return {"event": "line", "at": at, **_line(event)}
        case PartAnswered():
            return {"event": "part", "at": at, **_part(event)}
        case MessageMoved():
            return {
                "event": "message",
                "at": at,
                "message": event.message_id,
                "number": mask_number(event.number),
                "from": event.old.value,
                "to": event.new.value,
                "why": event.why,
            }
        case ReportArrived():
            return {
                "event": "report",
                "at": at,
                "line": event.line,
                "message": event.message_id,
                "seq": event.seq,
                "report": event.outcome.value,
                "tp_status": event.status,
            }
        case InboundArrived():
            return {"event": "inbound", "at": at, "line": event.line, "from": mask_number(event.sender)}
        case ReplyFlagged():
            return {"event": "reply_flagged", "at": at, "line": event.line, "flag": "danger", **_reply(event)}
        case OptedOut():
            doubtful, stopped = event.doubtful, event.stopped
            return {
                "event": "opted_out", "at": at, "line": event.line, "doubtful": doubtful, "stopped": stopped,
                **_reply(event),
            }  # fmt: skip
        case Acknowledging():
            number = mask_number(event.number)
            return {
                "event": "acknowledging", "at": at, "message": event.message_id, "number": number,
                "reply": event.reply_id,
            }  # fmt: skip
        case Notice() | HeldBack() | HeadSigned() | HealthChanged():
            return {"at": at, **_words(event)}
        case Counted() | Finished():
            return _counts(event)
        case _:
            assert_never(event)


def _counts(event: Counted | Finished) -> dict[str, Any]:
    if isinstance(event, Finished):
        return finished(event.at_s, event.totals, event.exit_code, event.why)
    return {"event": "totals", "at": iso(event.at_s), "totals": totals(event.totals)}


def _reply(event: ReplyFlagged | OptedOut) -> dict[str, Any]:
    return {"reply": event.reply_id, "from": mask_number(event.sender)}


def _words(event: Notice | HeldBack | HeadSigned | HealthChanged) -> dict[str, Any]:
    if isinstance(event, HealthChanged):
        return {"event": "health", **_health(event)}
    if isinstance(event, HeadSigned):
        return {"event": "head", "entry": event.number, "head": event.short}
    if isinstance(event, Notice):
        return {"event": "notice", "level": event.level, "text": event.text}
    return {"event": "held_back", "why": event.why}


def _line(event: LineChanged) -> dict[str, Any]:
    facts = event.facts
    return {
        "address": event.address,
        "name": event.name,
        "known_as": event.known_as or None,
        "state": event.state,
        "doing": event.doing,
        "why": event.why,
        "sent": event.sent,
        "iccid": facts.sim.iccid if facts else None,
        "imei": facts.device.imei if facts else None,
        "operator": facts.operator if facts else None,
        "signal": facts.signal_dbm if facts else None,
        "temperature": facts.temperature_c if facts else None,
    }


def _health(event: HealthChanged) -> dict[str, Any]:
    return {
        "line": event.line, "score": event.score, "grade": event.grade, "reasons": list(event.reasons),
        "signal": event.signal_dbm, "temperature": event.temperature_c,
    }  # fmt: skip


def _part(event: PartAnswered) -> dict[str, Any]:
    outcome = event.outcome
    return {
        "line": event.line,
        "message": event.message_id,
        "number": mask_number(event.number),
        "seq": event.seq,
        "total": event.total,
        "outcome": outcome.kind.value,
        "took_s": round(event.took_s, 3) if event.took_s is not None else None,
        "reference": outcome.reference,
        "cms_error": outcome.code,
        "why": outcome.why,
    }
