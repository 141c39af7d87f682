"""The short form for pytest: all cases that were collected play at the same time, as each is mostly waiting."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults import catalogue
from tests.faults.case import CASES, Result, play
from tests.faults.scene import SEED

AT_ONCE = 8
PATIENCE_S = 900
_BY_NAME = {one.name: one for one in CASES if one.short}
_playing: dict[str, Future[Result]] = {}

assert catalogue.__all__


def names(group: str) -> list[str]:
    """What pytest calls the cases of a group."""
    return [one.name for one in _BY_NAME.values() if one.group == group]


def check(request: pytest.FixtureRequest, name: str) -> None:
    """Wait until a case was played; raise AssertionError with what went wrong and how to repeat it.

    The first call starts them all. With GSMSEND_FAULTS_KEEP=DIR what a failed case leaves is kept there.
    """
    if name not in _playing:
        _start([item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")])
    result = _playing[name].result()
    repeat = f'python -m tests.faults --seed {SEED} --quick "{name}"'
    assert not result.problem, f"{result.problem}\nTo repeat it: {repeat}"


def _start(wanted: list[object]) -> None:
    keep = os.environ.get("GSMSEND_FAULTS_KEEP")
    pool = ThreadPoolExecutor(AT_ONCE)
    for name, one in _BY_NAME.items():
        if name in wanted:
            _playing[name] = pool.submit(play, one, SEED, Path(keep) if keep else None)
    pool.shutdown(wait=False)
