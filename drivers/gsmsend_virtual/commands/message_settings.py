"""How short messages are handled: format, service centre, routing, parameters (TS 27.005 3.2 to 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend.errors import SmsError
from gsmsend_virtual import tpdu
from gsmsend_virtual.atline import Call, Form, arguments
from gsmsend_virtual.charset import SETS
from gsmsend_virtual.codes import AtError, cms
from gsmsend_virtual.sending import BAD_PDU, BAD_TEXT
from gsmsend_virtual.settings import take
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
    Setting("+CSMP", "", (17, 167, 0, 0)),
    Setting("+CSCB", "(0,1)", (0, "", "")),
    Setting("+CSCS", "(" + ",".join(f'"{name}"' for name in SETS[:5]) + ")", ("IRA",), quoted=True),
)
NEEDS_SIM = {"+CSCA": "CMS"}
KEPT = ("+CSMP", "+CSCB")  # what +CSAS saves besides the service centre (TS 27.005 3.3.3)


def _take(modem: Modem, call: Call, fault: AtError) -> None:
    try:
        modem.values[call.name] = take(modem, modem.settings[call.name], arguments(call.value))
    except AtError:
        raise fault from None


@TABLE.on("+CMGF", Form.EXECUTE)
def default_format(modem: Modem, _call: Call) -> Reply:
    modem.values["+CMGF"] = [0]
    return None


@TABLE.write("+CMGF")
def message_format(modem: Modem, call: Call) -> Reply:
    _take(modem, call, cms(303))
    return None


@TABLE.write("+CSCS")
def character_set(modem: Modem, call: Call) -> Reply:
    values = take(modem, modem.settings["+CSCS"], arguments(call.value))
    modem.values["+CSCS"] = [str(values[0]).upper()]
    return None


@TABLE.read("+CSMS")
def service(modem: Modem, _call: Call) -> Reply:
    return f"+CSMS: {modem.values['+CSMS'][0]},1,1,1"


@TABLE.write("+CSMS")
def set_service(modem: Modem, call: Call) -> Reply:
    _take(modem, call, cms(303))
    return "+CSMS: 1,1,1"


@TABLE.write("+CNMI")
def route(modem: Modem, call: Call) -> Reply:
    _take(modem, call, cms(303))
    modem.delivery.routing_changed()
    return None


@TABLE.on("+CNMI", Form.EXECUTE)
def default_route(modem: Modem, _call: Call) -> Reply:
    modem.values["+CNMI"] = list(modem.settings["+CNMI"].default)
    return None


@TABLE.read("+CSCA")
def service_centre(modem: Modem, _call: Call) -> Reply:
    number = modem.smsc
    return f'+CSCA: "{modem.charset_out(number)}",{145 if number.startswith("+") else 129}'


@TABLE.test("+CSCA")
@TABLE.test("+CSMP")
@TABLE.test("+CSAS")
@TABLE.test("+CRES")
def offered(_modem: Modem, _call: Call) -> Reply:
    return None


@TABLE.write("+CSCA")
def set_service_centre(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    try:
        number = modem.charset_in(given[0] or "")
        kind = given[1] if len(given) > 1 and given[1] else ("145" if number.startswith("+") else "129")
        digits = number.removeprefix("+")
        made = "+" + digits if kind == "145" and digits else digits
        if made:
            tpdu.sca(made)
    except (SmsError, ValueError):
        raise cms(BAD_PDU) from None
    modem.set_smsc(made)
    return None


@TABLE.write("+CSMP")
def text_parameters(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    values = list(modem.values["+CSMP"])
    if len(given) > 4:
        raise cms(BAD_TEXT)
    for place, word in enumerate(given):
        if word is None:
            continue
        if word.isdecimal() and int(word) <= 255:
            values[place] = int(word)
        elif place == 1:
            values[place] = word
        else:
            raise cms(BAD_TEXT)
    modem.values["+CSMP"] = values
    return None


@TABLE.on("+CSAS", Form.WRITE, Form.EXECUTE)
def save(modem: Modem, call: Call) -> Reply:
    modem.saved[call.value or "0"] = {name: list(modem.values[name]) for name in KEPT}
    return None


@TABLE.on("+CRES", Form.WRITE, Form.EXECUTE)
def restore(modem: Modem, call: Call) -> Reply:
    modem.values.update({name: list(values) for name, values in modem.saved.get(call.value or "0", {}).items()})
    return None


# -- acknowledgement --------------------------------------------------------------------------------------


@TABLE.write("+CNMA")
def acknowledge_with(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    if modem.values["+CMGF"][0] or given[0] not in ("0", "1", "2"):
        raise cms(BAD_TEXT if modem.values["+CMGF"][0] else BAD_PDU)
    positive = given[0] != "2"
    if len(given) == 1:
        _acknowledge(modem, positive=positive)
        return None
    _check_expected(modem)
    if given[1] is None or not given[1].isdecimal():
        raise cms(BAD_PDU)

    def entered(_: bytes) -> None:
        try:
            _acknowledge(modem, positive=positive)
        except AtError as fault:
            modem.abort(fault)
        else:
            modem.complete()

    return modem.ask(entered, lines=False)


@TABLE.execute("+CNMA")
def acknowledge(modem: Modem, _call: Call) -> Reply:
    _acknowledge(modem, positive=True)
    return None


@TABLE.test("+CNMA")
def acknowledge_test(modem: Modem, _call: Call) -> Reply:
    return None if modem.values["+CMGF"][0] else "+CNMA: (0-2)"


def _check_expected(modem: Modem) -> None:
    if not modem.delivery.expecting:
        raise cms(340)


def _acknowledge(modem: Modem, *, positive: bool) -> None:
    _check_expected(modem)
    # The next one is said after this line's OK (TS 27.005 3.4.4).
    modem.later(0.0, lambda: modem.delivery.acknowledge(positive=positive))
