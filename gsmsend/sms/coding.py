"""TP-DCS, the data coding scheme: all groups of TS 23.038 clause 4."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gsmsend.errors import SmsError
from gsmsend.sms.octets import check_octet
from gsmsend.sms.values import Encoding


class Waiting(StrEnum):
    """What kind of message waits elsewhere (TS 23.038 clause 4, groups 1100 to 1110)."""

    VOICEMAIL = "voicemail"
    FAX = "fax"
    EMAIL = "email"
    OTHER = "other"


_WAITING = tuple(Waiting)
_BY_CHARSET = (Encoding.GSM7, Encoding.OCTETS, Encoding.UCS2, Encoding.GSM7)
_CHARSET = {Encoding.GSM7: 0, Encoding.OCTETS: 1, Encoding.UCS2: 2}


@dataclass(frozen=True, slots=True)
class DataCoding:
    """The octet as it is on air, with what it means. Reserved codings are read as GSM 7 bit (clause 4)."""

    octet: int = 0

    def __post_init__(self) -> None:
        """Raise SmsError if it is no octet."""
        check_octet(self.octet, "TP-DCS")

    @classmethod
    def of(
        cls,
        encoding: Encoding,
        *,
        message_class: int | None = None,
        compressed: bool = False,
        auto_delete: bool = False,
    ) -> DataCoding:
        """General group 00xx, or 01xx for `auto_delete`. Raises SmsError for a class other than 0 to 3."""
        octet = _CHARSET[encoding] << 2 | compressed << 5 | auto_delete << 6
        if message_class is not None:
            if not 0 <= message_class <= 3:
                raise SmsError(f"message class {message_class} is unknown; expected 0 to 3", field="TP-DCS")
            octet |= 0x10 | message_class
        return cls(octet)

    @classmethod
    def of_waiting(
        cls, waiting: Waiting, *, active: bool, store: bool, encoding: Encoding = Encoding.GSM7
    ) -> DataCoding:
        """Message waiting: group 1100 (discard), 1101 (store) or 1110 (store, UCS-2). Raises SmsError."""
        if encoding is Encoding.OCTETS or (encoding is Encoding.UCS2 and not store):
            raise SmsError("message waiting is GSM 7 bit, or UCS-2 and stored", field="TP-DCS")
        group = 0xE0 if encoding is Encoding.UCS2 else 0xD0 if store else 0xC0
        return cls(group | active << 3 | _WAITING.index(waiting))

    @property
    def alphabet(self) -> Encoding:
        """The character set that the octet declares."""
        octet = self.octet
        if octet < 0x80:
            return _BY_CHARSET[octet >> 2 & 3]
        if octet >= 0xF0:
            return Encoding.OCTETS if octet & 4 else Encoding.GSM7
        return Encoding.UCS2 if octet >= 0xE0 else Encoding.GSM7

    @property
    def encoding(self) -> Encoding:
        """How TP-UD is laid out. Compressed text is carried as octets: TS 23.042 is not undone."""
        return Encoding.OCTETS if self.compressed else self.alphabet

    @property
    def compressed(self) -> bool:
        """Whether the text is compressed by TS 23.042 (groups 00xx and 01xx)."""
        return self.octet < 0x80 and bool(self.octet & 0x20)

    @property
    def auto_delete(self) -> bool:
        """Whether the message is marked for deletion once read (group 01xx)."""
        return 0x40 <= self.octet < 0x80

    @property
    def message_class(self) -> int | None:
        """Class 0 (shown at once) to 3, or None."""
        octet = self.octet
        if octet >= 0xF0 or (octet < 0x80 and octet & 0x10):
            return octet & 3
        return None

    @property
    def waiting(self) -> Waiting | None:
        """What waits, or None if this is no message waiting indication."""
        return _WAITING[self.octet & 3] if 0xC0 <= self.octet < 0xF0 else None

    @property
    def waiting_active(self) -> bool:
        """Whether the indication is to be switched on; False also where there is none."""
        return self.waiting is not None and bool(self.octet & 8)

    @property
    def waiting_store(self) -> bool:
        """Whether the message itself is to be kept (groups 1101 and 1110)."""
        return 0xD0 <= self.octet < 0xF0

    @property
    def reserved(self) -> bool:
        """Whether the standard has no meaning for it; it is then read as GSM 7 bit with no class."""
        octet = self.octet
        return 0x80 <= octet < 0xC0 or (octet < 0x80 and octet & 0x0C == 0x0C)
