"""Commands of single vendors that need more than a fixed answer. A personality names those that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, Form
from gsmsend_virtual.commands.card import card
from gsmsend_virtual.table import Reply, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()


@TABLE.execute("+ICCID")
@TABLE.on("+QCCID", Form.EXECUTE, Form.READ)
@TABLE.on("^ICCID", Form.EXECUTE, Form.READ)
@TABLE.on("#CCID", Form.EXECUTE)
def iccid(modem: Modem, call: Call) -> Reply:
    return f"{call.name}: {card(modem).iccid}"


@TABLE.execute("*CCID")
def bare_iccid(modem: Modem, _call: Call) -> Reply:
    return card(modem).iccid


@TABLE.on("^SYSINFO", Form.EXECUTE)
def system_information(modem: Modem, _call: Call) -> Reply:
    """<service>,<domain>,<roaming>,<mode>,<SIM>,<lock>,<submode> as Huawei documents it."""
    service = 2 if modem.registered else 0
    roaming = int(modem.shown_registration == 5)
    return f"^SYSINFO:{service},3,{roaming},5,{int(modem.sim_usable)},,4"


@TABLE.read("^CPIN")
def pin_counters(modem: Modem, _call: Call) -> Reply:
    sim = card(modem)
    return f"^CPIN: {sim.pin_state},{sim.pin_tries},{sim.puk_tries},{sim.pin_tries},10,3"


@TABLE.execute("+SPIC")
def simcom_tries(modem: Modem, _call: Call) -> Reply:
    sim = card(modem)
    return f"+SPIC: {sim.pin_tries},{sim.puk_tries},3,10"


@TABLE.on("+QPINC", Form.READ)
def quectel_tries(modem: Modem, _call: Call) -> Reply:
    sim = card(modem)
    return [f'+QPINC: "SC",{sim.pin_tries},{sim.puk_tries}', '+QPINC: "P2",3,10']


@TABLE.on("+QNWINFO", Form.EXECUTE)
def network_information(modem: Modem, _call: Call) -> Reply:
    if not modem.registered or modem.sim is None:
        return "+QNWINFO: No Service"
    return f'+QNWINFO: "FDD LTE","{modem.sim.operator}","LTE BAND 20",6300'


@TABLE.on("+QINISTAT", Form.EXECUTE)
def initialisation(modem: Modem, _call: Call) -> Reply:
    return f"+QINISTAT: {7 if modem.sim_usable else 0}"


@TABLE.execute("+QSPN")
def provider_name(modem: Modem, _call: Call) -> Reply:
    name = card(modem).operator_name
    return f'+QSPN: "{name}","{name}","{name}",0,"{card(modem).operator}"'


@TABLE.read("+CSMINS")
def sim_inserted(modem: Modem, _call: Call) -> Reply:
    return f"+CSMINS: 0,{int(modem.sim is not None)}"


@TABLE.read("+QSIMSTAT")
def sim_status(modem: Modem, _call: Call) -> Reply:
    return f"+QSIMSTAT: 0,{int(modem.sim is not None)}"


@TABLE.read("+CPSI")
def serving_cell(_modem: Modem, _call: Call) -> Reply:
    return "+CPSI: GSM,Online,001-01,0x00a1,45763,80 EGSM 900,-65,0,26-26"


NAMES = frozenset(name for name, _ in TABLE.handlers)
