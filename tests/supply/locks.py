"""The locks of requirements/: what each one pins, and whether it is what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "requirements"
CORE, EXTRAS, DEV, TOOLS = (LOCKS / f"{name}.txt" for name in ("core", "extras", "dev", "tools"))

_LINE = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>.*?))?(?P<hashes>(?:\s--hash=\S+)*)"
)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a lock: its name, its version, where it is needed, the SHA-256 of its files."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def pins(text: str) -> dict[str, Pin]:
    """The pins of a lock by name. ValueError for a line that is not one exact version with its SHA-256 hashes."""
    found: dict[str, Pin] = {}
    for line in _joined(text):
        match = _LINE.fullmatch(line)
        hashes = match["hashes"].split() if match else []
        if match is None or not hashes or not all(_HASH.fullmatch(one) for one in hashes):
            raise ValueError(f"not an exact version with SHA-256 hashes: {line[:90]!r}")
        name = canonicalize_name(match["name"])
        if name in found:
            raise ValueError(f"{name} is locked twice")
        sums = tuple(one.removeprefix("--hash=") for one in hashes)
        found[name] = Pin(name, match["version"], match["marker"] or "", sums)
    return found


def read(lock: Path) -> dict[str, Pin]:
    """The pins of one file."""
    return pins(lock.read_text(encoding="utf-8"))


def without_markers(lock: Mapping[str, Pin]) -> str:
    """The lock for every platform at once, for what would leave out another platform's packages."""
    lines = (
        " ".join([f"{it.name}=={it.version}", *(f"--hash={one}" for one in it.hashes)]) for it in lock.values()
    )
    return "\n".join(lines) + "\n"


def extras() -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for: `""` is gsmsend itself, the others are its extras; its own extras unfolded."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {"": project["dependencies"], **project.get("optional-dependencies", {})}
    own = canonicalize_name(project["name"])

    def unfolded(name: str) -> Iterator[Requirement]:
        for requirement in map(Requirement, asked[name]):
            if canonicalize_name(requirement.name) == own:
                for inner in sorted(requirement.extras):
                    yield from unfolded(inner)
            else:
                yield requirement

    return {name: list(unfolded(name)) for name in asked}


def unmet(lock: Mapping[str, Pin], wanted: list[Requirement]) -> list[str]:
    """What is asked for and not locked, or locked at a version that is not allowed."""
    missing: list[str] = []
    for requirement in wanted:
        pin = lock.get(canonicalize_name(requirement.name))
        if pin is None:
            missing.append(f"{requirement} is not locked")
        elif not requirement.specifier.contains(pin.version, prereleases=True):
            missing.append(f"{requirement}, but locked is {pin.version}")
    return missing


def _joined(text: str) -> Iterator[str]:
    """Logical lines, as pip reads them: a backslash goes on, `#` is a comment."""
    for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        bare = re.sub(r"(^|\s)#.*", "", line).strip()
        if bare:
            yield bare
