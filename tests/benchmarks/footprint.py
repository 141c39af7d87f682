"""What the system says of one process over time: memory, threads, open files, CPU seconds."""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_KIB_A_MIB = 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. `rss_mib`: resident; `pss_mib`: the same, shared pages by their share; `anonymous_mib`: of it what
    no file backs. `load`: of the whole machine, over a minute."""

    at_s: float
    rss_mib: float
    pss_mib: float
    anonymous_mib: float
    threads: int
    files: int
    cpu_s: float
    load: float


def look(pid: int, at_s: float) -> Sample | None:
    """Ask Linux (proc(5)); None once the process is gone."""
    place = Path(f"/proc/{pid}")
    try:
        fields = (place / "stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        status = _table((place / "status").read_text(encoding="ascii"))
        rollup = _table((place / "smaps_rollup").read_text(encoding="ascii"))
        files = len(list((place / "fd").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Sample(
        at_s, status["VmRSS"] / _KIB_A_MIB, rollup["Pss"] / _KIB_A_MIB, status["RssAnon"] / _KIB_A_MIB,
        status["Threads"], files, (int(fields[11]) + int(fields[12])) / _TICKS, os.getloadavg()[0],
    )  # fmt: skip


def _table(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        words = value.split()
        if words and words[0].isdecimal():
            found[name] = int(words[0])
    return found


@dataclass(slots=True)
class Footprint:
    """All looks, and what came of them between two moments: medians of a tenth of that time at each end."""

    samples: list[Sample] = field(default_factory=list)

    def look(self, pid: int, at_s: float) -> None:
        """Look once more."""
        found = look(pid, at_s)
        if found is not None:
            self.samples.append(found)

    def ends(self, name: str, first_s: float, last_s: float) -> tuple[float, float]:
        """A figure at the beginning and at the end of that time."""
        tenth_s = (last_s - first_s) / 10
        return self._median(name, first_s, first_s + tenth_s), self._median(name, last_s - tenth_s, last_s)

    def growth(self, name: str, first_s: float, last_s: float) -> float:
        """How much more of it there is at the end."""
        before, after = self.ends(name, first_s, last_s)
        return after - before

    def cpu_s(self, first_s: float, last_s: float) -> float:
        """CPU seconds between the looks nearest to two moments."""
        inside = [sample.cpu_s for sample in self.samples if first_s <= sample.at_s <= last_s]
        return inside[-1] - inside[0] if len(inside) > 1 else float("nan")

    def load(self, first_s: float, last_s: float) -> float:
        """The machine's mean load."""
        return statistics.fmean(sample.load for sample in self.samples if first_s <= sample.at_s <= last_s)

    def _median(self, name: str, first_s: float, last_s: float) -> float:
        found = [float(getattr(sample, name)) for sample in self.samples if first_s <= sample.at_s <= last_s]
        return statistics.median(found) if found else float("nan")
