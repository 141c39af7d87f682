"""What the information responses mean: identity, registration, signal, operator, offers (TS 27.007, TS 27.005).

Every function takes lines as the modem gave them and returns None (or nothing) where they cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gsmsend.model import Registration

_GROUP = re.compile(r"\(([^()]*)\)|([^,()\s][^,()]*)")
_DIGITS = re.compile(r"\d+")
_ICCID = re.compile(r"89\d{16,18}[Ff]?|98[0-9A-Fa-f]{18}")

# TS 27.007 7.2 <stat>.
_STATES = {
    0: Registration.NOT_SEARCHING,
    1: Registration.HOME,
    2: Registration.SEARCHING,
    3: Registration.DENIED,
    4: Registration.UNKNOWN,
    5: Registration.ROAMING,
    6: Registration.HOME,  # SMS only
    7: Registration.ROAMING,  # SMS only
    8: Registration.DENIED,  # emergency calls only
    9: Registration.HOME,  # no CS fallback preferred
    10: Registration.ROAMING,  # no CS fallback preferred
}


def value(lines: Iterable[str], prefix: str) -> str | None:
    """What follows `prefix` in the first line that has it, without outer blanks."""
    for line in lines:
        if line.startswith(prefix):
            return line[len(prefix) :].strip()
    return None


def fields(text: str) -> list[str]:
    """The comma-separated fields of a response, without their quotes. A comma in quotes does not count."""
    found: list[str] = []
    start, quoted = 0, False
    for at, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            found.append(text[start:at])
            start = at + 1
    found.append(text[start:])
    return [part.strip().strip('"') for part in found]


def plain(lines: Iterable[str], prefix: str) -> str:
    """The answer to a question of identity: with its prefix and quotes or without, "" if there is none."""
    lines = tuple(lines)
    named = value(lines, prefix)
    if named is not None:
        return named.strip('"')
    for line in lines:
        if line[0] not in "+^*%$#&":
            return line.strip('"')
    return ""


def longest_digits(lines: Iterable[str], least: int, most: int) -> str | None:
    """The first run of `least` to `most` digits, as of an IMEI (15) or IMSI (at most 15)."""
    for line in lines:
        for run in _DIGITS.findall(line):
            if least <= len(run) <= most:
                return str(run)
    return None


def iccid(lines: Iterable[str]) -> str | None:
    """The ICCID in a line of any form, padding F stripped, semi-octets swapped if it is raw (ITU-T E.118).

    An ICCID begins with 89, so raw EF-ICCID contents begin with 98 (TS 31.102 4.2.2... EF-ICCID, TS 51.011
    10.1.1).
    """
    for line in lines:
        found = _ICCID.search(line)
        if found is not None:
            digits = found[0].upper()
            if digits.startswith("98"):
                digits = "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))
            digits = digits.rstrip("F")
            if digits.isdigit() and digits.startswith("89"):
                return digits
    return None


def signal_dbm(lines: Iterable[str]) -> int | None:
    """+CSQ <rssi> in dBm: 0 is -113 or less, 31 is -51 or more, 99 unknown (TS 27.007 8.5)."""
    found = value(lines, "+CSQ:")
    rssi = _number(fields(found)[0]) if found is not None else None
    if rssi is None:
        return None
    if rssi <= 31:
        return -113 + 2 * rssi
    return rssi - 216 if 100 <= rssi <= 191 else None


def registration(line: str, *, read: bool) -> Registration | None:
    """From a +CREG, +CGREG or +CEREG line; `read`: it is the answer to a question and begins with <n>."""
    parts = fields(line.partition(":")[2])
    at = 1 if read and len(parts) > 1 else 0
    state = _number(parts[at])
    return None if state is None else _STATES.get(state, Registration.UNKNOWN)


def operator(lines: Iterable[str]) -> str:
    """+COPS <oper>, a name or digits as the modem is set (TS 27.007 7.3); "" if there is none."""
    found = value(lines, "+COPS:")
    parts = fields(found) if found is not None else []
    return parts[2] if len(parts) > 2 else ""


def own_number(lines: Iterable[str]) -> str | None:
    """+CNUM <number> in international form where its type says so (TS 27.007 7.1); None if the SIM has none."""
    found = value(lines, "+CNUM:")
    parts = fields(found) if found is not None else []
    if len(parts) < 2 or not parts[1].lstrip("+").isdigit():
        return None
    number = parts[1]
    international = len(parts) > 2 and parts[2] == "145"
    return f"+{number}" if international and not number.startswith("+") else number


def offers(text: str) -> list[set[int]]:
    """The values of each group of a test response: `(0-3),(0,1)` gives [{0, 1, 2, 3}, {0, 1}]."""
    return [_values(group or single) for group, single in _GROUP.findall(text)]


def memories(text: str) -> list[list[str]]:
    """The memories of each group of +CPMS=?: `("SM","ME"),("SM")` gives [["SM", "ME"], ["SM"]]."""
    groups = (group or single for group, single in _GROUP.findall(text))
    return [[name.strip().strip('"') for name in group.split(",")] for group in groups]


def _values(text: str) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        low, dash, high = part.partition("-")
        first, last = _number(low), _number(high if dash else low)
        if first is not None and last is not None and first <= last <= 255:
            found.update(range(first, last + 1))
    return found


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
