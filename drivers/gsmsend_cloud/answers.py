"""What a request to a provider comes to: an answer, proof that it never left, or doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_LONGEST_WAIT_S = 86_400.0


class NotReached(Exception):
    """It is proven that the request never left, or not whole. `lost`: the provider cannot be reached at all."""

    def __init__(self, why: str, *, lost: bool = True) -> None:
        super().__init__(why)
        self.why, self.lost = why, lost


class InDoubt(Exception):
    """The request left and no answer came, or none that could be read."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is the JSON, None if it is none; not in `repr`, as it may name the recipient."""

    status: int
    body: Any = field(repr=False)
    wait: str = ""
    date: str = ""

    @property
    def good(self) -> bool:
        """Whether it is an answer of the kind that was asked for."""
        return 200 <= self.status < 300

    def get(self, *path: str | int) -> Any:
        """What stands there in the JSON; None if nothing does."""
        found = self.body
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def text(self, *path: str | int) -> str:
        """The same as a text; empty if nothing stands there, or no text or number."""
        found = self.get(*path)
        return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""

    def wait_s(self, now_s: float, otherwise_s: float) -> float:
        """How long it asks to be left alone, in seconds (Retry-After, RFC 9110 10.2.3)."""
        try:
            asked_s = float(self.wait) if self.wait.strip().isdigit() else _at_s(self.wait) - now_s
        except (ValueError, TypeError, OverflowError):
            return otherwise_s
        return min(max(asked_s, 1.0), _LONGEST_WAIT_S)


def _at_s(date: str) -> float:
    return parsedate_to_datetime(date).timestamp()


def date_s(date: str) -> float | None:
    """Epoch seconds of a date as mail has it (RFC 2822, as Twilio gives); None if it is none."""
    try:
        return _at_s(date)
    except (ValueError, TypeError, OverflowError):
        return None


def iso_s(when: str) -> float | None:
    """Epoch seconds of an ISO 8601 time; UTC if it says nothing. None if it is no time."""
    try:
        found = datetime.fromisoformat(when)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
