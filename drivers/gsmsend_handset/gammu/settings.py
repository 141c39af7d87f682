"""The driver's table of gsmsend.toml, `[driver.gammu]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gsmsend.errors import ConfigError

NAME = "gammu"


@dataclass(frozen=True, slots=True)
class Settings:
    """`device`, `connection` and `model` are as gammu's own config has them; `python` is an interpreter.

    In seconds: `submit_timeout_s` from handing over to the answer (libgammu itself gives up after about 100),
    `late_listen_s` how long the answer to a text is waited for before the next one, `check_s` how often it is
    asked whether handset and SIM are still the same.
    """

    device: str = ""
    connection: str = "at"
    model: str = ""
    python: str = ""
    submit_timeout_s: float = 120.0
    late_listen_s: float = 20.0
    check_s: float = 30.0

    @classmethod
    def of(cls, table: Mapping[str, object]) -> Settings:
        """Read the table. Raises ConfigError for a key or value that cannot be."""
        found: dict[str, object] = {}
        for key, value in table.items():
            if key not in _CHECKS:
                raise ConfigError(
                    f"[driver.{NAME}] {key} is not known; expected one of {', '.join(sorted(_CHECKS))}",
                    remedy="Correct its spelling or remove it.",
                )
            try:
                found[key] = _CHECKS[key](value)
            except ValueError as error:
                raise ConfigError(f"[driver.{NAME}] {key} = {value!r}: expected {error}") from None
        return cls(**found)  # type: ignore[arg-type] # checked by key


def check_device(value: object) -> object:
    """A device as gammu's config has it. Raises ValueError with what was expected."""
    # No sign that would end the value in a gammurc, or begin another line of it.
    if isinstance(value, str) and re.fullmatch(r"[^\s\"';#\[\]=][^\n\r\0\"';#\[\]]*", value):
        return value
    raise ValueError('a port or an address, such as "/dev/ttyACM0" or "AA:BB:CC:DD:EE:FF"')


def _word(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9.+-]+", value):
        return value
    raise ValueError('one word, such as "at", "fbususb" or "bluephonet"')


def _program(value: object) -> object:
    if isinstance(value, str) and value.strip() and value.isprintable():
        return value
    raise ValueError('a Python that has python-gammu, such as "/usr/bin/python3"')


def _seconds(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 3600:
        return float(value)
    raise ValueError("a number of seconds, more than 0 and up to 3600")


_CHECKS: dict[str, Callable[[object], object]] = {
    "device": check_device,
    "connection": _word,
    "model": _word,
    "python": _program,
    "submit_timeout_s": _seconds,
    "late_listen_s": _seconds,
    "check_s": _seconds,
}
