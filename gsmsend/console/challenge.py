"""What an officer signs for the console, as a code to copy from a page to `gsmsend serve sign` and back.

The private key stays in the officer's own file: the page gets a signature. A code is `gsmsend-1-` and base64url of
canonical JSON; whatever it says is shown before it is signed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from gsmsend.campaign.signing import ConsoleSignIn, Statement
from gsmsend.errors import UsageError

_PREFIX = "gsmsend-1-"
_LARGEST = 4000


@dataclass(frozen=True, slots=True)
class Approving:
    """An approval to sign: the statement, and for words its campaign and the console that asks."""

    statement: Statement
    campaign: str
    console: str


Asked = ConsoleSignIn | Approving


def code(asked: Asked) -> str:
    """The code for a page."""
    if isinstance(asked, ConsoleSignIn):
        said: dict[str, Any] = {"kind": "sign-in", **asdict(asked)}
    else:
        said = {
            "kind": "approval",
            **asdict(asked.statement),
            "campaign": asked.campaign,
            "console": asked.console,
        }
    octets = json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")
    return _PREFIX + base64.urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def read(given: str) -> Asked:
    """What a code asks to be signed. Raises UsageError if it is none."""
    words = "".join(given.split())
    body = words.removeprefix(_PREFIX)
    try:
        said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        if words != body and len(words) <= _LARGEST and said["kind"] in _MADE:
            return _MADE[said["kind"]](said)
    except (ValueError, KeyError, TypeError):
        pass
    raise UsageError(
        "that is no code of the console; expected one that begins with gsmsend-1-",
        remedy="Copy the whole of it from the page.",
    )


def _sign_in(said: dict[str, Any]) -> ConsoleSignIn:
    return ConsoleSignIn(
        _text(said, "operation"), _text(said, "officer"), _text(said, "console"), _text(said, "nonce"),
        _time(said, "at_ms"), _time(said, "until_ms"),
    )  # fmt: skip


def _approving(said: dict[str, Any]) -> Approving:
    statement = Statement(
        _text(said, "digest"), _text(said, "officer"), _text(said, "login"), _time(said, "at_ms")
    )
    return Approving(statement, _text(said, "campaign"), _text(said, "console"))


_MADE: dict[str, Callable[[dict[str, Any]], Asked]] = {"sign-in": _sign_in, "approval": _approving}


def _text(said: dict[str, Any], name: str) -> str:
    found = said[name]
    if not isinstance(found, str):
        raise TypeError(name)
    return found


def _time(said: dict[str, Any], name: str) -> int:
    found = said[name]
    if type(found) is not int:
        raise TypeError(name)
    return found
