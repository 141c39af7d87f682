"""The user data header and its information elements (TS 23.040 9.2.3.24)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gsmsend.errors import SmsError
from gsmsend.sms.octets import check_octet
from gsmsend.sms.values import Language

CONCATENATED_8 = 0x00
PORTS_8 = 0x04
PORTS_16 = 0x05
CONCATENATED_16 = 0x08
SINGLE_SHIFT = 0x24
LOCKING_SHIFT = 0x25

_LANGUAGES = frozenset(Language)


@dataclass(frozen=True, slots=True)
class InformationElement:
    """One element as it is on air: `identifier` 0..255 and at most 255 octets. Unknown ones are kept."""

    identifier: int
    content: bytes = b""

    def encode(self) -> bytes:
        """Identifier, length, content. Raises SmsError if one does not fit in its octet."""
        check_octet(self.identifier, "TP-UDH IEI")
        check_octet(len(self.content), "TP-UDH IEIDL")
        return bytes((self.identifier, len(self.content))) + self.content


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Part `seq` (1..total) of `total` under one reference: 8 bits, or 16 if `wide` (9.2.3.24.1 and .8)."""

    reference: int
    total: int
    seq: int
    wide: bool = False

    def element(self) -> InformationElement:
        """As an information element. Raises SmsError if a number is out of its range."""
        limit = 0xFFFF if self.wide else 0xFF
        if not 0 <= self.reference <= limit:
            message = f"concatenation reference {self.reference} is out of range; expected 0 to {limit}"
            raise SmsError(message, field="TP-UDH")
        if not 1 <= self.seq <= self.total <= 255:
            message = f"part {self.seq} of {self.total} cannot be; expected 1 <= part <= total <= 255"
            raise SmsError(message, field="TP-UDH")
        reference = self.reference.to_bytes(2 if self.wide else 1, "big")
        identifier = CONCATENATED_16 if self.wide else CONCATENATED_8
        return InformationElement(identifier, reference + bytes((self.total, self.seq)))


@dataclass(frozen=True, slots=True)
class Ports:
    """Application port addresses: 8 bits each, or 16 if `wide` (TS 23.040 9.2.3.24.3 and .4)."""

    destination: int
    source: int
    wide: bool = True

    def element(self) -> InformationElement:
        """As an information element. Raises SmsError if a port is out of its range."""
        width = 2 if self.wide else 1
        limit = 256**width - 1
        if not (0 <= self.destination <= limit and 0 <= self.source <= limit):
            raise SmsError(f"a port is out of range; expected 0 to {limit}", field="TP-UDH")
        content = self.destination.to_bytes(width, "big") + self.source.to_bytes(width, "big")
        return InformationElement(PORTS_16 if self.wide else PORTS_8, content)


@dataclass(frozen=True, slots=True)
class Header:
    """The elements in their order. `unread`: the octets of a header whose last element does not end with it.

    Such a header is ignored as a whole, as the standard wants, and kept byte for byte (9.2.3.24).
    """

    elements: tuple[InformationElement, ...] = ()
    unread: bytes = b""

    @classmethod
    def of(
        cls,
        *,
        concatenation: Concatenation | None = None,
        ports: Ports | None = None,
        locking: Language = Language.DEFAULT,
        single: Language = Language.DEFAULT,
    ) -> Header | None:
        """A header of what is given, None for nothing. Raises SmsError for numbers out of range."""
        elements = [part.element() for part in (concatenation, ports) if part is not None]
        if single:
            elements.append(InformationElement(SINGLE_SHIFT, bytes((single,))))
        if locking:
            elements.append(InformationElement(LOCKING_SHIFT, bytes((locking,))))
        return cls(tuple(elements)) if elements else None

    @classmethod
    def decode(cls, octets: bytes) -> Header:
        """Decode what follows the length octet. Never fails: see `unread`."""
        elements = []
        at = 0
        while at < len(octets):
            start = at + 2
            if start > len(octets) or start + octets[at + 1] > len(octets):
                return cls((), octets)
            at_next = start + octets[at + 1]
            elements.append(InformationElement(octets[at], octets[start:at_next]))
            at = at_next
        return cls(tuple(elements))

    def encode(self) -> bytes:
        """The octets behind the length octet. Raises SmsError if an element does not fit."""
        return b"".join([element.encode() for element in self.elements]) + self.unread

    @property
    def concatenation(self) -> Concatenation | None:
        """The last usable concatenation element. One with part 0, total 0 or part > total is ignored."""
        for element in self._reversed(CONCATENATED_8, CONCATENATED_16):
            wide = element.identifier == CONCATENATED_16
            content = element.content
            if len(content) == (4 if wide else 3) and 1 <= content[-1] <= content[-2]:
                reference = int.from_bytes(content[:-2], "big")
                return Concatenation(reference, content[-2], content[-1], wide)
        return None

    @property
    def ports(self) -> Ports | None:
        """The last usable port address element."""
        for element in self._reversed(PORTS_8, PORTS_16):
            width = 2 if element.identifier == PORTS_16 else 1
            content = element.content
            if len(content) == 2 * width:
                destination = int.from_bytes(content[:width], "big")
                return Ports(destination, int.from_bytes(content[width:], "big"), width == 2)
        return None

    @property
    def locking(self) -> Language:
        """The locking shift table of the text; a reserved language is ignored (9.2.3.24.16)."""
        return self._language(LOCKING_SHIFT)

    @property
    def single(self) -> Language:
        """The single shift table of the text; a reserved language is ignored (9.2.3.24.15)."""
        return self._language(SINGLE_SHIFT)

    def _language(self, identifier: int) -> Language:
        for element in self._reversed(identifier):
            if len(element.content) == 1 and element.content[0] in _LANGUAGES:
                return Language(element.content[0])
        return Language.DEFAULT

    def _reversed(self, *identifiers: int) -> Iterator[InformationElement]:
        # Of elements that exclude each other the last one counts (9.2.3.24).
        return (element for element in reversed(self.elements) if element.identifier in identifiers)
