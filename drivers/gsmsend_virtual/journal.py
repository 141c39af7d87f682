"""What really happened on the bench: JSON lines, one event a line, each written to the file before the
next thing happens, so that a crash harness can hold it against a store.

Every line has
    event   what happened (below)
    mono    seconds on the bench's monotonic clock, to the microsecond
    at      seconds since the epoch, UTC
and, where one modem is concerned,
    modem   its number on the bench, from 1
    imei, iccid   who that is at this moment

| event | further fields | meaning |
|---|---|---|
| `ready` | `modems`, `seed` | the bench is up |
| `attached`, `detached` | | a client opened or closed the port (as far as the system tells) |
| `submit` | `submit`, `to`, `reference`, `tpdu`, `via` | Ctrl-Z (or +CMSS) received: the radio is busy from now |
| `on_air` | `submit` | the network began to take it: from here on the text may reach its recipient |
| `accepted` | `submit`, `to`, `reference` | the network took it (RP-ACK) and will deliver it |
| `refused` | `submit`, `to`, `reference`, `code` | the network (or the modem) refused it: it reaches nobody |
| `result` | `submit`, `result`, `busy_s` | the answer was given to the client: the radio was busy for `busy_s` |
| `delivered` | `submit`, `to` | the recipient, another modem of this bench, has it |
| `report` | `reference`, `to`, `status`, `how`, `submit`, `tpdu` | a status report came; `how`: below |
| `inbound` | `from`, `how`, `tpdu` | a text reached the modem |
| `acknowledged` | `kind`, `by` | the network got the RP-ACK for a report or text; `by` is `client` or `modem` |
| `held` | `kind`, `why` | a report or text could not be handed over; the network tries again later |
| `write` | `memory`, `index`, `what`, `before`, `after` | a storage or SIM file changed; values in hex |
| `boot`, `off` | `why` | the modem started or went away |
| `registration` | `stat`, `registered` | it started, or this changed: <stat> of +CREG (TS 27.007 7.2) |
| `fault` | `fault`, `what` | a fault switch fired |
| `command` | `line` | a command line as executed (only with `commands=True`) |

`submit` is the bench's own serial number of the submission, the key that joins the lines of one text.
`how` is `routed` (+CDS, +CMT), `stored` (+CDSI, +CMTI or silent), `buffered` (kept in the TA, +CNMI),
`dropped` (the modem took it and routes it nowhere) . `to` and `from` are E.164 digits with `+` where
international. It is the record of a simulation, with invented numbers: nothing in it is masked.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from json import JSONEncoder
from pathlib import Path
from types import TracebackType
from typing import Self

_encode = JSONEncoder(separators=(",", ":")).encode


class Journal:
    """An append-only event file; with no path it only calls `tap`, for tests and for the driver."""

    def __init__(
        self, path: Path | None = None, *, tap: Callable[[dict[str, object]], None] | None = None
    ) -> None:
        self._fd = -1
        self._tap = tap
        self._lines: list[str] = []
        self.buffered = False
        self.epoch_offset_s = 0.0
        if path is not None:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    @property
    def active(self) -> bool:
        """Whether anybody reads along; writers may skip costly fields when not."""
        return self._fd >= 0 or self._tap is not None

    def write(self, now: float, event: str, who: dict[str, object] | None = None, **fields: object) -> None:
        """Append one event at bench time `now`; `who` names the modem."""
        if self._fd < 0 and self._tap is None:
            return
        line: dict[str, object] = {
            "event": event,
            "mono": round(now, 6),
            "at": round(now + self.epoch_offset_s, 6),
        }
        if who is not None:
            line |= who
        line |= fields
        if self._fd >= 0:
            self._lines.append(_encode(line))
            if not self.buffered:
                self.flush()
        if self._tap is not None:
            self._tap(line)

    def flush(self) -> None:
        """Write what is buffered. A bench on ports buffers, and flushes before any client hears an answer."""
        if self._lines and self._fd >= 0:
            os.write(self._fd, ("\n".join(self._lines) + "\n").encode())
            self._lines.clear()

    def close(self) -> None:
        """Close the file; later events go nowhere."""
        self.flush()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
