"""gsmsend.toml to frozen settings. An error names file, key, value and what was expected.

Every key has a default, so an empty file is a valid one; an unknown key is an error, because a misspelt
limit that is silently ignored would be no limit.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from gsmsend.config import checks, falling, monitoring_keys, secret_keys, tables
from gsmsend.config.monitoring import AlertTerms, LogTerms, MetricsTerms
from gsmsend.config.store_url import Secret
from gsmsend.config.values import (
    AccessTerms,
    ApprovalPolicy,
    AuthorityTerms,
    ConsoleTerms,
    EvidenceTerms,
    Keep,
    KeyTerms,
    Pace,
    Prices,
    Recovery,
    Replies,
    Retry,
    Settings,
    Wording,
)
from gsmsend.errors import ConfigError, UsageError
from gsmsend.window import Window

FILE = "gsmsend.toml"

_KEYS: dict[str, dict[str, tuple[str, checks.Check]]] = {
    "operation": {
        "name": ("name", checks.text),
        "lab": ("lab", checks.flag),
        "region": ("region", checks.region),
        "store": ("store", checks.store),
        "store_password": ("store_password", checks.secret_name),
        "host": ("host", checks.host),
        "lease_seconds": ("lease_s", checks.lease),
    },
    "modems": {
        "ports": ("ports", checks.texts('["/dev/ttyUSB2"]')),
        "sims": ("sims", checks.texts('["/dev/ttyUSB2"]')),
        "discover": ("discover", checks.flag),
        "transcripts": ("transcripts", checks.flag),
        "listen_first_seconds": ("listen_first_s", checks.seconds(1)),
    },
    "pace": {
        "per_minute": ("per_minute", checks.limit),
        "per_hour": ("per_hour", checks.limit),
        "per_day": ("per_day", checks.limit),
        "jitter": ("jitter", checks.share),
    },
    "retry": {
        "soon_first_seconds": ("soon_first_s", checks.seconds(1)),
        "soon_longest_seconds": ("soon_longest_s", checks.seconds(1)),
        "soon_tries": ("soon_tries", checks.count),
        "later_first_seconds": ("later_first_s", checks.seconds(1)),
        "later_longest_seconds": ("later_longest_s", checks.seconds(1)),
        "later_tries": ("later_tries", checks.count),
        "barred_after": ("barred_after", checks.count),
    },
    "recovery": {
        "radio_cycle": ("radio_cycle", checks.flag),
        "usb_reset": ("usb_reset", checks.flag),
        "hub_power": ("hub_power", checks.flag),
        "quarantine_seconds": ("quarantine_s", checks.seconds(1)),
    },
    "reports": {
        "wait_seconds": ("wait_reports_s", checks.seconds(1)),
        "unconfirmed_after_hours": ("unconfirmed_after_s", checks.seconds(3600)),
    },
    "text": {
        "validity_hours": ("validity_s", checks.seconds(3600)),
        "national_tables": ("national_tables", checks.flag),
    },
    "approval": {
        "required": ("required", checks.flag),
        "officers": ("officers", checks.count),
        "independent": ("independent", checks.flag),
    },
    "window": {
        "days": ("days", checks.days),
        "from": ("opens", checks.clock),
        "to": ("closes", checks.closing),
        "timezone": ("zone", checks.zone),
        "holidays": ("holidays", checks.holidays),
    },
    "campaign": {
        "first_texts": ("canary", checks.count_or_none),
        "gap_days": ("gap_s", checks.seconds(86_400)),
    },
    "wording": {
        "names": ("names", checks.texts('["Example Police"]')),
        "link": ("link", checks.flag),
        "phone": ("phone", checks.flag),
        "opt_out": ("opt_out", checks.texts('["STOP"]')),
        "domains": ("domains", checks.texts('["example.org"]')),
        "never": ("never", checks.texts('["dealer"]')),
        "most_segments": ("most_segments", checks.count),
    },
    "prices": {
        "segment": ("segment", checks.money),
        "currency": ("currency", checks.currency),
        "budget": ("budget", checks.money),
        "lines": ("lines", checks.prices),
    },
    "replies": {
        "stop_words": ("stop_words", checks.texts('["leave me alone"]')),
        "danger_words": ("danger_words", checks.texts('["he will find me"]')),
        "acknowledge": ("acknowledge", checks.any_text),
        "acknowledge_stop": ("acknowledge_stop", checks.any_text),
    },
    "key": {
        "keep": ("keep", checks.keep),
        "passphrase_file": ("passphrase_file", checks.path),
        "folder": ("folder", checks.path),
    },
    "access": {
        "roles": ("roles", checks.flag),
        "sign_in_hours": ("sign_in_hours", checks.hours),
    },
    "evidence": {
        "timestamp_url": ("timestamp_url", checks.service),
        "timestamp_ca": ("timestamp_ca", checks.path),
    },
    "authority": {
        "reference": ("reference", checks.any_text),
        "held_by": ("held_by", checks.any_text),
        "expires": ("expires", checks.day),
    },
    "console": {
        "address": ("address", checks.ip),
        "port": ("port", checks.port),
        "certificate": ("certificate", checks.path),
        "key": ("key", checks.path),
        "names": ("names", checks.texts('["bench.example.org"]')),
        "hooks": ("hooks", checks.flag),
        "hook_secrets": ("hook_secrets", checks.named),
        "hook_url": ("hook_url", checks.service),
    },
    "retention": {
        "days": ("retention_days", checks.retention),
    },
    **monitoring_keys.KEYS,
}


_VALUES: dict[str, Callable[..., object]] = {
    "pace": Pace,
    "retry": Retry,
    "recovery": Recovery,
    "wording": Wording,
    "prices": Prices,
    "replies": Replies,
    "key": KeyTerms,
    "access": AccessTerms,
    "evidence": EvidenceTerms,
    "authority": AuthorityTerms,
    "console": ConsoleTerms,
    "metrics": MetricsTerms,
    "logs": LogTerms,
    "alerts": AlertTerms,
}
_FIRST_TEXTS = 5


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
    secret_keys.check(place, drivers)
    own = {name: document.pop(name, {}) for name in ("pin", "line", "fallback")}
    found = {section: _section(place, section, table) for section, table in document.items()}
    lab = bool(found.get("operation", {}).get("lab", False))
    window = _window(place, found.pop("window", None), lab=lab)
    campaign = {"canary": 0 if lab else _FIRST_TEXTS, **found.pop("campaign", {})}
    made: dict[str, Any] = {
        name: kind(**found.pop(name, {}))
        for name, kind in _VALUES.items()  # checked above, key by key
    }
    _agree(place, made["key"], made["evidence"])
    monitoring_keys.agree(place, made["metrics"], made["alerts"])
    made["approval"] = _approval(place, found.pop("approval", {}), lab=lab)
    flat: dict[str, Any] = {name: value for table in found.values() for name, value in table.items()}
    flat.setdefault("name", folder.resolve().name or "operation")
    zone = window.zone if window is not None else Window().zone
    region = flat.get("region", "GB")
    return Settings(
        folder=folder, drivers=drivers, window=window, pins=tables.pins(place, own["pin"]),
        lines=tables.lines(place, own["line"], region, zone),
        fallbacks=falling.fallbacks(place, own["fallback"], region, drivers),
        **made, **campaign, **flat,
    )  # fmt: skip


_NAMED = ("driver.NAME", "pin.ICCID", "line.NAME", "fallback.NAME")
"""Tables with names of the user's own."""


