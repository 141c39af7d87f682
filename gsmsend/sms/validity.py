"""TP-VP, the validity period, in every format (TS 23.040 9.2.3.12)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import ceil

from gsmsend.errors import SmsError
from gsmsend.sms.octets import Octets, check_octet
from gsmsend.sms.timestamp import Timestamp

MINUTE_S, HOUR_S, DAY_S, WEEK_S = 60, 3600, 86400, 604800
MAX_RELATIVE_S = 63 * WEEK_S

_EXTENDED = 0x80
_SINGLE_SHOT = 0x40


class ValidityFormat(IntEnum):
    """TP-VPF, bits 4 and 3 of the first octet (TS 23.040 9.2.3.3)."""

    NONE = 0
    ENHANCED = 1
    RELATIVE = 2
    ABSOLUTE = 3


_LENGTHS = {
    ValidityFormat.NONE: 0,
    ValidityFormat.ENHANCED: 7,
    ValidityFormat.RELATIVE: 1,
    ValidityFormat.ABSOLUTE: 7,
}


def relative_seconds(value: int) -> int:
    """What a relative TP-VP octet means, in seconds (TS 23.040 9.2.3.12.1)."""
    if value <= 143:
        return (value + 1) * 5 * MINUTE_S
    if value <= 167:
        return 12 * HOUR_S + (value - 143) * 30 * MINUTE_S
    if value <= 196:
        return (value - 166) * DAY_S
    return (value - 192) * WEEK_S


def relative_value(seconds: float) -> int:
    """The smallest relative TP-VP octet that is not shorter. Raises SmsError outside 0 to 63 weeks."""
    if not 0 < seconds <= MAX_RELATIVE_S:  # NaN is refused too
        message = f"{seconds} seconds cannot be coded; expected more than 0 and at most 63 weeks"
        raise SmsError(message, field="TP-VP")
    if seconds <= 12 * HOUR_S:
        return max(ceil(seconds / (5 * MINUTE_S)), 1) - 1
    if seconds <= DAY_S:
        return 143 + ceil((seconds - 12 * HOUR_S) / (30 * MINUTE_S))
    if seconds <= 30 * DAY_S:
        return 166 + ceil(seconds / DAY_S)
    return 192 + ceil(seconds / WEEK_S)


@dataclass(frozen=True, slots=True)
class Validity:
    """A format and its octets as they are on air: none, 1 (relative) or 7."""

    format: ValidityFormat = ValidityFormat.NONE
    octets: bytes = b""

    def __post_init__(self) -> None:
        """Raise SmsError if the format has another number of octets."""
        if len(self.octets) != _LENGTHS[self.format]:
            message = f"has {len(self.octets)} octets; {self.format.name.lower()} has {_LENGTHS[self.format]}"
            raise SmsError(message, field="TP-VP")

    @classmethod
    def relative(cls, value: int) -> Validity:
        """Relative, of the raw octet (TS 23.040 9.2.3.12.1). Raises SmsError if it is none."""
        return cls(ValidityFormat.RELATIVE, bytes((check_octet(value, "TP-VP"),)))

    @classmethod
    def of_seconds(cls, seconds: float) -> Validity:
        """Relative: the smallest value that is not shorter. Raises SmsError outside 0 to 63 weeks."""
        return cls(ValidityFormat.RELATIVE, bytes((relative_value(seconds),)))

    @classmethod
    def until(cls, stamp: Timestamp) -> Validity:
        """Absolute (TS 23.040 9.2.3.12.2)."""
        return cls(ValidityFormat.ABSOLUTE, stamp.octets)

    @classmethod
    def enhanced_none(cls, *, single_shot: bool = False) -> Validity:
        """Enhanced with no period, to ask for a single attempt (TS 23.040 9.2.3.12.3, format 000)."""
        return cls._enhanced(0, b"", single_shot=single_shot)

    @classmethod
    def enhanced_relative(cls, seconds: float, *, single_shot: bool = False) -> Validity:
        """Enhanced, relative as in `of_seconds` (format 001). Raises SmsError."""
        return cls._enhanced(1, bytes((relative_value(seconds),)), single_shot=single_shot)

    @classmethod
    def enhanced_seconds(cls, seconds: int, *, single_shot: bool = False) -> Validity:
        """Enhanced, 1 to 255 seconds (format 010). Raises SmsError."""
        if not 1 <= seconds <= 255:
            raise SmsError(f"{seconds} seconds cannot be coded; expected 1 to 255", field="TP-VP")
        return cls._enhanced(2, bytes((seconds,)), single_shot=single_shot)

    @classmethod
    def enhanced_clock(cls, hours: int, minutes: int, seconds: int, *, single_shot: bool = False) -> Validity:
        """Enhanced, hours, minutes and seconds in semi-octets (format 011). Raises SmsError."""
        if not (0 <= hours <= 99 and 0 <= minutes <= 59 and 0 <= seconds <= 59):
            raise SmsError("the period cannot be coded; expected at most 99:59:59", field="TP-VP")
        semi = bytes(number % 10 << 4 | number // 10 for number in (hours, minutes, seconds))
        return cls._enhanced(3, semi, single_shot=single_shot)

    @classmethod
    def _enhanced(cls, kind: int, value: bytes, *, single_shot: bool) -> Validity:
        first = kind | (_SINGLE_SHOT if single_shot else 0)
        return cls(ValidityFormat.ENHANCED, (bytes((first,)) + value).ljust(7, b"\0"))

    @classmethod
    def read(cls, reader: Octets, form: ValidityFormat) -> Validity:
        """Read TP-VP of the format that TP-VPF names. Raises SmsError if it is truncated."""
        return cls(form, reader.take(_LENGTHS[form], "TP-VP"))

    @property
    def single_shot(self) -> bool:
        """Whether the service centre is to try once only (enhanced format)."""
        return self.format is ValidityFormat.ENHANCED and bool(self.octets[0] & _SINGLE_SHOT)

    @property
    def seconds(self) -> int | None:
        """How long from submission, in seconds; None if there is no period, or it is absolute or reserved."""
        if self.format is ValidityFormat.RELATIVE:
            return relative_seconds(self.octets[0])
        if self.format is ValidityFormat.ENHANCED:
            return self._enhanced_period()
        return None

    @property
    def stamp(self) -> Timestamp | None:
        """The moment it ends (absolute format), else None."""
        return Timestamp(self.octets) if self.format is ValidityFormat.ABSOLUTE else None

    def _enhanced_period(self) -> int | None:
        at = 0
        while self.octets[at] & _EXTENDED:
            at += 1
            if at == len(self.octets):
                return None
        kind = self.octets[0] & 7
        value = self.octets[at + 1 :]
        if kind == 1 and value:
            return relative_seconds(value[0])
        if kind == 2 and value:
            return value[0] or None  # 0 is reserved
        if kind == 3 and len(value) >= 3:
            return self._clock(value[:3])
        return None

    @staticmethod
    def _clock(semi: bytes) -> int | None:
        if any(octet & 15 > 9 or octet >> 4 > 9 for octet in semi):
            return None
        hours, minutes, seconds = ((octet & 15) * 10 + (octet >> 4) for octet in semi)
        return hours * HOUR_S + minutes * MINUTE_S + seconds if minutes < 60 and seconds < 60 else None
