"""Which rows of a source are wanted: filters that a person asked for. What they leave out is counted and said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gsmsend.campaign.numbers import Kind, NotTextable, Number, region_of
from gsmsend.campaign.sources.row import RowKind, SourceRow


@dataclass(frozen=True, slots=True)
class Filters:
    """Nothing asked for leaves nothing out.

    `seen_at_least` counts the rows (or the times that a row gives) in which a number stands, over all sources of
    one import. `since` and `until` are days, both included, by the time of the row, UTC where it names no zone.
    `regions` are codes of ISO 3166.
    """

    seen_at_least: int = 1
    since: date | None = None
    until: date | None = None
    mobile_only: bool = False
    regions: frozenset[str] = frozenset()
    kinds: frozenset[RowKind] = frozenset()

    def __bool__(self) -> bool:
        return self != Filters()

    def kind(self, row: SourceRow) -> str:
        """Why a row of this kind is left out; empty if it is not."""
        return f"not asked for: {row.kind.value}" if self.kinds and row.kind not in self.kinds else ""

    def time(self, row: SourceRow) -> str:
        """Why a row of that time is left out; empty if it is not."""
        if self.since is None and self.until is None:
            return ""
        if row.at_s is None:
            return "no date"
        if self.since is not None and row.at_s < _start(self.since):
            return f"before {self.since.isoformat()}"
        if self.until is not None and row.at_s >= _start(self.until + timedelta(days=1)):
            return f"after {self.until.isoformat()}"
        return ""

    def number(self, number: Number | NotTextable) -> str:
        """Why a number is left out whatever row it stands in; empty if it is not."""
        if isinstance(number, NotTextable):
            return "not a mobile number" if self.mobile_only and number.not_mobile else ""
        if self.mobile_only and number.kind is Kind.FIXED_OR_MOBILE:
            return "not known to be a mobile number"
        if self.regions and (region := region_of(number)) not in self.regions:
            return f"a number of {region or 'no country that is known'}"
        return ""

    def seen(self, times: int) -> str:
        """Why a number that was seen so often is left out; empty if it is not."""
        return f"seen fewer than {self.seen_at_least} times" if times < self.seen_at_least else ""


def _start(day: date) -> float:
    return datetime.combine(day, time(0), UTC).timestamp()


def words(filters: Filters) -> Iterable[str]:
    """The filters in the form that makes an import's digest: the same filters, the same words."""
    if filters:
        yield repr(
            (
                filters.seen_at_least, filters.since, filters.until, filters.mobile_only, sorted(filters.regions),
                sorted(filters.kinds),
            )
        )  # fmt: skip


Counts = Mapping[str, int]
"""How often each number (E.164) was seen."""
