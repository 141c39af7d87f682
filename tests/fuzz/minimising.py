"""Of many inputs the few smallest that reach what all of them reach: what is kept in tests/corpus/fuzz."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz.lines import comments, escaped, write
from tests.fuzz.runner import WORK
from tests.fuzz.targets import Fuzz, Target

MOST_OCTETS = 36_000
"""Of one target's file; not all targets need so much, and all together stay below 200 KiB."""

Reached = frozenset[tuple[str, int, int, int]]

_NUMBER = re.compile(r"\d(?:[ ()./-]?\d){8,}")
_NOBODYS = re.compile(r"7700900|2079460|2025550")
"""Ofcom's ranges for drama, 07700 900xxx and 020 7946 0xxx, and +1 202 555 0xxx."""


def minimise(target: Target) -> tuple[int, int]:
    """Rewrite a target's corpus from it and the working corpus. How many inputs there were, and are."""
    fuzz, seeds = target.load(), target.seeds()
    roots = tuple(_folder(package) for package in target.packages)
    worked = [path.read_bytes() for path in sorted((WORK / target.name).glob("*"))]
    inputs = sorted({*target.inputs(), *worked} - set(seeds), key=lambda octets: (len(octets), octets))
    found = {octets: reached(fuzz, octets, roots) for octets in inputs if not _may_be_somebodys(octets)}
    known = set().union(*(reached(fuzz, octets, roots) for octets in seeds))
    moves = {octets: {edge[:3] for edge in edges} for octets, edges in found.items()}
    kept = _choose(moves, {edge[:3] for edge in known}, [])
    known.update(*(found[octets] for octets in kept))
    kept = _choose(found, known, kept)
    write(target.corpus, comments(target.corpus), sorted(kept, key=lambda octets: (len(octets), octets)))
    return len(inputs), len(kept)


def _choose(found: Mapping[bytes, AbstractSet[Any]], known: AbstractSet[Any], kept: list[bytes]) -> list[bytes]:
    """Add, as long as there is room, what reaches most for its size that none before it has reached."""
    left = {octets: edges - known for octets, edges in found.items()}
    room = MOST_OCTETS - sum(map(_size, kept))
    kept = list(kept)
    while left := {octets: edges for octets, edges in left.items() if edges and _size(octets) <= room}:
        best = max(left, key=lambda octets: (len(left[octets]) / _size(octets), octets))
        gained = left[best]
        left = {octets: edges - gained for octets, edges in left.items()}
        room -= _size(best)
        kept.append(best)
    return kept


def _size(octets: bytes) -> int:
    return len(escaped(octets)) + 1


def reached(fuzz: Fuzz, octets: bytes, roots: tuple[str, ...]) -> Reached:
    """The moves from line to line in files under `roots`, each with how often, in powers of two."""
    counts: Counter[tuple[str, int, int]] = Counter()

    def trace(frame: FrameType, _event: str, _argument: object) -> Callable[..., Any] | None:
        name = frame.f_code.co_filename
        if not name.startswith(roots):
            return None
        before = 0

        def local(frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
            nonlocal before
            if event == "line":
                counts[name, before, frame.f_lineno] += 1
                before = frame.f_lineno
            return local

        return local

    _forget(roots)
    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        fuzz(octets)
    finally:
        sys.settrace(previous)
    return frozenset((*edge, count.bit_length()) for edge, count in counts.items())


def _forget(roots: tuple[str, ...]) -> None:
    """What is remembered of the inputs before would hide how this one gets there."""
    for module in [*sys.modules.values()]:
        if (getattr(module, "__file__", None) or "").startswith(roots):
            for member in vars(module).values():
                if callable(clear := getattr(member, "cache_clear", None)):
                    clear()


def _folder(package: str) -> str:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin)
    return str(path.parent) + "/" if path.name == "__init__.py" else str(path)


def _may_be_somebodys(octets: bytes) -> bool:
    """Whether an input may hold a phone number that is not of a range that reaches nobody."""
    text = octets.decode("latin-1").replace("\0", "")
    numbers = (re.sub(r"\D", "", found) for found in _NUMBER.findall(text))
    return any(re.match(r"0?0?44|0|1", number) and not _NOBODYS.search(number) for number in numbers)
