"""One AT command line, taken apart (ITU-T V.250 5.2 to 5.4): basic, S-parameter and extended commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Form(StrEnum):
    """How a command was given."""

    EXECUTE = "execute"  # +NAME
    READ = "read"  # +NAME?
    TEST = "test"  # +NAME=?
    WRITE = "write"  # +NAME=...
    WRONG = "wrong"  # not a command: ERROR, and the rest of the line is not run


@dataclass(frozen=True, slots=True)
class Call:
    """One command of a line. `name` is upper case (`+CMGS`, `E`, `S`, `&F`); `value` what followed it."""

    name: str
    form: Form
    value: str = ""
    number: int = 0  # of a basic command: E1 -> 1; of an S-parameter: its register


# A name is a prefix and what V.250 5.4.1 lets follow it; `?`, `=` and `;` end it.
_EXTENDED = re.compile(r"([+^*$#%!_@][A-Za-z][A-Za-z0-9!%\-./:_]*)(\?|=\?|=)?")
_S_PARAMETER = re.compile(r"[sS](\d+)(?:(\?)|=(\d*))")
_BASIC = re.compile(r"([&\\]?[A-Za-z])(\d*)")
_DIAL = re.compile(r"[dD]([^;]*);?")
_VALUE = re.compile(r'(?:[^";]|"(?:[^"])*"?)*')


@lru_cache(maxsize=2048)
def parse(body: str) -> tuple[Call, ...]:
    """The commands of a line, without its `AT` prefix. What cannot be read ends in one Form.WRONG."""
    text = _without_spaces(body)
    calls: list[Call] = []
    at, end = 0, len(text)
    while at < end:
        if text[at] == ";":
            at += 1
            continue
        call, at = _next(text, at)
        calls.append(call)
        if call.form is Form.WRONG:
            break
    return tuple(calls)


def _next(text: str, at: int) -> tuple[Call, int]:
    if match := _EXTENDED.match(text, at):
        return _extended(text, match)
    if match := _S_PARAMETER.match(text, at):
        form = Form.READ if match[2] else Form.WRITE
        return Call("S", form, match[3] or "0", int(match[1])), match.end()
    if match := _DIAL.match(text, at):
        return Call("D", Form.WRITE, match[1]), match.end()
    if match := _BASIC.match(text, at):
        return Call(match[1].upper(), Form.EXECUTE, match[2], int(match[2] or 0)), match.end()
    return Call(text[at:], Form.WRONG), len(text)


def _extended(text: str, match: re.Match[str]) -> tuple[Call, int]:
    name, operator, at = match[1].upper(), match[2], match.end()
    value = ""
    if operator == "=":
        found = _VALUE.match(text, at)
        value = found[0] if found else ""
        at += len(value)
    if at < len(text) and text[at] != ";":
        return Call(text[match.start() :], Form.WRONG), len(text)
    form = {None: Form.EXECUTE, "?": Form.READ, "=?": Form.TEST, "=": Form.WRITE}[operator]
    return Call(name, form, value), at


def _without_spaces(body: str) -> str:
    """V.250 5.2.1: spaces and control characters count only inside string constants."""
    if '"' not in body:
        return "".join(body.split()) if not body.isprintable() or " " in body else body
    pieces = body.split('"')
    pieces[::2] = ["".join(piece.split()) for piece in pieces[::2]]
    return '"'.join(pieces)


_ESCAPE = re.compile(r"\\(22|5[Cc]|0[AaDd]|1[AaBb]|00)")


@lru_cache(maxsize=2048)
def arguments(value: str) -> tuple[str | None, ...]:
    """Comma-separated parameters, quotes removed; None for one left out (V.250 5.4.2)."""
    if '"' not in value:
        return tuple(part or None for part in value.split(","))
    parts: list[str | None] = []
    for match in re.finditer(r'(?:^|,)(?:"([^"]*)"?|([^",]*))[^,]*', value):
        quoted, bare = match[1], match[2]
        parts.append(_ESCAPE.sub(_escaped, quoted) if quoted is not None else bare or None)
    return tuple(parts)


def _escaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))
