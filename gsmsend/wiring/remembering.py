"""What this user's own folder remembers of an operation's log, and what is done with a new head."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gsmsend import guarding
from gsmsend.audit.short import Noted
from gsmsend.config import Settings
from gsmsend.contract import Store, StoreView
from gsmsend.contract.heads import HeadRow
from gsmsend.store.witness import Witness


def check_witness(settings: Settings, store: Store) -> str:
    """Raise GuardStop if the store is older than this user's own folder remembers it; why nobody can tell, or "".

    Nothing is remembered of a lab operation: copies of those are put back all the time.
    """
    return "" if settings.lab else Witness(guarding.state_folder()).check(store)


def remembered(settings: Settings, store: StoreView) -> tuple[list[Noted], str]:
    """The entries that this user's own folder remembers of the log; why nobody can tell, or ""."""
    return Witness(guarding.state_folder()).noted(store) if not settings.lab else ([], "")


def accept_older(settings: Settings, store: Store, now_s: float) -> str:
    """Remember the store as it is now, whatever was remembered; why it could not be, or ""."""
    return Witness(guarding.state_folder()).keep(store, None, now_s) if not settings.lab else ""


def head_kept(settings: Settings, store: Store) -> Callable[[HeadRow, float], Sequence[str]]:
    """Does with a head that was signed outside a run what a run does with its last one."""
    return remember_heads(settings, store)


def remember_heads(settings: Settings, store: Store) -> Callable[[HeadRow | None, float], list[str]]:
    """A new head gets its time stamp; then this user's own folder remembers how far the log has come."""
    witness = None if settings.lab else Witness(guarding.state_folder())

    def remember(head: HeadRow | None, now_s: float) -> list[str]:
        problems = []
        if head is not None:
            from gsmsend.timestamping import stamp_head  # noqa: PLC0415 - a run's last moment, and no other command

            stamped = stamp_head(settings, store, head, now_s)
            if stamped.service and stamped.at is None:
                problems.append(f"the log's head has no time stamp: {stamped.why}")
        problems.append(witness.keep(store, head, now_s) if witness is not None else "")
        return [words for words in problems if words]

    return remember
