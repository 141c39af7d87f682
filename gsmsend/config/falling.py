"""The tables `[fallback.CAMPAIGN]` of gsmsend.toml: another way out for a campaign whose line is cut."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gsmsend.config import checks
from gsmsend.config.tables import number
from gsmsend.config.values import FallbackTerms, Rule
from gsmsend.errors import ConfigError

_RULES = ", ".join(f'"{rule.value}"' for rule in Rule)
_LONGEST = 10_000
"""Octets of a text_file; a longer one is another file."""


def _rules(value: object) -> object:
    if isinstance(value, list) and value and all(one in set(Rule) for one in value):
        return frozenset(Rule(one) for one in value)
    raise ValueError(f"a list out of {_RULES}")


_CHECKS: dict[str, tuple[str, checks.Check]] = {
    "route": ("route", checks.text),
    "text": ("text", checks.text),
    "text_file": ("text_file", checks.path),
    "sender": ("sender", checks.text),
    "trial": ("trial", checks.text),
    "segment": ("segment", checks.money),
    "budget": ("budget", checks.money),
    "after_minutes": ("after_s", checks.seconds(60)),
    "on": ("on", _rules),
}
_NEEDED = {
    "route": 'the driver that it goes over, such as "notify"',
    "sender": 'what people see as its sender, such as "ExamplePol"',
    "trial": "the phone of an officer who gets the trial text, in quotes",
    "segment": "what a segment costs there, such as 0.03",
    "budget": "the most that may be spent there, such as 50",
}


def fallbacks(place: Path, given: object, region: str, drivers: Mapping[str, object]) -> dict[str, FallbackTerms]:
    """The tables by campaign. Raises ConfigError."""
    if not isinstance(given, dict):
        raise ConfigError(f"{place}: fallback must be tables such as [fallback.main]")
    return {name: _one(place, name, table, region, drivers) for name, table in given.items()}


def _one(place: Path, name: str, table: object, region: str, drivers: Mapping[str, object]) -> FallbackTerms:
    where = f"{place}: [fallback.{name}]"
    if not isinstance(table, dict) or not name.strip():
        raise ConfigError(f"{where}: expected a table for each campaign, such as [fallback.main]")
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _CHECKS:
            raise ConfigError(
                f"{where}: {key} is not known; expected one of {', '.join(_CHECKS)}",
                remedy="Correct its spelling or remove it.",
            )
        found |= _checked(where, key, value)
    for key, what in _NEEDED.items():
        if key not in table:
            raise ConfigError(f"{where}: {key} is missing; expected {what}", remedy="Put it in.")
    route = found["route"]
    if route.partition(":")[0] not in drivers:
        raise ConfigError(
            f"{where}: route = {route!r}: expected a driver that has a table of its own",
            remedy=f"Add [driver.{route.partition(':')[0]}] with its account: see gsmsend drivers",
        )
    file = found.pop("text_file", "")
    if bool(file) == ("text" in found):
        raise ConfigError(f"{where}: expected its own wording as text or as text_file, one of the two")
    text = str(found.pop("text", "")) or _read(where, place.parent / file)
    trial = number(where, table, region, "trial")
    # A blank at the end would be another text, as with campaigns.
    return FallbackTerms(name, text=text.replace("\r\n", "\n").rstrip(), **(found | {"trial": trial}))


def _checked(where: str, key: str, value: object) -> dict[str, object]:
    name, check = _CHECKS[key]
    try:
        return {name: check(value)}
    except ValueError as error:
        shown = "" if key == "trial" else f" = {value!r}"
        raise ConfigError(f"{where}: {key}{shown}: expected {error}") from None


def _read(where: str, file: Path) -> str:
    try:
        octets = file.read_bytes()
        text = octets.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{where}: text_file {file} cannot be read: {error}") from None
    if not text.strip() or len(octets) > _LONGEST:
        raise ConfigError(
            f"{where}: text_file {file}: expected the wording of one text, and it is empty or too long"
        )
    return text
