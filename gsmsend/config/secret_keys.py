"""Keys and passwords of accounts never stand in gsmsend.toml: refused where it is read, before anybody records it.

The config is written into the append-only audit log and goes out in packs; a driver sees its table only later.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from gsmsend.config import store_url
from gsmsend.errors import ConfigError

_SECRET = re.compile(r"pass(?:word|wd|phrase)|secret|token|credential|key", re.IGNORECASE)
_IDS = {("vonage", "key"), ("twilio", "api_key"), ("aws", "access_key_id")}
"""What is called a key there and is the public id of one."""
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TOLD = re.compile(rf"{_UUID}-{_UUID}|-----BEGIN |://[^/@\s]+@")
"""A secret under any name: a key of Notify, which ends in two ids, one in PEM, a password in an address."""
_HIDDEN = "(not shown)"
_NAMED = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^/]+/.+")


def check(place: Path, drivers: Mapping[str, Mapping[str, object]]) -> None:
    """Raise ConfigError for a secret that stands in a table `[driver.NAME]`; it is not repeated."""
    for name, table in drivers.items():
        _table(f"{place}: driver.{name}", name, table)


def hidden(text: str) -> str:
    """A config as it may be recorded: without secrets that stand in `[driver.NAME]`, `[alerts]` or `store`.

    It may have been changed since it was checked.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return _HIDDEN
    found = {str(value) for _, value in _bare("driver", "", told.get("driver", {}))}
    found |= {*_addresses(told.get("alerts")), *_of_store(told.get("operation"))}
    for value in found - {""}:
        if value not in text:  # written with escapes
            return _HIDDEN
        text = text.replace(value, _HIDDEN)
    return text


def _addresses(alerts: object) -> Iterator[str]:
    """Addresses of apprise that stand there themselves."""
    given = alerts.get("to") if isinstance(alerts, Mapping) else None
    for one in given if isinstance(given, list) else [given]:
        if one is not None and not _named(one):
            yield str(one)


def _of_store(table: object) -> Iterator[str]:
    """A URL of the store with a password in it, and a password in place of the name of one."""
    if not isinstance(table, Mapping):
        return
    url, password = str(table.get("store", "")), str(table.get("store_password", ""))
    try:
        if url:
            store_url.split(url)
    except store_url.Secret:
        yield url
    except ValueError:
        pass
    if password and not names(password):
        yield password


def _table(where: str, driver: str, table: Mapping[str, object]) -> None:
    for place, _ in _bare(where, driver, table):
        raise ConfigError(
            f'{place}: expected "env:NAME" or "keyring:SERVICE/USER", which names where the secret is; '
            "a secret never stands in a config",
            remedy="If the secret itself stands there, take it out, and have the provider make another.",
        )


def _bare(where: str, driver: str, value: object, *, secret: bool = False) -> Iterator[tuple[str, object]]:
    """Where secrets stand in a table, and what they are. `driver` is empty for the table of all of them."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            of, place = driver or key, f"{where}.{key}"
            own = bool(driver) and not isinstance(each, Mapping)  # else of another account
            kept = own and _SECRET.search(key) is not None and (driver, key) not in _IDS
            yield from _bare(place, of, each, secret=kept)
    elif isinstance(value, list | tuple) and not secret:
        for each in value:
            yield from _bare(where, driver, each)
    elif (secret and not _named(value)) or (isinstance(value, str) and _TOLD.search(value)):
        yield where, value


def names(value: str) -> bool:
    """Whether this names where a secret is."""
    return _NAMED.fullmatch(value) is not None


def _named(value: object) -> bool:
    return isinstance(value, str) and _NAMED.fullmatch(value) is not None
