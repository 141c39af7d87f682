"""Known vulnerabilities of what is locked, by pip-audit; what it could not find out is said, never passed over.

pip-audit asks the registry for a page of each version. Mirrors often serve no such pages, and pip-audit then
calls the package "skipped" and ends well. Here the registry's page of the project is asked for those: it lists
what is known of the newest version, which answers the question where the newest one is what is locked.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.supply.locks import Pin, without_markers
from tests.supply.tools import Tools

_TIMEOUT_S = 15.0
_AT_ONCE = 6

Page = Callable[[str], Any]
"""A project's page, as decoded JSON. OSError if there is no answer."""


@dataclass(slots=True)
class Findings:
    """What was asked of the advisories, by package."""

    vulnerable: dict[str, list[str]] = field(default_factory=dict)
    clean: list[str] = field(default_factory=list)
    unanswered: dict[str, str] = field(default_factory=dict)


def audit(tools: Tools, lock: Mapping[str, Pin], page: Page, found: Findings | None = None) -> Findings:
    """Ask about every package of a lock, other platforms' too. ToolMissing without pip-audit."""
    findings = found or Findings()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "lock.txt"
        place.write_text(without_markers(lock), encoding="utf-8")
        done = tools.run(
            "pip-audit", "--requirement", str(place), "--require-hashes", "--disable-pip", "--format", "json",
            "--progress-spinner", "off", "--timeout", str(int(_TIMEOUT_S)),
        )  # fmt: skip
    told = _decoded(done.stdout)
    left: dict[str, str] = {}
    for name in lock:
        one = told.get(name, {"skip_reason": "pip-audit gave no answer"})
        if "skip_reason" in one:
            left[name] = str(one["skip_reason"])
        else:
            _note(findings, name, [str(it["id"]) for it in one["vulns"]])
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        list(pool.map(lambda name: _ask_page(findings, lock[name], page, left[name]), left))
    return findings


def registry_page(name: str) -> Any:
    """A project's page in the registry that pip knows by itself."""
    from pip._internal.models.index import PyPI  # pip says where; it is not ours to name

    request = f"{PyPI.pypi_url}/{name}/json"
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - pip's own https address
            return json.load(answer)
    except (ValueError, http.client.HTTPException) as error:
        raise OSError(f"its page cannot be read: {error}") from error


def words(findings: Findings) -> list[str]:
    """The findings for people: first what is wrong, then what is not known."""
    lines = [f"VULNERABLE  {name}: {', '.join(ids)}" for name, ids in sorted(findings.vulnerable.items())]
    lines += [f"NOT AUDITED {name}: {why}" for name, why in sorted(findings.unanswered.items())]
    if findings.unanswered:
        lines.append(
            f"{len(findings.unanswered)} packages were NOT audited: no advisories could be had for them here."
        )
    lines.append(f"{len(findings.clean)} packages have no known vulnerability.")
    return lines


def _ask_page(findings: Findings, pin: Pin, page: Page, why: str) -> None:
    try:
        told = page(pin.name)
        newest, listed = str(told["info"]["version"]), told["vulnerabilities"]
        ids = [str(it["id"]) for it in listed if it.get("withdrawn") is None]
    except (urllib.error.URLError, OSError) as error:
        findings.unanswered[pin.name] = f"{why}; then {error}"
        return
    except (AttributeError, KeyError, TypeError):
        findings.unanswered[pin.name] = f"{why}; its page in the registry lists no vulnerabilities, not even none"
        return
    if newest != pin.version:
        findings.unanswered[pin.name] = f"{why}; its page tells of {newest}, locked is {pin.version}"
        return
    _note(findings, pin.name, ids)


def _note(findings: Findings, name: str, ids: list[str]) -> None:
    if ids:
        findings.vulnerable[name] = ids
    else:
        findings.clean.append(name)


def _decoded(text: str) -> dict[str, dict[str, Any]]:
    """pip-audit's answers by package; none of them if it ended with no answer at all."""
    try:
        return {str(one["name"]): one for one in json.loads(text)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        return {}
