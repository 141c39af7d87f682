"""The shared suite over ModemManager as python-dbusmock plays it on a private bus, and its faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar

import pytest

from gsmsend.contract import Altering, Described, Driver, Link, OpenOptions, Requesting, Sink, sibling
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.evidence.commands import Changes, commands, counted
from gsmsend.model import Facts, Outcome, OutcomeKind, Refusal, Registration
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.driver_bench import Commit, OnAir, Traits, part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend.testing.request_suite import REQUESTS, RequestSuite
from gsmsend_handset.bus import Address
from gsmsend_handset.bus_record import BusRecord
from gsmsend_handset.bus_settings import buses
from gsmsend_handset.modemmanager import DRIVER
from gsmsend_handset.modemmanager_client import ModemClient
from gsmsend_handset.modemmanager_facts import Wanted
from tests.contract.private_bus import PrivateBus, ask, end, private_bus

SERVICE, ROOT = "org.freedesktop.ModemManager1", "/org/freedesktop/ModemManager1"
MAIN = Address(SERVICE, ROOT, "uk.example.Bench")
MODEM = Address(SERVICE, f"{ROOT}/Modem/0", "uk.example.Bench")
TEMPLATE = Path(__file__).with_name("modemmanager_peer.py")
THEM = "+447700900123"
FIRST, SECOND = "8944100000000000019", "8944100000000000027"


class ModemManagerBench:
    """Satisfies `driver_bench.Bench`; `parameters` are the mock's."""

    two_step = False

    def __init__(self, folder: Path, **parameters: object) -> None:
        self._stack = ExitStack()
        self.bus: PrivateBus = self._stack.enter_context(private_bus(folder))
        self.mock = self._stack.enter_context(self.bus.mock(TEMPLATE, SERVICE, parameters))
        self._own, self._lock = self.bus.connect(), threading.Lock()
        self._stack.callback(self._own.close)

    def options(self, **settings: object) -> OpenOptions:
        return OpenOptions(settings={"bus": self.bus.address, **settings}, exhibit=True)

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        options = self.options(submit_timeout_s=submit_timeout_s)
        return DRIVER.open(DRIVER.endpoint("modemmanager"), sink, ManualClock(), options)

    def _ask(self, to: Address, member: str, signature: str = "", *values: object) -> Any:
        with self._lock:
            return ask(self._own, to, member, signature, *values)

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._ask(MAIN, "Told"))
        return found

    def on_air(self) -> Sequence[OnAir]:
        return [
            OnAir(one["number"], one["text"], one["reference"], f"Messaging.Create {one['asked']}")
            for one in self.told()["on_air"]
        ]

    def _fault(self, what: str, detail: str = "") -> None:
        self._ask(MODEM, "Fault", "ss", what, detail)

    def refuse_next(self, code: int) -> None:
        """As ModemManager tells +CMS ERROR: by name from 300 on, the network's own in the words of `Unknown`."""
        names = {320: "MemoryFailure", 332: "NetworkTimeout"}
        words = "Memory failure" if code in names else f"Unknown message error: {code}"
        self.refuse_with(f"{SERVICE}.Error.Message.{names.get(code, 'Unknown')}", words)

    def refuse_with(self, name: str, words: str = "") -> None:
        self._fault("refuse", json.dumps([name, words]))

    def refuse_create(self, name: str) -> None:
        self._fault("refuse_create", name)

    def refuse_next_early(self) -> None:
        raise NotImplementedError

    def silence_next(self) -> None:
        self._fault("silence")

    def delay_next(self, seconds: float) -> None:
        self._fault("delay", str(seconds))

    def receive(self, *, announce: bool = True, **values: object) -> str:
        return str(self._ask(MODEM, "Receive", "sb", json.dumps(values), announce))

    def change(self, path: str, **values: object) -> None:
        self._ask(MODEM, "Change", "ss", path, json.dumps(values))

    def send_report(self, sent: OnAir, status: int = 0, *, announce: bool = True) -> None:
        self.receive(
            announce=announce, PduType=3, State=3, Number=sent.destination, MessageReference=sent.reference or 0,
            DeliveryState=status, Timestamp="2026-11-22T10:00:00+00", DischargeTimestamp="2026-11-22T10:00:05+00",
        )  # fmt: skip

    def send_inbound(self, sender: str, text: str) -> None:
        self.receive(PduType=1, State=3, Number=sender, Text=text, Timestamp="2026-11-22T10:00:00+00", Storage=1)

    def held(self) -> object:
        return self.told()["texts"]

    def swap_sim(self) -> None:
        self._ask(MAIN, "Swap", "ss", SECOND, "001010000000027")

    def signal(self, percent: int) -> None:
        self._ask(MODEM, "Signal", "u", percent)

    def take_sim_out(self) -> None:
        self._ask(MAIN, "Swap", "ss", "", "")

    def unplug(self) -> None:
        self._ask(MAIN, "Unplug")

    def dispose(self) -> None:
        self._stack.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ModemManagerBench]:
    it = ModemManagerBench(tmp_path)
    yield it
    it.dispose()


