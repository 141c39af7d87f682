"""What obexd and BlueZ tell unasked about one handset: texts sent, delivered and received, and its going."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from gsmsend.errors import LinkLost
from gsmsend_handset.bus import Signal
from gsmsend_handset.obex_session import INBOX, MESSAGE, SERVICE, SESSION, TRANSFER, handle_of

ENDS = {"sending-success", "sending-failure", "delivery-success", "delivery-failure"}
"""The profile's events about a text that was sent, as org.bluez.obex.Message1 has them in `Status`."""


class News:
    """`told`: the last event by handle; `events`: those not yet passed on; `inbox`: whether something came in.

    `transfers`: how far each is. `lost` is set once the handset, obexd or the bus is gone.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self.session = self.device = ""
        self.told: dict[str, str] = {}
        self.transfers: dict[str, str] = {}
        self.events: deque[tuple[str, str]] = deque()
        self.inbox = False
        self.lost: LinkLost | None = None

    def take(self, signals: Iterable[Signal]) -> None:
        """Note what signals say."""
        for signal in signals:
            if signal.member == "PropertiesChanged":
                self._changed(signal)
            elif signal.member == "InterfacesAdded" and MESSAGE in signal.body[1]:
                folder = str(signal.body[1][MESSAGE].get("Folder", ""))
                self.inbox = self.inbox or folder.endswith(INBOX)
            elif signal.member == "InterfacesRemoved" and signal.body[0] == self.session:
                if SESSION in signal.body[1]:
                    self.end("the handset ended the connection")
            elif signal.member == "NameOwnerChanged" and signal.body[0] == SERVICE and not signal.body[2]:
                self.end("obexd, which speaks to handsets over Bluetooth, ended")

    def _changed(self, signal: Signal) -> None:
        interface, properties = signal.body[0], signal.body[1]
        if interface == MESSAGE and signal.path.startswith(f"{self.session}/"):
            handle, word = handle_of(signal.path), str(properties.get("Status", ""))
            if word == "notification":
                self.inbox = True
            elif word in ENDS:
                self.told[handle] = word
                self.events.append((handle, word))
        elif interface == TRANSFER and "Status" in properties:
            self.transfers[signal.path] = str(properties["Status"])
        elif signal.path == self.device and properties.get("Connected") is False:
            self.end("the handset is out of reach, or its Bluetooth was switched off")

    def end(self, words: str) -> None:
        """It is gone; the first reason stays."""
        remedy = "Bring the handset near, and see its screen."
        self.lost = self.lost or LinkLost(f"{self._address}: {words}", remedy=remedy)
