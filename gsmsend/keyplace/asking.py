"""How a passphrase is had: from a person at the terminal, from a file, or not at all."""

from __future__ import annotations

from typing import Protocol

from gsmsend.errors import KeyStop


class Asker(Protocol):
    """Has passphrases. One serves a whole command, so that nobody is asked twice for the same."""

    up_front: bool
    """The command needs the key: ask before anything else happens, not in the midst of it."""
    opened: dict[str, bytes]
    """Keys that were opened in this command, by their ids."""

    @property
    def able(self) -> bool:
        """Whether there is a person or a file to have one from."""
        ...

    @property
    def tries(self) -> int:
        """How often a wrong one may be followed by another."""
        ...

    def known(self, what: str) -> str:
        """The passphrase of `what`, which is under one. Raises KeyStop if it cannot be had."""
        ...

    def new(self, what: str) -> str:
        """A passphrase to put `what` under. Raises KeyStop if it cannot be had, UsageError if it is too short."""
        ...

    def tell(self, words: str) -> None:
        """A line for people."""
        ...


class Nobody:
    """There is no way to ask."""

    up_front = False
    able = False
    tries = 1

    def __init__(self) -> None:
        self.opened: dict[str, bytes] = {}

    def known(self, what: str) -> str:
        """Raises KeyStop."""
        raise no_way(what)

    def new(self, what: str) -> str:
        """Raises KeyStop."""
        raise no_new(what)

    def tell(self, words: str) -> None:
        """Nobody hears it."""


def no_way(what: str) -> KeyStop:
    """What is said where a passphrase is needed and cannot be asked for."""
    return KeyStop(
        f"the passphrase of {what} is needed, and cannot be asked for: this is no terminal",
        remedy="Type the command at a terminal, or give the passphrase in a file of your own: "
        "--passphrase-file FILE (for a service: passphrase_file under [key] in gsmsend.toml).",
    )


def no_new(what: str) -> KeyStop:
    """What is said where a new passphrase is needed and cannot be asked for."""
    return KeyStop(
        f"a new passphrase for {what} is needed, and cannot be asked for: this is no terminal",
        remedy="Type the command at a terminal, or give the passphrase in a file of your own: "
        "--new-passphrase-file FILE (when the key is made: passphrase_file under [key] in gsmsend.toml).",
    )


NOBODY = Nobody
