"""The supply chain of a release: its locks, their advisories, its bill of materials.

    python -m tests.supply lock        write requirements/*.txt anew; see that wheels are there for every platform
    python -m tests.supply check       the locks are whole and are what pyproject.toml asks for
    python -m tests.supply audit       known vulnerabilities of what is locked
    python -m tests.supply sbom FILE   the bill of materials, made twice and compared

Ends with 1 if something is wrong, with 2 if a tool is missing. What the audit could not find out is printed; with
`--all` (a release asks for it) it is wrong, too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.supply import audit, locks, sbom
from tests.supply.tools import ToolMissing, Tools, compile_locks, uninstallable


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, default=Path("build/tools"), help="the environment of `make tools`")
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("lock").add_argument("--upgrade", action="store_true", help="take the newest versions")
    steps.add_parser("check")
    steps.add_parser("audit").add_argument("--all", action="store_true", help="every package must be answered for")
    steps.add_parser("sbom").add_argument("out", type=Path)
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """0 if all is well, 1 if something is wrong, 2 if a tool is missing."""
    asked = _parse(words)
    tools = Tools(asked.tools.resolve())
    try:
        wrong = _step(asked, tools)
    except ToolMissing as missing:
        print(f"CANNOT CHECK: {missing}", file=sys.stderr)
        return 2
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    return 1 if wrong else 0


def _step(asked: argparse.Namespace, tools: Tools) -> list[str]:
    match asked.step:
        case "lock":
            wrong = compile_locks(tools, upgrade=asked.upgrade)
            return wrong or unmet() or uninstallable(tools, [locks.CORE, locks.EXTRAS])
        case "check":
            return unmet()
        case "audit":
            return _audit(tools, everything=asked.all)
        case _:
            return _bill(tools, asked.out.resolve())


def unmet() -> list[str]:
    """Where a lock is not what pyproject.toml asks for."""
    wanted = locks.extras()
    everything = [one for group in wanted.values() for one in group]
    usable = [one for name, group in wanted.items() if name != "dev" for one in group]
    asked = ((locks.CORE, wanted[""]), (locks.EXTRAS, usable), (locks.DEV, everything))
    return [f"{lock.name}: {line}" for lock, group in asked for line in locks.unmet(locks.read(lock), group)]


def _audit(tools: Tools, *, everything: bool) -> list[str]:
    mine = locks.read(locks.DEV)
    others = {name: pin for name, pin in locks.read(locks.TOOLS).items() if mine.get(name) != pin}
    findings = audit.audit(tools, mine, audit.registry_page)
    audit.audit(tools, others, audit.registry_page, findings)
    for line in audit.words(findings):
        print(line)
    wrong = [f"{name} is vulnerable" for name in findings.vulnerable]
    return wrong + [f"{name} was not audited" for name in findings.unanswered if everything]


def _bill(tools: Tools, out: Path) -> list[str]:
    wrong = sbom.make(tools, locks.EXTRAS, out)
    if wrong:
        return wrong
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / out.name
        wrong = sbom.make(tools, locks.EXTRAS, again)
        if not wrong and again.read_bytes() != out.read_bytes():
            wrong = ["the same lock gives another bill the second time"]
    return wrong or sbom.lacking(sbom.load(out), locks.read(locks.EXTRAS))


if __name__ == "__main__":
    sys.exit(main())
