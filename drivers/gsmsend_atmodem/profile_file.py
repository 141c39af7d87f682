"""Reads profiles from their TOML files (profiles/README.md has the schema) and refuses what is not in it.

Errors are DriverError and name file, row, key and value: a profile is part of the program.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from gsmsend.at import Cause, Rule, Sent
from gsmsend.errors import DriverError
from gsmsend.model import Refusal
from gsmsend_atmodem.profile import ROUTINGS, Profile, Profiles, UsbProduct

FOLDER = Path(__file__).parent / "profiles"

# What would outlive the session or write to the SIM, to stored messages or to the modem's saved settings.
_FORBIDDEN = re.compile(
    r"AT(?:&[FW]|Z|\+C(?:MGD|MGW|PWD|LCK|PBW|FUN|SAS|PIN=|SCA=|SIM|RSM=(?!176|178|192|242))|\^RESET|.*[\x00-\x1f\x1a])",
    re.IGNORECASE,
)

_KINDS: dict[str, type] = {
    "init": tuple, "iccid": tuple, "imei": tuple, "pin_tries": tuple, "registration": tuple,
    "temperature": tuple,
    "csms": bool, "cnma": str,
    "routing": tuple, "cnmi_modes": tuple, "own_memories": tuple, "list_command": str, "read_command": str,
    "keeps_unread": bool, "cmms": bool, "command_timeout_s": float, "network_timeout_s": float,
    "prompt_timeout_s": float, "prompt_delay_s": float, "submit_timeout_s": float, "baudrate": int,
}  # fmt: skip
_PRODUCT_KEYS = {"usb", "title", "at_interfaces", "closed_interfaces"}
_ASKS = ("?", "+QTEMP", "+CPMUTEMP")
"""How a command ends that sets nothing: a question, or one of these, which have no other form."""
_COMMANDS = {"init", "iccid", "imei", "registration", "cnma", "list_command", "read_command"}


@cache
def standard_profiles() -> Profiles:
    """The profiles of this package's folder."""
    return load_profiles(FOLDER)


def load_profiles(folder: Path) -> Profiles:
    """Read all of a folder. Raises DriverError for any row that is not as the README has it."""
    generic = read_profile(folder / "generic.toml", None)
    paths = sorted(path for path in folder.glob("*.toml") if path.name != "generic.toml")
    return Profiles([read_profile(path, generic) for path in paths], generic)


