"""The table `[driver.NAME]` of gsmsend.toml, checked; what is wrong is told as gsmsend/config tells it.

`twilio` is the table [driver.twilio]; a second account, `twilio:second`, is the table [driver.twilio.second].
"""

from __future__ import annotations

import importlib
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from gsmsend.errors import ConfigError, NotInstalled, UsageError

FILE = "gsmsend.toml"
Check = Callable[[object], object]
"""Gives a value as the driver has it, or raises ValueError with the words that follow "expected"."""


class Required:
    """Stands for the default of a key that has none."""


REQUIRED = Required()


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: how its value is checked, and what it is where nothing is given."""

    check: Check
    default: object = REQUIRED


@dataclass(frozen=True, slots=True)
class Reach:
    """How a provider is reached. `url` stands for its own address in tests, and is on this machine only.

    `connect_s`: so long may it take to answer the call; `read_s`: so long may each silence of its be.
    `proxy` and `ca` (a PEM file): none but what is set here is used, whatever the environment says.
    """

    url: str
    connect_s: float
    read_s: float
    proxy: str
    ca: str

    @property
    def virtual(self) -> bool:
        """Whether nobody is reached: the far end is a program on this machine."""
        return bool(self.url)


def text(example: str) -> Check:
    """A text that is not empty."""

    def check(value: object) -> object:
        if isinstance(value, str) and value.strip() == value and value and value.isprintable():
            return value
        raise ValueError(f'a text in quotes with no blank at either end, such as "{example}"')

    return check


def like(pattern: str, words: str) -> Check:
    """A text of a form."""
    form = re.compile(pattern)

    def check(value: object) -> object:
        if isinstance(value, str) and form.fullmatch(value):
            return value
        raise ValueError(words)

    return check


def flag(value: object) -> object:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def named(value: object) -> object:
    """The name of a secret; `gsmsend.requesting.secret` checks it, and does not repeat it."""
    return value


def seconds(lowest: float, highest: float) -> Check:
    """A length of time."""

    def check(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest:
            return float(value)
        raise ValueError(f"a number of seconds from {lowest:g} to {highest:g}")

    return check


def here(value: object) -> object:
    """The address of a program on this machine, or nothing."""
    if isinstance(value, str) and (not value or _on_this_machine(value)):
        return value.rstrip("/")
    raise ValueError(
        'the address of a simulator on this machine, such as "http://127.0.0.1:8080"; '
        '"" for the provider itself, whose address is not to be set'
    )


def through(value: object) -> object:
    """The address of a proxy, or nothing. It holds no password: a config is copied and printed."""
    if isinstance(value, str):
        parts = urlsplit(value) if value.isascii() and value.isprintable() and " " not in value else None
        if not value or (parts and parts.scheme in {"http", "https"} and parts.hostname and "@" not in value):
            return value
    raise ValueError(
        'a proxy such as "http://proxy.example.org:3128", with no name or password in it; "" for none'
    )


def certificates(value: object) -> object:
    """A PEM file of certificates, or nothing."""
    if isinstance(value, str) and (not value or (Path(value).is_absolute() and Path(value).is_file())):
        return value
    raise ValueError(
        'the whole path of a PEM file with the certificates that are trusted; "" for those that everybody trusts'
    )


UUID = like(
    r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    'an id such as "f33517ff-2a88-4f6e-b855-c550268ce08a"',
)
_REACH = {
    "url": Key(here, ""),
    "connect_seconds": Key(seconds(0.1, 120), 10.0),
    "read_seconds": Key(seconds(0.1, 300), 30.0),
    "proxy": Key(through, ""),
    "ca": Key(certificates, ""),
}


def own(driver: str, address: str, settings: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """The place and the table of the account that `address` names. Raises ConfigError, UsageError."""
    _, mark, name = address.partition(":")
    where = f"{FILE}: driver.{driver}"
    if mark:
        found = settings.get(name)
        where = f"{where}.{name}"
        if not isinstance(found, Mapping):
            raise ConfigError(f"{where} is not there", remedy=f"Make a table [driver.{driver}.{name}] for it.")
        settings = found
    given = {key: value for key, value in settings.items() if not isinstance(value, Mapping)}
    if not given:
        raise ConfigError(
            f"{where}: there is no account",
            remedy=f"Give it in a table [{where.partition(': ')[2]}]; docs/routes.md has an example.",
        )
    return where, given


def read(where: str, given: Mapping[str, object], keys: Mapping[str, Key]) -> dict[str, Any]:
    """The values of `keys` by name, and `reach`. Raises ConfigError for one that is unknown, wrong or missing."""
    known = {**keys, **_REACH}
    for name in given:
        if name not in known:
            raise ConfigError(
                f"{where}.{name} is not known; expected one of {', '.join(known)}",
                remedy="Correct its spelling or remove it.",
            )
    values: dict[str, Any] = {}
    for name, key in known.items():
        if name not in given:
            if key.default is REQUIRED:
                raise ConfigError(f"{where}.{name} is missing: expected {_wanted(key.check)}")
            values[name] = key.default
            continue
        try:
            values[name] = key.check(given[name])
        except ValueError as error:
            shown = (
                f" = {given[name]!r}" if "@" not in str(given[name]) else ""
            )  # there may be a password before it
            raise ConfigError(f"{where}.{name}{shown}: expected {error}") from None
    connect_s, read_s = values.pop("connect_seconds"), values.pop("read_seconds")
    reach = Reach(values.pop("url"), connect_s, read_s, values.pop("proxy"), values.pop("ca"))
    return {**values, "reach": reach}


def _wanted(check: Check) -> str:
    try:
        check(None)
    except ValueError as error:
        return str(error)
    return '"env:NAME" or "keyring:SERVICE/USER", which names where the secret is'


def account_name(driver: str, address: str) -> str:
    """The address as an endpoint has it. Raises UsageError if it is none of this driver."""
    name, mark, account = address.partition(":")
    if name != driver or (mark and not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", account)):
        raise UsageError(
            f"{address!r} is no account of {driver}",
            remedy=f"Write {driver}, or {driver}:NAME for the table [driver.{driver}.NAME].",
        )
    return address


def library(module: str, extra: str) -> ModuleType:
    """A provider's own client library. Raises NotInstalled."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise NotInstalled(
            f"the driver {extra} needs the package {error.name or module}, which is not installed",
            remedy=f"Install it with: pip install 'gsmsend[{extra}]'",
        ) from None


def _on_this_machine(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or "@" in url or parts.path.strip("/") or parts.query or port == 0:
        return False
    return loopback(host)


def loopback(host: str) -> bool:
    """Whether it is this machine: 127/8 (RFC 1122 3.2.1.3), ::1 (RFC 4291 2.5.3), localhost (RFC 6761 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
