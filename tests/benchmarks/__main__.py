"""The figures that README quotes, measured on this machine: `make bench`, or `python -m tests.benchmarks NAME...`.

Prints a table and writes bench-results.json. Machines differ and are noisy: compare ratios within one run.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    campaign,
    console,
    importing,
    plugging,
    postgres,
    postgres_claim,
    queueing,
    radio,
    startup,
    watched,
)
from tests.benchmarks.endurance import Wish, endurance
from tests.benchmarks.harness import Figure, Measure

MEASURES: dict[str, Measure] = {
    "busy-1": lambda quick: radio.busy(1, quick=quick),
    "busy-8": lambda quick: radio.busy(8, quick=quick),
    "busy-32": lambda quick: radio.busy(32, quick=quick),
    "busy-64": lambda quick: radio.busy(64, quick=quick),
    "rate": lambda quick: radio.rate(quick=quick),
    "start": startup.first_submission,
    "plugging": lambda quick: plugging.plugging(quick=quick),
    "help": startup.help_text,
    "import": queueing.import_rows,
    "phones": importing.two_phones,
    "claim": queueing.claim,
    "campaign": campaign.prepare,
    "console": console.console,
    "hosts": postgres.hosts,
    "pg-claim": postgres_claim.claim,
    "watched": watched.watched,
}
LONG = ("endurance",)
"""Takes an hour, and is measured only if it is named."""


def main() -> None:
    """Measure what was named, or everything that takes no hour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES, *LONG], help="which; all if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer texts: for a look, not for a figure")
    parser.add_argument("--minutes", type=float, help="of endurance; 60, or 5 with --quick")
    parser.add_argument("--modems", type=int, default=64, help="of endurance")
    parser.add_argument("--seed", type=int, help="of endurance; drawn and printed if not given")
    parser.add_argument("--traced", action="store_true", help="endurance tells what memory grew by, and is slower")
    parser.add_argument("--keep", type=Path, help="endurance works in this folder and leaves it")
    parser.add_argument("--out", type=Path, default=Path("bench-results.json"))
    arguments = parser.parse_args()
    figures: list[Figure] = []
    screen = Console()
    for name in arguments.names or MEASURES:
        screen.print(f"measuring {name} ...")
        if name in LONG:
            figures += endurance(_wish(arguments), screen)
        else:
            figures += MEASURES[name](arguments.quick)
    table = Table("measure", "figure", "must reach", "", title="gsmsend, measured here")
    for figure in figures:
        good = "ok" if figure.good else "MISSED" if figure.good is not None else ""
        table.add_row(figure.name, figure.shown, figure.target, good)
    screen.print(table)
    document = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "figures": [f.plain() for f in figures]}
    arguments.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _wish(arguments: argparse.Namespace) -> Wish:
    minutes = arguments.minutes if arguments.minutes is not None else 5.0 if arguments.quick else 60.0
    seed = arguments.seed if arguments.seed is not None else random.randrange(1, 1 << 31)
    return Wish(minutes, arguments.modems, seed, arguments.traced, arguments.keep)


if __name__ == "__main__":
    main()
