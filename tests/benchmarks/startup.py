"""How soon the first text leaves, and how soon help is there."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.benchmarks.harness import GSMSEND, Figure, bench, operation, run


def first_submission(quick: bool) -> list[Figure]:
    """From process start to the first submission, on a modem that is registered already."""
    found = []
    for _ in range(3 if quick else 7):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with bench(folder, 1, radio_s=0.01, report_delay_s=0.0) as far:
                watched = run(operation(folder, 1), far.ports)
                (event,) = far.events("submit")
                found.append(float(str(event["at"])) - watched.started_s)
    middle = statistics.median(found)
    return [Figure("process start to first submission", middle, "s", "0.8 s", middle <= 0.8)]


def help_text(quick: bool) -> list[Figure]:
    """`gsmsend --help`."""
    found = []
    for _ in range(5 if quick else 15):
        began_s = time.perf_counter()
        subprocess.run([*GSMSEND, "--help"], check=True, stdout=subprocess.DEVNULL)
        found.append(time.perf_counter() - began_s)
    middle = statistics.median(found)
    return [Figure("gsmsend --help", middle, "s", "0.25 s", middle <= 0.25)]
