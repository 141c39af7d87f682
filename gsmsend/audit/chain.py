"""One entry of the audit log as octets, what the next one holds of it, and what stands in it for a secret.

An entry is one line of canonical JSON. The next one holds its SHA-256, so that no entry can be changed, taken
out, put in or moved without changing all that follow. What must be forgotten one day (numbers, texts, PDUs) is
not in the line: there is a commitment to it, SHA-256 over a random salt and the value. Who has salt and value can
prove them; who has the line alone learns nothing, and the chain stands when they are gone.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

FIRST = "0" * 64
"""`prev` of the first entry."""
_SALT_OCTETS = 16
_LEAST_SPAN = 2
_PLAIN = frozenset({str, int, bool, type(None)})


class Kind(StrEnum):
    """What an entry records. The names are in the log for ever: none is renamed, none is used again."""

    OPERATION = "operation"
    SESSION = "session"
    CONFIG = "config"
    IMPORT = "import"
    ROWS = "rows"
    IMPORTED = "imported"
    SUPPRESS = "suppress"
    SUPPRESS_END = "suppress-end"
    PREVIEW = "preview"
    OFFICER = "officer"
    OFFICER_REMOVED = "officer-removed"
    SIGN_IN = "sign-in"
    APPROVE = "approve"
    APPROVAL_VOID = "approval-void"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    REWORD = "reword"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    START = "start"
    STOP = "stop"
    LINE = "line"
    STORAGE = "storage"
    PIN = "pin"
    ATTEMPT = "attempt"
    OUTCOME = "outcome"
    SETTLE = "settle"
    RESOLVE = "resolve"
    MOVE = "move"
    REPORT = "report"
    ADOPT = "adopt"
    FALLBACK = "fallback"
    INBOUND = "inbound"
    REPLY_SEEN = "reply-seen"
    ANSWER = "answer"
    VISITS = "visits"
    NOTE = "note"
    UNMASK = "unmask"
    EXPORT = "export"
    KEY = "key"
    STORE = "store"
    FORGET = "forget"
    HEAD = "head"
    TIMESTAMP = "timestamp"


def canonical(value: object) -> str:
    """The one JSON text of a value made of mappings, lists, texts, whole numbers, true, false and null.

    Keys sorted, no blanks, ASCII with escapes. Raises ValueError or TypeError for anything else; `entry` refuses
    floats, as they have more than one spelling.
    """
    return _CANONICAL(value)


def _no_float(value: object) -> None:
    """Raise TypeError if there is a float in it."""
    if type(value) in _PLAIN:
        return
    if isinstance(value, float):
        raise TypeError("a float has no canonical form here; write a time with stamp()")
    if isinstance(value, Mapping):
        for inner in value.values():
            if type(inner) not in _PLAIN:
                _no_float(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            if type(inner) not in _PLAIN:
                _no_float(inner)


def _encoder() -> Callable[[object], str]:
    """As json.JSONEncoder.encode, which builds its encoder in C anew at each call; this one is built once."""
    options: dict[str, Any] = {
        "sort_keys": True, "separators": (",", ":"), "ensure_ascii": True, "allow_nan": False,
        "check_circular": False,
    }  # fmt: skip
    plain = json.JSONEncoder(**options)
    make = json.encoder.c_make_encoder  # type: ignore[attr-defined]  # None where Python has no C encoder
    if make is None:
        return plain.encode
    made = make(
        markers=None, default=plain.default, encoder=json.encoder.encode_basestring_ascii, indent=None,
        key_separator=":", item_separator=",", sort_keys=True, skipkeys=False, allow_nan=False,
    )  # fmt: skip
    return lambda value: "".join(made(value, 0))


_CANONICAL = _encoder()


def stamp(at_s: float) -> str:
    """Seconds since the epoch as `2026-11-22T08:07:42.123456Z`."""
    second, part = divmod(round(at_s * 1_000_000), 1_000_000)
    return f"{_second(second)}.{part:06d}Z"


@lru_cache(maxsize=8)  # three entries a text are of the same second, or of the last one
def _second(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()[:-6]


def new_salt() -> str:
    """32 hex digits of the operating system's randomness."""
    return secrets.token_hex(_SALT_OCTETS)


def commitment(salt: str, value: object) -> str:
    """SHA-256 in hex over the salt, a colon, and the value's canonical form."""
    return hashlib.sha256(f"{salt}:{canonical(value)}".encode("ascii")).hexdigest()


def entry(
    number: int,
    prev: str,
    kind: Kind,
    at_s: float,
    data: Mapping[str, object],
    *,
    session: int | None = None,
    sealed: Mapping[str, str] | None = None,
) -> str:
    """An entry's line, without its line end. `sealed` are commitments by name. Raises TypeError for a float."""
    _no_float(data)
    facts, hidden = _CANONICAL(data), f'"sealed":{_CANONICAL(sealed)},' if sealed else ""
    whose = "null" if session is None else session
    return (  # three for each text: put together in the order of the keys, which nothing but they can change
        f'{{"at":"{stamp(at_s)}","data":{facts},"kind":"{kind.value}","n":{number},"prev":"{prev}",'
        f'{hidden}"session":{whose}}}'
    )


def digest(line: str) -> str:
    """SHA-256 in hex of an entry's line: `prev` of the next one."""
    return hashlib.sha256(line.encode("ascii")).hexdigest()


def spans(ids: Iterable[int]) -> list[int | list[int]]:
    """Message ids as entries have them: in order, `[first, last]` for three and more without a gap."""
    found: list[list[int]] = []
    for one in sorted(ids):
        if found and one == found[-1][1] + 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    made: list[int | list[int]] = []
    for first, last in found:
        made += range(first, last + 1) if last - first < _LEAST_SPAN else [[first, last]]
    return made
