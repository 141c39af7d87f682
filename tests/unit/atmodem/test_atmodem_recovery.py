"""The steps of the recovery ladder: radio, USB port, power at the hub. Never a reset to factory settings."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gsmsend.contract import Endpoint, OpenOptions, Recoverable, Step
from gsmsend.errors import LinkLost
from gsmsend_atmodem import DRIVER, recovery
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.recovery import cycle_power, cycle_radio, reset_usb
from tests.unit.atmodem.fake_modem import Rig

GENERIC = standard_profiles().generic
FORBIDDEN = re.compile(r"AT(&F|&W|Z|\+CMGD|\+CMGW|\+CPIN=|\^RESET|\+CFUN=\d,1|!RESET)")

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="sysfs")


# -- the radio ------------------------------------------------------------------------------------------


def cycle(rig: Rig) -> bool:
    return cycle_radio(Dialogue(rig.port, GENERIC, rig.clock), GENERIC)


def rig_with(**answers: tuple[str, ...] | None) -> Rig:
    rig = Rig()
    rig.modem.answers |= {"AT+CFUN=4": ("OK",), "AT+CFUN=1": ("OK",)} | {
        f"AT+CFUN={name[-1]}": answer for name, answer in answers.items()
    }
    return rig


def said(rig: Rig) -> list[str]:
    return [line for line in rig.modem.said if line.startswith("AT+CFUN")]


def test_the_radio_goes_off_and_on_again() -> None:
    rig = rig_with()
    assert rig.elapsed(lambda: cycle(rig)) < 1
    assert said(rig) == ["AT+CFUN=4", "AT+CFUN=1"]
    assert not [line for line in rig.modem.said if FORBIDDEN.match(line)]


def test_a_modem_without_flight_mode_gets_least_functionality() -> None:
    rig = rig_with(f4=("+CME ERROR: 4",), f0=("OK",))
    assert cycle(rig)
    assert said(rig) == ["AT+CFUN=4", "AT+CFUN=0", "AT+CFUN=1"]


def test_a_modem_that_refuses_both_is_left_as_it_was() -> None:
    rig = rig_with(f4=("ERROR",), f0=("ERROR",))
    assert not cycle(rig)
    assert "AT+CFUN=1" not in said(rig)


@pytest.mark.parametrize("off", [None, ("OK",)])
def test_its_radio_is_never_left_off(off: tuple[str, ...] | None) -> None:
    rig = rig_with(f4=off, f1=None)
    rig.modem.later.append((rig.clock.monotonic() + 25, lambda: rig.modem.answers.update({"AT+CFUN=1": ("OK",)})))
    assert rig.elapsed(lambda: cycle(rig)) < 60
    assert said(rig)[-1] == "AT+CFUN=1"


def test_the_sim_is_waited_for() -> None:
    rig = rig_with()
    rig.modem.answers["AT+CPIN?"] = ("+CPIN: NOT READY", "OK")
    rig.modem.later.append((rig.clock.monotonic() + 8, lambda: rig.modem.answers.pop("AT+CPIN?")))
    assert 8 <= rig.elapsed(lambda: cycle(rig)) < 10


@pytest.mark.parametrize("answer", [("+CPIN: NOT READY", "OK"), ("+CME ERROR: 13",), None])
def test_a_sim_that_does_not_come_back_is_waited_for_no_longer_than_agreed(answer: tuple[str, ...] | None) -> None:
    rig = rig_with()
    rig.modem.answers["AT+CPIN?"] = answer
    assert rig.elapsed(lambda: cycle(rig)) < 40


@pytest.mark.parametrize("state", ["SIM PIN", "SIM PUK"])
def test_a_code_that_the_sim_asks_for_is_not_typed_here(state: str) -> None:
    rig = rig_with()
    rig.modem.answers["AT+CPIN?"] = (f"+CPIN: {state}", "OK")
    assert rig.elapsed(lambda: cycle(rig)) < 1
    assert not [line for line in rig.modem.said if line.startswith("AT+CPIN=")]


def test_a_modem_that_restarts_on_it_is_found_by_the_next_opening() -> None:
    rig = rig_with()
    write = rig.port.write

    def restart(octets: bytes) -> None:
        write(octets)
        if b"CFUN=1" in octets:
            rig.port.gone = True

    rig.port.write = restart  # type: ignore[method-assign]
    assert rig.elapsed(lambda: cycle(rig)) < 1


def test_a_modem_that_does_not_answer_is_lost() -> None:
    rig = rig_with()
    rig.modem.deaf = True
    with pytest.raises(LinkLost, match="answers AT"):
        cycle(rig)


# -- the driver -----------------------------------------------------------------------------------------


def test_the_driver_does_the_step_on_the_first_port_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(DRIVER, Recoverable)
    deaf, good = rig_with(), rig_with()
    deaf.modem.deaf = True
    ports = {"/dev/ttyUSB0": deaf.port, "/dev/ttyUSB1": good.port}
    monkeypatch.setattr("gsmsend_atmodem.driver.open_port", lambda address, _: ports[address])
    monkeypatch.setattr("gsmsend_atmodem.driver._SteadyClock", lambda: deaf.clock)
    good.port.clock = deaf.clock
    endpoint = Endpoint("atmodem", "/dev/ttyUSB0", ("/dev/ttyUSB1",))
    assert DRIVER.recover(endpoint, Step.RADIO, OpenOptions())
    assert said(good) == ["AT+CFUN=4", "AT+CFUN=1"]
    assert deaf.port.closed
    assert good.port.closed


@pytest.mark.parametrize("step", list(Step))
def test_nothing_is_done_to_an_exhibit(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("gsmsend_atmodem.driver.open_port", *(f"gsmsend_atmodem.recovery.{each}" for each in
                 ("reset_usb", "cycle_power", "cycle_radio"))):  # fmt: skip
        monkeypatch.setattr(name, lambda *_: pytest.fail("it was touched"))
    endpoint = Endpoint("atmodem", "/dev/ttyUSB0", usb_location="1-1.2")
    assert not DRIVER.recover(endpoint, step, OpenOptions(exhibit=True))


@pytest.mark.parametrize("step", [Step.USB, Step.POWER])
def test_a_port_that_is_on_no_usb_socket_has_no_such_step(step: Step) -> None:
    assert not DRIVER.recover(Endpoint("atmodem", "/dev/pts/7"), step, OpenOptions())


# -- the USB port ---------------------------------------------------------------------------------------


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    """A device in sysfs, with one port."""
    device = tmp_path / "1-1.2"
    (device / "1-1.2:1.0" / "ttyUSB0").mkdir(parents=True)
    (device / "authorized").write_text("1")
    return device


@linux
def test_permission_is_taken_from_the_device_and_given_again(socket: Path) -> None:
    seen: list[str] = []

    def sleep(_seconds: float) -> None:
        seen.append((socket / "authorized").read_text())

    assert reset_usb("1-1.2", root=socket.parent, sleep=sleep)
    assert seen == ["0"]
    assert (socket / "authorized").read_text() == "1"


@linux
@pytest.mark.parametrize("port", ["1-1.2:1.0/ttyUSB7", "1-1.2:1.0/tty/ttyACM3"])
def test_the_device_has_its_time_to_come_back(socket: Path, port: str) -> None:
    (socket / "1-1.2:1.0" / "ttyUSB0").rmdir()
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if sum(naps) > 6:
            (socket / port).mkdir(parents=True, exist_ok=True)

    assert reset_usb("1-1.2", root=socket.parent, sleep=sleep)
    assert 6 < sum(naps) < 8


@linux
def test_a_device_that_does_not_come_back_is_not_waited_for_for_ever(socket: Path) -> None:
    (socket / "1-1.2:1.0" / "ttyUSB0").rmdir()
    naps: list[float] = []
    assert reset_usb("1-1.2", root=socket.parent, sleep=naps.append)
    assert sum(naps) < 30


@linux
@pytest.mark.parametrize("location", [None, "", "9-9", "../1-1.2", "1-1.2/../1-1.2", "usb1"])
def test_without_such_a_socket_nothing_is_done(socket: Path, location: str | None) -> None:
    assert not reset_usb(location, root=socket.parent, sleep=lambda _: None)
    assert (socket / "authorized").read_text() == "1"


@linux
def test_without_the_right_to_it_nothing_is_done(socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert not reset_usb("1-1.2", root=socket.parent, sleep=lambda _: None)
    assert (socket / "authorized").read_text() == "1"


@linux
@pytest.mark.parametrize("failing", ["0", "1"])
def test_a_system_that_refuses_halfway(socket: Path, failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_text

    def refuse(self: Path, text: str) -> int:
        if text == failing:
            raise OSError(5, "Input/output error")
        return write(self, text)

    monkeypatch.setattr(Path, "write_text", refuse)
    if failing == "0":
        assert not reset_usb("1-1.2", root=socket.parent, sleep=lambda _: None)
    else:
        with pytest.raises(LinkLost, match="could not be switched on again") as lost:
            reset_usb("1-1.2", root=socket.parent, sleep=lambda _: None)
        assert "Unplug" in lost.value.remedy
        assert "Errno" not in lost.value.words


def test_other_systems_have_no_such_switch(socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert not reset_usb("1-1.2", root=socket.parent, sleep=lambda _: None)


# -- its power ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "hub", "port"), [("1-1.2", "1-1", "2"), ("1-1", "1", "1"), ("2-1.4.3", "2-1.4", "3")]
)
def test_the_hubs_socket_is_named_as_uhubctl_wants_it(socket: Path, location: str, hub: str, port: str) -> None:
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> int:
        ran.append(command)
        return 0

    assert cycle_power(
        location, run=run, find=lambda name: f"/usr/sbin/{name}", root=socket.parent, sleep=lambda _: None
    )
    assert ran == [("/usr/sbin/uhubctl", "-l", hub, "-p", port, "-a", "cycle", "-d", "5")]


@pytest.mark.parametrize(
    ("location", "program", "code"),
    [("1-1.2", None, 0), (None, "/usr/sbin/uhubctl", 0), ("usb1", "/usr/sbin/uhubctl", 0),
     ("1-1.2", "/usr/sbin/uhubctl", 1)],
)  # fmt: skip
def test_power_that_cannot_be_cut_is_not(location: str | None, program: str | None, code: int) -> None:
    assert not cycle_power(location, run=lambda _: code, find=lambda _: program, sleep=lambda _: None)


def test_a_program_that_hangs_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recovery.run_program((sys.executable, "-c", "raise SystemExit(3)")) == 3
    assert recovery.run_program(("/no/such/program",)) == 126
    monkeypatch.setattr(recovery, "HUB_TIMEOUT_S", 0.05)
    with pytest.raises(LinkLost, match="did not end") as lost:
        recovery.run_program((sys.executable, "-c", "import time; time.sleep(5)"))
    assert "hub" in lost.value.remedy
