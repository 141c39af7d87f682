"""The driver `modemmanager` on the real ModemManager, unchanged, whose modem is one of the virtual bench.

ModemManager's own test interface gives it a modem on a socket; behind that is the bench's pseudo-terminal.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend.contract import Endpoint, Link, OpenOptions
from gsmsend.errors import LinkLost
from gsmsend.model import Outcome, OutcomeKind, Refusal, Registration
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.driver_bench import part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_atmodem.inhibiting import Inhibition
from gsmsend_handset.bus import Address, Bus
from gsmsend_handset.modemmanager import DRIVER
from tests.bench.programs import PATIENCE_S, need
from tests.bench.running import Running, running
from tests.contract.private_bus import PrivateBus, ask, end, private_bus

pytestmark = pytest.mark.clients

SERVICE, ROOT = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1"
THEM = "+447700900123"
PID = ("GetConnectionUnixProcessID", "s", SERVICE)
MOCK = "org.freedesktop.DBus.Mock"
USB_MODEM = Endpoint("atmodem", "/dev/ttyUSB2", usb_location="1-1.2")
LONG = "Help is there: call us, it is free of charge. " * 8


class Cable:
    """The socket that ModemManager opens as its modem's port, joined to the bench's pseudo-terminal."""

    def __init__(self, port: Path) -> None:
        self.name = f"abstract:modem{os.getpid()}"
        self._port = port
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"\0{self.name}")
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    def _carry(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                terminal = os.open(self._port, os.O_RDWR | os.O_NOCTTY)
                tty.setraw(terminal)
                with client, contextlib.suppress(OSError):
                    self._pass_on(client, terminal)
                os.close(terminal)

    def _pass_on(self, client: socket.socket, terminal: int) -> None:
        while True:
            ready, _, _ = select.select([client.fileno(), terminal], [], [])
            if client.fileno() in ready:
                octets = client.recv(65536)
                if not octets:
                    return
                os.write(terminal, octets)
            if terminal in ready:
                client.sendall(os.read(terminal, 65536))

    def cut(self) -> None:
        """For good."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, "--modems", "1", "--radio", "0.1", "--report-delay", "0.3") as it:
        yield it


