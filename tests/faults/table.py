"""The table of the harness: a row for each fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.table import Table

from tests.faults.case import Result

WIDEST = 60


@dataclass(slots=True)
class Row:
    """One fault: how often it was tried and survived, the longest recovery, the words of its first case."""

    group: str
    fault: str
    tried: int = 0
    survived: int = 0
    recovery_s: float | None = None
    told: str = ""
    problems: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return {
            "group": self.group, "fault": self.fault, "tried": self.tried, "survived": self.survived,
            "recovery_s": self.recovery_s, "told": self.told, "problems": self.problems,
        }  # fmt: skip


def rows_of(results: Sequence[tuple[int, Result]]) -> list[Row]:
    """In the order of the catalogue."""
    rows: dict[str, Row] = {}
    for seed, result in results:
        row = rows.setdefault(result.case.fault, Row(result.case.group, result.case.fault))
        row.tried += 1
        row.survived += not result.problem
        if result.problem:
            row.problems.append(
                f"{result.case.name} (seed {seed}): {result.problem.strip().splitlines()[-1][:300]}"
            )
        took_s = result.shown.recovery_s
        if took_s is not None:
            row.recovery_s = round(max(took_s, row.recovery_s or 0.0), 1)
        row.told = row.told or result.shown.words
    return list(rows.values())


def shown(rows: Sequence[Row], seeds: Sequence[int]) -> Table:
    """For the terminal."""
    title = f"gsmsend against {len(rows)} faults, seeds {', '.join(map(str, seeds))}"
    table = Table("fault", "tried", "survived", "recovery, s", "what the user was told", title=title)
    for row in rows:
        recovery = "" if row.recovery_s is None else f"{row.recovery_s:.1f}"
        good = str(row.survived) if row.survived == row.tried else f"[bold red]{row.survived}[/]"
        words = row.told if len(row.told) <= WIDEST else row.told[: WIDEST - 1] + "\u2026"
        table.add_row(row.fault, str(row.tried), good, recovery, words)
    tried, survived = sum(row.tried for row in rows), sum(row.survived for row in rows)
    table.add_section()
    table.add_row("all", str(tried), str(survived), "", "")
    return table
