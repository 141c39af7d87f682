"""Who and what opens a store, for the audit log: program, computer, person, command and settings. No secrets.

Of the command only its words are kept, never its options or what follows them; of the environment nothing.
"""

from __future__ import annotations

import dataclasses
import os
import platform
import re
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from hashlib import sha256
from pathlib import Path

from gsmsend import __version__
from gsmsend.caller import Caller
from gsmsend.config import FILE, Settings
from gsmsend.config.secret_keys import hidden
from gsmsend.contract import ConfigFacts

_SECRET = re.compile(
    r"pass(word|phrase)?$|secret|token|credential|(^|_)(api_?)?key$|(^|_)(pin|trial)$", re.IGNORECASE
)
_HIDDEN = "(not shown)"


def session(settings: Settings) -> Callable[[], Mapping[str, object]]:
    """Gives the facts of a `session` entry: texts, whole numbers and nulls. Whose command it is, is asked now."""
    officer, command = Caller.officer() or None, Caller.command() or None
    return lambda: {
        "program": "gsmsend",
        "version": __version__,
        "python": platform.python_version(),
        "system": " ".join(filter(None, (platform.system(), platform.release(), platform.machine()))),
        "host": platform.node(),
        "login": login(),
        "uid": os.getuid() if sys.platform != "win32" else None,
        "pid": os.getpid(),
        "officer": officer,
        "command": command,
        "config": _digest(_octets(settings)),
    }


def config(settings: Settings) -> ConfigFacts | None:
    """What a `config` entry says if the settings are others than in the session before; None without a file."""
    octets = _octets(settings)
    if not octets:
        return None
    return ConfigFacts(_digest(octets) or "", flat(settings), hidden(octets.decode("utf-8", "replace")))


def login() -> str | None:
    """The user's name by the system's list: LOGNAME and USER say whatever one wants. None if it has none."""
    if sys.platform == "win32":
        import getpass  # noqa: PLC0415 - only there

        return getpass.getuser()
    import pwd  # noqa: PLC0415 - Windows has none

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


def flat(settings: Settings) -> dict[str, str]:
    """What gsmsend.toml comes to, by dotted name, as texts; what may be a secret is named and not shown."""
    found: dict[str, str] = {}
    _flatten("", settings, found)
    found.pop("folder", None)
    return found


def _flatten(name: str, value: object, found: dict[str, str]) -> None:
    if dataclasses.is_dataclass(value):
        parts: Mapping[str, object] = {
            each.name: getattr(value, each.name) for each in dataclasses.fields(value) if each.init
        }
    elif isinstance(value, Mapping):
        parts = {str(key): each for key, each in value.items()}
    else:
        secret = bool(_SECRET.search(name.rpartition(".")[2])) and value not in ("", None)
        found[name] = _HIDDEN if secret else _text(value)
        return
    for key, each in parts.items():
        _flatten(f"{name}.{key}" if name else key, each, found)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(_text, value)))
    if isinstance(value, tuple | list):
        return ", ".join(map(_text, value))
    return str(value)


def _octets(settings: Settings) -> bytes:
    try:
        return Path(settings.folder, FILE).read_bytes()
    except OSError:
        return b""


def _digest(octets: bytes) -> str | None:
    return sha256(octets).hexdigest() if octets else None
