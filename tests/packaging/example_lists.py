"""The two lists of the example operation: what is in them, and how the workbooks were made.

`python -m tests.packaging.example_lists` writes gsmsend/data/example/*.xlsx anew.
"""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "gsmsend" / "data" / "example"
HEAD = ("Name in phone", "Number", "Last contact")
_MADE = datetime(2026, 11, 20, 9, 0)  # noqa: DTZ001 - a workbook's times have no zone


def _rows(first: int, last: int, name: str) -> list[tuple[str, str, str]]:
    return [
        (f"{name} {index}", f"07700 900{index:03}", f"2026-11-{1 + index % 19:02}")
        for index in range(first, last + 1)
    ]


RED = [
    *_rows(101, 112, "Mate"),
    ("Garage, the", "020 7946 0123", "2026-11-02"),
    *_rows(113, 120, "Mate"),
    ("Taxi", "4.4771E+11", "2026-11-09"),
    ("Mate 101 work", "+44 7700 900101", "2026-11-10"),
    ("No number", "", "2026-11-11"),
]
BLUE = [
    *_rows(115, 120, "M"),
    ("Voicemail", "0800 123", "2026-11-03"),
    *_rows(121, 134, "M"),
]
LISTS = {"red-phone.xlsx": RED, "blue-phone.xlsx": BLUE}


def people() -> set[str]:
    """Everybody who can be texted, E.164."""
    return {f"+447700900{index}" for index in range(101, 135)}


def write(file: Path, rows: list[tuple[str, str, str]]) -> None:
    """A workbook with one sheet; the same rows give the same file."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Contacts"
    sheet.append(HEAD)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append(row)
    for column, width in (("A", 20), ("B", 20), ("C", 14)):
        sheet.column_dimensions[column].width = width
    book.properties.creator = "gsmsend example"
    book.properties.created = book.properties.modified = _MADE
    written = BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _dated(content)
            new.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)


def _dated(core: bytes) -> bytes:
    """openpyxl writes the time of saving: put the fixed one in its place."""
    before, mark, after = core.partition(b'<dcterms:modified xsi:type="dcterms:W3CDTF">')
    return before + mark + b"2026-11-20T09:00:00Z" + after[after.index(b"<") :]


if __name__ == "__main__":
    for name, rows in LISTS.items():
        write(FOLDER / name, rows)
