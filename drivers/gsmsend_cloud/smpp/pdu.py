"""SMPP 3.4 PDUs as they come: octets to values, strictly (3.2, 4.6, 5.3). What is sent is made in `compose`.

Strict, since a message id that lost its last character would be somebody else's: docs/adr/0018-smpp.md.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEADER = struct.Struct(">LLLL")
MOST_OCTETS = 70_000
"""No PDU of SMPP 3.4 is longer: the longest value, message_payload, has at most 65,535 octets (5.3.2.32)."""

RESPONSE = 0x80000000


class Command(IntEnum):
    """command_id (5.1.2.1), as far as a transceiver meets them."""

    GENERIC_NACK = 0x80000000
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015
    ALERT_NOTIFICATION = 0x00000102


class Tag(IntEnum):
    """Tags of optional parameters (5.3.2) that are read."""

    RECEIPTED_MESSAGE_ID = 0x001E
    USER_MESSAGE_REFERENCE = 0x0204
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class PduError(ValueError):
    """A PDU that cannot be read. Says where, never what stands there."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """Header (3.2) and body. The body stays out of `repr`: it may be about a person, or a password."""

    command: int
    status: int
    sequence: int
    body: bytes = field(default=b"", repr=False)

    @property
    def hex(self) -> str:
        """The whole PDU."""
        head = HEADER.pack(HEADER.size + len(self.body), self.command, self.status, self.sequence)
        return (head + self.body).hex().upper()


class Framer:
    """Cuts a stream into PDUs."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def feed(self, octets: bytes) -> Iterator[Pdu]:
        """PDUs that are complete now. Raises PduError where the stream has no next PDU: it cannot be followed."""
        self._octets += octets
        while len(self._octets) >= 4:
            length = int.from_bytes(self._octets[:4], "big")
            if not HEADER.size <= length <= MOST_OCTETS:
                raise PduError(f"command_length is {length}; expected {HEADER.size} to {MOST_OCTETS}")
            if len(self._octets) < length:
                return
            _length, command, status, sequence = HEADER.unpack_from(self._octets)
            body = bytes(self._octets[HEADER.size : length])
            del self._octets[:length]
            yield Pdu(command, status, sequence, body)


@dataclass(frozen=True, slots=True)
class Deliver:
    """A deliver_sm (4.6.1), as far as it is used. `octets`: short_message, or message_payload in its place."""

    source: str
    source_ton: int
    destination: str
    esm_class: int
    data_coding: int
    octets: bytes = field(repr=False)
    options: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def decode(cls, body: bytes) -> Deliver:
        """Raises PduError if anything in it reaches beyond its end, or is left over."""
        reader = _Reader(body)
        reader.text("service_type")
        source_ton, _npi = reader.octet("source_addr_ton"), reader.octet("source_addr_npi")
        source = reader.text("source_addr")
        reader.octet("dest_addr_ton"), reader.octet("dest_addr_npi")
        destination = reader.text("destination_addr")
        esm_class = reader.octet("esm_class")
        reader.octet("protocol_id"), reader.octet("priority_flag")
        reader.text("schedule_delivery_time"), reader.text("validity_period")
        reader.octet("registered_delivery"), reader.octet("replace_if_present_flag")
        data_coding = reader.octet("data_coding")
        reader.octet("sm_default_msg_id")
        octets = reader.take(reader.octet("sm_length"), "short_message")
        options = dict(reader.options())
        return cls(
            source,
            source_ton,
            destination,
            esm_class,
            data_coding,
            octets or options.get(Tag.MESSAGE_PAYLOAD, b""),
            options,
        )

    def number(self, tag: Tag) -> int | None:
        """An optional parameter that is a number of any width, None if it is not there."""
        value = self.options.get(tag)
        return int.from_bytes(value, "big") if value else None


def message_id(body: bytes) -> str:
    """Of a submit_sm_resp (4.4.2); empty if there is none. Raises PduError."""
    return _Reader(body).text("message_id") if body else ""


def system_id(body: bytes) -> str:
    """Of a bind_transceiver_resp (4.1.6), as far as it has one; printable."""
    name = body.partition(b"\0")[0].decode("ascii", "replace")
    return "".join(char for char in name[:15] if char.isprintable() and char.isascii())


def c_octets(value: bytes) -> str:
    """A text in an optional parameter. The zero at its end is often left out, so it is no part of the text."""
    return value.rstrip(b"\0").decode("latin-1")


class _Reader:
    def __init__(self, octets: bytes) -> None:
        self._octets, self._at = octets, 0

    def octet(self, name: str) -> int:
        return self.take(1, name)[0]

    def take(self, count: int, name: str) -> bytes:
        end = self._at + count
        if end > len(self._octets):
            raise PduError(f"{name} at octet {self._at} of the body reaches beyond its {len(self._octets)} octets")
        octets, self._at = self._octets[self._at : end], end
        return octets

    def text(self, name: str) -> str:
        end = self._octets.find(b"\0", self._at)
        if end < 0:
            raise PduError(f"{name} at octet {self._at} of the body has no end")
        octets, self._at = self._octets[self._at : end], end + 1
        return octets.decode("latin-1")

    def options(self) -> Iterator[tuple[int, bytes]]:
        while self._at < len(self._octets):
            tag, length = struct.unpack(">HH", self.take(4, "an optional parameter"))
            yield tag, self.take(length, f"optional parameter 0x{tag:04X}")
