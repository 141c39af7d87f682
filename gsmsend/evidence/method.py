"""The method statement: what was done to SIM and handset, counted from the transcripts and the log.

Nothing in it is known beforehand but what each command means (gsmsend/data/commands.csv): a command that was sent
and is not in that table is told as such.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from gsmsend.audit import Kind
from gsmsend.evidence.entries import of_kind
from gsmsend.evidence.story import Story
from gsmsend.evidence.tables import Sheet

_SIGN = re.compile(r"\S+ (?:\S+ )?(>p|>e|>|<b|<>|<|=l|=)(?: (.*))?")
"""A line of a transcript: time, the modem's IMEI (not in older ones), direction, text."""
_CHAIN = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
"""What separates commands in one line (V.250 5.2.1): a semicolon outside quotes."""


class Changes(StrEnum):
    """What a command may change."""

    NOTHING = "nothing"
    SESSION = "session"
    KEPT = "kept"
    SIM = "sim"
    MEMORY = "memory"
    SENDS = "sends"
    UNKNOWN = "unknown"


IN_WORDS = {
    Changes.SENDS: "sends a text",
    Changes.SIM: "may write to the SIM",
    Changes.MEMORY: "may touch stored texts",
    Changes.KEPT: "a lasting setting",
    Changes.SESSION: "a passing setting",
    Changes.NOTHING: "nothing",
    Changes.UNKNOWN: "not known",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A row of commands.csv; `pattern` ends in * where anything may follow."""

    pattern: str
    what: str
    changes: Changes
    clause: str

    def fits(self, command: str) -> bool:
        """Whether the row is about this command."""
        if self.pattern.endswith("*"):
            return command.startswith(self.pattern[:-1])
        return command == self.pattern


@dataclass(frozen=True, slots=True)
class Sent:
    """A command with how often it was sent; `command` as commands.csv has it, or as it was sent."""

    command: str
    count: int
    what: str
    changes: Changes
    clause: str


@dataclass(frozen=True, slots=True)
class Device:
    """A SIM and the device that held it, as they were read: `facts` by name."""

    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Method:
    """What was done, ready to be told. `findings` are sentences; `kept` is False if no dialogue was recorded."""

    kept: bool
    sent: tuple[Sent, ...]
    findings: tuple[str, ...]
    devices: tuple[Device, ...]
    storage: Sheet
    changed: tuple[str, ...]


@cache
def known() -> tuple[Known, ...]:
    """commands.csv, the longest patterns first."""
    text = resources.files("gsmsend").joinpath("data", "commands.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    found = (Known(row["command"], row["what"], Changes(row["changes"]), row["clause"]) for row in rows)
    return tuple(sorted(found, key=lambda one: -len(one.pattern)))


def commands(transcript: str) -> Iterator[str]:
    """The commands of a transcript, in order; `(PDU)` for a text that was handed over, `(ESC)` for the key."""
    for line in transcript.splitlines():
        parsed = None if line.startswith("#") else _SIGN.fullmatch(line)
        if parsed is None or not parsed[1].startswith(">"):
            continue
        if parsed[1] == ">":
            first, *more = _CHAIN.split((parsed[2] or "").strip())
            yield first
            yield from (f"AT{one}" for one in more if one)
        else:
            yield "(PDU)" if parsed[1] == ">p" else "(ESC)"


def counted(sent: Iterable[str]) -> tuple[Sent, ...]:
    """Each command once, what changes most first; none is left out."""
    found: Counter[Known] = Counter()
    for command in sent:
        row = next((one for one in known() if one.fits(command.upper())), None)
        found[row or Known(command, "", Changes.UNKNOWN, "")] += 1
    order = [Changes.UNKNOWN, *IN_WORDS]
    rows = (Sent(row.pattern, count, row.what, row.changes, row.clause) for row, count in found.items())
    return tuple(sorted(rows, key=lambda one: (order.index(one.changes), one.command)))


def method(story: Story, transcripts: Mapping[str, str], number: Callable[[str], str]) -> Method:
    """Count what the transcripts have, and put beside it what the log says of SIM, device and storage.

    `number` is how the lines' own numbers are shown.
    """
    sent = counted(command for text in transcripts.values() for command in commands(text))
    storage = _storage(story)
    return Method(
        any("> " in text for text in transcripts.values()), sent, tuple(_findings(sent, story)),
        _devices(story, number),
        storage, tuple(_changed(storage)),
    )  # fmt: skip


def _findings(sent: tuple[Sent, ...], story: Story) -> Iterator[str]:
    by = Counter({kind: sum(one.count for one in sent if one.changes is kind) for kind in Changes})
    attempts = len(of_kind(story.entries, Kind.ATTEMPT))
    every, kinds = sum(by.values()), len(sent)
    yield f"{every:,} commands were sent to modems and handsets, of {kinds} kinds; all are listed below."
    yield (
        f"Texts (or parts of long ones) that were handed over to be sent: {by[Changes.SENDS]:,}. The audit log "
        f"has {attempts:,} attempts to do so, each of them put on record before it was made."
    )
    yield _none(by[Changes.SIM], "may write to the SIM")
    yield _none(by[Changes.MEMORY], "may delete a stored text or mark it as read")
    yield _none(by[Changes.KEPT], "sets what a device keeps when it is switched off")
    for one in of_kind(story.entries, Kind.NOTE):
        if one.data.get("what") == "recovery":
            yield f"To bring a modem back (never done to an exhibit): {one.data.get('reason')}, {one.at}."
    if by[Changes.UNKNOWN]:
        yield (
            f"{by[Changes.UNKNOWN]:,} of the commands sent are not in gsmsend's table of commands: what they "
            "change is for an expert to say. They are listed first."
        )


def _none(count: int, words: str) -> str:
    if not count:
        return f"No command was sent that {words}."
    return f"{count:,} command{' was' if count == 1 else 's were'} sent of a kind that {words}: see the list."


_FACTS = {
    "iccid": "ICCID of the SIM", "imsi": "IMSI of the SIM", "number": "number stored on the SIM",
    "imei": "IMEI of the device", "manufacturer": "maker", "model": "model", "revision": "software",
    "operator": "network", "smsc": "centre for texts", "device": "port", "driver": "driver",
}  # fmt: skip


def _devices(story: Story, number: Callable[[str], str]) -> tuple[Device, ...]:
    found = []
    for one in of_kind(story.entries, Kind.LINE):
        own = one.data.get("number")
        facts = {**one.data, "number": number(str(own))} if own else one.data
        name = f" ({one.data['name']})" if one.data.get("name") else ""
        title = f"Line {_plain(one.data.get('line'))}{name}, read {one.at} (entry {one.number})"
        pairs = tuple((words, _plain(facts.get(key)) or "not given") for key, words in _FACTS.items())
        found.append(Device(title, pairs))
    return tuple(found)


def _storage(story: Story) -> Sheet:
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
        (_plain(line), place, first.get(line, {}).get(place, _UNREAD), last.get(line, {}).get(place, _UNREAD))
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
        yield from ((f"setting AT+{name}", _plain(value)) for name, value in settings.items())


_UNREAD = "not read"
_NOT_HELD = ("line", "when", "read", "found", "now")
_HELD = {
    "texts": "texts in", "phonebooks": "entries in phonebook", "not_read": "what could not be read",
    "counter": "number of the last text sent, kept by the SIM (EF-SMSS)",
}  # fmt: skip


def _used(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, int) for one in value):
        return f"{value[0]} of {value[1]}"
    return _plain(value)


def _changed(storage: Sheet) -> Iterator[str]:
    """What differs, in sentences; that nothing does, or that it cannot be told."""
    for line in dict.fromkeys(row[0] for row in storage.rows):
        own = [row for row in storage.rows if row[0] == line]
        if all(after == _UNREAD for *_, after in own):
            yield f"Line {line}: nothing was read after its last text; it may have been lost."
            continue
        differs = [row for row in own if row[2] != row[3]]
        yield from (f"Line {line}, {what}: {before} before, {after} after." for _, what, before, after in differs)
        if not differs:
            yield f"Line {line}: all that was read before its first text was the same after its last."


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
