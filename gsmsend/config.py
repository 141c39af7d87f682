"""gsmsend.toml to frozen settings. An error names file, key, value and what was expected.

Every key has a default, so an empty file is a valid one; an unknown key is an error, because a misspelt
limit that is silently ignored would be no limit.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from gsmsend.errors import ConfigError, UsageError

FILE = "gsmsend.toml"


@dataclass(frozen=True, slots=True)
class Pace:
    """Most segments a line may send in any such stretch of time; None for no limit."""

    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """How refused parts are tried again. Waits in seconds, doubling from `first` up to `longest`, with jitter."""

    soon_first_s: float = 2.0
    soon_longest_s: float = 60.0
    soon_tries: int = 6
    later_first_s: float = 60.0
    later_longest_s: float = 900.0
    later_tries: int = 6
    barred_after: int = 3


@dataclass(frozen=True, slots=True)
class Pin:
    """Where the PIN of one SIM comes from, and which approval to type it this is. The PIN itself is never kept."""

    variable: str
    approval: int = 1

    def value(self) -> str | None:
        """The PIN from the environment variable, None if it is not set."""
        return os.environ.get(self.variable)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What may be done to a modem that does not come back by itself; never on an exhibit."""

    radio_cycle: bool | None = None
    usb_reset: bool | None = None
    hub_power: bool = False
    quarantine_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Settings:
    """One operation's settings. `drivers` holds the tables `[driver.NAME]` as they stand."""

    folder: Path
    name: str
    lab: bool = False
    region: str = "GB"
    ports: tuple[str, ...] = ()
    sims: tuple[str, ...] = ()
    discover: bool = True
    transcripts: bool = True
    listen_first_s: float = 20.0
    pace: Pace = field(default_factory=Pace)
    retry: Retry = field(default_factory=Retry)
    recovery: Recovery = field(default_factory=Recovery)
    pins: Mapping[str, Pin] = field(default_factory=dict)
    wait_reports_s: float = 120.0
    unconfirmed_after_s: float = 86_400.0
    validity_s: float = 86_400.0
    national_tables: bool = True
    drivers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def store_path(self) -> Path:
        """The embedded store."""
        return self.folder / "gsmsend.db"

    @property
    def transcript_folder(self) -> Path:
        """Where the masked dialogues with the modems go."""
        return self.folder / "transcripts"


Check = Callable[[object], object]


def _text(value: object) -> object:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError("a text in quotes")


def _flag(value: object) -> object:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def _region(value: object) -> object:
    if isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha():
        return value.upper()
    raise ValueError('a country code of two letters, such as "GB"')


def _texts(value: object) -> object:
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    raise ValueError('a list of texts, such as ["/dev/ttyUSB2"]')


