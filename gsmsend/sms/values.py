"""The words of the codec: Encoding, Language, Segment, Segmentation (3GPP TS 23.038, TS 23.040)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Encoding(StrEnum):
    """How the text of a part is coded in TP-UD (TS 23.038 clause 4)."""

    GSM7 = "gsm7"
    OCTETS = "8bit"
    UCS2 = "ucs2"


class Language(IntEnum):
    """National language identifier (TS 23.038 6.2.1.2.4). DEFAULT: no shift table, no header element."""

    DEFAULT = 0
    TURKISH = 1
    SPANISH = 2
    PORTUGUESE = 3
    BENGALI = 4
    GUJARATI = 5
    HINDI = 6
    KANNADA = 7
    MALAYALAM = 8
    ORIYA = 9
    PUNJABI = 10
    TAMIL = 11
    TELUGU = 12
    URDU = 13


@dataclass(frozen=True, slots=True)
class Segment:
    """The text of one part and how it is coded.

    `locking` and `single` are the national language tables in use (GSM7 only). `units` is what the text
    takes without any header: septets for GSM7, octets otherwise. With OCTETS each character is one octet,
    0..255. The text stays out of `repr`: it may be about a person.
    """

    text: str = field(repr=False)
    encoding: Encoding = Encoding.GSM7
    locking: Language = Language.DEFAULT
    single: Language = Language.DEFAULT
    units: int = 0


@dataclass(frozen=True, slots=True)
class Segmentation:
    """A text cut into segments, all coded alike.

    `units_left`: septets (GSM7) or octets (UCS2) still free in the last segment. `forcing`: the characters,
    each once, in order of appearance, that the GSM 7 bit default alphabet lacks and that so forced a dearer
    encoding; empty if plain GSM 7 bit could carry the text.
    """

    encoding: Encoding
    segments: tuple[Segment, ...]
    units_left: int
    forcing: tuple[str, ...] = field(default=(), repr=False)

    @property
    def locking(self) -> Language:
        """The national locking shift table of all segments."""
        return self.segments[0].locking

    @property
    def single(self) -> Language:
        """The national single shift table of all segments."""
        return self.segments[0].single
