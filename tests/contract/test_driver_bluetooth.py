"""The shared suite over obexd and BlueZ as python-dbusmock plays them on a private bus, and their faults."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from gsmsend.contract import Altering, Described, Driver, Link, OpenOptions, Requesting, Sink
from gsmsend.errors import ConfigError, GuardStop, LinkLost
from gsmsend.evidence.commands import Changes, commands, counted
from gsmsend.model import Inbound, OutcomeKind, Refusal
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.driver_bench import Commit, OnAir, Traits, part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend.testing.request_suite import REQUESTS, RequestSuite
from gsmsend_handset.bluetooth import DRIVER
from gsmsend_handset.bus import Address
from tests.contract.private_bus import PrivateBus, ask, end, private_bus

THEM, PHONE, OTHER = "+447700900123", "00:00:5E:00:53:01", "00:00:5E:00:53:02"
TEMPLATE = Path(__file__).with_name("obex_peer.py")
OBEX = Address("org.bluez.obex", "/", "uk.example.Bench")
BLUEZ = Address("org.bluez", "/org/bluez", "org.bluez.Mock")
DEVICE = Address("org.bluez", "/org/bluez/hci0/dev_00_00_5E_00_53_01", "org.freedesktop.DBus.Mock")
MESSAGE_ACCESS = "00001132-0000-1000-8000-00805f9b34fb"
REFUSALS = (
    (1, Refusal.MESSAGE), (2, Refusal.MODEM), (3, Refusal.MODEM), (10, Refusal.LATER),
)  # fmt: skip
NAMES = {1: "InvalidArguments", 2: "Failed", 3: "NotAuthorized"}


class HandsetBench:
    """Satisfies `driver_bench.Bench`."""

    two_step = False

    def __init__(self, folder: Path, *, exhibit: bool = True) -> None:
        self.exhibit, self.folder = exhibit, folder / "transcripts"
        self.folder.mkdir()
        self._stack, self._lock = ExitStack(), threading.Lock()
        self.bus: PrivateBus = self._stack.enter_context(private_bus(folder))
        self.mock = self._stack.enter_context(self.bus.mock(TEMPLATE, "org.bluez.obex"))
        self.bluez = self._stack.enter_context(self.bus.mock("bluez5", "org.bluez"))
        self._own = self.bus.connect()
        self._stack.callback(self._own.close)
        self.ask(BLUEZ, "AddAdapter", "ss", "hci0", "laptop")
        self.pair(PHONE, "Example phone")

    def pair(self, address: str, name: str) -> None:
        from dbus_fast import Variant

        self.ask(BLUEZ, "AddDevice", "sss", "hci0", address, name)
        self.ask(BLUEZ, "PairDevice", "ssi", "hci0", address, 0x5A020C)
        at = replace(DEVICE, path=f"/org/bluez/hci0/dev_{address.replace(':', '_')}")
        services = {"UUIDs": Variant("as", [MESSAGE_ACCESS])}
        self.ask(at, "UpdateProperties", "sa{sv}", "org.bluez.Device1", services)

    def ask(self, to: Address, member: str, signature: str = "", *values: object) -> Any:
        with self._lock:
            return ask(self._own, to, member, signature, *values)

    def options(self, **settings: object) -> OpenOptions:
        table = {"bus": self.bus.address, "address": PHONE, **settings}
        return OpenOptions(self.folder / "phone.transcript", table, exhibit=self.exhibit)

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        options = self.options(submit_timeout_s=submit_timeout_s)
        return DRIVER.open(DRIVER.endpoint("bluetooth"), sink, ManualClock(), options)

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask(OBEX, "Told"))
        return found

    def on_air(self) -> Sequence[OnAir]:
        return [
            OnAir(one["number"], one["text"], None, f"bMessage {one['wire']}", f"{one['handle']:016X}")
            for one in self.told()["on_air"]
        ]

    def fault(self, what: str, detail: str = "") -> None:
        self.ask(OBEX, "Fault", "ss", what, detail)

    def refuse_next(self, code: int) -> None:
        if code in NAMES:
            self.fault("refuse", f"org.bluez.obex.Error.{NAMES[code]}")
        else:
            self.fault({10: "fail", 11: "transfer error"}[code])

    def refuse_next_early(self) -> None:
        raise NotImplementedError

    def silence_next(self) -> None:
        self.fault("silence")

    def delay_next(self, seconds: float) -> None:
        self.fault("delay", str(seconds))

    def event(self, sent: OnAir, word: str) -> None:
        self.ask(OBEX, "Event", "ss", str(int(sent.handle, 16)), word)

    def send_report(self, part: OnAir, status: int = 0) -> None:
        self.event(part, "delivery-failure" if status else "delivery-success")

    def send_inbound(self, sender: str, text: str, *, told: bool = True) -> None:
        self.ask(OBEX, "Receive", "ssb", sender, text, told)

    def say(self, what: str, value: object) -> None:
        self.ask(OBEX, "Say", "ss", what, json.dumps(value))

    def held(self) -> object:
        return self.told()["rows"]

    def swap_sim(self) -> None:
        raise NotImplementedError

    def unplug(self) -> None:
        self.ask(OBEX, "Drop")

    def dispose(self) -> None:
        self._stack.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[HandsetBench]:
    it = HandsetBench(tmp_path)
    yield it
    it.dispose()


class TestBluetooth(RequestSuite):
    traits: ClassVar[Traits] = replace(REQUESTS, refusals=REFUSALS, unproven=11, late=True, two_way=True)

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[HandsetBench]:
        it = HandsetBench(tmp_path)
        yield it
        it.dispose()


def up(bench: HandsetBench, sink: RecordingSink | None = None, *, submit_timeout_s: float = 5) -> Link:
    link = bench.make_link(sink or RecordingSink(), submit_timeout_s=submit_timeout_s)
    link.bring_up()
    return link


def hear(link: Link, times: int = 3) -> None:
    for _ in range(times):
        link.listen(0.05)


def test_it_is_a_driver_that_says_what_it_changes_and_can_do() -> None:
    assert isinstance(DRIVER, Driver)
    assert isinstance(DRIVER, Altering)
    assert isinstance(DRIVER, Described)
    said = " ".join(DRIVER.changes(DRIVER.endpoint("bluetooth")))
    assert "row in the handset's outbox" in said
    assert "Pairing leaves a record" in said


def test_facts_are_its_address_and_name(bench: HandsetBench) -> None:
    facts = DRIVER.inspect(DRIVER.endpoint(f"bluetooth:{PHONE.lower()}"), bench.options())
    assert (facts.device.account, facts.device.model) == (f"bluetooth {PHONE}", "Example phone")
    assert facts.device.virtual
    assert not bench.told()["sessions"], "the session is ended"


def test_the_file_that_is_handed_over_is_private_and_gone_at_once(bench: HandsetBench) -> None:
    left = bench.folder / f".map-{PHONE.replace(':', '')}-left.bmsg"
    left.write_text("of a run that was killed")
    link = up(bench)
    link.submit(part(), Commit(bench))
    [(file, mode)] = bench.told()["written"]
    assert Path(file).parent == bench.folder, "under the operation"
    assert mode == 0o600
    assert [one.name for one in bench.folder.iterdir()] == ["phone.transcript"]
    link.close()


def test_where_no_transcript_is_kept_the_file_lies_in_the_operation_too(bench: HandsetBench) -> None:
    own = bench.folder / "operation"
    own.mkdir()
    (own / f".map-{PHONE.replace(':', '')}-left.bmsg").touch()
    options = replace(bench.options(submit_timeout_s=5), transcript=None, folder=own)
    link = DRIVER.open(DRIVER.endpoint("bluetooth"), RecordingSink(), ManualClock(), options)
    link.bring_up()
    link.submit(part(), Commit(bench))
    [(file, _mode)] = bench.told()["written"]
    assert Path(file).parent == own
    assert list(own.iterdir()) == []
    link.close()


def test_a_text_with_every_kind_of_sign_comes_as_it_is(bench: HandsetBench) -> None:
    link = up(bench)
    text = "caf\u00e9 \u20ac \U0001f600\nEND:MSG\n/END:MSG"
    outcome = link.submit(replace(part(), text=text), Commit(bench))
    assert outcome.kind is OutcomeKind.ACCEPTED, outcome
    assert bench.on_air()[0].text == text.replace("\n", "\r\n").replace("END:MSG", "/END:MSG")
    link.close()


def test_an_event_that_was_missed_is_made_good_by_the_list_of_sent_texts(bench: HandsetBench) -> None:
    link = up(bench)
    bench.fault("no event")
    outcome = link.submit(part(), Commit(bench))
    assert (outcome.kind, outcome.raw) == (OutcomeKind.ACCEPTED, "sent")
    link.close()


def test_no_event_is_unknown_until_the_handset_tells(bench: HandsetBench) -> None:
    sink = RecordingSink()
    link = up(bench, sink, submit_timeout_s=0.3)
    bench.silence_next()
    asked = part()
    outcome = link.submit(asked, Commit(bench))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNKNOWN, 13)
    assert isinstance(link, Requesting)
    assert link.lookup(asked.key, 1) is None
    bench.event(bench.on_air()[0], "sending-success")
    found = link.lookup(asked.key, 1)
    assert found is not None
    assert found.handle == bench.on_air()[0].handle
    link.close()


def test_a_failure_told_of_late_settles_it_as_not_sent(bench: HandsetBench) -> None:
    sink = RecordingSink()
    link = up(bench, sink, submit_timeout_s=0.3)
    bench.silence_next()
    link.submit(part(), Commit(bench))
    bench.event(bench.on_air()[0], "sending-failure")
    while not sink.late:
        link.listen(0.5)
    assert [(one.kind, one.refusal) for one in sink.late] == [(OutcomeKind.REFUSED, Refusal.LATER)]
    link.close()


def test_a_failure_of_a_long_text_proves_nothing(bench: HandsetBench) -> None:
    link = up(bench)
    bench.refuse_next(10)
    outcome = link.submit(part(text="long text " * 30), Commit(bench))
    assert outcome.kind is OutcomeKind.UNKNOWN
    link.close()


def test_a_text_that_somebody_else_sends_meanwhile_is_not_taken_for_ours(bench: HandsetBench) -> None:
    link = up(bench, submit_timeout_s=0.5)
    bench.fault("theirs")
    assert link.submit(part(), Commit(bench)).kind is OutcomeKind.UNKNOWN
    link.close()


@pytest.mark.parametrize(("first", "kind"), [("", OutcomeKind.ACCEPTED), ("unlisted", OutcomeKind.UNKNOWN)])
def test_a_row_with_nobodys_number_is_a_texts_only_if_no_other_is_in_doubt(
    bench: HandsetBench, first: str, kind: OutcomeKind
) -> None:
    link = up(bench, submit_timeout_s=0.5)
    if first:
        bench.fault(first)
        assert link.submit(part(), Commit(bench)).kind is OutcomeKind.UNKNOWN
    bench.fault("nobody's")
    asked = part()
    assert link.submit(asked, Commit(bench)).kind is kind
    assert isinstance(link, Requesting)
    assert link.lookup(asked.key, 1) is None, "settled at once, or not to be told"
    link.close()


def test_a_handset_that_lists_nothing_is_handed_nothing(bench: HandsetBench) -> None:
    link = up(bench)
    bench.fault("no list")
    outcome = link.submit(part(), Commit(bench))
    assert (outcome.kind, outcome.refusal) == (OutcomeKind.REFUSED, Refusal.MODEM)
    assert not bench.on_air()
    link.close()


def test_obexd_that_ends_while_a_text_is_out_leaves_doubt_and_a_lost_link(bench: HandsetBench) -> None:
    link = up(bench, submit_timeout_s=10)
    bench.silence_next()
    found = []
    sender = threading.Thread(target=lambda: found.append(link.submit(part(), Commit(bench))))
    sender.start()
    while not bench.on_air():
        pass
    end(bench.mock)
    sender.join(10)
    assert [one.kind for one in found] == [OutcomeKind.UNKNOWN]
    with pytest.raises(LinkLost):
        hear(link)
    link.close()


def test_a_handset_whose_bluetooth_is_switched_off_is_a_lost_link(bench: HandsetBench) -> None:
    from dbus_fast import Variant

    link = up(bench)
    bench.ask(DEVICE, "UpdateProperties", "sa{sv}", "org.bluez.Device1", {"Connected": Variant("b", False)})
    with pytest.raises(LinkLost, match="out of reach"):
        hear(link)
    link.close()


def test_another_handset_is_never_used(bench: HandsetBench) -> None:
    bench.say("answers", OTHER)
    link = bench.make_link(RecordingSink(), submit_timeout_s=5)
    with pytest.raises(GuardStop, match=f"{OTHER} answered for {PHONE}"):
        link.bring_up()
    link.close()


def test_a_handset_that_is_not_paired_is_not_paired_by_us(bench: HandsetBench) -> None:
    with pytest.raises(GuardStop, match=f"{OTHER} is not paired"):
        DRIVER.inspect(DRIVER.endpoint(OTHER), bench.options())


def test_a_handset_that_allows_no_access_says_what_to_do(bench: HandsetBench) -> None:
    bench.fault("no session")
    with pytest.raises(LinkLost, match="refused the connection") as refused:
        DRIVER.inspect(DRIVER.endpoint("bluetooth"), bench.options())
    assert "allow access to messages" in refused.value.remedy


def test_a_handset_without_texts_stops_the_line(bench: HandsetBench) -> None:
    bench.say("kinds", ["EMAIL"])
    with pytest.raises(GuardStop, match="offers no texts"):
        DRIVER.inspect(DRIVER.endpoint("bluetooth"), bench.options())


def test_on_an_exhibit_no_message_is_opened_and_none_marked_read(bench: HandsetBench) -> None:
    bench.send_inbound(THEM, "from before", told=False)
    sink = RecordingSink()
    link = up(bench, sink)
    bench.send_inbound(THEM, "Thank you " * 40)
    while not sink.inbounds:
        link.listen(0.2)
    assert [one.text for one in sink.inbounds] == [("Thank you " * 40)[:255]]
    assert bench.told()["opened"] == []
    assert not any(row.get("read") for row in bench.told()["rows"].values())
    link.close()


def test_elsewhere_texts_are_read_whole(tmp_path: Path) -> None:
    bench = HandsetBench(tmp_path, exhibit=False)
    try:
        sink = RecordingSink()
        link = up(bench, sink)
        bench.send_inbound(THEM, "Thank\nyou " * 40)
        while not sink.inbounds:
            link.listen(0.2)
        assert [one.text for one in sink.inbounds] == ["Thank\nyou " * 40]
        assert [one.name for one in bench.folder.iterdir()] == ["phone.transcript"]
        link.close()
    finally:
        bench.dispose()


def test_a_text_that_cannot_be_read_whole_is_told_by_its_first_words(tmp_path: Path) -> None:
    bench = HandsetBench(tmp_path, exhibit=False)
    try:
        sink = RecordingSink()
        link = up(bench, sink)
        bench.fault("no get")
        bench.send_inbound(THEM, "Thank you " * 40)
        while not sink.inbounds:
            link.listen(0.2)
        assert [one.text for one in sink.inbounds] == [("Thank you " * 40)[:255]]
        link.close()
    finally:
        bench.dispose()


def test_an_inbox_that_could_not_be_listed_is_listed_later(bench: HandsetBench) -> None:
    client = DRIVER._client(DRIVER.endpoint("bluetooth"), bench.options())
    client.bring_up()
    bench.fault("no list")
    bench.send_inbound(THEM, "Thank you")
    assert list(client.hear(1.0)) == []
    assert list(client.hear(0.1)) == []
    client.check()
    [text] = client.hear(1.0)
    assert isinstance(text, Inbound)
    assert text.text == "Thank you"
    client.close()


def test_a_session_that_is_another_handsets_now_is_lost(bench: HandsetBench) -> None:
    client = DRIVER._client(DRIVER.endpoint("bluetooth"), bench.options())
    client.bring_up()
    client.check()
    [path] = bench.told()["sessions"]
    at = Address("org.bluez.obex", path, "org.freedesktop.DBus.Mock")
    from dbus_fast import Variant

    bench.ask(at, "UpdateProperties", "sa{sv}", "org.bluez.obex.Session1", {"Destination": Variant("s", OTHER)})
    with pytest.raises(LinkLost, match="ended the connection"):
        client.check()
    client.close()


def test_without_bluez_or_a_session_bus_it_says_what_to_start(
    bench: HandsetBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    end(bench.bluez)
    with pytest.raises(GuardStop, match="BlueZ") as stopped:
        DRIVER.inspect(DRIVER.endpoint("bluetooth"), bench.options())
    assert "systemctl start bluetooth" in stopped.value.remedy
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(LinkLost, match="no session bus"):
        DRIVER.inspect(DRIVER.endpoint(PHONE), OpenOptions())


def test_the_record_has_what_was_asked_of_the_handset_and_nobodys_number(bench: HandsetBench) -> None:
    sink = RecordingSink()
    link = up(bench, sink)
    link.submit(part(), Commit(bench))
    bench.send_inbound(THEM, "Thank you")
    while not sink.inbounds:
        link.listen(0.2)
    link.close()
    record = (bench.folder / "phone.transcript").read_text()
    done = list(commands(record))
    obex = "D-Bus org.bluez.obex."
    assert done[0] == f"{obex}Client1.CreateSession"
    assert done.count("(PDU)") == 1
    assert done[done.index("(PDU)") + 1] == f"{obex}MessageAccess1.PushMessage"
    assert [one for one in counted(done) if one.changes is Changes.UNKNOWN] == []
    assert "900123" not in record
    assert "Help is" not in record


def test_events_about_texts_of_others_are_left_alone(bench: HandsetBench) -> None:
    link, sink = up(bench), RecordingSink()
    link.submit(part(), Commit(bench))
    link.close()
    link = up(bench, sink)
    link.submit(part("+447700900124"), Commit(bench))
    bench.event(bench.on_air()[0], "delivery-success")
    hear(link)
    assert not any(one.said == "delivery-success" for one in sink.reports)
    link.close()


def test_which_handset_must_be_said_if_there_are_two(bench: HandsetBench) -> None:
    options = replace(bench.options(), settings={"bus": bench.bus.address})
    assert DRIVER.inspect(DRIVER.endpoint("bluetooth"), options).device.address == PHONE
    bench.pair(OTHER, "Another")
    with pytest.raises(ConfigError, match="2 handsets are paired"):
        DRIVER.inspect(DRIVER.endpoint("bluetooth"), options)


def test_discovery_is_of_paired_handsets_with_messages(
    bench: HandsetBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bench.bus.address)
    bench.ask(BLUEZ, "AddDevice", "sss", "hci0", OTHER, "Not paired")
    assert [(one.address, one.description) for one in DRIVER.discover()] == [(PHONE, "Example phone")]
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert DRIVER.discover() == []
