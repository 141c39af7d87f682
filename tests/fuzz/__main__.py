"""Coverage-guided fuzzing with atheris (`pip install atheris`): `python -m tests.fuzz [--minutes M] [TARGET...]`.

Runs each harness for M minutes and prints a table; what finds a fault is kept under build/fuzz, and
`--replay FILE TARGET` runs one such file again. `--minimise` rewrites tests/corpus/fuzz from what was found.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.fuzz.minimising import minimise
from tests.fuzz.runner import Tally, run
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Fuzz what was named, or everything; 1 if there was a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"some of {', '.join(TARGETS)}; or all")
    parser.add_argument("--minutes", type=float, default=30.0, help="for each target (default 30)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run this one input on the targets named")
    parser.add_argument("--minimise", action="store_true", help="rewrite the corpus from what was found so far")
    arguments = parser.parse_args()
    unknown = set(arguments.targets) - TARGETS.keys()
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    chosen = [TARGETS[name] for name in arguments.targets or TARGETS]
    console = Console()
    if arguments.replay is not None:
        for target in chosen:
            target.load()(arguments.replay.read_bytes())
            console.print(f"{target.name}: no fault")
        return 0
    if arguments.minimise:
        for target in chosen:
            before, after = minimise(target)
            console.print(f"{target.name}: {before} inputs, {after} kept, {target.corpus.stat().st_size} octets")
        return 0
    if find_spec("atheris") is None:
        console.print("atheris is not installed. Type: pip install atheris")
        return 2
    tallies = []
    for target in chosen:
        console.print(f"{target.name}: {arguments.minutes:g} minutes ...")
        tallies.append(run(target, arguments.minutes))
        for said, path in tallies[-1].faults.items():
            console.print(f"FAULT in {target.name}: {said}", markup=False, soft_wrap=True)
            console.print(
                f"  see it: python -m tests.fuzz --replay {path} {target.name}", markup=False, soft_wrap=True
            )
    console.print(_table(tallies))
    return int(any(tally.faults for tally in tallies))


def _table(tallies: list[Tally]) -> Table:
    table = Table("target", "executions", "a second", "coverage", "new", "inputs kept", "faults")
    for tally in tallies:
        begun, ended = tally.coverage
        rate = tally.executions / tally.seconds if tally.seconds else 0
        table.add_row(
            tally.name, f"{tally.executions:,}", f"{rate:,.0f}", str(ended), f"+{ended - begun}",
            str(tally.new_inputs), str(len(tally.faults)),
        )  # fmt: skip
    return table


if __name__ == "__main__":
    sys.exit(main())
