"""Moving an operation's store to a server or into its file, and ending a move that was cut off."""

from __future__ import annotations

import json
import tomllib
from contextlib import closing, suppress
from dataclasses import dataclass, replace

from gsmsend import about
from gsmsend.config import FILE, Settings
from gsmsend.errors import GsmsendError, UsageError
from gsmsend.store import moving
from gsmsend.store.copying import Tell
from gsmsend.store.engine import is_there
from gsmsend.store.journal import Journal
from gsmsend.store.moving import Ends, Moved
from gsmsend.store.moving_marks import Kind, Mark
from gsmsend.store.seals import Seals
from gsmsend.store.server import StorePlace, parse
from gsmsend.wiring import opening
from gsmsend.wiring.holding import operation_lock
from gsmsend.wiring.keys import opened_key

EMBEDDED = "sqlite"
"""How the file in the operation's folder is named on the command line."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is, and the line of gsmsend.toml that says so."""

    place: StorePlace
    url: str

    @property
    def line(self) -> str:
        """What stands under [operation]."""
        return f"store = {json.dumps(self.url)}"


def place_of(settings: Settings) -> Place:
    """Where gsmsend.toml says that the store is."""
    return Place(opening.store_place(settings), settings.store)


def move_store(settings: Settings, to: str, *, person: str, now_s: float, tell: Tell) -> tuple[Moved, Place]:
    """Move the store to a URL, or into the file (EMBEDDED); what was moved, and where it is now.

    Raises UsageError for a place that is none, GuardStop if it may not be moved now, StoreError.
    """
    here, there = place_of(settings), _named(settings, to)
    if here.url == there.url:
        raise UsageError(f"the store is there already: {here.place}", remedy="Name another place.")
    with operation_lock(settings):
        if not is_there(here.place):
            raise UsageError(
                "there is no store yet, so it cannot be moved: the first import makes one",
                remedy=f"To have it made there, write under [operation] in {FILE}: {there.line}",
            )
        with closing(opening.open_store(settings)):
            pass  # it is the newest one, of the newest schema
        key = opened_key(settings)
        journal = Journal(key, Seals(key), about.session(settings), lambda: about.config(settings))
        ends = Ends(here.place, there.place, here.line, there.line)
        moved = moving.move(ends, journal, key, person=person, now_s=now_s, tell=tell)
        with closing(opening.open_store(replace(settings, store=there.url))):
            pass  # it is remembered how far the log has come
    return moved, there


def ended(settings: Settings, place: StorePlace, mark: Mark) -> bool:
    """Whether the store that arrives in this place is the operation's: its move was decided, and is ended now."""
    if mark.kind is not Kind.ARRIVING:
        return False
    with suppress(GsmsendError, OSError, ValueError, KeyError):
        before = str(tomllib.loads(mark.other)["store"])
        return moving.finish(opening.store_place(replace(settings, store=before)), place)
    return False


def _named(settings: Settings, to: str) -> Place:
    if to == EMBEDDED:
        return Place(settings.store_path, "")
    try:
        parse(to)
    except ValueError as error:
        raise UsageError(f"--to: expected {EMBEDDED}, or {error}") from None
    return Place(opening.store_place(replace(settings, store=to)), to)
