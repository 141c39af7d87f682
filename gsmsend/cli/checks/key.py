"""The operation's key: where it is kept, and whether it is still there. Nobody is asked for anything."""

from __future__ import annotations

import os
from collections.abc import Iterator

from gsmsend import wiring
from gsmsend.cli.checks import Finding, Level
from gsmsend.cli.options import where
from gsmsend.config import Settings
from gsmsend.errors import GsmsendError
from gsmsend.keyplace import Keeper, Place, files, ring
from gsmsend.store.key import OperationKey


def kept(settings: Settings) -> Iterator[Finding]:
    """Where it is, who can read it there, and what to do about that."""
    try:
        keeper, key = wiring.keeper_of(settings), wiring.key_of(settings)
        yield from _found(settings, keeper, key)
    except GsmsendError as error:
        yield Finding(Level.BAD, "key", str(error), error.remedy, exit_code=error.exit_code)


def _found(settings: Settings, keeper: Keeper, key: OperationKey) -> Iterator[Finding]:
    here, place = where(settings.folder), key.place
    if files.left_over(key.path):
        yield Finding(
            Level.BAD,
            "key",
            f"moving the key was cut off: what was in {key.path.name} before is still beside the store",
            f"Finish it: gsmsend key move {place or Place.HOME}{here}",
        )
    if place is None:
        yield Finding(Level.OK, "key", "no key yet: the first import makes it")
    elif place is Place.FOLDER:
        yield Finding(
            Level.NOTE,
            "key",
            "the operation's key lies beside the store in clear: whoever has a copy of this folder can read all "
            "numbers and texts in it",
            f"Move it: gsmsend key move keyring{here}   (or passphrase, or home)",
        )
    elif place is Place.HOME:
        yield _at_home(keeper, key, here)
    elif place is Place.KEYRING and not ring.there():
        yield Finding(
            Level.BAD,
            "key",
            "the operation's key is in the keyring of a login, and there is no keyring here",
            "Log in to the desktop as the user who made the operation. If it is gone: gsmsend key restore "
            f"FILE{here}",
            exit_code=5,
        )
    else:
        yield Finding(Level.OK, "key", f"the operation's key is {keeper.where(place)}")


def _at_home(keeper: Keeper, key: OperationKey, here: str) -> Finding:
    words = f"the operation's key is {keeper.where(Place.HOME, key.key_id)}"
    found = keeper.home.found(key.key_id)
    if found is None or not os.access(found, os.R_OK):
        gone = "is gone" if found is None else "may not be read by you"
        return Finding(
            Level.BAD,
            "key",
            f"the operation's key {keeper.home.file(key.key_id)} {gone}",
            f"Put it back from a copy, or from a backup: gsmsend key restore FILE{here}",
            exit_code=5,
        )
    if keeper.lab or keeper.keep is Place.HOME:
        return Finding(Level.OK, "key", words)
    return Finding(
        Level.NOTE,
        "key",
        f"{words}; whoever has this user's disk can read it",
        f"Better: gsmsend key move keyring{here}   (or passphrase)",
    )
