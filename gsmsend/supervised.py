"""A service under a supervisor that speaks sd_notify(3), such as systemd: ready, how it stands, alive, stopping.

What is said is readable by every user of the computer (`systemctl status`): counts and states, never a number, a
name or a text. Without $NOTIFY_SOCKET nothing is said. A supervisor that does not listen is no reason to stop.
"""

from __future__ import annotations

import faulthandler
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path

_LONGEST_S = 5.0
"""How old the words of STATUS= may be."""
_TO_SPARE = 3
"""As often within the watchdog's time it is told that all is well; twice or more, says sd_watchdog_enabled(3)."""
_MOST = 200  # characters of STATUS=


class Supervisor:
    """One service and who started it. Safe on any thread.

    `watchdog_s`: it is restarted if nothing comes for so long; None where nobody watches.
    """

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        self._address = address
        self._words = self._said = ""
        self.watchdog_s = watchdog_s if address else None

    @classmethod
    def of(cls, environ: MutableMapping[str, str] | None = None) -> Supervisor:
        """The one that the environment names, which has it no more: children are not the service."""
        environ = os.environ if environ is None else environ
        address = environ.pop("NOTIFY_SOCKET", "")
        micros, pid = environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", "")
        ours = pid in ("", str(os.getpid()))
        watchdog_s = int(micros) / 1e6 if ours and micros.isascii() and micros.isdigit() and int(micros) else None
        if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
            return cls()
        return cls("\0" + address[1:] if address.startswith("@") else address, watchdog_s)

    @property
    def there(self) -> bool:
        """Whether anybody is told."""
        return bool(self._address)

    def ready(self) -> None:
        """It is at work: what waits for it may start."""
        self._tell("READY=1", *self._news())

    def status(self, words: str) -> None:
        """How it stands, in plain words; they are told with the next beat."""
        self._words = " ".join(words.split())[:_MOST]

    def stopping(self) -> None:
        """It was asked to stop, or is done."""
        self._tell("STOPPING=1", *self._news())

    def beat(self, standing_still: str) -> None:
        """Tell that it is alive; if it stands still tell only that, so that it is restarted."""
        if standing_still:
            self.status(f"Standing still: {standing_still}")
        alive = self.watchdog_s is not None and not standing_still
        self._tell(*(["WATCHDOG=1"] if alive else []), *self._news())

    @contextmanager
    def minding(self, standing_still: Callable[[], str]) -> Iterator[None]:
        """While this lasts, a thread tells that all is well for as long as `standing_still` says nothing.

        Where the watchdog ends the program, the places in it at which its threads were go to stderr: no values.
        """
        if not self.there:
            yield
            return
        if self.watchdog_s is not None and not faulthandler.is_enabled():
            with suppress(OSError, ValueError, AttributeError):  # a stderr that is no file
                faulthandler.enable(sys.stderr)
        every_s = min(_LONGEST_S, (self.watchdog_s or _LONGEST_S) / _TO_SPARE)
        ended = threading.Event()

        def beats() -> None:
            self.beat(standing_still())
            while not ended.wait(every_s):
                self.beat(standing_still())

        heart = threading.Thread(target=beats, name="supervisor", daemon=True)
        heart.start()
        try:
            yield
        finally:
            ended.set()
            heart.join()

    def _news(self) -> list[str]:
        words, before = self._words, self._said
        self._said = words
        return [f"STATUS={words}"] if words != before else []

    def _tell(self, *lines: str) -> None:
        if not self._address or not lines:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(1.0)  # its queue may be full
            line.sendto("\n".join(lines).encode("utf-8", "replace"), self._address)


def runtime_folder() -> Path | None:
    """Where systemd lets this service keep what is gone when it stops (RuntimeDirectory=); None if nowhere."""
    first = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return Path(first) if first.startswith("/") else None
