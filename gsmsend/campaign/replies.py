"""What a reply says: that its sender wants no more texts, or that somebody's life may be in danger.

Reading is by lists (gsmsend/data/stop-words.csv and danger-words.csv, and the words of gsmsend.toml) and by the
ways people misspell them. A refusal that is not certain counts as one and is marked, so that a person looks at
it; a danger that is none is no harm.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from gsmsend.campaign.opting_out import Wish, wish
from gsmsend.campaign.spelling import fold, near, sentences
from gsmsend.contract import Answer, ReplyReading

_SHOUTED = re.compile(r"\bSTOP\b")
_STOP_SIGN = "\N{OCTAGONAL SIGN}"
_FUZZY = 6
"""Words of so many letters are found with one letter wrong."""
_LONGEST = 20_000
"""Characters that are read: more than a text of 255 parts can carry in the Latin alphabet is looked at in part."""


class ReplyReader:
    """Reads replies. `stop_words` and `danger_words` come on top of the built-in lists.

    A danger word with a - before it is taken off the built-in list; no stop word can be.

    `answer` acknowledges a reply, `stop_answer` an opt-out; one that suggests danger gets none: a person answers.
    """

    def __init__(
        self,
        stop_words: Iterable[str] = (),
        danger_words: Iterable[str] = (),
        *,
        answer: Answer | None = None,
        stop_answer: Answer | None = None,
    ) -> None:
        self._whole = _folded(_listed("stop-words.csv")) | _folded(stop_words)
        own = list(danger_words)
        left_out = _folded((words[1:] for words in own if words.startswith("-")), keep_ends=True)
        danger = [
            words for words in _listed("danger-words.csv") if not _folded([words], keep_ends=True) & left_out
        ]
        danger += [words for words in own if not words.startswith("-")]
        self._signs = tuple(words for words in danger if not any(c.isalnum() for c in words))
        phrases = sorted(_folded(danger, keep_ends=True), key=len, reverse=True)
        self._danger = re.compile(r"\b(?:" + "|".join(map(_pattern, phrases)) + r")\b")
        single = (phrase.removesuffix("*") for phrase in phrases if " " not in phrase)
        self._long_words = tuple(word for word in single if word.isalpha() and len(word) >= _FUZZY)
        self._answer = answer
        self._stop_answer = stop_answer

    def read(self, text: str) -> ReplyReading:
        """What the text says. Never raises, whatever is in it."""
        text = text[:_LONGEST]
        parts = sentences(fold(text))
        shouted = bool(_SHOUTED.search(text)) and any(c.islower() for c in text)
        found, said = wish(parts, self._whole, shouted=shouted)
        if found is Wish.NONE and _STOP_SIGN in text:
            found, said = Wish.DOUBTFUL, (_STOP_SIGN,)
        danger = tuple(self._dangers(text, parts))
        stop = found is not Wish.NONE
        answer = None if danger else self._stop_answer if stop else self._answer
        return ReplyReading(stop, found is Wish.DOUBTFUL, bool(danger), (*danger, *said), answer)

    def _dangers(self, text: str, parts: list[list[str]]) -> Iterator[str]:
        words = [word for part in parts for word in part]
        told = set()
        for found in self._danger.finditer(" ".join(words)):
            if found[0] not in told:
                told.add(found[0])
                yield found[0]
        for word in dict.fromkeys(words):
            if len(word) >= _FUZZY - 1 and word not in told and not word.isdigit():
                meant = next((one for one in self._long_words if _misspelt(word, one)), None)
                if meant is not None and meant not in told:
                    told.add(meant)
                    yield meant
        yield from (sign for sign in self._signs if sign in text)


def _misspelt(word: str, meant: str) -> bool:
    return word[0] == meant[0] and not word.startswith(meant) and near(word, meant)


def _pattern(phrase: str) -> str:
    return re.escape(phrase).replace(r"\*", r"\w*")


def _folded(phrases: Iterable[str], *, keep_ends: bool = False) -> frozenset[str]:
    """Phrases as `sentences` gives them; a `*` at a word's end is kept where it means any ending."""
    found = set()
    for phrase in phrases:
        words = [word for part in sentences(fold(phrase)) for word in part]
        if words:
            found.add(" ".join(words) + ("*" if keep_ends and phrase.rstrip().endswith("*") else ""))
    return frozenset(found)


@cache
def _listed(name: str) -> tuple[str, ...]:
    """The column `words` of a list in gsmsend/data."""
    lines = resources.files("gsmsend").joinpath("data", name).read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if line.strip() and not line.startswith("#"))
    return tuple(row["words"] for row in rows)
