"""What may go wrong between gsmsend, adb, the app, Android and the network, and what is then known of a text."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from gsmsend.contract import Altering, Driver, Endpoint, Link, OpenOptions, Requesting, Submission, sibling
from gsmsend.errors import DeviceGone, DriverError, GuardStop, LinkLost
from gsmsend.model import Outcome, OutcomeKind, Refusal, Registration
from gsmsend.requesting import RequestLink
from gsmsend.sms import Address, StatusReport
from gsmsend.testing.driver_bench import Commit, part
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_handset.android import DRIVER, reading
from gsmsend_handset.android.client import AndroidClient
from tests.unit.handset.android_adb import Handset
from tests.unit.handset.android_bench import (
    ICCID,
    IMEI,
    IMSI,
    OTHER_ICCID,
    PASSWORD_VARIABLE,
    PROPERTIES,
    SECRET,
    SERIAL,
    AndroidBench,
    SetClock,
    parcel,
    siminfo,
)  # fmt: skip

LONG = "Help is there. " * 20


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[AndroidBench]:
    monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    made = AndroidBench()
    made.settings = {"check_s": 30, "replies_s": 0}
    yield made
    made.dispose()


def opened(bench: AndroidBench, sink: RecordingSink | None = None, *, timeout_s: float = 0.3) -> RequestLink:
    link = bench.make_link(sink or RecordingSink(), submit_timeout_s=timeout_s)
    link.bring_up()
    assert isinstance(link, RequestLink)
    return link


def sent(bench: AndroidBench, link: Link, asked: Submission | None = None) -> Outcome:
    return link.submit(asked or part(), Commit(bench))


def hear_long(link: Link) -> None:
    hear(link, lambda: False)


def hear(link: Link, enough: Callable[[], object]) -> None:
    """Listen until `enough`, or until patience is at its end."""
    until_s = time.monotonic() + 10
    while not enough() and time.monotonic() < until_s:
        link.listen(0.05)


def test_it_is_a_driver_that_says_what_it_changes_in_whole_sentences(bench: AndroidBench) -> None:
    assert isinstance(DRIVER, Driver)
    assert isinstance(DRIVER, Altering)
    changes = DRIVER.changes(Endpoint("android", SERIAL))
    assert all(words.endswith(".") and words[0].isupper() for words in changes)
    told = " ".join(changes)
    for what in ("app", "USB debugging", "sent", "notification"):
        assert what in told
    assert isinstance(opened(bench), Requesting)


def test_who_it_is_is_read_and_nothing_but_questions_are_asked(bench: AndroidBench) -> None:
    facts = bench.driver.inspect(bench.driver.endpoint(SERIAL), OpenOptions(settings=bench.table()))
    assert (facts.sim.iccid, facts.sim.imsi, facts.device.imei) == (ICCID, IMSI, IMEI)
    assert (facts.device.manufacturer, facts.device.model) == ("Example", "Phone 1")
    assert facts.device.revision == "Android 14 (EX1A.000000.001)"
    assert facts.device.profile == "SMS Gateway for Android 1.68.0"
    assert facts.device.account == f"{SERIAL} slot 1"
    assert (facts.registration, facts.operator, facts.signal_dbm) == (Registration.HOME, "Example GB", -65)
    assert not facts.device.virtual
    assert set(bench.handset.asked) == {reading.PROPERTIES, reading.SIMS, reading.REGISTRY, reading.IMEI}
    assert not any(asked.startswith("POST") for asked in bench.gateway.asked)
    assert not bench.adb.forwards


def test_a_handset_that_tells_nothing_of_itself_is_known_by_its_serial_number(
    bench: AndroidBench,
) -> None:
    bench.handset.answers.clear()
    facts = opened(bench).bring_up()
    assert not facts.sim.known
    assert facts.device.account == f"{SERIAL} slot 1"
    assert any("neither ICCID nor IMSI" in note for note in facts.notes)
    assert any("IMEI" in note for note in facts.notes)


def test_where_adb_may_not_read_the_sim_the_app_may_tell_it(bench: AndroidBench) -> None:
    bench.handset.answers[reading.SIMS] = "java.lang.SecurityException: Permission Denial"
    bench.gateway.sims = [
        {"slotIndex": 0, "simNumber": 1, "phoneNumber": None, "carrierName": "Example GB", "iccid": ICCID}
    ]
    assert opened(bench).bring_up().sim.iccid == ICCID


def test_the_app_gets_one_person_our_own_id_a_slot_and_a_time_to_live(bench: AndroidBench) -> None:
    link, asked = opened(bench), replace(part(), validity_s=60.0, report=False)
    commit = Commit(bench)
    assert link.submit(asked, commit).handle == asked.key
    body = json.loads(commit.raw)
    assert (body["id"], body["phoneNumbers"], body["simNumber"]) == (asked.key, ["+447700900123"], 1)
    assert (body["ttl"], body["withDeliveryReport"]) == (60, False)
    assert json.loads(link.raw(part()))["ttl"] == 120


def test_a_text_without_an_id_of_our_own_is_never_handed_over(bench: AndroidBench) -> None:
    assert sent(bench, opened(bench), replace(part(), key="")).refusal is Refusal.MESSAGE
    assert not bench.gateway.texts


def test_the_same_attempt_again_sends_nothing_again(bench: AndroidBench) -> None:
    link, asked = opened(bench), part()
    first, again = sent(bench, link, asked), sent(bench, link, asked)
    assert first.handle == again.handle == asked.key
    assert len(bench.on_air()) == 1


def test_an_id_that_was_taken_meanwhile_is_the_same_text(bench: AndroidBench) -> None:
    link, asked = opened(bench), part()
    sent(bench, link, asked)
    key = asked.key
    text = bench.gateway.texts.pop(key)
    bench.gateway.answer_with = 409

    def back(_: str) -> None:
        bench.gateway.texts[key] = text

    bench.gateway.on_post = back
    assert sent(bench, link, asked).kind is OutcomeKind.ACCEPTED
    assert len(bench.on_air()) == 1


def test_an_app_that_is_switched_off_is_proof_and_a_lost_link(bench: AndroidBench) -> None:
    link = opened(bench)
    bench.handset.ports.clear()
    bench.adb.cut()
    commit = Commit(bench)
    outcome = link.submit(part(), commit)
    assert outcome.kind is OutcomeKind.REFUSED
    assert "8080" in outcome.why
    with pytest.raises(LinkLost) as caught:
        link.listen(0)
    assert "is not there" in str(caught.value)
    with pytest.raises(LinkLost) as caught:
        bench.make_link(RecordingSink(), submit_timeout_s=1).bring_up()
    assert "Local server" in caught.value.words


def test_a_wrong_password_stops_with_what_to_do(bench: AndroidBench) -> None:
    link = opened(bench)
    bench.gateway.password = "another"  # noqa: S105 - of the test
    outcome = sent(bench, link)
    assert outcome.kind is OutcomeKind.REFUSED
    with pytest.raises(GuardStop, match="does not take the user and password"):
        link.listen(0)
    with pytest.raises(GuardStop) as caught:
        bench.make_link(RecordingSink(), submit_timeout_s=1).bring_up()
    assert "shown in the app" in caught.value.words


def test_a_password_that_is_refused_at_the_text_itself_sends_nothing(bench: AndroidBench) -> None:
    link = opened(bench)
    bench.gateway.answer_with = 401
    outcome = sent(bench, link)
    assert (outcome.kind, outcome.code) == (OutcomeKind.REFUSED, 401)
    with pytest.raises(GuardStop):
        link.listen(0)


def test_an_error_after_the_text_was_taken_is_no_refusal(bench: AndroidBench) -> None:
    link = opened(bench)
    bench.gateway.fail_after = True
    outcome = sent(bench, link)
    assert outcome.kind is OutcomeKind.ACCEPTED
    assert len(bench.on_air()) == 1


def test_an_error_before_the_text_was_taken_is_unknown_until_its_record_proves_it(bench: AndroidBench) -> None:
    link, asked = opened(bench, timeout_s=1.0), part()
    bench.gateway.answer_with = 500
    outcome = sent(bench, link, asked)
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNKNOWN, 500)
    assert link.lookup(asked.key, 1) is None
    bench.clock.later_s = 61
    found = link.lookup(asked.key, 1)
    assert found is not None
    assert (found.kind, found.refusal) == (OutcomeKind.REFUSED, Refusal.RETRY)
    assert link.lookup(asked.key, 1) is None


def test_a_connection_that_broke_is_proof_only_later_and_by_the_same_app(bench: AndroidBench) -> None:
    first, asked = opened(bench), part()
    bench.gateway.drop = True
    assert sent(bench, first, asked).kind is OutcomeKind.UNKNOWN
    with pytest.raises(LinkLost):
        first.listen(0)
    first.close()
    second = opened(bench)
    assert second.lookup(asked.key, 1) is None
    bench.clock.later_s = 61
    installed, bench.gateway.device_id = bench.gateway.device_id, "000000005f3c2a1b0000019a9999999f"
    third = opened(bench)
    assert third.lookup(asked.key, 1) is None
    bench.gateway.device_id = installed
    fourth = opened(bench)
    found = fourth.lookup(asked.key, 1)
    assert found is not None
    assert found.kind is OutcomeKind.REFUSED
    assert fourth.lookup("c" * 32, 1) is None


def test_a_record_that_is_written_at_the_last_moment_is_seen_by_the_second_look(bench: AndroidBench) -> None:
    link, asked = opened(bench), part()
    bench.gateway.mute = True
    assert sent(bench, link, asked).kind is OutcomeKind.UNKNOWN
    bench.clock.later_s = 61
    bench.gateway.hide = 1
    found = link.lookup(asked.key, 1)
    assert found is not None
    assert found.kind is OutcomeKind.ACCEPTED


def test_a_text_that_the_app_took_late_after_all_is_found(bench: AndroidBench) -> None:
    link, asked = opened(bench), part()
    bench.gateway.mute = True
    assert sent(bench, link, asked).kind is OutcomeKind.UNKNOWN
    found = link.lookup(asked.key, 1)
    assert found is not None
    assert (found.kind, found.handle) == (OutcomeKind.ACCEPTED, asked.key)


@pytest.mark.parametrize("state", ["Pending", "Processed"])
def test_a_text_of_which_the_app_says_no_more_is_unknown_until_it_does(bench: AndroidBench, state: str) -> None:
    link, asked = opened(bench), part()
    bench.gateway.stay = state
    outcome = sent(bench, link, asked)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert state in outcome.why
    assert "within 0.3 s" in outcome.why
    assert link.lookup(asked.key, 1) is None
    bench.gateway.tell(asked.key, "Sent")
    found = link.lookup(asked.key, 1)
    assert found is not None
    assert found.kind is OutcomeKind.ACCEPTED


def test_a_text_that_the_app_gave_up_unsent_in_time_is_proven_not_sent(bench: AndroidBench) -> None:
    link, asked = opened(bench), part()
    bench.gateway.stay = "Pending"
    assert sent(bench, link, asked).kind is OutcomeKind.UNKNOWN
    bench.gateway.tell(asked.key, "Failed", "TTL expired")
    found = link.lookup(asked.key, 1)
    assert found is not None
    assert (found.kind, found.refusal) == (OutcomeKind.REFUSED, Refusal.LATER)


@pytest.mark.parametrize("state", ["Cancelled", "Cancelling", "SomethingNew"])
def test_a_text_that_was_taken_back_in_the_app_is_unknown(bench: AndroidBench, state: str) -> None:
    link, asked = opened(bench), part()
    bench.gateway.stay = state
    outcome = sent(bench, link, asked)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert outcome.why
    assert link.lookup(asked.key, 1) is None


def test_one_part_that_failed_leaves_a_longer_text_in_doubt(bench: AndroidBench) -> None:
    link = opened(bench)
    bench.gateway.fail_with = "Send result: RESULT_NETWORK_REJECT (Failed because of network rejection)"
    asked = replace(part(text="first ", total=2), text=LONG)
    assert sent(bench, link, asked).kind is OutcomeKind.UNKNOWN
    assert link.lookup(asked.key, 2) is None
    bench.gateway.fail_with = "Send result: RESULT_NETWORK_REJECT (Failed because of network rejection)"
    assert sent(bench, link).refusal is Refusal.LINE


def test_after_a_restart_the_record_itself_says_whether_a_text_had_one_part(bench: AndroidBench) -> None:
    first = opened(bench)
    short, long = part(), replace(part("+447700900124", text="first ", total=2), text=LONG)
    for asked in (short, long):
        bench.gateway.stay = "Processed"
        assert sent(bench, first, asked).kind is OutcomeKind.UNKNOWN
        bench.gateway.tell(asked.key, "Failed", "Send result: RESULT_NETWORK_REJECT (…)")
    first.close()
    later = opened(bench)
    found = later.lookup(short.key, 1)
    assert found is not None
    assert found.refusal is Refusal.LINE
    assert later.lookup(long.key, 2) is None


def test_a_text_that_the_network_took_and_could_not_deliver_is_accepted_and_reported(bench: AndroidBench) -> None:
    sink = RecordingSink()
    bench.settings["check_s"] = 0.1
    link = opened(bench, sink, timeout_s=2.0)
    bench.gateway.fail_with = "Delivery result from SC +447700900999: 65"
    outcome = sent(bench, link)
    assert outcome.kind is OutcomeKind.ACCEPTED
    hear(link, lambda: sink.reports)
    assert (sink.reports[0].status, sink.reports[0].handle) == (65, outcome.handle)
    assert "447700900999" not in sink.reports[0].raw + sink.reports[0].said


def test_delivered_is_no_proof_for_all_parts_of_a_longer_text(bench: AndroidBench) -> None:
    sink = RecordingSink()
    bench.settings["check_s"] = 0.1
    link = opened(bench, sink, timeout_s=2.0)
    asked = replace(part(text="first ", total=2), text=LONG)
    handle = sent(bench, link, asked).handle
    bench.gateway.tell(asked.key, "Delivered")
    hear(link, lambda: len(sink.reports) > 1)
    told = [(each.handle, each.status) for each in sink.reports]
    assert told == [(handle, 0x01), (sibling(handle, 2), 0x01)]
    assert sink.reports[0].said == "Delivered (one part at least)"


def long_text(bench: AndroidBench, sink: RecordingSink) -> tuple[RequestLink, str]:
    bench.settings["check_s"] = 0.1
    link = opened(bench, sink, timeout_s=2.0)
    asked = replace(part(text="first ", total=2), text=LONG)
    assert sent(bench, link, asked).kind is OutcomeKind.ACCEPTED
    bench.gateway.tell(asked.key, "Delivered")
    return link, asked.key


def report(reference: int, status: int = 0) -> str:
    recipient = Address.of("+447700900123")
    return "00" + StatusReport(recipient, reference, status).encode().hex()


def test_delivered_is_told_once_the_log_has_the_report_of_each_part(bench: AndroidBench) -> None:
    sink = RecordingSink()
    link, key = long_text(bench, sink)
    for one in (report(41), report(41), report(42, 0x30)):
        bench.gateway.log_report(key, one)
    for _ in range(8):
        link.listen(0.1)
    assert not sink.reports
    bench.gateway.log_report(key, report(42))
    bench.clock.later_s = 6
    hear(link, lambda: sink.reports)
    assert (sink.reports[0].status, sink.reports[0].said) == (0x00, "Delivered (reports of 2 parts)")
    assert report(42).upper() in sink.reports[0].raw


def test_one_part_that_was_not_delivered_is_what_the_report_says(bench: AndroidBench) -> None:
    sink = RecordingSink()
    link, key = long_text(bench, sink)
    bench.gateway.log_report(key, report(41))
    bench.gateway.log_report(key, report(42, 0x46))
    hear(link, lambda: sink.reports)
    assert sink.reports[0].status == 0x46


def test_parts_whose_reports_do_not_come_are_not_waited_for_for_ever(bench: AndroidBench) -> None:
    sink = RecordingSink()
    link, key = long_text(bench, sink)
    bench.gateway.log_report(key, report(41))
    for _ in range(8):
        link.listen(0.1)
    assert not sink.reports
    bench.clock.later_s = 3700
    hear(link, lambda: sink.reports)
    assert sink.reports[0].status == 0x01


def test_a_log_that_is_not_told_leaves_what_the_app_says(bench: AndroidBench) -> None:
    bench.gateway.logs = None
    sink = RecordingSink()
    link, _ = long_text(bench, sink)
    hear(link, lambda: sink.reports)
    assert sink.reports[0].status == 0x01


def test_another_handset_under_the_same_serial_number_stops_the_line(bench: AndroidBench) -> None:
    bench.settings["check_s"] = 0.1
    link = opened(bench)
    bench.handset.answers[reading.IMEI] = parcel("350000000000014")
    with pytest.raises(GuardStop) as caught:
        hear_long(link)
    assert IMEI in str(caught.value)
    assert "350000000000014" in str(caught.value)


@pytest.mark.parametrize("gone", [True, False])
def test_another_sim_just_before_a_text_sends_nothing(bench: AndroidBench, gone: bool) -> None:
    link = opened(bench)
    bench.handset.answers[reading.SIMS] = "No result found.\n" if gone else siminfo(OTHER_ICCID, IMSI)
    if gone:
        bench.handset.answers[reading.PROPERTIES] = PROPERTIES.replace("LOADED", "ABSENT")
    bench.clock.later_s = 11
    outcome = sent(bench, link)
    assert outcome.kind is OutcomeKind.REFUSED
    assert not bench.gateway.texts
    with pytest.raises(GuardStop, match=ICCID) as caught:
        link.listen(0)
    assert ("NOT INSERTED" if gone else OTHER_ICCID) in str(caught.value)


def test_a_sim_that_is_not_told_for_once_is_no_other_sim(bench: AndroidBench) -> None:
    bench.settings["check_s"] = 0.05
    link = opened(bench)
    bench.handset.answers[reading.SIMS] = "Error while accessing provider:telephony"
    for _ in range(3):
        link.listen(0.1)
    assert sent(bench, link).kind is OutcomeKind.ACCEPTED


def test_of_a_sim_that_is_never_told_another_network_is_noticed(bench: AndroidBench) -> None:
    bench.settings["check_s"] = 0.05
    bench.handset.answers[reading.SIMS] = "Error while accessing provider:telephony"
    link = opened(bench)
    bench.handset.answers[reading.PROPERTIES] = PROPERTIES.replace("[23415,]", "[23430,]")
    with pytest.raises(GuardStop, match=r"23415.*23430"):
        hear_long(link)


def test_of_two_sims_one_must_be_chosen(bench: AndroidBench) -> None:
    second = siminfo(OTHER_ICCID, IMSI, 2).replace("Row: 0", "Row: 2")
    bench.handset.answers[reading.SIMS] = siminfo() + second
    with pytest.raises(GuardStop, match="2 SIMs") as caught:
        opened(bench)
    assert "sim = 1" in caught.value.words
    bench.handset.answers[reading.PROPERTIES] = PROPERTIES.replace("ABSENT", "LOADED")
    bench.settings["sim"] = 2
    link = opened(bench)
    assert link.bring_up().sim.iccid == OTHER_ICCID
    assert json.loads(link.raw(part()))["simNumber"] == 2
    bench.settings["sim"] = 3
    with pytest.raises(GuardStop, match="no SIM in slot 3"):
        opened(bench)


def test_an_app_that_passes_on_what_it_hears_is_not_used(bench: AndroidBench) -> None:
    bench.gateway.webhooks = [{"id": "1", "url": "https://hooks.example/", "event": "sms:received"}]
    with pytest.raises(GuardStop, match="webhooks") as caught:
        opened(bench)
    assert "hooks.example" not in caught.value.words


def test_an_app_that_cannot_say_whether_it_passes_on_what_it_hears_is_not_used(bench: AndroidBench) -> None:
    bench.gateway.broken = {"/webhooks": 500}
    with pytest.raises(LinkLost, match="HTTP 500"):
        opened(bench)


def test_an_app_whose_health_fails_still_says_its_version_and_sends(bench: AndroidBench) -> None:
    bench.gateway.sick = True
    link = opened(bench)
    assert link.bring_up().device.profile == "SMS Gateway for Android 1.68.0"
    assert sent(bench, link).kind is OutcomeKind.ACCEPTED


@pytest.mark.parametrize(
    "record", [[], {"id": "another"}, "words", {"recipients": None, "states": None}, {"recipients": [1, 2]}]
)
def test_a_record_that_is_not_as_published_proves_nothing(bench: AndroidBench, record: object) -> None:
    link, asked = opened(bench), part()

    def distorted(told: dict[str, object]) -> object:
        return {**told, **record} if isinstance(record, dict) and told else record if told else None

    bench.gateway.distort = distorted
    assert sent(bench, link, asked).kind is OutcomeKind.UNKNOWN
    assert link.lookup(asked.key, 1) is None
    link.expect([asked.key])
    link.listen(0.1)


def test_received_texts_that_are_refused_or_not_as_published_are_said_not_to_be_seen(bench: AndroidBench) -> None:
    bench.settings["replies_s"] = 0.05
    bench.gateway.broken = {"/inbox": 403}
    assert any("(HTTP 403)" in note for note in opened(bench).bring_up().notes)
    bench.gateway.broken = {}
    bench.gateway.received = [{"id": "text:1", "type": "SMS", "createdAt": "2099-01-01T00:00:00Z"}]
    assert any("replies are not seen" in note for note in opened(bench).bring_up().notes)
    bench.gateway.broken = {"/inbox": 500}
    assert not any("replies are not seen" in note for note in opened(bench).bring_up().notes)


def test_a_handset_that_goes_while_it_is_asked_is_a_lost_link(bench: AndroidBench) -> None:
    link, asked = opened(bench), part()
    sent(bench, link, asked)
    bench.unplug()
    with pytest.raises(LinkLost):
        link.lookup(asked.key, 1)
    client = link._client
    with pytest.raises(LinkLost):
        list(client.ask([asked.key]))


def test_an_app_that_holds_texts_up_is_told(bench: AndroidBench) -> None:
    bench.gateway.settings = {
        "messages": {"limit_period": "PerHour", "limit_value": 30, "send_interval_min": 5, "send_interval_max": 9}
    }
    notes = " ".join(opened(bench).bring_up().notes)
    assert "no more than 30 texts go (PerHour)" in notes
    assert "send interval" in notes
    bench.gateway.settings = {}
    assert "send interval" not in " ".join(opened(bench).bring_up().notes)


def test_a_sim_that_wants_its_pin_needs_a_person(bench: AndroidBench) -> None:
    bench.handset.answers[reading.PROPERTIES] = PROPERTIES.replace("LOADED", "PIN_REQUIRED")
    with pytest.raises(GuardStop, match="SIM PIN"):
        opened(bench)


def test_registration_that_is_lost_and_found_is_told(bench: AndroidBench) -> None:
    bench.settings["check_s"] = 0.05
    sink = RecordingSink()
    link = opened(bench, sink)
    bench.handset.answers[reading.REGISTRY] = (
        "  Phone Id=0\n    mServiceState={mVoiceRegState=1(OUT_OF_SERVICE)}\n"
    )
    hear(link, lambda: sink.facts)
    assert sink.facts[0].registration is Registration.SEARCHING
    assert sink.facts[0].sim.iccid == ICCID


def test_replies_are_told_once_and_not_those_of_the_other_sim(bench: AndroidBench) -> None:
    bench.settings["replies_s"] = 0.05
    bench.gateway.come_in("+447700900123", "first")
    sink = RecordingSink()
    link = opened(bench, sink)
    bench.gateway.come_in("+447700900124", "second")
    bench.gateway.come_in("+447700900125", "of the other SIM", sim=2)
    bench.gateway.come_in("+447700900126", "a picture", kind="MMS_DOWNLOADED")
    bench.gateway.come_in("BANK", "from nobody knows which", sim=None)
    for _ in range(4):
        link.listen(0.1)
    assert [(each.sender, each.text) for each in sink.inbounds] == [
        ("+447700900123", "first"),
        ("+447700900124", "second"),
        ("BANK", "from nobody knows which"),
    ]
    assert len({each.raw for each in sink.inbounds}) == 3
    assert all(each.sent_at_s for each in sink.inbounds)


def test_a_reply_with_half_a_sign_and_a_handset_with_a_strange_name_break_nothing(bench: AndroidBench) -> None:
    bench.settings["replies_s"] = 0.05
    bench.gateway.come_in("\ud800+447700900123", "half \ud83d and whole \U0001f600")
    bench.handset.answers[reading.PROPERTIES] = PROPERTIES.replace("Phone 1", "Phone\x1b[2J" + "x" * 500)
    sink = RecordingSink()
    link = opened(bench, sink)
    facts = link.bring_up()
    assert facts.device.model.startswith("Phone[2Jxxx")
    assert len(facts.device.model) <= 80
    hear(link, lambda: sink.inbounds)
    assert sink.inbounds[0].text == "half \ufffd and whole \U0001f600"
    sink.inbounds[0].sender.encode()
    sink.inbounds[0].raw.encode()


def test_after_a_restart_the_same_reply_has_the_same_record(bench: AndroidBench) -> None:
    bench.settings["replies_s"] = 0.05
    bench.gateway.come_in("+447700900123", "first")
    raws = []
    for _ in range(2):
        sink = RecordingSink()
        link = opened(bench, sink)
        link.listen(0.0)
        raws += [each.raw for each in sink.inbounds]
        link.close()
    assert len(raws) == 2
    assert len(set(raws)) == 1


def test_more_replies_than_a_page_has_are_all_told(bench: AndroidBench) -> None:
    bench.settings["replies_s"] = 60
    for number in range(1005):
        bench.gateway.come_in("+447700900123", f"text {number}")
    sink = RecordingSink()
    link = opened(bench, sink, timeout_s=5.0)
    link.listen(0.0)
    assert [each.text for each in sink.inbounds] == [f"text {number}" for number in range(1005)]


def test_an_app_that_does_not_tell_replies_is_said_to(bench: AndroidBench) -> None:
    bench.settings["replies_s"] = 0.05
    bench.gateway.inbox = False
    facts = opened(bench).bring_up()
    assert any("replies are not seen" in note for note in facts.notes)
    bench.settings["replies_s"] = 0
    assert any("replies are not seen" in note for note in opened(bench).bring_up().notes)


def test_an_app_that_stops_telling_replies_is_said_to_meanwhile(bench: AndroidBench) -> None:
    bench.settings["replies_s"] = 0.05
    sink = RecordingSink()
    link = opened(bench, sink)
    bench.gateway.inbox = False
    hear(link, lambda: sink.facts)
    assert any("replies are not seen" in note for note in sink.facts[0].notes)


def test_a_handset_that_the_config_does_not_name_stops_nobody(bench: AndroidBench) -> None:
    place = bench.driver.endpoint(SERIAL)
    options = OpenOptions(settings={"adb_port": bench.adb.port})
    with pytest.raises(LinkLost, match="does not say how to ask its app") as caught:
        bench.driver.inspect(place, options)
    assert "[driver.android]" in caught.value.words
    bench.handset.state = "unauthorized"
    with pytest.raises(LinkLost, match="has not allowed this computer"):
        bench.driver.open(place, RecordingSink(), SetClock(), options)


def test_the_handset_of_the_config_is_taken_where_two_are_there(bench: AndroidBench) -> None:
    bench.adb.handsets["OTHER"] = Handset("OTHER")
    bench.settings["serial"] = SERIAL
    options = OpenOptions(settings=bench.table())
    assert bench.driver.inspect(bench.driver.endpoint("android"), options).device.address == SERIAL
    bench.adb.unplug(SERIAL)
    with pytest.raises(DeviceGone, match=SERIAL):
        bench.driver.inspect(bench.driver.endpoint("android"), options)


def test_without_its_libraries_it_says_how_to_get_them(
    bench: AndroidBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, options = bench.driver.endpoint(SERIAL), OpenOptions(settings=bench.table())
    monkeypatch.setitem(sys.modules, "android_sms_gateway.client", None)
    with pytest.raises(DriverError, match="android-sms-gateway") as caught:
        bench.driver.inspect(place, options)
    assert "gsmsend[android]" in caught.value.words
    assert not bench.adb.forwards
    monkeypatch.setitem(sys.modules, "adbutils", None)
    with pytest.raises(DriverError, match="adbutils"):
        bench.driver.inspect(place, options)
    assert list(bench.driver.discover()) == []


def test_the_client_needs_no_more_than_the_contract(bench: AndroidBench) -> None:
    link = opened(bench)
    assert isinstance(link._client, AndroidClient)
    assert link._client.hear(0.0) == []
    link.close()
    assert not bench.adb.forwards
