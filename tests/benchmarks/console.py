"""The console with 64 lines at work and 10 viewers: its share of one core, and how soon a wall shows an event."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx2 as httpx

from gsmsend import config, wiring
from gsmsend.contract import AttemptClose, AttemptOpen, ImportSource, NewMessage
from gsmsend.model import Device, Outcome, OutcomeKind, Report, Sim, State
from gsmsend.store import SqlStore
from tests.benchmarks.harness import GSMSEND, TEXT, Figure

LINES, VIEWERS, RADIO_S = 64, 10, 1.0
_TICKS = os.sysconf("SC_CLK_TCK")


def console(quick: bool) -> list[Figure]:
    """64 lines send a text a second each, into the store of another process; 10 viewers read the wall's stream."""
    took_s = 15.0 if quick else 60.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "op"
        subprocess.run([*GSMSEND, "init", str(folder), "--lab"], check=True, stdout=subprocess.DEVNULL)
        store = wiring.open_store(config.load(folder))
        lines = _filled(store, int(took_s * LINES * 2))
        _hold(folder)
        command = [sys.executable, "-m", "gsmsend", "serve", "--operation", str(folder), "--port", "0", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            wall = Wall(said["url"], said["token"])
            over = threading.Event()
            at_work = threading.Thread(target=_work, args=(store, lines, over))
            at_work.start()
            time.sleep(5)
            begun, used = time.monotonic(), _cpu_s(process.pid)
            delays = [wall.shows(store, lines[index % LINES], index) for index in range(int(took_s / 1.5))]
            share = (_cpu_s(process.pid) - used) / (time.monotonic() - begun)
            over.set()
            at_work.join()
            wall.close()
            process.terminate()
        store.close()
    return [
        Figure(f"console, {LINES} lines, {VIEWERS} viewers: of one core", 100 * share, "%", "10 %", share < 0.1),
        Figure("event to the last viewer, median", statistics.median(delays), "s", "1 s",
               statistics.median(delays) < 1),
        Figure("event to the last viewer, longest", max(delays), "s", "1 s", max(delays) < 1),
    ]  # fmt: skip


class Wall:
    """Ten viewers of one session, each with its own stream."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(base_url=url, headers={"origin": url}, timeout=None)
        self._client.post("/sign-in/token", data={"token": token})
        self._seen: list[dict[str, float]] = [{} for _ in range(VIEWERS)]
        for seen in self._seen:
            threading.Thread(target=self._read, args=(seen,), daemon=True).start()

    def shows(self, store: SqlStore, line: int, index: int) -> float:
        """How long it takes until every viewer was sent that a line has another reason."""
        mark = f"mark{index}."
        begun = time.monotonic()
        store.line_state(line, "waiting", mark, -70, "Example Mobile")
        while not all(mark in seen for seen in self._seen) and time.monotonic() < begun + 20:
            time.sleep(0.01)
        time.sleep(1.0)
        return max(seen.get(mark, begun + 20) for seen in self._seen) - begun

    def close(self) -> None:
        """Let go."""
        self._client.close()

    def _read(self, seen: dict[str, float]) -> None:
        try:
            with self._client.stream("GET", "/wall/events") as answer:
                for row in answer.iter_lines():
                    for mark in re.findall(r"mark\d+\.", row):
                        seen.setdefault(mark, time.monotonic())
        except (httpx.HTTPError, RuntimeError):  # the console has ended
            return


def _filled(store: SqlStore, count: int) -> list[int]:
    rows = [
        NewMessage(f"+447700900{index % 1000:03}", f"{TEXT} {index // 1000}", index + 1, 1)
        for index in range(count)
    ]
    store.add(ImportSource("rows.csv", "digest", "main", time.time()), rows)
    made = []
    for index in range(LINES):
        sim = Sim(iccid=f"894400000000000{index:04}")
        row = store.line(sim, Device("virtual", f"ttyUSB{index}", imei=f"35000000000{index:04}"), time.time())
        store.line_state(row.line_id, "sending", "", -70, "Example Mobile")
        made.append(row.line_id)
    return made


def _work(store: SqlStore, lines: list[int], over: threading.Event) -> None:
    """What 64 lines do to a store in each second, spread over it."""
    index = 0
    due = time.monotonic()
    while not over.is_set():
        line = lines[index % LINES]
        now_s, reference = time.time(), index // LINES % 256
        found = store.claim(line, 1, now_s).result()
        if not found:
            return
        opened = store.advance(None, AttemptOpen(found[0].message_id, 1, line, now_s)).result().attempt_id
        assert opened is not None
        outcome = Outcome(OutcomeKind.ACCEPTED, reference=reference)
        close = AttemptClose(opened, found[0].message_id, 1, 1, line, outcome, now_s, State.SENT)
        store.advance(close, None).result()
        store.record_report(line, Report(reference, found[0].number, 0, raw=f"{index:06}"), now_s).result()
        index += 1
        due += RADIO_S / LINES
        over.wait(max(0.0, due - time.monotonic()))


def _hold(folder: Path) -> None:
    """As if a run were going on: this process is it."""
    said = {"pid": os.getpid(), "host": os.uname().nodename, "since": "now"}
    holder = folder / "run.holder"
    holder.write_text(json.dumps(said), encoding="utf-8")
    holder.chmod(0o600)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
