"""The keys of `[metrics]`, `[logs]` and `[alerts]`, and what is asked of their values."""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from gsmsend.config import checks
from gsmsend.config.monitoring import Alarm, AlertTerms, LogLevel, LogTo, MetricsTerms
from gsmsend.errors import ConfigError

_SECRET = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^/\s]+/\S+")


def _listen(value: object) -> object:
    """An IP address with a port."""
    if value == "":
        return value
    if isinstance(value, str) and (found := re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[0-9.]+):(\d{1,5})", value)):
        try:
            ip_address(found[1].strip("[]"))
        except ValueError:
            pass
        else:
            if int(found[2]) <= 65535:
                return value
    raise ValueError('an IP address of this computer with a port, such as "127.0.0.1:9464"; "" for nowhere')


def _one_of(kind: type[StrEnum]) -> checks.Check:
    def check(value: object) -> object:
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        raise ValueError(f"one of {', '.join(one.value for one in kind)}, in quotes")

    return check


def _alarms(value: object) -> object:
    if isinstance(value, list) and all(isinstance(one, str) and one in set(Alarm) for one in value):
        return frozenset(Alarm(one) for one in value)
    raise ValueError("a list out of " + ", ".join(f'"{one.value}"' for one in Alarm))


def _secrets(value: object) -> object:
    """Names of secrets. What stands there instead may be one, so it is not repeated."""
    if isinstance(value, list) and all(isinstance(one, str) and _SECRET.fullmatch(one) for one in value):
        return tuple(value)
    raise ValueError(
        'a list of "env:NAME" or "keyring:SERVICE/USER", each of which names where an address of apprise is kept; '
        "the addresses themselves have passwords in them and never stand in a config"
    )


KEYS: dict[str, dict[str, tuple[str, checks.Check]]] = {
    "metrics": {
        "address": ("address", _listen),
        "others": ("others", checks.flag),
    },
    "logs": {
        "to": ("to", _one_of(LogTo)),
        "level": ("level", _one_of(LogLevel)),
    },
    "alerts": {
        "to": ("to", _secrets),
        "on": ("on", _alarms),
        "line_minutes": ("line_s", checks.seconds(60)),
        "quiet_from": ("quiet_from", checks.clock),
        "quiet_to": ("quiet_to", checks.clock),
        "per_hour": ("per_hour", checks.count),
        "disk_megabytes": ("disk_bytes", checks.seconds(1e6)),
        "clock_seconds": ("clock_s", checks.seconds(1)),
        "over": ("over", checks.flag),
    },
}
UNTOLD = frozenset({("alerts", "to")})
"""Keys whose wrong value is not repeated: it may be the secret itself."""


def agree(place: Path, metrics: MetricsTerms, alerts: AlertTerms) -> None:
    """Raise ConfigError for keys that cannot be kept to together, or that must be meant."""
    if metrics.address and not ip_address(metrics.host).is_loopback and not metrics.others:
        raise ConfigError(
            f"{place}: metrics.address = {metrics.address!r}: other computers reach that, and others = true does "
            "not stand beside it: whoever asks there is told the names of lines and all counts",
            remedy='Write others = true if that is meant, or listen on "127.0.0.1:9464".',
        )
    if (alerts.quiet_from is None) != (alerts.quiet_to is None):
        raise ConfigError(
            f"{place}: [alerts]: expected quiet_from and quiet_to, or neither",
            remedy='Write both, such as quiet_from = "22:00" and quiet_to = "07:00".',
        )
