"""A virtual bench and a `gsmsend run` as two processes, and what the system says of them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

GSMSEND = [sys.executable, "-m", "gsmsend"]
TEXT = "Help is here for you, free and private, whenever you want it: example.org/help or 0808 157 0000. " * 2
TEXT = TEXT[:155]
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figure:
    """One measured number; `good` is None where nothing was asked."""

    name: str
    value: float
    unit: str
    target: str = ""
    good: bool | None = None

    @property
    def shown(self) -> str:
        """The number with its unit."""
        return f"{self.value:.4g} {self.unit}".strip()

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "target": self.target,
            "good": self.good,
        }


Measure = Callable[[bool], list[Figure]]


@dataclass
class Bench:
    """A running bench: its ports and its own record of what went on air."""

    ports: list[str]
    log: Path

    def events(self, *kinds: str) -> list[dict[str, object]]:
        """Events of these kinds, in order."""
        with self.log.open(encoding="utf-8") as lines:
            return [event for event in map(json.loads, lines) if event["event"] in kinds]


@contextmanager
def bench(folder: Path, modems: int, *, radio_s: float, report_delay_s: float) -> Iterator[Bench]:
    """Virtual modems in a process of their own."""
    log = folder / "bench.jsonl"
    command = [
        *GSMSEND, "bench", "--modems", str(modems), "--dir", str(folder / "ports"), "--radio", str(radio_s),
        "--report-delay", str(report_delay_s), "--log", str(log), "--json", "--seed", "1",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            ready = json.loads(child.stdout.readline())
            yield Bench([modem["port"] for modem in ready["modems"]], log)
        finally:
            child.terminate()
            child.wait(10)


def operation(folder: Path, count: int, text: str = TEXT) -> Path:
    """A lab operation with `count` texts queued, each to a number and text of its own."""
    place = folder / "op"
    subprocess.run([*GSMSEND, "init", str(place), "--lab"], check=True, stdout=subprocess.DEVNULL)
    rows = folder / "people.csv"
    with rows.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["number", "text"])
        for index in range(count):
            writer.writerow([f"07700{900_000 + index % 1000}", f"{text}{index // 1000:04d}"])
    subprocess.run(
        [*GSMSEND, "import", str(rows), "--operation", str(place)], check=True, stdout=subprocess.DEVNULL
    )
    return place


@dataclass
class Process:
    """A `gsmsend run` under watch: CPU seconds over time, and its peak of resident memory."""

    started_s: float
    samples: list[tuple[float, float]] = field(default_factory=list)
    peak_mib: float = 0.0
    exit_code: int = -1
    output: str = ""

    def cpu_between(self, first_s: float, last_s: float) -> float:
        """CPU seconds spent between two moments (epoch), from the samples nearest to them."""
        inside = [(at_s, cpu_s) for at_s, cpu_s in self.samples if first_s <= at_s <= last_s]
        return inside[-1][1] - inside[0][1] if len(inside) > 1 else float("nan")


def run(place: Path, ports: list[str], *, wait_reports_s: float = 60.0, log: Path | None = None) -> Process:
    """Run to the end, sampling /proc ten times a second. `log` is where stderr goes instead of the screen."""
    command = [*GSMSEND, "run", "--operation", str(place), "--json", "--wait-reports", str(wait_reports_s)]
    for port in ports:
        command += ["--port", port]
    out = place / "run.jsonl"
    with out.open("w", encoding="utf-8") as sink, (log or Path(os.devnull)).open("wb") as err:
        watched = Process(time.time())
        child = subprocess.Popen(command, stdout=sink, stderr=err if log is not None else None)
        while child.poll() is None:
            _sample(child.pid, watched)
            time.sleep(0.1)
    watched.exit_code = child.returncode
    watched.output = out.read_text(encoding="utf-8")
    return watched


def _sample(pid: int, watched: Process) -> None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return
    watched.samples.append((time.time(), (int(fields[11]) + int(fields[12])) / _TICKS))
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            watched.peak_mib = int(line.split()[1]) / 1024
