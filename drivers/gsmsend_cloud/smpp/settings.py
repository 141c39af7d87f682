"""The driver's table of gsmsend.toml, `[driver.smpp]`: one account with one provider.

[driver.smpp]
host = "smpp.example.org"
system_id = "gsmsend"
password = "keyring:smpp/gsmsend"
sender = "Helpline"
tls = true
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from gsmsend.errors import ConfigError, SmsError
from gsmsend.model import Refusal
from gsmsend.sms import Address
from gsmsend_cloud.settings import loopback, own
from gsmsend_cloud.smpp.statuses import command_status

NAME = "smpp"
_NO_PROOF = "unknown"


class Long(StrEnum):
    """How a text of several parts is handed over: in parts with a header or sar_ parameters, or whole."""

    UDH = "udh"
    SAR = "sar"
    PAYLOAD = "payload"


class Alphabet(StrEnum):
    """How the SMSC reads its default alphabet: a septet an octet (TS 23.038 6.2.1), or Latin-1."""

    GSM7 = "gsm7"
    LATIN1 = "latin1"


class Ids(StrEnum):
    """How message ids are written in answers and in receipts, as far as they differ."""

    SAME = "same"
    HEX_THEN_DECIMAL = "hex-decimal"
    DECIMAL_THEN_HEX = "decimal-hex"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the provider has told about the account.

    `password` says where it is (`gsmsend.requesting.secret`). `data_coding`: of texts in the default alphabet.
    `window`: how many texts may be without an answer before no more are handed over. `enquire_seconds`: after
    how much silence the SMSC is asked whether it is there; `read_seconds`: how long it may take to answer a text.
    `statuses`: command_status values of the provider's own, with what its documents say that they mean; of those
    that the standard has, only that they prove nothing (None). `tls`: to be said of a provider that is reached
    over a network.
    """

    host: str
    system_id: str
    password: str
    sender: str
    port: int = 2775
    tls: bool = False
    ca: str = ""
    system_type: str = ""
    service_type: str = ""
    sender_ton: int | None = None
    sender_npi: int | None = None
    alphabet: Alphabet = Alphabet.GSM7
    data_coding: int = 0
    long: Long = Long.UDH
    message_id: Ids = Ids.SAME
    receipts: bool = True
    user_reference: bool = True
    window: int = 10
    connect_seconds: float = 15.0
    read_seconds: float = 30.0
    enquire_seconds: float = 30.0
    statuses: tuple[tuple[int, Refusal | None], ...] = ()
    where: str = ""

    @classmethod
    def of(cls, address: str, settings: Mapping[str, object]) -> Settings:
        """Of the account `smpp`, or `smpp:NAME` for the table [driver.smpp.NAME].

        Raises ConfigError for a key or value that cannot be; never repeats a password.
        """
        where, table = own(NAME, address, settings)
        known = [field.name for field in fields(cls) if field.name != "where"]
        for key in known:
            if isinstance(settings.get(key), Mapping):  # no account: its name is that of a setting
                _CHECKS[key](f"{where}.{key}", settings[key])
        for key in table:
            if key not in known:
                raise ConfigError(f"{where}.{key} is not known; expected one of {', '.join(known)}")
        made = {key: _CHECKS[key](f"{where}.{key}", value) for key, value in table.items()}
        for key in ("host", "system_id", "password", "sender"):
            if not made.get(key):
                raise ConfigError(
                    f"{where}.{key} is missing; expected what the provider has given for the account"
                )
        found = cls(**made, where=where)  # type: ignore[arg-type] # checked above
        if "tls" not in table and not found.loopback:
            raise ConfigError(
                f"{where}.tls is missing; expected true, or false if the provider has no TLS",
                remedy="With false, numbers, texts and the password cross the network in clear: use a VPN then.",
            )
        found.source()
        return found

    def source(self) -> Address:
        """The sender as an address (5.2.5 to 5.2.8). Raises ConfigError if it cannot be one."""
        try:
            found = Address.of(self.sender)
        except SmsError as error:
            raise ConfigError(
                f"{self.where}.sender = {self.sender!r}: {error}", remedy="Write +447..., a short code, or a name."
            ) from None
        ton = found.ton if self.sender_ton is None else type(found.ton)(self.sender_ton)
        return Address(found.number, ton, found.npi if self.sender_npi is None else self.sender_npi)

    @property
    def loopback(self) -> bool:
        """Whether the SMSC is on this computer, a simulator: it reaches nobody."""
        return loopback(self.host)


Check = Callable[[str, object], object]


def _text(most: int) -> Check:
    def check(key: str, value: object) -> str:
        if isinstance(value, str) and len(value) <= most and value.isascii() and value.isprintable():
            return value
        raise _wrong(key, value, f"a text of at most {most} characters of ASCII")

    return check


def _number(low: float, high: float, unit: str) -> Check:
    def check(key: str, value: object) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        raise _wrong(key, value, f"{unit}, {low:g} to {high:g}")

    return check


def _whole(low: int, high: int) -> Check:
    def check(key: str, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise _wrong(key, value, f"a whole number, {low} to {high}")

    return check


def _yes_no(key: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _wrong(key, value, "true or false")


def _one_of(kind: type[StrEnum]) -> Check:
    def check(key: str, value: object) -> StrEnum:
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        raise _wrong(key, value, f"one of {', '.join(kind)}")

    return check


def _secret(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise ConfigError(f'{key}: expected "env:NAME" or "keyring:SERVICE/USER"')


def _statuses(key: str, value: object) -> tuple[tuple[int, Refusal | None], ...]:
    expected = f'a list such as ["0x0400 recipient"], each a code and one of {", ".join((*Refusal, _NO_PROOF))}'
    found: list[tuple[int, Refusal | None]] = []
    for each in value if isinstance(value, list) else [None]:
        match = re.fullmatch(r"(0x[0-9A-Fa-f]{1,8}) +([a-z]+)", each) if isinstance(each, str) else None
        if match is None or match[2] not in {*Refusal, _NO_PROOF} or not int(match[1], 16):
            raise _wrong(key, value, expected)
        code, refusal = int(match[1], 16), None if match[2] == _NO_PROOF else Refusal(match[2])
        known = command_status(code)
        if refusal is not None and not known.own:
            raise ConfigError(
                f"{key}: 0x{code:X} is {known.name} in the standard, not a code of the provider's own",
                remedy=f'Only "0x{code:X} {_NO_PROOF}" can be said of it: as proof it would send texts twice.',
            )
        found.append((code, refusal))
    return tuple(found)


def _wrong(key: str, value: object, expected: str) -> ConfigError:
    return ConfigError(f"{key} = {value!r}: expected {expected}")


_SECONDS = _number(0.05, 3600, "seconds")
_CHECKS: dict[str, Check] = {
    "host": _text(253), "system_id": _text(15), "password": _secret, "sender": _text(21), "port": _whole(1, 65535),
    "tls": _yes_no, "ca": _text(4096), "system_type": _text(12), "service_type": _text(5),
    "sender_ton": _whole(0, 6), "sender_npi": _whole(0, 18), "alphabet": _one_of(Alphabet),
    "data_coding": _whole(0, 255), "long": _one_of(Long), "message_id": _one_of(Ids), "receipts": _yes_no,
    "user_reference": _yes_no, "window": _whole(1, 1000), "connect_seconds": _SECONDS,
    "read_seconds": _SECONDS, "enquire_seconds": _SECONDS, "statuses": _statuses,
}  # fmt: skip
