"""Sending: +CMGS, +CMGC (TS 27.005 3.5.1, 3.5.5, 4.3, 4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsmsend.errors import SmsError
from gsmsend_virtual import textmode
from gsmsend_virtual.atline import Call, arguments
from gsmsend_virtual.codes import cms
from gsmsend_virtual.sending import BAD_PDU, BAD_TEXT, LONGEST_TPDU
from gsmsend_virtual.table import Reply, Table

if TYPE_CHECKING:
    from gsmsend_virtual.modem import Modem

TABLE = Table()
COMMAND_UNSUPPORTED = 161  # TP-Command unsupported (TS 23.040 9.2.3.22): this SMSC takes none


@TABLE.write("+CMGS")
def send(modem: Modem, call: Call) -> Reply:
    modem.sending.prompting()
    given = arguments(call.value)
    if modem.values["+CMGF"][0]:
        return _send_text(modem, given)
    length = _length(given[0])
    return modem.ask(lambda octets: modem.sending.pdu_entered(octets, length), lines=False)


def _length(word: str | None) -> int:
    if word is None or not word.isdecimal() or not 1 <= int(word) <= LONGEST_TPDU:
        raise cms(BAD_PDU)
    return int(word)


def _send_text(modem: Modem, given: tuple[str | None, ...]) -> Reply:
    try:
        number = modem.charset_in(given[0] or "")
        kind = given[1] if len(given) > 1 else None
        textmode.address(number, kind)
    except (SmsError, ValueError):
        raise cms(BAD_TEXT) from None

    def entered(octets: bytes) -> None:
        try:
            made = modem.compose(number, kind, octets)
        except (SmsError, ValueError):
            modem.abort(cms(BAD_TEXT))
            return
        modem.sending.submit(made, b"", "CMGS")

    return modem.ask(entered, lines=True)


@TABLE.write("+CMGC")
def send_command(modem: Modem, call: Call) -> Reply:
    modem.sending.check_sim()
    if modem.values["+CMGF"][0]:
        raise cms(COMMAND_UNSUPPORTED)
    length = _length(arguments(call.value)[0])

    def entered(octets: bytes) -> None:
        cut = modem.sending.cut(octets, length)
        modem.abort(cms(BAD_PDU if cut is None else COMMAND_UNSUPPORTED))

    return modem.ask(entered, lines=False)


@TABLE.test("+CMGS")
@TABLE.test("+CMGC")
def offered(_modem: Modem, _call: Call) -> Reply:
    return None
