"""The checks of `gsmsend doctor`, by what they look at. Each yields findings and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a finding matters."""

    OK = "ok"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked, what is so, what to do about it; `exit_code` is 0 unless it stops the work."""

    level: Level
    check: str
    says: str
    do: str = ""
    exit_code: int = 0
