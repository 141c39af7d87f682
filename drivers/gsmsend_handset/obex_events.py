"""What a handset says of a text, as a status (obex_events.csv)."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from gsmsend.requesting import Status


@cache
def _table() -> dict[str, int]:
    text = Path(__file__).with_name("obex_events.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {row["word"]: int(row["status"], 16) for row in rows}


def said(handle: str, word: str, how: str) -> Status | None:
    """The status for the handset's own word; None for a word that says nothing of a text's end."""
    status = _table().get(word)
    return None if status is None else Status(handle, status, word, f"message {handle} {word}", how=how)
