"""What the webhooks of all providers have in common. Each `NAME_hook.received` is pure: octets in, values out.

`received(headers, body, url, secret, now_s)` gives the reports and texts that one request brings, after checking
that it is the provider's own and no old one sent again. What is not raises NotGenuine: answer it with 403 and keep
nothing. What the provider itself repeats gives the same values again; the store takes the very same one once.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from gsmsend.errors import UsageError

STALE_S = 300.0
"""By so much may a request's own time differ from the clock: its way, and what both clocks are wrong by."""
LARGEST = 1 << 20


class NotGenuine(UsageError):
    """A request that is not proven to be the provider's, or is an old one. Its words repeat nothing of it."""


def header(headers: Mapping[str, str], name: str) -> str:
    """The value of a header, whatever its case (RFC 9110 5.1); empty if there is none."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def same(given: str, wanted: str) -> bool:
    """Whether two texts are the same, in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))


def require(true: object, what: str) -> None:
    """Raise NotGenuine with `what` if it is not so."""
    if not true:
        raise NotGenuine(f"a webhook was refused: {what}")


def fresh(at_s: float | None, now_s: float, within_s: float = STALE_S) -> None:
    """Raise NotGenuine if a request is not of now."""
    require(at_s is not None, "it does not say when it was made")
    require(
        at_s is not None and abs(now_s - at_s) <= within_s, "it is an old one, or this computer's clock is wrong"
    )


def json_of(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises NotGenuine if it is none."""
    require(len(body) <= LARGEST, "it is too large")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotGenuine("a webhook was refused: it is not what the provider sends")
    return found


def form_of(body: bytes) -> dict[str, str]:
    """The fields of a form. Raises NotGenuine if it is none, or has a field twice."""
    require(len(body) <= LARGEST, "it is too large")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=200
        )
    except (ValueError, UnicodeError):
        pairs = [("", ""), ("", "")]
    fields = dict(pairs)
    require(len(fields) == len(pairs), "it is not what the provider sends")
    return fields
