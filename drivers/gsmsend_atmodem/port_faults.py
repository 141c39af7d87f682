"""What a port that cannot be had, or is lost, means to a person: one sentence, and what to do about it.

The system's own words (`[Errno 5] Input/output error`) go no further than the exception's cause.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from gsmsend.errors import DeviceGone, LinkLost

_ABSENT = {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR}
_BUSY = {errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK}
_BARRED = {errno.EACCES, errno.EPERM}
_NO_PORT = {errno.ENOTTY, errno.EISDIR, errno.EINVAL}
# pyserial on Windows gives the numbers only as the text of an exception.
_ABSENT_WORDS = ("FileNotFoundError", "No such file")
_BUSY_WORDS = ("lock", "Access is denied")

_REMEDY = "Check the cable and the modem's power; gsmsend tries the port again by itself."


def cannot_open(address: str, error: Exception) -> LinkLost:
    """What to raise when `address` could not be opened; DeviceGone if there is no such port."""
    numbers, words = set(_numbers(error)), str(error)
    if numbers & _ABSENT or any(word in words for word in _ABSENT_WORDS):
        remedy = "Plug the modem in; `gsmsend modems` lists what there is."
        return DeviceGone(f"{address} is not there: the modem is unplugged or has no power", remedy=remedy)
    if numbers & _BUSY or any(word in words for word in _BUSY_WORDS):
        remedy = "Close the other program (ModemManager, minicom, another gsmsend) and try again."
        return LinkLost(f"{address} is in use by another program", remedy=remedy)
    if numbers & _BARRED or "Permission" in words:
        remedy = "Add yourself to the group that owns the port (dialout on Debian) and log in again."
        return LinkLost(f"{address} may not be opened by this user", remedy=remedy)
    if numbers & _NO_PORT:
        remedy = "`gsmsend modems` lists the ports of the modems that are plugged in."
        return LinkLost(f"{address} does not work as a serial port", remedy=remedy)
    if errno.EIO in numbers:
        return lost(address)
    return LinkLost(f"{address} cannot be opened", remedy=_REMEDY)


def lost(address: str) -> LinkLost:
    """What to raise when an open port ended or failed; DeviceGone if its name has gone with it."""
    kind = DeviceGone if os.name == "posix" and not os.path.exists(address) else LinkLost  # noqa: PTH110 - any text
    return kind(f"the modem on {address} is gone: it was unplugged or has lost power", remedy=_REMEDY)


def stuck(address: str) -> LinkLost:
    """What to raise when an open port takes nothing any more."""
    return LinkLost(f"the modem on {address} is stuck: it takes nothing that is sent to it", remedy=_REMEDY)


def _numbers(error: BaseException | None) -> Iterator[int]:
    """The error numbers of an exception and of those it came from; termios.error has its in `args`."""
    while error is not None:
        number = getattr(error, "errno", None)
        yield from (each for each in (number, *error.args[:1]) if isinstance(each, int))
        error = error.__cause__ or error.__context__
