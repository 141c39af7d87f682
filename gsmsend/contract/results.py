"""What came of one campaign, as the store knows it: counts, times and records, for the report.

Times are seconds since the epoch, UTC. A sent text is one whose every part was accepted. Numbers and words of
people are in `replies` and `unreached` only; the report decides what of them is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gsmsend.model import Evidence, OutcomeKind, State


@dataclass(frozen=True, slots=True)
class FileImported:
    """One list that was imported. `line` is the line its people know, as the import asked for it, or empty."""

    source: str
    person: str
    at_s: float
    line: str
    accepted: int
    duplicates: int
    refused: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How often the store has these words."""

    words: str
    count: int


@dataclass(frozen=True, slots=True)
class TextUsed:
    """A text of the campaign, and to how many people."""

    body: str
    segments: int
    recipients: int


@dataclass(frozen=True, slots=True)
class LineUse:
    """What one line carried: whole texts, how many of them were delivered, and segments.

    `known_as` is the `[line.NAME]` that this line is, or empty; `doubtful` segments may have gone out. `fallback`:
    it is the route of a fallback, so what it carried bore another sender.
    """

    line_id: int
    name: str
    known_as: str
    iccid: str | None
    texts: int
    delivered: int
    segments: int
    doubtful: int
    fallback: bool = False

    @property
    def title(self) -> str:
        """The name that people gave it, else its own."""
        return self.known_as or self.name


@dataclass(frozen=True, slots=True)
class SentAt:
    """So many texts left over a line in the quarter of an hour that begins at `quarter_s`."""

    line_id: int
    quarter_s: int
    texts: int


@dataclass(frozen=True, slots=True)
class Ending:
    """Texts that ended alike; `code` is the +CMS ERROR, `tp_status` the report, of the part at fault."""

    state: State
    why: str
    code: int | None
    tp_status: int | None
    texts: int


@dataclass(frozen=True, slots=True)
class Unreached:
    """One text that did not arrive, or that a person must look at."""

    message_id: int
    number: str
    state: State
    why: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Attempts that were unknown at first and became known: by what evidence, as what."""

    by: Evidence
    outcome: OutcomeKind
    attempts: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A received text that answers the campaign, its parts joined; `words` are those that raised its flags."""

    at_s: float
    number: str
    text: str
    flags: frozenset[str]
    words: str
    seen_by: str


@dataclass(frozen=True, slots=True)
class Signed:
    """An officer's approval; `voided_why` is empty while it stands."""

    officer: str
    login: str
    at_s: float
    voided_why: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What a named person decided about this campaign or one of its texts."""

    at_s: float
    person: str
    what: str
    reason: str
    message_id: int | None


@dataclass(frozen=True, slots=True)
class VisitDay:
    """How often the campaign's link was opened on a day (ISO date), all people together."""

    day: str
    count: int
    source: str
    person: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Fell:
    """Texts were given to the campaign's fallback for this reason, in plain English, first at `at_s`."""

    at_s: float
    why: str


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that the report tells of one campaign.

    `delays` are (whole seconds from hand-over to delivery, texts), shortest first. `acknowledging` are the
    lines that carried the texts that answered replies.
    """

    campaign: str
    created_at_s: float
    released_at_s: float | None
    first_texts: int
    first_texts_passed: str
    paused: str
    cancelled: str
    totals: Mapping[State, int]
    imports: tuple[FileImported, ...] = ()
    refusals: tuple[Counted, ...] = ()
    in_several_lists: int = 0
    texts: tuple[TextUsed, ...] = ()
    lines: tuple[LineUse, ...] = ()
    sent: tuple[SentAt, ...] = ()
    first_sent_s: float | None = None
    last_sent_s: float | None = None
    delays: tuple[tuple[int, int], ...] = ()
    endings: tuple[Ending, ...] = ()
    unreached: tuple[Unreached, ...] = ()
    settled: tuple[Settled, ...] = ()
    replies: tuple[Answer, ...] = ()
    approvals: tuple[Signed, ...] = ()
    decisions: tuple[Decided, ...] = ()
    visits: tuple[VisitDay, ...] = ()
    acknowledging: tuple[LineUse, ...] = ()
    fell: tuple[Fell, ...] = ()

    @property
    def recipients(self) -> int:
        """Everybody on the lists whose row was accepted: the sum over the states."""
        return sum(self.totals.values())


class ResultsView(Protocol):
    """The questions of the report."""

    def results(self, campaign: str) -> Results | None:
        """What came of a campaign, or None if there is none of this name."""
        ...

    def visits(self, campaign: str) -> list[VisitDay]:
        """Link visits by day, the newest count of each day and source."""
        ...


class ResultsDesk(ResultsView, Protocol):
    """What people add to the results."""

    def add_visits(self, campaign: str, days: list[VisitDay]) -> int:
        """Keep counts of link visits; one for a day and source that has one takes its place. How many did so.

        Raises UsageError if there is no such campaign.
        """
        ...
