"""What this user's own folder remembers of a store's audit log, so that an older copy put back is noticed.

One small file an operation, outside the operation's folder: the newest signed head, and the newest entry.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gsmsend import guarding
from gsmsend.audit import stamp
from gsmsend.audit.short import Noted
from gsmsend.contract.heads import HeadRow, HeadView
from gsmsend.errors import GsmsendError, GuardStop, reason

_ID = re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")
_LARGEST = 4096
ACCEPT = "gsmsend verify --accept-older --because"


class _Log(HeadView, Protocol):
    def operation_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """Entries that the log had at that time: the newest one, and the newest signed head (None: none yet)."""

    newest: Noted
    head: Noted | None
    at: str


class Witness:
    """`folder` is the user's own state folder of gsmsend; it is made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "heads"

    def file(self, operation: str) -> Path | None:
        """Where an operation is remembered; None for an id that is none."""
        return self._folder / f"{operation}.json" if _ID.fullmatch(operation) else None

    def seen(self, operation: str) -> Seen | None:
        """What is remembered, None if that is nothing. Raises GuardStop, OSError, ValueError."""
        file = self.file(operation)
        if file is None:
            return None
        guarding.check_file(file)
        try:
            with file.open("rb") as stream:
                found = json.loads(stream.read(_LARGEST))
            head = found.get("head")
            return Seen(_noted(found["newest"]), _noted(head) if head is not None else None, str(found["at"]))
        except FileNotFoundError:
            return None
        except (KeyError, TypeError, AttributeError, RecursionError):
            raise ValueError("it is not as gsmsend wrote it") from None

    def keep(self, store: _Log, head: HeadRow | None, now_s: float) -> str:
        """Remember how far the log has come; why it could not be, empty if it is."""
        operation, newest = store.operation_id(), store.newest_entry()
        file = self.file(operation)
        if file is None or newest is None:
            return ""
        last = head or store.last_head()
        words = {
            "at": stamp(now_s), "newest": [newest.number, newest.begins],
            "head": [last.n, last.hash] if last is not None else None,
        }  # fmt: skip
        try:
            guarding.make_folder(self._folder)
            guarding.replaced(file, json.dumps(words).encode("ascii"))
        except OSError as error:
            return _unusable(file, "written", reason(error))
        except GsmsendError as error:
            return _unusable(file, "written", str(error))
        return ""

    def check(self, store: _Log) -> str:
        """Raise GuardStop if the store is older than what is remembered of it; why nobody can tell, else empty."""
        seen, problem = self._look(store)
        for noted in filter(None, (seen.newest, seen.head)) if seen is not None else ():
            if not store.has_entry(noted):
                raise older(store, noted, seen.at if seen is not None else "")
        return problem

    def noted(self, store: _Log) -> tuple[list[Noted], str]:
        """The entries that are remembered; why nobody can tell, else empty."""
        seen, problem = self._look(store)
        return list(filter(None, (seen.newest, seen.head))) if seen is not None else [], problem

    def _look(self, store: _Log) -> tuple[Seen | None, str]:
        operation = store.operation_id()
        try:
            return self.seen(operation), ""
        except OSError as error:
            return None, _unusable(self._folder, "read", reason(error))
        except (ValueError, GsmsendError) as error:
            return None, _unusable(self.file(operation) or self._folder, "read", str(error))


def older(store: HeadView, noted: Noted, at: str) -> GuardStop:
    """Why nothing is sent from a store that lacks an entry which was there."""
    newest = store.newest_entry()
    ends, day = newest.number if newest is not None else 0, f"{at[:16].replace('T', ' ')} UTC"
    if ends < noted.number:
        what = f"its audit log ends at entry {ends}; on {day} it had {noted.number}"
    else:
        what = f"entry {noted.number} of its audit log is not the one that was there on {day}"
    return GuardStop(
        f"this operation's store is not the newest one: {what}. An older copy was put back, or the log was "
        "changed. People may have been texted since, and would be texted again; nothing was sent",
        remedy="Put the newer store back (gsmsend.db, with gsmsend.db-wal and gsmsend.db-shm if they are there). "
        "If it is lost for good: find out who was texted since, suppress them, then accept this one in your own "
        f'name: {ACCEPT} "REASON"',
    )


def _noted(value: list[object]) -> Noted:
    number, found = value
    if type(number) is not int or number < 1 or not isinstance(found, str) or not _HASH.fullmatch(found):
        raise ValueError("it is not as gsmsend wrote it")
    return Noted(number, found)


def _unusable(file: Path, what: str, why: str) -> str:
    return (
        f"what is remembered of this operation in {file} cannot be {what}: {why}. An older copy of the store that "
        "is put back is then noticed only by the heads in your notebook"
    )
