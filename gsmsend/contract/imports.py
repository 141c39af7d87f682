"""What an import brings to the store: rows with their sources, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One accepted row. `number` is E.164; `row` the row number in its source, from 1.

    `place` is the sheet or section of the source, `original` the number as it stood there, `kind` what the row is
    (list, contact, call, message, phonebook), `seen` how often it stood there, `at_s` when it was seen.
    """

    number: str
    text: str
    row: int
    segments: int
    place: str = ""
    original: str = ""
    kind: str = "list"
    seen: int = 1
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """One refused row: where, the value as it stood there, and why in plain English."""

    row: int
    value: str
    why: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ImportSource:
    """Where rows come from. `digest` (hex SHA-256 of file and text) makes a second import of it a no-op.

    `person` asked for it. `line` is the `[line.NAME]` that its people know and wait for, empty for any. `draft`:
    its messages wait for the campaign's approval. `gap_s` is the least time since a text of another campaign.
    """

    name: str
    digest: str
    campaign: str
    at_s: float
    person: str = ""
    line: str = ""
    draft: bool = False
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the rows: rows = accepted + duplicates + refused.

    `other_text`: of the refused, those whose person is in this campaign already with another text. `suppressed`:
    of the accepted, those who must not be texted. Of the duplicates, in people: `on_both` were in another source
    with another line, `elsewhere` in another source, `earlier` have a text of an earlier campaign.
    """

    accepted: int
    duplicates: int
    refused: int
    repeated: bool = False
    first_id: int | None = None
    other_text: int = 0
    suppressed: int = 0
    on_both: int = 0
    elsewhere: int = 0
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """Why a person is on the list: a row of a source that led to their message, or was found to be the same."""

    source: str
    place: str
    row: int
    original: str
    kind: str
    seen: int = 1
    first_s: float | None = None
    last_s: float | None = None
    line: str = ""
