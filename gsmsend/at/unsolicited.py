"""The lines that modems send by themselves, by prefix (TS 27.007, TS 27.005 3.4.1; makers' own by profile)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_REGISTRATION = ("+CREG:", "+CGREG:", "+CEREG:", "+C5GREG:")
_REGISTRATION_READ = re.compile(r"\+C(?:G|E|5G)?REG:\s*\d\s*,\s*\d{1,2}\s*(?:,|$)")
_PDU = re.compile(r"(?:[0-9A-Fa-f]{2}){6,}")
_PDU_HEADER = re.compile(r'\+C(?:MT|DS|BM):\s*(?:(?:"[^"]*"|[^",]*),)?\s*\d+\s*')


@dataclass(frozen=True, slots=True)
class Rule:
    """How lines with this prefix are taken.

    `body`: the next line belongs to it. `reset`: the modem has restarted. `sim`: the SIM may be another.
    """

    prefix: str
    body: bool = False
    reset: bool = False
    sim: bool = False


STANDARD_RULES: tuple[Rule, ...] = (
    Rule("+CMT:", body=True),
    Rule("+CDS:", body=True),
    Rule("+CBM:", body=True),
    Rule("+CMTI:"),
    Rule("+CDSI:"),
    Rule("+CBMI:"),
    *(Rule(prefix) for prefix in _REGISTRATION),
    Rule("+CPIN:", sim=True),
    Rule("+CRING:"),
    Rule("+CLIP:"),
    Rule("+CCWA:"),
    Rule("+COLP:"),
    Rule("+CSSI:"),
    Rule("+CSSU:"),
    Rule("+CUSD:"),
    Rule("+CIEV:"),
    Rule("+CTZV:"),
    Rule("+CTZE:"),
    Rule("+CGEV:"),
    Rule("+CFUN:"),
    Rule("RING"),
    Rule("NO CARRIER"),
    Rule("^RSSI:"),
    Rule("^HCSQ:"),
    Rule("^MODE:"),
    Rule("^SRVST:"),
    Rule("^SIMST:", sim=True),
    Rule("^BOOT:"),
    Rule("^DSFLOWRPT:"),
    Rule("^STIN:"),
    Rule("^NWTIME:"),
)


class RuleTable:
    """Finds the rule for a line. A prefix with a colon ends there; one without is the line's beginning."""

    def __init__(self, rules: Iterable[Rule] = STANDARD_RULES) -> None:
        rules = tuple(rules)
        self._keyed = {rule.prefix: rule for rule in rules if rule.prefix.endswith(":")}
        self._bare = tuple(rule for rule in rules if not rule.prefix.endswith(":"))
        self._beginnings = tuple(rule.prefix for rule in self._bare)

    def find(self, line: str) -> Rule | None:
        """The rule whose prefix `line` has, None if there is none."""
        colon = line.find(":")
        if colon > 0:
            rule = self._keyed.get(line[: colon + 1])
            if rule is not None:
                return rule
        if not line.startswith(self._beginnings):
            return None
        return next(rule for rule in self._bare if line.startswith(rule.prefix))


def answers(line: str, command: str) -> bool:
    """Whether `line` is of the kind that `command` itself is answered with, though its prefix is in the table.

    A set command (`AT+CREG=1`) has no such answer. Registration is told from its unsolicited form, which
    lacks the leading <n>, by a second number that is a <stat> (TS 27.007 7.2).
    """
    if "=" in command and not command.endswith("=?"):
        return False
    name = command[2:].rstrip("?=").upper() + ":"
    if not line.startswith(name):
        return False
    if name in _REGISTRATION:
        return command.endswith("=?") or _REGISTRATION_READ.match(line) is not None
    return True


def wants_body(rule: Rule, line: str) -> bool:
    """Whether a second line follows. A status report in text mode is one line (TS 27.005 3.4.1)."""
    return rule.body and (rule.prefix != "+CDS:" or _PDU_HEADER.fullmatch(line) is not None)


def in_text_mode(header: str) -> bool:
    """Whether `header` is of text mode: its first field is an address in quotes, its last no length."""
    return '"' in header and _PDU_HEADER.fullmatch(header) is None


def fits_body(header: str, line: str) -> bool:
    """Whether `line` can be the second line of `header`: hexadecimal for a PDU, anything for a text."""
    return in_text_mode(header) or _PDU.fullmatch(line) is not None
