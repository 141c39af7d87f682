"""Target `table`: a list of recipients as any bytes at all. The first octet chooses the options.

Only UsageError may come out, with nobody's number in it; every record of the file is accepted or refused, once;
and what is accepted is the number and the text of that record, unbent.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import unicodedata
from functools import cache
from pathlib import Path

from gsmsend.campaign.layout import Layout, inspect
from gsmsend.campaign.table import digest_of, rows
from gsmsend.contract.imports import NewMessage, Refused
from gsmsend.errors import UsageError
from gsmsend.sms import split

REGIONS = ("GB", "US", "DE", "TR")
FOR_ALL = "Help is here."


def fuzz(data: bytes) -> None:
    """Import `data[1:]` as `data[0]` says."""
    if not data:
        return
    options = data[0]
    path = _file()
    path.write_bytes(data[1:])
    region, drama, national = REGIONS[options & 3], bool(options & 4), bool(options & 8)
    default = FOR_ALL if options & 16 else None
    try:
        layout = inspect(path, region)
        found = list(
            rows(path, default_text=default, region=region, drama_allowed=drama, national=national, layout=layout)
        )
    except UsageError as error:
        _tells_no_number(f"{error} {error.remedy}".replace(str(path), ""), data[1:])
        return
    assert layout.describe()
    assert len(digest_of(layout, default_text=default, region=region, drama_allowed=drama)) == 64
    records = _records(layout)
    assert [row.row for row in found] == list(records), "every record is accepted or refused, once"
    for row in found:
        if isinstance(row, Refused):
            assert row.why
            _tells_no_number(row.why, data[1:])
        else:
            _check(row, records[row.row], layout, default, drama=drama, national=national)


def _check(
    row: NewMessage, record: list[str] | None, layout: Layout, default: str | None, *, drama: bool, national: bool
) -> None:
    assert record is not None, "a record that cannot be read is refused"
    assert re.fullmatch(r"\+\d{7,15}", row.number)
    assert drama or not re.fullmatch(r"\+447700900\d{3}", row.number), "drama numbers are for virtual modems"
    typed = "".join(str(unicodedata.digit(c)) for c in record[layout.columns.number] if c.isdecimal())
    assert row.number[-6:] == typed[-6:], "the number is that of the record"
    column = layout.columns.text
    text = record[column] if column is not None and column < len(record) else ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    assert row.text == (text if text.strip() else default or "").rstrip(), "the text is that of the record"
    assert 1 <= row.segments == len(split(row.text, national=national).segments) <= 255


def _records(layout: Layout) -> dict[int, list[str] | None]:
    """The records that hold something, below the header, by row number; None for one that cannot be read."""
    text = layout.path.read_bytes().decode(layout.examined.encoding)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=layout.delimiter, skipinitialspace=layout.spaced, strict=True
    )
    found: dict[int, list[str] | None] = {}
    row = 0
    while True:
        row += 1
        try:
            record = next(reader)
        except StopIteration:
            return found
        except csv.Error:
            found[row] = None
            continue
        declares = row == 1 and record[:1] and record[0].startswith("sep=")
        if row > layout.columns.header and any(cell.strip() for cell in record) and not declares:
            found[row] = record


def _tells_no_number(said: str, content: bytes) -> None:
    for digits in re.findall(rb"\d{7,}", content):
        assert digits.decode() not in said, "an error repeats no number"


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="gsmsend-fuzz-")


def _file() -> Path:
    return Path(_folder().name) / "people.csv"
