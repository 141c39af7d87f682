"""Rows of a CSV file, one by one: each a message to queue or a refusal with its row number and reason.

Row numbers are those that a spreadsheet shows: every record counts, the header and empty ones too. What stands
in a row is never bent until it fits: a row with more cells than its header is refused, because a text with an
unquoted comma would go out cut short.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from gsmsend.campaign.layout import DELIMITERS, Layout, inspect
from gsmsend.campaign.numbers import NotTextable, known_region, normalise
from gsmsend.contract.store import NewMessage, Refused
from gsmsend.errors import SmsError, UsageError
from gsmsend.sms import split

_LONGEST_LINE = 1 << 20  # characters
_LONGEST_TEXT = 255 * 153  # septets in 255 segments, TS 23.040 9.2.3.24.1
_KEPT = 100  # characters of a refused value

Judge = Callable[[int, list[str]], NewMessage | Refused]
_TOO_LONG = "this text is too long: it needs more than 255 parts"


def rows(
    path: Path,
    *,
    default_text: str | None,
    region: str,
    drama_allowed: bool,
    national: bool = True,
    layout: Layout | None = None,
) -> Iterator[NewMessage | Refused]:
    """Read a table: all that can be known of the whole file is checked before the first row is given.

    `national` allows national letter tables when segments are counted. Raises UsageError: the file cannot be
    read, is no text, has no column of numbers, has no text for anybody, or has a quotation mark that is never
    closed. Memory stays flat.
    """
    check_region(region)
    layout = layout or inspect(path, region)
    if default_text is not None:
        if isinstance(counted := segments_of(default_text, national=national), str):
            raise UsageError(f"the text given cannot be sent: {counted}")
    elif layout.columns.text is None:
        raise UsageError(
            f"{path} has no text column, and no text was given for all",
            remedy="Give one with --text or --text-file, or add a column with the header `text`.",
        )
    # A store takes rows in batches and may send the first while the last are read: no surprise may come then.
    for _ in _records(layout):
        pass
    judge = _judge(layout, default_text, region, drama_allowed=drama_allowed, national=national)
    return _read(layout, judge)


def digest_of(layout: Layout, *, default_text: str | None, region: str, drama_allowed: bool) -> str:
    """Hex SHA-256 of all that decides what an import queues: a second one of the same adds nothing."""
    parts = (layout.examined.digest, default_text or "", region, str(drama_allowed))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def check_region(region: str) -> None:
    """Raise UsageError unless phonenumbers knows the country."""
    if not known_region(region):
        hint = "; the United Kingdom is GB" if region == "UK" else ""
        raise UsageError(f"{region} is not a country whose numbers are known: expected a code such as GB{hint}")


@lru_cache(maxsize=256)  # most campaigns have one text; a bounded cache keeps memory flat
def segments_of(text: str, *, national: bool = True) -> int | str:
    """How many segments a text needs, or why it cannot be sent."""
    if not text.strip():
        return "the text is empty"
    for c in text:
        if (c < " " and c not in "\n\r\t\f") or c == "\x7f":
            return f"the text has a control character in it (U+{ord(c):04X})"
        if "\ud800" <= c <= "\udfff":
            return "the text has a broken character in it"
    if len(text) > _LONGEST_TEXT:
        return _TOO_LONG
    try:
        count = len(split(text, national=national).segments)
    except SmsError:
        return _TOO_LONG
    return count if count <= 255 else _TOO_LONG


def _lines(stream: TextIO, path: Path) -> Iterator[str]:
    """Lines of bounded length, so that a file without line ends does not fill the memory."""
    number = 0
    while line := stream.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE and line[-1] not in "\r\n":
            raise UsageError(
                f"{path}: line {number} is longer than a million characters; expected one recipient a line",
                remedy="Check that this is the right file and that it is a CSV file.",
            )
        yield line


def _read(layout: Layout, judge: Judge) -> Iterator[NewMessage | Refused]:
    for row, record in _records(layout):
        if isinstance(record, Refused):
            yield record
        elif row > layout.columns.header and not _blank(row, record):
            yield judge(row, record)


def _blank(row: int, record: list[str]) -> bool:
    """Whether a record holds nothing of its own: empty cells, or Excel's word about its delimiter."""
    return not any(cell.strip() for cell in record) or (row == 1 and record[0].startswith("sep="))


def _records(layout: Layout) -> Iterator[tuple[int, list[str] | Refused]]:
    """Every record with its row number. Raises UsageError where the rest of the file cannot be told apart."""
    path = layout.path
    with path.open(encoding=layout.examined.encoding, newline="") as stream:
        lines = _lines(stream, path)
        reader = csv.reader(lines, delimiter=layout.delimiter, skipinitialspace=layout.spaced, strict=True)
        row = 0
        while True:
            began = reader.line_num + 1
            row += 1
            try:
                yield row, next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield row, _broken(error, path, row, began, reader.line_num)
            except UnicodeError:  # it was all proven to decode, so it has been changed meanwhile
                raise UsageError(f"{path} was changed while it was read") from None


def _broken(error: csv.Error, path: Path, row: int, began: int, ended: int) -> Refused:
    """A record that csv cannot read. Raises UsageError where what follows cannot be told apart either."""
    where = f"row {row} (line {began} of the file)"
    if "unexpected end" in str(error):
        raise UsageError(
            f'{path}: {where} opens a quotation mark (") that is never closed; all that follows would be one cell',
            remedy='Close or remove it; inside a quoted text write "" for a quotation mark. Nothing was imported.',
        )
    if "field limit" in str(error):
        raise UsageError(
            f"{path}: {where} has a cell of more than {csv.field_size_limit():,} characters",
            remedy='Look for a quotation mark (") that is not closed. Nothing was imported.',
        )
    span = f"line {began}" if began == ended else f"lines {began} to {ended}"
    return Refused(row, "", f'the quotation marks (") in this row do not pair up ({span} of the file)')


def _judge(layout: Layout, default_text: str | None, region: str, *, drama_allowed: bool, national: bool) -> Judge:
    columns = layout.columns
    number_column, text_column, width = columns.number, columns.text, columns.width

    def judge(row: int, record: list[str]) -> NewMessage | Refused:
        raw = record[number_column] if number_column < len(record) else ""
        if columns.header and len(record) > width and any(cell.strip() for cell in record[width:]):
            return Refused(
                row,
                raw[:_KEPT],
                f"this row has {len(record)} cells and the header {width}: a text with a "
                f'{DELIMITERS[layout.delimiter]} in it must stand in quotation marks (")',
            )
        number = normalise(raw, region, drama_allowed=drama_allowed)
        if isinstance(number, NotTextable):
            return Refused(row, raw[:_KEPT], number.why)
        text = record[text_column] if text_column is not None and text_column < len(record) else ""
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.strip():
            if default_text is None:
                return Refused(row, raw[:_KEPT], "there is no text in this row, and none was given for all")
            text = default_text
        text = text.rstrip()  # a blank at the end would make another text of it, and the person be texted twice
        counted = segments_of(text, national=national)
        if isinstance(counted, str):
            return Refused(row, raw[:_KEPT], counted)
        return NewMessage(number.e164, text, row, counted)

    return judge
