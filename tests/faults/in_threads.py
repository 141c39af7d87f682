"""The short form of a group for pytest: its cases play at the same time, as each of them is mostly waiting."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults import catalogue
from tests.faults.case import CASES, Result, play
from tests.faults.scene import SEED

AT_ONCE = 8
PATIENCE_S = 900

assert catalogue.__all__


def names(group: str) -> list[str]:
    """What pytest calls the cases of a group."""
    return [one.name for one in CASES if one.group == group and one.short]


def results(group: str) -> dict[str, Result]:
    """What came of each. With GSMSEND_FAULTS_KEEP=DIR what a failed case leaves is kept there."""
    keep = os.environ.get("GSMSEND_FAULTS_KEEP")
    cases = [one for one in CASES if one.group == group and one.short]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        played = pool.map(lambda one: play(one, SEED, Path(keep) if keep else None), cases)
        return {result.case.name: result for result in played}


def check(result: Result) -> None:
    """Raise AssertionError with what went wrong and how to repeat it."""
    repeat = f'python -m tests.faults --quick --seed {SEED} "{result.case.name}"'
    assert not result.problem, f"{result.problem}\nTo repeat it: {repeat}"
