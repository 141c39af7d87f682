"""Short words for what a line does with a store, and the values that the store suite works with."""

from __future__ import annotations

from gsmsend.contract import (
    Advanced,
    AttemptClose,
    AttemptOpen,
    Claimed,
    ImportResult,
    ImportSource,
    LineRow,
    NewMessage,
    Store,
)
from gsmsend.model import Device, Outcome, OutcomeKind, Refusal, Report, Sim, State

NOW_S = 1_750_000_000.0
DELIVERED, CONGESTED, UNOBTAINABLE = 0x00, 0x20, 0x43
_DIGITS = 900_000


def number(index: int) -> str:
    """A number of the drama range."""
    return f"+447700{_DIGITS + index}"


def accepted(reference: int) -> Outcome:
    """The network took the part."""
    return Outcome(OutcomeKind.ACCEPTED, reference=reference)


REFUSED = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, code=41, why="temporary failure")
UNKNOWN = Outcome(OutcomeKind.UNKNOWN, why="the modem fell silent")


def report(reference: int, recipient: str, status: int = DELIVERED, raw: str = "") -> Report:
    """A status report; `raw` makes it distinct."""
    return Report(reference, recipient, status, raw=raw or f"{reference:02X}{recipient}{status:02X}", how="CDS")


class Desk:
    """Short words for the moves that a line makes."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def line(self, index: int = 0) -> LineRow:
        """A line with its own SIM."""
        sim = Sim(iccid=f"89440000000000000{index:02d}", imsi=f"00101000000000{index}")
        return self.store.line(sim, Device("virtual", f"virtual:{index}", imei=f"35000000000000{index}"), NOW_S)

    def fill(self, *numbers: str, text: str = "Help is here.", segments: int = 1, name: str = "a") -> ImportResult:
        """Import some rows."""
        rows = [NewMessage(one, text, row, segments) for row, one in enumerate(numbers, 1)]
        return self.store.add(ImportSource(f"{name}.csv", name, "campaign", NOW_S), rows)

    def claim(self, line: LineRow, limit: int = 10, now_s: float = NOW_S) -> list[Claimed]:
        """Claim for a line."""
        return self.store.claim(line.line_id, limit, now_s).result()

    def open(self, line: LineRow, message: Claimed, seq: int = 1) -> int:
        """Open an attempt; its id."""
        intent = AttemptOpen(message.message_id, seq, line.line_id, NOW_S)
        attempt_id = self.store.advance(None, intent).result().attempt_id
        assert attempt_id is not None
        return attempt_id

    def close(
        self, line: LineRow, message: Claimed, attempt_id: int, outcome: Outcome, state: State, *, seq: int = 1,
        due_at_s: float | None = None,
    ) -> Advanced:  # fmt: skip
        """Close an attempt."""
        return self.store.advance(
            AttemptClose(
                attempt_id, message.message_id, seq, message.total, line.line_id, outcome, NOW_S, state,
                outcome.why, due_at_s,
            ),
            None,
        ).result()  # fmt: skip

    def send(self, line: LineRow, message: Claimed, reference: int, *, seq: int = 1) -> Advanced:
        """Send one part."""
        state = State.SENT if seq == message.total else State.SENDING
        return self.close(line, message, self.open(line, message, seq), accepted(reference), state, seq=seq)

    def states(self) -> dict[str, State]:
        """State by number."""
        return {row.number: row.state for row in self.store.messages()}
