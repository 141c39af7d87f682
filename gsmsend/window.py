"""The hours in which texts may leave, as a value: days of the week, from when to when, where, and holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Window:
    """Local times of `zone` (an IANA name). `days` count from 0, Monday.

    `holidays` is the country, or country and part, whose bank holidays are left out, such as `GB-ENG`; or empty.
    """

    days: frozenset[int] = frozenset(range(6))
    opens: time = time(10)
    closes: time = time(19)
    zone: str = "Europe/London"
    holidays: str = "GB-ENG"
