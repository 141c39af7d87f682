"""The bench in a process of its own, and its record of what went on air."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gsmsend.sms import Submit

ROOT = Path(__file__).resolve().parents[2]
PYTHON = [sys.executable, "-m"]

PartKey = tuple[str, int]
"""Recipient in E.164 and the part's number, from 1."""


def environment(**more: str) -> dict[str, str]:
    """For both processes: the program of this source tree, wherever another may be installed."""
    before = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join(word for word in (str(ROOT), str(ROOT / "drivers"), before) if word)
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "100", **more}


@dataclass(frozen=True, slots=True)
class OnAir:
    """One part that the network took: `told`, its report was handed over at least once."""

    to: str
    seq: int
    total: int
    text: str
    concat: int | None
    reference: int
    iccid: str
    told: bool


@dataclass(slots=True)
class Record:
    """What the bench knows. `reports_taken`: acknowledged with +CNMA, as (ICCID, recipient, TP-MR)."""

    accepted: dict[PartKey, list[OnAir]] = field(default_factory=dict)
    reports_taken: list[tuple[str, str, int]] = field(default_factory=list)
    submissions: int = 0


@dataclass
class FarSide:
    """A running bench."""

    ports: list[str]
    log: Path

    def record(self) -> Record:
        """All that has happened so far."""
        return read(self.log)


@contextmanager
def far_side(folder: Path, modems: int, options: Sequence[str]) -> Iterator[FarSide]:
    """Virtual modems, stopped at the end."""
    log = folder / "bench.jsonl"
    command = [
        *PYTHON, "gsmsend", "bench", "--modems", str(modems), "--dir", str(folder / "ports"), "--log", str(log),
        "--json", *options,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT) as child:
        try:
            assert child.stdout is not None
            ready = json.loads(child.stdout.readline())
            yield FarSide([modem["port"] for modem in ready["modems"]], log)
        finally:
            child.terminate()
            child.wait(10)


def read(log: Path) -> Record:
    """The bench's record, from its log; see gsmsend_virtual.journal for its lines."""
    submits: dict[int, dict[str, Any]] = {}
    taken: list[int] = []
    told: set[int] = set()
    found = Record()
    for line in log.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        match event["event"]:
            case "submit":
                submits[event["submit"]] = event
            case "accepted":
                taken.append(event["submit"])
            case "report":
                told.add(event["submit"])
            case "acknowledged" if event["kind"] == "report" and event["by"] == "client":
                to = submits[event["submit"]]["to"]
                found.reports_taken.append((event["iccid"], to, event["reference"]))
    for serial in taken:
        part = _on_air(submits[serial], told=serial in told)
        found.accepted.setdefault((part.to, part.seq), []).append(part)
    found.submissions = len(submits)
    return found


def _on_air(event: dict[str, Any], *, told: bool) -> OnAir:
    tpdu = Submit.decode(bytes.fromhex(event["tpdu"]))
    header = tpdu.user_data.header
    joined = header.concatenation if header is not None else None
    seq, total, concat = (joined.seq, joined.total, joined.reference) if joined else (1, 1, None)
    return OnAir(event["to"], seq, total, tpdu.text, concat, event["reference"], event["iccid"], told)
