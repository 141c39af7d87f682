"""What is plugged in while a run goes on: asked of the drivers when something stirs, on a thread of its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from gsmsend import registry
from gsmsend.config import Settings
from gsmsend.contract import Driver, Endpoint, Reservation, Reserving, Watching
from gsmsend.engine.plugging import Plugged
from gsmsend.errors import GsmsendError
from gsmsend.wiring.routes import by_itself, folder_of, in_folder, named_ports, route

_LOOK_S = 0.1
"""Between two looks at the folders that named ports are in."""
_SETTLE_S = 0.3
"""The ports of one stick appear one after another: so long nothing may stir before they are listed."""
_SETTLE_MOST_S = 2.0


class Sockets:
    """engine.plugging.Plugs. With ports named it tells of those; with a folder, of what is in it; else of all."""

    def __init__(self, settings: Settings, ports: Sequence[str] = ()) -> None:
        wanted = named_ports(settings, ports)
        self._folders = [folder for port in wanted if (folder := folder_of(port)) is not None]
        self._named = [port for port in wanted if folder_of(port) is None]
        self._looks_for_all = settings.discover and not wanted
        self._stir = threading.Event()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._found: tuple[Plugged, ...] | None = None
        self._news = False
        self._stirred: Callable[[], None] = lambda: None
        self._stop: list[Callable[[], None]] = []
        self._reserved: list[tuple[str, Reservation]] = []
        self._thread = threading.Thread(target=self._watch, name="sockets", daemon=True)

    def start(self, stirred: Callable[[], None], told: Callable[[str], None]) -> None:
        """Keep other programs off what is there, and begin to look; `stirred` is called when there is news."""
        self._stirred = stirred
        self._reserved = [
            (driver.name, driver.reserve(told)) for driver in _drivers() if isinstance(driver, Reserving)
        ]
        self._reserve(self._list())
        if self._looks_for_all or self._named:
            for _, watching in _watching():
                self._stop.append(watching.watch(self._stir.set))
        self._stir.set()
        self._thread.start()

    def watches(self, endpoint: Endpoint) -> bool:
        """Whether it tells when that device is pulled out: not where its port was named, which it may leave."""
        if endpoint.virtual:
            return Path(endpoint.address).parent in self._folders
        return self._looks_for_all and endpoint.driver in {driver.name for driver, _ in _watching()}

    def news(self) -> Sequence[Plugged] | None:
        """All that is there now; None if it is the same as when it was asked last."""
        with self._lock:
            news, self._news = self._news, False
            return self._found if news else None

    def close(self) -> None:
        """Look no more."""
        self._ending.set()
        self._stir.set()
        for stop in self._stop:
            stop()
        if self._thread.is_alive():
            self._thread.join(_SETTLE_MOST_S)
        for _, reservation in self._reserved:
            reservation.close()

    def _watch(self) -> None:
        before: object = None
        first = True
        while not self._ending.is_set():
            polled = bool(self._folders or self._named)
            told = self._stir.wait(_LOOK_S if polled else None)
            now = self._stamps()
            if not (told or now != before) or self._ending.is_set():
                continue
            before = now
            if told:
                self._settle(at_once=first)
            first = False
            self._look()

    def _settle(self, *, at_once: bool) -> None:
        until_s = time.monotonic() + _SETTLE_MOST_S
        self._stir.clear()
        while not at_once and self._stir.wait(_SETTLE_S) and time.monotonic() < until_s:
            if self._ending.is_set():
                return
            self._stir.clear()

    def _look(self) -> None:
        found = tuple(self._list())
        self._reserve(found)
        with self._lock:
            # Also if it is the same: what is lost may be back under a name that nobody named.
            self._found, self._news = found, True
        self._stirred()

    def _reserve(self, found: Sequence[Plugged]) -> None:
        for name, reservation in self._reserved:
            reservation.hold([one.endpoint for one in found if one.driver.name == name])

    def _list(self) -> list[Plugged]:
        if self._looks_for_all:
            there: list[tuple[Driver, Endpoint]] = []
            for driver, _ in _watching():
                with suppress(GsmsendError):
                    there += [(driver, endpoint) for endpoint in driver.discover()]
            return [Plugged(*one, made_of(one[1].address)) for one in by_itself(there)]
        found = [Plugged(*one, made_of(one[1].address)) for folder in self._folders for one in in_folder(folder)]
        for port in self._named:
            with suppress(GsmsendError):
                driver, endpoint = route(port)
                if made_of(endpoint.address) is not None:
                    found.append(Plugged(driver, endpoint, made_of(endpoint.address), named=True))
        return found

    def _stamps(self) -> object:
        """What changes when a name comes or goes in a folder that a port was named in."""
        folders = {*self._folders, *(Path(port).parent for port in self._named if Path(port).is_absolute())}
        return tuple(_changed_at(folder) for folder in sorted(folders))


def _drivers() -> list[Driver]:
    """All that can be loaded; one that is broken hides no other."""
    found: list[Driver] = []
    for name in registry.names():
        with suppress(GsmsendError):
            found.append(registry.driver(name))
    return found


def _watching() -> list[tuple[Driver, Watching]]:
    """Those that can watch."""
    return [(driver, driver) for driver in _drivers() if isinstance(driver, Watching)]


def _changed_at(folder: Path) -> int | None:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return None


def made_of(address: str) -> object:
    """What is another once the name was made anew; None if it is not there.

    The number of a node in /dev (devtmpfs numbers upwards); of a link also when it was made.
    """
    try:
        found = os.lstat(address)
    except (OSError, ValueError):
        return None
    return (found.st_ino, found.st_ctime_ns) if Path(address).is_symlink() else (found.st_ino,)
