"""`gsmsend run --demo`: the real command on a fresh operation, with two virtual modems in another process."""

from __future__ import annotations

import csv
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from gsmsend import guarding
from gsmsend.cli.demo_texts import RECIPIENTS, texts
from gsmsend.cli.init import make
from gsmsend.cli.options import say, tell, where
from gsmsend.cli.run import Wish, carry_out
from gsmsend.errors import NoRoute, UsageError
from gsmsend.store.key import NAME, OperationKey

_RADIO_S = 1.0  # of one part, about what a 2G modem takes
_JITTER_S = 0.25
_REPORT_S = 2.0
_WAIT_REPORTS_S = 60.0
_READY_WITHIN_S = 20.0
_ENDINGS = [signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__]


def run_demo(folder: Path, *, as_json: bool, wait_reports_s: float | None) -> int:
    """Run it in `folder`, or in a fresh temporary one; the exit code. Raises UsageError or NoRoute."""
    if sys.platform == "win32":
        raise UsageError("--demo needs pseudo-terminals, which Windows does not have", remedy="Try it on Linux.")
    folder = _fresh(folder)
    make(folder, lab=True)
    OperationKey(folder / NAME).make()  # in the folder itself: invented people have nothing to hide
    people = folder / "people.csv"
    with os.fdopen(guarding.written(people), "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("number", "text"), *texts()])
    if not as_json:
        tell(f"Demo: {RECIPIENTS} texts to numbers that nobody has, over two virtual modems; 40 s.")
    with virtual_modems(folder) as ports:
        wait_s = _WAIT_REPORTS_S if wait_reports_s is None else wait_reports_s
        code = carry_out(Wish(folder, tuple(ports), (people,), None, wait_s, as_json=as_json))
    if not as_json:
        say(f"Look round: gsmsend status{where(folder)}   (or messages, inbox)")
    return code


def _fresh(folder: Path) -> Path:
    if folder == Path():
        return Path(tempfile.mkdtemp(prefix="gsmsend-demo-"))
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} is not empty; the demo makes an operation of its own",
            remedy="Name a new folder with --operation DIR, or leave it out.",
        )
    return folder


@contextmanager
def virtual_modems(folder: Path) -> Iterator[list[str]]:
    """Two virtual modems while this lasts; their ports. Raises NoRoute if they do not start."""
    command = [sys.executable, "-m", "gsmsend.cli.leash", "bench", "--modems", "2", "--dir", str(folder / "ports")]
    command += ["--radio", str(_RADIO_S), "--radio-jitter", str(_JITTER_S), "--report-delay", str(_REPORT_S)]
    command += ["--seed", "1", "--log", str(folder / "bench.jsonl"), "--json"]
    # However this process is asked to end, the modems are put away first.
    before = {number: signal.getsignal(number) for number in _ENDINGS}
    ending = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number, handler in ending.items():
        if handler is signal.SIG_DFL:
            signal.signal(number, _interrupt)
    # A session of its own: Ctrl-C must not unplug the modems while the last text is being finished.
    child = subprocess.Popen(  # nosec B603 # our own bench, no shell, no word of a stranger
        command,
        stdin=subprocess.PIPE,  # closed with this process, even if it is killed: then the modems end as well
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield _ports(child)
    finally:
        for number in ending:
            signal.signal(number, signal.SIG_IGN)
        child.terminate()
        try:
            child.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
        for number, handler in ending.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _ports(child: subprocess.Popen[str]) -> list[str]:
    """Wait for the line that says ready."""
    first: queue.SimpleQueue[str] = queue.SimpleQueue()
    stdout = child.stdout
    assert stdout is not None  # noqa: S101 - it was asked for above
    threading.Thread(target=lambda: first.put(stdout.readline()), daemon=True).start()
    try:
        said = json.loads(first.get(timeout=_READY_WITHIN_S))
        return [str(modem["port"]) for modem in said["modems"]]
    except (queue.Empty, ValueError, KeyError, TypeError):
        child.kill()
        reason = (child.communicate()[1] or "it said nothing").strip().splitlines()[-1]
        raise NoRoute(
            f"the virtual modems did not start: {reason}",
            remedy="Try them alone: gsmsend bench --modems 2 --dir /tmp/m",
        ) from None
