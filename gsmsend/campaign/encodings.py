"""Which encoding a text file is in, found and proven by reading it once, with its SHA-256.

In this order: a byte order mark; NULs in every other byte (UTF-16 without a mark); strict UTF-8; Windows-1252
where its letters stand as in western words; else what charset-normalizer makes of the lines that are not ASCII.
The whole file is decoded strictly before any row of it is used, in pieces: memory stays flat.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gsmsend.errors import UsageError

_PIECE = 1 << 20  # octets
_SAMPLE = 1 << 16  # octets that charset-normalizer sees at most
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = (
    (b"PK\x03\x04", "a spreadsheet workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
)
_SAVE = "In the spreadsheet choose Save As, type 'CSV UTF-8 (Comma delimited)', and import that file."
# What western typists write outside ASCII; the rest of Windows-1252 hints at another encoding.
_WESTERN = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0152\u0153]")
_WESTERN_SIGNS = (
    "\u00a0\u00a1\u00a3\u00a7\u00a9\u00ab\u00ad\u00ae\u00b0\u00b1\u00b2\u00b7\u00bb\u00bc\u00bd\u00be\u00bf"
    "\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2022\u2026\u2122\u20ac"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
# Between two letters only these are at home; another sign there is a letter of another encoding.
_SIGN_IN_WORD = re.compile(r"[^\W\d_](?![\u2018\u2019\u2010-\u2015\u00ad\u00b7\u00a0])[^\w\s\x00-\x7f][^\W\d_]")
# Code pages of DOS, mainframes and old Macs: a guess at one of them is nearly always wrong today.
_RARE = re.compile(r"mac_|hp_|cp(?:0|1[01]|[2-8]\d\d$)")
_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
}


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that decodes strictly in `encoding` (a Python codec) and has the SHA-256 `digest` (hex)."""

    encoding: str
    digest: str

    @property
    def name(self) -> str:
        """The encoding as people write it."""
        return _NAMES.get(self.encoding, self.encoding)


def examine(path: Path) -> Examined:
    """Find the encoding of a file. Raises UsageError if it cannot be read or is no text."""
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is not a file", remedy="Name a CSV file.")
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
        if not head:
            raise UsageError(f"{path} is empty", remedy="Expected a CSV file with a column `number`.")
        for magic, what in _NOT_TEXT:
            if head.startswith(magic):
                raise UsageError(f"{path} is {what}, not a CSV file", remedy=_SAVE)
        marked = next((name for mark, name in _MARKS if head.startswith(mark)), None) or _by_nuls(head)
        if marked:
            if (digest := _proven(path, marked)) is None:
                what = f"begins like {_NAMES[marked]} text but is damaged further on"
                raise UsageError(f"{path} {what}", remedy=_SAVE)
            return Examined(marked, digest)
        if digest := _proven(path, "utf-8"):
            return Examined("utf-8", digest)
        return _guess(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="Check its name and folder, and that you may read it.",
        ) from None


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


def _by_nuls(head: bytes) -> str | None:
    """UTF-16 without a mark: in mostly Latin text every other byte is NUL."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half // 2 and even < half // 10 + 1:
        return "utf-16-le"
    if even > half // 2 and odd < half // 10 + 1:
        return "utf-16-be"
    return None


def _proven(path: Path, encoding: str) -> str | None:
    """The file's SHA-256 if all of it decodes; None if not. Raises UsageError on a NUL character."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    digest = hashlib.sha256()
    try:
        for piece in _pieces(path):
            digest.update(piece)
            if "\0" in decoder.decode(piece):
                raise UsageError(f"{path} has NUL characters in it: it is damaged, or no text file", remedy=_SAVE)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return None
    return digest.hexdigest()


def _guess(path: Path) -> Examined:
    """The encoding of a file with no mark that is not UTF-8."""
    sample = _sample(path)
    guesses = ["cp1252"] if _reads_as_western(sample) else []
    if not guesses:
        from charset_normalizer import from_bytes  # noqa: PLC0415 - 30 ms that few files need

        found = [match for match in from_bytes(sample) if not _RARE.match(match.encoding)]
        guesses = [match.encoding for match in found if _natural(str(match))]
    for encoding in guesses:
        if digest := _proven(path, encoding):
            return Examined(encoding, digest)
    raise UsageError(f"{path} is in an encoding that cannot be told", remedy=_SAVE)


def _sample(path: Path) -> bytes:
    """Lines that are not ASCII, from anywhere in the file."""
    found = bytearray()
    with path.open("rb") as stream:
        while len(found) < _SAMPLE and (line := stream.readline(4096)):
            if not line.isascii():
                found += line
    return bytes(found[:_SAMPLE])


def _natural(text: str) -> bool:
    """Whether text reads as words: none has a sign inside it or mixes alphabets. Texts go to people as read."""
    if _SIGN_IN_WORD.search(text) or any(unicodedata.category(c) in ("Co", "Cn") for c in text):
        return False
    return all(
        len({unicodedata.name(c, "").split(" ")[0] for c in word}) == 1 for word in set(_WORD.findall(text))
    )


def _reads_as_western(sample: bytes) -> bool:
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    unusual = any(ord(c) > 127 and c not in _WESTERN_SIGNS and not _WESTERN.match(c) for c in text)
    # Cyrillic, Greek and their like come as whole words of "accented letters".
    words = [word for word in _WORD.findall(text) if len(word) > 2]
    foreign = any(len(_WESTERN.findall(word)) > len(word) // 2 for word in words)
    return not unusual and not foreign and _natural(text)
