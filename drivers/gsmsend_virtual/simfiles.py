"""The SIM's files as AT+CRSM and AT+CSIM reach them (TS 51.011, TS 31.102, TS 31.101).

Read only, but for the settings that a client may keep there (EF-SMSP): nothing else answers to an update.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gsmsend.sms.primitives import semi_octets
from gsmsend_virtual import tpdu
from gsmsend_virtual.sim import PinState, Sim
from gsmsend_virtual.storage import FREE, RECORD_OCTETS

OK, NOT_FOUND, NO_RECORD, NO_ACCESS, WRONG_LENGTH, BAD_INSTRUCTION = (
    0x9000, 0x9404, 0x9402, 0x9804, 0x6700, 0x6D00,
)  # fmt: skip
READ_BINARY, READ_RECORD, GET_RESPONSE, UPDATE_BINARY, UPDATE_RECORD, STATUS = 176, 178, 192, 214, 220, 242
FOLDERS = {0x3F00: 1, 0x7F10: 2, 0x7F20: 2, 0x7FFF: 2}
OPEN_FILES = {0x2FE2, 0x6FAD}  # readable before the PIN
FREE_SPACE = 0x1000


@dataclass(frozen=True, slots=True)
class File:
    """One elementary file: its records (one for a transparent file)."""

    records: tuple[bytes, ...]
    linear: bool = False

    @property
    def size(self) -> int:
        """Octets in all."""
        return sum(map(len, self.records))


def file_of(sim: Sim, name: int) -> File | None:
    """The elementary file of that identifier; None if the card has none."""
    maker = _FILES.get(name)
    return maker(sim) if maker else None


def _iccid(sim: Sim) -> File:
    return File((semi_octets(sim.iccid, "ICCID"),))


def _imsi(sim: Sim) -> File:
    return File((b"\x08" + semi_octets("9" + sim.imsi, "IMSI"),))


def _smss(sim: Sim) -> File:
    return File((bytes((sim.smss, 0xFE if sim.messages.full else 0xFF)),))


def _smsp(sim: Sim) -> File:
    centre = tpdu.sca(sim.smsc).ljust(12, b"\xff") if sim.smsc else b"\xff" * 12
    return File((b"\xff" * 12 + b"\xfd" + b"\xff" * 12 + centre + b"\x00\x00\xa7",), linear=True)


def _dialling(number: str, name: str) -> bytes:
    digits = semi_octets(number.removeprefix("+"), "MSISDN")
    kind = 0x91 if number.startswith("+") else 0x81
    return (
        name.encode("ascii", "replace")[:14].ljust(14, b"\xff") + bytes((len(digits) + 1, kind))
        + digits.ljust(10, b"\xff") + b"\xff\xff"
    )  # fmt: skip


def _msisdn(sim: Sim) -> File:
    return File((_dialling(sim.number, ""),), linear=True)


def _adn(sim: Sim) -> File:
    blank = b"\xff" * 28
    entries = sim.phonebook
    return File(
        tuple(_dialling(entries[n].number, entries[n].name) if n in entries else blank for n in range(1, 51)),
        linear=True,
    )


def _sms(sim: Sim) -> File:
    kept = sim.messages.snapshot()
    count = max(sim.messages.capacity, 1)
    kept = kept or FREE
    return File(tuple(kept[n * RECORD_OCTETS : (n + 1) * RECORD_OCTETS] for n in range(count)), linear=True)


def _spn(sim: Sim) -> File:
    return File((b"\x00" + sim.operator_name.encode("ascii", "replace")[:16].ljust(16, b"\xff"),))


def _constant(octets: bytes) -> File:
    return File((octets,))


_FILES: dict[int, Callable[[Sim], File]] = {
    0x2FE2: _iccid, 0x6F07: _imsi, 0x6F43: _smss, 0x6F42: _smsp, 0x6F40: _msisdn, 0x6F3A: _adn,
    0x6F3C: _sms, 0x6F46: _spn, 0x6FAD: lambda _: _constant(b"\x00\x00\x00\x02"),
    0x6F05: lambda _: _constant(b"\x01\xff\xff\xff"), 0x6F38: lambda _: _constant(b"\xff\x33\xff\xff\x3f\x00\x3f"),
    0x6FAE: lambda _: _constant(b"\x02"),
}  # fmt: skip


def restricted_access(sim: Sim, command: int, name: int, p1: int, p2: int, p3: int) -> tuple[int, bytes]:
    """AT+CRSM: status word and response."""
    if command == STATUS:
        return OK, b""
    if name in FOLDERS and command == GET_RESPONSE:
        return OK, _folder(name)
    found = file_of(sim, name)
    if found is None:
        return NOT_FOUND, b""
    if sim.pin_state is not PinState.READY and name not in OPEN_FILES:
        return NO_ACCESS, b""
    if command == GET_RESPONSE:
        return OK, _description(name, found)
    if command == READ_BINARY and not found.linear:
        return _slice(found.records[0], p1 << 8 | p2, p3)
    if command == READ_RECORD and found.linear:
        return _slice(found.records[p1 - 1], 0, p3) if 1 <= p1 <= len(found.records) else (NO_RECORD, b"")
    if command in (UPDATE_BINARY, UPDATE_RECORD):
        return NO_ACCESS, b""
    return BAD_INSTRUCTION, b""


def _slice(octets: bytes, start: int, length: int) -> tuple[int, bytes]:
    wanted = octets[start : start + length] if length else octets[start:]
    return (OK, wanted) if length <= len(octets) - start else (WRONG_LENGTH, b"")


def _description(name: int, found: File) -> bytes:
    """TS 51.011 9.2.1: the response to SELECT of an EF."""
    length = len(found.records[0]) if found.linear else 0
    return (
        b"\x00\x00" + found.size.to_bytes(2, "big") + name.to_bytes(2, "big")
        + bytes((4, 0, 0x11, 0xFF, 0x44, 1, 2, int(found.linear), length))
    )  # fmt: skip


def _folder(name: int) -> bytes:
    return (
        b"\x00\x00" + FREE_SPACE.to_bytes(2, "big") + name.to_bytes(2, "big")
        + bytes((FOLDERS[name], 0, 0, 0, 0, 0, 9, 0x13, 4, 16, 4, 0, 0x83, 0x8A, 0x83, 0x8A))
    )  # fmt: skip


class Channel:
    """The raw card interface of AT+CSIM: it remembers the selected file."""

    def __init__(self) -> None:
        self._selected = 0x3F00

    def exchange(self, sim: Sim, apdu: bytes) -> bytes:
        """One command APDU to its response with the status word (TS 31.101 10)."""
        if len(apdu) < 4:
            return WRONG_LENGTH.to_bytes(2, "big")
        instruction, p1, p2 = apdu[1], apdu[2], apdu[3]
        p3 = apdu[4] if len(apdu) > 4 else 0
        if instruction == 0xA4:
            return self._select(sim, apdu)
        if instruction == 0x20:
            tries = sim.pin_tries if p2 == 1 else 3
            return (0x63C0 | tries).to_bytes(2, "big") if p3 == 0 else NO_ACCESS.to_bytes(2, "big")
        if instruction == 0x2C and p3 == 0:
            return (0x63C0 | sim.puk_tries).to_bytes(2, "big")
        word, response = restricted_access(sim, instruction, self._selected, p1, p2, p3)
        return response + word.to_bytes(2, "big")

    def _select(self, sim: Sim, apdu: bytes) -> bytes:
        name = int.from_bytes(apdu[5:7], "big")
        if apdu[2] == 4 and name not in FOLDERS:
            name = 0x7FFF  # by application name: the one application there is
        if name not in FOLDERS and file_of(sim, name) is None:
            return (NOT_FOUND if apdu[0] == 0xA0 else 0x6A82).to_bytes(2, "big")
        self._selected = name
        if apdu[0] == 0xA0:
            return bytes((0x9F, 22 if name in FOLDERS else 15))
        return OK.to_bytes(2, "big")
