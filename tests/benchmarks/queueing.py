"""Large lists: import in flat memory, claims that do not slow down."""

from __future__ import annotations

import csv
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gsmsend.contract import ImportSource, NewMessage
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Device, Sim
from gsmsend.store import SqlStore
from tests.benchmarks.harness import GSMSEND, TEXT, Figure


def import_rows(quick: bool) -> list[Figure]:
    """Import 100,000 rows; memory against an import of a tenth."""
    small_s, small_mib = _import(2_000 if quick else 10_000)
    large_s, large_mib = _import(20_000 if quick else 100_000)
    growth = large_mib - small_mib
    return [
        Figure(f"import of {20_000 if quick else 100_000:,} rows", large_s, "s", "20 s", large_s <= 20),
        Figure("a tenth of them", small_s, "s"),
        Figure("more memory for ten times the rows", growth, "MiB", "flat (< 10 MiB)", growth < 10),
    ]


def _import(count: int) -> tuple[float, float]:
    """Seconds and peak MiB of `gsmsend import` on numbers of the drama range, a thousand to each text."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([*GSMSEND, "init", str(folder / "op"), "--lab"], check=True, stdout=subprocess.DEVNULL)
        rows = folder / "rows.csv"
        with rows.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter=";")
            writer.writerow(["name", "phone number", "text"])
            for index in range(count):
                writer.writerow([f"Person {index}", f"07700 {900_000 + index % 1000}", f"{TEXT}{index // 1000}"])
        command = [*GSMSEND, "import", str(rows), "--operation", str(folder / "op")]
        probe = (
            "import resource, subprocess, sys, time; t = time.perf_counter();"
            "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
            "print(time.perf_counter() - t, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        said = subprocess.run([sys.executable, "-c", probe, *command], check=True, capture_output=True, text=True)
        seconds, peak_kib = said.stdout.split()
        return float(seconds), float(peak_kib) / 1024


def claim(quick: bool) -> list[Figure]:
    """The median time of a claim with few and with a million queued, turn by turn in one run."""
    many = 100_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        small, large = _filled(Path(name) / "small.db", 1_000), _filled(Path(name) / "large.db", many)
        times: dict[int, list[float]] = {1_000: [], many: []}
        for _ in range(300):
            for count, (store, line_id) in ((1_000, small), (many, large)):
                began_s = time.perf_counter()
                store.claim(line_id, 1, time.time()).result()
                times[count].append(time.perf_counter() - began_s)
        for store, _ in (small, large):
            store.close()
    few_ms, many_ms = (1000 * statistics.median(times[count]) for count in (1_000, many))
    ratio = many_ms / few_ms
    return [
        Figure("claim with 1,000 queued", few_ms, "ms"),
        Figure(f"claim with {many:,} queued", many_ms, "ms"),
        Figure("their ratio", ratio, "", "as fast (< 1.5)", ratio < 1.5),
        Figure("memory of this measurement", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB"),
    ]


def _filled(path: Path, count: int) -> tuple[SqlStore, int]:
    store = SqlStore(path, EngineRules())
    rows = (
        NewMessage(f"+447700{900_000 + index % 1000}", f"{TEXT}{index // 1000}", index + 1, 1)
        for index in range(count)
    )
    store.add(ImportSource("rows", "digest", "campaign", time.time() - 1), rows)
    line = store.line(Sim(iccid="8944000000000000017"), Device("virtual", "virtual:1"), time.time())
    return store, line.line_id