def _seconds(unit_s: float) -> Check:
    def check(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e9:
            return float(value) * unit_s
        raise ValueError("a number, 0 or more")

    return check


def _count(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 1_000_000:
        return value
    raise ValueError("a whole number, 1 or more")


def _limit(value: object) -> object:
    """A pace limit; 0 means none."""
    if value == 0 and not isinstance(value, bool):
        return None
    return _count(value)


_KEYS: dict[str, dict[str, tuple[str, Check]]] = {
    "operation": {
        "name": ("name", _text),
        "lab": ("lab", _flag),
        "region": ("region", _region),
    },
    "modems": {
        "ports": ("ports", _texts),
        "sims": ("sims", _texts),
        "discover": ("discover", _flag),
        "transcripts": ("transcripts", _flag),
        "listen_first_seconds": ("listen_first_s", _seconds(1)),
    },
    "pace": {
        "per_minute": ("per_minute", _limit),
        "per_hour": ("per_hour", _limit),
        "per_day": ("per_day", _limit),
    },
    "retry": {
        "soon_first_seconds": ("soon_first_s", _seconds(1)),
        "soon_longest_seconds": ("soon_longest_s", _seconds(1)),
        "soon_tries": ("soon_tries", _count),
        "later_first_seconds": ("later_first_s", _seconds(1)),
        "later_longest_seconds": ("later_longest_s", _seconds(1)),
        "later_tries": ("later_tries", _count),
        "barred_after": ("barred_after", _count),
    },
    "recovery": {
        "radio_cycle": ("radio_cycle", _flag),
        "usb_reset": ("usb_reset", _flag),
        "hub_power": ("hub_power", _flag),
        "quarantine_seconds": ("quarantine_s", _seconds(1)),
    },
    "reports": {
        "wait_seconds": ("wait_reports_s", _seconds(1)),
        "unconfirmed_after_hours": ("unconfirmed_after_s", _seconds(3600)),
    },
    "text": {
        "validity_hours": ("validity_s", _seconds(3600)),
        "national_tables": ("national_tables", _flag),
    },
}


def parse(text: str, folder: Path) -> Settings:
    """Settings from the words of a gsmsend.toml. Raises ConfigError."""
    place = folder / FILE
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        remedy = "Correct that line and try again."
        raise ConfigError(f"{place} is not valid TOML: {error}", remedy=remedy) from None
    drivers = document.pop("driver", {})
    if not isinstance(drivers, dict) or not all(isinstance(table, dict) for table in drivers.values()):
        raise ConfigError(f"{place}: driver must be tables such as [driver.atmodem]")
    pins = _pins(place, document.pop("pin", {}))
    found: dict[str, dict[str, object]] = {}
    for section, table in document.items():
        known = _KEYS.get(section)
        if known is None or not isinstance(table, dict):
            raise ConfigError(
                f"{place}: [{section}] is not known; expected one of {', '.join(f'[{key}]' for key in _KEYS)}",
                remedy="Correct its spelling or remove it.",
            )
        found[section] = {}
        for key, value in table.items():
            if key not in known:
                raise ConfigError(
                    f"{place}: {section}.{key} is not known; expected one of {', '.join(known)}",
                    remedy="Correct its spelling or remove it.",
                )
            name, check = known[key]
            try:
                found[section][name] = check(value)
            except ValueError as error:
                raise ConfigError(f"{place}: {section}.{key} = {value!r}: expected {error}") from None
    pace = Pace(**found.pop("pace", {}))  # type: ignore[arg-type]  # checked above, key by key
    retry = Retry(**found.pop("retry", {}))  # type: ignore[arg-type]
    recovery = Recovery(**found.pop("recovery", {}))  # type: ignore[arg-type]
    flat = {name: value for table in found.values() for name, value in table.items()}
    flat.setdefault("name", folder.resolve().name or "operation")
    return Settings(
        folder=folder, pace=pace, retry=retry, recovery=recovery, pins=pins, drivers=drivers,
        **flat,  # type: ignore[arg-type]
    )  # fmt: skip


def _pins(place: Path, tables: object) -> dict[str, Pin]:
    """`[pin.ICCID]` tables. The PIN is in an environment variable, so that it is in no file."""
    found = {}
    for iccid, given in (tables if isinstance(tables, dict) else {"": tables}).items():
        table: dict[str, object] = given if isinstance(given, dict) else {}
        variable = table.get("variable")
        right = set(table) <= {"variable", "approval"} and re.fullmatch(r"\d{18,20}", iccid)
        if not right or not isinstance(variable, str):
            raise ConfigError(
                f'{place}: [pin.{iccid}]: expected [pin.ICCID] with variable = "NAME" of an environment variable '
                "that holds the PIN, and approval = 1",
                remedy="The ICCID is printed on the SIM, and 'gsmsend modems' shows it.",
            )
        approval = table.get("approval", 1)
        if not isinstance(approval, int) or isinstance(approval, bool) or approval < 1:
            raise ConfigError(f"{place}: pin.{iccid}.approval = {approval!r}: expected a whole number, 1 or more")
        found[iccid] = Pin(variable, approval)
    return found


def load(folder: Path) -> Settings:
    """The settings of the operation in `folder`. Raises ConfigError, or UsageError if it is no operation."""
    place = folder / FILE
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"{folder} is not an operation: it has no {FILE}",
            remedy=f"Make one with: gsmsend init {folder}   (or name the folder with --operation DIR)",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place} cannot be read: {error}") from None
    return parse(text, folder)


def template(*, lab: bool) -> str:
    """The commented gsmsend.toml that `gsmsend init` writes."""
    text = resources.files("gsmsend").joinpath("data/gsmsend.toml").read_text(encoding="utf-8")
    pace = (0, 0, 0) if lab else (6, 100, 400)
    return text.format(lab=str(lab).lower(), minute=pace[0], hour=pace[1], day=pace[2])
