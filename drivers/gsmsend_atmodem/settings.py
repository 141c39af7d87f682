"""The driver's table of gsmsend.toml, `[driver.atmodem]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from gsmsend.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Settings:
    """All in seconds but `baudrate`. None: the profile decides.

    `submit_timeout_s`: from Ctrl-Z to the answer; shorter makes more texts uncertain. `late_listen_s`: after a
    text that was not answered, how long to listen for its answer before the next is sent.
    """

    submit_timeout_s: float | None = None
    prompt_timeout_s: float | None = None
    late_listen_s: float = 20.0
    baudrate: int | None = None

    @classmethod
    def of(cls, table: Mapping[str, object]) -> Settings:
        """Read the table. Raises ConfigError for a key or value that cannot be."""
        known = {field.name for field in fields(cls)}
        for key, value in table.items():
            if key not in known:
                raise ConfigError(f"[driver.atmodem] {key} is unknown; expected one of {', '.join(sorted(known))}")
            whole = key == "baudrate"
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value < 0:
                expected = "baud" if whole else "seconds, 0 or more"
                raise ConfigError(f"[driver.atmodem] {key} is {value!r}; expected a number of {expected}")
        return cls(**table)  # type: ignore[arg-type] # checked above