def read_profile(path: Path, generic: Profile | None) -> Profile:
    """Read one file on the ground of `generic` (None for generic itself). Raises DriverError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DriverError(f"{path.name} cannot be read: {error}") from error
    unknown = table.keys() - {"name", "title", "manufacturer", "model", "device", "quirk", "unsolicited", "cms"}
    if unknown:
        raise DriverError(f"{path.name}: {sorted(unknown)} is no key of a profile; see profiles/README.md")
    row = _Row(path.name, "top", table)
    if row.text("name") != path.stem:
        raise DriverError(f"{path.name}: name is {table['name']!r}; expected {path.stem!r}")
    for key in ("manufacturer", "model"):
        row.regex(key)
    profile = replace(
        generic or Profile("", ""),
        name=path.stem,
        title=row.text("title"),
        manufacturer=row.text("manufacturer", ""),
        model=row.text("model", ""),
        products=tuple(_product(each) for each in row.rows("device", _PRODUCT_KEYS)),
        rules=(generic.rules if generic else ())
        + tuple(_rule(each) for each in row.rows("unsolicited", {"prefix", "body", "reset", "sim"})),
        causes=tuple(_cause(each) for each in row.rows("cms", {"code", "name", "sent", "class"})),
    )
    quirks = {each.text("key"): _quirk(each) for each in row.rows("quirk", {"key", "value", "why"})}
    return replace(profile, **cast("dict[str, Any]", quirks), stated=frozenset(quirks))


class _Row:
    """One table of a file, with the words for what is wrong in it."""

    def __init__(self, file: str, where: str, table: Mapping[str, object]) -> None:
        self.file, self.where, self.table = file, where, table

    def wrong(self, key: str, expected: str) -> DriverError:
        return DriverError(f"{self.file}, {self.where}: {key} is {self.table.get(key)!r}; expected {expected}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.table.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return value

    def flag(self, key: str) -> bool:
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def regex(self, key: str) -> None:
        try:
            re.compile(self.text(key, ""))
        except re.error as error:
            raise self.wrong(key, f"a regular expression ({error})") from error

    def rows(self, kind: str, keys: set[str]) -> list[_Row]:
        tables = self.table.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            raise self.wrong(kind, f"[[{kind}]] rows")
        rows = [_Row(self.file, f"{kind} {number}", each) for number, each in enumerate(tables, 1)]
        for row in rows:
            if not row.text("source", "").strip():
                raise row.wrong("source", "where this is documented or was measured")
            unknown = row.table.keys() - keys - {"source"}
            if unknown:
                raise DriverError(f"{row.file}, {row.where}: unknown key {sorted(unknown)}")
        return rows


def _product(row: _Row) -> UsbProduct:
    usb = row.text("usb")
    if not re.fullmatch(r"[0-9a-f]{4}:[0-9a-f]{4}", usb):
        raise row.wrong("usb", "vendor:product, four lower-case hexadecimal digits each")
    at, closed = _interfaces(row, "at_interfaces"), _interfaces(row, "closed_interfaces")
    if set(at) & set(closed):
        raise row.wrong("closed_interfaces", "none of at_interfaces")
    return UsbProduct(usb, row.text("title"), at, closed)


def _interfaces(row: _Row, key: str) -> tuple[int, ...]:
    numbers = row.table.get(key, [])
    if not isinstance(numbers, list) or not all(isinstance(each, int) for each in numbers):
        raise row.wrong(key, "a list of USB interface numbers")
    return tuple(numbers)


def _rule(row: _Row) -> Rule:
    if not row.text("prefix"):
        raise row.wrong("prefix", "how the line begins")
    return Rule(row.text("prefix"), row.flag("body"), row.flag("reset"), row.flag("sim"))


def _cause(row: _Row) -> Cause:
    code, refusal = row.table.get("code"), row.text("class", "")
    if not isinstance(code, int) or isinstance(code, bool):
        raise row.wrong("code", "a +CMS ERROR code")
    try:
        sent, known = Sent(row.text("sent")), Refusal(refusal) if refusal else None
    except ValueError as error:
        raise row.wrong("sent or class", f"as in cms-errors.csv ({error})") from error
    if known is None and sent is not Sent.YES:
        raise row.wrong("class", "what to do next")
    words = "The modem's maker calls this: " + row.text("name")
    if sent is Sent.MAYBE:
        words += "; the text may have gone out"
    return Cause(code, row.text("name"), sent, known, words + ".")


def _quirk(row: _Row) -> object:
    key, value = row.text("key"), row.table.get("value")
    kind = _KINDS.get(key)
    if kind is None:
        raise row.wrong("key", f"one of {', '.join(_KINDS)}")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind is tuple and isinstance(value, list):
        member = int if key == "cnmi_modes" else str
        if not all(type(each) is member for each in value):
            raise row.wrong("value", f"a list of {member.__name__}")
        value = tuple(value)
    if type(value) is not kind:
        raise row.wrong("value", f"a {'list' if kind is tuple else kind.__name__} for {key}")
    if isinstance(value, float) and not 0 <= value <= 3600:
        raise row.wrong("value", "seconds, 0 to 3600")
    if key == "routing" and not set(ROUTINGS).issuperset(_texts(value)):
        raise row.wrong("value", f"some of {', '.join(ROUTINGS)}")
    if key in _COMMANDS:
        _check_commands(row, _texts(value))
    if key in ("pin_tries", "temperature"):
        _check_commands(row, _texts(value)[::2])
        if not all(_is_count(pattern) for pattern in _texts(value)[1::2]) or len(_texts(value)) % 2:
            raise row.wrong("value", "commands, each with a regular expression whose one group is the number")
    if key == "temperature" and not all(command.endswith(_ASKS) for command in _texts(value)[::2]):
        raise row.wrong("value", "commands that only ask")
    return value


def _check_commands(row: _Row, commands: tuple[str, ...]) -> None:
    for command in commands:
        if not command.upper().startswith("AT") or _FORBIDDEN.match(command):
            raise row.wrong("value", "AT commands that change nothing on the SIM and outlive no session")


def _is_count(pattern: str) -> bool:
    try:
        return re.compile(pattern).groups == 1
    except re.error:
        return False


def _texts(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)
