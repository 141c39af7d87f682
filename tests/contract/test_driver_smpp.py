"""The shared suites over SMPP, part by part and with whole texts, against our own SMSC with its faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar

import pytest

from gsmsend.contract import Driver, Link, OpenOptions, Requesting, Sink, Submission
from gsmsend.errors import GuardStop, LinkLost, UsageError
from gsmsend.model import OutcomeKind, Refusal
from gsmsend.sms import Segment, split
from gsmsend.testing.driver_bench import Traits
from gsmsend.testing.driver_suite import Bench, DriverSuite, OnAir, part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend.testing.request_suite import REQUESTS, RequestSuite
from gsmsend_cloud.smpp import DRIVER
from tests.contract.smsc import (
    DELIVER,
    ENQUIRE,
    NACK,
    RESP,
    SUBMIT,
    UNBIND,
    Smsc,
    deliver_body,
    option,
    packed,
    until,
)  # fmt: skip

REFUSALS = (
    (0x0B, Refusal.RECIPIENT), (0x0A, Refusal.LINE), (0x58, Refusal.RETRY), (0x14, Refusal.LATER),
    (0x01, Refusal.MESSAGE),
)  # fmt: skip
PARTS = Traits(references=False, refusals=REFUSALS, unproven=0x08, swaps=False)


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class SmppBench:
    """Satisfies `driver_suite.Bench`."""

    two_step = False

    def __init__(self, **settings: object) -> None:
        self.smsc = Smsc()
        self.settings = settings

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        settings = self.smsc.settings(read_seconds=submit_timeout_s, **self.settings)
        return DRIVER.open(DRIVER.endpoint("smpp"), sink, SystemClock(), OpenOptions(settings=settings))

    def on_air(self) -> list[OnAir]:
        return [
            OnAir(each.destination, each.text, wire=each.pdu.wire, handle=self._handle(each.message_id))
            for each in self.smsc.taken
        ]

    def _handle(self, message_id: str) -> str:
        return message_id

    def refuse_next(self, code: int) -> None:
        self.smsc.faults.next_status = code

    def refuse_next_early(self) -> None:
        raise NotImplementedError

    def silence_next(self) -> None:
        self.smsc.faults.next_silent = True

    def delay_next(self, seconds: float) -> None:
        self.smsc.faults.next_delay_s = seconds

    def send_report(self, part: OnAir, status: int = 0) -> None:
        taken = next(each for each in self.smsc.taken if each.message_id == part.handle)
        self.smsc.receipt(taken, "EXPIRED" if status >= 0x40 else "DELIVRD")

    def send_inbound(self, sender: str, text: str) -> None:
        body = deliver_body(sender.lstrip("+"), text.encode("utf-16-be"), data_coding=8)
        self.smsc.deliver(body)

    def held(self) -> object:
        return ()

    def swap_sim(self) -> None:
        raise NotImplementedError

    def unplug(self) -> None:
        self.smsc.drop()

    def dispose(self) -> None:
        self.smsc.close()


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMPP_PASSWORD", "s3cret")


class TestPartByPart(DriverSuite):
    """Long texts in parts with a header."""

    traits: ClassVar[Traits] = PARTS

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        bench = SmppBench()
        yield bench
        bench.dispose()


class TestWholeTexts(RequestSuite):
    """Long texts in message_payload."""

    traits: ClassVar[Traits] = replace(REQUESTS, refusals=REFUSALS, unproven=0x08, late=True, two_way=True)

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        bench = SmppBench(long="payload")
        yield bench
        bench.dispose()


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    made = Smsc()
    yield made
    made.close()


def opened(smsc: Smsc, sink: Sink, **settings: object) -> Link:
    options = OpenOptions(settings=smsc.settings(**{"read_seconds": 0.3, **settings}))
    link = DRIVER.open(DRIVER.endpoint("smpp"), sink, SystemClock(), options)
    try:
        link.bring_up()
    except BaseException:
        link.close()
        raise
    return link


def hear(link: Link, enough: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not enough() and time.monotonic() < end:
        link.listen(0.02)
    assert enough()


# --- who signs in -----------------------------------------------------------------------------------------


def test_the_entry_point_is_a_driver_of_a_cloud() -> None:
    assert isinstance(DRIVER, Driver)
    assert DRIVER.endpoint("smpp").cloud
    assert DRIVER.discover() == ()
    with pytest.raises(UsageError, match="no account of smpp"):
        DRIVER.endpoint("/dev/ttyUSB0")


def test_the_account_is_named_and_a_simulator_is_virtual(smsc: Smsc) -> None:
    facts = DRIVER.inspect(DRIVER.endpoint("smpp"), OpenOptions(settings=smsc.settings()))
    assert facts.device.account == f"gsmsend at 127.0.0.1:{smsc.port} from Helpline"
    assert facts.device.virtual
    assert facts.operator == "Simulator"
    assert until(lambda: smsc.answers(UNBIND)), "signed out again"


def test_a_wrong_password_stops_the_line_and_is_not_tried_again(smsc: Smsc) -> None:
    smsc.faults.password = b"another"
    with pytest.raises(GuardStop, match="ESME_RINVPASWD") as stop:
        opened(smsc, RecordingSink())
    assert "s3cret" not in stop.value.words


@pytest.mark.parametrize("status", [0x05, 0x08, 0x0D])
def test_a_sign_in_that_may_succeed_later_is_a_lost_link(smsc: Smsc, status: int) -> None:
    smsc.faults.bind_status = status
    with pytest.raises(LinkLost):
        opened(smsc, RecordingSink())


def test_no_answer_to_the_sign_in_is_a_lost_link(smsc: Smsc) -> None:
    smsc.faults.bind_silent = True
    with pytest.raises(LinkLost, match="sign-in"):
        opened(smsc, RecordingSink(), connect_seconds=0.2)


def test_nobody_there_is_a_lost_link(smsc: Smsc) -> None:
    smsc.drop()
    with pytest.raises(LinkLost, match="cannot be reached"):
        opened(smsc, RecordingSink())


# --- texts ------------------------------------------------------------------------------------------------


def long_parts(text: str) -> list[Submission]:
    plan = split(text)
    total = len(plan.segments)
    return [
        replace(part(text=text, seq=seq, total=total), segment=segment, concat_reference=77)
        for seq, segment in enumerate(plan.segments, 1)
    ]


LONG = "Help is there for you, day and night. " * 6


def test_parts_have_a_header_and_ask_for_a_receipt(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink())
    for asked in long_parts(LONG):
        assert link.submit(asked, lambda _raw: None).kind is OutcomeKind.ACCEPTED
    assert [each.short[:6].hex() for each in smsc.taken] == ["0500034d0201", "0500034d0202"]
    assert "".join(each.text for each in smsc.taken) == LONG
    assert {
        (each.number("esm_class"), each.number("registered"), each.number("data_coding")) for each in smsc.taken
    } == {(0x40, 1, 0)}
    link.close()


def test_parts_by_sar_parameters(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink(), long="sar")
    for asked in long_parts(LONG):
        link.submit(asked, lambda _raw: None)
    places = [
        tuple(int.from_bytes(each.options[tag], "big") for tag in (0x020C, 0x020E, 0x020F)) for each in smsc.taken
    ]
    assert places == [(77, 2, 1), (77, 2, 2)]
    assert "".join(each.short.decode() for each in smsc.taken) == LONG
    assert {each.number("esm_class") for each in smsc.taken} == {0}
    link.close()


def test_a_whole_text_is_one_payload(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink(), long="payload")
    assert link.submit(long_parts(LONG)[0], lambda _raw: None).kind is OutcomeKind.ACCEPTED
    assert [each.options[0x0424].decode() for each in smsc.taken] == [LONG]
    assert smsc.taken[0].short == b""
    link.close()


def submitted(link: Link, text: str) -> None:
    (segment,) = split(text).segments
    outcome = link.submit(replace(part(text=text), segment=segment), lambda _raw: None)
    assert outcome.kind is OutcomeKind.ACCEPTED


@pytest.mark.parametrize(
    ("settings", "text", "coding", "octets"),
    [
        ({}, "café @ £5 {ok}", 0, b"caf\x05 \x00 \x015 \x1b\x28ok\x1b\x29"),
        ({"alphabet": "latin1", "data_coding": 3}, "café @ £5", 3, "café @ £5".encode("latin-1")),
        ({"alphabet": "latin1"}, "5 €", 8, "5 €".encode("utf-16-be")),
        ({}, "помощь 😀", 8, "помощь 😀".encode("utf-16-be")),
    ],
)
def test_texts_are_coded_as_the_smsc_reads_them(
    smsc: Smsc, settings: dict[str, object], text: str, coding: int, octets: bytes
) -> None:
    link = opened(smsc, RecordingSink(), **settings)
    submitted(link, text)
    assert (smsc.taken[0].number("data_coding"), smsc.taken[0].short) == (coding, octets)
    link.close()


@pytest.mark.parametrize(
    ("sender", "place"),
    [("Helpline", (5, 0, "Helpline")), ("+447700900999", (1, 1, "447700900999")), ("60006", (0, 1, "60006"))],
)
def test_the_sender_has_its_type(smsc: Smsc, sender: str, place: tuple[int, int, str]) -> None:
    link = opened(smsc, RecordingSink(), sender=sender)
    submitted(link, "Help is there")
    fields = smsc.taken[0].fields
    assert (fields["ton"], fields["npi"], fields["source"]) == place
    assert (fields["dton"], fields["dnpi"], fields["destination"]) == (1, 1, "447700900123")
    link.close()


def test_the_validity_period_is_relative(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink())
    link.submit(replace(part(), validity_s=2 * 86400 + 3661), lambda _raw: None)
    assert smsc.taken[0].fields["validity"] == "000002010101000R"
    link.close()


def test_what_has_no_room_is_refused_and_not_committed(smsc: Smsc) -> None:
    calls: list[str] = []
    link = opened(smsc, RecordingSink(), alphabet="latin1")
    text = "€" * 80
    outcome = link.submit(replace(part(text=text), segment=Segment(text, units=160)), calls.append)
    assert (outcome.kind, outcome.refusal, calls) == (OutcomeKind.REFUSED, Refusal.MESSAGE, [])
    link.close()


# --- answers ----------------------------------------------------------------------------------------------


def test_answers_out_of_order_settle_the_texts_they_belong_to(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    smsc.faults.hold = True
    asked = [part(f"+44770090012{number}") for number in range(3)]
    assert [link.submit(each, lambda _raw: None).kind for each in asked] == [OutcomeKind.UNKNOWN] * 3
    for answer in reversed(smsc.held):
        smsc.write(answer)
    hear(link, lambda: sink.late)
    assert isinstance(link, Requesting)
    assert [each.handle for each in sink.late] == ["m00003"], "the last one, as the sink takes it for that"
    assert until(lambda: link.lookup(asked[0].key, 1))
    found = [link.lookup(each.key, 1) for each in asked]
    assert [each.handle if each else "" for each in found] == ["m00001", "m00002", "m00003"], "each when asked for"
    link.close()


def test_an_answer_to_an_earlier_text_is_not_taken_for_that_of_the_next(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    smsc.faults.hold = True
    first = part()
    link.submit(first, lambda _raw: None)
    smsc.faults.hold = False
    smsc.faults.next_before_answer.append(lambda: smsc.write(smsc.held[0]))
    second = link.submit(part("+447700900124"), lambda _raw: None)
    assert second.handle == "m00002"
    assert not sink.late
    assert isinstance(link, Requesting)
    found = link.lookup(first.key, 1)
    assert found is not None
    assert found.handle == "m00001"
    link.close()


@pytest.mark.parametrize("long", ["udh", "payload"])
def test_a_late_refusal_read_while_the_next_text_is_handed_over_is_not_told_as_that_ones(
    smsc: Smsc, long: str
) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink, long=long)
    assert isinstance(link, Requesting)
    smsc.faults.deaf = True
    first, second = part(), part("+447700900124")
    assert link.submit(first, lambda _raw: None).kind is OutcomeKind.UNKNOWN
    assert until(lambda: smsc.answers(SUBMIT))
    smsc.faults.deaf, smsc.faults.next_silent = False, True

    def commit(_raw: str) -> None:  # the last that is done before the octets of the second leave
        smsc.write(packed(SUBMIT | RESP, 0x14, smsc.answers(SUBMIT)[0].sequence))

    assert link.submit(second, commit).kind is OutcomeKind.UNKNOWN
    link.listen(0.05)
    assert not sink.late, "the sink would take it for the second, which the SMSC has"
    found = link.lookup(first.key, 1)
    assert found is not None
    assert found.kind is OutcomeKind.REFUSED
    assert link.lookup(second.key, 1) is None
    link.close()


def test_a_late_answer_is_there_by_its_key_also_once_the_session_is_lost(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink())
    assert isinstance(link, Requesting)
    smsc.faults.hold = True
    first = part()
    link.submit(first, lambda _raw: None)
    smsc.write(smsc.held[0] + packed(UNBIND, 0, 5))
    with pytest.raises(LinkLost):
        hear(link, lambda: False)
    found = link.lookup(first.key, 1)
    assert found is not None
    assert found.handle == "m00001"
    with pytest.raises(LinkLost):
        link.lookup(part().key, 1)
    link.close()


def test_an_answer_with_a_sequence_number_of_nobody_is_ignored(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink())
    smsc.faults.next_before_answer.append(lambda: smsc.write(packed(0x80000004, 0, 999, b"other\0")))
    assert link.submit(part(), lambda _raw: None).handle == "m00001"
    link.close()


def test_throttling_asks_for_ever_longer_waits_until_a_text_is_taken(smsc: Smsc) -> None:
    link, waits = opened(smsc, RecordingSink()), []
    for code in (0x58, 0x58, 0x58, None, 0x58):
        smsc.faults.next_status = code
        waits.append(link.submit(part(), lambda _raw: None).wait_s)
    assert waits == [5, 10, 20, None, 5]
    link.close()


def test_a_full_window_sends_nothing_more(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink(), window=2, read_seconds=0.05)
    smsc.faults.hold = True
    outcomes = [link.submit(part(), lambda _raw: None) for _ in range(3)]
    assert [each.kind for each in outcomes] == [OutcomeKind.UNKNOWN, OutcomeKind.UNKNOWN, OutcomeKind.REFUSED]
    assert outcomes[2].wait_s
    assert len(smsc.taken) == 2
    link.close()


def test_a_generic_nack_with_our_number_is_a_refusal(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink())
    smsc.faults.next_status, smsc.faults.next_nack = 0x02, True
    outcome = link.submit(part(), lambda _raw: None)
    assert (outcome.kind, outcome.code) == (OutcomeKind.REFUSED, 2)
    link.close()


def test_a_code_of_the_provider_s_own_means_what_the_config_says(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink(), statuses=["0x0433 line", "0x14 unknown"])
    for code in (0x433, 0x434, 0x14):
        smsc.faults.next_status = code
        outcome = link.submit(part(), lambda _raw: None)
        assert outcome.code == code
        assert outcome.refusal is (Refusal.LINE if code == 0x433 else None)
        assert (outcome.kind is OutcomeKind.UNKNOWN) is (code != 0x433)
    link.close()


def test_a_connection_that_breaks_after_the_text_leaves_it_in_doubt(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink())
    smsc.faults.next_drop = True
    assert link.submit(part(), lambda _raw: None).kind is OutcomeKind.UNKNOWN
    commits: list[str] = []
    with pytest.raises(LinkLost):
        link.submit(part(), commits.append)
    assert not commits
    link.close()
    again = opened(smsc, RecordingSink())
    assert again.submit(part("+447700900124"), lambda _raw: None).kind is OutcomeKind.ACCEPTED
    assert len(smsc.taken) == 2
    again.close()


@pytest.mark.parametrize("long", ["udh", "payload"])
def test_an_smsc_that_is_gone_is_given_nothing(smsc: Smsc, long: str) -> None:
    link = opened(smsc, RecordingSink(), long=long)
    smsc.hang_up()
    commits: list[str] = []
    try:
        outcome = link.submit(part(), commits.append)
    except LinkLost:
        assert not commits
    else:
        assert outcome.kind is OutcomeKind.REFUSED, "it is proven that nothing was written"
    with pytest.raises(LinkLost):
        link.submit(part(), commits.append)
    assert len(commits) <= 1
    assert not smsc.taken
    link.close()


def test_an_answer_counts_even_if_we_are_signed_out_with_it(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink())
    smsc.faults.hold = True

    def both() -> None:
        answer = packed(0x80000004, 0, smsc.came[-1].sequence, b"m00001\0")
        smsc.write(answer + packed(UNBIND, 0, 5))

    smsc.faults.next_before_answer.append(both)
    outcome = link.submit(part(), lambda _raw: None)
    assert (outcome.kind, outcome.handle) == (OutcomeKind.ACCEPTED, "m00001")
    with pytest.raises(LinkLost):
        link.listen(0.1)
    link.close()


def test_a_late_answer_counts_even_if_we_are_signed_out_with_it(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    smsc.faults.hold = True
    link.submit(part(), lambda _raw: None)
    smsc.write(smsc.held[0] + packed(UNBIND, 0, 5))
    with pytest.raises(LinkLost):
        hear(link, lambda: False)
    assert [each.handle for each in sink.late] == ["m00001"]
    link.close()


def test_a_text_without_an_id_is_taken_and_pointed_out(smsc: Smsc) -> None:
    sink = RecordingSink()
    smsc.faults.id_of = lambda _number: ""
    link = opened(smsc, sink)
    for _ in range(2):
        outcome = link.submit(part(), lambda _raw: None)
        assert (outcome.kind, outcome.handle) == (OutcomeKind.ACCEPTED, "")
    hear(link, lambda: sink.facts)
    assert sum("no message id" in note for note in sink.facts[-1].notes) == 1
    link.close()


# --- the session ------------------------------------------------------------------------------------------


def test_links_are_enquired_both_ways(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink(), enquire_seconds=0.05)
    hear(link, lambda: smsc.answers(ENQUIRE))
    smsc.write(packed(ENQUIRE, 0, 4711))
    hear(link, lambda: smsc.answers(ENQUIRE | RESP))
    assert smsc.answers(ENQUIRE | RESP)[0].sequence == 4711
    link.close()


def test_an_enquiry_without_answer_is_a_lost_link(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink(), enquire_seconds=0.05, connect_seconds=0.2)
    smsc.faults.deaf = True
    with pytest.raises(LinkLost, match="has not answered"):
        hear(link, lambda: False)
    link.close()


def test_being_signed_out_is_answered_and_a_lost_link(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink())
    smsc.write(packed(UNBIND, 0, 5))
    with pytest.raises(LinkLost, match="signed us out"):
        hear(link, lambda: False)
    assert until(lambda: smsc.answers(UNBIND | RESP))
    link.close()


@pytest.mark.parametrize(
    "octets", [b"\0\0\0\x03", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\0\0\x10" + b"\xff" * 12]
)
def test_garbage_ends_the_session_or_is_refused_and_sends_nothing(smsc: Smsc, octets: bytes) -> None:
    link = opened(smsc, RecordingSink())
    smsc.write(octets)
    if octets[:4] == b"\0\0\0\x10":
        link.listen(0.1)
        assert link.submit(part(), lambda _raw: None).kind is OutcomeKind.ACCEPTED
    else:
        with pytest.raises(LinkLost, match="no PDU"):
            hear(link, lambda: False)
    link.close()


def test_a_request_that_is_not_known_is_refused(smsc: Smsc) -> None:
    link = opened(smsc, RecordingSink())
    smsc.write(packed(0x0103, 0, 12, b""))
    hear(link, lambda: smsc.answers(NACK))
    assert (smsc.answers(NACK)[0].status, smsc.answers(NACK)[0].sequence) == (3, 12)
    link.close()


# --- receipts and texts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("long", ["udh", "payload"])
def test_a_report_is_confirmed_only_when_it_is_on_disk_and_else_brought_again(smsc: Smsc, long: str) -> None:
    sink = RecordingSink(durable=False)
    link = opened(smsc, sink, long=long)
    link.submit(part(), lambda _raw: None)
    mine = smsc.receipt(smsc.taken[0])
    hear(link, lambda: sink.reports)
    link.listen(0.1)
    assert not smsc.answers(DELIVER | RESP)
    sink.receipts[0].durable = True
    hear(link, lambda: smsc.answers(DELIVER | RESP))
    assert [(each.sequence, each.status) for each in smsc.answers(DELIVER | RESP)] == [(mine, 0)]
    link.close()


@pytest.mark.parametrize("long", ["udh", "payload"])
def test_what_was_not_on_disk_when_the_session_ended_is_brought_again(smsc: Smsc, long: str) -> None:
    first, again = RecordingSink(durable=False), RecordingSink()
    link = opened(smsc, first, long=long)
    handle = link.submit(part(), lambda _raw: None).handle
    smsc.receipt(smsc.taken[0])
    hear(link, lambda: first.reports)
    link.close()
    link = opened(smsc, again, long=long)
    assert isinstance(link, Requesting)
    link.expect([handle])
    hear(link, lambda: again.reports)
    assert [report.handle for report in again.reports] == [handle]
    hear(link, lambda: not smsc.unconfirmed)
    link.close()


@pytest.mark.parametrize("long", ["udh", "payload"])
def test_what_came_before_the_connection_broke_is_told(smsc: Smsc, long: str) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink, long=long)
    link.submit(part(), lambda _raw: None)
    smsc.faults.next_before_answer.append(lambda: smsc.receipt(smsc.taken[0]))
    smsc.faults.next_drop = True
    assert link.submit(part("+447700900124"), lambda _raw: None).kind is OutcomeKind.UNKNOWN
    with pytest.raises(LinkLost):
        hear(link, lambda: False)
    assert [report.handle for report in sink.reports] == ["m00001"]
    link.close()


def test_a_receipt_by_parameters_alone(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    link.submit(part(), lambda _raw: None)
    options = (
        option(0x1E, b"m00001") + option(0x0427, b"\x05") + option(0x0423, b"\x03\0\x1b") + option(0x1501, b"?")
    )
    smsc.deliver(deliver_body("447700900123", b"", esm_class=4, options=options))
    hear(link, lambda: sink.reports)
    report = sink.reports[0]
    assert (report.handle, report.said, report.status) == ("m00001", "UNDELIV network 3 error 27", 0x50)
    assert report.recipient == "+447700900123"
    link.close()


def test_a_receipt_before_the_answer_is_told(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    smsc.faults.next_before_answer.append(lambda: smsc.receipt(smsc.taken[0]))
    outcome = link.submit(part(), lambda _raw: None)
    hear(link, lambda: sink.reports)
    assert outcome.handle == sink.reports[0].handle == "m00001"
    link.close()


def test_a_receipt_with_our_reference_settles_a_text_without_answer(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    smsc.faults.next_silent = True
    assert link.submit(part(), lambda _raw: None).kind is OutcomeKind.UNKNOWN
    reference = option(0x0204, smsc.taken[0].options[0x0204])
    words = b"id:m00001 stat:DELIVRD err:000 text:"
    for other in ("447700900124", "44770090XXXX", "Helpline", "", "123"):
        smsc.deliver(deliver_body(other, words, esm_class=4, options=reference))
    hear(link, lambda: len(sink.reports) == 5)
    assert not sink.late, "that of another recipient settles nothing"
    smsc.deliver(deliver_body("447700900123", words, esm_class=4, options=reference))
    hear(link, lambda: sink.late)
    assert sink.late[0].handle == sink.reports[-1].handle == "m00001"
    link.close()


@pytest.mark.parametrize(
    ("mode", "answer", "receipt", "matches"),
    [
        ("same", "10", "16", False), ("same", "10", "10", True), ("hex-decimal", "1A", "26", True),
        ("hex-decimal", "10", "10", False), ("decimal-hex", "26", "0000001a", True),
        ("decimal-hex", "26", "26", False),
    ],
)  # fmt: skip
def test_ids_are_the_same_only_as_the_setting_says(
    smsc: Smsc, mode: str, answer: str, receipt: str, matches: bool
) -> None:
    sink = RecordingSink()
    smsc.faults.id_of = lambda _number: answer
    link = opened(smsc, sink, message_id=mode)
    handle = link.submit(part(), lambda _raw: None).handle
    smsc.receipt(smsc.taken[0], name=receipt)
    hear(link, lambda: sink.reports)
    assert (sink.reports[0].handle == handle) is matches
    link.close()


@pytest.mark.parametrize(
    ("source", "destination", "matches"),
    [
        ("447700900123", "447700900999", True), ("07700900123", "447700900999", True),
        ("4477009XXXXX", "447700900999", True), ("Helpline", "447700900123", True),
        ("447700900999", "447700900123", True), ("447700900124", "447700900999", False), ("3", "9", False),
    ],
)  # fmt: skip
def test_a_receipt_under_an_id_that_was_used_again_confirms_nothing(
    smsc: Smsc, source: str, destination: str, matches: bool
) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    handle = link.submit(part(), lambda _raw: None).handle
    words = f"id:{handle} stat:DELIVRD err:000 text:".encode()
    smsc.deliver(deliver_body(source, words, esm_class=4, to=destination))
    hear(link, lambda: sink.reports)
    assert (sink.reports[0].handle == handle) is matches
    link.close()


def test_receipts_in_another_base_are_pointed_out(smsc: Smsc) -> None:
    sink = RecordingSink()
    smsc.faults.id_of = lambda _number: "1a2b"
    link = opened(smsc, sink)
    link.submit(part(), lambda _raw: None)
    smsc.receipt(smsc.taken[0], name=str(0x1A2B))
    hear(link, lambda: sink.facts)
    assert any('message_id = "hex-decimal"' in note for note in sink.facts[-1].notes)
    link.close()


def test_a_long_reply_comes_in_parts(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    for seq, words in ((1, b"Thank "), (2, b"you \x00")):
        smsc.deliver(deliver_body("447700900123", bytes((5, 0, 3, 9, 2, seq)) + words, esm_class=0x40))
    sar = option(0x020C, b"\0\x07") + option(0x020E, b"\x02") + option(0x020F, b"\x01")
    smsc.deliver(deliver_body("60006", b"third", ton=3, options=sar))
    smsc.deliver(
        deliver_body("447700900124", b"", data_coding=8, options=option(0x0424, "добро".encode("utf-16-be")))
    )
    hear(link, lambda: len(sink.inbounds) == 4)
    assert [(each.sender, each.text, each.concat) for each in sink.inbounds] == [
        ("+447700900123", "Thank ", (9, 2, 1)), ("+447700900123", "you @", (9, 2, 2)),
        ("60006", "third", (7, 2, 1)), ("+447700900124", "добро", None),
    ]  # fmt: skip
    assert len({each.raw for each in sink.inbounds}) == 4
    link.close()


def test_a_person_who_texts_a_receipt_confirms_nothing(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    link.submit(part(), lambda _raw: None)
    smsc.deliver(deliver_body("447700900123", b"id:m00001 stat:DELIVRD err:000 text:"))
    hear(link, lambda: sink.inbounds)
    assert not sink.reports
    link.close()


def test_a_broken_receipt_is_refused_told_and_confirms_nothing(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    body = deliver_body("447700900123", b"id:m00001 stat:DELIVRD", esm_class=4)
    smsc.deliver(body[:-3])
    smsc.deliver(body + b"\0\x1e\0\x20m00001")
    hear(link, lambda: len(smsc.answers(DELIVER | RESP)) == 2)
    assert {each.status for each in smsc.answers(DELIVER | RESP)} == {0x65}
    hear(link, lambda: sink.facts)
    assert any("cannot be read" in note for note in sink.facts[-1].notes)
    assert not sink.reports
    link.close()


def test_nothing_that_is_said_names_a_person_or_the_password(smsc: Smsc) -> None:
    sink = RecordingSink()
    link = opened(smsc, sink)
    told = []
    for code in (0x0B, 0x08, 0x58, 0x433, 0x7777):
        smsc.faults.next_status = code
        told.append(str(link.submit(part(), lambda _raw: None)))
    smsc.faults.next_drop = True
    told.append(str(link.submit(part(), lambda _raw: None)))
    for action in (lambda: link.listen(0.1), lambda: link.submit(part(), lambda _raw: None)):
        with pytest.raises(LinkLost) as lost:
            action()
        told.append(lost.value.words)
    for words in told:
        assert not any(secret in words for secret in ("7700900123", "Help is there", "s3cret"))
    link.close()
