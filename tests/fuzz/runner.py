"""Runs atheris over one target for a while, again after each fault, and reads what libFuzzer says of it."""

from __future__ import annotations

import contextlib
import hashlib
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.targets import Target

ROOT = Path(__file__).parents[2]
WORK = ROOT / "build" / "fuzz"
"""Working corpora and the inputs that found a fault; not in version control."""

MOST_FAULTS = 10
"""Of one target; what comes then is mostly the same again."""

INPUT_TIMEOUT_S = 20
MEMORY_MIB = 2048
TIMEOUT = "timeout"

_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_NEW = re.compile(r"stat::new_units_added:\s*(\d+)")
_PULSE = re.compile(r"#(\d+)\s+(\w+)\s+cov: (\d+)")
_KEPT = re.compile(r"Test unit written to (\S+)")
_RAISED = re.compile(r"=== Uncaught Python exception: ===")
_KIND = re.compile(r"(timeout|oom|leak|crash)-[0-9a-f]+$")


@dataclass
class Tally:
    """What came of one target. `coverage` counts edges: when it began and when it ended."""

    name: str
    executions: int = 0
    seconds: float = 0.0
    coverage: tuple[int, int] = (0, 0)
    new_inputs: int = 0
    faults: dict[str, Path] = field(default_factory=dict)
    _pulse: int = 0
    _saying: bool = False
    _said: str = ""

    def hear(self, line: str) -> None:
        """Take one line of libFuzzer's."""
        if found := _PULSE.match(line):
            self._pulse, edges = int(found[1]), int(found[3])
            begun = self.coverage[0] if self.coverage[0] or found[2] == "READ" else edges
            self.coverage = (begun, max(edges, self.coverage[1]))
        elif found := _EXECUTED.match(line):
            self.executions, self._pulse = self.executions + int(found[1]), 0
        elif found := _NEW.match(line):
            self.new_inputs += int(found[1])
        elif _RAISED.search(line):
            self._saying = True
        elif self._saying:
            self._said, self._saying = line.strip()[:300], False
        elif found := _KEPT.search(line):
            kind = _KIND.search(found[1])
            self.faults.setdefault(self._said or (kind[1] if kind else "a fault"), Path(found[1]))
            self._said = ""

    def end(self) -> None:
        """The process is gone; one that was killed has told no totals."""
        self.executions, self._pulse = self.executions + self._pulse, 0


def run(target: Target, minutes: float) -> Tally:
    """Fuzz for so long. The inputs found are kept in `WORK` for the next time."""
    folder = WORK / target.name
    folder.mkdir(parents=True, exist_ok=True)
    for octets in target.inputs():
        (folder / hashlib.sha1(octets, usedforsecurity=False).hexdigest()).write_bytes(octets)
    words = WORK / f"{target.name}.dict"
    words.write_text("".join(f'"{_quoted(token)}"\n' for token in target.tokens), "ascii")
    tally, began = Tally(target.name), time.monotonic()
    while (left_s := minutes * 60 - (time.monotonic() - began)) >= 1 and len(tally.faults) < MOST_FAULTS:
        _once(target, [f"-max_total_time={int(left_s)}", f"-dict={words}", str(folder)], tally)
        _confirm_timeout(target, tally)
    tally.seconds = time.monotonic() - began
    return tally


def _once(target: Target, flags: Iterable[str], tally: Tally) -> None:
    command = [
        sys.executable, "-m", "tests.fuzz.worker", target.name,
        f"-max_len={target.longest}", "-print_final_stats=1",
        f"-timeout={INPUT_TIMEOUT_S}", f"-rss_limit_mb={MEMORY_MIB}",
        f"-artifact_prefix={WORK}/{target.name}-", *flags,
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                tally.hear(line)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
    tally.end()


def _confirm_timeout(target: Target, tally: Tally) -> None:
    """Forget a time-out that does not come again: the machine had other things to do."""
    path = tally.faults.get(TIMEOUT)
    if path is not None:
        again = Tally(target.name)
        _once(target, [str(path)], again)
        if not again.faults:
            del tally.faults[TIMEOUT]
            path.unlink()


def _quoted(token: bytes) -> str:
    return "".join(f"\\x{octet:02X}" for octet in token)
