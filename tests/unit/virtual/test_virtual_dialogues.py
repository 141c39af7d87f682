"""What whole programs say to a modem before they text: every line must be answered, as they expect."""

from __future__ import annotations

import pytest

from tests.unit.virtual.talk import OK, Talk

# The order and the commands of connection managers' and daemons' probing; `!` marks what may be refused.
MODEM_MANAGER = (
    "AT", "ATE0", "ATV1", "AT+CMEE=1", "ATX4", "AT&C1", "AT+IFC=1,1", "AT+GCAP", "ATI", "ATI1", "AT+CGMI",
    "AT+CGMM", "AT+CGMR", "AT+CGSN", "AT+CPIN?", "AT+CFUN?", "AT+CLCK=?", "AT+CSIM=10,\"0020000100\"",
    "AT+CIMI", "AT+CCID", "AT+CRSM=176,12258,0,0,10", "AT+CRSM=176,28589,0,0,4", "AT+CRSM=176,28486,0,0,17",
    "AT+WS46=?", "AT+WS46?", "AT+CREG=2", "AT+CGREG=2", "AT+CEREG=2", "AT+CREG?", "AT+CGREG?", "AT+CEREG?",
    "AT+COPS=3,2;+COPS?", "AT+COPS=3,0;+COPS?", "AT+CSQ", "AT+CIND=?", "AT+CIND?", "AT+CMER=3,0,0,1",
    "AT+CSMS?", "AT+CMGF=?", "AT+CMGF=0", "AT+CPMS=?", "AT+CPMS?", "AT+CPMS=\"ME\",\"ME\",\"ME\"",
    "AT+CNMI=2,1,2,1,0", "AT+CMGL=4", "AT+CSCS=?", "AT+CSCS=\"UCS2\"", "AT+CSCS?", "AT+CUSD=1", "AT+CTZU=1",
    "AT+CTZR=1", "AT+CCLK?", "AT+CGDCONT=?", "AT+CGDCONT?", "AT+CGDCONT=1,\"IP\",\"internet\"", "AT+CGACT?",
    "AT+CGATT?", "AT+CGEREP=2", "AT+CNUM", "AT+CGPADDR=1", "AT+CPOL?", "!AT+CMUX=?", "!AT*CNTI=0",
    "!AT$GCAP", "!AT#CEMODE?",
)  # fmt: skip
SERIALPORT_GSM = (
    "ATZ", "ATE1", "AT+CMEE=1;+CREG=2", "AT+CLIP=1", "AT+CPBS=\"ON\"", "AT+CNUM", "AT+CMGF=0",
    "AT+CNMI=2,1,0,2,1", "AT+CSQ", "AT+CPMS?", "AT+CMGL=4",
)  # fmt: skip
GO_MODEM = (
    "\x1bAT", "ATZ", "ATE0", "AT+GCAP", "AT+CMGF=0", "AT+CMEE=2", "AT+CSCS=\"GSM\"", "AT+CNMI=1,2,0,0,0",
)  # fmt: skip
CHAN_DONGLE = (
    "AT", "ATZ", "ATE0", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CMEE=0", "AT+CGSN", "AT+CIMI", "AT+CPIN?",
    "AT+COPS=0,0", "AT+CREG=2", "AT+CREG?", "AT+CNUM", "AT+CSCA?", "AT+CSSN=1,1", "AT+CMGF=0",
    "AT+CPMS=\"SM\",\"SM\",\"SM\"", "AT+CNMI=2,1,0,0,0", "AT+CSQ", "AT+CSCS=\"UCS2\"", "AT+CMGD=1,4",
)  # fmt: skip


@pytest.mark.parametrize("family", ["generic", "huawei", "simcom", "quectel"])
@pytest.mark.parametrize(
    "lines", [MODEM_MANAGER, SERIALPORT_GSM, GO_MODEM, CHAN_DONGLE],
    ids=["ModemManager", "serialport-gsm", "warthog618/modem", "chan_dongle"],
)  # fmt: skip
def test_every_probe_is_answered(family: str, lines: tuple[str, ...]) -> None:
    talk = Talk(personalities=[family], echo=True)
    talk.wait(10)
    talk.modem.delivery.abandon("test")
    missing = talk.modem.personality.missing
    for line in lines:
        said = talk.say(line.lstrip("!"))
        if line.startswith("!") or any(name in line for name in missing):
            assert said.endswith("\r\n"), line
        elif family == "generic":
            assert said.endswith(OK), (line, said)
        else:
            assert said.endswith((OK, "\r\n")), (line, said)
            assert said.strip(), line


def test_a_client_that_ends_its_lines_in_cr_lf_hears_no_stray_line_feed() -> None:
    talk = Talk(echo=True)
    assert talk.type("AT\r\n") == "AT\r\r\nOK\r\n"
    assert talk.type("AT\r") + talk.type("\nAT\r") == "AT\r\r\nOK\r\n" * 2


def test_a_data_context_is_kept() -> None:
    talk = Talk()
    assert talk.say('AT+CGDCONT=2,"IPV4V6","internet"') == OK
    assert '+CGDCONT: 2,"IPV4V6","internet","",0,0' in talk.say("AT+CGDCONT?")
    assert talk.say("AT+CGDCONT=2") == OK
    assert "+CGACT: 1,0\r\n" + OK in talk.say("AT+CGACT?")
    assert talk.say("ATD*99#") == "\r\nNO CARRIER\r\n"
