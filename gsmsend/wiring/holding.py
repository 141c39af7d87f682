"""One run at a time holds an operation."""

from __future__ import annotations

import json
import os
import platform
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from gsmsend import guarding
from gsmsend.config import Settings
from gsmsend.errors import GuardStop, PlaceStop, reason


@contextmanager
def operation_lock(settings: Settings) -> Iterator[None]:
    """Hold the operation: one run at a time. Raises GuardStop that names the holder.

    The lock is the operating system's, so it ends with its process however that ends.
    """
    lock = FileLock(settings.folder / "run.lock", mode=0o600)
    holder = settings.folder / "run.holder"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        try:
            said = json.loads(holder.read_text(encoding="utf-8"))
            who = f"process {said['pid']} on {said['host']}, since {said['since']}"
        except (OSError, ValueError, KeyError):
            who = "another gsmsend"
        raise GuardStop(
            f"this operation is in use by {who}",
            remedy="Wait until it has ended, or stop it (Ctrl-C in its window).",
        ) from None
    except OSError as error:
        raise _folder_shut(settings, error) from None
    try:
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        try:
            noted = {"pid": os.getpid(), "host": platform.node(), "since": since}
            guarding.replaced(holder, json.dumps(noted).encode("ascii"))
        except OSError as error:
            raise _folder_shut(settings, error) from None
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def place_mark(settings: Settings) -> str:
    """A hash of where a run is, by which another run there is known to be over once its lock is had.

    Of this start of this computer and this folder: two computers of one name, or two copies of one folder, differ.
    """
    try:
        start = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        start = f"{uuid.getnode():x}"
    found = settings.folder.resolve().stat()
    return sha256(f"{start}:{found.st_dev}:{found.st_ino}".encode()).hexdigest()[:32]


def _folder_shut(settings: Settings, error: OSError) -> PlaceStop:
    why = reason(error)
    return PlaceStop(
        f"the operation's folder {settings.folder} cannot be written to: {why}",
        remedy="Nothing was sent. Check the free space of that disk and your right to write to the folder, then "
        "give the same command again.",
    )
