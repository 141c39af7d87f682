"""What this user's own folder remembers of a store's audit log, so that an older copy put back is noticed.

Small files outside the operation's folder: `<operation id>.json` has the newest entry and the newest signed head,
by number and hash; `key-<key's id>.json` which operation the key was last used for. So a store that lost its log,
or was made anew, is noticed as well: the key stands beside it. Nothing of a recipient is in them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from gsmsend import guarding
from gsmsend.audit import stamp
from gsmsend.audit.short import Noted
from gsmsend.contract.heads import HeadRow, HeadView
from gsmsend.errors import GsmsendError, GuardStop, reason

_ID = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")
_LARGEST = 4096
_UNREADABLE = (OSError, ValueError, GsmsendError)
ACCEPT = "gsmsend verify --accept-older --because"
_REMEDY = (
    "Put the newest backup of the operation back first (gsmsend.db, with gsmsend.db-wal and gsmsend.db-shm if "
    f'they are there). Only if there is none: accept this one in your own name with {ACCEPT} "REASON", find out '
    "who was texted since, and suppress them before the next run."
)


class Log(HeadView, Protocol):
    """What is asked of a store: of which operation and key it is, and what its log has."""

    def operation_id(self) -> str:
        """The id in the log's first entry, "" while there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """Entries that the log had at that time: the newest one, and the newest signed head (None: none yet)."""

    newest: Noted
    head: Noted | None
    at: str

    @property
    def entries(self) -> list[Noted]:
        """What a store must have to be no older one."""
        return [self.newest] if self.head is None else [self.newest, self.head]


class Witness:
    """`folder` is the user's own state folder of gsmsend; it is made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "heads"

    def file(self, operation: str) -> Path | None:
        """Where an operation is remembered; None for an id that is none."""
        return self._folder / f"{operation}.json" if _ID.fullmatch(operation) else None

    def key_file(self, key: str) -> Path | None:
        """Where it is remembered which operation a key was used for; None for an id that is none."""
        return self._folder / f"key-{key}.json" if _ID.fullmatch(key) else None

    def seen(self, operation: str) -> Seen | None:
        """What is remembered, None if that is nothing. Raises GuardStop, OSError, ValueError."""
        found = _read(self.file(operation))
        if found is None:
            return None
        try:
            head = found.get("head")
            return Seen(_noted(found["newest"]), _noted(head) if head is not None else None, str(found["at"]))
        except (KeyError, TypeError):
            raise _spoiled() from None

    def operation_of(self, key: str) -> str:
        """The operation that a key was last used for, "" if nobody knows. Raises as `seen` does."""
        found = _read(self.key_file(key))
        if found is None:
            return ""
        operation = found.get("operation")
        if not isinstance(operation, str) or not _ID.fullmatch(operation):
            raise _spoiled()
        return operation

    def check(self, store: Log) -> str:
        """Raise GuardStop if the store is older than what is remembered of it; why nobody can tell, else empty."""
        operation = store.operation_id()
        known, problem = self._known(store.key_id(), operation)
        try:
            seen = self.seen(known)
        except _UNREADABLE as error:
            seen, problem = None, self._unusable("read", error)
        if known != operation:
            raise another(operation, known, seen)
        for noted in seen.entries if seen is not None else ():
            if not store.has_entry(noted):
                raise older(store, noted, seen.at if seen is not None else "")
        return problem

    def keep(self, store: Log, head: HeadRow | None, now_s: float) -> str:
        """Remember how far the log has come; why it could not be, empty if it is. On disk when it returns.

        Raises GuardStop, and leaves what is remembered as it is, if the store lacks any of it: it is an older copy
        or another log, whoever asks.
        """
        # What cannot be read is told, and replaced: nothing can be held against it.
        problem = self.check(store)
        return self.accept(store, head, now_s) or problem

    def accept(self, store: Log, head: HeadRow | None, now_s: float) -> str:
        """Remember the store as it is, whatever was remembered; why it could not be, empty if it is."""
        operation, newest = store.operation_id(), store.newest_entry()
        file, key_file = self.file(operation), self.key_file(store.key_id())
        if file is None or newest is None:
            return ""
        last = head or store.last_head()
        signed = Noted(last.n, last.hash) if last is not None else None
        try:
            if not self._knows(operation, newest, signed):
                _write(file, {"at": stamp(now_s), "newest": _pair(newest), "head": _pair(signed)})
            if key_file is not None and not self._is_of(store.key_id(), operation):
                _write(key_file, {"operation": operation})
        except (OSError, GsmsendError) as error:
            return self._unusable("written", error)
        return ""

    def noted(self, store: Log) -> tuple[Seen | None, str]:
        """What is remembered of the operation of this store's key; why nobody can tell, else empty."""
        known, problem = self._known(store.key_id(), store.operation_id())
        try:
            return self.seen(known), problem
        except _UNREADABLE as error:
            return None, self._unusable("read", error)

    def _known(self, key: str, operation: str) -> tuple[str, str]:
        """The operation to look for: that of the key, else the store's own; why nobody can tell, else empty."""
        try:
            return self.operation_of(key) or operation, ""
        except _UNREADABLE as error:
            return operation, self._unusable("read", error)

    def _knows(self, operation: str, newest: Noted, head: Noted | None) -> bool:
        try:
            seen = self.seen(operation)
        except _UNREADABLE:
            return False
        return seen is not None and (seen.newest, seen.head) == (newest, head)

    def _is_of(self, key: str, operation: str) -> bool:
        try:
            return self.operation_of(key) == operation
        except _UNREADABLE:
            return False

    def _unusable(self, what: str, error: Exception) -> str:
        why = reason(error) if isinstance(error, OSError) else str(error)
        return (
            f"what is remembered of this operation in {self._folder} cannot be {what}: {why}. An older copy of "
            "the store that is put back is then noticed only by the heads in your notebook"
        )


