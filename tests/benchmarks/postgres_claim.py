"""A queue of a million on PostgreSQL: how long a claim takes while 96 lines of three hosts send; a move of it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

from gsmsend.contract import ImportSource, NewMessage
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore, moving
from gsmsend.store.journal import Journal
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.moving import Ends
from gsmsend.store.seals import Seals
from gsmsend.store.server import Server
from tests.benchmarks.harness import TEXT, Figure
from tests.postgres.server import cluster

HOSTS, LINES = 3, 32
_HUNDRED = 100


def claim(quick: bool) -> list[Figure]:
    """At the pace of radios (1.0 s a text), and then all lines as fast as they can."""
    many, seconds = (50_000, 10.0) if quick else (1_000_000, 60.0)
    with tempfile.TemporaryDirectory() as name, cluster(safe=True) as server:
        folder = Path(name)
        place = server.place("claims")
        _filled(folder, many)
        moved_s = _moved(folder, place)
        server.ask("VACUUM ANALYZE")
        paced = _claims(folder, place, seconds, 1.0)
        rushed = _claims(folder, place, seconds / 4, 0.0)
    percentile = statistics.quantiles(paced, n=_HUNDRED)
    return [
        Figure(f"claim with {many:,} queued, {HOSTS * LINES} lines, median", statistics.median(paced), "ms"),
        Figure("the same, 99th percentile", percentile[98], "ms", "5 ms", percentile[98] < 5),
        Figure("the slowest of them", max(paced), "ms"),
        Figure("claims measured", len(paced), ""),
        Figure("claims a second, each with its attempt, radio 0", len(rushed) / (seconds / 4), "/s"),
        Figure(f"a move of {many:,} texts to PostgreSQL", moved_s, "s"),
    ]


def _filled(folder: Path, count: int) -> None:
    rows = (
        NewMessage(f"+447700{900_000 + index % 1000}", f"{TEXT}{index // 1000}", index + 1, 1)
        for index in range(count)
    )
    with closing(SqlStore(folder / "gsmsend.db", EngineRules(), key=OperationKey(folder / NAME))) as store:
        store.add(ImportSource("rows", "digest", "campaign", time.time() - 1), rows)


def _moved(folder: Path, place: Server) -> float:
    key, file = OperationKey(folder / NAME), folder / "gsmsend.db"
    began_s = time.monotonic()
    journal = Journal(key, Seals(key), dict)
    ends = Ends(file, place, "", "")
    moving.move(ends, journal, key, person="", now_s=time.time(), tell=lambda table, rows: None)
    return time.monotonic() - began_s


def _claims(folder: Path, place: Server, seconds: float, radio_s: float) -> list[float]:
    """Milliseconds of every claim of all hosts but each one's first, in which connections and plans are made."""
    url = f"{place.url}&schema={place.schema}"
    with ExitStack() as stack:
        children = []
        for host in range(HOSTS):
            words = [url, str(folder), f"host-{host}", str(LINES), str(seconds), str(radio_s)]
            command = [sys.executable, "-m", "tests.benchmarks.claiming", *words]
            children.append(stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            ))  # fmt: skip
        for child in children:
            assert child.stdout is not None
            if child.stdout.readline() != "ready\n":
                raise SystemExit("a host did not start: no figure")
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        found: list[float] = []
        for child in children:
            assert child.stdout is not None
            said = child.stdout.read()
            if child.wait():
                raise SystemExit("a host failed: no figure")
            found += json.loads(said)[LINES:]
    return found
