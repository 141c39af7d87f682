"""Files that were damaged on their way: every reader says so in words, and none falls over."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import openpyxl
import pytest

from gsmsend.campaign.sources.finding import open_source
from gsmsend.campaign.sources.row import Choice
from gsmsend.errors import UsageError

CASES = 60
REPORT = Path(__file__).parents[1] / "corpus" / "import" / "report.xml"
CARDS = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nTEL;CELL;ENCODING=QUOTED-PRINTABLE:=2B447700=\r\n900101\r\n"
    b"TEL;VALUE=uri:tel:+447700900102;ext=3\r\nEND:VCARD\r\n"
) * 3
PIECES = (
    b"1e999", b"-1", b"99999999999", b"A0", b"ZZZ1", b"<f/>", b"&#x0;", b'"', b"\xff\xfe",
    b"<modelType type='SMS'>",
)  # fmt: skip


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["number", "text"], ["07700900101", "=A1"], [447700900102, 1.5], ["07700 900103", True]):
        sheet.append(row)
    sheet.merge_cells("A4:A5")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def damaged(octets: bytes, chance: random.Random) -> bytes:
    """The same with some octets changed, lost, doubled or put in, or its end cut off."""
    made = bytearray(octets)
    for _ in range(chance.randint(1, 6)):
        at, what = chance.randrange(len(made)), chance.random()
        if what < 0.4:
            made[at] = chance.randrange(256)
        elif what < 0.6:
            del made[at : at + chance.randint(1, 40)]
        elif what < 0.8:
            other = chance.randrange(len(made))
            made[at:at] = made[other : other + chance.randint(1, 60)]
        elif what < 0.95:
            made[at:at] = chance.choice(PIECES)
        else:
            del made[at:]
        made = made or bytearray(b"x")
    return bytes(made)


def one_part(octets: bytes, chance: random.Random) -> bytes:
    """A workbook with one of its parts damaged, packed anew."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(octets)) as before, zipfile.ZipFile(out, "w") as after:
        names = before.namelist()
        unlucky = chance.choice(names)
        for name in names:
            whole = before.read(name)
            after.writestr(name, damaged(whole, chance) if name == unlucky else whole)
    return out.getvalue()


KINDS = {
    "workbook": (workbook, damaged),
    "part of a workbook": (workbook, one_part),
    "report": (REPORT.read_bytes, damaged),
    "vcard": (lambda: CARDS, damaged),
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_damage_is_told_in_words(tmp_path: Path, kind: str) -> None:
    make, damage = KINDS[kind]
    whole, path = make(), tmp_path / "file"
    for seed in range(CASES):
        path.write_bytes(damage(whole, random.Random(seed)))
        told, rows = "", []
        try:
            rows = list(open_source(path, Choice()).rows())
        except UsageError as error:
            told = str(error)
        assert str(path) in told if told else all(row.row > 0 for row in rows), seed


def test_a_cell_at_an_impossible_place_never_reaches_the_reader(tmp_path: Path) -> None:
    """It would lay out a sheet of that size and end the process for want of memory."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b'r="B1"', b'r="B999999999991"'))
    path = tmp_path / "file"
    path.write_bytes(out.getvalue())
    with pytest.raises(UsageError, match="a cell at a place that no sheet has"):
        open_source(path, Choice())
