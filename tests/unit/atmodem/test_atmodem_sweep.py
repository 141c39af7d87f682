"""What the modem's own memories hold is read when it is set up, whatever the way; the SIM's never is."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from gsmsend.model import Device, fingerprint
from gsmsend.testing.driver_suite import OnAir
from gsmsend_atmodem.link import AtLink
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.settings import Settings
from tests.unit.atmodem.fake_modem import FakeModem, Rig

PART = OnAir("+447700900123", "Help is there", 12)
SIM800 = {
    "AT+CGMI": ("SIMCOM_Ltd", "OK"),
    "AT+CGMM": ("SIMCOM_SIM800L", "OK"),
}
CINTERION = {"AT+CGMI": ("Cinterion", "OK"), "AT+CGMM": ("EHS6", "OK")}


@dataclass
class Storing(FakeModem):
    """Says what its memories hold, keeps 'unread', and after a restart stores what comes without a word."""

    unread: set[tuple[str, int]] = field(default_factory=set)
    report_memory: str = "ME"

    def keep(self, memory: str, pdu: str) -> None:
        index = len(self.stored[memory]) + 1
        self.stored[memory][index] = pdu
        self.unread.add((memory, index))

    def deliver(self, prefix: str, pdu: str) -> None:
        if self.cnmi == "0,0,0,0,0":
            self.keep(self.report_memory if prefix == "+CDS:" else "ME", pdu)
        else:
            super().deliver(prefix, pdu)

    def _special(self, line: str) -> tuple[str, ...] | None:
        memory, held = self.memory, len(self.stored[self.memory])
        if line == "AT+CPMS?":
            mine = len(self.stored["ME"])
            return (f'+CPMS: "{memory}",{held},20,"ME",{mine},20,"ME",{mine},20', "OK")
        if line.startswith("AT+CPMS=") and line[-1] != "?":
            self.memory = line[9:11]
            used = len(self.stored[self.memory])
            return (f"+CPMS: {used},20,{used},20,{used},20", "OK")
        if line in {"AT+CMGL=4", "AT+CMGL=4,1", "AT^SMGL=4"}:
            if line == "AT+CMGL=4":
                self.unread -= {(memory, index) for index in self.stored[memory]}
            lines: list[str] = []
            for index, pdu in self.stored[memory].items():
                lines += [f"{line[2:7]}: {index},0,,{len(pdu) // 2 - 1}", pdu]
            return (*lines, "OK")
        return super()._special(line)


def rig_with(report_memory: str = "ME", memory: str = "SM", **answers: tuple[str, ...]) -> Rig:
    modem = Storing(report_memory=report_memory, memory=memory)
    modem.answers |= answers
    return Rig(modem)


def stored_before(rig: Rig) -> None:
    rig.modem.report(PART)
    rig.modem.inbound("+447700900123", "Please call me")


def exhibit(rig: Rig) -> AtLink:
    from gsmsend.contract import Endpoint

    return AtLink(
        rig.port, Endpoint("atmodem", rig.port.address), Device("atmodem", rig.port.address),
        standard_profiles(), rig.sink, rig.clock, Settings(), exhibit=True,
    )  # fmt: skip


def came(rig: Rig) -> tuple[list[int | None], list[str]]:
    ways = [report.how for report in rig.sink.reports] + [text.how for text in rig.sink.inbounds]
    assert set(ways) <= {"sweep"}
    return [report.reference for report in rig.sink.reports], [text.text for text in rig.sink.inbounds]


@pytest.mark.parametrize("report_memory", ["ME", "SR"])
@pytest.mark.parametrize("way", ["acknowledged", "stored", "direct"])
def test_what_came_before_the_set_up_is_read_whatever_the_way(report_memory: str, way: str) -> None:
    rig = rig_with(report_memory)
    if way != "acknowledged":
        rig.modem.answers["AT+CSMS=?"] = ("+CSMS: (0)", "OK")
    if way == "direct":
        rig.modem.answers["AT+CPMS=?"] = ('+CPMS: ("ME","SM","SR"),("SM"),("SM")', "OK")
    stored_before(rig)
    rig.link().bring_up()
    assert came(rig) == ([12], ["Please call me"])


def test_what_came_between_a_restart_and_the_set_up_is_read() -> None:
    rig = rig_with()
    link = rig.up()
    rig.modem.restart("RDY")
    rig.modem.report(PART)
    assert rig.sink.reports == []
    link.listen(1)
    assert came(rig) == ([12], [])
    assert rig.modem.cnmi == "2,2,0,1,0"


@pytest.mark.parametrize("memory", ["SM", "ME", "MT"])
def test_the_memory_that_is_read_from_is_as_found_afterwards(memory: str) -> None:
    rig = rig_with("SR", memory)
    rig.modem.stored["MT"] = {}
    rig.modem.answers["AT+CPMS=?"] = ('+CPMS: ("SM","MT","ME","SR"),("SM","ME"),("SM","ME")', "OK")
    stored_before(rig)
    rig.link().bring_up()
    assert came(rig) == ([12], ["Please call me"])
    assert rig.modem.memory == memory


@pytest.mark.parametrize("memory", ["SM", "ME"])
def test_the_sims_memory_is_never_read(memory: str) -> None:
    rig = rig_with(memory=memory)
    rig.modem.stored["MT"] = {}
    rig.modem.answers["AT+CPMS=?"] = ('+CPMS: ("SM","MT","ME","SR"),("SM","ME"),("SM","ME")', "OK")
    rig.modem.inbound("+447700900123", "Please call me")
    rig.modem.keep("SM", rig.modem.stored["ME"][1])  # type: ignore[attr-defined]
    rig.link().bring_up()
    reading = [line for line in rig.modem.said if line.startswith(("AT+CPMS=", "AT+CMGL", "AT+CMGR"))]
    selected = memory
    for line in reading:
        if line.startswith('AT+CPMS="'):
            selected = line[9:11]
        elif line.startswith("AT+CMG"):
            assert selected in {"ME", "SR"}
    assert ("SM", 1) in rig.modem.unread  # type: ignore[attr-defined]
    assert came(rig) == ([], ["Please call me"])


def test_the_facts_tell_what_lay_in_all_of_its_own_memories() -> None:
    rig = rig_with("SR")
    stored_before(rig)
    pdus = [*rig.modem.stored["SR"].values(), *rig.modem.stored["ME"].values()]
    assert sorted(rig.link().bring_up().device.holds or ()) == sorted(map(fingerprint, pdus))
    assert rig_with().link().bring_up().device.holds == ()


@pytest.mark.parametrize("command", ["AT+CPMS?", 'AT+CPMS="ME"', "AT+CMGL=4"])
def test_what_could_not_be_read_to_the_end_is_told_as_unknown(command: str) -> None:
    rig = rig_with("SR")
    rig.modem.answers[command] = ("ERROR",)
    stored_before(rig)
    assert rig.link().bring_up().device.holds is None


def test_empty_memories_are_not_listed() -> None:
    rig = rig_with()
    rig.link().bring_up()
    assert not [line for line in rig.modem.said if line.startswith("AT+CMGL")]


@pytest.mark.parametrize("answer", [("ERROR",), ("OK",), ("+CPMS: ", "OK"), None])
def test_a_modem_that_does_not_say_where_it_reads_from_is_left_alone(answer: tuple[str, ...] | None) -> None:
    rig = rig_with()
    rig.modem.answers["AT+CPMS?"] = answer
    stored_before(rig)
    rig.link().bring_up()
    assert came(rig) == ([], [])
    assert not [line for line in rig.modem.said if line.startswith('AT+CPMS="')]


@pytest.mark.parametrize("command", ['AT+CPMS="ME"', 'AT+CPMS="SR"', "AT+CMGL=4"])
@pytest.mark.parametrize("answer", [("ERROR",), None])
def test_a_memory_that_cannot_be_read_hinders_nothing(command: str, answer: tuple[str, ...] | None) -> None:
    rig = rig_with("SR")
    rig.modem.answers[command] = answer
    stored_before(rig)
    assert rig.link().bring_up().registration.usable
    assert rig.modem.memory == "SM"


@pytest.mark.parametrize("command", ['AT+CPMS="ME"', "AT+CMGL=4"])
def test_an_answer_that_was_cut_is_asked_for_again(command: str) -> None:
    rig = rig_with(memory="SM")
    rig.modem.garbled = {command: ("+C",)}
    stored_before(rig)
    rig.link().bring_up()
    assert came(rig) == ([12], ["Please call me"])
    assert rig.modem.memory == "SM"


def test_on_an_exhibit_nothing_unread_becomes_read() -> None:
    rig = rig_with(memory="ME")
    stored_before(rig)
    before = set(rig.modem.unread)  # type: ignore[attr-defined]
    facts = exhibit(rig).bring_up()
    assert rig.modem.unread == before  # type: ignore[attr-defined]
    assert came(rig) == ([], [])
    assert "(ME) holds 2 texts or reports" in facts.notes[-1]
    assert "exhibit" in facts.notes[-1]
    assert not [line for line in rig.modem.said if line.startswith('AT+CPMS="')]


def test_on_an_exhibit_with_empty_memories_nothing_is_said() -> None:
    assert exhibit(rig_with(memory="ME")).bring_up().notes == ()


@pytest.mark.parametrize("family", [SIM800, CINTERION], ids=["sim800", "cinterion"])
def test_a_modem_that_can_leave_unread_alone_is_read_on_an_exhibit_too(family: dict[str, tuple[str, ...]]) -> None:
    rig = rig_with()
    rig.modem.answers |= family
    stored_before(rig)
    before = set(rig.modem.unread)  # type: ignore[attr-defined]
    assert exhibit(rig).bring_up().notes == ()
    assert rig.modem.unread == before  # type: ignore[attr-defined]
    assert came(rig) == ([12], ["Please call me"])


def test_all_that_leave_unread_alone_say_so_of_both_commands() -> None:
    generic = standard_profiles().generic
    for profile in standard_profiles().all:
        if profile.keeps_unread:
            assert profile.list_command != generic.list_command, profile.name
            assert profile.read_command != generic.read_command, profile.name


def test_on_an_exhibit_nothing_is_stored_in_the_modem() -> None:
    rig = rig_with(memory="ME")
    rig.modem.answers |= {"AT+CSMS=?": ("+CSMS: 0", "OK")}
    facts = exhibit(rig).bring_up()
    assert not any("AT+CPMS=" in line and "?" not in line for line in rig.modem.said)
    assert "AT+CNMI=2,2,0,1,0" in rig.modem.said
    assert any("not running are lost" in note for note in facts.notes)
