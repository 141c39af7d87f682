"""The short form for pytest: the cases that were collected play many at a time, as each is mostly waiting.

Each process of pytest-xdist collects all tests and is told of its own only one by one. So the processes share a
folder: who makes a case's file there plays it, and writes into it what came of it for whoever asks.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults import catalogue
from tests.faults.case import CASES, Case, play
from tests.faults.scene import SEED

AT_ONCE = 10
PATIENCE_S = 900
_BY_NAME = {one.name: one for one in CASES if one.short}

assert catalogue.__all__


def names(group: str) -> list[str]:
    """What pytest calls the cases of a group."""
    return [one.name for one in _BY_NAME.values() if one.group == group]


class Cases:
    """The cases that were collected. `folder` is shared by all `processes` of this run of pytest.

    With GSMSEND_FAULTS_KEEP=DIR what a failed case leaves is kept there.
    """

    def __init__(self, wanted: AbstractSet[object], folder: Path, processes: int) -> None:
        self._folder = folder / "faults"
        self._folder.mkdir(exist_ok=True)
        keep = os.environ.get("GSMSEND_FAULTS_KEEP")
        self._keep = Path(keep) if keep else None
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(max(1, AT_ONCE // processes))
        for name, one in _BY_NAME.items():
            if name in wanted:
                self._pool.submit(self._play, one)

    def check(self, name: str) -> None:
        """Wait until a case was played; raise AssertionError with what went wrong and how to repeat it."""
        file, deadline = self._file(name), time.monotonic() + PATIENCE_S
        while not file.exists() or file.stat().st_size == 0:
            assert time.monotonic() < deadline, f"nobody played {name!r} in {PATIENCE_S} s"
            time.sleep(0.05)
        problem = json.loads(file.read_text(encoding="utf-8"))["problem"]
        repeat = f'python -m tests.faults --seed {SEED} --quick "{name}"'
        assert not problem, f"{problem}\nTo repeat it: {repeat}"

    def close(self) -> None:
        """Wait for those that are being played here: another process may want to know; no more are begun."""
        self._closing.set()
        self._pool.shutdown()

    def _file(self, name: str) -> Path:
        return self._folder / (re.sub(r"\W+", "-", name) + ".json")

    def _play(self, one: Case) -> None:
        file = self._file(one.name)
        if self._closing.is_set() or not _claimed(file):
            return
        problem = "it was not played to its end"
        try:
            problem = play(one, SEED, self._keep).problem
        finally:
            whole = file.with_suffix(".new")
            whole.write_text(json.dumps({"name": one.name, "problem": problem}), encoding="utf-8")
            whole.replace(file)


def _claimed(file: Path) -> bool:
    try:
        file.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
