"""The Service Discovery Protocol's client, sans-IO: which RFCOMM channel a handset's modem is on.

Bluetooth Core Specification, Vol 3, Part B: data elements (3), PDUs (4.2 to 4.4), ServiceSearchAttribute (4.7).
All numbers are big-endian. Raises `Malformed` and `Refused`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

BASE_UUID = 0x00000000_0000_1000_8000_00805F9B34FB
RFCOMM = 0x0003
PROTOCOLS = 0x0004
"""The attribute ProtocolDescriptorList (5.1.5): one sequence for each layer, its UUID first."""

ERROR, REQUEST, RESPONSE = 0x01, 0x06, 0x07
_HEADER_OCTETS = 5
_MOST_AT_ONCE = 0xFFFF
_MOST_OCTETS = 1 << 18
"""Of all attributes together; a handset has some kilobytes."""
_MOST_DEPTH = 16
_MOST_CONTINUATION = 16
_MOST_CHANNEL = 30


class Malformed(ValueError):
    """What came is no answer of this protocol."""


class Refused(Exception):
    """The server gave an error; `code` is its ErrorCode (4.4.1)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"SDP error {code:#06x}")
        self.code = code


class Kind(IntEnum):
    """Type descriptors of data elements (3.1)."""

    NIL = 0
    UNSIGNED = 1
    SIGNED = 2
    UUID = 3
    TEXT = 4
    BOOLEAN = 5
    SEQUENCE = 6
    ALTERNATIVE = 7
    URL = 8


_NUMBERS = {
    Kind.UNSIGNED: (1, 2, 4, 8, 16),
    Kind.SIGNED: (1, 2, 4, 8, 16),
    Kind.UUID: (2, 4, 16),
    Kind.BOOLEAN: (1,),
}
"""The widths in octets that each may have (3.2)."""
_LISTS = {Kind.SEQUENCE, Kind.ALTERNATIVE}


@dataclass(frozen=True, slots=True)
class Element:
    """A data element. `width` in octets, of numbers, UUIDs and booleans. Texts and URLs are in `octets`."""

    kind: Kind
    number: int = 0
    width: int = 0
    octets: bytes = b""
    items: tuple[Element, ...] = ()

    @property
    def uuid(self) -> int | None:
        """All 128 bits of a UUID, however short it was given (2.5.1); None if it is none."""
        if self.kind is not Kind.UUID:
            return None
        return self.number if self.width == 16 else (self.number << 96) + BASE_UUID


def unsigned(number: int, width: int) -> Element:
    """A number of `width` octets."""
    return Element(Kind.UNSIGNED, number, width)


def uuid(short: int) -> Element:
    """A UUID of 16 bits."""
    return Element(Kind.UUID, short, 2)


def sequence(*items: Element) -> Element:
    """A sequence."""
    return Element(Kind.SEQUENCE, items=items)


def encode(element: Element) -> bytes:
    """The octets of a data element. Raises Malformed for a width or number that cannot be."""
    kind = element.kind
    if kind is Kind.NIL:
        return bytes((kind << 3,))
    if kind in _NUMBERS:
        if element.width not in _NUMBERS[kind]:
            raise Malformed(f"{kind.name} of {element.width} octets")
        try:
            octets = element.number.to_bytes(element.width, "big", signed=kind is Kind.SIGNED)
        except OverflowError:
            raise Malformed(f"{kind.name} is too large for {element.width} octets") from None
        return bytes((kind << 3 | element.width.bit_length() - 1,)) + octets
    octets = b"".join(map(encode, element.items)) if kind in _LISTS else element.octets
    for index, width in ((5, 1), (6, 2), (7, 4)):
        if len(octets) < 1 << 8 * width:
            return bytes((kind << 3 | index,)) + len(octets).to_bytes(width, "big") + octets
    raise Malformed(f"{kind.name} of {len(octets)} octets")


def decode(octets: bytes) -> Element:
    """The one data element that `octets` are. Raises Malformed."""
    element, end = _read(octets, 0, _MOST_DEPTH)
    if end != len(octets):
        raise Malformed(f"{len(octets) - end} octets follow a data element")
    return element


