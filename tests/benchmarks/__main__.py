"""The figures that README quotes, measured on this machine: `make bench`, or `python -m tests.benchmarks NAME...`.

Prints a table and writes bench-results.json. Machines differ and are noisy: compare ratios within one run.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import campaign, console, importing, queueing, radio, startup
from tests.benchmarks.harness import Figure, Measure

MEASURES: dict[str, Measure] = {
    "busy-1": lambda quick: radio.busy(1, quick=quick),
    "busy-8": lambda quick: radio.busy(8, quick=quick),
    "busy-32": lambda quick: radio.busy(32, quick=quick),
    "busy-64": lambda quick: radio.busy(64, quick=quick),
    "rate": lambda quick: radio.rate(quick=quick),
    "start": startup.first_submission,
    "help": startup.help_text,
    "import": queueing.import_rows,
    "phones": importing.two_phones,
    "claim": queueing.claim,
    "campaign": campaign.prepare,
    "console": console.console,
}


def main() -> None:
    """Measure what was named, or everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES], help="which; all if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer texts: for a look, not for a figure")
    parser.add_argument("--out", type=Path, default=Path("bench-results.json"))
    arguments = parser.parse_args()
    figures: list[Figure] = []
    screen = Console()
    for name in arguments.names or MEASURES:
        screen.print(f"measuring {name} ...")
        figures += MEASURES[name](arguments.quick)
    table = Table("measure", "figure", "must reach", "", title="gsmsend, measured here")
    for figure in figures:
        good = "ok" if figure.good else "MISSED" if figure.good is not None else ""
        table.add_row(figure.name, figure.shown, figure.target, good)
    screen.print(table)
    document = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "figures": [f.plain() for f in figures]}
    arguments.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
