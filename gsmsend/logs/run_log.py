"""A run's events as a structured log: structlog renders them, a handler of the standard library writes them."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO

from gsmsend.config import LogLevel, LogTerms, LogTo
from gsmsend.engine.events import Event
from gsmsend.errors import UsageError
from gsmsend.logs.entries import Entries, words

_LEVELS = {
    LogLevel.DEBUG: logging.DEBUG, LogLevel.INFO: logging.INFO, LogLevel.WARNING: logging.WARNING,
    LogLevel.ERROR: logging.ERROR,
}  # fmt: skip
_FIRST = ["at", "level", "event"]
_JOURNAL = Path("/run/systemd/journal/socket")


def journal_reads(stream: TextIO) -> bool:
    """Whether what is written to this stream goes to systemd's journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
        found = os.fstat(stream.fileno())
        return (found.st_dev, found.st_ino) == (int(device), int(inode))
    except (OSError, ValueError):
        return False


def where(terms: LogTerms, stream: TextIO, journal: Path = _JOURNAL) -> LogTo:
    """Where the log goes, `AUTO` decided: to the journal if it reads `stream` anyway and structlog is there.

    Raises UsageError if the log that was asked for cannot be written.
    """
    there = find_spec("structlog") is not None
    if terms.to is LogTo.AUTO:
        return LogTo.JOURNAL if there and journal.exists() and journal_reads(stream) else LogTo.NONE
    if terms.to is not LogTo.NONE and not there:
        raise UsageError(
            "a log needs a package that is not installed: structlog", remedy="pip install 'gsmsend[metrics]'"
        )
    if terms.to is LogTo.JOURNAL and not journal.exists():
        raise UsageError(
            f"a log to the journal was asked for, and there is no {journal}: systemd is not at work here",
            remedy='Take another: --log json, or to = "json" under [logs].',
        )
    return terms.to


class RunLog:
    """`take` events in order, on one thread. What nobody can read any more is dropped; nothing is raised.

    `stream` is where plain lines and JSON go; `handler` takes their place where it is given.
    """

    def __init__(
        self, to: LogTo, level: LogLevel, stream: TextIO | None = None, handler: logging.Handler | None = None
    ) -> None:
        import structlog  # noqa: PLC0415 - an extra, and 30 ms

        self._handler = handler or _handler(to, stream or sys.stderr)
        logger = logging.Logger("gsmsend.run")  # noqa: LOG001 - one of its own: libraries' words are not in it
        logger.addHandler(self._handler)
        self._level = _LEVELS[level]
        self._entries = Entries()
        if to is LogTo.JOURNAL:
            render = [_for_journal(structlog.processors.LogfmtRenderer())]
        elif to is LogTo.JSON:
            render = [structlog.processors.JSONRenderer()]
        else:
            render = [structlog.processors.LogfmtRenderer(key_order=_FIRST)]
        self._log = structlog.wrap_logger(
            logger,
            processors=[structlog.stdlib.add_log_level, _no_blanks, *render],
            wrapper_class=structlog.stdlib.BoundLogger,
            context_class=dict,
        )

    def take(self, batch: Iterable[Event]) -> None:
        """Write what is to be written of these events."""
        for event in batch:
            level, what, fields = self._entries.of(event)
            if level >= self._level:
                self._log.log(level, what, at=_iso(event.at_s), **fields)

    def say(self, level: int, what: str, why: str, at_s: float) -> None:
        """Write something that is no event of the run."""
        if level >= self._level:
            self._log.log(level, what, at=_iso(at_s), why=words(why))

    def close(self) -> None:
        """Nothing is left to write."""
        self._handler.close()


class _Lines(logging.StreamHandler[TextIO]):
    """Lines on a stream that may go away."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """Nobody reads it: no reason not to send."""


def _handler(to: LogTo, stream: TextIO) -> logging.Handler:
    if to is LogTo.JOURNAL:
        from gsmsend.logs.journal import JournalHandler  # noqa: PLC0415 - where there are such sockets

        return JournalHandler()
    return _Lines(stream)


def _no_blanks(_logger: object, _name: str, fields: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _for_journal(render: Any) -> Any:
    """Words for who reads along, and each field for who asks for it."""

    def processor(
        logger: object, name: str, fields: MutableMapping[str, Any]
    ) -> tuple[tuple[str], dict[str, Any]]:
        shown = {key: value for key, value in fields.items() if key not in ("at", "level", "event")}
        said = f"{fields['event']} {render(logger, name, shown)}".strip()
        return (said,), {"extra": {"fields": dict(fields)}}

    return processor


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
