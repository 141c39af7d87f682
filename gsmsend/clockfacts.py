"""How this computer's clock is kept, as the system says: by what, whether in step, how far off it may be.

Read only, without waiting: on Linux adjtimex(2) of the kernel and what time services leave in /run; on Windows and
macOS a program is asked, on a thread of its own, and what it has not said yet is unknown. What a system does not
tell is None or "unknown", with the reason.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

UNKNOWN = "unknown"
_PATIENCE_S = 5.0
_UNSYNC, _NANO, _TIME_ERROR = 0x0040, 0x2000, 5  # <sys/timex.h>
_LINUX_SERVICES = {
    "chrony": ("run/chrony/chronyd.pid", "run/chronyd.pid", "run/chrony"),
    "systemd-timesyncd": ("run/systemd/timesync/synchronized", "run/systemd/timesync"),
    "ntpd": ("run/ntpd.pid", "run/ntpsec.pid", "run/openntpd.pid"),
    "ptp4l": ("run/ptp4l",),
}
_WINDOWS = ("w32tm", "/query", "/status")
Ask = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """`source` keeps the clock; `error_ms` is the most that it may be off, `offset_ms` what is corrected just now.

    `why` says what is unknown and for what reason.
    """

    source: str = UNKNOWN
    synchronised: bool | None = None
    error_ms: int | None = None
    offset_ms: int | None = None
    why: str = ""

    def entry(self) -> Mapping[str, object]:
        """For the audit log."""
        return asdict(self)


class ClockWatch:
    """Ask with `read` as often as wanted: it never waits, but for the kernel's word."""

    def __init__(self, platform: str = sys.platform, *, root: Path = Path("/"), ask: Ask | None = None) -> None:
        self._platform = platform
        self._root = root
        self._ask = ask or _ask
        self._said: ClockFacts | None = None
        self._thread: threading.Thread | None = None

    def read(self) -> ClockFacts:
        """What is known now."""
        if self._platform.startswith("linux"):
            return replace(_of_kernel(), source=_service(self._root))
        if self._platform not in {"win32", "darwin"}:
            return ClockFacts(why=f"it is not known how to ask {self._platform}")
        if self._thread is None:
            self._thread = threading.Thread(target=self._inquire, name="clock facts", daemon=True)
            self._thread.start()
        return self._said or ClockFacts(why="the system has not answered yet")

    def wait(self) -> None:
        """Until the program that was asked has answered, or has had its time. For who has a few seconds."""
        if self._thread is not None:
            self._thread.join()

    def _inquire(self) -> None:
        try:
            if self._platform == "win32":
                self._said = of_w32tm(self._ask(_WINDOWS))
            else:
                self._said = ClockFacts("timed", why="macOS does not say how far off its clock may be")
        except (OSError, ValueError) as error:
            self._said = ClockFacts(why=f"the system did not answer ({type(error).__name__})")


def of_w32tm(said: str) -> ClockFacts:
    """What `w32tm /query /status` says, in any language: its lines stand in a set order.

    Dispersion and half of the delay bound the error (RFC 5905, 11.2).
    """
    fields = [line.partition(":")[2].strip() for line in said.splitlines() if ":" in line]
    if len(fields) < 8:
        return ClockFacts(why="the Windows time service is not running")
    leap = re.match(r"\d+", fields[0])
    seconds = [float(found[1].replace(",", ".")) for found in re.finditer(r"(-?\d+[.,]\d+)s", said)]
    error_ms = round(1000 * (seconds[0] / 2 + seconds[1])) if len(seconds) >= 2 else None
    synchronised = None if leap is None else leap[0] != "3"
    source = fields[7].partition(",")[0]
    local = "local cmos" in source.lower() or "free-running" in source.lower()
    why = "" if error_ms is not None else "the Windows time service did not say how far off the clock may be"
    return ClockFacts(f"w32time ({source})", synchronised and not local, error_ms, why=why)


def _service(root: Path) -> str:
    found = [name for name, places in _LINUX_SERVICES.items() if any((root / place).exists() for place in places)]
    return ", ".join(found) or UNKNOWN


def _of_kernel() -> ClockFacts:
    """adjtimex(2) with no mode set, which anybody may call and changes nothing."""
    import ctypes  # noqa: PLC0415 - some milliseconds, which only a run needs

    long = ctypes.c_long
    names = ("offset", "freq", "maxerror", "esterror")
    fields = [("modes", ctypes.c_uint), *((name, long) for name in names), ("status", ctypes.c_int)]
    timex = type("timex", (ctypes.Structure,), {"_fields_": [*fields, ("rest", long * 64)]})
    told = timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(told))
    except (OSError, AttributeError):
        return ClockFacts(why="the kernel's clock cannot be asked here")
    if state < 0:
        return ClockFacts(why=f"the kernel does not let its clock be asked (errno {ctypes.get_errno()})")
    per_ms = 1_000_000 if told.status & _NANO else 1_000
    unsynchronised = bool(told.status & _UNSYNC) or state == _TIME_ERROR
    error_ms = None if unsynchronised else round(told.maxerror / 1_000)
    why = "the kernel knows of no service that keeps it in step" if unsynchronised else ""
    return ClockFacts(UNKNOWN, not unsynchronised, error_ms, round(told.offset / per_ms), why)


def _ask(command: Sequence[str]) -> str:
    import subprocess  # noqa: PLC0415 # nosec B404 # Linux needs none; a fixed command

    try:
        asked = subprocess.run(  # nosec B603 # a fixed command of the system
            command, capture_output=True, timeout=_PATIENCE_S, check=False, stdin=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return asked.stdout.decode("utf-8", "replace")