class TestModemManager(RequestSuite):
    traits: ClassVar[Traits] = replace(
        REQUESTS, refusals=Traits().refusals, unproven=332, late=True, lookup=True, two_way=True, swaps=True
    )

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[ModemManagerBench]:
        it = ModemManagerBench(tmp_path)
        yield it
        it.dispose()

    def expect_name(self, outcome: Outcome, sent: OnAir) -> None:
        """ModemManager's own name for a text is its TP-MR, which comes round; the handle has it in it."""
        assert outcome.handle.split("-")[1] == str(sent.reference), (outcome, sent)


def up(bench: ModemManagerBench, sink: RecordingSink | None = None) -> Link:
    link = bench.make_link(sink or RecordingSink(), submit_timeout_s=5)
    link.bring_up()
    return link


def hear(link: Link, times: int = 3) -> None:
    for _ in range(times):
        link.listen(0.05)


def test_it_is_a_driver_that_says_what_it_changes_and_can_do() -> None:
    assert isinstance(DRIVER, Driver)
    assert isinstance(DRIVER, Altering)
    assert isinstance(DRIVER, Described)
    said = " ".join(DRIVER.changes(DRIVER.endpoint("modemmanager")))
    assert "marks a text as read" in said


def test_facts_are_those_of_modem_sim_and_network(bench: ModemManagerBench) -> None:
    facts = DRIVER.inspect(DRIVER.endpoint("modemmanager:350000000000019"), bench.options())
    assert (facts.device.imei, facts.device.manufacturer, facts.device.model) == (
        "350000000000019", "Example", "QMI stick",
    )  # fmt: skip
    assert (facts.sim.iccid, facts.sim.imsi) == (FIRST, "001010000000019")
    assert (facts.operator, facts.registration, facts.signal_dbm) == ("Test", Registration.HOME, -82)
    assert facts.device.virtual


def test_a_locked_sim_is_a_fact_and_stops_the_line_with_no_pin_typed(tmp_path: Path) -> None:
    bench = ModemManagerBench(tmp_path, UnlockRequired=2, State=2)
    try:
        assert DRIVER.inspect(DRIVER.endpoint("modemmanager"), bench.options()).sim_state == "SIM PIN"
        link = bench.make_link(RecordingSink(), submit_timeout_s=5)
        with pytest.raises(GuardStop, match="locked: it asks for SIM PIN"):
            link.bring_up()
        link.close()
    finally:
        bench.dispose()


def test_no_sim_is_a_fact_and_stops_the_line(tmp_path: Path) -> None:
    bench = ModemManagerBench(tmp_path, no_sim=True, State=-1, StateFailedReason=2)
    try:
        assert DRIVER.inspect(DRIVER.endpoint("modemmanager"), bench.options()).sim_state == "NOT INSERTED"
        link = bench.make_link(RecordingSink(), submit_timeout_s=5)
        with pytest.raises(GuardStop, match="no SIM"):
            link.bring_up()
        link.close()
    finally:
        bench.dispose()


def test_a_modem_that_is_off_is_switched_on_to_send_and_not_to_look(tmp_path: Path) -> None:
    bench = ModemManagerBench(tmp_path, State=3)
    try:
        facts = DRIVER.inspect(DRIVER.endpoint("modemmanager"), bench.options())
        assert any("switched off" in note for note in facts.notes)
        link = bench.make_link(RecordingSink(), submit_timeout_s=5)
        assert not any("switched off" in note for note in link.bring_up().notes)
        link.close()
    finally:
        bench.dispose()


def test_what_was_sent_is_let_go_of_and_nothing_else(bench: ModemManagerBench) -> None:
    theirs = bench.receive(announce=False, PduType=1, State=3, Number=THEM, Text="older", Storage=1)
    link = up(bench)
    assert link.submit(part(), Commit(bench)).kind is OutcomeKind.ACCEPTED
    told = bench.told()
    assert len(told["deleted"]) == 1
    assert list(told["texts"]) == [theirs]
    link.close()


