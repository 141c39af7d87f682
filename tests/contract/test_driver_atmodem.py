"""The shared driver suite over the AT driver, against a small modem in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gsmsend.contract import Endpoint, Link, Sink
from gsmsend.model import Device
from gsmsend.testing.driver_suite import Bench, DriverSuite, OnAir
from gsmsend_atmodem.link import AtLink
from gsmsend_atmodem.profile_file import standard_profiles
from gsmsend_atmodem.settings import Settings
from tests.unit.atmodem.fake_modem import OTHER_ICCID, FakeModem
from tests.unit.atmodem.live_port import LivePort, SystemClock


class CountedModem(FakeModem):
    """Tells how much it holds."""

    def _special(self, line: str) -> tuple[str, ...] | None:
        return self.counted(line) or super()._special(line)


class MemoryBench:
    """Satisfies `driver_suite.Bench`."""

    two_step = True

    def __init__(self) -> None:
        self.modem = CountedModem()
        self.port = LivePort(self.modem)

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        settings = Settings(submit_timeout_s=submit_timeout_s, late_listen_s=0.1)
        device = Device("atmodem", self.port.address)
        endpoint = Endpoint("atmodem", self.port.address)
        return AtLink(
            self.port, endpoint, device, standard_profiles(), sink, SystemClock(), settings, exhibit=True
        )

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
        self.port.act(lambda: self.modem.report(part, status))

    def send_inbound(self, sender: str, text: str) -> None:
        self.port.act(lambda: self.modem.inbound(sender, text))

    def held(self) -> object:
        modem = self.modem
        memories = {name: dict(memory) for name, memory in modem.stored.items()}
        return memories, modem.memory, modem.phonebook, modem.cnmi, modem.csms, modem.text_mode

    def swap_sim(self) -> None:
        self.modem.answers["AT+CCID"] = (f"+CCID: {OTHER_ICCID}", "OK")
        self.port.act(lambda: self.modem.say("+CPIN: READY"))

    def unplug(self) -> None:
        def go() -> None:
            self.port.gone = True

        self.port.act(go)

    def dispose(self) -> None:
        self.port.close()


class TestAtModem(DriverSuite):
    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        bench = MemoryBench()
        yield bench
        bench.dispose()
