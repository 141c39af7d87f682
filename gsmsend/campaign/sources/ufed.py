"""Numbers in a UFED report (report.xml of Cellebrite Physical Analyzer, or the UFDR package that holds one).

The report is one `project`; its `decodedData` has a `modelType` for each section, and that a `model` for each
entry. A `field` has a `value`; a `modelField` or `multiModelField` holds models in turn: the `Party` of a call or
message, the `PhoneNumber` of a contact. Contacts, calls, SMS, MMS and chats are read; the words of messages, names
and everything else pass by. The row is the entry's place in its section, from 1. The phone's owner is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from gsmsend.campaign.sources import archive, markup
from gsmsend.campaign.sources.row import Choice, RowKind, Source, SourceRow
from gsmsend.campaign.sources.times import seen_at
from gsmsend.errors import UsageError

SECTIONS = {
    "Contact": RowKind.CONTACT,
    "Call": RowKind.CALL,
    "SMS": RowKind.MESSAGE,
    "MMS": RowKind.MESSAGE,
    "Chat": RowKind.MESSAGE,
    "InstantMessage": RowKind.MESSAGE,
}
"""The sections that are read."""

MOST_REPORT = 8 * 1024 * 1024 * 1024
"""Octets of a report inside a UFDR package; it is read as a stream."""

_REPORT = "report.xml"
_KEPT = 400  # characters of a value
_FIELDS = {"Identifier", "Value", "TimeStamp", "StartTime", "LastActivity", "IsPhoneOwner", "Source", "Number"}
# People of these apps are known by their telephone number, written internationally before the @.
_NUMBER_DOMAINS = ("s.whatsapp.net", "c.us")
# What the phone itself does; an app's own accounts may be digits that are no telephone number.
_OF_THE_PHONE = ("", "phone", "native", "sms", "mms", "imessage", "facetime", "call log", "messages", "sim")


@dataclass(slots=True)
class _Model:
    """A model under way: its type, the fields of it that are wanted, and how many people were found before it."""

    type: str
    before: int = 0
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    """The state of reading a report; rows gather in `rows` until they are fetched."""

    sheet: str | None
    rows: list[SourceRow] = field(default_factory=list)
    models: list[_Model] = field(default_factory=list)
    section: str = ""
    number: int = 0
    depth: int = 0
    root: str = ""
    sections: dict[str, int] = field(default_factory=dict)
    owners: int = 0
    _field: str = ""
    _value: str | None = None
    _found: list[tuple[str, _Model]] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.depth += 1
        if self.depth == 1:
            self.root = name
        if name == "modelType":
            self.section, self.number = attributes.get("type", ""), 0
            self.models.clear()
        elif self.section not in SECTIONS:
            return
        elif name == "model":
            if not self.models:
                self.number += 1
                self._found = []
            self.models.append(_Model(attributes.get("type", ""), len(self._found)))
        elif name == "field" and self.models:
            self._field = attributes.get("name", "")
        elif name == "value" and self._field in _FIELDS:
            self._value = ""

    def text(self, words: str) -> None:
        """Text inside an element."""
        if self._value is not None and len(self._value) < _KEPT:
            self._value += words

    def end(self, name: str) -> None:
        """An element ends."""
        self.depth -= 1
        if name == "value" and self._value is not None:
            if self.models:
                self.models[-1].fields.setdefault(self._field, self._value.strip())
            self._value = None
        elif name == "field":
            self._field = ""
        elif name == "model" and self.models:
            self._close(self.models.pop())
        elif name == "modelType":
            self.section = ""
            self.models.clear()

    def _close(self, model: _Model) -> None:
        if self.models:
            if model.type in ("Party", "PhoneNumber", "UserID"):
                self._found.append((self._time(model), model))
            elif model.type == "InstantMessage":  # of a chat: its parties were seen when it was sent
                at, own = self._time(model), model.before
                self._found[own:] = [(moment or at, one) for moment, one in self._found[own:]]
            return
        at = self._time(model)
        if self.sheet is not None and self.section.casefold() != self.sheet.casefold():
            self.sections.setdefault(self.section, 0)
            return
        for moment, one in self._found:
            self._row(model, one, moment or at)

    @staticmethod
    def _time(model: _Model) -> str:
        fields = model.fields
        return fields.get("TimeStamp") or fields.get("StartTime") or fields.get("LastActivity") or ""

    def _row(self, entry: _Model, one: _Model, moment: str) -> None:
        if one.fields.get("IsPhoneOwner", "").casefold() == "true":
            self.owners += 1
            return
        original = one.fields.get("Value" if one.type != "Party" else "Identifier") or one.fields.get("Number", "")
        number, why = _readable(original, one.type, entry.fields.get("Source", ""))
        if number or why:
            self.sections[self.section] = self.sections.get(self.section, 0) + 1
            self.rows.append(
                SourceRow(
                    self.number, original, number=number, place=self.section, kind=SECTIONS[self.section],
                    at_s=seen_at(moment) if moment else None, why=why,
                )
            )  # fmt: skip


def _readable(original: str, kind: str, app: str) -> tuple[str, str]:
    """The telephone number in what a report names a person by, and why there is none; both empty to pass over."""
    account, at, domain = original.partition("@")
    if at:
        if domain.casefold() in _NUMBER_DOMAINS and account.isascii() and account.isdecimal():
            return f"+{account}", ""
        return "", ""  # an e-mail address, a group, an account: not a person's telephone
    if kind == "UserID" or not original:
        return "", ""
    if kind == "Party" and not original.startswith("+") and not _of_the_phone(app):
        if any(c.isdigit() for c in original):
            return "", "an account of an app, not surely a phone number: only numbers with + are taken from apps"
        return "", ""
    return original, ""


def _of_the_phone(app: str) -> bool:
    app = app.casefold()
    return not app or any(word and word in app for word in _OF_THE_PHONE)


def open_ufed(path: Path, choice: Choice) -> Source:
    """A UFED report, read through once.

    Raises UsageError: damaged, with entities, no UFED report, without the section asked for or without numbers.
    """
    reading = _Reading(choice.sheet)
    count = 0
    digest = hashlib.sha256()
    for rows in _pieces(path, reading, digest.update):
        count += len(rows)
    if reading.root != "project":
        raise UsageError(
            f"{path} is XML, but no UFED report: it begins with <{reading.root or '?'}>, expected <project>",
            remedy="In the extraction tool export the report as XML, or as Excel or CSV.",
        )
    if not count:
        named = ", ".join(reading.sections) or "none of " + ", ".join(SECTIONS)
        asked = f"section {choice.sheet!r}" if choice.sheet else "its sections"
        raise UsageError(
            f"{path}: no phone numbers in {asked}; it has {named}",
            remedy="Export contacts, calls and messages too.",
        )
    said = ", ".join(f"{name} {number:,}" for name, number in reading.sections.items() if number)
    owner = f"; {reading.owners:,} of the phone's owner left out" if reading.owners else ""
    return Source(path.name, (f"UFED report: {said}{owner}",), digest.hexdigest(), texts=False, count=count,
                  rows=lambda: _rows(path, choice))  # fmt: skip


def _rows(path: Path, choice: Choice) -> Iterator[SourceRow]:
    for rows in _pieces(path, _Reading(choice.sheet), lambda _: None):
        yield from rows


def _pieces(path: Path, reading: _Reading, heard: Callable[[bytes], object]) -> Iterator[list[SourceRow]]:
    """The rows of one stretch of the report after another; `heard` is told its octets."""
    with _stream(path) as stream:
        parse = markup.Stream(str(path), reading.start, reading.end, reading.text)
        while piece := stream.read(markup.PIECE):
            heard(piece)
            parse.feed(piece)
            if reading.rows:
                rows, reading.rows = reading.rows, []
                yield rows
        parse.close()
        yield reading.rows


@contextmanager
def _stream(path: Path) -> Iterator[IO[bytes]]:
    """The report itself, or the one inside a UFDR package."""
    with path.open("rb") as stream:
        packed = stream.read(4) == b"PK\x03\x04"
    if not packed:
        with path.open("rb") as stream:
            yield stream
        return
    with archive.opened(path) as package:
        names = [name for name in package.namelist() if name.rpartition("/")[2].casefold() == _REPORT]
        archive.guard_part(path, package.getinfo(names[0]), most_octets=MOST_REPORT)
        with archive.part(package, names[0]) as stream:
            yield stream
