"""XML read as a stream, with nothing in it that could grow: no document type, so no entities of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from gsmsend.errors import UsageError

PIECE = 1 << 18
"""Octets to read at a time."""

_BARE = (
    "Export the file again from the program it comes from. A file with such parts may have been made to do harm."
)


class Stream:
    """Tells every element by its name without namespace, and its text, as octets are fed to it.

    Raises UsageError: not well formed, or with a document type or entities, which no report or workbook has.
    """

    def __init__(
        self,
        where: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> None:
        self._where = where
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype

    def feed(self, octets: bytes) -> None:
        """Go on with these."""
        self._parse(octets, last=False)

    def close(self) -> None:
        """That was all."""
        self._parse(b"", last=True)

    def _parse(self, octets: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(octets, last)
        except (expat.ExpatError, LookupError, ValueError) as error:  # the last two are of odd encodings
            why = (
                expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else "its encoding is unknown"
            )
            raise UsageError(
                f"{self._where} is damaged or cut off: line {self._parser.CurrentLineNumber}: {why}",
                remedy="Export it again from the program it comes from, and copy it whole. Nothing was imported.",
            ) from None

    def _doctype(self, *_: object) -> None:
        line = self._parser.CurrentLineNumber
        raise UsageError(f"{self._where} declares a document type or entities (line {line})", remedy=_BARE)


def read(
    where: str,
    stream: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] = lambda _: None,
    text: Callable[[str], None] = lambda _: None,
) -> None:
    """A whole stream at once. Raises UsageError as Stream does."""
    parse = Stream(where, start, end, text)
    while piece := stream.read(PIECE):
        parse.feed(piece)
    parse.close()
