"""Addresses: of a sender, destination or recipient (TP-OA, TP-DA, TP-RA) and of a service centre (RP)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from gsmsend.errors import SmsError
from gsmsend.masking import mask_number
from gsmsend.sms.alphabet import alphabet
from gsmsend.sms.octets import Octets
from gsmsend.sms.primitives import digits, pack, semi_octets, unpack

ISDN = 1
"""Numbering plan identification: telephone numbers, E.164 (TS 23.040 9.1.2.5)."""

MAX_SEMI_OCTETS = 20
"""The address value is at most 10 octets (TS 23.040 9.1.2.5)."""

_DIALLED = frozenset("0123456789*#")


class Ton(IntEnum):
    """Type of number (TS 23.040 9.1.2.5)."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER = 4
    ALPHANUMERIC = 5
    ABBREVIATED = 6
    RESERVED = 7


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """A number or a name. `number`: digits (0-9 * # a b c) without `+`, or the name if alphanumeric.

    `npi` is the numbering plan, 0..15. `repr` masks the number.
    """

    number: str
    ton: Ton = Ton.UNKNOWN
    npi: int = ISDN

    @classmethod
    def of(cls, text: str) -> Address:
        """What a person writes: `+447700900123`, `07700900123`, a short code, or a name.

        `+` makes it international. Digits alone are of unknown type, as dialled: the network reads them by
        its own dialling plan (TS 23.040 9.1.2.5). Anything else is a name of at most 11 septets.
        Raises SmsError if it is empty, too long, has a character that the default alphabet lacks, or has
        anything but digits behind `+`.
        """
        if not text:
            raise SmsError("is empty; expected a number or a name", field="address")
        if text.startswith("+"):
            if not _DIALLED.issuperset(text[1:]) or len(text) == 1:
                raise SmsError("has a + that digits alone do not follow; write +447...", field="address")
            made = cls(text[1:], Ton.INTERNATIONAL)
        elif _DIALLED.issuperset(text):
            made = cls(text)
        else:
            made = cls(text, Ton.ALPHANUMERIC, 0)
        made.encode()
        return made

    @property
    def text(self) -> str:
        """As people write it: with `+` if international."""
        return "+" + self.number if self.ton is Ton.INTERNATIONAL else self.number

    def __repr__(self) -> str:
        return f"Address({mask_number(self.text)!r}, ton={self.ton.name}, npi={self.npi})"

    def encode(self, field: str = "address") -> bytes:
        """Length in semi-octets, type, value (TS 23.040 9.1.2.5). Raises SmsError if it does not fit."""
        if self.ton is Ton.ALPHANUMERIC:
            try:
                septets = alphabet().encode(self.number)
            except SmsError as error:
                message = "the name has a character that is not in the GSM 7 bit default alphabet"
                raise SmsError(message, field=field) from error
            length = (len(septets) * 7 + 3) // 4
            value = pack(septets)
        else:
            length = len(self.number)
            value = semi_octets(self.number, field)
        if length > MAX_SEMI_OCTETS:
            raise SmsError("is too long; expected at most 20 digits, or 11 septets of name", field=field)
        return bytes((length, self._type(field))) + value

    def encode_rp(self, field: str = "RP-SMSC") -> bytes:
        """As a service centre's: length in octets, type, value (TS 24.011 8.2.5.2). Raises SmsError."""
        if self.ton is Ton.ALPHANUMERIC:
            raise SmsError("a service centre has a number, not a name", field=field)
        if len(self.number) > MAX_SEMI_OCTETS:
            raise SmsError("is too long; expected at most 20 digits", field=field)
        value = semi_octets(self.number, field)
        return bytes((len(value) + 1, self._type(field))) + value

    @classmethod
    def decode(cls, octets: bytes, field: str = "address") -> Address:
        """The inverse of `encode`, of exactly one address. Raises SmsError, also for octets left over."""
        reader = Octets(octets)
        made = cls.read(reader, field)
        if reader.left:
            raise SmsError(f"{reader.left} octets are left over behind it", field=field, offset=reader.at)
        return made

    @classmethod
    def read(cls, reader: Octets, field: str) -> Address:
        """Read one address from a TPDU. Raises SmsError if it is truncated or longer than 20 semi-octets."""
        start = reader.at
        length = reader.octet(field)
        if length > MAX_SEMI_OCTETS:
            message = f"is {length} semi-octets long; expected at most {MAX_SEMI_OCTETS}"
            raise SmsError(message, field=field, offset=start)
        kind = reader.octet(field)
        value = reader.take((length + 1) // 2, field)
        ton = Ton(kind >> 4 & 7)
        if ton is Ton.ALPHANUMERIC:
            name = alphabet().decode(unpack(value, length * 4 // 7))
            return cls(name, ton, kind & 15)
        return cls(digits(value, length), ton, kind & 15)

    @classmethod
    def read_rp(cls, reader: Octets, field: str = "RP-SMSC") -> Address | None:
        """Read a service centre's address in front of a TPDU; None for length 0. Raises SmsError."""
        start = reader.at
        length = reader.octet(field)
        if not length:
            return None
        if length > 1 + MAX_SEMI_OCTETS // 2:
            message = f"is {length} octets long; expected at most {1 + MAX_SEMI_OCTETS // 2}"
            raise SmsError(message, field=field, offset=start)
        kind = reader.octet(field)
        return cls(digits(reader.take(length - 1, field)), Ton(kind >> 4 & 7), kind & 15)

    def _type(self, field: str) -> int:
        if not 0 <= self.npi <= 15:
            raise SmsError(f"numbering plan {self.npi} is unknown; expected 0 to 15", field=field)
        return 0x80 | self.ton << 4 | self.npi
