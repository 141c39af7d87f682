"""Sending (TS 27.005 3.5 and 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend_virtual.atline import Call, arguments
from gsmsend_virtual.codes import cms
from gsmsend_virtual.sending import BAD_PDU, LONGEST_TPDU
from gsmsend_virtual.table import Reply, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()


@TABLE.write("+CMGS")
def send(modem: Modem, call: Call) -> Reply:
    modem.sending.check_sim()
    given = arguments(call.value)
    word = given[0] or ""
    if not word.isdecimal() or not 1 <= int(word) <= LONGEST_TPDU:
        raise cms(BAD_PDU)
    length = int(word)
    return modem.ask(lambda octets: modem.sending.pdu_entered(octets, length, "+CMGS".lstrip("+")), lines=False)


@TABLE.test("+CMGS")
def send_test(modem: Modem, call: Call) -> Reply:
    return None
