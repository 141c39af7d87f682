"""Calls and supplementary services: there are none, but clients ask and set them up (TS 27.007 6 and 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, Form, arguments
from gsmsend_virtual.codes import BAD_PARAMETERS, cme
from gsmsend_virtual.table import Reply, Setting, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()
SETTINGS = (
    Setting("+CLIP", "(0,1)", (0, 1)),
    Setting("+CLIR", "(0-2)", (0, 1)),
    Setting("+COLP", "(0,1)", (0, 1)),
    Setting("+CCWA", "(0,1)", (0,)),
    Setting("+CRC", "(0,1)", (0,)),
    Setting("+CR", "(0,1)", (0,)),
    Setting("+CVHU", "(0-2)", (0,)),
    Setting("+CSSN", "(0,1),(0,1)", (0, 0)),
    Setting("+CSTA", "(129,145)", (129,)),
    Setting("+CMOD", "(0)", (0,)),
    Setting("+CAOC", "(0-2)", (0,)),
    Setting("+CMUT", "(0,1)", (0,)),
    Setting("+CLVL", "(0-7)", (4,)),
    Setting("+CRSL", "(0-5)", (3,)),
)
BALANCE = "Balance: 10.00 GBP"


@TABLE.execute("+CLCC")
@TABLE.on("+CHUP", Form.EXECUTE, Form.TEST)
def none_now(_modem: Modem, _call: Call) -> Reply:
    return None


@TABLE.execute("+CEER")
def last_cause(_modem: Modem, _call: Call) -> Reply:
    return "+CEER: 16"


@TABLE.write("+CCFC")
def forwarding(_modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    if len(given) < 2 or given[1] not in ("0", "1", "2", "3", "4"):
        raise cme(BAD_PARAMETERS)
    return "+CCFC: 0,7" if given[1] == "2" else None


@TABLE.test("+CCFC")
def forwarding_reasons(_modem: Modem, _call: Call) -> Reply:
    return "+CCFC: (0-5)"


@TABLE.read("+CUSD")
def ussd_state(_modem: Modem, _call: Call) -> Reply:
    return "+CUSD: 0"


@TABLE.write("+CUSD")
def ussd(modem: Modem, call: Call) -> Reply:
    """Any request is answered with a balance, as unsolicited +CUSD (TS 27.007 7.15)."""
    given = arguments(call.value)
    if given[0] not in ("0", "1", "2"):
        raise cme(BAD_PARAMETERS)
    if len(given) > 1 and given[1]:
        modem.later(0.2, lambda: modem.urc(f'+CUSD: 0,"{modem.charset_out(BALANCE)}",15'))
    return None


@TABLE.test("+CUSD")
def ussd_modes(_modem: Modem, _call: Call) -> Reply:
    return "+CUSD: (0-2)"


@TABLE.write("+VTS")
def tones(_modem: Modem, _call: Call) -> Reply:
    return None
