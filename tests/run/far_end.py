"""`gsmsend` and its virtual bench as separate processes, for end-to-end tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

GSMSEND = [sys.executable, "-m", "gsmsend"]


def gsmsend(*words: str, cwd: Path | None = None, timeout_s: float = 90.0) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*GSMSEND, *words], cwd=cwd, capture_output=True, text=True, timeout=timeout_s, check=False,
        env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip


@dataclass
class FarEnd:
    """A running bench: its ports and its own record of what went on air."""

    ports: list[str]
    log: Path
    child: subprocess.Popen[str]

    @property
    def port_flags(self) -> list[str]:
        """`--port` for each modem."""
        return [word for port in self.ports for word in ("--port", port)]

    def events(self, *kinds: str) -> list[dict[str, object]]:
        """Events of these kinds, in order."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [event for event in map(json.loads, lines) if event["event"] in kinds]

    def on_air(self) -> list[str]:
        """Whom each text that the network took went to, in order."""
        return [str(event["to"]) for event in self.events("accepted")]


@contextmanager
def far_end(folder: Path, *options: str, modems: int = 1, radio_s: float = 0.02) -> Iterator[FarEnd]:
    """A bench in a process of its own, stopped at the end."""
    log = folder / "bench.jsonl"
    command = [
        *GSMSEND, "bench", "--modems", str(modems), "--dir", str(folder / "ports"), "--radio", str(radio_s),
        "--log", str(log), "--json", *options,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            ready = json.loads(child.stdout.readline())
            yield FarEnd([modem["port"] for modem in ready["modems"]], log, child)
        finally:
            child.terminate()
            child.wait(10)


def lab(folder: Path) -> Path:
    """A fresh lab operation."""
    place = folder / "op"
    made = gsmsend("init", str(place), "--lab")
    assert made.returncode == 0, made.stderr
    config = place / "gsmsend.toml"
    text = config.read_text(encoding="utf-8")
    assert "listen_first_seconds = 20" in text
    config.write_text(text.replace("listen_first_seconds = 20", "listen_first_seconds = 1.5"), encoding="utf-8")
    return place


def people(folder: Path, count: int, text: str = "Help is here.") -> Path:
    """A list of so many people of the drama range, a text each."""
    place = folder / "people.csv"
    rows = [f'07700{900_000 + index},"{text}"' for index in range(count)]
    place.write_text("\n".join(["number,text", *rows]) + "\n", encoding="utf-8")
    return place


def finished(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """The last JSON line of a run."""
    last: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    assert last["event"] == "finished"
    return last


def totals(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """The states that are not empty at the end of a run."""
    found = finished(done)["totals"]
    assert isinstance(found, dict)
    return {state: count for state, count in found.items() if count}
