"""A handler of the standard library for systemd's journal, by its native protocol: fields that can be asked for.

https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ : one datagram an entry, `NAME=value` and a line end for each field; a
value with a line end in it as its name, a line end, its length as 64 bits little-endian, the value, a line end.
"""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Mapping
from pathlib import Path

SOCKET = Path("/run/systemd/journal/socket")
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}  # syslog(3)
_PATIENCE_S = 1.0


class JournalHandler(logging.Handler):
    """The record's message, its level, and what `extra={"fields": ...}` has, as `GSMSEND_NAME`.

    An entry that the journal does not take within a second is dropped: the run waits for no log.
    """

    def __init__(self, place: Path = SOCKET) -> None:
        super().__init__()
        self._place = place
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(_PATIENCE_S)

    def emit(self, record: logging.LogRecord) -> None:
        """Send it."""
        fields = {
            "MESSAGE": record.getMessage(),
            "PRIORITY": str(_PRIORITIES.get(record.levelno, 5)),
            "SYSLOG_IDENTIFIER": "gsmsend",
        }
        given: Mapping[str, object] = getattr(record, "fields", {})
        fields |= {_name(name): str(value) for name, value in given.items()}
        try:
            self._socket.sendto(datagram(fields), str(self._place))
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """The journal is away: nothing to be done, and nobody to be told where a screen may be another's."""

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
        super().close()


def datagram(fields: Mapping[str, str]) -> bytes:
    """The entry as it goes to the journal."""
    rows = []
    for name, value in fields.items():
        octets = value.encode("utf-8", "replace")
        if b"\n" in octets:
            rows.append(name.encode() + b"\n" + len(octets).to_bytes(8, "little") + octets + b"\n")
        else:
            rows.append(name.encode() + b"=" + octets + b"\n")
    return b"".join(rows)


def _name(name: str) -> str:
    return "GSMSEND_" + re.sub(r"[^A-Z0-9_]", "_", name.upper())
