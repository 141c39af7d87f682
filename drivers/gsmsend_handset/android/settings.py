"""The driver's table of gsmsend.toml, `[driver.android]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gsmsend.errors import ConfigError
from gsmsend.requesting.secrets import secret

NAME = "android"
_PLACE = f"gsmsend.toml: driver.{NAME}"
_NAMED = ("env:", "keyring:")


@dataclass(frozen=True, slots=True)
class Settings:
    """`sim` is the slot, from 1, None where there is but one; `port` is the app's own, on the handset.

    In seconds: `processed_unknown_after_s` is how long the app may take to say that the network has a text before
    its outcome is unknown; `ttl_s` after how long the app may not begin to send it any more; `request_timeout_s`
    how long it may take to answer a request; `proof_after_s` how long after a broken request its record proves
    that it was never taken; `check_s` how often handset and SIM are looked at; `replies_s` how often received
    texts are asked for, 0 for never; `replies_hours` how far back at first.
    """

    serial: str = ""
    sim: int | None = None
    port: int = 8080
    user: str = "sms"
    password: str = field(default="", repr=False)
    processed_unknown_after_s: float = 60.0
    ttl_s: int = 120
    request_timeout_s: float = 15.0
    proof_after_s: float = 60.0
    check_s: float = 30.0
    replies_s: float = 15.0
    replies_hours: float = 24.0
    adb_port: int | None = None

    @classmethod
    def of(cls, table: Mapping[str, object]) -> Settings:
        """Read the table. Raises ConfigError for a key or value that cannot be, GuardStop for a missing secret."""
        values: dict[str, object] = {}
        for key, value in table.items():
            if key in _NUMBERS:
                values[key] = _number(key, value)
            elif key == "serial":
                values[key] = _word(key, value)
            elif key == "user":
                named = isinstance(value, str) and value.startswith(_NAMED)
                values[key] = secret(f"{_PLACE}.{key}", str(value)) if named else _word(key, value)
            elif key == "password":
                values[key] = secret(f"{_PLACE}.{key}", str(value))
            else:
                known = ", ".join(sorted({*_NUMBERS, "serial", "user", "password"}))
                remedy = "Correct its spelling or remove it."
                raise ConfigError(f"{_PLACE}.{key} is unknown; expected one of {known}", remedy=remedy)
        return cls(**values)  # type: ignore[arg-type] # checked above


_NUMBERS: Mapping[str, tuple[bool, float, float, str]] = {
    "sim": (True, 1, 3, "the number of the SIM's slot, 1 to 3"),
    "port": (True, 1, 65535, "a TCP port, 1 to 65535, as the app shows it"),
    "adb_port": (True, 1, 65535, "the TCP port of the adb server, as a rule 5037"),
    "processed_unknown_after_s": (False, 0.1, 600, "seconds, at most 600"),
    "ttl_s": (True, 5, 86400, "whole seconds, 5 to 86400"),
    "request_timeout_s": (False, 0.1, 120, "seconds, at most 120"),
    "proof_after_s": (False, 10, 3600, "seconds, 10 to 3600"),
    "check_s": (False, 0.05, 300, "seconds, at most 300"),
    "replies_s": (False, 0, 3600, "seconds, 0 for never"),
    "replies_hours": (False, 0, 720, "hours, at most 720"),
}
"""Of each number: whether it is whole, the least, the most, and what is expected, in words."""


def _number(key: str, value: object) -> int | float:
    whole, least, most, expected = _NUMBERS[key]
    kind = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
        raise ConfigError(f"{_PLACE}.{key} = {value!r}: expected {expected}")
    return value


def _word(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(value.split()) != 1:
        expected = "a serial number as `adb devices` has it" if key == "serial" else "the user's name in the app"
        raise ConfigError(f"{_PLACE}.{key} = {value!r}: expected {expected}, in quotes")
    return value
