"""From the registration of a known modem that was plugged in again, while a run goes on, to its first text."""

from __future__ import annotations

import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import radio_record
from tests.benchmarks.harness import GSMSEND, Figure, operation
from tests.benchmarks.radio_record import Outage
from tests.faults.far_side import FarSide, environment

KINDS = ("generic", "quectel", "simcom", "huawei")
"""Families by how they start: at once and in silence, or after 4 to 6 s of lines."""
BOUND_S = 2.0
_OUT_S = (0.5, 8.0)
_PATIENCE_S = 60.0
_TEXTS = 150
"""For each modem and round: more than it can send while it is waited for."""


def plugging(*, quick: bool) -> list[Figure]:
    """Each modem is pulled out again and again between two texts, and put back as the same port or another."""
    rounds, dice = 3 if quick else 12, random.Random(7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = ["--radio", "0.5", "--report-delay", "1", "--seed", "1"]
        far = FarSide(
            folder, len(KINDS), [*options, *(word for kind in KINDS for word in ("--personality", kind))]
        )
        try:
            place = operation(folder, rounds * len(KINDS) * _TEXTS)
            with _run(place, far.folder):
                for _ in range(rounds):
                    _pull_all(far, dice)
            outages = radio_record.read(far.log).outages
        finally:
            far.stop()
    return list(_figures(outages))


@contextmanager
def _run(place: Path, ports: Path) -> Iterator[None]:
    command = [*GSMSEND, "run", "--operation", str(place), "--json", "--stay", "--port", str(ports)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment()) as child:
        try:
            yield
        finally:
            child.terminate()
            child.wait(60)


def _pull_all(far: FarSide, dice: random.Random) -> None:
    """Wait until all have sent; pull each out just before a prompt, and wait until each has sent again."""
    for modem in range(1, len(KINDS) + 1):
        far.wait_for("submit", _count(far, modem) + 1, modem=modem)
    for modem in range(1, len(KINDS) + 1):
        back, name = round(dice.uniform(*_OUT_S), 1), dice.choice(("same", "new"))
        far.fault(f"unplug:at=before-prompt,back={back},name={name},modem={modem}")
    time.sleep(_OUT_S[1] + 1)
    until_s = time.monotonic() + _PATIENCE_S
    while not _all_at_work(far):
        assert time.monotonic() < until_s, f"a modem that was plugged in sent nothing for {_PATIENCE_S:g} s"
        time.sleep(0.2)


def _count(far: FarSide, modem: int) -> int:
    return sum(event["modem"] == modem for event in far.events("submit"))


def _all_at_work(far: FarSide) -> bool:
    """Whether the last that each modem did was to send."""
    last = {event["modem"]: event["event"] for event in far.events("submit", "fault", "registration")}
    return set(last.values()) == {"submit"}


def _figures(outages: list[Outage]) -> Iterator[Figure]:
    waits = [out.next_s - out.back_s for out in outages if out.next_s is not None and out.back_s is not None]
    longest = max(waits)
    yield Figure(f"{len(waits)} times plugged in: registered to first text, median", statistics.median(waits), "s")
    yield Figure("the same, longest", longest, "s", f"{BOUND_S:g} s", longest <= BOUND_S)
