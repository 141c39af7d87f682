"""The sums over all operations, as a table and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from tests.crash.judge import Wrong
from tests.crash.operation import Verdict
from tests.crash.points import RANDOM

SETTLED_SHARE = 0.9
"""Asked of the long run: what settles with no person where the modem offers EF-SMSS or reports."""
EVIDENCE = ("late answer", "delivery report", "sweep", "SIM counter", "next text's number", "person")
NO_GROUND = "neither"
GROUNDS = ("EF-SMSS and reports", "reports alone", "EF-SMSS alone", NO_GROUND)
"""Weather.evidence."""
_WORDS = {"sweep": "stored report found by the sweep"}


@dataclass(slots=True)
class Tally:
    """All verdicts. `dealt`: how often each point was meant to be reached."""

    seed: int
    dealt: Mapping[str, int]
    verdicts: list[Verdict] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def kills(self) -> int:
        """All of them."""
        return sum(len(verdict.kills) for verdict in self.verdicts)

    @property
    def made(self) -> int:
        """Parts that became uncertain."""
        return sum(verdict.made for verdict in self.verdicts)

    @property
    def settled(self) -> Counter[str]:
        """By which evidence; `person` for what nothing else could settle."""
        found: Counter[str] = Counter()
        for verdict in self.verdicts:
            found.update(verdict.settled)
            found["person"] += verdict.needed_person
        return found

    @property
    def share(self) -> float:
        """Of the uncertain parts that settled with no person, where the modem offers EF-SMSS or reports."""
        found = [verdict for verdict in self.verdicts if verdict.weather.evidence != NO_GROUND]
        made = sum(verdict.made for verdict in found)
        return 1 - sum(verdict.needed_person for verdict in found) / made if made else 1.0

    def share_with(self, evidence: str) -> float | None:
        """The same for the operations that had that to settle by; None if none of theirs was uncertain."""
        found = [verdict for verdict in self.verdicts if verdict.weather.evidence == evidence and verdict.made]
        made = sum(verdict.made for verdict in found)
        return 1 - sum(verdict.needed_person for verdict in found) / made if made else None

    def wrong(self, what: Wrong) -> int:
        """How many."""
        return sum(problem.what is what for verdict in self.verdicts for problem in verdict.problems)

    @property
    def by_point(self) -> dict[str, int]:
        """Kills by where they fell."""
        found = Counter(kill.where for verdict in self.verdicts for kill in verdict.kills)
        return {name: found[name] for name in (RANDOM, *(name for name in self.dealt if name != RANDOM))}

    @property
    def never_reached(self) -> list[str]:
        """Points that were meant more than twice and never reached: the harness no longer tests them."""
        return [name for name, count in self.by_point.items() if not count and self.dealt.get(name, 0) > 2]

    @property
    def good(self) -> bool:
        """Whether everything is as promised; the share is asked of the long run only."""
        return not any(verdict.problems for verdict in self.verdicts) and not self.never_reached

    def document(self) -> dict[str, object]:
        """For JSON."""
        return {
            "seed": self.seed, "kills": self.kills, "runs": sum(verdict.runs for verdict in self.verdicts),
            "operations": len(self.verdicts), "recipients": sum(verdict.recipients for verdict in self.verdicts),
            "parts": sum(verdict.parts for verdict in self.verdicts),
            "kills_a_minute": round(60 * self.kills / self.seconds, 1) if self.seconds else None,
            "seconds": round(self.seconds, 1),
            "lost": self.wrong(Wrong.LOST), "duplicates": self.wrong(Wrong.DUPLICATE),
            "wrong_states": self.wrong(Wrong.STATE), "uncertain": self.made,
            "settled": {name: self.settled[name] for name in EVIDENCE},
            "settled_without_a_person": round(self.share, 4),
            "settled_with": {name: self.share_with(name) for name in GROUNDS},
            "kills_by_point": self.by_point, "never_reached": self.never_reached,
            "by_operation": [_plain(verdict) for verdict in self.verdicts],
        }  # fmt: skip

    def show(self, console: Console) -> None:
        """The tables."""
        points = Table("killed at", "kills", title="Where gsmsend was killed", title_justify="left")
        for name, count in self.by_point.items():
            points.add_row(name, str(count) if count else "[red]0[/red]")
        console.print(points)
        sums = Table(title=f"Crash accounting, seed {self.seed}", title_justify="left", show_header=False)
        for name, value in self._rows():
            sums.add_row(name, value)
        console.print(sums)

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "kills", f"{self.kills:,} in {len(self.verdicts)} operations"
        yield "kills a minute", f"{60 * self.kills / self.seconds:.0f}" if self.seconds else ""
        recipients = sum(verdict.recipients for verdict in self.verdicts)
        yield "recipients, parts", f"{recipients:,}, {sum(verdict.parts for verdict in self.verdicts):,}"
        for what, word in ((Wrong.LOST, "lost"), (Wrong.DUPLICATE, "duplicates"), (Wrong.STATE, "wrong states")):
            count = self.wrong(what)
            yield word, f"[bold red]{count}[/bold red]" if count else "0"
        yield "uncertain parts made", f"{self.made:,}"
        for name in EVIDENCE:
            yield f"  settled by {_WORDS.get(name, name)}", f"{self.settled[name]:,}"
        yield "settled without a person", f"{self.share:.1%} (asked: {SETTLED_SHARE:.0%})"
        for name in GROUNDS:
            share = self.share_with(name)
            yield f"  with {name}", f"{share:.1%}" if share is not None else "none made"
        for name in self.never_reached:
            yield "[red]never reached[/red]", name


def _plain(verdict: Verdict) -> dict[str, object]:
    return {
        "number": verdict.number, "weather": verdict.weather.words, "kills": len(verdict.kills),
        "runs": verdict.runs, "seconds": round(verdict.seconds, 1), "recipients": verdict.recipients,
        "parts": verdict.parts, "uncertain": verdict.made, "settled": verdict.settled,
        "person": verdict.needed_person, "problems": [str(problem) for problem in verdict.problems],
    }  # fmt: skip
