"""`gsmsend init`."""

from __future__ import annotations

from pathlib import Path

import click

from gsmsend import config
from gsmsend.cli.options import tell, where
from gsmsend.errors import UsageError


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--lab", is_flag=True, help="A test bench: approval, windows and pacing are off.")
def init(folder: Path, *, lab: bool) -> None:
    """Make a folder for one operation, with a commented gsmsend.toml."""
    make(folder, lab=lab)
    tell(f"Made the operation {folder}. Its settings are in {folder / config.FILE}")
    tell(f"Next: gsmsend run{where(folder)} --to people.csv --text-file message.txt")


def make(folder: Path, *, lab: bool) -> None:
    """Make an operation that only its owner can read. Raises UsageError if there is one already."""
    place = folder / config.FILE
    if place.exists():
        raise UsageError(
            f"{folder} is an operation already; it was left as it is",
            remedy=f"Use it with --operation {folder}, or choose another folder.",
        )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as stream:
            stream.write(config.template(lab=lab))
        place.chmod(0o600)
    except OSError as error:
        raise UsageError(f"{place} cannot be made: {error.strerror}") from None
