"""Octets from the modem into lines and prompts, the same whatever the chunks they come in (V.250 5.7).

Lines end with CR, LF or both; empty ones are dropped. Octets are read as Latin-1, so nothing can fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

LONGEST_LINE = 4096
"""Characters. A line that grows beyond it is dropped whole: the longest real one, a PDU, has about 360."""

_TRIM = " \t\x1a\x1b"


class Mark(Enum):
    """What a token is. TAIL: the rest of the line that began with the prompt."""

    LINE = "line"
    PROMPT = "prompt"
    TAIL = "tail"


@dataclass(frozen=True, slots=True)
class Token:
    """A line without its ends and outer blanks, or the prompt. `old`: it had begun before `divide`."""

    mark: Mark
    text: str
    old: bool = False


_PROMPT = Token(Mark.PROMPT, ">")


class Lexer:
    """Feed octets, get tokens. `expect_prompt` is the owner's: a `>` counts only while it is set.

    The prompt is known by its first character at the start of a line, because nothing need follow it
    (TS 27.005 3.5.1 has CR LF > SP; some modems leave out the blank, some the line end). If more than
    blanks follows, the rest comes as a TAIL and the owner judges whether it was a prompt at all.
    """

    def __init__(self) -> None:
        self.expect_prompt = False
        self._rest = ""
        self._skipping = False
        self._in_tail = False
        self._old = False

    @property
    def rest(self) -> str:
        """What came after the last line end and is no whole line yet."""
        return self._rest

    def divide(self) -> None:
        """From here on lines answer something new: the one that has already begun, if any, will be `old`."""
        self._old = self._skipping or bool(self._rest.strip(_TRIM))

    def feed(self, octets: bytes) -> Iterator[Token]:
        """The tokens that these octets complete, one at a time; exhaust it before the next call.

        It is lazy so that what the owner sets after one token already counts for the next.
        """
        text = octets.decode("latin-1").replace("\0", "").replace("\r", "\n")
        position = 0
        # A '>' held back from before a prompt was expected is no prompt.
        at_line_start = not self._rest and not self._in_tail and not self._skipping
        text = self._rest + text
        end_of_text = len(text)
        while position < end_of_text:
            if self.expect_prompt and at_line_start and text[position] == ">":
                position += 1
                self._in_tail, at_line_start = True, False
                yield _PROMPT
                continue
            end = text.find("\n", position)
            if end < 0:
                break
            piece = text[position:end]
            position, at_line_start = end + 1, True
            token = self._end_line(piece)
            if token is not None:
                yield token
        self._rest = text[position:]
        if self._skipping or len(self._rest) > LONGEST_LINE:
            self._skipping, self._rest = True, ""

    def _end_line(self, piece: str) -> Token | None:
        skipped, in_tail, old = self._skipping or len(piece) > LONGEST_LINE, self._in_tail, self._old
        self._skipping = self._in_tail = self._old = False
        piece = piece.strip(_TRIM)
        if skipped or not piece:
            return None
        return Token(Mark.TAIL if in_tail else Mark.LINE, piece, old)
