"""Packet data: nobody uses it here, but connection programs look at it before they text (TS 27.007 clause 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, Form, arguments
from gsmsend_virtual.codes import BAD_PARAMETERS, cme
from gsmsend_virtual.table import Reply, Setting, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()
SETTINGS = (
    Setting("+CGATT", "(0,1)", (1,)),
    Setting("+CGEREP", "(0-2),(0,1)", (0, 0)),
    Setting("+WS46", "(12,22,25,28)", (25,)),
    Setting("+CGCLASS", '("A","B","CG","CC")', ("B",), quoted=True),
    Setting("+CGAUTO", "(0-3)", (3,)),
)
MOST_CONTEXTS = 16


@TABLE.read("+CGDCONT")
def contexts(modem: Modem, _call: Call) -> Reply:
    return [
        f'+CGDCONT: {number},"{kind}","{name}","",0,0' for number, (kind, name) in sorted(modem.contexts.items())
    ]


@TABLE.write("+CGDCONT")
def define_context(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    number = int(given[0] or "1")
    if not 1 <= number <= MOST_CONTEXTS:
        raise cme(BAD_PARAMETERS)
    if len(given) == 1:
        modem.contexts.pop(number, None)
    else:
        modem.contexts[number] = (given[1] or "IP", (given[2] if len(given) > 2 else None) or "")
    return None


@TABLE.test("+CGDCONT")
def kinds_of_context(_modem: Modem, _call: Call) -> Reply:
    return [f'+CGDCONT: (1-{MOST_CONTEXTS}),"{kind}",,,(0),(0)' for kind in ("IP", "IPV6", "IPV4V6")]


@TABLE.read("+CGACT")
def active(modem: Modem, _call: Call) -> Reply:
    return [f"+CGACT: {number},0" for number in sorted(modem.contexts)]


@TABLE.write("+CGACT")
@TABLE.write("+CGQREQ")
@TABLE.write("+CGQMIN")
def accept(_modem: Modem, _call: Call) -> Reply:
    return None


@TABLE.on("+CGPADDR", Form.EXECUTE, Form.WRITE)
def addresses(modem: Modem, _call: Call) -> Reply:
    return [f"+CGPADDR: {number}" for number in sorted(modem.contexts)]


@TABLE.test("+CGACT")
def activity_range(_modem: Modem, _call: Call) -> Reply:
    return "+CGACT: (0,1)"


@TABLE.read("+CPOL")
def preferred_operators(_modem: Modem, _call: Call) -> Reply:
    return '+CPOL: 1,2,"00101"'


@TABLE.test("+CPOL")
def preferred_operator_range(_modem: Modem, _call: Call) -> Reply:
    return "+CPOL: (1-10),(0-2)"
