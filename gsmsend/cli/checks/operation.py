"""The operation: its folder and its store."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from gsmsend import transcripts, wiring
from gsmsend.cli.checks import Finding, Level
from gsmsend.cli.operation import run_going_on
from gsmsend.config import Settings
from gsmsend.errors import GsmsendError


def folder(place: Path) -> Iterator[Finding]:
    """Whether it can be written, and only its owner can read it."""
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            Level.BAD,
            "folder",
            f"{place} cannot be written to",
            f"Make it yours: sudo chown -R $USER {place}",
            exit_code=5,
        )
        return
    if os.name == "posix" and stat.S_IMODE(place.stat().st_mode) & 0o077:
        yield Finding(
            Level.NOTE,
            "folder",
            f"other users of this computer can look into {place}",
            f"Close it: chmod 700 {place}",
        )
        return
    yield Finding(Level.OK, "folder", f"{place.resolve()} can be written to, and only by you")


def newest(settings: Settings) -> Iterator[Finding]:
    """Whether the store is the newest one, as far as this user knows; said only if it is not."""
    try:
        with closing(wiring.open_view(settings)) as opened:
            words = wiring.older(settings, opened)
    except GsmsendError:
        return  # the check of the store says so
    if words:
        what, _, todo = words.partition("; nothing was sent. ")
        yield Finding(Level.BAD, "older store", what, todo, exit_code=5)


def in_use(settings: Settings) -> Iterator[Finding]:
    """Whether a run is going on: then its modems are busy and must not be asked."""
    if who := run_going_on(settings):
        words = f"this operation is in use by {who}"
        yield Finding(Level.NOTE, "in use", words, "Its modems are not asked. See: gsmsend status")


def store(settings: Settings) -> Iterator[Finding]:
    """Whether the store opens and its counts can be read; a missing one is made by the first import."""
    if not settings.may_have_store and not transcripts.of_runs(settings):
        yield Finding(Level.OK, "store", "no store yet: the first import makes it")
        return
    try:
        opened = wiring.open_view(settings)
        try:
            texts = sum(opened.totals().values())
        finally:
            opened.close()
    except GsmsendError as error:
        yield Finding(Level.BAD, "store", str(error), error.remedy, exit_code=error.exit_code)
        return
    name = settings.store or settings.store_path.name
    yield Finding(Level.OK, "store", f"the store {name} opens; it has {texts:,} texts")
