"""Files of a hundred megabytes are read in flat memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SMALL, LARGE = 5 * 1024 * 1024, 100 * 1024 * 1024
READ = """
import resource, sys
from pathlib import Path
from gsmsend.campaign.judging import Terms, judge
from gsmsend.campaign.sources.finding import open_source
from gsmsend.campaign.sources.row import Choice
source = open_source(Path(sys.argv[1]), Choice())
count = sum(1 for _ in judge(source.rows(), Terms("GB", "Help", drama_allowed=True)))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
WORDS = "words that nobody needs " * 40


def csv_rows(index: int) -> str:
    return f'"Smith, {index}",07700 {900_000 + index % 1000},"{WORDS}"\n'


def cards(index: int) -> str:
    photo = ("QUJD" * 18 + "\r\n ") * 14
    number = f"07700 {900_000 + index % 1000}"
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nPHOTO;ENCODING=b:{photo}\r\nTEL:{number}\r\nEND:VCARD\r\n"


def calls(index: int) -> str:
    party = f'<field name="Identifier"><value>07700 {900_000 + index % 1000}</value></field>'
    return (
        f'<model type="SMS"><field name="Body"><value>{WORDS}</value></field><multiModelField name="Parties">'
        f'<model type="Party">{party}</model></multiModelField></model>\n'
    )


KINDS: dict[str, tuple[str, Callable[[int], str], str]] = {
    "csv": ("name,number,note\n", csv_rows, ""),
    "vcard": ("", cards, ""),
    "ufed": ('<project><decodedData><modelType type="SMS">', calls, "</modelType></decodedData></project>"),
}


def written(path: Path, kind: str, size: int) -> int:
    """Write a file of that size; how many rows it has."""
    head, row, tail = KINDS[kind]
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        left = size - out.write(head)
        while left > 0:
            left -= out.write(row(count))
            count += 1
        out.write(tail)
    return count


def peak_kib(path: Path, count: int) -> int:
    said = subprocess.run([sys.executable, "-c", READ, path], check=True, capture_output=True, text=True).stdout
    found, peak = said.split()
    assert int(found) == count
    return int(peak)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured by getrusage")
@pytest.mark.parametrize("kind", list(KINDS))
def test_twenty_times_the_octets_take_no_more_memory(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "source"
    small = peak_kib(path, written(path, kind, SMALL))
    large = peak_kib(path, written(path, kind, LARGE))
    assert large < 1.2 * small
