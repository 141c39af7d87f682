"""A MAP session with one handset through BlueZ's obexd: its folders, pushing a text, reading one.

org.bluez.obex.Client(5), Session(5), MessageAccess(5), Message(5), Transfer(5). Nothing that the handset holds is
changed but by `push`: `Read` and `Deleted` of its messages are never written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gsmsend.errors import GuardStop, LinkLost
from gsmsend_handset.bus import Address, Bus, BusError, BusGone, NoAnswer
from gsmsend_handset.obex_bmessage import SMS_CDMA, SMS_GSM

SERVICE = "org.bluez.obex"
SESSION, MESSAGE, TRANSFER = f"{SERVICE}.Session1", f"{SERVICE}.Message1", f"{SERVICE}.Transfer1"
_CLIENT, _ACCESS = f"{SERVICE}.Client1", f"{SERVICE}.MessageAccess1"
_ROOT = "/org/bluez/obex"
_FOLDER = "/telecom/msg"
INBOX, OUTBOX, SENT = "inbox", "outbox", "sent"
_CONNECT_S, _ANSWER_S, _END_S = 45.0, 20.0, 5.0
_HANDLE = re.compile(r"/message(\d+)$")
NEWEST = 100
"""How many messages of a folder are looked at, the newest first (MAP 1.4, 5.5)."""
_SUBJECT_OCTETS = 255
"""The most that a list gives of a text (MAP 1.4, 5.5.4). Where no words are needed only one octet is asked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """A message as a folder's list has it. `subject`: its first words, only where they were asked for."""

    path: str
    handle: str
    sender: str
    recipient: str
    sent: bool
    delivery: str
    subject: str = ""
    sms: bool = True


