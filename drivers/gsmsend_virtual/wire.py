"""What a bad line does to what a modem says: noise, lost pieces, halves, a slow rate."""

from __future__ import annotations

from collections.abc import Callable

from gsmsend_virtual.timers import Timers

BITS_AN_OCTET = 10  # 8N1: a start bit, eight, a stop bit


class Wire:
    """Between a modem and its port. `ready` is what has arrived at the client's end."""

    def __init__(self, timers: Timers, on_ready: Callable[[], None]) -> None:
        self.ready = bytearray()
        self.spoilers: list[Callable[[bytes], bytes]] = []
        self.baud = 0
        self.pause_s = 0.0
        self._timers = timers
        self._on_ready = on_ready
        self._free_at = 0.0
        self._under_way = 0

    @property
    def idle(self) -> bool:
        """Whether it does nothing, and may be taken away."""
        return not (self.spoilers or self.baud or self.pause_s or self.ready) and self._free_at <= self._timers.now

    def feed(self, out: bytearray) -> None:
        """Take what the modem said; it comes out in `ready`, now or later, in order."""
        if not out:
            return
        octets = bytes(out)
        out.clear()
        for spoil in self.spoilers:
            octets = spoil(octets)
        if self.baud:
            self._paced(octets)
        elif self.pause_s and len(octets) > 1:
            middle = len(octets) // 2
            self._at(max(self._timers.now, self._free_at), octets[:middle])
            self._free_at = max(self._timers.now, self._free_at) + self.pause_s
            self._at(self._free_at, octets[middle:])
        else:
            self._at(self._free_at, octets)

    def _paced(self, octets: bytes) -> None:
        # In pieces of about 10 ms: fine enough for any client, and cheap.
        size = max(1, self.baud // BITS_AN_OCTET // 100)
        at = max(self._timers.now, self._free_at)
        for start in range(0, len(octets), size):
            piece = octets[start : start + size]
            at += len(piece) * BITS_AN_OCTET / self.baud
            self._at(at, piece)
        self._free_at = at

    def _at(self, when: float, octets: bytes) -> None:
        # A timer may be made late: what was said before must not be overtaken.
        if when <= self._timers.now and not self._under_way:
            self.ready += octets
            return

        def arrive() -> None:
            self._under_way -= 1
            self.ready.extend(octets)
            self._on_ready()

        self._under_way += 1
        self._timers.at(when, arrive)
