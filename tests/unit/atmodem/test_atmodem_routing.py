"""How reports and texts are routed, by what the modem offers; never to the SIM's own memory."""

from __future__ import annotations

import pytest

from gsmsend.testing.driver_suite import OnAir
from tests.unit.atmodem.fake_modem import Rig

PART = OnAir("+447700900123", "Help is there", 12)
ALL = "+CNMI: (0-3),(0-3),(0,2),(0-2),(0,1)"


def brought_up(
    cnmi: str = ALL, csms: str = "(0,1)", cpms: str = '("SM","ME","SR"),("SM","ME"),("SM","ME")'
) -> Rig:
    rig = Rig()
    rig.modem.answers |= {
        "AT+CNMI=?": (cnmi, "OK"),
        "AT+CSMS=?": (f"+CSMS: {csms}", "OK"),
        "AT+CPMS=?": (f"+CPMS: {cpms}", "OK"),
    }
    rig.the_link = rig.link()  # type: ignore[attr-defined]
    rig.facts = rig.the_link.bring_up()  # type: ignore[attr-defined]
    return rig


@pytest.mark.parametrize(
    ("offer", "cnmi", "said", "note"),
    [
        ({}, "2,2,0,1,0", "AT+CSMS=1", ""),
        ({"csms": "0"}, "2,1,0,2,0", 'AT+CPMS="ME","ME","ME"', ""),
        ({"csms": "(0)", "cpms": '("SM"),("SM"),("SM")'}, "2,2,0,1,0", "AT+CSMS=0", "keeps none"),
        ({"cnmi": "+CNMI: (0,1),(0-3),(0,2),(0,1),(0)"}, "1,2,0,1,0", "AT+CSMS=1", ""),
        ({"cnmi": "+CNMI: (0-2),(0,1,2),0,(0,1),1"}, "2,2,0,1,1", "AT+CSMS=1", ""),
        ({"cnmi": "+CNMI: (0-2),(0,1),0,(0,1),0"}, "2,1,0,1,0", 'AT+CPMS="ME","ME","ME"', ""),
        ({"cnmi": "+CNMI: (0-2),(0-3),0,(0),0"}, "2,2,0,0,0", "AT+CSMS=1", "no delivery reports"),
        ({"cnmi": "+CNMI: ", "csms": "0", "cpms": ""}, "2,2,0,1,0", "AT+CSMS=0", "keeps none"),
    ],
)  # fmt: skip
def test_the_best_way_that_is_offered(offer: dict[str, str], cnmi: str, said: str, note: str) -> None:
    rig = brought_up(**offer)
    assert rig.modem.cnmi == cnmi
    assert said in rig.modem.said
    assert not [line for line in rig.modem.said if '"SM"' in line]
    assert note in " ".join(rig.facts.notes)  # type: ignore[attr-defined]
    assert bool(note) == bool(rig.facts.notes)  # type: ignore[attr-defined]


def test_a_mode_that_is_listed_and_refused_gives_way_to_the_next() -> None:
    rig = Rig()
    rig.modem.answers["AT+CNMI=2,2,0,1,0"] = ("+CMS ERROR: 303",)
    rig.up()
    assert rig.modem.cnmi == "1,2,0,1,0"


def test_service_one_refused_after_all() -> None:
    rig = Rig()
    rig.modem.answers["AT+CSMS=1"] = ("ERROR",)
    rig.up()
    assert rig.modem.csms == 0


def test_no_way_at_all_still_sends() -> None:
    rig = Rig()
    for mode in range(4):
        for rest in ("2,0,1,0", "1,0,2,0", "2,0,2,0", "1,0,1,0"):
            rig.modem.answers[f"AT+CNMI={mode},{rest}"] = ("ERROR",)
    facts = rig.link().bring_up()
    assert not facts.reports
    assert "no delivery reports" in facts.notes[0]


FULL = ("+CPMS: 95,100,95,100,95,100", "OK")


def test_a_nearly_full_memory_is_said_read_and_spared_and_nothing_is_deleted() -> None:
    rig = Rig()
    rig.modem.cnmi = "2,1,0,2,0"
    rig.modem.report(PART)
    rig.modem.answers |= {"AT+CSMS=?": ("+CSMS: (0)", "OK"), 'AT+CPMS="ME","ME","ME"': FULL}
    facts = rig.link().bring_up()
    assert "(ME) is nearly full, 95 of 100" in facts.notes[0]
    assert rig.modem.cnmi == "2,2,0,1,0"
    assert [report.how for report in rig.sink.reports] == ["sweep"]
    assert not [line for line in rig.modem.said if "CMGD" in line]


def test_a_memory_that_fills_up_while_we_send_gives_way_to_the_direct_way() -> None:
    rig = Rig()
    rig.modem.answers |= {
        "AT+CSMS=?": ("+CSMS: (0)", "OK"),
        'AT+CPMS="ME","ME","ME"': ("+CPMS: 0,10,0,10,0,10", "OK"),
    }
    link = rig.up()
    rig.modem.answers['AT+CPMS="ME","ME","ME"'] = ("+CPMS: 9,10,9,10,9,10", "OK")
    for number in range(12):
        rig.modem.report(OnAir("+447700900123", "Help is there", number))
        link.listen(0.1)
    assert [report.reference for report in rig.sink.reports] == list(range(12))
    assert [report.how for report in rig.sink.reports] == ["CDSI"] * 9 + ["CDS"] * 3
    assert "nearly full" in rig.sink.facts[-1].notes[-2]


def test_what_was_stored_while_we_were_away_is_read() -> None:
    rig = Rig()
    rig.modem.csms, rig.modem.cnmi = 0, "2,1,0,2,0"
    rig.modem.report(PART, 0)
    rig.modem.inbound("+447700900123", "Please call me")
    rig.modem.answers["AT+CSMS=?"] = ("+CSMS: (0)", "OK")
    rig.link().bring_up()
    assert [(report.reference, report.how) for report in rig.sink.reports] == [(12, "sweep")]
    assert [(inbound.text, inbound.how) for inbound in rig.sink.inbounds] == [("Please call me", "sweep")]


def test_stored_reports_and_texts_are_read_when_indicated() -> None:
    rig = Rig()
    rig.modem.answers["AT+CSMS=?"] = ("+CSMS: (0)", "OK")
    link = rig.up()
    rig.modem.report(PART, 0)
    rig.modem.inbound("+447700900123", "Please call me")
    link.listen(1)
    assert [(report.reference, report.how) for report in rig.sink.reports] == [(12, "CDSI")]
    assert [(inbound.text, inbound.how) for inbound in rig.sink.inbounds] == [("Please call me", "CMTI")]
    assert rig.modem.memory == "ME"


def test_a_text_on_the_sim_is_left_there_unread() -> None:
    rig = Rig()
    link = rig.up()
    rig.modem.say('+CMTI: "SM",3')
    link.listen(1)
    assert rig.modem.said == []
    assert "left on the SIM" in rig.sink.facts[-1].notes[-1]