def test_the_record_has_what_was_asked_and_nobodys_number(bench: ModemManagerBench, tmp_path: Path) -> None:
    options = replace(bench.options(), transcript=tmp_path / "modem.transcript")
    link = DRIVER.open(DRIVER.endpoint("modemmanager"), RecordingSink(), ManualClock(), options)
    link.bring_up()
    link.submit(part(text="long text " * 30, total=2), Commit(bench))
    link.close()
    record = (tmp_path / "modem.transcript").read_text()
    done = list(commands(record))
    assert done[-5:] == [
        f"D-Bus {SERVICE}.Modem.Messaging.Create", "(PDU)", "(PDU)", f"D-Bus {SERVICE}.Sms.Send",
        f"D-Bus {SERVICE}.Modem.Messaging.Delete",
    ]  # fmt: skip
    assert [one for one in counted(done) if one.changes is Changes.UNKNOWN] == []
    assert "350000000000019" in record
    assert "900123" not in record
    assert "long text" not in record


def test_a_refused_part_of_a_long_text_proves_nothing_of_the_others(bench: ModemManagerBench) -> None:
    link = up(bench)
    bench.refuse_next(8)
    outcome = link.submit(part(text="long text " * 30), Commit(bench))
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert "2 parts" in outcome.why
    link.close()


@pytest.mark.parametrize(
    ("name", "kind", "refusal"),
    [
        ("Core.Unauthorized", OutcomeKind.REFUSED, Refusal.MODEM),
        ("Core.Retry", OutcomeKind.REFUSED, Refusal.RETRY),
        ("Core.Failed", OutcomeKind.UNKNOWN, None),
        ("Serial.ResponseTimeout", OutcomeKind.UNKNOWN, None),
        ("MobileEquipment.NoNetwork", OutcomeKind.REFUSED, Refusal.LATER),
        ("Something.New", OutcomeKind.UNKNOWN, None),
    ],
)
def test_error_replies(bench: ModemManagerBench, name: str, kind: OutcomeKind, refusal: Refusal | None) -> None:
    link = up(bench)
    bench.refuse_with(f"{SERVICE}.Error.{name}", f"about {THEM}: Help is there")
    outcome = link.submit(part(), Commit(bench))
    assert (outcome.kind, outcome.refusal) == (kind, refusal)
    assert outcome.why
    assert "900123" not in outcome.why + outcome.raw
    link.close()


def test_what_was_never_made_was_never_sent(bench: ModemManagerBench) -> None:
    link = up(bench)
    bench.refuse_create(f"{SERVICE}.Error.Core.Failed")
    outcome = link.submit(part(), Commit(bench))
    assert outcome.kind is OutcomeKind.REFUSED
    assert not bench.on_air()
    link.close()


def test_modemmanager_that_ends_while_it_sends_leaves_doubt_and_a_lost_link(bench: ModemManagerBench) -> None:
    link = up(bench)
    bench.silence_next()

    found: list[Outcome] = []
    sender = threading.Thread(target=lambda: found.append(link.submit(part(), Commit(bench))))
    sender.start()
    until_on_air(bench)
    end(bench.mock)
    sender.join(10)
    assert [one.kind for one in found] == [OutcomeKind.UNKNOWN]
    with pytest.raises(LinkLost, match="ModemManager ended"):
        hear(link)
    commit = Commit(bench)
    with pytest.raises(LinkLost):
        link.submit(part(), commit)
    assert not commit.calls
    link.close()


def until_on_air(bench: ModemManagerBench) -> None:
    while not bench.on_air():
        pass


def test_a_bus_that_ends_is_a_lost_link(bench: ModemManagerBench) -> None:
    link = up(bench)
    end(bench.bus.daemon)
    with pytest.raises(LinkLost, match=r"message bus is gone|ModemManager ended"):
        hear(link)
    link.close()


def test_a_sim_that_was_taken_out_stops_the_line(bench: ModemManagerBench) -> None:
    link = up(bench)
    bench.take_sim_out()
    with pytest.raises(GuardStop, match=f"{FIRST} is not in the modem"):
        hear(link)
    link.close()


def test_a_report_of_a_long_texts_last_part_is_of_that_part_only(bench: ModemManagerBench) -> None:
    sink = RecordingSink()
    link, text = up(bench, sink), "long text " * 30
    asked = replace(part(text=text[:153], seq=1, total=2), text=text)
    handle = link.submit(asked, Commit(bench)).handle
    bench.send_report(bench.on_air()[0])
    hear(link)
    assert [(one.handle, one.status) for one in sink.reports] == [(sibling(handle, 2), 0)]
    assert sink.reports[0].discharged_at_s == 1_795_341_605.0
    link.close()


