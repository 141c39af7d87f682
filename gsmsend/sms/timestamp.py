"""Time stamps: seven semi-octet pairs from year to time zone (TP-SCTS, TP-DT; TS 23.040 9.2.3.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gsmsend.errors import SmsError
from gsmsend.sms.octets import Octets

LENGTH = 7

_BAD = 100
_SIGN = 0x08
_MAX_QUARTERS = 14 * 4  # no place on earth is further from UTC than +14:00


def _pair(octet: int) -> int:
    tens, units = octet & 15, octet >> 4
    return tens * 10 + units if tens < 10 and units < 10 else _BAD


_PAIRS = tuple(_pair(octet) for octet in range(256))


@dataclass(frozen=True, slots=True)
class Timestamp:
    """The octets as they are on air, with the moment they mean.

    A stamp of zeros, or with an impossible date, time or zone, means nothing: `epoch_s` is None, the octets
    are kept. Years 90 to 99 are 1990 to 1999, 00 to 89 are 2000 to 2089: no text was sent before 1992.
    """

    octets: bytes = bytes(LENGTH)

    def __post_init__(self) -> None:
        """Raise SmsError if there are not seven octets."""
        if len(self.octets) != LENGTH:
            raise SmsError(f"has {len(self.octets)} octets; expected {LENGTH}", field="time stamp")

    @classmethod
    def of_epoch(cls, epoch_s: float, offset_minutes: int = 0) -> Timestamp:
        """A moment (seconds since the epoch, UTC; fractions are cut) in a zone of whole quarter hours.

        Raises SmsError for a zone beyond 14 hours or not of quarters, or a year outside 1990 to 2089.
        """
        quarters, odd = divmod(abs(offset_minutes), 15)
        if odd or quarters > _MAX_QUARTERS:
            message = f"{offset_minutes} minutes from UTC cannot be; expected quarter hours within 14 hours"
            raise SmsError(message, field="time zone")
        try:
            local = datetime.fromtimestamp(epoch_s // 1, UTC) + timedelta(minutes=offset_minutes)
        except (ValueError, OverflowError, OSError) as error:
            raise SmsError("the moment is no date", field="time stamp") from error
        if not 1990 <= local.year <= 2089:
            message = f"year {local.year} has no two-digit form; expected 1990 to 2089"
            raise SmsError(message, field="time stamp")
        fields = (local.year % 100, local.month, local.day, local.hour, local.minute, local.second, quarters)
        octets = bytearray(number % 10 << 4 | number // 10 for number in fields)
        if offset_minutes < 0:
            octets[6] |= _SIGN
        return cls(bytes(octets))

    @classmethod
    def read(cls, reader: Octets, field: str) -> Timestamp:
        """Read one from a TPDU. Raises SmsError if it is truncated."""
        return cls(reader.take(LENGTH, field))

    @property
    def offset_minutes(self) -> int | None:
        """Minutes that the stamp's clock is ahead of UTC; None if the zone is impossible."""
        zone = self.octets[6]
        quarters = _PAIRS[zone & ~_SIGN]
        if quarters > _MAX_QUARTERS:
            return None
        return -15 * quarters if zone & _SIGN else 15 * quarters

    @property
    def epoch_s(self) -> float | None:
        """Seconds since the epoch, UTC; None if the stamp means no moment."""
        offset = self.offset_minutes
        if offset is None:
            return None
        year, month, day, hour, minute, second = [_PAIRS[octet] for octet in self.octets[:6]]
        if year == _BAD:
            return None
        try:
            local = datetime(year + (1900 if year >= 90 else 2000), month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            return None
        return local.timestamp() - offset * 60

    @property
    def known(self) -> bool:
        """Whether it means a moment."""
        return self.epoch_s is not None
