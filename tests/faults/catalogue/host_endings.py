"""Two programs at once, signals, terminals and streams that close."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable

from tests.faults import judge
from tests.faults.case import case
from tests.faults.far_side import PATIENCE_S, ROOT, environment, until
from tests.faults.near_side import command_of
from tests.faults.scene import Scene


@case("host", "two runs on one operation")
def two_runs(on: Scene) -> None:
    on.bench()
    on.people(10)
    first = on.run("--stay")
    on.far.wait_for("submit", 2)
    second = on.run()
    assert second.finish() == 5, second.finished["why"]
    on.told("in use")
    assert str(first.child.pid) in second.stderr
    on.far.wait_for("acknowledged", 10)
    first.stop()
    on.ends(130, {"delivered": 10}, first)


@case("host", "two operations on one modem")
def two_operations(on: Scene) -> None:
    on.bench()
    on.people(8)
    first = on.run("--stay")
    on.far.wait_for("submit", 1)
    here, on.place = on.place, on.folder / "other"
    second = on.run()
    assert second.finish() == 6, second.finished["why"]
    on.told("port in use")
    on.place = here
    on.far.wait_for("acknowledged", 8)
    first.stop()
    on.ends(130, {"delivered": 8}, first)


# -- signals and terminals --------------------------------------------------------------------------------

ENDINGS = {"SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT, "SIGHUP": signal.SIGHUP}


@case("host", "signals", *ENDINGS, "SIGINT three times")
def signals(on: Scene, name: str) -> None:
    """The text on air is finished, the queue keeps the rest, the same command carries on."""
    on.bench(radio_s=0.4)
    on.people(8)
    run = on.run()
    on.far.wait_for("submit", 3)
    for _ in range(3 if "three" in name else 1):
        run.signal(ENDINGS[name.partition(" ")[0]])
        time.sleep(0.05)
    on.ends(130, None, run)
    on.told("stopping", "interrupted")
    assert run.finished["totals"]["uncertain"] == 0
    assert len(on.far.events("submit")) <= 4
    on.ends(0, {"delivered": 8}, on.run(wait_reports_s=8))


@case("host", "signals", "SIGHUP under nohup")
def nohup(on: Scene, _: object) -> None:
    on.bench(radio_s=0.2)
    on.people(8)
    on.operation()
    child = subprocess.Popen(
        ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *command_of({}, on.words())], stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env=environment(), cwd=ROOT,
    )  # fmt: skip
    with child:
        on.far.wait_for("submit", 3)
        child.send_signal(signal.SIGHUP)
        assert child.wait(PATIENCE_S) == 0
    on.agree()
    assert judge.totals_of(on.messages()) == {"delivered": 8}


@case("host", "terminal closed", "the live screen")
def closed_terminal(on: Scene, _: object) -> None:
    """The window is closed: the kernel sends SIGHUP, and nothing can be written any more."""
    on.bench(radio_s=0.3)
    on.people(8)
    on.operation()
    words = [word for word in on.words() if word != "--json"]
    master, slave = os.openpty()
    child = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command_of({}, words)], stdin=slave, stdout=slave, stderr=slave,
        env={**environment(), "TERM": "xterm"}, cwd=ROOT,
    )  # fmt: skip
    with child:
        os.close(slave)
        _drain_until(master, lambda: len(on.far.events("submit")) >= 3)
        os.close(master)
        assert child.wait(PATIENCE_S) in (130, -signal.SIGHUP)
    on.agree()
    counts = judge.totals_of(on.messages())
    assert set(counts) <= {"delivered", "sent", "queued"}, counts
    on.ends(0, {"delivered": 8}, on.run(wait_reports_s=8))


STREAMS = {
    "stdout closed": ">&-", "stderr closed": "2>&-", "all closed": "<&- >&- 2>&-",
    "stdout full": ">/dev/full", "stdout and stderr full": ">/dev/full 2>/dev/full",
}  # fmt: skip


@case(
    "host",
    "nobody can read",
    "stdout closed",
    "stdout full",
    long=("stderr closed", "all closed", "stdout and stderr full"),
)
def closed_streams(on: Scene, what: str) -> None:
    on.bench()
    on.people(8)
    on.operation()
    for words in (on.words(), [word for word in on.words() if word != "--json"]):
        shell = ["sh", "-c", f'exec "$@" {STREAMS[what]}', "sh", *command_of({}, words)]
        done = subprocess.run(shell, capture_output=True, text=True, env=environment(), cwd=ROOT, check=False)
        assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr}"
        assert not done.stderr, done.stderr
    on.agree()
    assert judge.totals_of(on.messages()) == {"delivered": 8}


@case("host", "nobody can read", "the reader leaves", "the reader stops reading")
def reader(on: Scene, what: str) -> None:
    on.bench(radio_s=0.01)
    on.people(300)
    on.operation()
    child = subprocess.Popen(
        command_of({}, on.words(wait_reports_s=8)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(), cwd=ROOT,
    )  # fmt: skip
    with child:
        assert child.stdout is not None
        fcntl.fcntl(child.stdout, fcntl.F_SETPIPE_SZ, 4096)
        child.stdout.readline()
        if "leaves" in what:
            child.stdout.close()
        on.far.wait_for("accepted", 300)
        until(
            lambda: on.far.events("acknowledged")[-1:] and len(on.far.events("acknowledged")) == 300,
            "every report",
        )
        if "stops" in what:
            rest = child.stdout.read()
            assert '"event": "finished"' in rest.splitlines()[-1]
        assert child.stderr is not None
        assert child.stderr.read() == ""
        assert child.wait(PATIENCE_S) == 0
    on.never_waits(1)
    on.agree()


def _drain_until(master: int, condition: Callable[[], bool]) -> None:
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.set_blocking(master, False)

    def drained() -> bool:
        try:
            while os.read(master, 65536):
                pass
        except BlockingIOError:
            pass
        return condition()

    until(drained, "three texts on air")
