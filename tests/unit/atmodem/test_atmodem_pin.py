"""A SIM that asks for its PIN: typed once if the desk says so, shown nowhere, never again once refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gsmsend.at import Session
from gsmsend.contract import Endpoint, OpenOptions
from gsmsend.errors import DriverError, GuardStop, LinkLost
from gsmsend.model import Device, Sim
from gsmsend.testing.driver_suite import Commit, OnAir, part
from gsmsend_atmodem import DRIVER
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.link import AtLink
from gsmsend_atmodem.profile import Profile
from gsmsend_atmodem.profile_file import FOLDER, read_profile, standard_profiles
from gsmsend_atmodem.settings import Settings
from gsmsend_atmodem.transcript import Transcript, masked
from gsmsend_atmodem.unlocking import tries_left
from tests.unit.atmodem.fake_modem import ICCID, OTHER_ICCID, FakeModem, Rig

PIN = "7391"
TYPED = f'AT+CPIN="{PIN}"'


@dataclass
class Locked(FakeModem):
    """A modem whose SIM wants `right`; what it `says` to that may be changed, `counts` is how it tells tries."""

    right: str = PIN
    tries: int = 3
    locked: bool = True
    says: tuple[str, ...] | None = ("OK",)
    counts: str = "AT+CPINR"

    def _special(self, line: str) -> tuple[str, ...] | None:
        if line == "AT+CPIN?":
            wanted = "READY" if not self.locked else "SIM PIN" if self.tries else "SIM PUK"
            return (f"+CPIN: {wanted}", "OK")
        if line.startswith("AT+CPIN="):
            return self._enter_pin(line[8:].strip('"'))
        if line == self.counts == "AT+CPINR":
            return (f"+CPINR: SIM PIN,{self.tries},3", "+CPINR: SIM PUK,10,10", "OK")
        if line == "AT+CIMI" and self.locked:
            return ("+CME ERROR: 11",)
        return super()._special(line)

    def _enter_pin(self, pin: str) -> tuple[str, ...]:
        if pin != self.right:
            self.tries -= 1
            return ("+CME ERROR: 16",)
        self.locked, self.tries = False, 3
        return self.says or ()


@dataclass
class Desk:
    """Hands the PIN out as often as it is asked; keeps what it was asked and told."""

    gives: str | GuardStop = PIN
    asked: list[tuple[str | None, int | None]] = field(default_factory=list)
    taken: list[str | None] = field(default_factory=list)

    def pin(self, sim: Sim, tries_left: int | None) -> str:
        self.asked.append((sim.iccid, tries_left))
        if isinstance(self.gives, GuardStop):
            raise self.gives
        return self.gives

    def accepted(self, sim: Sim) -> None:
        self.taken.append(sim.iccid)


@dataclass
class Bench:
    """A rig with a locked SIM, a desk, and a transcript."""

    folder: Path
    modem: Locked = field(default_factory=Locked)
    desk: Desk = field(default_factory=Desk)

    def __post_init__(self) -> None:
        self.rig = Rig(self.modem)

    def link(self, *, recorded: bool = False) -> AtLink:
        rig, address = self.rig, self.rig.port.address
        transcript = (
            Transcript(self.folder / "t", address, rig.clock.monotonic(), rig.clock.now()) if recorded else None
        )
        return AtLink(
            rig.port, Endpoint("atmodem", address), Device("atmodem", address), standard_profiles(), rig.sink,
            rig.clock, Settings(), transcript, pins=self.desk,
        )  # fmt: skip

    def transcript(self) -> str:
        return (self.folder / "t").read_text()

    def on_air(self) -> list[OnAir]:
        return self.modem.on_air

    def typed(self) -> list[str]:
        return [line for line in self.modem.said if line.startswith("AT+CPIN=")]


def test_the_right_pin_is_typed_once_and_the_line_works(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    link = bench.link()
    facts = link.bring_up()
    assert bench.desk.asked == [(ICCID, 3)]
    assert bench.desk.taken == [ICCID]
    assert bench.typed() == [TYPED]
    assert (facts.sim_state, facts.sim.iccid, facts.sim.imsi) == ("READY", ICCID, "001010000000001")
    link.submit(part(), Commit(bench))  # type: ignore[arg-type]
    assert len(bench.modem.on_air) == 1


def test_a_refused_pin_stops_the_line_in_plain_words_and_is_not_typed_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Locked(right="0000"))
    link = bench.link()
    for _ in range(2):
        with pytest.raises(
            GuardStop, match="refused its PIN, and 2 tries are left; it is not typed again"
        ) as stop:
            link.bring_up()
    assert ICCID in str(stop.value)
    assert "approval" in stop.value.remedy
    assert bench.typed() == [TYPED]
    assert bench.desk.taken == []


def test_a_pin_that_blocks_the_sim_is_told_as_such(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Locked(right="0000", tries=1))
    with pytest.raises(GuardStop, match="blocked now: it asks for its PUK"):
        bench.link().bring_up()
    assert bench.typed() == [TYPED]


def test_a_puk_is_never_typed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Locked(tries=0))
    with pytest.raises(GuardStop, match="PUK"):
        bench.link().bring_up()
    assert bench.typed() == []
    assert bench.desk.asked == []


def test_what_the_desk_forbids_is_not_typed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, desk=Desk(GuardStop("one try is left")))
    with pytest.raises(GuardStop, match="one try is left"):
        bench.link().bring_up()
    assert bench.typed() == []


def test_a_number_of_tries_that_is_not_told_is_unknown_to_the_desk(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Locked(counts=""))
    bench.link().bring_up()
    assert bench.desk.asked == [(ICCID, None)]


def test_the_sim_is_waited_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.modem._enter_pin = lambda _: _later(bench)  # type: ignore[method-assign, assignment]
    assert 3 <= bench.rig.elapsed(bench.link().bring_up) < 6
    assert bench.desk.taken == [ICCID]


def _later(bench: Bench) -> tuple[str, ...]:
    bench.modem.later.append((bench.rig.clock.monotonic() + 3, lambda: setattr(bench.modem, "locked", False)))
    return ("OK",)


@pytest.mark.parametrize("unlocks", [True, False])
def test_silence_after_the_pin_is_settled_by_asking(tmp_path: Path, unlocks: bool) -> None:
    bench = Bench(tmp_path, Locked(says=None))
    if not unlocks:
        bench.modem._enter_pin = lambda _: ()  # type: ignore[method-assign, assignment]
        with pytest.raises(GuardStop, match="gave no answer to its PIN, and 3 tries are left"):
            bench.link().bring_up()
    else:
        bench.link().bring_up()
    assert bench.typed() == [TYPED]
    assert bench.desk.taken == [ICCID] * unlocks


def test_a_modem_that_restarts_while_sending_gets_its_pin_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    link = bench.link()
    link.bring_up()
    bench.modem.locked = True
    bench.modem.restart("RDY")
    link.listen(1)
    assert bench.desk.taken == [ICCID] * 2


def test_the_pin_is_not_typed_into_another_sim(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    link = bench.link()
    link.bring_up()
    bench.modem.locked = True
    bench.modem.answers["AT+CCID"] = (f"+CCID: {OTHER_ICCID}", "OK")
    bench.modem.say("+CPIN: SIM PIN")
    with pytest.raises(GuardStop, match=OTHER_ICCID):
        link.listen(1)
    assert len(bench.desk.asked) == 1


# -- shown nowhere -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", [PIN, "0000"])
@pytest.mark.parametrize("echo", ["once", "always", "broken"])
def test_the_digits_are_in_no_transcript_error_or_repr(tmp_path: Path, right: str, echo: str) -> None:
    bench = Bench(tmp_path, Locked(right=right))
    if echo != "once":
        bench.modem.answers["ATE0"] = ("ERROR",)
    if echo == "broken":
        bench.modem.says = (f"+CPIN={PIN}", f'"{PIN}"', PIN, f"x{TYPED}y", "OK")
    link = bench.link(recorded=True)
    told = ""
    try:
        told = repr(link.bring_up())
    except GuardStop as stop:
        told = f"{stop!r} {stop.words} {stop.__cause__!r} {stop.__context__!r}"
    link.close()
    assert bench.typed() == [TYPED]
    assert PIN not in bench.transcript()
    assert "AT+CPIN=" in bench.transcript()
    assert PIN not in told
    for thing in (link, link._modem, link._modem.facts, link._dialogue, link._dialogue._reply):
        assert PIN not in repr(thing)
    assert PIN not in repr(vars(link._dialogue.session))


@pytest.mark.parametrize("echo", ["once", "always"])
def test_what_records_the_dialogue_is_never_even_given_the_digits(
    tmp_path: Path, echo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    monkeypatch.setattr(Transcript, "trace", lambda *words: given.append(repr(words[1:])))
    bench = Bench(tmp_path)
    if echo == "always":
        bench.modem.answers["ATE0"] = ("ERROR",)
    link = bench.link(recorded=True)
    link.bring_up()
    link.close()
    assert bench.typed() == [TYPED]
    assert any("AT+CPIN=" in each for each in given)
    assert not any(PIN in each for each in given)


def test_a_port_lost_while_the_pin_is_typed_names_no_digits(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    write = bench.rig.port.write

    def lose(octets: bytes) -> None:
        write(octets)
        if PIN.encode() in octets:
            raise LinkLost("the modem is gone")

    bench.rig.port.write = lose  # type: ignore[method-assign]
    link = bench.link(recorded=True)
    with pytest.raises(LinkLost) as lost:
        link.bring_up()
    link.close()
    assert PIN not in lost.value.words + bench.transcript()
    assert bench.desk.taken == []


def test_a_reply_and_a_clash_of_commands_tell_no_digits() -> None:
    session = Session()
    session.send(TYPED, 5, 0, secret=True)
    assert PIN.encode() in session.data_to_send()
    with pytest.raises(ValueError, match="still under way") as clash:
        session.send("AT", 5, 0)
    assert PIN not in str(clash.value)
    (reply,) = session.receive(f"{TYPED}\r\r\n+CME ERROR: 16\r\n".encode(), 1)
    assert PIN not in repr(reply)
    session.send("AT+CSQ", 5, 1)
    (reply,) = session.receive(f"AT+CSQ\r\r\n+X: {PIN}\r\n\r\nOK\r\n".encode(), 1)
    assert PIN in repr(reply), "only the secret command's own answer is gone over"


@pytest.mark.parametrize("line", [TYPED, f"+CPIN={PIN}", f"xxAT+CPIN = {PIN},0000", PIN, f'"{PIN}"'])
@pytest.mark.parametrize("kind", ["command", "echo", "line"])
def test_a_late_echo_is_masked_too(line: str, kind: str) -> None:
    assert PIN not in masked("<", kind, line)


# -- how many tries are left -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "command", "lines", "left"),
    [
        ("generic", "AT+CPINR", ("+CPINR: SIM PIN2,1,3", "+CPINR: SIM PIN,3,3", "+CPINR: SIM PUK,10,10"), 3),
        ("generic", "AT+CPINR", ('+CPINR: "SIM PIN",2',), 2),
        ("generic", "AT+CPINR", ("+CPINR: SIM PUK,10,10",), None),
        ("huawei", "AT^CPIN?", ("^CPIN: SIM PIN,3,10,2,10,3",), 2),
        ("huawei", "AT^CPIN?", ("^CPIN: SIM PIN,,10,3,10,3",), 3),
        ("huawei", "AT^CPIN?", ("^CPIN: SIM PUK,10,10,0,10,3",), None),
        ("sim800", "AT+SPIC", ("+SPIC: 3,10,0,10",), 3),
        ("sim7600", "AT+SPIC", ("+SPIC: 1,10,0,10",), 1),
        ("quectel", "AT+QPINC?", ('+QPINC: "P2",1,10', '+QPINC: "SC",3,10'), 3),
        ("telit", "AT#PCT", ("#PCT: 2",), 2),
        ("sierra", "AT+CPINC?", ("+CPINC: 3,1,10,10",), 3),
        ("sierra", "AT+CPINC?", ("+CPINC: 999,1,10,10",), None),
        ("ublox", "AT+UPINCNT", ("+UPINCNT: 2,3,10,10",), 2),
        ("cinterion", 'AT^SPIC="SC"', ("^SPIC: 3",), 3),
        ("zte", "AT+ZPINPUK=?", ("+ZPINPUK: 2,10",), 2),
    ],
)
def test_how_many_tries_are_left(family: str, command: str, lines: tuple[str, ...], left: int | None) -> None:
    assert _asked(family, {command: (*lines, "OK")}) == left


@pytest.mark.parametrize("family", [profile.name for profile in standard_profiles().all])
def test_a_family_that_has_the_standard_command_too_is_asked_with_it(family: str) -> None:
    assert _asked(family, {"AT+CPINR": ("+CPINR: SIM PIN,3,3", "OK")}) == 3
    assert _asked(family, {}) is None
    assert _asked(family, {"AT+CPINR": None}) is None


def _asked(family: str, answers: dict[str, tuple[str, ...] | None]) -> int | None:
    profile = _profile(family)
    rig = Rig()
    rig.modem.answers |= answers
    dialogue = Dialogue(rig.port, profile, rig.clock)
    dialogue.wake()
    return tries_left(dialogue, profile)


def _profile(name: str) -> Profile:
    profiles = standard_profiles()
    return next(profile for profile in (profiles.generic, *profiles.all) if profile.name == name)


@pytest.mark.parametrize(
    "value",
    ["['AT+CPINR']", "['AT+CPINR', '(']", "['AT+CPINR', 'x']", "['AT+CPINR', '(x)(y)']", "['CPINR', '(x)']",
     "['AT+CPIN=1234', '(x)']", "'AT+CPINR'"],
)  # fmt: skip
def test_a_profile_says_it_right_or_is_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        f'name = "x"\ntitle = "X"\n[[quirk]]\nkey = "pin_tries"\nvalue = {value}\nsource = "a manual"\n'
    )
    with pytest.raises(DriverError, match="value is"):
        read_profile(path, read_profile(FOLDER / "generic.toml", None))


def test_looking_at_a_locked_sim_tells_its_iccid_and_types_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)
    monkeypatch.setattr("gsmsend_atmodem.driver.open_port", lambda *_: bench.rig.port)
    facts = DRIVER.inspect(Endpoint("atmodem", "/dev/ttyUSB0"), OpenOptions(pins=bench.desk))
    assert (facts.sim_state, facts.sim) == ("SIM PIN", Sim(ICCID))
    assert (bench.typed(), bench.desk.asked) == ([], [])
