"""Opening an operation for a command: its settings and store, closed again whatever happens."""

from __future__ import annotations

import getpass
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gsmsend import config, guarding, wiring
from gsmsend.audit import Kind
from gsmsend.cli import access, edge, timekeeping, unlocking
from gsmsend.cli.options import loud, say, tell
from gsmsend.config import Settings
from gsmsend.contract import HostState, LeaseView, Store, StoreView
from gsmsend.errors import StoreError
from gsmsend.masking import mask_number
from gsmsend.model import State

CAMPAIGN = "main"
"""The one campaign of an operation so far: the same number and text in it is queued once, whatever the file."""


def settings_of(folder: Path) -> Settings:
    """The operation's settings. Raises UsageError or ConfigError.

    Raises GuardStop if its folder is not its user's own, or if the command is not for whoever signed in.
    """
    guarding.check_operation(folder)
    edge.remember(folder)
    settings = config.load(folder)
    wiring.ask_with(unlocking.asker)
    access.check(settings)
    return settings


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Settings, Store]]:
    """The operation's settings and store.

    Raises UsageError, ConfigError, StoreError, or GuardStop: the store is an older copy.
    """
    settings = settings_of(folder)
    store = wiring.open_store(settings)
    try:
        timekeeping.mind(store)
        yield settings, store
    finally:
        store.close()


@contextmanager
def opened_anyway(folder: Path) -> Iterator[tuple[Settings, Store]]:
    """The same, also of an older copy of the store: what is done to it is harmless, or must not wait."""
    settings = settings_of(folder)
    store = wiring.open_store(settings, older_stops=False)
    try:
        yield settings, store
    finally:
        store.close()


@contextmanager
def looked_at(folder: Path, *, older_told: bool = False) -> Iterator[tuple[Settings, StoreView]]:
    """The operation's settings and store for a command that only reads: nothing in its folder is changed.

    That the store is an older copy is told on stderr, unless the command tells it itself. Raises UsageError,
    ConfigError or StoreError.
    """
    settings = settings_of(folder)
    store = wiring.open_view(settings)
    try:
        if not older_told and (words := wiring.older(settings, store)):
            say(loud(words))
        yield settings, store
    finally:
        store.close()


def tell_older(older: str) -> None:
    """In the first line of a command that only reads: the store is an older copy. Nothing if it is none."""
    if older:
        tell(loud(older))


@contextmanager
def numbers_shown(folder: Path, *, unmask: bool, what: str) -> Iterator[tuple[StoreView, NumberView]]:
    """The store to look at, and how it shows numbers. To show them in full is recorded first: that is a change."""
    settings = settings_of(folder)
    if unmask:
        access.may_unmask()
        who = access.signed_in() or person()
        try:
            store = wiring.open_store(settings, older_stops=False)
        except StoreError as error:
            if os.access(settings.folder, os.W_OK) and settings.store_is_writable:
                raise
            raise StoreError(
                f"numbers are not shown in full: that is recorded in {settings.store_named}, which may not be "
                "written to",
                remedy="Leave out --unmask, or copy the operation's folder to where you may write.",
            ) from error
        try:
            record_unmasking(store, what)
        finally:
            store.close()
        say(f"Numbers are shown in full. This is recorded, with the name {who}.")
    with looked_at(folder, older_told=True) as (_, view):
        yield view, NumberView(full=unmask, older=wiring.older(settings, view))


def record_unmasking(store: Store, what: str) -> None:
    """Put on record that numbers are about to be shown in full, by whom and by which command. Raises GuardStop."""
    access.may_unmask()
    officer = access.signed_in()
    by = {"officer": officer} if officer else {"login": person()}
    store.record_now(Kind.UNMASK, {**by, "command": what}, time.time())


def sent_in_part(store: StoreView) -> int:
    """How many texts failed after some of their parts had gone out."""
    return sum(row.sent_in_part for row in store.messages(State.FAILED, closed=True))


def run_going_on(settings: Settings, store: LeaseView | None = None) -> str:
    """Who runs this operation now, or nothing: on this computer, and as its store knows on other hosts."""
    here = _run_here(settings)
    if store is None or not store.leases_expire:
        return here
    own = settings.host or platform.node()
    others = [row.name for row in store.hosts() if row.state is HostState.UP and not (here and row.name == own)]
    if not others:
        return here
    named = f"host{'s' if len(others) > 1 else ''} {', '.join(others)}"
    return f"{here}; and {named}" if here else named


def _run_here(settings: Settings) -> str:
    """Who runs it from this folder. Read only: a probe of the lock could win it."""
    try:
        said = json.loads((settings.folder / "run.holder").read_text(encoding="utf-8"))
        pid, who = int(said["pid"]), f"process {said['pid']} on {said['host']}, since {said['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    if os.name == "posix" and said["host"] == platform.node():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:  # killed: it could not take its note away
            return ""
        except OSError:
            return who
    return who


def person() -> str:
    """Who works here: the login of the officer who signed in, else who sits at this machine."""
    officer = access.Session.officer
    return officer.login if officer is not None else login_name()


def login_name() -> str:
    """Who sits at this machine, as the operating system knows them."""
    try:
        return account()
    except (OSError, KeyError):  # no entry for this user, as in some containers
        return "unknown"


def account() -> str:
    """The user's name by the system's list: LOGNAME and USER say whatever one wants. Raises KeyError."""
    if sys.platform == "win32":
        return getpass.getuser()
    import pwd  # noqa: PLC0415 - Windows has none

    return pwd.getpwuid(os.getuid()).pw_name


class NumberView:
    """How numbers are shown: masked, or in full once it is on record who asked for it.

    `older` says, in words, that the store is an older copy; "" if it is none.
    """

    def __init__(self, *, full: bool, older: str = "") -> None:
        self._full = full
        self.older = older

    def __call__(self, number: str) -> str:
        """A number as it may be shown."""
        return number if self._full else mask_number(number)
