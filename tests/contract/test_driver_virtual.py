"""The shared driver suite over the in-process virtual driver."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from gsmsend.contract import Clock, Driver, Link, OpenOptions, Sink
from gsmsend.errors import ConfigError, UsageError
from gsmsend.testing.driver_suite import Bench, DriverSuite, OnAir
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_virtual import DRIVER, tpdu
from gsmsend_virtual.driver import VirtualDriver
from gsmsend_virtual.network import Conditions, Mt, Shaped, Submission
from gsmsend_virtual.sim import make_sim
from gsmsend_virtual.world import Station, World


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Listening(World):
    """Notes each submission as the modem was handed it, before the network numbers it."""

    def __init__(self, clock: Clock, conditions: Conditions) -> None:
        super().__init__(clock, conditions)
        self.taken: list[str] = []

    def submit(self, station: Station, octets: bytes) -> Submission:
        self.taken.append(f"00{octets.hex().upper()}")
        return super().submit(station, octets)


class Once:
    """A network rule that keeps what went out, and applies one fault to the next submission."""

    def __init__(self, world: Listening) -> None:
        self.world = world
        self.on_air: list[OnAir] = []
        self.submissions: list[Submission] = []
        self.code: int | None = None
        self.silent = False
        self.extra_s = 0.0

    def refuse(self, submission: Submission) -> int | None:
        code, self.code = self.code, None
        if code is None:
            self._keep(submission)
        return code

    def shape(self, _submission: Submission, _reports: list[Shaped]) -> list[Shaped]:
        return []

    def air_s(self, submission: Submission, seconds: float) -> float | None:
        extra, self.extra_s = self.extra_s, 0.0
        if self.silent:
            self.silent = False
            self._keep(submission)
            return None
        return seconds + extra

    def _keep(self, submission: Submission) -> None:
        submit = submission.submit
        self.submissions.append(submission)
        self.on_air.append(OnAir(submit.number, submit.tpdu.text, submit.reference, self.world.taken[-1]))


class VirtualBench:
    """Satisfies `driver_suite.Bench`."""

    two_step = False

    def __init__(self) -> None:
        self.world = Listening(SystemClock(), Conditions(radio_s=0.0))
        self.once = Once(self.world)
        self.world.network.rules.append(self.once)
        self.driver = VirtualDriver(self.world)
        self.station = self.world.station(1)

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        options = OpenOptions(settings={"submit_timeout_s": submit_timeout_s})
        return self.driver.open(self.driver.endpoint("virtual:1"), sink, self.world.clock, options)

    def on_air(self) -> list[OnAir]:
        return list(self.once.on_air)

    def refuse_next(self, code: int) -> None:
        self.once.code = code

    def refuse_next_early(self) -> None:
        raise NotImplementedError

    def silence_next(self) -> None:
        self.once.silent = True

    def delay_next(self, seconds: float) -> None:
        self.once.extra_s = seconds

    def send_report(self, part: OnAir, status: int = 0) -> None:
        submission = self.once.submissions[self.once.on_air.index(part)]
        octets = tpdu.report(submission.submit, submission.submit.reference, status, 1.7e9, 1.7e9)
        self._post(Mt("report", octets, submission.sca))

    def send_inbound(self, sender: str, text: str) -> None:
        with self.world.lock:
            self.world.network.inject(self.station.number, sender, text)

    def _post(self, mt: Mt) -> None:
        with self.world.lock:
            self.world.network.post(mt, self.station.number)

    def held(self) -> object:
        card = self.station.sim
        return list(card.messages), card.messages.writes, dict(card.phonebook), card.smss

    def swap_sim(self) -> None:
        self.world.swap(self.station, make_sim(400))

    def unplug(self) -> None:
        self.world.unplug(self.station)

    def dispose(self) -> None:
        self.world.listen(self.station, on=False)


class TestVirtualDriver(DriverSuite):
    """All of the suite."""

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        bench = VirtualBench()
        yield bench
        bench.dispose()


@pytest.fixture
def driver() -> VirtualDriver:
    return VirtualDriver()


def opened(driver: VirtualDriver, number: int, sink: Sink, **settings: object) -> Link:
    options = OpenOptions(settings={"radio_s": 0.0, "report_delay_s": 0.0, **settings})
    link = driver.open(driver.endpoint(f"virtual:{number}"), sink, SystemClock(), options)
    link.bring_up()
    return link


def heard(link: Link, enough: Callable[[], object]) -> bool:
    end = time.monotonic() + 5
    while not enough() and time.monotonic() < end:
        link.listen(0.02)
    return bool(enough())


def test_the_entry_point_is_a_driver() -> None:
    assert isinstance(DRIVER, Driver)
    assert DRIVER.name == "virtual"


def test_the_driver_needs_no_terminals() -> None:
    code = (
        "import sys; from gsmsend_virtual import DRIVER; assert not {'termios', 'pty', 'tty'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_virtual_modem_is_never_taken_for_real(driver: VirtualDriver) -> None:
    facts = driver.inspect(driver.endpoint("virtual:3"), OpenOptions())
    assert facts.device.virtual
    assert facts.sim.number == "+447700900903"
    assert facts.sim.iccid is not None
    assert facts.sim.iccid.startswith("8944")
    assert driver.discover() == ()


@pytest.mark.parametrize("address", ["virtual:0", "virtual:401", "virtual", "/dev/ttyUSB0", "virtual:one"])
def test_an_address_that_is_no_virtual_modem_is_refused(driver: VirtualDriver, address: str) -> None:
    with pytest.raises(UsageError, match="virtual"):
        driver.endpoint(address)


def test_a_wrong_setting_is_named(driver: VirtualDriver) -> None:
    with pytest.raises(ConfigError, match="radio_s"):
        opened(driver, 1, RecordingSink(), radio_s="fast")


def test_reports_come_by_themselves_and_only_if_asked_for(driver: VirtualDriver) -> None:
    from gsmsend.testing.driver_suite import part

    sink = RecordingSink()
    link = opened(driver, 1, sink)
    asked = link.submit(part(), lambda _raw: None)
    assert heard(link, lambda: sink.reports)
    assert [report.reference for report in sink.reports] == [asked.reference]
    link.close()


def test_the_sim_counts_what_it_sent(driver: VirtualDriver) -> None:
    from gsmsend.testing.driver_suite import part

    link = opened(driver, 1, RecordingSink())
    before = link.counter()
    outcome = link.submit(part(), lambda _raw: None)
    assert link.counter() == outcome.reference != before
    link.close()


def test_two_links_text_each_other(driver: VirtualDriver) -> None:
    from gsmsend.testing.driver_suite import part

    one, two = RecordingSink(), RecordingSink()
    first, second = opened(driver, 1, one), opened(driver, 2, two)
    for seq, text in ((1, "first "), (2, "second")):
        first.submit(part("+447700900902", text, seq=seq, total=2), lambda _raw: None)
    assert heard(second, lambda: len(two.inbounds) == 2)
    assert [(each.text, each.concat) for each in two.inbounds] == [("first ", (77, 2, 1)), ("second", (77, 2, 2))]
    assert two.inbounds[0].sender == "+447700900901"
    assert heard(first, lambda: len(one.reports) == 2)
    first.close()
    second.close()


def test_a_report_waits_until_its_receipt_is_durable_and_survives_a_closed_link(driver: VirtualDriver) -> None:
    from gsmsend.testing.driver_suite import part

    first = RecordingSink(durable=False)
    link = opened(driver, 1, first, redelivery_s=0.0)
    link.submit(part(), lambda _raw: None)
    assert heard(link, lambda: first.reports)
    link.close()
    again = RecordingSink()
    link = opened(driver, 1, again)
    assert heard(link, lambda: again.reports), "not acknowledged, so the network brings it again"
    link.close()
