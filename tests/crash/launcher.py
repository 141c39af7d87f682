"""Runs `gsmsend` and kills it with SIGKILL at one chosen moment. Started by the harness, never by a person:

    CRASH_POINT="in mid-PDU" CRASH_PASSAGE=3 CRASH_DELAY_S=0 python -m tests.crash.launcher run --operation ...

The program has no hooks for this: functions of it are wrapped from outside. If one of them does not exist any
more the launcher ends with EXIT_GONE and says which: a harness that tests nothing must not look like success.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.crash.points import AFTER_CTRL_Z, COMMITS, MID_PDU, POINTS

EXIT_GONE = 97
CTRL_Z = b"\x1a"

Function = Callable[..., Any]


class Gone(Exception):
    """The program has no such function any more: the launcher must be brought up to date."""


def die() -> None:
    """As if the power had gone, for this process."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


class Fuse:
    """Counts passages of the chosen point, over all threads; kills at the last one."""

    def __init__(self, name: str, passage: int = 1, delay_s: float = 0.0) -> None:
        self._name = name
        self._left = passage
        self._delay_s = delay_s
        self._lock = threading.Lock()

    @classmethod
    def from_environment(cls) -> Fuse:
        """As the harness asks; an unknown name is an error, none at all kills nothing."""
        name = os.environ.get("CRASH_POINT", "")
        if name and name not in {point.name for point in POINTS}:
            raise Gone(f"there is no point {name!r} in tests/crash/points.py")
        passage, delay_s = os.environ.get("CRASH_PASSAGE", "1"), os.environ.get("CRASH_DELAY_S", "0")
        return cls(name, int(passage), float(delay_s))

    def due(self, name: str) -> bool:
        """Whether this passage is the one."""
        if not name or name != self._name:
            return False
        with self._lock:
            self._left -= 1
            return self._left == 0

    def passed(self, name: str) -> None:
        """Kill if this passage is the one, at once or a little later."""
        if not self.due(name):
            return
        if self._delay_s <= 0:
            die()
        threading.Thread(target=self._later, daemon=True).start()

    def _later(self) -> None:
        time.sleep(self._delay_s)
        die()


def wrap(owner: object, name: str, make: Callable[[Function], Function]) -> None:
    """Put `make(function)` in the function's place. Raises Gone if the owner has no such function."""
    before = getattr(owner, name, None)
    if not callable(before):
        place = getattr(owner, "__qualname__", None) or getattr(owner, "__name__", repr(owner))
        raise Gone(f"tests/crash/launcher.py wraps {place}.{name}, which does not exist any more")
    setattr(owner, name, functools.wraps(before)(make(before)))


def module(name: str) -> Any:
    """A module of the program. Raises Gone."""
    try:
        return __import__(name, fromlist=["_"])
    except ImportError as error:
        raise Gone(f"tests/crash/launcher.py wraps functions of {name}: {error}") from error


def part(owner: Any, name: str) -> Any:
    """A class of a module. Raises Gone."""
    found = getattr(owner, name, None)
    if found is None:
        raise Gone(f"tests/crash/launcher.py wraps {owner.__name__}.{name}, which does not exist any more")
    return found


def install(fuse: Fuse) -> None:
    """Wrap all of them, whichever is chosen. Raises Gone."""
    _start(fuse)
    _commits(fuse)
    _exchange(fuse)
    _ear(fuse)


def passing(fuse: Fuse, *, before: str = "", after: str = "") -> Callable[[Function], Function]:
    """A wrapper that passes points before and after the call."""

    def make(function: Function) -> Function:
        def wrapped(*words: Any, **named: Any) -> Any:
            fuse.passed(before)
            result = function(*words, **named)
            fuse.passed(after)
            return result

        return wrapped

    return make


def _start(fuse: Fuse) -> None:
    wrap(module("gsmsend.wiring"), "open_store", passing(fuse, before="the store is not open yet"))
    wrap(part(module("gsmsend.engine.run"), "Run"), "execute", passing(fuse, before="before recovery"))
    wrap(
        module("gsmsend.engine.counter"), "settle",
        passing(fuse, before="before the SIM's counter is asked", after="after settlement by the SIM's counter"),
    )  # fmt: skip


