"""How a table file is laid out: its delimiter, its header and which columns hold the number and the text."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gsmsend.campaign.encodings import Examined, examine
from gsmsend.campaign.numbers import Number, looks_like_a_number, normalise
from gsmsend.errors import UsageError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SAMPLE = 1 << 16  # characters
_RECORDS = 100
_HEADER_WITHIN = 10  # exports put a title above their header

# Ranks: a column that says "mobile" is taken before one that says "phone", and that before "to".
_MOBILE = (
    "number msisdn mobile mobilenumber mobileno mobilephone mobilephonenumber mob mobiletelephone e164 "
    "recipientnumber handynummer handy portable telephoneportable movil cellulare"
)
_PHONE = (
    "phone phonenumber phoneno telephone telephonenumber telephoneno tel telno cell cellphone cellnumber "
    "cellphonenumber contactnumber contactno smsnumber phone1value phonevalue primaryphone telefon "
    "telefonnummer rufnummer numero nummer telefono"
)
_PERSON = "recipient recipients to destination address"
_TEXT = "text message sms"
_BODY = "smstext messagetext textmessage smsmessage msg body content"


def _ranked(*ranks: str) -> dict[str, int]:
    return {name: rank for rank, names in enumerate(ranks) for name in names.split()}


_NUMBER_NAMES = _ranked(_MOBILE, _PHONE, _PERSON)
_TEXT_NAMES = _ranked(_TEXT, _BODY)


@dataclass(frozen=True, slots=True)
class Columns:
    """`header` is the header's row number, 0 for none; columns count from 0; `width` is the header's cells."""

    number: int
    text: int | None
    header: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """All that is needed to read a table file row by row."""

    path: Path
    examined: Examined
    delimiter: str
    spaced: bool  # a space follows each delimiter
    columns: Columns

    def describe(self) -> str:
        """One line for a person: how the file was understood."""
        header = f"header in row {self.columns.header}" if self.columns.header else "no header"
        text = f", text in {self.columns.text + 1}" if self.columns.text is not None else ""
        return (
            f"{self.examined.name}, {DELIMITERS[self.delimiter]}-separated, {header}, "
            f"number in column {self.columns.number + 1}{text}"
        )


def inspect(path: Path, region: str) -> Layout:
    """Find a file's layout. Raises UsageError: unreadable, no text, or no column of numbers."""
    examined = examine(path)
    with path.open(encoding=examined.encoding, newline="") as stream:
        sample = stream.read(_SAMPLE)
    whole = len(sample) < _SAMPLE
    declared = re.match(r'"?sep=(.)"?[\r\n]', sample)
    delimiters = declared.group(1) if declared else "".join(DELIMITERS)
    best: tuple[tuple[float, ...], str, bool, Columns] | None = None
    first: list[str] = []
    for delimiter in delimiters:
        if delimiter not in DELIMITERS:
            raise UsageError(f"{path} is separated by {delimiter!r}; expected {', '.join(DELIMITERS.values())}")
        spaced = delimiter != "\t" and f'{delimiter} "' in sample and f'{delimiter}"' not in sample
        records = _records(sample, delimiter, spaced=spaced, whole=whole)
        widths = Counter(len(record) for _, record in records)
        if not records or (len(widths) == 1 and 1 in widths and best):
            continue
        if not first or len(records[0][1]) > len(first):
            first = records[0][1]
        found = _columns(records, region, path)
        if not found:
            continue
        columns, hits = found
        score = (bool(columns.header), hits, max(widths.values()) / len(records), columns.width)
        if best is None or score > best[0]:
            best = (score, delimiter, spaced, columns)
    if best is None:
        raise _no_number_column(path, first)
    return Layout(path, examined, best[1], best[2], best[3])


def _records(sample: str, delimiter: str, *, spaced: bool, whole: bool) -> list[tuple[int, list[str]]]:
    """The first records that are not empty, with their row numbers."""
    records: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=spaced)
    cut = False
    try:
        for row, record in enumerate(reader, start=1):
            if len(records) == _RECORDS:
                cut = True
                break
            if any(cell.strip() for cell in record) and not (row == 1 and record[0].startswith("sep=")):
                records.append((row, record))
    except csv.Error:  # row-by-row reading says where and why
        pass
    if not whole and not cut and len(records) > 1:
        records.pop()  # the sample may end inside it
    return records


def _name(cell: str) -> str:
    """A header cell, reduced to its letters and digits."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", cell.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", plain)


def _hits(records: Sequence[tuple[int, list[str]]], column: int, region: str) -> int:
    """How many of these cells are numbers that take texts."""
    cells = (record[column] for _, record in records if column < len(record))
    return sum(isinstance(normalise(cell, region, drama_allowed=True), Number) for cell in cells)


def _columns(records: list[tuple[int, list[str]]], region: str, path: Path) -> tuple[Columns, int] | None:
    """The columns and how many numbers were seen, or None if no column holds numbers."""
    for place, (row, record) in enumerate(records[:_HEADER_WITHIN]):
        names = [_name(cell) for cell in record]
        named = [(column, _NUMBER_NAMES[name]) for column, name in enumerate(names) if name in _NUMBER_NAMES]
        if not named or any(looks_like_a_number(cell) for cell in record):
            continue
        below = records[place + 1 :]
        seen = {column: _hits(below, column, region) for column, _ in named}
        number = min(named, key=lambda item: (not seen[item[0]], item[1], item[0]))[0]
        return Columns(number, _text_column(names), row, len(record)), seen[number]
    return _unnamed(records, region, path)


def _text_column(names: list[str]) -> int | None:
    named = [(_TEXT_NAMES[name], column) for column, name in enumerate(names) if name in _TEXT_NAMES]
    return min(named)[1] if named else None


def _unnamed(records: list[tuple[int, list[str]]], region: str, path: Path) -> tuple[Columns, int] | None:
    """The one column that reads as numbers. Raises UsageError if two do."""
    width = max(len(record) for _, record in records)
    hits = [_hits(records, column, region) for column in range(width)]
    most = max(hits)
    if not most:
        return None
    likely = [column for column, count in enumerate(hits) if count * 2 >= most]
    if len(likely) > 1:
        which = " and ".join(str(column + 1) for column in likely)
        raise UsageError(
            f"{path}: columns {which} all hold phone numbers, and no header says which one to text",
            remedy="Put a header in the first row, with `number` over the column to text.",
        )
    number = likely[0]
    row, first = records[0]
    # A first row with no digit in the number's place cannot lose a recipient by being a header.
    headed = number < len(first) and bool(first[number].strip()) and not any(c.isdigit() for c in first[number])
    text = _text_column([_name(cell) for cell in first]) if headed else None
    return Columns(number, text, row if headed else 0, len(first) if headed else width), most


def _no_number_column(path: Path, first: list[str]) -> UsageError:
    shown = ", ".join(_shown(cell) for cell in first[:8]) + (", ..." if len(first) > 8 else "")
    return UsageError(
        f"{path}: no column of phone numbers was found. Expected a header with `number` (or phone, mobile, "
        f"msisdn, telephone) and optionally `text`; the first row is: {shown or 'empty'}",
        remedy="Name the columns in the first row, for example: number,text",
    )


def _shown(cell: str) -> str:
    """A header cell for an error; a row that is no header may hold what must not be shown."""
    if looks_like_a_number(cell) or sum(c.isdigit() for c in cell) > 4:
        return "(digits)"
    if len(cell) > 30 or not cell.isprintable():
        return "(a long text)"
    return f'"{cell}"'
