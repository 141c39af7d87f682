"""Who the modem is (V.250 6.1.3 to 6.1.7, TS 27.007 5.1 to 5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call
from gsmsend_virtual.codes import BAD_PARAMETERS, cme
from gsmsend_virtual.table import Reply, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()


@TABLE.execute("I")
def information(modem: Modem, call: Call) -> Reply:
    lines = list(modem.personality.information)
    return [line.replace("{imei}", modem.imei) for line in lines] if call.number == 0 else lines[:1]


@TABLE.execute("+CGMI")
@TABLE.execute("+GMI")
def manufacturer(modem: Modem, _call: Call) -> Reply:
    return modem.personality.manufacturer


@TABLE.execute("+CGMM")
@TABLE.execute("+GMM")
def model(modem: Modem, _call: Call) -> Reply:
    return modem.personality.model


@TABLE.execute("+CGMR")
@TABLE.execute("+GMR")
def revision(modem: Modem, _call: Call) -> Reply:
    return modem.personality.revision


@TABLE.execute("+CGSN")
@TABLE.execute("+GSN")
def serial_number(modem: Modem, _call: Call) -> Reply:
    return modem.imei


@TABLE.write("+CGSN")
def serial_number_of_kind(modem: Modem, call: Call) -> Reply:
    """TS 27.007 5.4: 0 serial number, 1 IMEI, 2 IMEISV, 3 software version."""
    kinds = {"0": modem.imei, "1": modem.imei, "2": modem.imei[:14] + "01", "3": "01"}
    if call.value not in kinds:
        raise cme(BAD_PARAMETERS)
    return f'+CGSN: "{kinds[call.value]}"' if call.value != "0" else modem.imei


@TABLE.test("+CGMI")
@TABLE.test("+CGMM")
@TABLE.test("+CGMR")
@TABLE.test("+CGSN")
@TABLE.test("+GMI")
@TABLE.test("+GMM")
@TABLE.test("+GMR")
@TABLE.test("+GSN")
@TABLE.test("+GCAP")
def offered(_modem: Modem, _call: Call) -> Reply:
    return None
