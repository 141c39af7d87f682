"""From one place to another, into a backup and out of one: at no moment is there no usable key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path

from gsmsend.errors import KeyStop, UsageError, reason
from gsmsend.keyplace import files
from gsmsend.keyplace.envelope import LARGEST, LENGTH, Envelope, Place
from gsmsend.keyplace.keeper import Keeper


def id_of(octets: bytes) -> str:
    """An id for a key, by which its place finds it wherever the operation's folder lies.

    From the key itself, of which it says nothing: a move that was cut off finds what it left.
    """
    return hmac.new(octets, b"gsmsend key id 1", hashlib.sha256).hexdigest()[:32]


def move(
    path: Path, keeper: Keeper, octets: bytes, was: Envelope | None, to: Place, record: Callable[[], None]
) -> Envelope:
    """Keep the key of the file `path` in the place `to`; what `path` says from then on.

    First it is in the new place, and comes back from there; then `path` says so, in one step; then it is on
    record; then it is taken away from the old place. Cut off anywhere, the same again finishes it.
    Raises KeyStop, StoreError, UsageError.
    """
    key_id = was.key_id if was is not None else id_of(octets)
    envelope = keeper.put(to, key_id, octets)
    files.replace(path, envelope.octets)
    again = files.read(path, LARGEST)
    if again != envelope.octets:
        raise KeyStop(
            f"{path} does not read as it was just written; the key is still in its old place too",
            remedy=f"Give the same command again: gsmsend key move {to.value}",
        )
    record()
    files.tidy(path)
    if to is Place.HOME:
        keeper.home.drop(key_id, but_here=True)
    for old in (Place.KEYRING, Place.HOME):
        if old is not to:  # also a place that it was never in for long: a move there may have been cut off
            _leave(keeper, old, key_id, needed=was is not None and was.place is old)
    return envelope


def _leave(keeper: Keeper, old: Place, key_id: str, *, needed: bool) -> None:
    """Take it away; where an earlier move may have left it, as far as that place can be asked."""
    try:
        keeper.drop(old, key_id)
    except KeyStop as problem:
        if not needed:
            return
        raise KeyStop(
            f"the key is in its new place, but is still in the old one: {problem}", remedy=problem.remedy
        ) from None


def back_up(file: Path, key_id: str, octets: bytes, passphrase: str) -> None:
    """Write the key, under a passphrase of its own, into a new file. Raises UsageError."""
    try:
        files.write_new(file, Envelope.under(passphrase, key_id, octets, backup=True).octets)
    except FileExistsError:
        raise UsageError(f"{file} is there already; it was left as it is", remedy="Name another file.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {reason(error)}", remedy="Name another file.") from None


def read_backup(file: Path) -> Envelope:
    """What `gsmsend key backup` wrote, still sealed. Raises UsageError, KeyStop."""
    found = files.read(file, LARGEST, what="the backup of the operation's key", trusted=True)
    if found is None:
        raise UsageError(f"{file} is not there", remedy="Name the file that 'gsmsend key backup' wrote.")
    try:
        envelope = Envelope.of(found) if len(found) <= LARGEST else None
    except ValueError:
        envelope = None
    if envelope is None or not envelope.backup:
        raise UsageError(
            f"{file} is no backup of an operation's key, or it is damaged",
            remedy="Name the file that 'gsmsend key backup' wrote.",
        )
    return envelope


def put_back(
    path: Path, keeper: Keeper, octets: bytes, key_id: str, to: Place, record: Callable[[], None]
) -> None:
    """Keep a key that came out of a backup in the place `to`, for the operation of the file `path`.

    Raises KeyStop if that file is of another key, and as `move` does.
    """
    found = files.read(path, LARGEST, trusted=True)
    if found is not None and len(found) == LENGTH and found != octets:
        raise _others(path)
    if found is not None and len(found) > LENGTH:
        try:
            there = Envelope.of(found)
        except ValueError:
            there = None  # damaged: that is what a backup is for
        if there is not None and not there.fits(octets):
            raise _others(path)
        key_id = there.key_id if there is not None else key_id
    envelope = keeper.put(to, key_id, octets)
    if found is None:
        files.write_new(path, envelope.octets)
    else:
        files.replace(path, envelope.octets)
    record()
    files.tidy(path)


def _others(path: Path) -> KeyStop:
    return KeyStop(
        f"that is a backup of another operation's key; {path} is of this one's, and was left as it is",
        remedy="Name the backup that was made of this operation.",
    )
