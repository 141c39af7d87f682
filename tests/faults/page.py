"""docs/faults.md: what an officer may see, what it means, what to do. Its rows are in words.toml.

The cases hold its words to what the program says (`Scene.told`). `python -m tests.faults --page` writes the page;
a test sees that it was.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).absolute().parent
PAGE = HERE.parents[1] / "docs" / "faults.md"
SECTIONS = ("The modem", "The SIM", "The network", "Delivery reports", "This computer")

_STANDS_FOR = re.compile(r"\b(PORT|LINE|REASON|NUMBER|FOLDER)\b")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the page."""

    section: str
    see: str
    means: str
    do: str


def _rows() -> dict[str, Row]:
    with (HERE / "words.toml").open("rb") as stream:
        return {key: Row(**table) for key, table in tomllib.load(stream).items()}


ROWS = _rows()


def render() -> str:
    """The whole page."""
    lines = [(HERE / "page_head.md").read_text(encoding="utf-8")]
    for section in SECTIONS:
        lines += [f"## {section}", "", "| You see | It means | Do |", "|---|---|---|"]
        lines += [
            f"| {_quoted(row.see)} | {row.means} | {row.do} |" for row in ROWS.values() if row.section == section
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _quoted(see: str) -> str:
    return f"*{_STANDS_FOR.sub(lambda found: f'`{found[0]}`', see)}*"
