"""What this user's own folder remembers of an operation's log: asked before work, and kept after it.

A lab's older store is told of and stops nothing: copies of those are put back all the time. Of one whose key lies
in its own folder, as a demo's does, nothing is remembered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from gsmsend import guarding
from gsmsend.config import Settings
from gsmsend.contract import Store
from gsmsend.contract.heads import HeadRow
from gsmsend.errors import GsmsendError, GuardStop
from gsmsend.keyplace import Place
from gsmsend.store import SqlStore
from gsmsend.store.witness import Log, Seen, Witness
from gsmsend.wiring.keys import keeper_of, key_of

_PATIENCE_S = 1.0
"""A stop is on record already; it does not wait longer than this for a folder that does not answer."""


class KeptStore(SqlStore):
    """A store that is remembered when it is closed, as far as its log has come then."""

    remembered: Settings | None = None
    """Set once it is known that this store may be remembered."""
    waits = True
    told = ""
    """What was already said about the remembering."""

    def close(self) -> None:
        """Remember how far the log has come, then let go of the file. What keeps it from that is told, no more."""
        settings, self.remembered = self.remembered, None
        try:
            if settings is not None and self.waits:
                self._keep(settings)
            elif settings is not None:
                keeping = threading.Thread(target=self._keep, args=(settings,), name="witness", daemon=True)
                keeping.start()
                keeping.join(_PATIENCE_S)
        finally:
            super().close()

    def _keep(self, settings: Settings) -> None:
        try:
            problem = _keep(settings, self, None, time.time())
        except GsmsendError as error:
            # Whoever may go on with an older store has said so; a lab tells it when it runs.
            problem = "" if settings.lab or isinstance(error, GuardStop) else str(error)
        tell_once(settings, self, problem)


def check_opened(settings: Settings, store: KeptStore, *, older_stops: bool) -> None:
    """Raise GuardStop if the store that was just opened is an older one, and that matters here."""
    store.waits = older_stops
    if older_stops and not settings.lab:
        tell_once(settings, store, _check(settings, store))
    store.remembered = settings


def tell_once(settings: Settings, store: KeptStore, problem: str) -> None:
    """Say on the terminal why nothing can be remembered; a lab needs no ceremony."""
    if problem and not store.told and not settings.lab:
        store.told = problem
        keeper_of(settings).asker.tell(problem)


def check_witness(settings: Settings, store: Log) -> str:
    """Before a run: raise GuardStop if the store is older than is remembered; what must be told, or "".

    A lab is told so once, and remembered as it is from then on.
    """
    try:
        problem = _check(settings, store)
    except GuardStop as stop:
        if not settings.lab:
            raise
        accept_older(store, time.time())
        what, _, _ = str(stop).partition("; nothing was sent")
        return f"{what}. This is a lab, so it goes on; in any other operation it would not"
    return "" if settings.lab or _told(store) else problem


def older(settings: Settings, store: Log) -> str:
    """For whoever only looks: that this store is an older one, and what to do; else "". Never of a lab."""
    if settings.lab:
        return ""
    try:
        _check(settings, store)
    except GuardStop as stop:
        return stop.words
    return ""


def remembered(settings: Settings, store: Log) -> tuple[Seen | None, str]:
    """What this user's own folder remembers of the log; why nobody can tell, or "". Of a lab nothing is told."""
    return Witness(guarding.state_folder()).noted(store) if not settings.lab else (None, "")


def accept_older(store: Log, now_s: float) -> str:
    """Remember the store as it is now, whatever was remembered; why it could not be, or ""."""
    return Witness(guarding.state_folder()).accept(store, None, now_s)


def head_kept(settings: Settings, store: Store) -> Callable[[HeadRow, float], Sequence[str]]:
    """Does with a head that was signed outside a run what a run does with its last one."""
    return remember_heads(settings, store)


def remember_heads(settings: Settings, store: Store) -> Callable[[HeadRow | None, float], list[str]]:
    """A new head gets its time stamp; then this user's own folder remembers how far the log has come.

    What it gives raises GuardStop if the store lacks what is remembered, but of a lab.
    """

    def remember(head: HeadRow | None, now_s: float) -> list[str]:
        problems = []
        if head is not None:
            from gsmsend.timestamping import stamp_head  # noqa: PLC0415 - a run's last moment, and no other command

            stamped = stamp_head(settings, store, head, now_s)
            if stamped.service and stamped.at is None:
                problems.append(f"the log's head has no time stamp: {stamped.why}")
        try:
            problem = _keep(settings, store, head, now_s)
        except GuardStop:
            if not settings.lab:
                raise
            problem = ""
        if not settings.lab and not _told(store):
            problems.append(problem)
        return [words for words in problems if words]

    return remember


def _told(store: object) -> bool:
    return isinstance(store, KeptStore) and bool(store.told)


def _check(settings: Settings, store: Log) -> str:
    return Witness(guarding.state_folder()).check(store) if _is_remembered(settings) else ""


def _keep(settings: Settings, store: Log, head: HeadRow | None, now_s: float) -> str:
    return Witness(guarding.state_folder()).keep(store, head, now_s) if _is_remembered(settings) else ""


def _is_remembered(settings: Settings) -> bool:
    if not settings.lab:
        return True
    try:
        return key_of(settings).place is not Place.FOLDER
    except GsmsendError:
        return False
