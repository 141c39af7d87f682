"""What a received text says, what it answers, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gsmsend.contract.suppression import StoppedMessage

ANSWERS = "acknowledgements"
"""What the name of a campaign that answers replies ends in."""


class Flag(StrEnum):
    """What a reply is marked with. `OLD` was there before the operation's first text: it is no reply."""

    DANGER = "danger"
    STOP = "stop"
    DOUBTFUL = "doubtful"
    OLD = "old"


class AnswerKind(StrEnum):
    """Which of the acknowledgements; a person gets each once, ever."""

    REPLY = "reply"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Answer:
    """The acknowledgement that a reply gets: an approved wording, and its segments.

    With `approved_only` it waits until its campaign is released.
    """

    kind: AnswerKind
    text: str
    segments: int
    approved_only: bool = False


@dataclass(frozen=True, slots=True)
class ReplyReading:
    """What was read in a text. `stop`: the sender wants no more texts; `doubtful`: that is not certain.

    `danger`: somebody's life may be in danger. `words` are those that say so.
    """

    stop: bool = False
    doubtful: bool = False
    danger: bool = False
    words: tuple[str, ...] = ()
    answer: Answer | None = None

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What the reply is marked with, the most urgent first."""
        said = ((Flag.DANGER, self.danger), (Flag.STOP, self.stop), (Flag.DOUBTFUL, self.stop and self.doubtful))
        return tuple(flag for flag, marked in said if marked)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a received part: `new` is False if the very same was kept before (and then it is falsy).

    `message_id` is the message that it answers; `flags` are those that this part brought; of the `stopped`
    messages to the sender nothing more is sent; `answered` is the acknowledgement that was queued.
    """

    new: bool
    reply_id: int | None = None
    message_id: int | None = None
    flags: tuple[Flag, ...] = ()
    stopped: tuple[StoppedMessage, ...] = ()
    answered: int | None = None

    def __bool__(self) -> bool:
        return self.new


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """A received text, joined from its parts where they are all there, and what it answers.

    `reply_id` names it for people; `message_id` and `campaign` are what it answers, None if that is nobody's
    text; `recipient` is the number that was texted. `seen_by` is empty until a person has looked at it.
    """

    reply_id: int
    line: str
    sender: str
    text: str
    received_at_s: float
    parts: int
    complete: bool
    campaign: str | None
    message_id: int | None
    recipient: str | None
    flags: tuple[Flag, ...]
    words: str
    seen_by: str
    seen_at_s: float | None


class ReplyView(Protocol):
    """What can be asked about replies."""

    def replies(self) -> list[ReplyRow]:
        """Every received text: danger that nobody has seen first, doubtful opt-outs, then others not seen."""
        ...

    def unseen_dangers(self) -> int:
        """Replies that suggest danger to life and that no person has looked at."""
        ...


class ReplyStore(ReplyView, Protocol):
    """Changes about replies."""

    def mark_seen(self, reply_id: int, reason: str, person: str, now_s: float) -> bool:
        """A named person has looked at a reply; False if there is no such reply."""
        ...
