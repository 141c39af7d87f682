"""The programs of requirements/tools.txt, each in the environment that `make tools` fills."""

from __future__ import annotations

import os
import subprocess
import tempfile
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.supply.locks import LOCKS, ROOT

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
"""Where a release can be installed with nothing compiled. Not Intel Macs: cryptography has no wheels for them."""

SOURCE_ONLY = {
    "docopt": "GOV.UK Notify's client wants it; its last release, of 2014, is a source archive, one Python file",
    "adbutils": "its wheels bring an adb program, and there is none for Macs with ARM",
}
"""Packages of extras that have no wheel for every platform, and why they are taken all the same."""


class ToolMissing(Exception):
    """A program that the check needs is not there."""


@dataclass(frozen=True, slots=True)
class Tools:
    """A folder with a virtual environment."""

    folder: Path

    def find(self, name: str) -> str:
        """Its path; ToolMissing if it is not there, for a check that was not made is not a check that passed."""
        for place in (self.folder / "bin" / name, self.folder / "Scripts" / f"{name}.exe"):
            if place.exists():
                return str(place)
        raise ToolMissing(f"{name} is not in {self.folder}: run `make tools`")

    def run(self, name: str, *words: str, timeout_s: float = 300.0) -> subprocess.CompletedProcess[str]:
        """One program to its end, in the project's folder."""
        command = [self.find(name), *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False)


def compile_locks(tools: Tools, *, upgrade: bool) -> list[str]:
    """Write every lock anew; versions that still fit stay, unless `upgrade`. What went wrong, in words."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [
        word for name in project.get("optional-dependencies", {}) if name != "dev" for word in ("--extra", name)
    ]
    newest = ["--upgrade"] if upgrade else []
    for name, source, words in (
        ("dev", "pyproject.toml", ["--all-extras", *newest]),
        ("extras", "pyproject.toml", [*asked, "--constraint", "requirements/dev.txt"]),
        ("core", "pyproject.toml", ["--constraint", "requirements/dev.txt"]),
        ("tools", "requirements/tools.in", newest),
    ):
        out = LOCKS / f"{name}.txt"
        done = tools.run(
            "uv", "pip", "compile", source, "--universal", "--generate-hashes", "--python-version", PYTHONS[0],
            "--custom-compile-command", "make lock", "--quiet", *words,
            "--output-file", str(out.relative_to(ROOT)),
        )  # fmt: skip
        if done.returncode:
            return [f"{out.name}: {done.stderr.strip()}"]
    return []


def uninstallable(tools: Tools, locks: Sequence[Path]) -> list[str]:
    """Where a lock cannot be installed from wheels alone, by Python and platform; but for SOURCE_ONLY."""
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for lock in locks:
            wheels = Path(folder) / lock.name
            wheels.write_text(_without(lock.read_text(encoding="utf-8"), SOURCE_ONLY), encoding="utf-8")
            for python in PYTHONS:
                for platform in PLATFORMS:
                    done = tools.run(
                        "uv", "pip", "compile", str(wheels), "--quiet", "--no-build", "--no-deps",
                        "--python-version", python, "--python-platform", platform, "--output-file", os.devnull,
                    )  # fmt: skip
                    if done.returncode:
                        found.append(f"{lock.name} on Python {python}, {platform}: {done.stderr.strip()}")
    return found


def _without(lock: str, names: Collection[str]) -> str:
    """A lock without some packages: their line and those of their hashes."""
    kept, left_out = [], False
    for line in lock.splitlines(keepends=True):
        if not line.startswith((" ", "#")):
            left_out = line.partition("==")[0].partition("[")[0] in names
        kept += [] if left_out else [line]
    return "".join(kept)
