"""What the SIM and the modem hold: counted with nothing altered, whatever the modem refuses."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gsmsend.contract import StorageState
from gsmsend.model import OutcomeKind
from gsmsend.testing.driver_suite import Commit, part
from gsmsend_atmodem.link import AtLink
from tests.unit.atmodem.fake_modem import ANSWERS, FakeModem, Rig

SMSS = "AT+CRSM=176,28483,0,0,2"


@dataclass
class Modem(FakeModem):
    def _special(self, line: str) -> tuple[str, ...] | None:
        return self.counted(line) or super()._special(line)


def rig_with(**answers: tuple[str, ...] | None) -> Rig:
    rig = Rig(Modem())
    rig.modem.stored = {"SM": {1: "00", 2: "00"}, "ME": {1: "00"}, "SR": {}}
    rig.modem.answers |= {SMSS: ('+CRSM: 144,0,"29FF"', "OK"), **answers}
    return rig


def counted(rig: Rig, *, exhibit: bool = True, within_s: float = 5.0) -> tuple[AtLink, StorageState]:
    link = rig.link(exhibit=exhibit)
    link.bring_up()
    rig.modem.said.clear()
    return link, link.storage(within_s)


def test_an_exhibit_is_counted_whole_and_left_as_it_was() -> None:
    rig = rig_with()
    _, state = counted(rig)
    # The fake answers every selection with 1 of 20.
    assert state.texts == {"SM": (2, 20), "ME": (1, 20), "SR": (1, 20)}
    assert state.phonebooks == {"SM": (7, 250), "ME": (3, 250)}
    assert state.counter == 0x29
    assert state.settings["CNMI"] == rig.modem.cnmi
    assert not state.not_read
    assert (rig.modem.memory, rig.modem.phonebook) == ("SM", "SM")
    kinds = {line.removeprefix("AT").partition("=")[0].rstrip("?") for line in rig.modem.said}
    assert kinds <= {"+CMGF", "+CPMS", "+CPBS", "+CRSM", "+CSMS", "+CNMI", "+CSMP", "+CPIN", "+CIMI", "+CCID", ""}


def test_settings_are_kept_as_they_were_found_before_ours() -> None:
    rig = rig_with()
    rig.modem.cnmi = "1,1,0,0,0"
    _, state = counted(rig)
    assert state.found["CNMI"] == "1,1,0,0,0"
    assert state.settings["CNMI"] != "1,1,0,0,0"
    assert state.found["CPMS"].startswith('"SM",2,20')


def test_in_a_lab_nothing_is_selected() -> None:
    rig = rig_with()
    _, state = counted(rig, exhibit=False)
    assert state.texts == {"SM": (2, 20)}
    assert not state.phonebooks
    assert not [line for line in rig.modem.said if line.startswith(("AT+CPMS=", "AT+CPBS="))]


def test_what_a_modem_refuses_is_said_and_the_rest_is_read() -> None:
    rig = rig_with(**{"AT+CPMS?": ("ERROR",), "AT+CPBS?": ("+CME ERROR: 14",), SMSS: ("ERROR",)})
    link, state = counted(rig)
    assert (dict(state.texts), dict(state.phonebooks), state.counter) == ({}, {}, None)
    assert state.not_read == ("+CPMS?: refused", "+CPBS?: refused")
    assert state.settings["CMGF"] == "0"
    assert link.submit(part(), Commit(_Bench())).kind is OutcomeKind.ACCEPTED  # type: ignore[arg-type]


def test_a_modem_that_falls_silent_is_asked_no_more_and_not_for_long() -> None:
    rig = rig_with(**{'AT+CPBS="ME"': None})
    link = rig.link(exhibit=True)
    link.bring_up()
    rig.modem.said.clear()
    took = rig.elapsed(lambda: link.storage(5.0))
    assert took < 15
    assert rig.modem.said.count('AT+CPBS="ME"') == 1
    assert rig.modem.said[-1] == 'AT+CPBS="SM"', "set back, and nothing after"
    assert link.submit(part(), Commit(_Bench())).kind is OutcomeKind.ACCEPTED  # type: ignore[arg-type]


def test_a_selection_that_is_not_taken_back_has_the_modem_set_up_again() -> None:
    rig = rig_with()
    link = rig.link(exhibit=True)
    link.bring_up()
    rig.modem.said.clear()
    rig.modem.garbled['AT+CPMS="SM"'] = ("ERROR",)
    link.storage(5.0)
    assert link.submit(part(), Commit(_Bench())).kind is OutcomeKind.ACCEPTED  # type: ignore[arg-type]
    after = rig.modem.said[rig.modem.said.index('AT+CPMS="SM"') + 1 :]
    assert "AT+CMGF=0" in after, "everything is set up again"
    assert after.index("AT+CMGF=0") < next(at for at, line in enumerate(after) if line.startswith("AT+CMGS="))


def test_while_the_answer_to_a_text_is_awaited_nothing_is_asked() -> None:
    rig = rig_with()
    link = rig.link(exhibit=True)
    link.bring_up()
    rig.modem.mute = True
    assert link.submit(part(), Commit(_Bench())).kind is OutcomeKind.UNKNOWN  # type: ignore[arg-type]
    rig.modem.said.clear()
    assert "awaited" in " ".join(link.storage(5.0).not_read)
    assert not rig.modem.said


@pytest.mark.parametrize("said", ["", '"SM"', '"SM",x,y', '"SM",3', '"AT+CFUN=0",1,2', ",,", '"SM",3,20,"ME"'])
def test_whatever_a_modem_says_of_its_memories_nothing_strange_is_asked(said: str) -> None:
    rig = rig_with(**{"AT+CPMS?": (f"+CPMS: {said}", "OK"), "AT+CPBS?": (f"+CPBS: {said}", "OK")})
    counted(rig)
    assert all(line.removeprefix("AT").partition("=")[0] in ("", "+CPMS", "+CPBS", "+CRSM") or line in ANSWERS
               or line.endswith("?") for line in rig.modem.said)  # fmt: skip
    assert not any("CFUN" in line for line in rig.modem.said)


class _Bench:
    def on_air(self) -> list[object]:
        return []
