"""Who is signed in at the console. Kept in memory only: when the console stops, everybody is signed out."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from dataclasses import dataclass, field, replace
from hashlib import sha256

from gsmsend.contract import OfficerRow, Role

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that looks like something else
_MOST = 200
"""Sessions at a time; the oldest ends first."""
FAILURES, WITHIN_S = 5, 60.0
"""So many refused sign-ins from one address in that time, and it must wait."""
_FAILURES_OF_ALL = 50


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who signed in: `officer` is "" for who came by the token of the terminal.

    `wall`: a screen that only looks; it stays until the console stops, and has no right but that.
    """

    name: str
    login: str
    role: Role
    unmask: bool
    officer: str
    until_s: float
    wall: bool = False
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def now(self, row: OfficerRow | None) -> Viewer | None:
        """The same with the role that the officer has now; None for one who was removed."""
        if not self.officer:
            return self
        if row is None or row.removed_at_s is not None:
            return None
        return self if self.wall else replace(self, role=row.role, unmask=row.unmask)


class Sessions:
    """Viewers by a random id, of which only the hash is kept. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._viewers: dict[str, Viewer] = {}
        self._notices: dict[str, str] = {}

    def begin(self, viewer: Viewer) -> str:
        """The id of a new session, for the cookie."""
        made = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._viewers) >= _MOST:
                self._viewers.pop(next(iter(self._viewers)))
            self._viewers[_hash(made)] = viewer
        return made

    def find(self, given: str, now_s: float) -> Viewer | None:
        """Whose session this is, if it has not ended."""
        with self._lock:
            viewer = self._viewers.get(_hash(given)) if given else None
            if viewer is not None and now_s >= viewer.until_s:
                del self._viewers[_hash(given)]
                return None
            return viewer

    def tell(self, viewer: Viewer, words: str) -> None:
        """What the next page of this viewer says was done."""
        with self._lock:
            self._notices[viewer.csrf] = words

    def told(self, viewer: Viewer) -> str:
        """That, once."""
        with self._lock:
            return self._notices.pop(viewer.csrf, "")

    def end(self, given: str) -> None:
        """Sign out."""
        with self._lock:
            self._viewers.pop(_hash(given), None)


class Token:
    """The token that is shown on the terminal of whoever started the console; good once, then there is another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.words = _token()

    def take(self, given: str) -> bool:
        """Whether it is this one; then it is spent."""
        typed = "".join(sign for sign in given.upper() if sign.isalnum())
        typed = typed.replace("O", "0").replace("I", "1").replace("L", "1")
        with self._lock:
            right = secrets.compare_digest(typed.encode(), self.words.replace("-", "").encode())
            if right:
                self.words = _token()
            return right


class Throttle:
    """Refused sign-ins, by the address that they came from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: deque[tuple[float, str]] = deque()

    def waits_s(self, address: str, now_s: float) -> float:
        """How long this address must wait before it may try again; 0 if it need not."""
        with self._lock:
            while self._failed and self._failed[0][0] <= now_s - WITHIN_S:
                self._failed.popleft()
            own = [at_s for at_s, who in self._failed if who == address]
            if len(own) >= FAILURES:
                return own[-FAILURES] + WITHIN_S - now_s
            if len(self._failed) >= _FAILURES_OF_ALL:
                return self._failed[-_FAILURES_OF_ALL][0] + WITHIN_S - now_s
            return 0.0

    def failed(self, address: str, now_s: float) -> None:
        """A sign-in was refused."""
        with self._lock:
            self._failed.append((now_s, address))


def _token() -> str:
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(16))  # 80 bits
    return "-".join(signs[at : at + 4] for at in range(0, 16, 4))


def _hash(given: str) -> str:
    return sha256(given.encode("utf-8", "replace")).hexdigest()
