"""Kills `gsmsend run` again and again, and holds the bench's record of what went on air against its store.

    python -m tests.crash --kills 1000

A failing operation keeps its folder and says how to repeat it. The moments of SIGKILL are of this machine: the
same seed gives the same operations and plans, not the same microseconds.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.crash.campaign import Wish, run
from tests.crash.operation import HarnessBroken
from tests.crash.tally import SETTLED_SHARE

LONG = 500
"""Kills from which on the share that settles without a person is asked."""


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000, help="how many, at least")
    parser.add_argument("--modems", default="1,8", help="of the operations, in turn")
    parser.add_argument("--seed", type=int, help="of everything; drawn and printed if left out")
    parser.add_argument("--only", type=int, help="this operation alone, to repeat it")
    parser.add_argument("--short", action="store_true", help="the few kills of the tests")
    parser.add_argument("--keep", action="store_true", help="keep the folder of every operation")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--table", action=argparse.BooleanOptionalAction, default=True, help="show the tables")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """0 if everything is as promised, 1 if not, 2 if the harness itself cannot work any more."""
    asked = _parse(words)
    console = Console()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(1_000_000)
    modems = tuple(int(word) for word in asked.modems.split(","))
    wish = Wish(seed, asked.kills, modems, asked.only, asked.short, asked.keep)
    console.print(f"seed {seed}; to repeat: {wish.command}", highlight=False)
    try:
        tally = run(wish, console)
    except HarnessBroken as broken:
        console.print(f"[bold red]The harness does not fit the program any more:[/bold red] {broken}")
        return 2
    if asked.out is not None:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        asked.out.write_text(json.dumps({"at": at, **tally.document()}, indent=2) + "\n", encoding="utf-8")
    if asked.table:
        tally.show(console)
    if tally.kills >= LONG and tally.share < SETTLED_SHARE:
        console.print(f"[red]Only {tally.share:.1%} settled without a person; asked: {SETTLED_SHARE:.0%}[/red]")
        return 1
    return 0 if tally.good else 1


if __name__ == "__main__":
    sys.exit(main())
