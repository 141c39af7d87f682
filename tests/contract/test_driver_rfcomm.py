"""The shared driver suite over Bluetooth: sockets of a handset in memory, its channel found by SDP."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator

import pytest

from gsmsend.contract import Clock, Link, OpenOptions, Sink
from gsmsend.model import OutcomeKind
from gsmsend.testing.driver_suite import Bench, DriverSuite, OnAir, part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_atmodem import DRIVER
from gsmsend_atmodem.port import PosixPort
from tests.bench.running import running
from tests.unit.atmodem.fake_modem import OTHER_ICCID, FakeModem
from tests.unit.atmodem.handset import PEER, FakeRadio, LiveModem, record
from tests.unit.atmodem.live_port import SystemClock

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the handset of the tests needs unix sockets")


class CountedModem(FakeModem):
    """Tells how much it holds."""

    def _special(self, line: str) -> tuple[str, ...] | None:
        return self.counted(line) or super()._special(line)


class RadioBench:
    """Satisfies `driver_suite.Bench`."""

    two_step = True

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.modem = CountedModem()
        self.live: LiveModem | None = None
        self.radio = FakeRadio({0x1103: [record(3)]}, at_once=9, peer_end=self.answer)
        monkeypatch.setattr("gsmsend_atmodem.rfcomm.SystemRadio", lambda: self.radio)

    def answer(self, end: socket.socket) -> None:
        """The handset has taken the call."""
        self.live = LiveModem(self.modem, end)

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        settings: dict[str, object] = {"submit_timeout_s": submit_timeout_s, "late_listen_s": 0.1}
        clock: Clock = SystemClock()
        options = OpenOptions(settings=settings, exhibit=True)
        return DRIVER.open(DRIVER.endpoint(f"rfcomm:{PEER}"), sink, clock, options)

    def on_air(self) -> list[OnAir]:
        return list(self.modem.on_air)

    def refuse_next(self, code: int) -> None:
        self.modem.refuse = code

    def refuse_next_early(self) -> None:
        self.modem.early = ("+CMS ERROR: 500",)

    def silence_next(self) -> None:
        self.modem.mute = True

    def delay_next(self, seconds: float) -> None:
        self.modem.delay_s = seconds

    def send_report(self, part: OnAir, status: int = 0) -> None:
        assert self.live is not None
        self.live.act(lambda: self.modem.report(part, status))

    def send_inbound(self, sender: str, text: str) -> None:
        assert self.live is not None
        self.live.act(lambda: self.modem.inbound(sender, text))

    def held(self) -> object:
        modem = self.modem
        memories = {name: dict(memory) for name, memory in modem.stored.items()}
        return memories, modem.memory, modem.phonebook, modem.cnmi, modem.csms, modem.text_mode

    def swap_sim(self) -> None:
        assert self.live is not None
        self.modem.answers["AT+CCID"] = (f"+CCID: {OTHER_ICCID}", "OK")
        self.live.act(lambda: self.modem.say("+CPIN: READY"))

    def unplug(self) -> None:
        assert self.live is not None
        self.live.hang_up()

    def dispose(self) -> None:
        if self.live is not None:
            self.live.hang_up()


class TestAtOverBluetooth(DriverSuite):
    @pytest.fixture
    def bench(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        bench = RadioBench(monkeypatch)
        yield bench
        bench.dispose()


class Bridge:
    """A handset whose modem is one of the virtual bench: octets go to and fro between its socket and its port."""

    def __init__(self, end: socket.socket, port: PosixPort) -> None:
        self.end, self.port = end, port
        self.threads = [threading.Thread(target=each, daemon=True) for each in (self._there, self._back)]
        for thread in self.threads:
            thread.start()

    def _there(self) -> None:
        while octets := self.end.recv(4096):
            self.port.write(octets)
        self.port.wake()

    def _back(self) -> None:
        while self.threads[0].is_alive():
            if octets := self.port.read(5.0):
                self.end.sendall(octets)

    def join(self) -> None:
        """Wait until the caller has hung up, and let the port go."""
        for thread in self.threads:
            thread.join()
        self.end.close()
        self.port.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the bench needs Linux")
def test_texts_reports_and_replies_of_a_virtual_modem_over_bluetooth(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path_factory.mktemp("b"), "--radio", "0.01", "--report-delay", "0.02") as bench:
        bridges: list[Bridge] = []
        radio = FakeRadio({0x1101: [record(7)]})
        radio.peer_end = lambda end: bridges.append(Bridge(end, PosixPort(str(bench.port()))))
        monkeypatch.setattr("gsmsend_atmodem.rfcomm.SystemRadio", lambda: radio)
        endpoint, sink = DRIVER.endpoint(f"rfcomm:{PEER}"), RecordingSink()
        facts = DRIVER.inspect(endpoint, OpenOptions())
        bridges.pop().join()
        assert (facts.device.address, facts.device.virtual) == (endpoint.address, False)
        assert facts.notes == ()

        link = DRIVER.open(endpoint, sink, SystemClock(), OpenOptions())
        link.bring_up()
        outcomes = [link.submit(part(f"+44770090010{n}"), lambda _raw: None) for n in range(5)]
        assert {outcome.kind for outcome in outcomes} == {OutcomeKind.ACCEPTED}
        bench.ask(do="text", to=facts.sim.number, text="Thank you", **{"from": "+447700900123"})
        for _ in range(200):
            link.listen(0.05)
            if len(sink.reports) == 5 and sink.inbounds:
                break
        link.close()
        bridges.pop().join()
        taken = {line["to"]: line["reference"] for line in bench.events("accepted")}
        assert {report.recipient: report.reference for report in sink.reports} == taken, json.dumps(taken)
        assert [each.text for each in sink.inbounds] == ["Thank you"]
