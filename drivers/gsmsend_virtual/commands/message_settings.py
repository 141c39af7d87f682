"""How short messages are handled: format, service centre, routing, storage (TS 27.005 3.2 to 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, arguments
from gsmsend_virtual.codes import AtFault, cms
from gsmsend_virtual.table import Reply, Setting, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()
SETTINGS = (
    Setting("+CMGF", "(0,1)", (0,)),
    Setting("+CSDH", "(0,1)", (0,)),
    Setting("+CSMS", "(0,1)", (0,)),
    Setting("+CNMI", "(0-3),(0-3),(0,2),(0-2),(0,1)", (0, 0, 0, 0, 0)),
    Setting("+CMMS", "(0-2)", (0,)),
    Setting("+CGSMS", "(0-3)", (1,)),
)
NEEDS_SIM = {"+CSCA": "CMS", "+CPMS": "CMS"}


@TABLE.read("+CSMS")
def service(modem: Modem, call: Call) -> Reply:
    return f"+CSMS: {modem.values['+CSMS'][0]},1,1,1"


@TABLE.write("+CSMS")
def set_service(modem: Modem, call: Call) -> Reply:
    _take(modem, call)
    return "+CSMS: 1,1,1"


def _take(modem: Modem, call: Call) -> None:
    from gsmsend_virtual.commands import take  # noqa: PLC0415 - the full table imports this module

    try:
        modem.values[call.name] = take(modem, modem.settings[call.name], arguments(call.value))
    except AtFault:
        raise cms(303) from None


@TABLE.write("+CNMI")
def route(modem: Modem, call: Call) -> Reply:
    _take(modem, call)
    modem.delivery.routing_changed()
    return None


@TABLE.read("+CSCA")
def service_centre(modem: Modem, call: Call) -> Reply:
    number = modem.smsc
    return f'+CSCA: "{modem.charset_out(number)}",{145 if number.startswith("+") else 129}'


@TABLE.test("+CSCA")
def service_centre_test(modem: Modem, call: Call) -> Reply:
    return None


@TABLE.write("+CSCA")
def set_service_centre(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    number = modem.charset_in(given[0] or "")
    kind = given[1] if len(given) > 1 and given[1] else ("145" if number.startswith("+") else "129")
    digits = number.removeprefix("+")
    if digits and not digits.isdigit():
        raise cms(304)
    modem.set_smsc("+" + digits if kind == "145" and digits else digits)
    return None


@TABLE.write("+CNMA")
def acknowledge_with(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    if given[0] not in ("0", "1", "2"):
        raise cms(305 if modem.values["+CMGF"][0] else 304)
    return _acknowledge(modem, positive=given[0] != "2")


@TABLE.execute("+CNMA")
def acknowledge(modem: Modem, call: Call) -> Reply:
    return _acknowledge(modem, positive=True)


@TABLE.test("+CNMA")
def acknowledge_test(modem: Modem, call: Call) -> Reply:
    return None if modem.values["+CMGF"][0] else "+CNMA: (0-2)"


def _acknowledge(modem: Modem, *, positive: bool) -> Reply:
    if not modem.delivery.expecting:
        raise cms(340)
    modem.later(0.0, lambda: modem.delivery.acknowledge(positive=positive))
    return None