def _read(octets: bytes, at: int, depth: int) -> tuple[Element, int]:
    descriptor = _take(octets, at, 1)[0]
    at += 1
    try:
        kind = Kind(descriptor >> 3)
    except ValueError:
        raise Malformed(f"data element of reserved type {descriptor >> 3}") from None
    index = descriptor & 7
    if kind is Kind.NIL:
        length = 0 if index == 0 else -1
    elif kind in _NUMBERS:
        length = 1 << index if index < 5 and 1 << index in _NUMBERS[kind] else -1
    elif index >= 5:
        width = 1 << index - 5
        length = int.from_bytes(_take(octets, at, width), "big")
        at += width
    else:
        length = -1
    if length < 0:
        raise Malformed(f"{kind.name} with size index {index}")
    body = _take(octets, at, length)
    end = at + length
    if kind in _NUMBERS:
        number = int.from_bytes(body, "big", signed=kind is Kind.SIGNED)
        return Element(kind, number, length), end
    if kind not in _LISTS:
        return Element(kind, octets=body), end
    if not depth:
        raise Malformed("data elements are nested too deeply")
    items = []
    inside = 0
    while inside < length:
        item, inside = _read(body, inside, depth - 1)
        items.append(item)
    return Element(kind, items=tuple(items)), end


def _take(octets: bytes, at: int, length: int) -> bytes:
    piece = octets[at : at + length]
    if len(piece) != length:
        raise Malformed(f"{length} octets were announced and {len(piece)} came")
    return piece


class Inquiry:
    """One ServiceSearchAttribute transaction: write `data_to_send`, `receive` each answer, until it is done.

    `records` then has what the handset offers under `service` (a UUID of 16 bits): attributes by their id.
    """

    def __init__(self, service: int, transaction: int = 1) -> None:
        pattern = encode(sequence(uuid(service)))
        wanted = encode(sequence(unsigned(PROTOCOLS, 2)))
        self._before = pattern + _MOST_AT_ONCE.to_bytes(2, "big") + wanted
        self._transaction = transaction
        self._collected = b""
        self._out = b""
        self.records: tuple[Mapping[int, Element], ...] = ()
        self._ask(b"")

    def data_to_send(self) -> bytes:
        """The request that is due, once."""
        octets, self._out = self._out, b""
        return octets

    def receive(self, pdu: bytes) -> bool:
        """Take one whole answer; whether that was the last. Raises Malformed, Refused."""
        kind, transaction = _take(pdu, 0, 1)[0], int.from_bytes(_take(pdu, 1, 2), "big")
        body = _take(pdu, _HEADER_OCTETS, int.from_bytes(_take(pdu, 3, 2), "big"))
        if transaction != self._transaction:
            return False
        if kind == ERROR:
            raise Refused(int.from_bytes(_take(body, 0, 2), "big"))
        if kind != RESPONSE:
            raise Malformed(f"PDU {kind:#04x} in answer to a search")
        count = int.from_bytes(_take(body, 0, 2), "big")
        piece = _take(body, 2, count)
        state = _take(body, 2 + count, 1)[0]
        continuation = _take(body, 3 + count, state)
        if state > _MOST_CONTINUATION or (state and not piece):
            raise Malformed("a continuation that cannot be")
        self._collected += piece
        if len(self._collected) > _MOST_OCTETS:
            raise Malformed("an answer without end")
        if state:
            self._transaction = self._transaction % 0xFFFF + 1
            self._ask(continuation)
            return False
        self.records = tuple(_records(decode(self._collected)))
        return True

    def _ask(self, continuation: bytes) -> None:
        body = self._before + bytes((len(continuation),)) + continuation
        head = bytes((REQUEST,)) + self._transaction.to_bytes(2, "big") + len(body).to_bytes(2, "big")
        self._out = head + body


def _records(lists: Element) -> Iterator[Mapping[int, Element]]:
    for record in lists.items:
        ids, values = record.items[::2], record.items[1::2]
        if len(ids) != len(values) or any(each.kind is not Kind.UNSIGNED for each in ids):
            raise Malformed("a record that is no list of attributes")
        yield {each.number: value for each, value in zip(ids, values, strict=True)}


def channels(records: Iterable[Mapping[int, Element]]) -> list[int]:
    """The RFCOMM channels, 1 to 30, that the records name, in their order, each once."""
    found: dict[int, None] = {}
    for record in records:
        described = record.get(PROTOCOLS)
        if described is None:
            continue
        stacks = described.items if described.kind is Kind.ALTERNATIVE else (described,)
        for stack in stacks:
            for layer in stack.items:
                named = layer.items[:2]
                if len(named) == 2 and named[0].uuid == uuid(RFCOMM).uuid and named[1].kind is Kind.UNSIGNED:
                    found.setdefault(named[1].number)
    return [channel for channel in found if 1 <= channel <= _MOST_CHANNEL]
