"""What changed between the content that officers approved and what a campaign is now, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Any

from gsmsend.audit import canonical
from gsmsend.campaign import fallback
from gsmsend.campaign.content import Content
from gsmsend.window import MIDNIGHT, Window

_SIMPLE = {
    "operation": "the operation's name",
    "campaign": "the campaign's name",
    "window": "the window",
    "pace": "the pace",
    "first_texts": "the number of first texts",
    "validity_hours": "how many hours the network tries to reach a phone",
    "prices": "the price",
    "sims": "the list of SIMs that may send",
    "officers": "what approval needs",
    "accepted": "what was accepted in spite of a failed check",
}
OLDER_FORM = "what is signed has another form since gsmsend was updated"
"""Why approvals of contents of another version do not count; their hashes cannot be compared."""
_ELSEWHERE = "it was approved in another operation"
_OF_A_LINE = {"iccid": "ICCID", "imsi": "IMSI", "number": "number", "closes": "closing day"}


def changes(old: Content, new: Content) -> tuple[str, ...]:
    """What is not as it was approved, in plain words; empty if nothing changed."""
    found = list(_changes(old, new))
    if not found and canonical(old) != canonical(new):
        found.append("something else in it changed")
    return tuple(found)


def _changes(old: Content, new: Content) -> Iterator[str]:
    if old.get("version") != new["version"]:
        yield OLDER_FORM
        return
    if old.get("operation_id") != new["operation_id"]:
        yield _ELSEWHERE
        return
    yield from _text_changes(old.get("texts") or [], new["texts"])
    yield from _recipient_changes(old, new)
    yield from _line_changes(old.get("lines") or {}, new["lines"])
    for key, label in _SIMPLE.items():
        if old.get(key) != new.get(key):
            yield f"{label} was {_words(key, old.get(key))}, is now {_words(key, new.get(key))}"
    yield from fallback.changes(old.get("fallback"), new["fallback"])
    answers = old.get("answers") or {}
    for key, label in (("reply", "a reply"), ("stop", "an opt-out")):
        if answers.get(key) != new["answers"][key]:
            yield f"the text that answers {label} changed"


def _text_changes(old: list[Any], new: list[Any]) -> Iterator[str]:
    before, after = {text["digest"] for text in old}, {text["digest"] for text in new}
    if before == after:
        if [text["segments"] for text in old] != [text["segments"] for text in new]:
            yield "the text needs another number of segments"
    elif len(before) == len(after) == 1:
        yield "the text changed"
    else:
        yield f"the texts changed: {len(after - before)} are new, {len(before - after)} are gone"


def _recipient_changes(old: Content, new: Content) -> Iterator[str]:
    before, after = old.get("recipients") or {"count": 0}, new["recipients"]
    more = after["count"] - before["count"]
    if more:
        yield f"{_people(abs(more))} {'added' if more > 0 else 'taken out'}"
    elif before.get("numbers") != after["numbers"]:
        yield "the recipients are other ones"
    elif before.get("rows") != after["rows"] and old.get("texts") == new["texts"]:
        yield "which recipient gets which text from which line changed"


def _people(count: int) -> str:
    return "1 recipient was" if count == 1 else f"{count:,} recipients were"


def _line_changes(old: Content, new: Content) -> Iterator[str]:
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            yield f"{_line_name(name)} was {'added' if before is None else 'taken out'}"
        else:
            for key, label in _OF_A_LINE.items():
                if before[key] != after[key]:
                    is_now = after[key] or "none"
                    yield f"{_line_name(name)}: its {label} was {before[key] or 'none'}, is now {is_now}"


def _line_name(name: str) -> str:
    return f"the line {name}" if name else "sending from any line"


def _words(key: str, value: Any) -> str:
    """A simple component for people."""
    if value is None or value in ([], ""):
        return "none"
    match key:
        case "window":
            return window_words(value)
        case "pace":
            return pace_words(value)
        case "prices":
            return price_words(value)
        case "officers":
            noun = "officer" if value["needed"] == 1 else "officers"
            return f"{value['needed']} {noun}" + (", who did not all prepare it" if value["independent"] else "")
        case "sims" | "accepted":
            return ", ".join(value)
    return str(value)


def window_words(value: Content | None) -> str:
    """The window of a content: `Mon to Sat, 10:00 to 19:00, Europe/London, ...`."""
    if value is None:
        return "at any time"
    closes = MIDNIGHT if value["to"] == "24:00" else time.fromisoformat(value["to"])
    opens = time.fromisoformat(value["from"])
    return Window(frozenset(value["days"]), opens, closes, value["timezone"], value["holidays"]).words


def pace_words(value: Content) -> str:
    """The pace of a content: `6 a minute, 100 an hour, 400 a day`, in segments of one line."""
    named = (("minute", "a minute"), ("hour", "an hour"), ("day", "a day"))
    words = [f"{value[key]} {each}" for key, each in named if value[key] is not None]
    spread = f", waits up to {value['jitter']} longer" if words and value["jitter"] != "0" else ""
    return (", ".join(words) or "as fast as the modems can") + spread


def price_words(value: Content) -> str:
    """What the campaign of a content costs, and its budget."""
    budget = f", budget {value['budget']} {value['currency']}" if value["budget"] is not None else ", no budget"
    own = "".join(f", {name} {amount}" for name, amount in sorted(value["lines"].items()))
    return (
        f"{value['cost']} {value['currency']} ({value['segments']:,} segments at {value['segment']}{own}){budget}"
    )
