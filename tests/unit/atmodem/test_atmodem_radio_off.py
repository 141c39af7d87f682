"""A radio that is off: switched on in a lab, left alone on an exhibit; and the mark that a restart takes away."""

from __future__ import annotations

import pytest

from gsmsend.contract import Endpoint
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Device
from gsmsend_atmodem.link import AtLink
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.settings import Settings
from tests.unit.atmodem.fake_modem import Rig


def _exhibit(rig: Rig) -> AtLink:
    device, endpoint = Device("atmodem", rig.port.address), Endpoint("atmodem", rig.port.address)
    return AtLink(
        rig.port, endpoint, device, standard_profiles(), rig.sink, rig.clock, Settings(), exhibit=True
    )  # fmt: skip


@pytest.mark.parametrize("function", ["0", "4"])
def test_in_a_lab_it_is_switched_on_and_said(function: str) -> None:
    rig = Rig()
    rig.modem.answers |= {"AT+CFUN?": (f"+CFUN: {function}", "OK"), "AT+CFUN=1": ("OK",)}
    facts = rig.link().bring_up()
    assert rig.modem.said.count("AT+CFUN=1") == 1
    assert any("radio was off" in note for note in facts.notes)


def test_a_radio_that_is_on_is_left_so() -> None:
    rig = Rig()
    rig.modem.answers["AT+CFUN?"] = ("+CFUN: 1", "OK")
    assert not rig.link().bring_up().notes
    assert not [line for line in rig.modem.said if line.startswith("AT+CFUN=")]


def test_on_an_exhibit_it_stays_off() -> None:
    rig = Rig()
    rig.modem.answers["AT+CFUN?"] = ("+CFUN: 4", "OK")
    with pytest.raises(GuardStop, match="exhibit"):
        _exhibit(rig).bring_up()
    assert not [line for line in rig.modem.said if line.startswith("AT+CFUN=")]


def test_one_that_does_not_go_on_is_told() -> None:
    rig = Rig()
    rig.modem.answers |= {"AT+CFUN?": ("+CFUN: 4", "OK"), "AT+CFUN=1": ("ERROR",)}
    with pytest.raises(LinkLost, match="does not go on"):
        rig.link().bring_up()


def test_a_mark_is_kept_and_read_again() -> None:
    rig = Rig()
    rig.modem.answers |= {"ATS7?": ("060", "OK"), "ATS7=120": ("OK",)}
    link = rig.link()
    link.bring_up()
    assert link.mark() == 60
    assert not link.set_mark(120)
    rig.modem.answers["ATS7?"] = ("120", "OK")
    assert link.set_mark(120)
    assert link.mark() == 120


def test_a_modem_without_that_register_has_no_mark() -> None:
    rig = Rig()
    rig.modem.answers |= {"ATS7?": ("ERROR",), "ATS7=120": ("ERROR",)}
    link = rig.link()
    link.bring_up()
    assert link.mark() is None
    assert not link.set_mark(120)


def test_after_a_sign_of_another_sim_the_mark_says_nothing() -> None:
    rig = Rig()
    rig.modem.answers |= {"ATS7?": ("120", "OK"), "ATS7=120": ("OK",)}
    link = rig.link()
    link.bring_up()
    assert link.set_mark(120)
    rig.modem.say("+CPIN: NOT READY", "+CPIN: READY")
    link.listen(0.1)
    assert link.mark() is None
