"""Target `lexer`: a stream in which some octets are what the owner does. See `ACTIONS`.

Octet by octet the tokens are the same as in one piece; without a prompt in sight they are exactly the lines.
"""

from __future__ import annotations

import re

from gsmsend.at.lexer import Lexer, Mark, Token
from tests.fuzz.limits import LONGEST_LINE, MOST_FLOOD, small

FEED, EXPECT, FORGET, FLOOD = 0xE0, 0xE1, 0xE2, 0xE3
ACTIONS = {FEED, EXPECT, FORGET, FLOOD}
"""FEED ends a chunk; EXPECT and FORGET set `expect_prompt`; FLOOD repeats it."""

_BLANKS = " \t\x1a\x1b"


def fuzz(data: bytes) -> None:
    """Feed one lexer in chunks, another octet by octet."""
    with small():
        _compare(_chunks(data))


def _compare(chunks: list[tuple[int, bytes]]) -> None:
    whole, single = Lexer(), Lexer()
    stream, tokens = bytearray(), list[Token]()
    asked = False
    for action, chunk in chunks:
        found = _feed(whole, chunk, len(chunk))
        assert found == _feed(single, chunk, 1 if len(chunk) < LONGEST_LINE else 97)
        assert (whole.rest, whole.expect_prompt) == (single.rest, single.expect_prompt)
        assert len(whole.rest) <= LONGEST_LINE
        tokens += found
        stream += chunk
        if action in (EXPECT, FORGET):
            whole.expect_prompt = single.expect_prompt = action == EXPECT
            asked = asked or action == EXPECT
    if not asked:
        assert tokens == [Token(Mark.LINE, text) for text in _lines(bytes(stream))]
    prompts = sum(token.mark is Mark.PROMPT for token in tokens)
    assert prompts <= stream.count(b">")
    assert sum(token.mark is Mark.TAIL for token in tokens) <= prompts


def _feed(lexer: Lexer, chunk: bytes, step: int) -> list[Token]:
    found = []
    for at in range(0, len(chunk), step or 1):
        for token in lexer.feed(chunk[at : at + step]):
            if token.mark is Mark.PROMPT:
                lexer.expect_prompt = False
            else:
                assert token.text
                assert token.text == token.text.strip(_BLANKS)
                assert not set(token.text) & set("\r\n\0")
            found.append(token)
    return found


def _chunks(data: bytes) -> list[tuple[int, bytes]]:
    chunks: list[tuple[int, bytes]] = []
    at, flooded = 0, False
    for end, octet in enumerate(data):
        if octet in ACTIONS:
            chunk = data[at:end]
            if octet == FLOOD and chunk and not flooded:
                chunk, flooded = chunk * max(MOST_FLOOD // len(chunk), 1), True
            chunks.append((octet, chunk))
            at = end + 1
    return [*chunks, (FEED, data[at:])]


def _lines(stream: bytes) -> list[str]:
    """The standard's reading, written anew: what stands between line ends."""
    text = stream.replace(b"\0", b"").decode("latin-1")
    *ended, _ = re.split(r"[\r\n]", text)
    return [piece.strip(_BLANKS) for piece in ended if len(piece) <= LONGEST_LINE and piece.strip(_BLANKS)]
