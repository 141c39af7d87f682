"""What was told of which trouble, kept over restarts: a service that starts again and again tells nothing anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gsmsend import guarding
from gsmsend.alerting.ledger import Key, Told

FILE = "alerts.json"


def remembered(folder: Path) -> dict[Key, Told]:
    """What the operation's folder has; nothing if there is no such file, or it cannot be read."""
    try:
        rows = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {
            (str(row["kind"]), str(row["subject"])): Told(
                float(row["at_s"]), int(row["size"]), str(row["words"]), over=bool(row["over"])
            )
            for row in rows
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def remember(folder: Path, told: Mapping[Key, Told]) -> None:
    """Keep it. That it cannot be written stops nothing: at worst something is told twice."""
    rows = [
        {
            "kind": kind, "subject": subject, "at_s": one.at_s, "size": one.size, "words": one.words,
            "over": one.over,
        }
        for (kind, subject), one in told.items()
    ]  # fmt: skip
    with suppress(OSError):
        guarding.replaced(folder / FILE, json.dumps(rows).encode("utf-8"))
