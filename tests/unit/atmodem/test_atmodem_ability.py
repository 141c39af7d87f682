"""Does it really send? Told by questions alone: what answers AT and refuses +CMGS, or routes no reports."""

from __future__ import annotations

import pytest

from gsmsend.contract import Endpoint, OpenOptions
from gsmsend.errors import LinkLost
from gsmsend.model import Facts
from gsmsend_atmodem import DRIVER
from tests.unit.atmodem.fake_modem import FakeModem, Rig

OFFERS: dict[str, tuple[str, ...] | None] = {
    "AT+CSMS?": ("+CSMS: 0,1,1,1", "OK"),
    "AT+CMGF=?": ("+CMGF: (0,1)", "OK"),
    "AT+CMGS=?": ("OK",),
}
ASKED = {"AT+CSMS?", "AT+CMGF=?", "AT+CMGS=?", "AT+CNMI=?", "AT+CSMS=?"}


def inspect(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, tuple[str, ...] | None]
) -> tuple[Facts, FakeModem]:
    rig = Rig(FakeModem(OFFERS | answers))
    monkeypatch.setattr("gsmsend_atmodem.driver.open_port", lambda *_: rig.port)
    monkeypatch.setattr("gsmsend_atmodem.driver._SteadyClock", lambda: rig.clock)
    return DRIVER.inspect(Endpoint("atmodem", "/dev/ttyACM0"), OpenOptions()), rig.modem


def test_what_sends_and_reports_has_no_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    facts, modem = inspect(monkeypatch, {})
    assert (facts.sends, facts.reports, facts.notes) == (True, True, ())
    assert set(modem.said) >= ASKED
    assert not modem.on_air


@pytest.mark.parametrize(
    "answers",
    [
        {"AT+CMGS=?": ("ERROR",)},
        {"AT+CMGS=?": ("+CMS ERROR: 303",)},
        {"AT+CMGS=?": ("+CME ERROR: 4",)},
        {"AT+CMGS=?": ("COMMAND NOT SUPPORT",)},
        {"AT+CSMS?": ("+CSMS: 0,1,0,1", "OK")},
    ],
    ids=["error", "cms", "cme", "words", "no-mobile-originated"],
)
def test_what_refuses_to_send_is_told_so(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, tuple[str, ...] | None]
) -> None:
    facts, modem = inspect(monkeypatch, answers)
    assert facts.notes[0].startswith("It answers AT but offers no sending of texts (+CMGS)")
    assert not facts.sends
    assert not any(line.startswith("AT+CMGS=") and line != "AT+CMGS=?" for line in modem.said)


def test_text_mode_alone_is_no_way_to_send(monkeypatch: pytest.MonkeyPatch) -> None:
    facts, _ = inspect(monkeypatch, {"AT+CMGF=?": ("+CMGF: (1)", "OK")})
    assert "text mode only" in facts.notes[0]
    assert not facts.sends


@pytest.mark.parametrize(
    "answers",
    [
        {"AT+CNMI=?": ("+CNMI: (0-2),(0,1),(0),(0),(0,1)", "OK")},
        {"AT+CNMI=?": ("ERROR",), "AT+CNMI?": ("ERROR",)},
    ],
    ids=["ds-zero-only", "no-such-command"],
)
def test_what_sends_and_routes_no_reports_is_told_so(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, tuple[str, ...] | None]
) -> None:
    facts, _ = inspect(monkeypatch, answers)
    assert facts.notes == ("It sends, but cannot route delivery reports (+CNMI): texts stay unconfirmed.",)
    assert (facts.sends, facts.reports) == (True, False)


@pytest.mark.parametrize("question", sorted(ASKED))
def test_no_answer_says_nothing_against_it(monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    facts, _ = inspect(monkeypatch, {question: None})
    assert facts.notes == ()


def test_one_that_tells_its_routing_and_not_what_it_offers_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    facts, _ = inspect(monkeypatch, {"AT+CNMI=?": ("ERROR",)})
    assert facts.reports


def test_without_its_sim_it_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a SIM some refuse +CMGS=? that have it."""
    facts, modem = inspect(monkeypatch, {"AT+CPIN?": ("+CPIN: SIM PIN", "OK"), "AT+CMGS=?": ("+CMS ERROR: 311",)})
    assert facts.notes == ()
    assert "AT+CMGS=?" not in modem.said


def test_no_text_is_tried_on_what_says_that_it_sends_none() -> None:
    rig = Rig(FakeModem({"AT+CSMS?": ("+CSMS: 0,1,0,1", "OK")}))
    with pytest.raises(LinkLost, match=r"answers AT but sends no texts \(\+CSMS: 0,1,0,1\)"):
        rig.link().bring_up()
    assert not any(line.startswith("AT+CMGS") for line in rig.modem.said)
