"""The bill of materials of a build: CycloneDX, from the lock that a release is installed with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.supply.locks import ROOT, Pin
from tests.supply.tools import Tools

_VERSION = "1.6"
"""Of CycloneDX (ECMA-424, first edition)."""


def make(tools: Tools, lock: Path, out: Path) -> list[str]:
    """Write it, checked against the schema. What went wrong, in words."""
    out.parent.mkdir(parents=True, exist_ok=True)
    done = tools.run(
        "cyclonedx-py", "requirements", str(lock.relative_to(ROOT)), "--pyproject", "pyproject.toml",
        "--output-reproducible", "--output-format", "JSON", "--spec-version", _VERSION, "--validate",
        "--output-file", str(out),
    )  # fmt: skip
    return [f"{lock.name}: {done.stderr.strip()}"] if done.returncode else []


def lacking(document: Mapping[str, Any], lock: Mapping[str, Pin]) -> list[str]:
    """What is locked and not in the bill, or in it with another version or hashes; what is only in it."""
    listed = {str(one["name"]): one for one in document.get("components", [])}
    wrong = [f"{name} is in the bill and not in the lock" for name in sorted(listed.keys() - lock.keys())]
    for name, pin in lock.items():
        one = listed.get(name)
        if one is None:
            wrong.append(f"{name} is not in the bill")
        elif str(one.get("version")) != pin.version:
            wrong.append(f"{name} is {one.get('version')} in the bill and {pin.version} in the lock")
        elif _hashes(one) != {it.removeprefix("sha256:") for it in pin.hashes}:
            wrong.append(f"{name} has other hashes in the bill")
    return wrong


def load(place: Path) -> dict[str, Any]:
    """A bill as it was written."""
    document: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return document


def _hashes(component: Mapping[str, Any]) -> set[str]:
    return {
        str(one["content"])
        for reference in component.get("externalReferences", [])
        for one in reference.get("hashes", [])
        if one["alg"] == "SHA-256"
    }