def _section(place: Path, section: str, table: object) -> dict[str, Any]:
    known, tables = _KEYS.get(section), (*_KEYS, *_NAMED)
    if known is None or not isinstance(table, dict):
        raise ConfigError(
            f"{place}: [{section}] is not known; expected one of {', '.join(f'[{key}]' for key in tables)}",
            remedy="Correct its spelling or remove it.",
        )
    found = {}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(
                f"{place}: {section}.{key} is not known; expected one of {', '.join(known)}",
                remedy="Correct its spelling or remove it.",
            )
        name, check = known[key]
        try:
            found[name] = check(value)
        except ValueError as error:
            untold = isinstance(error, Secret) or (section, key) in monitoring_keys.UNTOLD
            shown = "" if untold else f" = {value!r}"
            raise ConfigError(f"{place}: {section}.{key}{shown}: expected {error}") from None
    return found


def _window(place: Path, given: dict[str, Any] | None, *, lab: bool) -> Window | None:
    """A lab has none unless it asks for one. Raises ConfigError for one that never opens."""
    if given is None and lab:
        return None
    window = Window(**(given or {}))
    if window.opens >= window.closes:
        raise ConfigError(
            f"{place}: the window opens at {window.opens:%H:%M} and closes at {window.closes:%H:%M}: "
            "it never opens; expected window.from before window.to, on the same day",
            remedy='Correct them, such as from = "10:00" and to = "19:00".',
        )
    return window


def _approval(place: Path, given: dict[str, Any], *, lab: bool) -> ApprovalPolicy:
    policy = ApprovalPolicy(**{"required": not lab, **given})
    if not policy.required and not lab:
        raise ConfigError(
            f"{place}: approval.required = false: only a lab operation may do without approvals",
            remedy="Take it out; or make a lab operation for tests: gsmsend init DIR --lab",
        )
    return policy


def _agree(place: Path, key: KeyTerms, evidence: EvidenceTerms) -> None:
    """Raise ConfigError for keys of a section that cannot be kept to together."""
    if key.passphrase_file and key.keep in {Keep.KEYRING, Keep.HOME}:
        raise ConfigError(
            f'{place}: key.passphrase_file = {key.passphrase_file!r} with key.keep = "{key.keep.value}": '
            'expected keep = "passphrase", or no passphrase_file',
            remedy="Correct one of the two.",
        )
    if evidence.timestamp_url and not evidence.timestamp_ca:
        raise ConfigError(
            f"{place}: evidence.timestamp_url = {evidence.timestamp_url!r} without evidence.timestamp_ca: "
            "expected the PEM file of the authority that its time stamps are checked against",
            remedy="Ask the service for its certificate, put it beside gsmsend.toml and name it there.",
        )


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


def template(*, lab: bool, store: str = "", store_password: str = "") -> str:
    """The commented gsmsend.toml that `gsmsend init` writes; what is given of the store has been checked."""
    folder = resources.files("gsmsend").joinpath("data")
    text = folder.joinpath(FILE).read_text(encoding="utf-8")
    officers = "" if lab else folder.joinpath("officers.toml").read_text(encoding="utf-8")
    minute, hour, day, jitter = (0, 0, 0, 0) if lab else (6, 100, 400, 0.3)
    text = text.format(lab=str(lab).lower(), minute=minute, hour=hour, day=day, jitter=jitter, officers=officers)
    for key, value in (("store", store), ("store_password", store_password)):
        if value:
            start = text.index(f"# {key} = ")
            text = f"{text[:start]}{key} = {json.dumps(value)}{text[text.index(chr(10), start) :]}"
    return text