class MapSession:
    """`open` first. What is asked raises BusError, NoAnswer, BusGone."""

    def __init__(self, bus: Bus, address: str) -> None:
        self._bus, self._address = bus, address
        self.path, self.kind = "", SMS_GSM

    def open(self) -> None:
        """Connect. Raises LinkLost, GuardStop if another handset answers or it cannot send texts."""
        try:
            self.path = str(
                self._call(_ROOT, _CLIENT, "CreateSession", "sa{sv}", self._address, self._target())[0]
            )
            there = str(self._bus.properties(self._at(SESSION), within_s=_ANSWER_S).get("Destination", "")).upper()
            if there != self._address:
                raise GuardStop(
                    f"the handset {there or 'without an address'} answered for {self._address}; nothing was sent",
                    remedy="Correct the address in gsmsend.toml, or take the other handset away.",
                )
            kinds = self._bus.properties(self._at(_ACCESS), within_s=_ANSWER_S).get("SupportedTypes", [SMS_GSM])
            self.kind = next((kind for kind in (SMS_GSM, SMS_CDMA) if kind in kinds), "")
            if not self.kind:
                raise GuardStop(
                    f"the handset {self._address} offers no texts over Bluetooth",
                    remedy="Use another way to send from it; `gsmsend modems` lists them.",
                )
            self._call(self.path, _ACCESS, "SetFolder", "s", _FOLDER)
        except (BusError, NoAnswer, BusGone) as fault:
            raise lost(fault, self._address) from None

    def _target(self) -> dict[str, Any]:
        from dbus_fast import Variant  # noqa: PLC0415 - an extra: only those who use it have it

        return {"Target": Variant("s", "map")}

    def _at(self, interface: str) -> Address:
        return Address(SERVICE, self.path, interface)

    def _call(self, path: str, interface: str, member: str, signature: str, *values: object) -> list[Any]:
        within_s = {"CreateSession": _CONNECT_S, "RemoveSession": _END_S}.get(member, _ANSWER_S)
        return self._bus.call(Address(SERVICE, path, interface), member, signature, *values, within_s=within_s)

    def still(self) -> bool:
        """Whether the session is there, with the same handset."""
        try:
            there = self._bus.properties(self._at(SESSION), within_s=_ANSWER_S).get("Destination", "")
        except BusError:
            return False
        return str(there).upper() == self._address

    def rows(self, folder: str, *, most: int = NEWEST, words: bool = False) -> Sequence[Row]:
        """The newest texts of a folder; with their first words, up to 255 octets, only if `words`."""
        from dbus_fast import Variant  # noqa: PLC0415 - an extra: only those who use it have it

        # obexd cannot ask for the field of the delivery status by name, so no fields are named: all come
        asked = {
            "MaxCount": Variant("q", most), "Types": Variant("as", ["sms"]),
            "SubjectLength": Variant("y", _SUBJECT_OCTETS if words else 1),
        }  # fmt: skip
        found = self._call(self.path, _ACCESS, "ListMessages", "sa{sv}", folder, asked)[0]
        return [_row(path, properties) for path, properties in found.items() if handle_of(path)]

    def push(self, file: Path) -> str:
        """Queue a file for the outbox; the transfer's path. It is not to be tried again by the handset (Retry)."""
        from dbus_fast import Variant  # noqa: PLC0415 - an extra: only those who use it have it

        asked = {"Transparent": Variant("b", False), "Retry": Variant("b", False), "Charset": Variant("s", "utf8")}  # noqa: FBT003 - D-Bus has no names
        return str(self._call(self.path, _ACCESS, "PushMessage", "ssa{sv}", str(file), OUTBOX, asked)[0])

    def fetch(self, path: str, file: Path) -> str:
        """Have a message written to a file; the transfer's path.

        What marks it as read is another function, SetMessageStatus (MAP 1.4, 5.7), which is never asked for.
        """
        return str(self._call(path, MESSAGE, "Get", "sb", str(file), False)[0])  # noqa: FBT003 - D-Bus has no names

    def transfer(self, path: str) -> str:
        """How far a transfer is: queued, active, suspended, complete, error; empty if it is not there any more."""
        try:
            at = Address(SERVICE, path, TRANSFER)
            return str(self._bus.properties(at, within_s=_ANSWER_S).get("Status", ""))
        except BusError:
            return ""

    def close(self) -> None:
        """Disconnect from the handset. Never raises: obexd ends the session of a program that is gone, too."""
        if self.path:
            with suppress(BusError, NoAnswer, BusGone):
                self._call(_ROOT, _CLIENT, "RemoveSession", "o", self.path)
        self.path = ""


def handle_of(path: str) -> str:
    """The handset's own name for a message (16 hex digits, MAP 1.4, 3.1.2) by its object's path; empty if none."""
    found = _HANDLE.search(path)
    return f"{int(found[1]):016X}" if found else ""


def _row(path: str, found: dict[str, Any]) -> Row:
    return Row(
        path, handle_of(path), str(found.get("SenderAddress") or found.get("Sender") or ""),
        str(found.get("RecipientAddress") or ""), bool(found.get("Sent", False)),
        str(found.get("DeliveryStatus") or ""), str(found.get("Subject") or ""),
        str(found.get("Type") or "sms").startswith("sms"),
    )  # fmt: skip


def lost(fault: BusError | NoAnswer | BusGone, address: str) -> LinkLost:
    """What it means for the link that the bus, obexd or the handset did not answer, or refused a question."""
    if isinstance(fault, BusGone):
        return LinkLost("the session's message bus is gone", remedy="See that the D-Bus daemon runs.")
    if isinstance(fault, NoAnswer):
        return LinkLost(f"the handset {address} does not answer", remedy="Bring it near, and see its screen.")
    if fault.name.endswith("ServiceUnknown"):
        return LinkLost(
            "obexd, which speaks to handsets over Bluetooth, does not run",
            remedy="Install it (Debian: bluez-obexd) and start it: systemctl --user start obex",
        )
    return LinkLost(
        f"the handset {address} refused the connection for texts ({fault.name.rpartition('.')[2]})",
        remedy="On its screen allow access to messages for this computer, and switch Bluetooth on.",
    )
