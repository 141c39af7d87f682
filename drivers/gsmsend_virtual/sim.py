"""A SIM: identities from reserved ranges, PIN and PUK with their counters, and what is kept on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from gsmsend_virtual.storage import MessageStore

PIN_TRIES = 3
PUK_TRIES = 10


class PinState(StrEnum):
    """What +CPIN? says of a SIM that is in."""

    READY = "READY"
    PIN = "SIM PIN"
    PUK = "SIM PUK"
    BLOCKED = "BLOCKED"  # ten wrong PUKs: the card is dead


def luhn(digits: str) -> str:
    """The check digit that ICCID (ITU-T E.118) and IMEI (TS 23.003 annex B) carry."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def number_of(index: int) -> str:
    """The MSISDN of SIM `index` (from 1), from Ofcom's range for drama: +447700900901 and up."""
    if not 1 <= index <= 900:
        raise ValueError(f"there is no virtual SIM {index}: the range for drama gives numbers to SIM 1 to 900")
    return f"+447700900{900 + index if index < 100 else 1000 - index:03d}"


@dataclass(frozen=True, slots=True)
class PhonebookEntry:
    """One abbreviated dialling number: `number` with `+` where international."""

    number: str
    name: str


@dataclass
class Sim:
    """One card. `last_reference` is the TP-MR last used, `smss` what EF-SMSS says it was.

    The ME writes EF-SMSS with every submission, unless `smss_frozen`: some keep it in their own memory.
    """

    iccid: str
    imsi: str
    number: str
    smsc: str = "+447700900800"
    operator: str = "00101"
    operator_name: str = "Virtual Network"
    pin: str = "1234"
    puk: str = "12345678"
    pin_enabled: bool = False
    pin_tries: int = PIN_TRIES
    puk_tries: int = PUK_TRIES
    verified: bool = False
    last_reference: int = 255
    smss: int = 255
    smss_frozen: bool = False
    capacity: int = 30
    messages: MessageStore = field(init=False)
    phonebook: dict[int, PhonebookEntry] = field(default_factory=dict)
    on_smss: Callable[[int, int], None] | None = None

    def __post_init__(self) -> None:
        self.messages = MessageStore("SM", self.capacity)

    @property
    def pin_state(self) -> PinState:
        """What the card wants before it works."""
        if self.puk_tries == 0:
            return PinState.BLOCKED
        if self.pin_tries == 0:
            return PinState.PUK
        if self.pin_enabled and not self.verified:
            return PinState.PIN
        return PinState.READY

    def power_up(self) -> None:
        """A card that lost power asks for its PIN again."""
        self.verified = False

    def try_pin(self, pin: str) -> bool:
        """Present the PIN: one try less if wrong, three again if right (TS 31.101 11.1.9)."""
        if self.pin_tries == 0 or self.puk_tries == 0:
            return False
        if pin == self.pin:
            self.pin_tries, self.verified = PIN_TRIES, True
            return True
        self.pin_tries -= 1
        return False

    def try_puk(self, puk: str, new_pin: str) -> bool:
        """Present the PUK and a new PIN."""
        if self.puk_tries == 0:
            return False
        if puk == self.puk:
            self.pin, self.pin_tries, self.puk_tries, self.verified = new_pin, PIN_TRIES, PUK_TRIES, True
            return True
        self.puk_tries -= 1
        return False

    def used_reference(self, reference: int) -> None:
        """The ME submits with this TP-MR and writes it to EF-SMSS (TS 23.040 9.2.3.6)."""
        before, self.last_reference = self.last_reference, reference
        if not self.smss_frozen and before != reference:
            self.smss = reference
            if self.on_smss is not None:
                self.on_smss(before, reference)


def make_sim(index: int, **changes: object) -> Sim:
    """The SIM that modem `index` (from 1) holds: ICCID 8944..., IMSI in the test network 001-01."""
    body = f"894400{index:013d}"
    sim = Sim(iccid=body + luhn(body), imsi=f"00101{index:010d}", number=number_of(index))
    for name, value in changes.items():
        setattr(sim, name, value)
    return sim


def imei_of(index: int) -> str:
    """An IMEI whose reporting body is 00, kept for tests (TS 23.003 6.2.1)."""
    body = f"001017{index:08d}"
    return body + luhn(body)
