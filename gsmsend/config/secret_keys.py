"""Keys and passwords of accounts never stand in gsmsend.toml: refused where it is read, before anybody records it.

The config is written into the append-only audit log and goes out in packs; a driver sees its table only later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gsmsend.errors import ConfigError

_SECRET = re.compile(r"pass(?:word|wd|phrase)|secret|token|credential", re.IGNORECASE)
_ALSO = {("notify", "key")}
"""Of these drivers, what is a secret by a name that elsewhere is none."""
_NAMED = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^/]+/.+")


def check(place: Path, drivers: Mapping[str, Mapping[str, object]]) -> None:
    """Raise ConfigError for a secret that stands in a table `[driver.NAME]`; it is not repeated."""
    for name, table in drivers.items():
        _table(f"{place}: driver.{name}", name, table)


def _table(where: str, driver: str, table: Mapping[str, object]) -> None:
    for key, value in table.items():
        if isinstance(value, Mapping):  # of another account
            _table(f"{where}.{key}", driver, value)
        elif (_SECRET.search(key) or (driver, key) in _ALSO) and not _named(value):
            raise ConfigError(
                f'{where}.{key}: expected "env:NAME" or "keyring:SERVICE/USER", which names where the secret is; '
                "a secret never stands in a config",
                remedy="If the secret itself stands there, take it out, and have the provider make another.",
            )


def _named(value: object) -> bool:
    return isinstance(value, str) and _NAMED.fullmatch(value) is not None
