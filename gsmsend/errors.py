"""One exception tree. Each error says what happened, where, and what to do next, in plain English.

GsmsendError
├── UsageError            the command line or a file the user gave is wrong             exit 2
│   └── ConfigError       gsmsend.toml: names file, key, value and what was expected    exit 2
├── GuardStop             a guard stopped the work: another SIM, a PIN, operation in use exit 5
│   ├── FenceLost         this host was taken for dead: what it had begun is not its own any more
│   ├── KeyStop           the operation's key is lost, another's or not to be had (also a StoreError)
│   ├── LineElsewhere     another host works with that line
│   ├── LineBarred        the network refuses every text from one SIM: barred, or out of credit
│   ├── LogStop           the audit log was written on without the operation's key (also a StoreError)
│   ├── MovedStop         the store was moved elsewhere, or is not whole yet (also a StoreError)
│   ├── PlaceStop         the disk is full or write-protected, or not this login's (also a StoreError)
│   └── SimStop           the SIM in a device is another than before, missing, or in use through another device
├── NoRoute               there is no usable way to send                                 exit 6
├── DriverError           a driver cannot be loaded, or broke its contract               exit 1
│   ├── NotInstalled      what it needs is not installed: no route is there over it      exit 6
│   └── LinkLost          the device went away or stopped answering; it may come back
│       └── DeviceGone    its port is not there; it may be back under another name
├── StoreError            the store cannot be read or written                            exit 1
│   └── IllegalMove       a state change that engine/lifecycle.py does not list (a bug)
└── SmsError              malformed SMS octets or values, with field and octet offset

Outcomes are values, faults are exceptions: "the network refused it" and "nobody knows" are never raised.
Numbers and texts of recipients never appear in an error; see gsmsend.masking.
"""

from __future__ import annotations


def reason(error: OSError) -> str:
    """Why the operating system refused, in its own words, to stand within a sentence."""
    return (error.strerror or "no reason given").lower()


class GsmsendError(Exception):
    """The root. `remedy` says what to type or do next; `exit_code` is the CLI's answer (shared contract)."""

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    @property
    def words(self) -> str:
        """What happened and what to do about it, as one text for a person."""
        text = str(self)
        if not self.remedy:
            return text
        return f"{text.removesuffix('.')}. {self.remedy}"


class UsageError(GsmsendError):
    """The command line, or a file named on it, is wrong."""

    exit_code = 2


class ConfigError(UsageError):
    """gsmsend.toml is wrong. The text names file, key, value and what was expected."""


class GuardStop(GsmsendError):
    """A guard stopped the work before anything went out: another SIM, a PIN, an operation in use."""

    exit_code = 5


class FenceLost(GuardStop):
    """Others took this host for dead, as it was silent for long: it drops what it had, and begins anew."""


class LineElsewhere(GuardStop):
    """Another host works with this line, as far as is known: it may let go of it, or be found dead."""


class LineBarred(GuardStop):
    """The network refuses every text from one SIM or account: it is barred, out of credit or unsubscribed."""


class SimStop(GuardStop):
    """The SIM in a device is another than before, is missing or unusable, or is in use through another device."""


class NoRoute(GsmsendError):
    """No route can be used: no modem answered, or none is left."""

    exit_code = 6


class DriverError(GsmsendError):
    """A driver cannot be loaded or broke its contract."""


class NotInstalled(DriverError):
    """A library that the driver needs is not installed: there is no route over it; others are none the worse."""

    exit_code = 6


class LinkLost(DriverError):
    """The device went away or stopped answering. The line may be opened again."""


class DeviceGone(LinkLost):
    """The port is not there at all: the device is unplugged, or has come back under another name."""


class StoreError(GsmsendError):
    """The store cannot be read or written; nothing was sent because of it."""


class StoreClosed(StoreError):
    """The config names a server that refuses this user, or has no such store: a person must correct that."""

    exit_code = 2


class KeyStop(GuardStop, StoreError):
    """The operation's key is lost, is another's, lies open to others, or its passphrase cannot be had."""


class LogStop(GuardStop, StoreError):
    """The audit log was changed, or written on, by something else than gsmsend with the operation's key."""


class MovedStop(GuardStop, StoreError):
    """Not the operation's store any more, or not yet: it was moved, or a move to it is under way."""


class PlaceStop(GuardStop, StoreError):
    """A file cannot be written: the disk is full or write-protected, or this login has no right to it."""


class IllegalMove(StoreError):
    """A state change that the lifecycle table does not list. Always a bug."""


class SmsError(GsmsendError, ValueError):
    """Malformed SMS octets or values. Names the field (3GPP TS 23.040 name) and the octet offset, if any."""

    def __init__(self, message: str, *, field: str, offset: int | None = None) -> None:
        where = f" at octet {offset}" if offset is not None else ""
        super().__init__(f"{field}{where}: {message}")
        self.field = field
        self.offset = offset
