"""Registration, operator, signal, power (TS 27.007 clauses 7 and 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual import textmode
from gsmsend_virtual.atline import Call, Form, arguments
from gsmsend_virtual.codes import BAD_PARAMETERS, NO_NETWORK, cme
from gsmsend_virtual.table import PENDING, Reply, Setting, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()
SETTINGS = (
    Setting("+CMEE", "(0-2)", (0,)),
    Setting("+CREG", "(0-2)", (0,)),
    Setting("+CGREG", "(0-2)", (0,)),
    Setting("+CEREG", "(0-2)", (0,)),
    Setting("+CMER", "(0-3),(0-2),(0),(0-2),(0,1)", (0, 0, 0, 0, 0)),
    Setting("+CTZR", "(0,1)", (0,)),
    Setting("+CTZU", "(0,1)", (0,)),
    Setting("+CPLS", "(0-2)", (0,)),
)
SEARCH_S = 2.0
LAC, CELL = "00A1", "0000B2C3"


@TABLE.read("+CREG")
@TABLE.read("+CGREG")
@TABLE.read("+CEREG")
def registration(modem: Modem, call: Call) -> Reply:
    n = modem.values[call.name][0]
    return f"{call.name}: {n},{registration_line(modem, call.name)}"


def registration_line(modem: Modem, name: str) -> str:
    """<stat> and, where <n> is 2, cell and technology."""
    stat = modem.shown_registration
    if modem.values[name][0] != 2 or stat not in (1, 5):
        return str(stat)
    technology = 7 if name == "+CEREG" else 2
    return f'{stat},"{LAC}","{CELL}",{technology}'


@TABLE.read("+COPS")
def operator(modem: Modem, _call: Call) -> Reply:
    mode, shape = modem.operator_mode, modem.operator_format
    if not modem.registered or modem.sim is None:
        return f"+COPS: {mode}"
    name = {0: modem.sim.operator_name, 1: modem.sim.operator_name[:8]}.get(shape, modem.sim.operator)
    technology = f",{7 if modem.has_lte else 0}" if modem.personality.access_technology else ""
    return f'+COPS: {mode},{shape},"{name}"{technology}'


@TABLE.write("+COPS")
def select_operator(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    mode = given[0] or "0"
    if mode not in ("0", "1", "2", "3", "4"):
        raise cme(BAD_PARAMETERS)
    if len(given) > 1 and given[1]:
        if given[1] not in ("0", "1", "2"):
            raise cme(BAD_PARAMETERS)
        modem.operator_format = int(given[1])
    if mode == "3":
        return None
    if mode in ("1", "4") and modem.sim and given[2:] and given[2] not in (
        modem.sim.operator, modem.sim.operator_name, modem.sim.operator_name[:8]
    ):  # fmt: skip
        raise cme(NO_NETWORK)
    modem.operator_mode = int(mode)
    modem.set_registration(0 if mode == "2" else 1)
    return None


@TABLE.test("+COPS")
def search_operators(modem: Modem, _call: Call) -> Reply:
    sim = modem.sim
    name, numeric = (sim.operator_name, sim.operator) if sim else ("Virtual Network", "00101")
    status = 2 if modem.registered else 1
    found = f'+COPS: ({status},"{name}","{name[:8]}","{numeric}",0),(3,"Other Network","Other","99999",0)'
    modem.later(SEARCH_S, lambda: modem.complete(found + ",,(0-4),(0-2)"))
    return PENDING


@TABLE.execute("+CSQ")
def signal(modem: Modem, _call: Call) -> Reply:
    return f"+CSQ: {modem.signal if modem.shown_registration != 0 else 99},{modem.personality.bit_errors}"


@TABLE.execute("+CESQ")
def extended_signal(modem: Modem, _call: Call) -> Reply:
    return f"+CESQ: {min(2 * modem.signal, 63)},99,255,255,255,255"


@TABLE.test("+CSQ")
def signal_range(_modem: Modem, _call: Call) -> Reply:
    return "+CSQ: (0-31,99),(0-7,99)"


@TABLE.read("+CFUN")
def function(modem: Modem, _call: Call) -> Reply:
    return f"+CFUN: {modem.function}"


@TABLE.test("+CFUN")
def functions(_modem: Modem, _call: Call) -> Reply:
    return "+CFUN: (0,1,4),(0,1)"


@TABLE.write("+CFUN")
def set_function(modem: Modem, call: Call) -> Reply:
    given = arguments(call.value)
    if given[0] not in ("0", "1", "4") or (given[1:] and given[1] not in ("0", "1", None)):
        raise cme(BAD_PARAMETERS)
    if given[1:] and given[1] == "1":
        modem.later(0.05, lambda: modem.boot("AT+CFUN"))
        return None
    modem.set_function(int(given[0]))
    return None


@TABLE.on("+CPAS", Form.EXECUTE)
def activity(_modem: Modem, _call: Call) -> Reply:
    return "+CPAS: 0"


@TABLE.test("+CPAS")
def activities(_modem: Modem, _call: Call) -> Reply:
    return "+CPAS: (0,2-4)"


@TABLE.execute("+COPN")
def operator_names(_modem: Modem, _call: Call) -> Reply:
    return ['+COPN: "00101","Virtual Network"', '+COPN: "99999","Other Network"']


@TABLE.test("+COPN")
@TABLE.test("+CBC")
def offered(_modem: Modem, call: Call) -> Reply:
    return "+CBC: (0-3),(0-100)" if call.name == "+CBC" else None


@TABLE.execute("+CBC")
def battery(_modem: Modem, _call: Call) -> Reply:
    return "+CBC: 0,100"


@TABLE.read("+CCLK")
def clock(modem: Modem, _call: Call) -> Reply:
    return f"+CCLK: {textmode.time_string(modem.network_time())}"


@TABLE.write("+CCLK")
def set_clock(_modem: Modem, _call: Call) -> Reply:
    return None


@TABLE.read("+CIND")
def indicators(modem: Modem, _call: Call) -> Reply:
    bars = min(5, (modem.signal + 5) // 6) if modem.registered else 0
    roaming = int(modem.shown_registration == 5)
    full = int(modem.store(2).used >= modem.store(2).capacity) if modem.sim_usable else 0
    return f"+CIND: 5,{bars},{int(modem.registered)},0,{full},{roaming},0"


@TABLE.test("+CIND")
def indicator_names(_modem: Modem, _call: Call) -> Reply:
    return (
        '+CIND: ("battchg",(0-5)),("signal",(0-5)),("service",(0,1)),("message",(0,1)),'
        '("smsfull",(0,1)),("roam",(0,1)),("call",(0,1))'
    )
