"""How people type on a phone: folding case, accents, spelled-out letters and digits for letters; near words."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = dict.fromkeys(map(ord, "'\u2018\u2019\u02bc\u0060\u00b4\u2032"))
_SPELLED = re.compile(r"(?<!\w)(?:\w[ .,\-_*/]{1,3}){2,}\w(?!\w)")
_APART = re.compile(r"[ .,\-_*/]")
_WORD = re.compile(r"\w+")
_BREAK = re.compile(r"[\n\r.!?;,:()\[\]{}\u2026\u2014\u2013\u061f\u060c\u3002\uff01\"\u201c\u201d|/]+")
_LONG_RUN = re.compile(r"([^\W\d])\1{2,}")
_DIGITS_AS_LETTERS = str.maketrans("013457", "oieast")
_SIGNS_AS_LETTERS = (
    (re.compile(r"\$(?=[^\W\d])|(?<=[^\W\d])\$"), "s"),
    (re.compile(r"@(?=[^\W\d])|(?<=[^\W\d])@"), "a"),
)
_MIXED = re.compile(r"(?=\w*\d)(?=\w*[^\W\d])\w+")


def fold(text: str) -> str:
    """Lower case without accents, apostrophes and invisible signs; breaks and spaces as they were."""
    spread = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return "".join(c for c in spread if unicodedata.category(c) not in ("Mn", "Cf"))


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence or line of a folded text; `s t o p`, `s.t.o.p` and `st0p` are `stop`."""
    for sign, letter in _SIGNS_AS_LETTERS:
        text = sign.sub(letter, text)
    text = _SPELLED.sub(lambda found: _APART.sub("", found[0]), text)
    found = ([_letters(word) for word in _WORD.findall(part)] for part in _BREAK.split(text))
    return [words for words in found if words]


def _letters(word: str) -> str:
    """Digits that stand for letters, and letters held down."""
    if not word.isascii() or word.isalpha() or not _MIXED.fullmatch(word):
        return _LONG_RUN.sub(r"\1", word)
    return _LONG_RUN.sub(r"\1", word.translate(_DIGITS_AS_LETTERS))


def near(word: str, meant: str, most: int = 1) -> bool:
    """Whether at most so many letters are missing, too many, wrong or swapped with their neighbour.

    The distance is that of optimal string alignment.
    """
    if word == meant:
        return True
    if abs(len(word) - len(meant)) > most:
        return False
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(word, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(meant, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if older and j > 1 and letter == meant[j - 2] and word[i - 2] == other:
                least = min(least, older[j - 2] + 1)
            row.append(least)
        if min(row) > most:
            return False
    return row[-1] <= most
