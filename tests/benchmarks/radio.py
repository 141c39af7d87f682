"""How busy the radios are, how many texts a second, at what cost in CPU and memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.harness import Figure, Process, bench, operation, run


def busy(modems: int, *, quick: bool) -> list[Figure]:
    """The share of the time between the first and the last submission in which a modem's radio was busy."""
    each = 8 if quick else 30 if modems > 1 else 60
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with bench(folder, modems, radio_s=1.0, report_delay_s=2.0) as far:
            place = operation(folder, each * modems)
            watched = run(place, far.ports)
            submits = far.events("submit")
            results = far.events("result")
            reports = far.events("report")
    _all_delivered(watched, each * modems)
    spans: dict[object, list[float]] = {}
    for event in submits:
        spans.setdefault(event["modem"], []).append(float(str(event["at"])))
    busy_s = dict.fromkeys(spans, 0.0)
    last = {modem: max(times) for modem, times in spans.items()}
    for event in results:
        started_s = float(str(event["at"])) - float(str(event["busy_s"]))
        if started_s < last[event["modem"]] - 1e-4:
            busy_s[event["modem"]] += float(str(event["busy_s"]))
    shares = [busy_s[modem] / (last[modem] - min(times)) for modem, times in spans.items()]
    first_s, last_s = min(min(times) for times in spans.values()), max(last.values())
    cpu_ms = 1000 * watched.cpu_between(first_s, last_s) / len(submits)
    mean = sum(shares) / len(shares)
    figures = [
        Figure(f"radios busy, {modems} modems, radio 1.0 s", mean, "", "0.99", mean >= 0.99),
        Figure(f"the least busy of {modems}", min(shares), ""),
        Figure(f"reports matched, {modems} modems", len(reports) / len(submits), "of 1", "1", len(reports) >= 1),
        Figure(
            f"CPU a text, {modems} modems, radio 1.0 s",
            cpu_ms,
            "ms",
            "2.0 ms" if modems == 8 else "",
            cpu_ms <= 2.0 if modems == 8 else None,
        ),
    ]
    if modems == 64:
        figures.append(
            Figure("resident memory, 64 modems", watched.peak_mib, "MiB", "90 MiB", watched.peak_mib <= 90)
        )
    return figures


def rate(*, quick: bool) -> list[Figure]:
    """Texts a second through one modem whose radio takes no time, reports matched, everything on disk."""
    count = 1000 if quick else 5000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with bench(folder, 1, radio_s=0.0, report_delay_s=0.0) as far:
            place = operation(folder, count)
            watched = run(place, far.ports)
            times = [float(str(event["at"])) for event in far.events("submit")]
    _all_delivered(watched, count)
    a_second = (len(times) - 1) / (max(times) - min(times))
    cpu_ms = 1000 * watched.cpu_between(min(times), max(times)) / len(times)
    return [
        Figure("texts a second, 1 modem, radio 0", a_second, "/s", "500 /s", a_second >= 500),
        Figure("CPU a text, 1 modem, radio 0", cpu_ms, "ms"),
    ]


def _all_delivered(watched: Process, count: int) -> None:
    """A figure of a run that lost something would be worth nothing."""
    if watched.exit_code != 0 or f'"delivered": {count}' not in watched.output:
        last = watched.output.splitlines()[-1:] or ["nothing was printed"]
        raise SystemExit(f"the run ended with {watched.exit_code} before all was delivered: {last[0]}")
