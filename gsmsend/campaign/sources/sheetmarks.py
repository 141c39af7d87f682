"""What a workbook's own XML says that its cells do not: formulas without a result, and how far a sheet reaches."""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from gsmsend.campaign.sources import archive, markup
from gsmsend.errors import UsageError

MOST_CELLS = 20_000_000
"""A sheet is laid out as a rectangle from its first to its last cell, so one stray cell far off makes it vast."""

_PIECE = 1 << 20
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OVERLAP = 200


@dataclass(frozen=True, slots=True)
class Marks:
    """Of one sheet: formulas that have no result, as (row from 1, column from 0)."""

    empty_formulas: frozenset[tuple[int, int]] = frozenset()


def marks_of(path: Path, packed: zipfile.ZipFile) -> dict[str, Marks]:
    """Read every part once, so that a damaged one is known before a cell is used; the marks by sheet.

    Raises UsageError: damaged, with a document type or entities, or a sheet that reaches too far.
    """
    formulas: set[str] = set()
    for info in packed.infolist():
        if info.filename.endswith((".xml", ".rels")) and _scan(path, packed, info.filename):
            formulas.add(info.filename)
    if not formulas:
        return {}
    return {
        name: _formulas(path, packed, part) for name, part in _sheets(path, packed).items() if part in formulas
    }


def _scan(path: Path, packed: zipfile.ZipFile, name: str) -> bool:
    """Whether a part has formulas in it. Raises UsageError if it may not be used."""
    found, sheet = False, "/worksheets/" in name
    widest, lowest, rest = 0, 0, b""
    with archive.part(packed, name) as stream:
        while piece := stream.read(_PIECE):
            piece, rest = rest + piece, piece[-_OVERLAP:]
            if _DOCTYPE.search(piece):
                raise UsageError(
                    f"{path}: {name} declares a document type or entities, which no workbook has",
                    remedy="It may have been made to do harm. Do not open it; ask whoever sent it.",
                )
            if sheet:
                found = found or _FORMULA.search(piece) is not None
                for letters, digits in _CELL.findall(piece):
                    widest, lowest = max(widest, column_of(letters) + 1), max(lowest, int(digits))
    if widest * lowest > MOST_CELLS:
        raise UsageError(
            f"{path}: a sheet reaches to column {widest:,} and row {lowest:,}, which is more than can be laid out",
            remedy="Delete the empty rows and columns at its end, or save the sheet as CSV and import that.",
        )
    return found


def column_of(letters: bytes) -> int:
    """A column's letters as a number from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _sheets(path: Path, packed: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by its name (ECMA-376 part 1, 18.2.19)."""
    names: dict[str, str] = {}
    parts: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            where = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            names[attributes.get("name", "")] = where

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            target = attributes.get("Target", "")
            parts[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")

    for part, start in (("xl/workbook.xml", sheet), ("xl/_rels/workbook.xml.rels", relation)):
        if part in packed.namelist():
            with archive.part(packed, part) as stream:
                markup.read(f"{path}: {part}", stream, start)
    return {name: parts[where] for name, where in names.items() if where in parts}


def _formulas(path: Path, packed: zipfile.ZipFile, part: str) -> Marks:
    found: set[tuple[int, int]] = set()
    cell = ""
    formula = value = inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal cell, formula, value, inside
        if name == "c":
            cell, formula, value = attributes.get("r", ""), False, False
        elif name == "f":
            formula = True
        inside = name in ("v", "t")

    def end(name: str) -> None:
        nonlocal inside
        inside = False
        if name == "c" and formula and not value and (place := re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", cell)):
            found.add((int(place[2]), column_of(place[1].encode())))

    def text(_: str) -> None:
        nonlocal value
        value = value or inside

    with archive.part(packed, part) as stream:
        markup.read(f"{path}: {part}", stream, start, end, text)
    return Marks(frozenset(found))
