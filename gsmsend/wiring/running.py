"""Making a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gsmsend.config import FILE, Settings, load
from gsmsend.contract import Driver, Endpoint, Store
from gsmsend.engine.events import Event, Notice
from gsmsend.engine.hosting import steady_s
from gsmsend.engine.plugging import Plugs
from gsmsend.engine.run import Run
from gsmsend.errors import UsageError
from gsmsend.store import SqlStore
from gsmsend.wiring.authority import authority_of, check_authority
from gsmsend.wiring.clearing import clear_to_send
from gsmsend.wiring.fallbacks import fallbacks_of
from gsmsend.wiring.holding import place_mark
from gsmsend.wiring.remembering import check_witness, remember_heads


class SystemClock:
    """contract.Clock by the operating system."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()


def make_run(
    settings: Settings,
    store: Store,
    routes: Sequence[tuple[Driver, Endpoint]],
    *,
    publish: Callable[[Event], None],
    wait_reports_s: float,
    stay: bool = False,
    plugs: Plugs | None = None,
) -> Run:
    """A run over these routes; it asks for approvals by itself, at its start and now and then.

    `plugs` tells it what is plugged in and pulled out meanwhile. Raises GuardStop if the store is an older copy,
    or if five or more SIMs are here without an authority.
    """
    check_authority(settings, routes)
    problem = check_witness(settings, store)
    if problem:
        publish(Notice(time.time(), "warning", problem))
    run = Run(
        settings, store, SystemClock(), routes, publish=publish, wait_reports_s=wait_reports_s, stay=stay,
        clear=lambda now_s: clear_to_send(settings, store, now_s).notes, fallbacks=fallbacks_of(settings, store),
        outdated=_outdated(settings) if settings.approval.required else None,
        remember=remember_heads(settings, store), plugs=plugs, authority=authority_of(settings, store),
        steady=steady_s, mark=place_mark(settings), where=where(settings),
    )  # fmt: skip
    if isinstance(store, SqlStore):
        store.patience.of_run(run.waits_for_store, lambda: run.told_to_stop)
        store.hear(run.news)
        if risk := store.risk():
            publish(Notice(time.time(), "warning", risk))
    return run


def _outdated(settings: Settings) -> Callable[[], str]:
    """Says what to do once gsmsend.toml has changed: a run keeps to what was approved, or sends nothing."""
    place, began = settings.folder / FILE, load(settings.folder)
    words = (
        "gsmsend.toml was changed while this run goes on, so nothing more leaves. Look at it with 'gsmsend "
        f"preview{where(settings)}', then stop this run and give it again"
    )
    seen, said = _stamp(place), ""

    def outdated() -> str:
        nonlocal seen, said
        now = _stamp(place)
        if now != seen and not said:
            seen = now
            try:
                said = "" if load(settings.folder) == began else words
            except UsageError:
                said = words
        return said

    return outdated


def _stamp(place: Path) -> tuple[int, int, int] | None:
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def where(settings: Settings) -> str:
    """What to add to a command that is suggested: where the operation is, unless one is in it."""
    return "" if settings.folder.resolve() == Path.cwd() else f' --operation "{settings.folder}"'
