"""The SIM: PIN, identities, access to its files (TS 27.007 8.3, 8.17, 8.18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, arguments
from gsmsend_virtual.codes import BAD_PARAMETERS, NOT_ALLOWED, SIM_NOT_INSERTED, WRONG_PASSWORD, cme
from gsmsend_virtual.sim import PinState
from gsmsend_virtual.table import Reply, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem
    from gsmsend_virtual.sim import Sim

TABLE = Table()
NEEDS_SIM = {"+CIMI": "CME", "+CNUM": "CME"}


def card(modem: Modem) -> Sim:
    """The SIM. Raises AtFault if none is in."""
    if modem.sim is None:
        raise cme(SIM_NOT_INSERTED)
    return modem.sim


@TABLE.read("+CPIN")
def pin_state(modem: Modem, call: Call) -> Reply:
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
    modem.journal.write(
        modem.timers.now, "pin", modem.who, right=right, pin_tries=sim.pin_tries, puk_tries=sim.puk_tries
    )
    if not right:
        raise cme(12 if sim.pin_state is PinState.PUK else WRONG_PASSWORD)
    modem.sim_unlocked()
    return None


@TABLE.test("+CPIN")
@TABLE.test("+CIMI")
def offered(modem: Modem, call: Call) -> Reply:
    return None


@TABLE.execute("+CIMI")
def imsi(modem: Modem, call: Call) -> Reply:
    return card(modem).imsi


@TABLE.execute("+CCID")
@TABLE.read("+CCID")
@TABLE.execute("+ICCID")
@TABLE.read("+ICCID")
@TABLE.execute("+QCCID")
@TABLE.read("+QCCID")
@TABLE.read("^ICCID")
def iccid(modem: Modem, call: Call) -> Reply:
    return f"{call.name}: {card(modem).iccid}"


@TABLE.execute("+CNUM")
def own_number(modem: Modem, call: Call) -> Reply:
    return f'+CNUM: "","{card(modem).number}",145'
