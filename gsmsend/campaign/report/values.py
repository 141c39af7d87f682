"""The report as it is told: counts that may be shown, in words and as numbers; made by `shape`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from gsmsend.config import Prices
from gsmsend.masking import mask_number

FEW = 5
"""In the redacted variant a count below this could point to a person and is not given; others are rounded to it,
or a small one could be reckoned from a total and the rest."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people or texts as it may be shown; `value` is None where it is withheld."""

    value: int | None
    words: str

    @property
    def plain(self) -> int | str:
        """For JSON: the number, or the words in its place."""
        return self.words if self.value is None else self.value

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return self.value != 0


@dataclass(frozen=True, slots=True)
class Terms:
    """How the results are to be told.

    `at_s` is the time that stands on the page; `zone` an IANA name; `titles` are the words for lines whose name is
    not to be given; `number` says how a recipient's number is shown. `kept` is a sentence on how long numbers and
    texts are kept, or empty. `exact`: a redacted page that goes with rows which tell every count anyway, as in a
    pack, has the true counts: rounded ones would say something else than the rows and hide nothing. `over` is the
    price of a segment over the campaign's fallback, None if it has none now;
    `sender` is whom people see as its sender.
    """

    operation: str
    at_s: float
    zone: str = "Europe/London"
    prices: Prices = field(default_factory=Prices)
    redacted: bool = False
    number: Callable[[str], str] = mask_number
    kept: str = ""
    exact: bool = False
    over: Decimal | None = None
    sender: str = ""

    @property
    def rounds(self) -> bool:
        """Whether small counts are withheld and all others rounded."""
        return self.redacted and not self.exact

    @property
    def about(self) -> str:
        """What stands before a rounded figure, so that nobody takes it for the true one."""
        return "about " if self.rounds else ""

    def count(self, number: int) -> Count:
        """A count as it may be shown."""
        if not self.rounds or number == 0:
            return Count(number, f"{number:,}")
        if number < FEW:
            return Count(None, f"fewer than {FEW}")
        return Count(self.rounded(number), f"{self.about}{self.rounded(number):,}")

    def rounded(self, number: int) -> int:
        """A number for a chart: nothing is drawn for one that is withheld."""
        if not self.rounds:
            return number
        return FEW * round(number / FEW) if number >= FEW else 0


@dataclass(frozen=True, slots=True)
class Headline:
    """One big number and one sentence."""

    key: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the whole: its name, its count, and its weight in a chart (0 where withheld)."""

    key: str
    title: str
    count: Count
    weight: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of bars over time; `series` by name, each a value for each label.

    `withheld`: some were left out. `rounded`: the others are not the true ones.
    """

    labels: tuple[str, ...]
    axis: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]
    by: str
    withheld: bool = False
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """How long delivery took: the median in seconds, and the share of texts delivered within so many seconds."""

    texts: Count
    median_s: int
    median: str
    within: tuple[tuple[int, str, int], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Texts that did not arrive for one reason: in plain words, what to do, and what the network said."""

    count: Count
    title: str
    words: str
    advice: str
    source: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """What one line carried and what that cost."""

    title: str
    texts: Count
    delivered: Count
    segments: Count
    cost: str


@dataclass(frozen=True, slots=True)
class Cost:
    """The bill by the operation's price table; `up_to` counts segments too that may have gone out."""

    segments: Count
    amount: Decimal
    up_to: Decimal
    currency: str
    words: str
    up_to_words: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under a heading; empty if there is nothing to tell."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Replies:
    """Counts of what came back, and the texts themselves (none in the redacted variant)."""

    texts: Count
    people: Count
    stop: Count
    danger: Count
    unseen: Count
    rows: Table


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report, ready to be laid out."""

    redacted: bool
    title: str
    subtitle: str
    made: str
    now: str
    headlines: tuple[Headline, ...]
    recipients: Count
    outcome: tuple[Share, ...]
    hours: Bars
    delivery: Delivery | None
    failures: tuple[Failure, ...]
    unreached: Table
    more_unreached: int
    uncertain: tuple[str, ...]
    lines: tuple[LineRow, ...]
    cost: Cost
    replies: Replies
    acknowledged: Count
    lists: Table
    refused: Table
    in_several_lists: Count
    texts: Table
    approvals: Table
    decisions: Table
    first_texts: str
    visits: Bars
    visit_total: Count
    states: Mapping[str, int | str]
    kept: str = ""
    rounded: bool = False
    over: str = ""
