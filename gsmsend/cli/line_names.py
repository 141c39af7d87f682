"""What people call a line: as gsmsend.toml does, where its SIM is that of a `[line.NAME]`.

The store's own name for it (`sim-` and the end of its identity) stays what scripts know it by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from gsmsend.config import Settings
from gsmsend.contract import LineRow
from gsmsend.engine.gate import terms_of
from gsmsend.model import Sim


def known_as(settings: Settings, row: LineRow) -> str:
    """The `[line.NAME]` that this line is, or nothing."""
    terms = terms_of(settings.lines, Sim(iccid=row.iccid, imsi=row.imsi, number=row.number))
    return terms.name if terms is not None else ""


def titles(settings: Settings, rows: Iterable[LineRow]) -> Mapping[str, str]:
    """What people call each line, by the store's name for it."""
    return {row.name: known_as(settings, row) or row.name for row in rows}


def natural(title: str) -> tuple[tuple[bool, int, str], ...]:
    """To sort by: `Line 2` comes before `Line 10`."""
    return tuple(
        (piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece.casefold())
        for piece in re.split(r"(\d+)", title)
    )
