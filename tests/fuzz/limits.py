"""The dialogue's limits made small while a harness runs, so that a flood need not be long to reach them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from gsmsend.at import lexer, session

LONGEST_LINE = 500
"""Characters; longer than any line that a modem has reason to say."""

MOST_REPLY_LINES = 100

MOST_FLOOD = 4000
"""Octets: several times the longest line, and as lines of one character more than a reply may have."""


@contextlib.contextmanager
def small() -> Iterator[None]:
    """Set them, and put them back."""
    before = lexer.LONGEST_LINE, session.MOST_REPLY_LINES
    lexer.LONGEST_LINE, session.MOST_REPLY_LINES = LONGEST_LINE, MOST_REPLY_LINES
    try:
        yield
    finally:
        lexer.LONGEST_LINE, session.MOST_REPLY_LINES = before
