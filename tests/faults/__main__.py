"""Every fault, tried: `python -m tests.faults [NAME...]`; a NAME is a group or the beginning of a case's name.

Prints a table: fault, tried, survived, recovery time, what the user was told; writes the same as JSON with --out.
Each case runs three times, each with its own seed, or as often as --times says; with --quick only the short
form, once. --page writes docs/faults.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from tests.faults import catalogue, page, table
from tests.faults.case import Case, Result, named, play
from tests.faults.near_side import heed_signals
from tests.faults.scene import SEED

TIMES = 3


def main() -> int:
    """Try what was named, or everything; 1 if anything was not survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all if none is named")
    parser.add_argument("--quick", action="store_true", help="the short form, once each")
    parser.add_argument("--times", type=int, default=TIMES, help="how many seeds")
    parser.add_argument("--out", type=Path, help="write the table as JSON, too")
    parser.add_argument("--at-once", type=int, default=6, help="how many cases at a time")
    parser.add_argument("--seed", type=int, default=SEED, help="the first seed")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep there what a failed case leaves")
    parser.add_argument("--list", action="store_true", help="only name the cases")
    parser.add_argument("--page", action="store_true", help="only write docs/faults.md")
    arguments = parser.parse_args()
    assert catalogue.__all__
    if arguments.page:
        page.PAGE.write_text(page.render(), encoding="utf-8")
        return 0
    cases = [one for one in named(arguments.names) if one.short or arguments.names or not arguments.quick]
    if not cases:
        parser.error(f"no case is named {' or '.join(arguments.names)}; see --list")
    if arguments.list:
        sys.stdout.write("".join(f"{one.group:<9} {one.name}\n" for one in cases))
        return 0
    heed_signals()
    seeds = [arguments.seed + n for n in range(1 if arguments.quick else arguments.times)]
    results = _play(cases, seeds, arguments.at_once, arguments.keep)
    rows = table.rows_of(results)
    Console().print(table.shown(rows, seeds))
    if arguments.out is not None:
        document = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "seeds": seeds,
            "faults": [row.plain() for row in rows],
        }  # fmt: skip
        arguments.out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 1 if any(result.problem for _, result in results) else 0


def _play(cases: list[Case], seeds: list[int], at_once: int, keep: Path | None) -> list[tuple[int, Result]]:
    jobs = [(seed, one) for seed in seeds for one in cases]
    played = []
    pool = ThreadPoolExecutor(at_once)
    futures = [(seed, pool.submit(play, one, seed, keep)) for seed, one in jobs]
    try:
        for number, (seed, future) in enumerate(futures, 1):
            result = future.result()
            played.append((seed, result))
            said = f"FAILED (seed {seed}): {result.problem}" if result.problem else "survived"
            sys.stderr.write(f"{number:>4} of {len(jobs)}  {result.took_s:5.1f} s  {result.case.name}: {said}\n")
    finally:
        pool.shutdown(cancel_futures=True)
    return played


if __name__ == "__main__":
    sys.exit(main())
