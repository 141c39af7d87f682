"""`gsmsend init`."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import resources
from pathlib import Path

import click

from gsmsend import config, guarding
from gsmsend.cli.key_place import begin
from gsmsend.cli.options import say, tell, where
from gsmsend.config import checks
from gsmsend.errors import UsageError
from gsmsend.store.key import NAME
from gsmsend.wiring.keys import BEGUN

_EXAMPLE = ("message.txt", "red-phone.xlsx", "blue-phone.xlsx", "never-contact.csv", "README.txt")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--lab", is_flag=True, help="A test bench: approval, windows and pacing are off.")
@click.option("--store", default="", metavar="URL", help="Keep everything in this PostgreSQL database.")
@click.option("--store-password", default="", metavar="NAME", help="Where its password is: env:NAME, keyring:...")
@click.option("--example", is_flag=True, help="With invented people and virtual modems, to try every step.")
def init(folder: Path, *, lab: bool, store: str, store_password: str, example: bool) -> None:
    """Make a folder for one operation, with a commented gsmsend.toml.

    With the --store of an operation that is there already, this computer joins it.
    """
    if lab and example:
        raise UsageError("--lab and --example were both given", remedy="The example shows what a lab leaves out.")
    _check_store(store, store_password, example=example)
    if example:
        make_example(folder)
        tell(f"Made the example operation {folder}: two lists of invented people, a text, and its settings.")
        tell(f"Next: read {folder / 'README.txt'}, which says what to type.")
        return
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    make(folder, lab=lab, store=store, store_password=store_password)
    try:
        if begin(config.load(folder)):
            tell(f"This computer joined the operation in {store}. Its settings are in {folder / config.FILE}")
            tell(f"Next: make them the same as on the others, then gsmsend doctor{where(folder)}")
            return
    except BaseException:
        _take_back(folder, new)
        raise
    tell(f"Made the operation {folder}. Its settings are in {folder / config.FILE}")
    if lab:
        tell(f"Next: gsmsend run{where(folder)} --to people.csv --text-file message.txt")
        return
    tell(
        f"Next: look through the settings, then gsmsend import{where(folder)} people.xlsx --text-file message.txt"
    )


def _check_store(store: str, store_password: str, *, example: bool) -> None:
    """Raise UsageError for what gsmsend.toml would refuse. A password is not repeated."""
    if example and store:
        raise UsageError("--example and --store were both given", remedy="The example has a store of its own.")
    for option, value, check in (
        ("--store", store, checks.store),
        ("--store-password", store_password, checks.secret_name),
    ):
        try:
            check(value)
        except ValueError as error:
            raise UsageError(f"{option}: expected {error}") from None


def make(folder: Path, *, lab: bool, store: str = "", store_password: str = "") -> None:
    """Make an operation that only its owner can read. Raises UsageError if there is one already, or GuardStop."""
    text = config.template(lab=lab, store=store, store_password=store_password)
    _write(folder, {config.FILE: text.encode("utf-8")})


def _take_back(folder: Path, new: list[Path]) -> None:
    """No operation is left that has no key although somebody was asked for its passphrase: nothing was made."""
    if (folder / NAME).exists():
        return
    with suppress(OSError):
        for name in (config.FILE, BEGUN):
            (folder / name).unlink(missing_ok=True)
        for place in new:
            place.rmdir()
    say(f"Nothing was made: {folder} is as it was.")


def make_example(folder: Path) -> None:
    """Make the example operation. Raises UsageError if there is an operation, or one of its files, already."""
    source = resources.files("gsmsend").joinpath("data", "example")
    _write(folder, {name: source.joinpath(name).read_bytes() for name in (config.FILE, *_EXAMPLE)})


def _write(folder: Path, files: dict[str, bytes]) -> None:
    place = folder / config.FILE
    if place.exists():
        raise UsageError(
            f"{folder} is an operation already; it was left as it is",
            remedy=f"Use it with --operation {folder}, or choose another folder.",
        )
    for name in files:
        if (folder / name).exists():
            raise UsageError(
                f"{folder / name} is there already; it was left as it is", remedy="Choose another folder."
            )
    try:
        guarding.make_folder(folder)
        if os.name == "posix" and folder.stat().st_uid == os.geteuid():
            folder.chmod(0o700)  # it was there, and from now on it holds what others must not see
        guarding.check_operation(folder)
        for name, content in files.items():
            place = folder / name
            with os.fdopen(guarding.written(place), "wb") as stream:
                stream.write(content)
    except OSError as error:
        raise UsageError(f"{place} cannot be made: {error.strerror}") from None
