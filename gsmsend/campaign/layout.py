"""How a table file is laid out: its delimiter, its header and which columns hold the number and the text."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from gsmsend.campaign.encodings import Examined, examine
from gsmsend.campaign.sources.columns import SAMPLE, Columns, find, no_number_column
from gsmsend.errors import UsageError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SAMPLE = 1 << 16  # characters


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
        return (
            f"{self.examined.name}, {DELIMITERS[self.delimiter]}-separated, {header}, "
            f"number in column {self.columns.number + 1}{self.columns.others()}"
        )


def inspect(path: Path, region: str, column: str | None = None) -> Layout:
    """Find a file's layout; `column` is the one a person named.

    Raises UsageError: unreadable, no text, no column of numbers, or two that could be meant.
    """
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
        found = find(records, region, str(path), column)
        if not found:
            continue
        columns, hits = found
        score = (bool(columns.header), hits, max(widths.values()) / len(records), columns.width)
        if best is None or score > best[0]:
            best = (score, delimiter, spaced, columns)
    if best is None:
        raise no_number_column(str(path), first, column)
    return Layout(path, examined, best[1], best[2], best[3])


def _records(sample: str, delimiter: str, *, spaced: bool, whole: bool) -> list[tuple[int, list[str]]]:
    """The first records that are not empty, with their row numbers."""
    records: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=spaced)
    cut = False
    try:
        for row, record in enumerate(reader, start=1):
            if len(records) == SAMPLE:
                cut = True
                break
            if any(cell.strip() for cell in record) and not (row == 1 and record[0].startswith("sep=")):
                records.append((row, record))
    except csv.Error:  # row-by-row reading says where and why
        pass
    if not whole and not cut and len(records) > 1:
        records.pop()  # the sample may end inside it
    return records
