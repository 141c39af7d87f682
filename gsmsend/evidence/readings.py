"""What SIM and device held, as they were read before a line's first text and after its last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gsmsend.audit import Kind
from gsmsend.evidence.entries import of_kind
from gsmsend.evidence.story import Story
from gsmsend.evidence.tables import Sheet

UNREAD = "not read"
COUNTER = "number of the last text sent, kept by the SIM (EF-SMSS)"
NOT_READ = "what could not be read"
SETTING = "setting "
_NOT_HELD = ("line", "when", "read", "found", "now")
_HELD = {"texts": "texts in", "phonebooks": "entries in phonebook", "not_read": NOT_READ, "counter": COUNTER}


def storage_of(story: Story) -> Sheet:
    """What each line held at its first reading and at its last; settings as found and as left."""
    first: dict[Any, dict[str, str]] = {}
    last: dict[Any, dict[str, str]] = {}
    for one in of_kind(story.entries, Kind.STORAGE):
        held = dict(_held(one.data))
        if one.data.get("when") == "before":
            first.setdefault(one.data.get("line"), held)
        else:
            last[one.data.get("line")] = held
    rows = [
        (plain_of(line), place, first.get(line, {}).get(place, UNREAD), last.get(line, {}).get(place, UNREAD))
        for line in {**first, **last}
        for place in {**first.get(line, {}), **last.get(line, {})}
    ]
    return Sheet("storage", ("line", "what", "before", "after"), rows)


def _held(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a reading has, in words; what is not foreseen here as it stands."""
    for key, said in data.items():
        if key in _NOT_HELD or said in (None, [], {}):
            continue
        words = _HELD.get(key, key)
        if isinstance(said, Mapping):
            yield from ((f"{words} {name}", _used(value)) for name, value in said.items())
        else:
            yield words, _used(said)
    # How gsmsend found the modem is what stood before; how it left it, what stands after.
    settings = data.get("found" if data.get("when") == "before" else "now")
    if isinstance(settings, Mapping):
        yield from ((f"{SETTING}AT+{name}", plain_of(value)) for name, value in settings.items())


def _used(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, int) for one in value):
        return f"{value[0]} of {value[1]}"
    return plain_of(value)


def changed_in(storage: Sheet) -> Iterator[str]:
    """What differs, in sentences; that nothing does, or that it cannot be told."""
    for line in dict.fromkeys(row[0] for row in storage.rows):
        own = [row for row in storage.rows if row[0] == line]
        if all(after == UNREAD for *_, after in own):
            yield f"Line {line}: nothing was read after its last text; it may have been lost."
            continue
        differs = [row for row in own if row[2] != row[3]]
        yield from (f"Line {line}, {what}: {before} before, {after} after." for _, what, before, after in differs)
        if not differs:
            yield f"Line {line}: all that was read before its first text was the same after its last."


def plain_of(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
