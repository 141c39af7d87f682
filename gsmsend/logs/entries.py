"""What of each event stands in a log: a list of fields for each, in which nothing of a recipient has a place.

Numbers and senders are left out, masked ones too; a text is known by its id. Words of ours go through
`mask_words`. Levels are for a bench that nobody sits at: debug is each text, info what is good to know afterwards,
warning what is not as it should be, error what a person must look at.
"""

from __future__ import annotations

import logging
from typing import Any, assert_never

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
from gsmsend.inert import line
from gsmsend.masking import mask_words
from gsmsend.model import OutcomeKind, Refusal, State

Entry = tuple[int, str, dict[str, Any]]
"""Level of the standard library, what happened, and the fields."""

_DEBUG, _INFO, _WARNING, _ERROR = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR
_NOTICES = {"info": _INFO, "warning": _WARNING}
_MOVES = {
    State.UNCERTAIN: _WARNING, State.HELD: _WARNING, State.FAILED: _INFO, State.UNDELIVERED: _INFO,
}  # fmt: skip
_PASSING = frozenset({Refusal.RETRY, Refusal.LATER, Refusal.RECIPIENT, Refusal.MESSAGE})
_BUSY = frozenset({"ready", "sending", "waiting"})
_MEANT = frozenset({*_BUSY, "opening", "closed"})
_OK = (0, 3, 130)
"""Exit codes of a run that nobody need look into now: done, done with some not sent, stopped by a person."""
_LONGEST = 500


def words(text: str) -> str:
    """Words of ours, or a name, as they may stand in a log: on one line, no number in them, not too long."""
    return mask_words(line(text))[:_LONGEST]


class Entries:
    """Knows what people call each line, and which lines were at work: that one goes on working is no news."""

    def __init__(self) -> None:
        self._titles: dict[str, str] = {}
        self._busy: set[str] = set()

    def of(self, event: Event) -> Entry:
        """The entry of one event."""
        match event:
            case LineChanged():
                return self._line(event)
            case HealthChanged():
                fields: dict[str, Any] = {"line": self._title(event.line), "score": event.score}
                level = _INFO if event.grade == "well" else _WARNING
                return (
                    level,
                    "health",
                    {**fields, "grade": words(event.grade), "why": words("; ".join(event.reasons))},
                )
            case PartAnswered():
                return self._part(event)
            case MessageMoved():
                fields = {"text": event.message_id, "from": event.old.value, "to": event.new.value}
                return _MOVES.get(event.new, _DEBUG), "text", {**fields, "why": words(event.why)}
            case ReportArrived():
                fields = {
                    "line": self._title(event.line), "text": event.message_id, "part": event.seq,
                    "report": event.outcome.value, "tp_status": event.status,
                }  # fmt: skip
                return _INFO if event.message_id is None else _DEBUG, "report", fields
            case InboundArrived():
                return _INFO, "inbound", {"line": self._title(event.line)}
            case ReplyFlagged():
                fields = {"line": self._title(event.line), "reply": event.reply_id, "text": event.message_id}
                return (
                    _ERROR,
                    "danger",
                    {**fields, "why": "a reply suggests danger to life: gsmsend inbox --flagged"},
                )
            case OptedOut():
                fields = {"line": self._title(event.line), "reply": event.reply_id, "stopped": event.stopped}
                return _INFO, "opt-out", {**fields, "doubtful": event.doubtful}
            case Acknowledging():
                return _DEBUG, "acknowledging", {"text": event.message_id, "reply": event.reply_id}
            case _:
                return _of_run(event)

    def _title(self, name: str) -> str:
        return self._titles.get(name) or words(name)

    def _line(self, event: LineChanged) -> Entry:
        title = self._titles[event.name] = words(event.known_as or event.name)
        went_on = event.address in self._busy and event.state in _BUSY
        (self._busy.add if event.state in _BUSY else self._busy.discard)(event.address)
        level = _INFO if event.state in _MEANT or not event.why else _WARNING
        fields: dict[str, Any] = {
            "line": title, "device": words(event.address), "state": words(event.state),
            "doing": words(event.doing), "why": words(event.why),
        }  # fmt: skip
        if event.facts is not None:
            fields["registration"] = event.facts.registration.value
            fields["signal_dbm"] = event.facts.signal_dbm
        return _DEBUG if went_on or event.state == "opening" else level, "line", fields

    def _part(self, event: PartAnswered) -> Entry:
        outcome = event.outcome
        fields = {
            "line": self._title(event.line), "text": event.message_id, "part": event.seq, "parts": event.total,
            "outcome": outcome.kind.value, "refusal": outcome.refusal.value if outcome.refusal else None,
            "code": outcome.code, "why": words(outcome.why),
        }  # fmt: skip
        if outcome.kind is OutcomeKind.ACCEPTED:
            return _DEBUG, "part", fields
        passing = outcome.kind is OutcomeKind.REFUSED and outcome.refusal in _PASSING
        return _INFO if passing else _WARNING, "part", fields


def _of_run(event: Started | Notice | HeldBack | Counted | HeadSigned | Finished) -> Entry:
    match event:
        case Started():
            return _INFO, "started", {"totals": _totals(event.totals)}
        case Notice():
            return _NOTICES.get(event.level, _ERROR), "notice", {"why": words(event.text)}
        case HeldBack():
            if event.why:
                return _WARNING, "held back", {"why": words(event.why)}
            return _INFO, "held back no more", {}
        case Counted():
            return _DEBUG, "counted", {"totals": _totals(event.totals)}
        case HeadSigned():
            return _INFO, "head", {"entry": event.number, "head": event.short}
        case Finished():
            level = _INFO if event.exit_code in _OK else _ERROR
            fields = {"exit": event.exit_code, "why": words(event.why), "totals": _totals(event.totals)}
            return level, "finished", fields
        case _:
            assert_never(event)


def _totals(totals: dict[State, int]) -> str:
    """`delivered 40, queued 2`."""
    return ", ".join(f"{state.value} {totals[state]}" for state in State if totals.get(state)) or "none"