@pytest.fixture
def bus(bench: Running, tmp_path: Path) -> Iterator[PrivateBus]:
    """A private bus with ModemManager on it, that has found the modem."""
    program, cable = need("ModemManager", "modemmanager"), Cable(bench.port(1))
    options = ["--test-session", "--test-enable", "--test-no-udev", "--test-no-suspend-resume", "--test-no-qrtr"]
    with private_bus(tmp_path) as it, (tmp_path / "modemmanager.log").open("w") as log:
        daemon = subprocess.Popen(
            [program, *options, "--no-auto-scan"],
            env=it.environment,
            text=True,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            with closing(it.connect()) as own:
                wait(lambda: own.owner(SERVICE))
                test = Address(SERVICE, ROOT, f"{SERVICE}.Test")
                ask(own, test, "SetProfile", "ssas", "virtual", "generic", [cable.name])
                wait(lambda: any(ready(found) for found in own.objects(SERVICE, ROOT, within_s=5).values()))
            yield it
        finally:
            end(daemon)
            cable.cut()


def ready(found: dict[str, dict[str, object]]) -> bool:
    return found.get(f"{SERVICE}.Modem", {}).get("State", 0) not in {0, 1}


def wait(condition: Callable[[], object]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.1)


def hear(link: Link, enough: Callable[[], object]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not enough():
        assert time.monotonic() < until_s
        link.listen(0.2)


def test_the_driver_sends_over_the_real_modemmanager(bench: Running, bus: PrivateBus) -> None:
    options = OpenOptions(settings={"bus": bus.address}, exhibit=True)
    before = DRIVER.inspect(DRIVER.endpoint("modemmanager"), options)
    assert before.device.imei == "001017000000011"
    assert before.sim.iccid == "89440000000000000010"
    assert any("switched off" in note for note in before.notes)

    sink, noted = RecordingSink(), list[str]()
    link = DRIVER.open(DRIVER.endpoint("modemmanager"), sink, ManualClock(), options)
    facts = link.bring_up()
    assert facts.sim.imsi == "001010000000001"
    hear(
        link, lambda: facts.registration.usable or any(one.registration is Registration.HOME for one in sink.facts)
    )

    held = bench.ask(do="snapshot", modem=1)
    first = link.submit(part(THEM, "caf\u00e9 \u20ac"), noted.append)
    long = link.submit(part(THEM, LONG, total=3), noted.append)
    assert (first.kind, long.kind) == (OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED)
    assert len(noted) == 2
    accepted = bench.wait_for("accepted", 4)
    assert [line["to"] for line in accepted] == [THEM] * 4
    assert first.handle.split("-")[1:3] == [str(accepted[0]["reference"]), "1"]
    assert long.handle.split("-")[1:3] == [str(accepted[3]["reference"]), "3"]
    hear(link, lambda: len(sink.reports) >= 2)
    assert sorted((one.handle, one.status) for one in sink.reports) == sorted([
        (first.handle, 0), (long.handle.replace("#1", "#3"), 0),
    ]), "ModemManager asks for a report of the last part only"  # fmt: skip

    bench.ask(do="fault", fault="refuse:code=8,count=1")
    refused = link.submit(part(THEM, "no credit"), noted.append)
    assert (refused.kind, refused.refusal, refused.code) == (OutcomeKind.REFUSED, Refusal.LINE, 8)

    bench.ask(do="text", to="+447700900901", **{"from": THEM}, text="Thank you, caf\u00e9")
    hear(link, lambda: sink.inbounds)
    assert [(one.sender, one.text) for one in sink.inbounds] == [(THEM, "Thank you, caf\u00e9")]
    link.close()
    assert bench.ask(do="snapshot", modem=1)["memories"]["SM"] == held["memories"]["SM"], "nothing is on the SIM"
    marked = [line["memory"] for line in bench.events("write") if line["what"] == "mark REC READ"]
    assert marked == ["ME"], "ModemManager, not gsmsend, reads it and so marks it, as DRIVER.changes says"


def test_it_is_kept_off_its_modem_for_the_length_of_a_run(bus: PrivateBus) -> None:
    told: list[str] = []
    with closing(bus.connect()) as own:
        (uid,) = [str(found[f"{SERVICE}.Modem"]["Device"]) for found in modems(own).values()]
        keeping = Inhibition(told.append, address=bus.address, uid_of=lambda _: uid)
        with bus.mock("polkitd", "org.freedesktop.PolicyKit1"):
            manager = Address("org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority", MOCK)
            ask(own, manager, "AllowUnknown", "b", True)
            keeping.hold([USB_MODEM])
            wait(lambda: keeping.held == {uid})
            wait(lambda: not modems(own))
            keeping.close()
            wait(lambda: modems(own))
    assert told == []


def test_where_nobody_may_tell_it_to_keep_off_that_is_said(bus: PrivateBus) -> None:
    told: list[str] = []
    with closing(Inhibition(told.append, address=bus.address, uid_of=lambda _: "/virtual/virtual")) as keeping:
        keeping.hold([USB_MODEM])
        wait(lambda: told)
        assert not keeping.held
    (words,) = told
    assert "ModemManager is running" in words
    assert "systemctl stop ModemManager" in words


def modems(own: Bus) -> dict[str, dict[str, dict[str, object]]]:
    found = own.objects(SERVICE, ROOT, within_s=5)
    return {path: one for path, one in found.items() if f"{SERVICE}.Modem" in one}


def test_modemmanager_that_is_killed_while_it_sends_leaves_doubt(bench: Running, bus: PrivateBus) -> None:
    options = OpenOptions(settings={"bus": bus.address}, exhibit=True)
    link = DRIVER.open(DRIVER.endpoint("modemmanager"), RecordingSink(), ManualClock(), options)
    link.bring_up()
    bench.ask(do="conditions", radio_s=3.0)
    found: list[Outcome] = []
    sender = threading.Thread(target=lambda: found.append(link.submit(part(THEM), lambda _raw: None)))
    sender.start()
    bench.wait_for("on_air")
    with closing(bus.connect()) as own:
        daemon = ask(own, Address("org.freedesktop.DBus", "/", "org.freedesktop.DBus"), *PID)
    os.kill(daemon, signal.SIGKILL)
    sender.join(PATIENCE_S)
    assert [one.kind for one in found] == [OutcomeKind.UNKNOWN]
    with pytest.raises(LinkLost, match="ModemManager ended"):
        hear(link, lambda: False)
    link.close()
    assert len(bench.wait_for("accepted")) == 1, "it went out all the same"
