"""What it costs to be watched: processor time a text without anything, with metrics, and with a full log."""

from __future__ import annotations

import re
import statistics
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

from tests.benchmarks.harness import Bench, Figure, bench, operation, run

_MODEMS, _RADIO_S, _SCRAPE_S = 8, 0.1, 5.0
_PORT = 9464
_METRICS = f'\n[metrics]\naddress = "127.0.0.1:{_PORT}"\n'
_WAYS = {
    "nothing": "",
    "metrics": _METRICS,
    "metrics, log of each text": _METRICS + '[logs]\nto = "json"\nlevel = "debug"\n',
}


def watched(quick: bool) -> list[Figure]:
    """Each way in turn, several times: what differs by the hour differs for all of them alike."""
    rounds, texts = (2, 400) if quick else (5, 800)
    spent: dict[str, list[float]] = {way: [] for way in _WAYS}
    for _ in range(rounds):
        for way, table in _WAYS.items():
            spent[way].append(_once(table, texts))
    usual = statistics.median(spent["nothing"])
    figures = [Figure("processor time a text, nothing watches", usual, "ms")]
    for way in list(_WAYS)[1:]:
        more = statistics.median(
            with_it - without for with_it, without in zip(spent[way], spent["nothing"], strict=True)
        )
        figures.append(Figure(f"more with {way} (paired)", more, "ms"))
    return figures


def _once(table: str, texts: int) -> float:
    """Milliseconds of processor time a text, from the first to the last on air."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = operation(folder, texts)
        with (place / "gsmsend.toml").open("a", encoding="utf-8") as config:
            config.write(table)
        with bench(folder, _MODEMS, radio_s=_RADIO_S, report_delay_s=0.2) as far:
            over = threading.Event()
            asking = threading.Thread(target=_scrape, args=(over,))
            if table:
                asking.start()
            done = run(place, far.ports, log=folder / "log")
            over.set()
            if table:
                asking.join()
            return 1000 * done.cpu_between(*_on_air(far)) / texts


def _scrape(over: threading.Event) -> None:
    while not over.wait(_SCRAPE_S):
        with suppress(OSError), urlopen(f"http://127.0.0.1:{_PORT}/metrics", timeout=10) as answer:
            assert re.search(rb"^gsmsend_run_alive", answer.read(), re.MULTILINE)


def _on_air(far: Bench) -> tuple[float, float]:
    times = [float(str(event["at"])) for event in far.events("accepted")]
    return times[0], times[-1]