def _commits(fuse: Fuse) -> None:
    """A commit is named by the store's methods whose work is in it: the writer joins several in one batch."""
    joined: set[str] = set()
    store = part(module("gsmsend.store"), "SqlStore")
    for method in COMMITS:
        if not callable(getattr(store, method, None)):
            raise Gone(f"tests/crash/points.py names SqlStore.{method}, which does not exist any more")

    def submit(before: Function) -> Function:
        def labelled(writer: object, body: Function) -> Any:
            owner, _, rest = str(body.__qualname__).partition(".")
            method = rest.partition(".")[0]

            def noted(connection: object) -> Any:
                if owner in {"SqlStore", "Trails"}:
                    joined.add(method)
                return body(connection)

            return before(writer, noted)

        return labelled

    def commit(before: Function) -> Function:
        def committing(*words: Any) -> Any:
            names = [COMMITS[method] for method in joined if method in COMMITS]
            joined.clear()
            for name in names:
                fuse.passed(f"before the commit of {name}")
            fuse.passed("in the middle of a commit")
            result = before(*words)
            for name in names:
                fuse.passed(f"after the commit of {name}")
            return result

        return committing

    wrap(part(module("gsmsend.store.writer"), "Writer"), "submit", submit)
    wrap(part(module("sqlalchemy.engine.default"), "DefaultDialect"), "do_commit", commit)


_WRITTEN = {
    b"AT+CMGS=": "AT+CMGS written, before the prompt",
    b"AT+CNMA": "+CNMA written, before its answer",
    b"AT+CMGR=": "a stored report is asked for",
    b"AT+CMGL=": "a stored report is asked for",
    b"AT+CRSM=": "the SIM's counter is asked",
    b"AT+CSIM=": "the SIM's counter is asked",
}


def _exchange(fuse: Fuse) -> None:
    if "listen_first_s" not in part(module("gsmsend.contract"), "OpenOptions").__dataclass_fields__:
        raise Gone("tests/crash/launcher.py needs OpenOptions.listen_first_s, which does not exist any more")
    link = part(module("gsmsend_atmodem.link"), "AtLink")
    doing = threading.local()
    wrap(part(module("gsmsend_atmodem.port"), "PosixPort"), "write", lambda before: _write(fuse, before, doing))
    wrap(link, "bring_up", lambda before: _bring_up(before, doing))
    wrap(link, "submit", lambda before: _submit(fuse, before))
    wrap(part(module("gsmsend_atmodem.driver"), "AtModemDriver"), "open", lambda before: _open(fuse, before))


def _write(fuse: Fuse, before: Function, doing: threading.local) -> Function:
    def written(port: object, octets: bytes) -> Any:
        release = octets.endswith(CTRL_Z)
        for name, most in ((MID_PDU, len(octets) // 2), ("PDU written, before Ctrl-Z", -1)):
            if release and fuse.due(name):
                before(port, octets[:most])
                die()
        if b"AT+CNMA" in octets:
            fuse.passed("report on disk, before +CNMA")
        result = before(port, octets)
        if release:
            fuse.passed(AFTER_CTRL_Z)
        if getattr(doing, "bring_up", False):
            fuse.passed("in mid-bring-up")
        for start, name in _WRITTEN.items():
            if start in octets:
                fuse.passed(name)
        return result

    return written


def _bring_up(before: Function, doing: threading.local) -> Function:
    def bringing_up(link: object) -> Any:
        doing.bring_up = True
        try:
            return before(link)
        finally:
            doing.bring_up = False

    return bringing_up


def _submit(fuse: Fuse, before: Function) -> Function:
    def submitting(link: object, submission: object, commit: Function) -> Any:
        def committed(raw: str) -> None:
            fuse.passed("prompt there, before the commit is awaited")
            commit(raw)
            fuse.passed("intent on disk, before the PDU")

        outcome = before(link, submission, committed)
        fuse.passed("+CMGS read, before its commit")
        return outcome

    return submitting


def _open(fuse: Fuse, before: Function) -> Function:
    def opening(driver: object, endpoint: object, sink: object, clock: object, options: Any) -> Any:
        link = before(driver, endpoint, sink, clock, options)
        if options.listen_first_s > 0:
            fuse.passed("while listening first")
        return link

    return opening


def _ear(fuse: Fuse) -> None:
    ear = part(module("gsmsend.engine.ear"), "Ear")
    wrap(ear, "report", passing(fuse, before="+CDS read, before its commit"))
    wrap(ear, "late_outcome", passing(fuse, before="late answer heard, before its commit"))


def main() -> None:
    """Wrap, then be `gsmsend`."""
    try:
        install(Fuse.from_environment())
    except Gone as gone:
        sys.stderr.write(f"{gone}\n")
        raise SystemExit(EXIT_GONE) from gone
    module("gsmsend.cli").main(prog_name="gsmsend")


if __name__ == "__main__":
    main()
