"""What the session tells its owner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gsmsend.model import Outcome


class Final(Enum):
    """How a command ended (V.250 5.7.1, TS 27.007 9.1, TS 27.005 3.2.5). SILENCE: no answer in time."""

    OK = "OK"
    ERROR = "ERROR"
    CME = "+CME ERROR"
    CMS = "+CMS ERROR"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Result:
    """A final result. `code` is the number of +CME or +CMS ERROR, None where it was words or neither."""

    final: Final
    code: int | None = None
    text: str = ""

    @property
    def ok(self) -> bool:
        """Whether the modem did it."""
        return self.final is Final.OK


@dataclass(frozen=True, slots=True)
class Reply:
    """A plain command has ended; `lines` are the information responses."""

    command: str
    lines: tuple[str, ...]
    result: Result

    @property
    def ok(self) -> bool:
        """Whether the modem did it."""
        return self.result.final is Final.OK


@dataclass(frozen=True, slots=True)
class PromptSeen:
    """The modem waits for the PDU. Make the intent durable, then `release`; or `escape`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The submission has ended. `clean`: the dialogue is in step, the next command may follow at once."""

    outcome: Outcome
    clean: bool


@dataclass(frozen=True, slots=True)
class Unsolicited:
    """A line the modem sent by itself. `prefix` is its key in the table, "" where it is in none.

    `body` is the second line (a PDU in hex) of +CMT, +CDS and +CBM, None where it did not come.
    """

    prefix: str
    line: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """The answer to an earlier submission whose outcome had been unknown; it can belong to no other."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Stale:
    """A final result or +CMGS that nobody waits for."""

    line: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The modem has lost its session settings: it must be set up again before the next submission."""

    sign: str


@dataclass(frozen=True, slots=True)
class SimChanged:
    """The SIM may have been changed or taken out: its identity must be read again."""

    sign: str


Event = Reply | PromptSeen | Answered | Unsolicited | Late | Stale | Restarted | SimChanged
