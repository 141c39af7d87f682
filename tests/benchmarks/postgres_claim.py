"""A queue of a million on PostgreSQL: how long a claim takes while 96 lines of three hosts send."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path

from psycopg import sql

from gsmsend.contract import ImportSource, NewMessage
from gsmsend.engine.rules import EngineRules
from gsmsend.store import SqlStore
from gsmsend.store.key import NAME, OperationKey
from gsmsend.store.schema import messages
from gsmsend.store.server import Server
from tests.benchmarks.harness import TEXT, Figure
from tests.postgres.server import Cluster, cluster

HOSTS, LINES = 3, 32
_CLAIMED = 20_000
_HUNDRED = 100


def claim(quick: bool) -> list[Figure]:
    """At the pace of radios (1.0 s a text), and then all lines as fast as they can."""
    many, seconds = (100_000, 10.0) if quick else (1_000_000, 60.0)
    with tempfile.TemporaryDirectory() as name, cluster(safe=True) as server:
        folder = Path(name)
        place = server.place("claims")
        _filled(folder, place)
        _lengthened(server, place, many)
        paced, empty = _claims(folder, place, seconds, 1.0)
        rushed, _ = _claims(folder, place, seconds / 4, 0.0)
    percentile, floor = statistics.quantiles(paced, n=_HUNDRED), statistics.quantiles(empty, n=_HUNDRED)
    return [
        Figure(f"claim with {many:,} queued, {HOSTS * LINES} lines, median", statistics.median(paced), "ms"),
        Figure("the same, 99th percentile", percentile[98], "ms", "5 ms", percentile[98] < 5),
        Figure("an empty transaction on the same way, median", statistics.median(empty), "ms"),
        Figure("the same, 99th percentile: this computer's own", floor[98], "ms"),
        Figure("claims measured", len(paced), ""),
        Figure("claims a second, each with its attempt, radio 0", len(rushed) / (seconds / 4), "/s"),
    ]


def _filled(folder: Path, place: Server) -> None:
    """As many as are claimed here, imported as always."""
    rows = (
        NewMessage(f"+447700{900_000 + index % 1000}", f"{TEXT}{index // 1000}", index + 1, 1)
        for index in range(_CLAIMED)
    )
    with closing(SqlStore(place, EngineRules(), key=OperationKey(folder / NAME))) as store:
        store.add(ImportSource("rows", "digest", "campaign", time.time() - 1), rows)


def _lengthened(server: Cluster, place: Server, many: int) -> None:
    """Rows like them behind them in the queue, by the server itself: all are due, and none is reached."""
    own = {
        "id": "m.id + g * %(step)s", "person": "m.person || '-' || g", "due_at_s": "m.due_at_s + 0.0001",
    }  # fmt: skip
    names = [column.name for column in messages.columns]
    with server.owner() as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(place.schema)))
        listed = sql.SQL(", ").join(map(sql.Identifier, names))
        taken = sql.SQL(", ").join(
            sql.SQL(own[name]) if name in own else sql.Identifier("m", name) for name in names
        )
        times = {"step": _CLAIMED, "times": many // _CLAIMED - 1}
        made = "INSERT INTO messages ({}) SELECT {} FROM messages m, generate_series(1, %(times)s) g"
        connection.execute(sql.SQL(made).format(listed, taken), times)
        connection.execute(
            "INSERT INTO parts (message_id, seq) SELECT p.message_id + g * %(step)s, p.seq "
            "FROM parts p, generate_series(1, %(times)s) g", times,
        )  # fmt: skip
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")  # what was filled in is written now, and not while claims are timed


def _claims(folder: Path, place: Server, seconds: float, radio_s: float) -> tuple[list[float], list[float]]:
    """Milliseconds of every claim of all hosts, and of empty transactions; but of each line's first."""
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
        empty: list[float] = []
        for child in children:
            assert child.stdout is not None
            said = child.stdout.read()
            if child.wait():
                raise SystemExit("a host failed: no figure")
            found += json.loads(said)["claims"]
            empty += json.loads(said)["empty"]
    return found, empty
