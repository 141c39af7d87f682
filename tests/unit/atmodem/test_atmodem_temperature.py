"""How warm a modem says it is: in the words of each family, asked of lab modems only, and not in vain again."""

from __future__ import annotations

import pytest

from gsmsend.contract import Endpoint
from gsmsend.model import Device
from gsmsend_atmodem.link import AtLink
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.settings import Settings
from tests.unit.atmodem.fake_modem import FakeModem, Rig

HUAWEI, QUECTEL, SIERRA, SIM7600 = "AT^CHIPTEMP?", "AT+QTEMP", "AT!PCTEMP?", "AT+CPMUTEMP"
TOLD = [
    ("huawei", "E3372", HUAWEI, ("^CHIPTEMP: 412,398,65535,335,65535", "OK"), 41.2),
    ("Quectel", "EC25", QUECTEL, ("+QTEMP: 41,38,36", "OK"), 41.0),
    ("Quectel", "RM520N-GL", QUECTEL, ('+QTEMP:"qfe_wtr_pa0","57"', '+QTEMP:"pmic-0","255"', "OK"), 57.0),
    ("Sierra Wireless, Inc.", "MC7455", SIERRA, ("Temp state: Normal", "Temperature: 38.50 C", "OK"), 38.5),
    ("SIMCOM INCORPORATED", "SIMCOM_SIM7600E", SIM7600, ("+CPMUTEMP: 33", "OK"), 33.0),
    ("Quectel", "EC25", QUECTEL, ("ERROR",), None),
    ("Example", "E1", QUECTEL, ("+QTEMP: 41,38,36", "OK"), None),
]  # fmt: skip


def rig_of(maker: str, model: str, command: str, answer: tuple[str, ...]) -> Rig:
    said = {"AT+CGMI": (maker, "OK"), "AT+CGMM": (model, "OK"), command: answer}
    return Rig(FakeModem(dict(said)))


@pytest.mark.parametrize(("maker", "model", "command", "answer", "degrees"), TOLD)
def test_each_family_in_its_own_words(
    maker: str, model: str, command: str, answer: tuple[str, ...], degrees: float | None
) -> None:
    facts = rig_of(maker, model, command, answer).link().bring_up()
    assert facts.temperature_c == (pytest.approx(degrees) if degrees is not None else None)


def test_an_exhibit_is_not_asked() -> None:
    rig = rig_of("Quectel", "EC25", QUECTEL, ("+QTEMP: 41,38,36", "OK"))
    device, endpoint = Device("atmodem", rig.port.address), Endpoint("atmodem", rig.port.address)
    link = AtLink(
        rig.port, endpoint, device, standard_profiles(), rig.sink, rig.clock, Settings(), exhibit=True
    )  # fmt: skip
    assert link.bring_up().temperature_c is None
    asked = rig.modem.said.count("AT+CSQ")
    rig.clock.advance(120)
    link.counter()
    assert QUECTEL not in rig.modem.said
    assert rig.modem.said.count("AT+CSQ") == asked


def test_a_modem_that_does_not_tell_is_asked_once() -> None:
    rig = rig_of("Quectel", "EC25", QUECTEL, ("ERROR",))
    link = rig.link()
    link.bring_up()
    link.listen(90.0)
    assert rig.modem.said.count("AT+CSQ") > 2
    assert rig.modem.said.count(QUECTEL) == 1


def test_signal_and_heat_are_read_now_and_then_between_texts() -> None:
    rig = rig_of("Quectel", "EC25", QUECTEL, ("+QTEMP: 41,38,36", "OK"))
    link = rig.link()
    link.bring_up()
    rig.modem.answers |= {QUECTEL: ("+QTEMP: 83,38,36", "OK"), "AT+CSQ": ("+CSQ: 5,99", "OK")}
    link.counter()
    assert rig.modem.said.count(QUECTEL) == 1
    for _ in range(8):
        rig.clock.advance(8)
        link.counter()
    assert rig.modem.said.count(QUECTEL) == 2
    facts = rig.sink.facts[-1]
    assert (facts.temperature_c, facts.signal_dbm) == (83.0, -103)
