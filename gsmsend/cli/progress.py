"""What a run has done so far, folded from its events: pure, so that every way to show it agrees."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from gsmsend.engine.events import (
    Acknowledging,
    Counted,
    Event,
    Finished,
    HeadSigned,
    HealthChanged,
    HeldBack,
    InboundArrived,
    LineChanged,
    MessageMoved,
    Notice,
    OptedOut,
    PartAnswered,
    ReplyFlagged,
    Started,
)
from gsmsend.masking import mask_number
from gsmsend.model import Facts, OutcomeKind, State

OUT = (State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNCONFIRMED)
"""States of texts that the network has taken."""
_LEFT = (State.QUEUED, State.SENDING)
_NOT_MEANT = (State.DRAFT, State.SUPPRESSED, State.CANCELLED)
_WINDOW = 60  # texts over which the rate is taken


@dataclass(slots=True)
class LineView:
    """A line as the screen shows it."""

    address: str
    name: str
    known_as: str = ""
    state: str = "opening"
    doing: str = ""
    why: str = ""
    sent: int = 0
    facts: Facts | None = None
    next_part: str = ""

    @property
    def title(self) -> str:
        """What people call it: as gsmsend.toml does, else by the store's name, else its address."""
        return self.known_as or self.name

    @property
    def up(self) -> bool:
        """Whether it can work, or does."""
        return self.state in ("ready", "sending", "waiting")


@dataclass(slots=True)
class Progress:
    """`take` every event in order. `moved` holds when texts left the queue, newest last."""

    totals: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    lines: dict[str, LineView] = field(default_factory=dict)
    healths: dict[str, HealthChanged] = field(default_factory=dict)
    notices: deque[Notice] = field(default_factory=lambda: deque(maxlen=50))
    held_back: str = ""
    began_s: float | None = None
    finished: Finished | None = None
    accepted: int = 0  # parts in this run
    dangers: list[ReplyFlagged] = field(default_factory=list)
    opted_out: int = 0
    first_totals: dict[State, int] = field(default_factory=dict)
    _moved_s: deque[float] = field(default_factory=lambda: deque(maxlen=_WINDOW))

    def take(self, event: Event) -> None:
        """Fold one event in."""
        if isinstance(event, Started):
            self.began_s, self.totals = event.at_s, dict(event.totals)
            self.first_totals = dict(event.totals)
            self._moved_s.append(event.at_s)
        elif isinstance(event, LineChanged):
            self._line(event)
        elif isinstance(event, HealthChanged):
            self.healths[event.line] = event
        elif isinstance(event, PartAnswered):
            self._part(event)
        elif isinstance(event, MessageMoved):
            self._move(event)
        elif isinstance(event, Acknowledging):
            self.totals[State.QUEUED] += 1
        elif isinstance(event, HeldBack):
            self.held_back = event.why
        elif isinstance(event, Counted | Finished):
            self.totals = dict(event.totals)
            self.finished = event if isinstance(event, Finished) else None
        else:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        """Keep what a person is told in words."""
        if isinstance(event, InboundArrived):
            words = f"A text came in on {self.title(event.line)}: gsmsend inbox"
            self.notices.append(Notice(event.at_s, "info", words))
        elif isinstance(event, ReplyFlagged):
            self.dangers.append(event)
            self.notices.append(Notice(event.at_s, "error", danger_words(event, self.title(event.line))))
        elif isinstance(event, OptedOut):
            self.opted_out += 1
            self.notices.append(Notice(event.at_s, "info", opt_out_words(event)))
        elif isinstance(event, Notice):
            self.notices.append(event)
        elif isinstance(event, HeadSigned) and event.to_note:
            self.notices.append(Notice(event.at_s, "info", head_words(event.short)))

    def _line(self, event: LineChanged) -> None:
        if event.state == "removed":
            self.lines.pop(event.address, None)
            return
        view = self.lines.setdefault(event.address, LineView(event.address, event.name))
        view.name, view.state, view.doing, view.why = event.name, event.state, event.doing, event.why
        view.known_as = event.known_as
        view.sent = max(view.sent, event.sent)
        view.facts = event.facts or view.facts
        if event.state == "ready" and not self.accepted:
            self._moved_s = deque([event.at_s], maxlen=_WINDOW)  # opening ports is no measure of sending

    def _part(self, event: PartAnswered) -> None:
        accepted = event.outcome.kind is OutcomeKind.ACCEPTED
        more = accepted and event.seq < event.total
        self.accepted += accepted
        for view in self.lines.values():
            if view.name == event.line:
                view.sent += accepted
                view.next_part = f"part {event.seq + 1} of {event.total}" if more else ""

    def _move(self, event: MessageMoved) -> None:
        old = event.old
        if old in _LEFT and not self.totals[old]:
            # A claim is not told, so a text can leave `sending` that was counted as queued, and the reverse.
            old = State.QUEUED if old is State.SENDING else State.SENDING
        self.totals[old] = max(0, self.totals[old] - 1)
        self.totals[event.new] += 1
        if event.old in _LEFT and event.new not in _LEFT:
            self._moved_s.append(event.at_s)

    def title(self, name: str) -> str:
        """What people call the line that the store knows by this name."""
        return next((view.title for view in self.lines.values() if view.name == name), name)

    @property
    def total(self) -> int:
        """Texts that are meant to go out, or went."""
        return sum(number for state, number in self.totals.items() if state not in _NOT_MEANT)

    @property
    def left(self) -> int:
        """Texts still to send."""
        return sum(self.totals[state] for state in _LEFT)

    @property
    def out(self) -> int:
        """Texts that the network has taken."""
        return sum(self.totals[state] for state in OUT)

    def time_left_s(self, now_s: float) -> float | None:
        """Until the last text is sent, at the pace of the last ones; None while there is no telling."""
        sent = len(self._moved_s) - 1
        if sent < 1 or not self.left:
            return None
        return self.left * max(now_s - self._moved_s[0], 0.001) / sent


def head_words(short: str) -> str:
    """What a person is told of a signed head of the audit log."""
    return f"Write this into your notebook: {short}"


def danger_words(event: ReplyFlagged, line: str) -> str:
    """What a person is told of a reply that suggests danger; its words are in the inbox."""
    who = mask_number(event.sender)
    return f"DANGER? A reply from {who} on {line} needs a person now: gsmsend inbox --flagged"


def opt_out_words(event: OptedOut) -> str:
    """What a person is told of an opt-out."""
    who = mask_number(event.sender)
    said = f"{who} perhaps wants no more texts" if event.doubtful else f"{who} wants no more texts"
    look = "; look at it: gsmsend inbox --flagged" if event.doubtful else ""
    return f"{said} and gets none{look}"
