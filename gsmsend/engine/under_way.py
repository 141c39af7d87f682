"""What a line has at hand while it sends: the text, and what is told of its parts once that is on disk."""

from __future__ import annotations

from dataclasses import dataclass

from gsmsend.contract import Claimed, PartToSend
from gsmsend.engine.events import PartAnswered
from gsmsend.sms import Segment


@dataclass(slots=True)
class UnderWay:
    """The message being sent: its segments and the parts left."""

    message: Claimed
    segments: tuple[Segment, ...]
    left: list[PartToSend]


@dataclass(frozen=True, slots=True)
class ToTell:
    """What to publish once an outcome is on disk."""

    answered: tuple[PartAnswered, ...]
    message: Claimed


class HeldBack(Exception):
    """Raised by a commit: nothing is handed to the modem."""
