"""A head of the audit log is shown to the time-stamping service; what comes of it is put on record."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from gsmsend.audit import Kind, stamp
from gsmsend.config import Settings
from gsmsend.contract import Recording
from gsmsend.timestamping import checking, request
from gsmsend.timestamping.asking import Exchange, NoStamp

WAIT_S = 5.0
"""The longest that a run waits for a time stamp."""
NO_SERVICE = "no time-stamping service is set in gsmsend.toml"


class Head(Protocol):
    """A head of the audit log: the number of its entry, and SHA-256 of that entry's line (64 hex digits)."""

    @property
    def n(self) -> int: ...

    @property
    def hash(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """What came of asking: `at` is the time that the service states, None where `why` says there is no stamp."""

    service: str
    token: bytes = b""
    at: datetime | None = None
    why: str = ""

    @property
    def words(self) -> str:
        """One line for people."""
        if self.at is None:
            return f"Without a time stamp: {self.why}."
        return f"Time-stamped {self.at:%Y-%m-%d %H:%M:%S} UTC by {self.service}."


def stamp_head(settings: Settings, store: Recording, head: Head, now_s: float, *, wait_s: float = WAIT_S) -> Stamp:
    """Ask for a time stamp of this head and enter what came of it. Takes little more than `wait_s` at most.

    A service that is not there, slow, wrong or hostile is a reason in the log, never an error. Raises StoreError
    if the entry cannot be written.
    """
    found = _asked(settings, bytes.fromhex(head.hash), wait_s)
    known: dict[str, object] = {"head": head.n, "hash": head.hash, "service": found.service}
    if found.at is None:
        known["why"] = found.why
    else:
        known |= {"time": stamp(found.at.timestamp()), "token": base64.b64encode(found.token).decode("ascii")}
    store.record_now(Kind.TIMESTAMP, known, now_s)
    return found


def try_out(settings: Settings, *, wait_s: float = WAIT_S) -> Stamp:
    """The same with random octets instead of a head; nothing is put on record."""
    return _asked(settings, os.urandom(request.DIGEST_OCTETS), wait_s)


def _asked(settings: Settings, digest: bytes, wait_s: float) -> Stamp:
    terms = settings.evidence
    if not terms.timestamp_url:
        return Stamp("", why=NO_SERVICE)
    service = _named(terms.timestamp_url)
    try:
        token = _within(wait_s, terms.timestamp_url, settings.folder / terms.timestamp_ca, digest)
    except NoStamp as error:
        return Stamp(service, why=str(error))
    return Stamp(service, token.octets, token.at.astimezone(UTC))


def _named(url: str) -> str:
    """The address without its query, in which services that are paid for have their customers' keys."""
    found = urlsplit(url)
    return f"{found.scheme}://{found.netloc}{found.path}"


def _within(wait_s: float, url: str, ca: Path, digest: bytes) -> checking.Token:
    """Ask in a thread of its own: no timeout of a socket bounds the lookup of a name, or an answer in drops."""
    checking.installed()
    trusted = checking.authorities(ca)
    try:
        exchange = Exchange(url, wait_s)
    except (OSError, ValueError):
        raise NoStamp("HTTPS cannot be set up on this computer") from None
    nonce = request.new_nonce()
    box: list[checking.Token | NoStamp] = []

    def work() -> None:
        box.append(_outcome(lambda: checking.check(exchange.ask(question), digest, nonce, trusted)))

    question = request.encode(digest, nonce)
    thread = threading.Thread(target=work, name="time stamp", daemon=True)
    thread.start()
    thread.join(wait_s)
    if not box:
        exchange.stop()
        raise NoStamp(f"the service did not answer within {wait_s:g} seconds")
    if isinstance(box[0], NoStamp):
        raise box[0]
    return box[0]


def _outcome(work: Callable[[], checking.Token]) -> checking.Token | NoStamp:
    found: checking.Token | NoStamp = NoStamp("the service's answer could not be read")
    # The parser is Rust: what panics there is no Exception, and nothing that a service sends may end a run.
    with suppress(BaseException):
        try:
            found = work()
        except NoStamp as error:
            found = error
    return found