def older(store: HeadView, noted: Noted, at: str) -> GuardStop:
    """Why nothing is sent from a store that lacks an entry which was there."""
    newest = store.newest_entry()
    ends = newest.number if newest is not None else 0
    if ends < noted.number:
        what = f"its audit log ends at entry {ends}; on {_day(at)} it had {noted.number}"
    else:
        what = f"entry {noted.number} of its audit log is not the one that was there on {_day(at)}"
    return _stop(
        f"this operation's store is not the newest one: {what}. An older copy was put back, or the log was changed"
    )


def another(operation: str, known: str, seen: Seen | None) -> GuardStop:
    """Why nothing is sent from a store that has another log than the operation of its key had, or none."""
    has = f"this store has another, with id {operation[:8]}" if operation else "this store has none"
    upto = f" up to entry {seen.newest.number} on {_day(seen.at)}" if seen is not None else ""
    return _stop(
        "this operation's store is not the newest one: the operation of this key had a log with id "
        f"{known[:8]}{upto}; {has}. A copy from before that log was put back, or the store was made anew"
    )


def _stop(what: str) -> GuardStop:
    return GuardStop(
        f"{what}. People may have been texted since, and would be texted again; nothing was sent", remedy=_REMEDY
    )


def _day(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"


def _read(file: Path | None) -> dict[str, Any] | None:
    if file is None:
        return None
    guarding.check_file(file)
    try:
        with file.open("rb") as stream:
            found = json.loads(stream.read(_LARGEST))
    except FileNotFoundError:
        return None
    except RecursionError:
        raise _spoiled() from None
    if not isinstance(found, dict):
        raise _spoiled()
    return found


def _write(file: Path, words: dict[str, object]) -> None:
    guarding.make_folder(file.parent)
    guarding.replaced(file, json.dumps(words).encode("ascii"), synced=True)


def _pair(noted: Noted | None) -> list[object] | None:
    return [noted.number, noted.begins] if noted is not None else None


def _noted(value: list[object]) -> Noted:
    number, found = value
    if type(number) is not int or number < 1 or not isinstance(found, str) or not _HASH.fullmatch(found):
        raise _spoiled()
    return Noted(number, found)


def _spoiled() -> ValueError:
    return ValueError("it is not as gsmsend wrote it")
