"""PDUs as the network and the modem see them, through gsmsend.sms (3GPP TS 23.040)."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Submitted:
    """An SMS-SUBMIT as the SMSC reads it. `number` is E.164 with `+` where international."""

    octets: bytes
    number: str
    reference: int
    wants_report: bool
    reject_duplicates: bool
    address: bytes


def _swap(digits: str) -> bytes:
    padded = digits + "F" * (len(digits) % 2)
    return bytes(int(padded[i + 1] + padded[i], 16) for i in range(0, len(padded), 2))


def _digits(octets: bytes, count: int) -> str:
    return "".join(f"{o & 15:X}{o >> 4:X}" for o in octets)[:count]


def canonical(number: str) -> str:
    if number.startswith("00"):
        return "+" + number[2:]
    if number.startswith("0"):
        return "+44" + number[1:]
    return number


def read_submit(octets: bytes) -> Submitted:
    first, reference, count, kind = octets[:4]
    size = (count + 1) // 2
    digits = _digits(octets[4 : 4 + size], count)
    number = ("+" if kind & 0x70 == 0x10 else "") + digits
    return Submitted(
        octets, canonical(number), reference, bool(first & 0x20), bool(first & 4), octets[2 : 4 + size]
    )


def sca(number: str) -> bytes:
    if not number:
        return b"\0"
    digits = _swap(number.lstrip("+"))
    return bytes((len(digits) + 1, 0x91 if number.startswith("+") else 0x81)) + digits


def sca_number(octets: bytes) -> str:
    if len(octets) < 2:
        return ""
    digits = _digits(octets[2:], 40).rstrip("F")
    return ("+" if octets[1] & 0x70 == 0x10 else "") + digits


def _stamp(epoch: float) -> bytes:
    return _swap(time.strftime("%y%m%d%H%M%S", time.gmtime(epoch)) + "00")


def report(
    submit: Submitted, reference: int, status: int, submitted: float, discharged: float, *,
    recipient: str | None = None, zone_quarters: int = 0,
) -> bytes:  # fmt: skip
    return bytes((6, reference)) + submit.address + _stamp(submitted) + _stamp(discharged) + bytes((status,))


def deliver_from(submit: Submitted, sender: str, epoch: float, zone_quarters: int) -> bytes:
    o = submit.octets
    at = 2 + len(submit.address)
    vp = {0: 0, 2: 1, 1: 7, 3: 7}[(o[0] >> 3) & 3]
    digits = sender.lstrip("+")
    address = bytes((len(digits), 0x91)) + _swap(digits)
    return bytes((4 | o[0] & 0x40,)) + address + o[at : at + 2] + _stamp(epoch) + o[at + 2 + vp :]


def text_parts(sender: str, text: str, epoch: float, zone_quarters: int, reference: int) -> list[bytes]:
    raise NotImplementedError
