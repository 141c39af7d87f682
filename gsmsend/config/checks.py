"""Checks of single values in gsmsend.toml: each gives the value as settings have it, or says what was expected.

A check raises ValueError with the words that follow "expected": `a number, 0 or more`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gsmsend.config import secret_keys, store_url
from gsmsend.config.values import Keep
from gsmsend.window import MIDNIGHT

Check = Callable[[object], object]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def text(value: object) -> object:
    """A text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError("a text in quotes")


def host(value: object) -> object:
    """The name of a host: what a person writes on a computer."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", value):
        return value
    raise ValueError('a name of letters, digits, ".", "_" and "-", such as "bench-2"')


def lease(value: object) -> object:
    """For how many seconds a host may be silent."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 2 <= value <= 3600:
        return float(value)
    raise ValueError("a number of seconds, 2 to 3600")


def any_text(value: object) -> object:
    """A text, which may be empty."""
    if isinstance(value, str):
        return value.strip()
    raise ValueError("a text in quotes")


def flag(value: object) -> object:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def region(value: object) -> object:
    """A country code."""
    if isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha():
        return value.upper()
    raise ValueError('a country code of two letters, such as "GB"')


def texts(example: str) -> Check:
    """A list of texts."""

    def check(value: object) -> object:
        if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
            return tuple(value)
        raise ValueError(f"a list of texts, such as {example}")

    return check


def seconds(unit_s: float) -> Check:
    """A length of time in units of so many seconds."""

    def check(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e9:
            return float(value) * unit_s
        raise ValueError("a number, 0 or more")

    return check


def count(value: object) -> object:
    """A number of things, at least one."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 1_000_000:
        return value
    raise ValueError("a whole number, 1 or more")


def count_or_none(value: object) -> object:
    """A number of things, 0 among them."""
    return 0 if value == 0 and not isinstance(value, bool) else count(value)


def limit(value: object) -> object:
    """A pace limit; 0 means none."""
    if value == 0 and not isinstance(value, bool):
        return None
    return count(value)


def share(value: object) -> object:
    """A share from 0 to 1."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise ValueError("a number from 0 to 1")


def money(value: object) -> object:
    """An amount."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e9:
        return Decimal(str(value))
    raise ValueError("an amount, 0 or more, such as 0.04")


def currency(value: object) -> object:
    """An ISO 4217 code."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{3}", value):
        return value.upper()
    raise ValueError('a currency of three letters, such as "GBP"')


def days(value: object) -> object:
    """Days of the week; 0 is Monday."""
    if isinstance(value, list) and value and all(item in _DAYS for item in value):
        return frozenset(_DAYS.index(item) for item in value)
    raise ValueError(f"a list of days out of {', '.join(_DAYS)}")


def day(value: object) -> object:
    """A day of the calendar."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("a day without quotes, such as 2027-03-31")


def clock(value: object) -> object:
    """A time of day."""
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and (found := re.fullmatch(r"(\d\d?):(\d\d)", value.strip())):
        hour, minute = int(found[1]), int(found[2])
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise ValueError('a time of day, such as "10:00"')


def closing(value: object) -> object:
    """A time of day, or 24:00 for the end of the day."""
    if value == "24:00":
        return MIDNIGHT
    try:
        return clock(value)
    except ValueError:
        raise ValueError('a time of day, such as "19:00", or "24:00" for midnight') from None


def zone(value: object) -> object:
    """An IANA time zone."""
    try:
        return str(ZoneInfo(value)) if isinstance(value, str) and value else _no_zone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _no_zone()


def _no_zone() -> str:
    raise ValueError('a time zone, such as "Europe/London"')


def holidays(value: object) -> object:
    """Whose bank holidays are left out."""
    if isinstance(value, str) and re.fullmatch(r"([A-Z]{2}(-[A-Z0-9]{1,5})?)?", value):
        return value
    raise ValueError('a country, or a country and a part of it, such as "GB-ENG"; "" for no bank holidays')


def prices(value: object) -> object:
    """Amounts by the name of a line."""
    if isinstance(value, dict):
        return {str(name): money(amount) for name, amount in value.items()}
    raise ValueError("a price for each line, such as { red-phone = 0.06 }")


def keep(value: object) -> object:
    """Where the operation's key is kept."""
    if isinstance(value, str) and value in set(Keep):
        return Keep(value)
    raise ValueError(f"one of {', '.join(place.value for place in Keep)}, in quotes")


def path(value: object) -> object:
    """Where a file or folder is, or nothing."""
    if isinstance(value, str) and (value == value.strip()) and value.isprintable():
        return value
    raise ValueError('where it is, in quotes and with no blank at either end; "" for none')


def store(value: object) -> object:
    """The URL of a store on a server, or nothing for the file in the operation's folder."""
    if isinstance(value, str):
        if value:
            store_url.split(value)
        return value
    raise ValueError("a URL in quotes")


def secret_name(value: object) -> object:
    """Where a secret is, or nothing; never the secret itself."""
    if isinstance(value, str) and (not value or secret_keys.names(value)):
        return value
    raise store_url.Secret('"env:NAME" or "keyring:SERVICE/USER", which names where the password is')


def service(value: object) -> object:
    """The address of a service, or nothing. It holds no password: a config is copied and printed."""
    if isinstance(value, str) and (not value or _address(value)):
        return value
    raise ValueError('an address such as "https://tsa.example.org/", with no name or password in it; "" for none')


def _address(value: str) -> bool:
    try:
        found = urlsplit(value)
        plain = found.username is None and found.port != 0 and not found.fragment
    except ValueError:
        return False
    right = value.isascii() and value.isprintable() and " " not in value
    return right and plain and found.scheme in {"http", "https"} and bool(found.hostname)


def ip(value: object) -> object:
    """An address of this computer (a name could come to mean another one)."""
    try:
        return str(ip_address(value)) if isinstance(value, str) else _no_ip()
    except ValueError:
        return _no_ip()


def _no_ip() -> str:
    raise ValueError('an IP address of this computer, such as "127.0.0.1"; "0.0.0.0" for all it has')


def port(value: object) -> object:
    """A TCP port; 0 takes any that is free."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 65535:
        return value
    raise ValueError("a TCP port from 1 to 65535, or 0 for any that is free")


def named(value: object) -> object:
    """Names of secrets by the name of a driver; whether each is one is checked where it is asked for."""
    if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
        return dict(value)
    raise ValueError('the name of a secret for each driver, such as { twilio = "keyring:twilio/hook" }')


def hours(value: object) -> object:
    """Whole hours, up to a week."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 168:
        return value
    raise ValueError("a whole number of hours from 1 to 168")


def retention(value: object) -> object:
    """Whole days, 0 for none set, up to a hundred years."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 36_525:
        return value
    raise ValueError("a whole number of days, 0 for none set")
