"""A file for each key in the user's own folder, apart from the operation: 0600 in 0700."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from gsmsend.errors import KeyStop, reason
from gsmsend.keyplace import files
from gsmsend.keyplace.envelope import LENGTH

_NAME_IT = (
    "Name another folder: folder = ... under [key] in gsmsend.toml. Or keep it otherwise: gsmsend key move --help"
)


def own_folder() -> Path:
    """The user's own folder of gsmsend: by XDG, on Windows in %APPDATA%, on macOS in ~/Library."""
    try:
        home = Path.home()
    except RuntimeError:  # neither HOME nor an entry for this user, as in some containers
        home = Path(os.sep) / "nonexistent"
    if os.name == "nt":
        base = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        given = os.environ.get("XDG_CONFIG_HOME", "")
        base = Path(given) if given.startswith("/") else home / ".config"
    return base / "gsmsend"


@dataclass(frozen=True, slots=True)
class Home:
    """`folder` is written to; keys are looked for in it, in `others`, and in `given`.

    `given` is what the system hands a service (systemd's $CREDENTIALS_DIRECTORY): its rights are the system's.
    """

    folder: Path
    others: tuple[Path, ...] = ()
    given: Path | None = None

    def file(self, key_id: str) -> Path:
        """Where a key goes."""
        return self.folder / f"{key_id}.key"

    def found(self, key_id: str) -> Path | None:
        """Where a key is."""
        places = [self.folder, *self.others, *([self.given] if self.given is not None else [])]
        return next((file for file in (place / f"{key_id}.key" for place in places) if _there(file)), None)

    def get(self, key_id: str) -> bytes | None:
        """The key of this id, None if it is nowhere. Raises KeyStop for one that others can read or have made."""
        file = self.found(key_id)
        if file is None:
            return None
        if self.given is not None and file.parent == self.given:
            return files.read(file, LENGTH, trusted=True)
        _own(file)
        return files.read(file, LENGTH)

    def put(self, key_id: str, octets: bytes) -> None:
        """Keep a key. Raises KeyStop if that cannot be done so that only this user can read it."""
        file = self.file(key_id)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _own(self.folder)
            if os.name == "posix" and stat.S_IMODE(self.folder.stat().st_mode) & 0o077:
                self.folder.chmod(0o700)
            files.tidy(file)
            if file.exists() and files.read(file, LENGTH) == octets:
                return
            files.write_new(file, octets)
            if os.name == "posix" and file.stat().st_mode & 0o077:
                files.shred(file)
                raise KeyStop(
                    f"the disk of {self.folder} keeps no rights: others could read the operation's key there",
                    remedy=_NAME_IT,
                )
        except OSError as error:
            why = reason(error)
            raise KeyStop(f"the operation's key cannot be kept in {file}: {why}", remedy=_NAME_IT) from None

    def drop(self, key_id: str, *, but_here: bool = False) -> None:
        """Take a key away from wherever it may be written to, `but_here` from `folder`. Raises KeyStop."""
        for place in self.others if but_here else (self.folder, *self.others):
            file = place / f"{key_id}.key"
            try:
                files.tidy(file)
                if _there(file):
                    files.shred(file)
            except OSError as error:
                raise KeyStop(
                    f"the old copy of the key {file} cannot be removed: {reason(error)}",
                    remedy="Remove it yourself.",
                ) from None


def _there(file: Path) -> bool:
    try:
        return file.is_symlink() or file.exists()
    except OSError:
        return False


def _own(place: Path) -> None:
    """Raise KeyStop for what another user made, who could put a key of theirs there."""
    if os.name != "posix" or os.geteuid() == 0 or not _there(place):
        return
    owner = place.lstat().st_uid
    if owner not in (0, os.geteuid()):
        raise KeyStop(
            f"{place} belongs to another user of this computer (uid {owner}); a key is not kept there",
            remedy=_NAME_IT,
        )