def test_a_report_for_another_number_is_not_taken_for_this_text(bench: ModemManagerBench) -> None:
    sink = RecordingSink()
    link = up(bench, sink)
    link.submit(part(), Commit(bench))
    bench.send_report(replace(bench.on_air()[0], destination="07700900999"))
    hear(link)
    assert not sink.reports
    bench.send_report(replace(bench.on_air()[0], destination="07700900123"), status=0x46)
    hear(link)
    assert [one.status for one in sink.reports] == [0x46]
    assert sink.reports[0].said == "TP-Status 0x46: validity period expired"
    link.close()


def test_a_report_that_came_while_nobody_listened_is_found(bench: ModemManagerBench) -> None:
    link = up(bench)
    handle = link.submit(part(), Commit(bench)).handle
    link.close()
    bench.send_report(bench.on_air()[0], announce=False)
    sink = RecordingSink()
    link = up(bench, sink)
    assert isinstance(link, Requesting)
    link.expect([handle])
    while not sink.reports:
        link.listen(0.5)
    assert [(one.handle, one.status) for one in sink.reports] == [(handle, 0)]
    link.close()


def test_a_text_of_several_parts_comes_once_it_is_whole(bench: ModemManagerBench) -> None:
    sink = RecordingSink()
    link = up(bench, sink)
    path = bench.receive(PduType=1, State=2, Number=THEM, Text="Thank ")
    hear(link)
    assert not sink.inbounds
    bench.change(path, State=3, Text="Thank you")
    hear(link)
    assert [one.text for one in sink.inbounds] == ["Thank you"]
    link.close()


def test_texts_in_the_modem_are_taken_and_those_on_the_sim_are_not(bench: ModemManagerBench) -> None:
    bench.receive(announce=False, PduType=1, State=3, Number=THEM, Text="on the SIM", Storage=1)
    bench.receive(announce=False, PduType=1, State=3, Number=THEM, Text="in the modem", Storage=2)
    sink = RecordingSink()
    link = bench.make_link(sink, submit_timeout_s=5)
    facts = link.bring_up()
    hear(link)
    assert [(one.text, one.how) for one in sink.inbounds] == [("in the modem", "sweep")]
    assert facts.device.holds is not None
    assert len(facts.device.holds) == 1
    link.close()


def test_another_modem_than_the_one_that_was_named_is_not_used(bench: ModemManagerBench) -> None:
    with pytest.raises(LinkLost, match="does not have the modem with IMEI 350000000000027"):
        DRIVER.inspect(DRIVER.endpoint("modemmanager"), bench.options(imei="350000000000027"))


def test_looking_now_and_then_finds_a_modem_that_is_gone_or_another_sim(bench: ModemManagerBench) -> None:
    client = ModemClient(buses(bench.bus.address), Wanted(), 5.0, BusRecord(None, ""))
    client.bring_up()
    client.check()
    bench.swap_sim()
    with pytest.raises(
        GuardStop, match=f"the SIM {FIRST} is not in the modem 350000000000019 any more: .*{SECOND}"
    ):
        client.check()
    bench.unplug()
    with pytest.raises(LinkLost):
        client.check()
    client.close()


def test_what_a_look_finds_is_told_next(bench: ModemManagerBench) -> None:
    client = ModemClient(buses(bench.bus.address), Wanted(), 5.0, BusRecord(None, ""))
    client.bring_up()
    bench.signal(80)
    client.check()
    found = [one for one in client.hear(0.1) if isinstance(one, Facts)]
    assert [one.signal_dbm for one in found] == [-63]
    client.close()


def test_a_report_of_nothing_that_was_sent_is_shown_after_a_while(bench: ModemManagerBench) -> None:
    client = ModemClient(buses(bench.bus.address), Wanted(), 5.0, BusRecord(None, ""))
    client.bring_up()
    bench.send_report(OnAir(THEM, "", 200))
    assert list(client.hear(1.0)) == []
    [shown] = client._reports.unmatched(monotonic() + 60)
    assert (shown.handle, shown.recipient) == ("unmatched-200", THEM)
    client.close()


def test_discovery_is_of_the_system_bus(bench: ModemManagerBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bench.bus.address)
    found = DRIVER.discover()
    assert [(one.address, one.description, one.usb_location) for one in found] == [
        ("350000000000019", "Example QMI stick", "1-4")
    ]
    assert found[0].others == ("/dev/cdc-wdm0", "/dev/ttyUSB2")
    end(bench.mock)
    assert DRIVER.discover() == []
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert DRIVER.discover() == []
