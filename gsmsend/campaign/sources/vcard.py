"""Numbers of contacts in vCard files, versions 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350): every TEL of every card.

Read line by line and nothing else kept: photographs, names and addresses pass by. The row is the card's place in
the file, from 1.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO
from urllib.parse import unquote

from gsmsend.campaign.encodings import examine
from gsmsend.campaign.sources import archive
from gsmsend.campaign.sources.row import Choice, RowKind, Source, SourceRow
from gsmsend.errors import UsageError

_LONGEST = 4096  # characters of a line that are kept: a TEL is short, a photograph is not wanted
_LINE = re.compile(
    r"(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<parameters>(?:;(?:[^\":]|\"[^\"]*\")*)?):(?P<value>.*)", re.DOTALL
)
_SOFT = "ENCODING=QUOTED-PRINTABLE"
_URI = re.compile(r"tel:", re.IGNORECASE)


def open_vcard(path: Path, _choice: Choice) -> Source:
    """A vCard file, read through once. Raises UsageError: unreadable, cut off, or without any number."""
    encoding = _encoding(path)
    cards = 0
    count = 0
    for row in _rows(path, encoding):
        cards, count = row.row, count + 1
    if not count:
        raise UsageError(
            f"{path}: none of its contacts has a phone number", remedy="Expected lines that begin with TEL."
        )
    said = f"vCard, {count:,} number{'s' * (count != 1)}; the last is in contact {cards:,} of the file"
    return Source(path.name, (said,), archive.digest(path), texts=False, count=count,
                  rows=lambda: _rows(path, encoding))  # fmt: skip


def _encoding(path: Path) -> str:
    """UTF-16 where it is; else UTF-8, which numbers are read from whatever the names are written in."""
    with path.open("rb") as stream:
        head = stream.read(512)
    return examine(path).encoding if b"\0" in head or head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _rows(path: Path, encoding: str) -> Iterator[SourceRow]:
    card, depth = 0, 0
    with path.open(encoding=encoding, errors="replace", newline=None) as stream:
        for line in _unfolded(stream):
            found = _LINE.match(line)
            if found is None:
                continue
            name, value = found["name"].upper(), found["value"]
            if name == "BEGIN" and value.strip().upper() == "VCARD":
                depth += 1
                card += depth == 1
            elif name == "END" and value.strip().upper() == "VCARD":
                depth -= 1
            elif name == "TEL" and depth > 0:
                original = _decoded(value, found["parameters"].upper())
                yield SourceRow(card, original, kind=RowKind.CONTACT, number=_of_uri(original))
    if depth > 0:
        raise UsageError(
            f"{path}: contact {card} has no END:VCARD: the file is cut off",
            remedy="Export it again, and copy it whole. Nothing was imported.",
        )


def _unfolded(stream: TextIO) -> Iterator[str]:
    """Logical lines: a line that begins with a blank goes on the one before (RFC 6350 3.2); so does, in quoted
    printable of version 2.1, what follows a line that ends with =.
    """
    line = ""
    soft = False
    while piece := stream.readline(_LONGEST):
        if not piece.endswith("\n"):  # of a line that is too long to be wanted: the rest is passed over
            while (more := stream.readline(_LONGEST)) and not more.endswith("\n"):
                pass
        piece = piece.rstrip("\n")
        if soft:
            line = line[:-1] + piece
        elif piece[:1] in (" ", "\t") and line:
            line = (line + piece[1:])[:_LONGEST]
            continue
        else:
            if line:
                yield line
            line = piece
        head = line.partition(":")[0].upper()
        soft = line.endswith("=") and (_SOFT in head or ";QUOTED-PRINTABLE" in head) and len(line) < _LONGEST
    if line:
        yield line


def _decoded(value: str, parameters: str) -> str:
    if "QUOTED-PRINTABLE" in parameters:
        value = quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
    return value.replace("\\,", ",").replace("\\;", ";").replace("\\n", "\n").strip()


def _of_uri(value: str) -> str:
    """The number of a telephone URI (RFC 3966, tel:+44-7700-900101;ext=12); an extension must stay to be seen."""
    if not _URI.match(value):
        return ""
    number, _, rest = unquote(value[4:]).partition(";")
    extension = re.search(r"(?:^|;)ext=(\d+)", rest, re.IGNORECASE)
    return f"{number} ext. {extension[1]}" if extension else number
