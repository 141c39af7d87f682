"""Two phones of 3,000 rows each, as workbooks: how long an officer waits for their import."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

import openpyxl

from tests.benchmarks.harness import GSMSEND, Figure


def two_phones(quick: bool) -> list[Figure]:
    """Import 2,000 people from two workbooks of 3,000 rows each, most of them on both."""
    rows = 600 if quick else 3000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([*GSMSEND, "init", str(folder / "op"), "--lab"], check=True, stdout=subprocess.DEVNULL)
        files = []
        for phone in ("red", "blue"):
            book = openpyxl.Workbook(write_only=True)
            sheet = book.create_sheet("Contacts")
            sheet.append(["Name", "Phone", "Last seen"])
            for index in range(rows):
                sheet.append([f"Person {index}", f"07700 {900_000 + index % 1000}", "2026-01-02 10:00"])
            files.append(str(folder / f"{phone}.xlsx"))
            book.save(files[-1])
        began_s = time.perf_counter()
        command = [*GSMSEND, "import", *files, "--text", "Help is here", "--operation", str(folder / "op")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        took_s = time.perf_counter() - began_s
    return [Figure(f"import of two workbooks of {rows:,} rows", took_s, "s", "5 s", took_s <= 5)]
