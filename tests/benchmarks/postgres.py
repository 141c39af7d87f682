"""Three hosts on one PostgreSQL against three alone, and what that database does for each text."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from gsmsend import config
from tests.benchmarks.harness import GSMSEND, Bench, Figure, Process, bench, operation, run
from tests.postgres.server import Cluster, cluster

HOSTS = 3
LINES = 32
ROUNDS = 3
_SETTLING_S = 3.0
"""At its start a run reads SIMs and storages, one line after the other."""
_PROCESSES = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'bench' AND usename = 'gsmsend'"
_DONE = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'bench'"
_WAL = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
_SIZE = "SELECT pg_database_size('bench')"


def hosts(quick: bool) -> list[Figure]:
    """Texts a second of three hosts of 32 lines each on one store, against the same lines on stores of their own.

    Both on this computer, the three at once, radio 1.0 s. The rounds change turn by turn.
    """
    each = 12 if quick else 30
    shared: list[float] = []
    alone: list[float] = []
    figures: list[Figure] = []
    with cluster(safe=True) as server:
        for number in range(1 if quick else ROUNDS):
            alone.append(_rate(None, each, number)[0])
            rate, more = _rate(server, each, number)
            shared.append(rate)
            figures = more
    ratio = statistics.median(shared) / statistics.median(alone)
    return [
        Figure(f"texts a second, {HOSTS} hosts alone, {LINES} lines each", statistics.median(alone), "/s"),
        Figure("the same on one PostgreSQL", statistics.median(shared), "/s"),
        Figure("their ratio", ratio, "", "0.97", ratio >= 0.97),
        Figure("spread of the rounds", max(_spread(alone), _spread(shared)), ""),
        *figures,
    ]


def _spread(values: Sequence[float]) -> float:
    return (max(values) - min(values)) / statistics.median(values)


def _rate(server: Cluster | None, each: int, number: int) -> tuple[float, list[Figure]]:
    """Texts a second while all lines are at work; what the database said."""
    total = each * LINES * HOSTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with bench(folder, LINES * HOSTS, radio_s=1.0, report_delay_s=2.0) as far:
            places = _shared(folder, server, total, number) if server else _alone(folder, each * LINES)
            before = _counted(server) if server else []
            with ThreadPoolExecutor(HOSTS) as pool:
                runs = [
                    pool.submit(run, place, far.ports[at * LINES : (at + 1) * LINES])
                    for at, place in enumerate(places)
                ]
                connections = _most(server, runs) if server else 0
                ended = [one.result() for one in runs]
            after = _counted(server) if server else []
            if any(one.exit_code for one in ended):
                raise SystemExit(f"the runs ended with {[one.exit_code for one in ended]}: no figure")
            rate = _steady(far, total)
    if not server:
        return rate, []
    commits, wal, size = ((b - a) / total for a, b in zip(before, after, strict=True))
    return rate, [
        Figure("transactions a text", commits, ""),
        Figure("write-ahead log a text", wal / 1024, "KiB"),
        Figure("database a text, with its indexes", size / 1024, "KiB"),
        Figure(f"connections of {HOSTS} hosts", connections, ""),
    ]


def _steady(far: Bench, total: int) -> float:
    """Over the time in which every line was sending: from the last one's first text to the first one's last."""
    spans: dict[object, list[float]] = {}
    for event in far.events("submit"):
        spans.setdefault(event["modem"], []).append(float(str(event["at"])))
    texts = sorted(at for times in spans.values() for at in times)
    if len(texts) != total:
        raise SystemExit(f"{len(texts)} texts were sent of {total}: no figure")
    first, last = max(min(times) for times in spans.values()), min(max(times) for times in spans.values())
    first = max(first, texts[0] + _SETTLING_S)
    if last - first < _SETTLING_S:
        raise SystemExit("the lines were hardly ever all at work: no figure")
    return sum(first <= at < last for at in texts) / (last - first)


def _alone(folder: Path, count: int) -> list[Path]:
    places = []
    for at in range(HOSTS):
        own = folder / f"alone{at}"
        own.mkdir()
        places.append(operation(own, count))
    return places


def _shared(folder: Path, server: Cluster, count: int, number: int) -> list[Path]:
    """One operation in three folders, as three computers have it; its key is in this user's own folder."""
    first = operation(folder, count)
    place = server.place(f"hosts_{number}", lab=True)
    url = f"{place.url}&schema={place.schema}"
    command = [*GSMSEND, "store", "move", "--to", url, "--operation", str(first)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    places = []
    for at in range(HOSTS):
        own = folder / f"host{at}"
        shutil.copytree(first, own, ignore=shutil.ignore_patterns("gsmsend.db*"))
        _named(own, url, f"bench-{at + 1}")
        places.append(own)
    return places


def _named(folder: Path, url: str, host: str) -> None:
    file = folder / config.FILE
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("[operation]\n", f'[operation]\nstore = "{url}"\nhost = "{host}"\n', 1), encoding="utf-8"
    )


def _counted(server: Cluster) -> list[int]:
    return [int(server.ask(question)[0][0]) for question in (_DONE, _WAL, _SIZE)]


def _most(server: Cluster, runs: Sequence[Future[Process]]) -> int:
    """The most connections that the runs have at once, looked at now and then."""
    found = 0
    while wait(runs, timeout=_SETTLING_S).not_done:
        found = max(found, int(server.ask(_PROCESSES)[0][0]))
    return found
