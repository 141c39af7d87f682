"""Passphrases of operations' keys: asked for at the terminal once a command, or read from a file.

A command that needs the key has the option `unlocks`: then it is asked for before anything else happens. Secrets
come neither from arguments nor from the environment, which others on the computer may see.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gsmsend.cli.confirming import on_terminal
from gsmsend.cli.options import say
from gsmsend.config import Settings
from gsmsend.errors import KeyStop, UsageError, reason
from gsmsend.keyplace import NOBODY, Asker
from gsmsend.keyplace.asking import no_new, no_way
from gsmsend.wiring.keys import begin_passphrase, end_passphrase

F = TypeVar("F", bound=Callable[..., Any])
TRIES = 3
_GIVEN = "gsmsend.cli.unlocking.given"
_NEW = "gsmsend.cli.unlocking.new"
_LATER = "gsmsend.cli.unlocking.later"
_ASKER = "gsmsend.cli.unlocking.asker"
_LARGEST = 4096  # octets; a passphrase is one line
_FILE = click.Path(path_type=Path, dir_okay=False)


def _note(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    ctx.meta[_GIVEN] = value or ctx.meta.get(_GIVEN)  # a group's stands for its subcommand too


def _note_later(ctx: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    _note(ctx, parameter, value)
    ctx.meta[_LATER] = True


def _note_new(ctx: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    ctx.meta[_NEW] = value


def _option(name: str, note: Callable[[click.Context, click.Parameter, Path | None], None]) -> Callable[[F], F]:
    return click.option(
        name, "_passphrase_file", metavar="FILE", type=_FILE, expose_value=False, callback=note,
        help="A file whose first line is the passphrase of the operation's key, if it is under one.  "
        "[default: asked]",
    )  # fmt: skip


unlocks = _option("--passphrase-file", _note)
"""For a command that needs the operation's key."""
may_unlock = _option("--passphrase-file", _note_later)
"""For one that does less without it: nobody is asked before it is needed, and that it cannot be had is no end."""
also_unlocks = _option("--operation-passphrase-file", _note)
"""The same, for one whose --passphrase-file is for an officer's key."""
new_passphrase = click.option(
    "--new-passphrase-file", "_new_passphrase_file", metavar="FILE", type=_FILE, expose_value=False,
    callback=_note_new, help="A file whose first line is the new passphrase.  [default: asked, twice]",
)  # fmt: skip


def asker(settings: Settings) -> Asker:
    """Who asks in this command; the same one for an operation however often it is opened."""
    ctx = click.get_current_context(silent=True)
    if ctx is None:
        return NOBODY()
    askers: dict[Path, Passphrases] = ctx.meta.setdefault(_ASKER, {})
    folder = settings.folder.resolve()
    if folder not in askers:
        named = settings.key.passphrase_file
        file = ctx.meta.get(_GIVEN) or (settings.folder / Path(named).expanduser() if named else None)
        up_front = _GIVEN in ctx.meta and _LATER not in ctx.meta
        askers[folder] = Passphrases(folder, file, ctx.meta.get(_NEW), up_front=up_front)
    return askers[folder]


def new_file(ctx: click.Context) -> Path | None:
    """What --new-passphrase-file names."""
    found: Path | None = ctx.meta.get(_NEW)
    return found


class Passphrases:
    """gsmsend.keyplace.Asker of one command: `file` has the passphrase, `new_file` the one that is to come."""

    def __init__(self, folder: Path, file: Path | None, new_file: Path | None, *, up_front: bool) -> None:
        self.up_front = up_front
        self.opened: dict[str, bytes] = {}
        self._folder = folder
        self._file = file
        self._new_file = new_file
        self._file_is_used = False

    @property
    def able(self) -> bool:
        """Whether there is a file or a person."""
        return self._file is not None or self._new_file is not None or on_terminal()

    @property
    def tries(self) -> int:
        """A file does not change by being read again."""
        return 1 if self._file is not None else TRIES

    def known(self, what: str) -> str:
        """The passphrase of `what`. Raises KeyStop where it cannot be had."""
        if self._file is not None:
            self._file_is_used = True
            return first_line(self._file, self._folder)
        if not on_terminal():
            raise no_way(what)
        given: str = click.prompt(f"The passphrase of {what}", hide_input=True, err=True)
        return given

    def new(self, what: str) -> str:
        """One to put `what` under. Raises KeyStop where it cannot be had, UsageError for one that is too short."""
        file = self._new_file or (None if self._file_is_used else self._file)
        begin_passphrase(self._folder)
        ctx = click.get_current_context(silent=True)
        if ctx is not None:
            ctx.find_root().call_on_close(lambda: end_passphrase(self._folder))
        return new_one(what, file, self._folder)

    def tell(self, words: str) -> None:
        """On stderr."""
        say(words)


def new_one(what: str, file: Path | None, folder: Path) -> str:
    """A new passphrase from the file, or asked for twice. Raises KeyStop, UsageError."""
    from gsmsend.campaign.signing import LEAST_PASSPHRASE, check_passphrase  # noqa: PLC0415 - cryptography

    if file is not None:
        given = first_line(file, folder)
        check_passphrase(given)
        return given
    if not on_terminal():
        raise no_new(what)
    for more in reversed(range(TRIES)):
        asked: str = click.prompt(
            f"A new passphrase for {what} ({LEAST_PASSPHRASE} characters or more)",
            hide_input=True, confirmation_prompt=True, err=True,
        )  # fmt: skip
        try:
            check_passphrase(asked)
        except UsageError as short:
            if not more:
                raise
            say(short.words)
            continue
        return asked
    raise AssertionError("the last round returns or raises")


def _of_the_system(file: Path) -> bool:
    """Whether systemd handed the file to this service alone (LoadCredential=): its rights are the system's."""
    given = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return given.startswith("/") and file.parent == Path(given)


def first_line(file: Path, folder: Path) -> str:
    """The passphrase in a file. Raises KeyStop if there is none, or if it lies beside the store."""
    if file.resolve().is_relative_to(folder):
        raise KeyStop(
            f"{file} lies in the operation's own folder: whoever has the store has the passphrase too",
            remedy="Keep it elsewhere, such as in a folder of your own.",
        )
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            lines = stream.read(_LARGEST).decode("utf-8", "surrogateescape").removeprefix("\ufeff").splitlines()
    except OSError as error:
        raise KeyStop(
            f"the passphrase's file {file} cannot be read: {reason(error)}",
            remedy="Name the right one with --passphrase-file FILE, or under [key] in gsmsend.toml.",
        ) from None
    if os.name == "posix" and mode & 0o077 and not _of_the_system(file):
        say(f"{file} can be read by others: chmod 600 {file}")
    if not lines or not lines[0]:
        raise KeyStop(f"{file} is empty; expected the passphrase on its first line")
    return lines[0]
