"""The tables of gsmsend.toml whose names are the user's own: `[pin.ICCID]` and `[line.NAME]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from gsmsend.config.values import LineTerms, Pin
from gsmsend.errors import ConfigError

_LINE_KEYS = ("iccid", "imsi", "number", "closes")


def _tables(given: object) -> dict[str, object]:
    return dict(given) if isinstance(given, dict) else {"": given}


def pins(place: Path, given: object) -> dict[str, Pin]:
    """`[pin.ICCID]` tables. The PIN is in an environment variable, so in no file. Raises ConfigError."""
    found = {}
    for iccid, one in _tables(given).items():
        table: dict[str, object] = one if isinstance(one, dict) else {}
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
        found[iccid].value()  # out of the environment at once, whether it is typed or not
    return found


def lines(place: Path, given: object, region: str, zone: str) -> dict[str, LineTerms]:
    """`[line.NAME]` tables by name. Raises ConfigError."""
    found: dict[str, LineTerms] = {}
    holders: dict[tuple[str, str], str] = {}
    for name, one in _tables(given).items():
        where = f"{place}: [line.{name}]"
        unknown = sorted(set(one) - set(_LINE_KEYS)) if isinstance(one, dict) else []
        if not isinstance(one, dict) or not name.strip() or unknown:
            key = f"{unknown[0]} is no setting of it; " if unknown else ""
            raise ConfigError(
                f"{where}: {key}expected a table with {', '.join(_LINE_KEYS)}, such as [line.red-phone]",
                remedy="Correct its spelling or remove it.",
            )
        terms = LineTerms(
            name, _digits(where, one, "iccid", r"\d{18,20}"), _digits(where, one, "imsi", r"\d{14,15}"),
            number(where, one, region), _closes(where, one, zone),
        )  # fmt: skip
        if terms.iccid is None and terms.imsi is None and terms.number is None:
            raise ConfigError(
                f"{where}: nothing says which SIM it is; expected iccid, imsi or number",
                remedy="The ICCID is printed on the SIM, and 'gsmsend modems' shows it.",
            )
        for key in ("iccid", "imsi", "number"):
            value = getattr(terms, key)
            if value is not None and (other := holders.setdefault((key, value), name)) != name:
                raise ConfigError(
                    f"{where}: its {key} is that of [line.{other}] too; expected one table for each SIM",
                    remedy="Correct it, or remove one of the two.",
                )
        found[name] = terms
    return found


def _digits(where: str, table: Mapping[str, object], key: str, pattern: str) -> str | None:
    value = table.get(key)
    if value is None:
        return None
    digits = value.replace(" ", "") if isinstance(value, str) else ""
    if not re.fullmatch(pattern, digits):
        raise ConfigError(f"{where}: {key} = {value!r}: expected its digits in quotes")
    return digits


def number(where: str, table: Mapping[str, object], region: str, key: str = "number") -> str | None:
    """A phone number in E.164, None where the table has none. Raises ConfigError."""
    value = table.get(key)
    if value is None:
        return None
    import phonenumbers  # noqa: PLC0415 - a twentieth of a second that most commands need not wait

    try:
        parsed = phonenumbers.parse(str(value), region)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not isinstance(value, str) or not phonenumbers.is_possible_number(parsed):
        raise ConfigError(f'{where}: {key} is no phone number; expected one in quotes, such as "07700 900123"')
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _closes(where: str, table: Mapping[str, object], zone: str) -> datetime | None:
    """A date closes at its start: on that day nothing leaves any more."""
    value = table.get("closes")
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(zone))
    if isinstance(value, date):
        return datetime.combine(value, time(0), ZoneInfo(zone))
    if value is None:
        return None
    raise ConfigError(
        f"{where}: closes = {value!r}: expected a day or a time without quotes, such as 2026-12-01 or "
        "2026-12-01T12:00:00"
    )
