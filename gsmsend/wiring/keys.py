"""Where the key of an operation is, and how its passphrase is had."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gsmsend import guarding
from gsmsend.config import FILE, Keep, Settings
from gsmsend.errors import ConfigError
from gsmsend.keyplace import NOBODY, Asker, Home, Keeper, Place, own_folder
from gsmsend.store.key import NAME, OperationKey

_KEPT = {
    Keep.AUTO: None,
    Keep.KEYRING: Place.KEYRING,
    Keep.PASSPHRASE: Place.PASSPHRASE,
    Keep.HOME: Place.HOME,
}


BEGUN = "operation.key.begun"
_BEGUN = b"""Somebody began to choose a passphrase for the key of this operation, and there is no key yet.
It goes under a passphrase, or where keep under [key] in gsmsend.toml says.
"""


def _nobody(_settings: Settings) -> Asker:
    return NOBODY()


_asking: Callable[[Settings], Asker] = _nobody


def ask_with(asking: Callable[[Settings], Asker]) -> None:
    """Passphrases are had like this from now on; without it nobody is asked."""
    global _asking  # noqa: PLW0603 - one process is one command
    _asking = asking


def keeper_of(settings: Settings) -> Keeper:
    """Where and how this operation's key is kept. Raises ConfigError for a folder that is the operation's own."""
    what = f"the operation {settings.name}"
    keep = _KEPT[settings.key.keep]
    if keep is None and passphrase_begun(settings.folder):
        # Whoever gives the next command, and from wherever: it must not end in clear in a home folder.
        keep = Place.PASSPHRASE
    return Keeper(what, _home(settings), keep, settings.lab, _asking(settings))


def passphrase_begun(folder: Path) -> bool:
    """Whether somebody began to choose a passphrase for the key of this operation, and there is no key yet."""
    return (folder / BEGUN).exists() and not (folder / NAME).exists()


def begin_passphrase(folder: Path) -> None:
    """Remember that somebody is about to choose a passphrase for a key that is not there yet."""
    if not (folder / NAME).exists():
        with suppress(OSError):  # then no key can be made there either
            guarding.replaced(folder / BEGUN, _BEGUN)


def end_passphrase(folder: Path) -> None:
    """The key is there, under its passphrase: nothing is to be remembered."""
    with suppress(OSError):
        if (folder / NAME).exists():
            (folder / BEGUN).unlink(missing_ok=True)


def key_of(settings: Settings) -> OperationKey:
    """The operation's key, which nothing is asked for yet. Raises ConfigError as `keeper_of` does."""
    key = OperationKey(settings.folder / NAME, keeper_of(settings))
    key.shared_in = settings.store
    return key


def opened_key(settings: Settings) -> OperationKey:
    """The operation's key, asked for at once where the command needs it. Raises KeyStop."""
    keeper, key = keeper_of(settings), key_of(settings)
    if keeper.asker.up_front and key.open(needed=False):
        key.unlock()
    return key


def _home(settings: Settings) -> Home:
    own = own_folder() / "operations"
    # systemd hands a service what it may know in a folder of its own (systemd.exec(5), LoadCredential=).
    told = os.environ.get("CREDENTIALS_DIRECTORY", "")
    given = Path(told) if told.startswith("/") else None
    if not settings.key.folder:
        return Home(own, given=given)
    named = settings.folder / Path(settings.key.folder).expanduser()
    if named.resolve().is_relative_to(settings.folder.resolve()):
        raise ConfigError(
            f"{settings.folder / FILE}: key.folder = {settings.key.folder!r}: that is in the operation's own "
            "folder, beside the store; expected a folder apart from it",
            remedy="Name one on another disk, or leave it empty for the user's own folder.",
        )
    return Home(named, (own,), given)
