"""A campaign prepared: two workbooks read and previewed; a list of 100,000 rows in flat memory."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import phonenumbers
from openpyxl import Workbook

from tests.benchmarks.harness import GSMSEND, Figure

_RESERVED = 10_000
TEXT = (
    "Example Police: help with drugs is free and private, for you too. Call 0808 157 0123 or see "
    "https://example.org/help. Reply STOP for no more texts."
)


def prepare(quick: bool) -> list[Figure]:
    """2,000 people out of two workbooks of 3,000 rows each: import and preview together."""
    rows, people = (300, 200) if quick else (3_000, 2_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = _operation(folder)
        for index, file in enumerate(("red.xlsx", "blue.xlsx")):
            start = index * (people - people * 3 // 4)
            _workbook(folder / file, [start + row % (people * 3 // 4) for row in range(rows)])
        red_s, _ = _timed(["import", str(folder / "red.xlsx"), "--text", TEXT], place)
        blue_s, _ = _timed(["import", str(folder / "blue.xlsx"), "--text", TEXT], place)
        preview_s, _ = _timed(["preview"], place)
    total_s = red_s + blue_s + preview_s
    return [
        Figure(f"import of two workbooks of {rows:,} rows", red_s + blue_s, "s"),
        Figure(f"preview of {people:,} people", preview_s, "s"),
        Figure("both together", total_s, "s", "10 s", total_s <= 10),
        *_many(quick),
    ]


def _many(quick: bool) -> list[Figure]:
    """The memory of an import of many rows against one of a tenth of them."""
    many = 10_000 if quick else 100_000
    figures = []
    for kind in ("csv", "xlsx"):
        used: dict[int, tuple[float, float]] = {}
        for rows in (many // 10, many):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                place = _operation(folder)
                file = folder / f"many.{kind}"
                (_workbook if kind == "xlsx" else _table)(file, [row % _RESERVED for row in range(rows)])
                used[rows] = _timed(["import", str(file), "--text", TEXT], place)
        growth = used[many][1] - used[many // 10][1]
        figures += [
            Figure(f"import of {many:,} rows of {kind}", used[many][0], "s"),
            Figure(
                f"its memory beyond that of a tenth of them, {kind}", growth, "MiB", "flat (< 10 MiB)", growth < 10
            ),
        ]
    return figures


def _operation(folder: Path) -> Path:
    place = folder / "op"
    subprocess.run([*GSMSEND, "init", str(place)], check=True, stdout=subprocess.DEVNULL)
    return place


@cache
def _number(person: int) -> str:
    """Of the numbers for fiction, 555-0100 to 0199 of each North American area; Ofcom's are but a thousand."""
    return f"+1{_areas()[person // 100]}55501{person % 100:02}"


@cache
def _areas() -> list[int]:
    areas = [
        area for area in range(201, 990) if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{area}5550100"))
    ]
    return areas[: _RESERVED // 100]


def _workbook(file: Path, people: list[int]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Contacts")
    sheet.append(["Name", "Number", "Seen"])
    for row, person in enumerate(people):
        sheet.append([f"Person {row}", _number(person), "2026-11-20"])
    book.save(file)


def _table(file: Path, people: list[int]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Name", "Number", "Seen"])
        writer.writerows([f"Person {row}", _number(person), "2026-11-20"] for row, person in enumerate(people))


def _timed(words: list[str], place: Path) -> tuple[float, float]:
    """Seconds and peak MiB of one command."""
    probe = (
        "import resource, subprocess, sys, time; t = time.perf_counter();"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True);"
        "sys.exit(done.stderr) if done.returncode not in (0, 5) else None;"  # 5: its wording is not approved yet
        "print(time.perf_counter() - t, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", probe, *GSMSEND, *words, "--operation", str(place)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "COLUMNS": "80"})
    seconds, peak_kib = said.stdout.split()
    return float(seconds), float(peak_kib) / 1024
