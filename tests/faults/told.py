"""The words a run shows: gathered from all its channels, and held to what an officer can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tests.faults.near_side import NearSide

_NOT_PLAIN = re.compile(
    r"Errno|Traceback|Exception\b|\b\w+Error\(|\b[A-Z][a-z]+[A-Z]\w*\(|<[\w.]+ object|\bNone\b|OperationalError"
    r"|DatabaseError|\bb'|\\x|\(\d+, '|\{\}|\[\]"
)
"""What belongs in a file for programmers, not on an officer's screen."""

_DO = re.compile(
    r"(?:^|[.,;:?] (?:then |or )?)"
    r"(?:Put|Unlock|Ask|Check|Plug|Unplug|Wait|Close|End|Give|Make|Use|Add|List|Set|Try|Find)\b"
)
"""A sentence that begins with what to do."""
_RECIPIENT = re.compile(r"(?:\+44|0044|0)7700900[0-8]\d\d")
"""Numbers 900900 and up are the bench's own SIMs and centres."""


def words_of(run: NearSide) -> list[str]:
    """Every sentence that a run showed, oldest first, each once."""
    return list(dict.fromkeys(words for words in _all(run) if words))


def _all(run: NearSide) -> Iterator[str]:
    for event in run.events:
        yield str(event.get("text", "")) if event["event"] == "notice" else ""
        yield str(event.get("why", ""))
    yield from run.stderr.splitlines()
    yield from run.odd_lines


def check_plain(words: Iterable[str]) -> None:
    """Raise AssertionError for words that are not for an officer, or that name a recipient."""
    for sentence in words:
        found = _NOT_PLAIN.search(sentence)
        assert found is None, f"not plain English ({found[0]!r}): {sentence}"
        assert not _RECIPIENT.search(sentence), f"a recipient's number in: {_RECIPIENT.sub('...', sentence)}"


def check_remedy(run: NearSide) -> None:
    """Raise AssertionError unless a run that stopped says in its last words what to do."""
    last = [str(run.finished["why"]), *run.stderr.splitlines()]
    assert any(_DO.search(words) for words in last), f"it says what is wrong and not what to do: {last}"


def pattern_of(template: str) -> re.Pattern[str]:
    """A row's words of docs/faults.md as a pattern: words in capitals stand for anything."""
    known = {"PORT": r"\S+", "LINE": r"[\w-]{1,40}", "REASON": r".+?", "NUMBER": r"[\d,.]+", "FOLDER": r"\S+"}
    pieces = re.split(rf"\b({'|'.join(known)})\b", template)
    return re.compile("".join(known.get(piece, re.escape(piece)) for piece in pieces))


def find(template: str, words: Iterable[str]) -> str | None:
    """The first sentence that says it."""
    pattern = pattern_of(template)
    return next((sentence for sentence in words if pattern.search(sentence)), None)


def numbers_in(event: dict[str, Any]) -> str:
    """For a check that no event of a run names a recipient in full."""
    return " ".join(_RECIPIENT.findall(str(event)))
