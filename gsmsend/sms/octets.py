"""A place in a run of octets: every read is length-checked and an error names field and offset."""

from __future__ import annotations

from gsmsend.errors import SmsError


class Octets:
    """Octets read from front to back. `at` is the offset of the next one.

    Offsets in errors count from the start of `data`, so the caller's whole TPDU or PDU should be given.
    """

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    @property
    def left(self) -> int:
        """How many octets are still unread."""
        return len(self.data) - self.at

    def octet(self, field: str) -> int:
        """The next octet. Raises SmsError if there is none."""
        at = self.at
        if at >= len(self.data):
            raise SmsError("the octets end before it; the PDU is truncated", field=field, offset=at)
        self.at = at + 1
        return self.data[at]

    def take(self, count: int, field: str) -> bytes:
        """The next `count` octets. Raises SmsError if there are fewer."""
        at = self.at
        end = at + count
        if end > len(self.data):
            message = f"needs {count} octets but only {len(self.data) - at} follow; the PDU is truncated"
            raise SmsError(message, field=field, offset=at)
        self.at = end
        return self.data[at:end]

    def rest(self) -> bytes:
        """All that is left."""
        tail = self.data[self.at :]
        self.at = len(self.data)
        return tail


def check_octet(value: int, field: str) -> int:
    """Return `value` if it fits in one octet. Raises SmsError otherwise."""
    if not 0 <= value <= 255:
        raise SmsError(f"{value} does not fit in one octet; expected 0 to 255", field=field)
    return value
