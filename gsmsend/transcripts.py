"""Where the masked dialogues with modems lie, and what they come to: all that was said to devices."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from gsmsend import guarding
from gsmsend.config import FILE, Settings

_SUFFIX = ".transcript"
_LOOK = "look-"
_AT_ONCE = 1 << 20


def place(settings: Settings, address: str, *, looking: bool = False) -> Path | None:
    """The file for the device at `address`, None if none is kept; its folder is made.

    `looking`: for a command that only asks the device something, in a file of its own. It writes nothing where
    there is no operation, and in a lab. Raises GuardStop if there is a link in its place, OSError.
    """
    if not settings.transcripts or (looking and (settings.lab or not (settings.folder / FILE).exists())):
        return None
    name = re.sub(r"[^A-Za-z0-9]+", "-", address).strip("-")
    file = settings.transcript_folder / f"{_LOOK if looking else ''}{name}{_SUFFIX}"
    try:
        guarding.make_folder(file.parent)
        guarding.check_file(file)
    except OSError:
        if not looking:
            raise
        return None  # whoever may only look at an operation may look at its modems
    guarding.private(file)
    return file


def of_runs(settings: Settings) -> bool:
    """Whether a run has used modems here: more is in the folder than what commands have asked that only look."""
    folder = settings.transcript_folder
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else [_LOOK]
    return not names or any(not name.startswith(_LOOK) for name in names)


def sums(settings: Settings) -> dict[str, list[int | str]]:
    """Of each transcript, by the name of its file, its octets and their SHA-256 (hex), as it is now."""
    found: dict[str, list[int | str]] = {}
    with suppress(OSError):
        for path in sorted(settings.transcript_folder.glob(f"*{_SUFFIX}")):
            with suppress(OSError):
                found[path.name] = _sum(path)
    return found


def _sum(path: Path) -> list[int | str]:
    digest, octets = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            digest.update(piece)
            octets += len(piece)
    return [octets, digest.hexdigest()]
