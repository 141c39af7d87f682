"""Received texts joined from their parts. Nothing here touches a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gsmsend.contract.forgetting import FORGOTTEN
from gsmsend.store.received import Part

GAP = "[...]"
"""Stands for a part that has not come."""


@dataclass(slots=True)
class Joined:
    """A text and its parts so far. `first_id` is the row of the part that came first, and names the text."""

    first_id: int
    line_id: int
    sender: str
    total: int
    arrived_at_s: float
    pieces: dict[int, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every part is there."""
        return len(self.pieces) == self.total

    @property
    def text(self) -> str:
        """The words, with a mark for each part that has not come."""
        if set(self.pieces.values()) == {FORGOTTEN}:
            return FORGOTTEN
        return "".join(self.pieces.get(seq, GAP) for seq in range(1, self.total + 1))


def joined(rows: Iterable[Part]) -> Iterator[Joined]:
    """Join rows of the table `inbound`, in order of arrival; each text is given once, where it began.

    A reference that is used again, for other words or after the text was complete, begins another text.
    """
    found: list[Joined] = []
    unfinished: dict[tuple[int, str, int, int], Joined] = {}
    for row in rows:
        if not row.concat_total or row.concat_total < 2 or row.concat_reference is None or row.concat_seq is None:
            found.append(Joined(row.id, row.line_id, row.sender, 1, row.arrived_at_s, {1: row.text}))
            continue
        key = (row.line_id, row.sender_digest, row.concat_reference, row.concat_total)
        text = unfinished.get(key)
        if text is None or text.pieces.get(row.concat_seq, row.text) != row.text:
            text = unfinished[key] = Joined(row.id, row.line_id, row.sender, row.concat_total, row.arrived_at_s)
            found.append(text)
        text.pieces[row.concat_seq] = row.text
        text.arrived_at_s = row.arrived_at_s
        if text.complete:
            del unfinished[key]
    return iter(found)
