"""The refused rows of an import: the first on the screen, all in a CSV file to send back, values masked."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from gsmsend import guarding
from gsmsend.campaign.judging import LeftOut, Told
from gsmsend.contract import NewMessage, Refused
from gsmsend.inert import cell
from gsmsend.masking import mask_number

SHOWN = 20
"""Refused rows that are shown; all are in the file."""


@dataclass(slots=True)
class Place:
    """What was found in one sheet or section."""

    used: int = 0
    left_out: int = 0
    refused: int = 0


@dataclass(slots=True)
class Refusals:
    """What becomes of the rows of one source before they reach the store, and after it if that refuses some.

    `path` is the CSV file of refused rows, made with the first of them; `source` the name that stands in it.
    """

    path: Path
    source: str = ""
    first: list[Refused] = field(default_factory=list)
    count: int = 0
    whys: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    places: dict[str, Place] = field(default_factory=dict)
    _stream: TextIO | None = None

    def pick(self, found: Iterable[Told]) -> Iterator[NewMessage | Refused]:
        """Pass rows on to the store, keeping the refused ones and counting those that filters left out."""
        for row in found:
            place = self.places.get(row.place)
            if place is None:
                place = self.places[row.place] = Place()
            if isinstance(row, NewMessage):
                place.used += 1
                yield row
            elif isinstance(row, LeftOut):
                place.left_out += 1
                self.left_out[row.why] += 1
            else:
                self.keep(row)
                yield row

    def close(self) -> None:
        """No more will come."""
        if self._stream is not None:
            with self._naming_the_file():
                self._stream.close()

    def keep(self, row: Refused) -> None:
        """One refused row."""
        self.count += 1
        self.whys[row.why] += 1
        self.places.setdefault(row.place, Place()).refused += 1
        if len(self.first) < SHOWN:
            self.first.append(row)
        with self._naming_the_file():
            if self._stream is None:
                self._stream = os.fdopen(guarding.written(self.path), "w", encoding="utf-8-sig", newline="")
                csv.writer(self._stream).writerow(["file", "sheet", "row", "value", "why"])
            words = [cell(word) for word in (self.source, row.place, str(row.row), shown(row.value), row.why)]
            csv.writer(self._stream).writerow(words)

    @contextmanager
    def _naming_the_file(self) -> Iterator[None]:
        """An error of writing does not say by itself where."""
        try:
            yield
        except OSError as error:
            error.filename = error.filename or str(self.path)
            raise


def shown(value: str) -> str:
    """A refused value as it may be shown: masked where it has digits, else not at all."""
    value = value.strip()
    if not value:
        return "(empty)"
    if not any(c.isdigit() for c in value):
        return "(no digits)"
    return mask_number("".join(c if c.isdigit() or c in "+ ()-./" else "*" for c in value[:40]))
