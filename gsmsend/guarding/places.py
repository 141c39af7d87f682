"""The user's own folders, for what belongs to a person and not to an operation."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def state_folder() -> Path:
    """Where gsmsend keeps what it must remember of this user: by XDG, on Windows in %LOCALAPPDATA%."""
    try:
        home = Path.home()
    except RuntimeError:  # neither HOME nor an entry for this user, as in some containers
        home = Path(os.sep) / "nonexistent"
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        given = os.environ.get("XDG_STATE_HOME", "")
        base = Path(given) if given.startswith("/") else home / ".local" / "state"
    return base / "gsmsend"
