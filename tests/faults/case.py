"""A case of the harness, the list of all of them, and what came of one."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.scene import SEED, Scene, Shown, scene

Play = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Case:
    """One fault in one variant. `group` is the pytest module and section; `short` is in the short form."""

    group: str
    fault: str
    variant: str
    play: Callable[[Scene], None]
    short: bool = True

    @property
    def name(self) -> str:
        """For the command line and for pytest."""
        return f"{self.fault}: {self.variant}" if self.variant else self.fault


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case: `problem` is empty if it was survived."""

    case: Case
    problem: str
    took_s: float
    shown: Shown


CASES: list[Case] = []


def case(group: str, fault: str, *variants: str, long: Sequence[str] = ()) -> Callable[[Play], Play]:
    """Register a function as cases, one for each variant, which it is given as its second argument.

    The `long` ones are left out of the short form, which is what pytest plays.
    """

    def register(play: Play) -> Play:
        if not (variants or long):
            CASES.append(Case(group, fault, "", play))
        CASES.extend(Case(group, fault, variant, _with(play, variant)) for variant in variants)
        CASES.extend(Case(group, fault, variant, _with(play, variant), short=False) for variant in long)
        return play

    return register


def _with(play: Play, variant: str) -> Callable[[Scene], None]:
    return lambda on: play(on, variant)


def play(one: Case, seed: int = SEED, keep: Path | None = None) -> Result:
    """Play a case to its end. Nothing is raised: what went wrong is in the result.

    What the bench and the program left of a case that failed goes to a folder in `keep`.
    """
    began = time.monotonic()
    problem, shown = "", Shown(None, "")
    try:
        with scene(seed) as on:
            try:
                one.play(on)
            except BaseException:
                if keep is not None:
                    on.keep(keep / re.sub(r"\W+", "-", f"{one.name}-{seed}"))
                raise
            finally:
                shown = Shown(on.recovery_s, " / ".join(dict.fromkeys(on.shown)))
    except AssertionError as error:
        problem = f"{error}" or traceback.format_exc()
    except Exception:  # noqa: BLE001 - one case must not end the others
        problem = traceback.format_exc()
    return Result(one, problem, time.monotonic() - began, shown)


def named(words: list[str]) -> Iterator[Case]:
    """The cases whose group is one of the words, or whose name begins with one; all if no word is given."""
    wanted = [word.lower() for word in words]
    for one in CASES:
        name = one.name.lower()
        if not wanted or one.group in wanted or any(name.startswith(word) for word in wanted):
            yield one
