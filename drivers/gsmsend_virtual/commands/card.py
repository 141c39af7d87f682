"""The SIM: PIN, identities, access to its files (TS 27.007 8.3, 8.17, 8.18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual import simfiles
from gsmsend_virtual.atline import Call, Form, arguments
from gsmsend_virtual.codes import BAD_PARAMETERS, NOT_ALLOWED, SIM_NOT_INSERTED, WRONG_PASSWORD, cme
from gsmsend_virtual.sim import PinState
from gsmsend_virtual.table import Reply, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem
    from gsmsend_virtual.sim import Sim

TABLE = Table()
NEEDS_SIM = {"+CIMI": "CME", "+CNUM": "CME"}


def card(modem: Modem) -> Sim:
    """The SIM. Raises AtError if none is in."""
    if modem.sim is None:
        raise cme(SIM_NOT_INSERTED)
    return modem.sim


@TABLE.read("+CPIN")
def pin_state(modem: Modem, _call: Call) -> Reply:
    return f"+CPIN: {card(modem).pin_state}"


@TABLE.write("+CPIN")
def enter_pin(modem: Modem, call: Call) -> Reply:
    sim = card(modem)
    given = [it or "" for it in arguments(call.value)]
    if sim.pin_state is PinState.READY:
        raise cme(NOT_ALLOWED)
    if not all(it.isdigit() and 4 <= len(it) <= 8 for it in given):
        raise cme(BAD_PARAMETERS)
    if sim.pin_state is PinState.PUK:
        right = len(given) == 2 and sim.try_puk(given[0], given[1])
    elif sim.pin_state is PinState.PIN:
        right = len(given) == 1 and sim.try_pin(given[0])
    else:
        right = False
    modem.log_pin(right=right)
    if not right:
        raise cme(12 if sim.pin_state is PinState.PUK else WRONG_PASSWORD)
    modem.sim_unlocked()
    return None


@TABLE.test("+CPIN")
@TABLE.test("+CIMI")
def offered(_modem: Modem, _call: Call) -> Reply:
    return None


@TABLE.execute("+CIMI")
def imsi(modem: Modem, _call: Call) -> Reply:
    return card(modem).imsi


@TABLE.execute("+CCID")
@TABLE.read("+CCID")
def iccid(modem: Modem, _call: Call) -> Reply:
    """TS 27.007 8.77."""
    return f"+CCID: {card(modem).iccid}"


@TABLE.execute("+CNUM")
def own_number(modem: Modem, _call: Call) -> Reply:
    return f'+CNUM: "","{card(modem).number}",145'


# -- locks ------------------------------------------------------------------------------------------------

FACILITIES = ("SC", "AO", "OI", "OX", "AI", "IR", "AB", "AG", "AC", "PN", "PU", "PP", "PC", "FD", "PS", "P2")


@TABLE.write("+CLCK")
def lock(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    facility = (given[0] or "").upper()
    mode = given[1] if len(given) > 1 else None
    if facility not in FACILITIES or mode not in ("0", "1", "2"):
        raise cme(BAD_PARAMETERS)
    sim = card(modem)
    if mode == "2":
        return f"+CLCK: {int(facility == 'SC' and sim.pin_enabled)}"
    if facility != "SC":
        raise cme(NOT_ALLOWED)
    _check_pin(modem, sim, given[2] if len(given) > 2 else None)
    sim.pin_enabled = mode == "1"
    return None


def _check_pin(modem: Modem, sim: Sim, pin: str | None) -> None:
    if pin is None or not pin.isdigit():
        raise cme(BAD_PARAMETERS)
    right = sim.try_pin(pin)
    modem.log_pin(right=right)
    if not right:
        raise cme(12 if sim.pin_state is PinState.PUK else WRONG_PASSWORD)


@TABLE.test("+CLCK")
def facilities(_modem: Modem, _call: Call) -> Reply:
    return "+CLCK: (" + ",".join(f'"{name}"' for name in FACILITIES) + ")"


@TABLE.write("+CPWD")
def change_password(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    if len(given) != 3 or (given[0] or "").upper() != "SC" or not given[2] or not given[2].isdigit():
        raise cme(BAD_PARAMETERS)
    sim = card(modem)
    if not sim.pin_enabled:
        raise cme(NOT_ALLOWED)
    _check_pin(modem, sim, given[1])
    sim.pin = given[2]
    return None


@TABLE.test("+CPWD")
def passwords(_modem: Modem, _call: Call) -> Reply:
    return '+CPWD: ("SC",8),("P2",8)'


@TABLE.on("+CPINR", Form.EXECUTE, Form.WRITE)
def tries_left(modem: Modem, call: Call) -> Reply:
    """TS 27.007 8.65."""
    sim = card(modem)
    counts = {
        "SIM PIN": (sim.pin_tries, 3),
        "SIM PUK": (sim.puk_tries, 10),
        "SIM PIN2": (3, 3),
        "SIM PUK2": (10, 10),
    }
    wanted = (arguments(call.value)[0] or "").upper() if call.form is Form.WRITE else ""
    return [f"+CPINR: {name},{left},{most}" for name, (left, most) in counts.items() if wanted in ("", name)]


# -- files ------------------------------------------------------------------------------------------------


@TABLE.write("+CRSM")
def restricted_access(modem: Modem, call: Call) -> Reply:
    sim = card(modem)
    words = arguments(call.value)
    if any(word is None or not word.isdecimal() for word in words[:5]):
        raise cme(BAD_PARAMETERS)
    numbers = [int(word or 0) for word in words[:5]] + [0] * (5 - len(words[:5]))
    word, response = simfiles.restricted_access(sim, numbers[0], *numbers[1:])
    shown = f',"{response.hex().upper()}"' if response else ""
    return f"+CRSM: {word >> 8},{word & 0xFF}{shown}"


@TABLE.write("+CSIM")
def generic_access(modem: Modem, call: Call) -> Reply:
    sim = card(modem)
    given = arguments(call.value)
    try:
        apdu = bytes.fromhex(given[1] or "") if len(given) == 2 else b""
    except ValueError:
        apdu = b""
    if not apdu or given[0] != str(len(apdu) * 2):
        raise cme(BAD_PARAMETERS)
    response = modem.card_channel.exchange(sim, apdu).hex().upper()
    return f'+CSIM: {len(response)},"{response}"'


@TABLE.test("+CRSM")
@TABLE.test("+CSIM")
@TABLE.test("+CNUM")
@TABLE.test("+CCID")
def also_offered(_modem: Modem, _call: Call) -> Reply:
    return None
