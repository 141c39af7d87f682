"""Unit files of hw/systemd as systemd reads them, and the product run under what one of them allows."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "hw" / "systemd"
RUN, SERVE = FOLDER / "gsmsend-run@.service", FOLDER / "gsmsend-serve@.service"
PROGRAM = "/opt/gsmsend/bin/gsmsend"
_SPAN = re.compile(r"(\d+)\s*(ms|s|min|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1.0, None: 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class Unit:
    """Every assignment by its section and key, in order; an empty one takes away what stood before."""

    values: dict[tuple[str, str], list[str]]

    @classmethod
    def read(cls, *files: Path) -> Unit:
        """A unit with its drop-ins. Raises ValueError for a line that systemd would not take."""
        found: dict[tuple[str, str], list[str]] = {}
        for file in files:
            section = ""
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if not line or line.startswith(("#", ";")):
                    continue
                if line.startswith("[") and line.endswith("]"):
                    section = line[1:-1]
                    continue
                key, sign, value = line.partition("=")
                if not sign or not section or key != key.strip() or line.endswith("\\"):
                    raise ValueError(f"{file.name}, line {number}: expected KEY=value: {line}")
                found[section, key] = [*found.get((section, key), []), value.strip()] if value.strip() else []
        return cls(found)

    def last(self, key: str, section: str = "Service") -> str:
        """What holds of a key that has one value; empty for none."""
        values = self.values.get((section, key), [])
        return values[-1] if values else ""

    def words(self, key: str, section: str = "Service") -> list[str]:
        """All words of a key that takes a list."""
        return [word for value in self.values.get((section, key), []) for word in value.split()]

    def seconds(self, key: str, section: str = "Service") -> float:
        """A time span (systemd.time(7)), in seconds."""
        spans = _SPAN.findall(self.last(key, section))
        return sum(int(number) * _SECONDS[unit or None] for number, unit in spans)

    @property
    def command(self) -> list[str]:
        """What gsmsend is told to do, without the program itself."""
        program, *words = self.last("ExecStart").split()
        assert program == PROGRAM
        return words

    def allowed_calls(self) -> set[str]:
        """Names of system calls that SystemCallFilter= lets pass; the last line that has one decides."""
        allowed: set[str] = set()
        for value in self.values["Service", "SystemCallFilter"]:
            names = {name for word in value.removeprefix("~").split() for name in _expanded(word)}
            allowed = allowed - names if value.startswith("~") else allowed | names
        return allowed


@cache
def _expanded(word: str) -> frozenset[str]:
    if not word.startswith("@"):
        return frozenset({word})
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager", word], capture_output=True, text=True, check=True
    ).stdout
    names = [line.strip() for line in told.splitlines() if line.startswith("    ")]
    return frozenset(each for name in names if not name.startswith("#") for each in _expanded(name))


def analysed(place: Path, *units: Path) -> list[Path]:
    """Copies for systemd-analyze, which wants every program to be there."""
    place.mkdir(exist_ok=True)
    copies = []
    for unit in units:
        copy = place / unit.name
        copy.write_text(unit.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true"), encoding="utf-8")
        copies.append(copy)
    return copies


def under(unit: Unit, *words: str) -> list[str]:
    """The command line of Python under the unit's own limits, as far as a login without rights can set them."""
    return [
        sys.executable, "-m", "tests.packaging.confined", ",".join(sorted(unit.allowed_calls())),
        ",".join(unit.words("RestrictAddressFamilies")), unit.last("MemoryDenyWriteExecute"), *words,
    ]  # fmt: skip
