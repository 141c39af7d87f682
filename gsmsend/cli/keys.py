"""Officers' key files: where they are, how they are made, read and asked about."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gsmsend import guarding
from gsmsend.cli.confirming import on_terminal
from gsmsend.cli.options import say
from gsmsend.errors import UsageError, reason
from gsmsend.keyplace import own_folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

F = TypeVar("F", bound=Callable[..., Any])
_LARGEST = 16_384
"""Octets; a key takes a few hundred."""

key_file = click.option(
    "--key",
    "key_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file of the officer's private key.  [default: in your own config folder]",
)
passphrase_file = click.option(
    "--passphrase-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file whose first line is the passphrase, for scripts.  [default: asked]",
)


@dataclass(frozen=True, slots=True)
class Public:
    """What one machine tells another of an officer: name, user name, public key (64 hex digits)."""

    officer: str
    login: str
    key: str

    @property
    def text(self) -> str:
        """As a file: two lines for people, then the key in PEM (RFC 7468 allows both)."""
        from gsmsend.campaign.signing import public_pem  # noqa: PLC0415 - cryptography takes a while

        return f"Officer: {self.officer}\nLogin: {self.login}\n{public_pem(self.key)}"


def folder() -> Path:
    """The user's own folder for officers' keys."""
    return own_folder() / "keys"


def place(officer: str) -> Path:
    """Where this officer's private key is by default. Raises UsageError for a name with no letter in it."""
    name = re.sub(r"[^\w]+", "-", officer.casefold()).strip("-_")
    if not name or len(name) > 100:
        raise UsageError(f'"{officer}" is no name; expected one such as "DC Example"')
    return folder() / f"{name}.pem"


def public_place(key: Path) -> Path:
    """Where the public key lies beside a private one."""
    return key.with_suffix(".pub")


def make(officer: str, login: str, key: Path, passphrase: str) -> Public:
    """A new key under a passphrase, only for this user to read. Raises UsageError; replaces no file."""
    from gsmsend.campaign.signing import check_passphrase, new_key, public_hex, to_pem  # noqa: PLC0415 - see above

    check_passphrase(passphrase)
    made = new_key()
    public = Public(officer, login, public_hex(made))
    _keep(key, to_pem(made, passphrase))
    _keep(public_place(key), public.text.encode())
    return public


def _keep(file: Path, octets: bytes) -> None:
    try:
        guarding.make_folder(file.parent)
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(octets)
    except FileExistsError:
        raise UsageError(
            f"{file} is there already; it was left as it is",
            remedy="Use it, or name another file with --key FILE.",
        ) from None
    except OSError as error:
        why = reason(error)
        raise UsageError(f"{file} cannot be written: {why}", remedy="Name another file with --key FILE.") from None


def read_public(file: Path) -> Public:
    """The public file of an officer. Raises UsageError."""
    from gsmsend.campaign.signing import public_of_pem  # noqa: PLC0415 - cryptography takes a while

    words = _read(file).decode("utf-8", "replace")
    named = dict(re.findall(r"^(Officer|Login): (.+?)\s*$", words, re.MULTILINE))
    key = public_of_pem(words.encode())
    if key is None or not named.get("Officer") or not named.get("Login"):
        raise UsageError(
            f"{file} is no officer's public key",
            remedy="Make one on the officer's machine with 'gsmsend officer key NAME'; it writes NAME.pub.",
        )
    return Public(named["Officer"], named["Login"], key)


def private(file: Path, passphrase: str) -> Ed25519PrivateKey:
    """The private key of a file. Raises UsageError, or GuardStop for a wrong passphrase."""
    from gsmsend.campaign.signing import from_pem  # noqa: PLC0415 - cryptography takes a while

    return from_pem(_read(file), passphrase, name=str(file))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError as error:
        why = reason(error)
        raise UsageError(
            f"the key {file} cannot be read: {why}",
            remedy="Make one with 'gsmsend officer key NAME', or name its file with --key FILE.",
        ) from None


def passphrase(file: Path | None, prompt: str, *, new: bool = False) -> str:
    """The passphrase, from the file or asked (twice for a `new` one); never from arguments or the environment.

    Raises UsageError if it cannot be asked for, or the file cannot be read.
    """
    if file is None:
        if not on_terminal():
            raise UsageError(
                "the passphrase cannot be asked for: this is no terminal",
                remedy="Give it in a file of your own with --passphrase-file FILE.",
            )
        given: str = click.prompt(prompt, hide_input=True, confirmation_prompt=new, err=True)
        return given
    words = _read(file).decode("utf-8", "replace").removeprefix("\ufeff")
    if os.name == "posix" and file.stat().st_mode & 0o077:
        say(f"{file} can be read by others: chmod 600 {file}")
    first = words.splitlines()[0] if words.splitlines() else ""
    if not first:
        raise UsageError(f"{file} is empty; expected the passphrase on its first line")
    return first
