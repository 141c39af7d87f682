"""A bench of modems and a provider on loopback: the far ends of a line and its fallback, each with its record."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.run.far_end import GSMSEND, FarEnd, lab
from tests.unit.cloud.fake_notify import KEY, TEMPLATE, FakeNotify

OTHER = "Example Police writes from another number. Help: example.org/help, 0800 000 000. Reply STOP to opt out."
OWN = "Help is here."
TRIAL = "+447700900990"
VARIABLE = "GSMSEND_TEST_CLOUD"
ENVIRONMENT = {VARIABLE: KEY}


def words(far: FakeNotify, **changes: object) -> str:
    """The tables of gsmsend.toml for a fallback over it."""
    values: dict[str, object] = {
        "route": "notify", "text": OTHER, "sender": "ExamplePol", "trial": "07700 900990", "segment": 0.03,
        "budget": 50, "after_minutes": 0, **changes,
    }  # fmt: skip
    table = "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items())
    return (
        f'\n[driver.notify]\nkey = "env:{VARIABLE}"\ntemplate = "{TEMPLATE}"\nurl = "{far.url}"\n'
        "read_seconds = 90\n"
        f"\n[fallback.main]\n{table}\n"
    )


def gsmsend(*given: str, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, with the provider's key in its environment."""
    return subprocess.run(
        [*GSMSEND, *given], capture_output=True, text=True, timeout=timeout_s, check=False,
        env={**os.environ, "COLUMNS": "100", **ENVIRONMENT},
    )  # fmt: skip


def begin(place: Path, far: FarEnd, *given: str) -> subprocess.Popen[str]:
    """A run that goes on beside the test."""
    command = [*GSMSEND, "run", "--operation", str(place), *far.port_flags, "--json", *given]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT})


@contextmanager
def provider(report: str = "delivered") -> Iterator[FakeNotify]:
    """Notify on loopback, which says of each text after a moment what became of it."""
    far = FakeNotify()
    stop = threading.Event()

    def reports() -> None:
        while not stop.wait(0.05):
            for handle, record in list(far.records.items()):
                if report and record["status"] == "created":
                    far.report(handle, report)

    thread = threading.Thread(target=reports, daemon=True)
    thread.start()
    try:
        yield far
    finally:
        stop.set()
        thread.join()
        far.dispose()


def operation(folder: Path, far: FakeNotify, more: str = "", **changes: object) -> Path:
    """A lab operation with a fallback for its campaign."""
    place = lab(folder)
    with (place / "gsmsend.toml").open("a", encoding="utf-8") as config:
        config.write(more + words(far, **changes))
    return place


def tried(place: Path) -> None:
    """Queue the trial text; the next run sends it."""
    made = gsmsend("fallback", "trial", "--operation", str(place), "--yes")
    assert made.returncode == 0, made.stderr


def run(place: Path, far: FarEnd, *given: str) -> subprocess.CompletedProcess[str]:
    """A run that waits little for reports."""
    return gsmsend("run", "--operation", str(place), *far.port_flags, "--json", "--wait-reports", "10", *given)


def status(place: Path) -> dict[str, Any]:
    """`status --json`."""
    found: dict[str, Any] = json.loads(gsmsend("status", "--operation", str(place), "--json").stdout)
    return found


def messages(place: Path) -> list[dict[str, Any]]:
    """`messages --json`, but for the trial's."""
    listed = gsmsend("messages", "--operation", str(place), "--json", "--unmask").stdout.splitlines()
    return [row for row in map(json.loads, listed) if row["number"] != TRIAL]


def nobody_twice(far: FarEnd, notify: FakeNotify) -> None:
    """By the records of both far ends."""
    both = Counter([*far.on_air(), *(sent.destination for sent in notify.sent)])
    assert [to for to, count in both.items() if count > 1] == []


def over(notify: FakeNotify) -> list[str]:
    """Whom the provider texted, but for the trial."""
    return [sent.destination for sent in notify.sent if sent.destination != TRIAL]


def until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait for it to be so."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.01)
