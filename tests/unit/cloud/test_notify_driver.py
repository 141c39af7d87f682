"""GOV.UK Notify: what was approved is what is sent, by a template that adds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import OutcomeKind, Refusal, ReportOutcome
from gsmsend.requesting import Busy, Client, NeverLeft
from gsmsend.sms import tp_status
from gsmsend.testing.driver_bench import part
from gsmsend_cloud.notify import NotifyDriver

from .accounts import NAMED, SetClock, SystemClock, client_of
from .fake_notify import KEY, SENDER, SERVICE, TEMPLATE, FakeNotify, error

EVENING_S = 1_772_391_600.0  # 2026-03-01T19:00:00Z


@pytest.fixture
def far() -> Iterator[FakeNotify]:
    made = FakeNotify()
    yield made
    made.dispose()


def client(far: FakeNotify, clock: SystemClock | SetClock | None = None, **more: object) -> Client:
    table = {"key": NAMED, "template": TEMPLATE, "url": far.url, **more}
    return client_of(NotifyDriver(), table, KEY, clock)


def test_who_it_is_has_no_secret_and_says_what_the_template_is(far: FakeNotify) -> None:
    facts = client(far, sender=SENDER).bring_up()
    assert re.fullmatch(f"notify service {SERVICE} by key [a-p]{{8}} from sender {SENDER}", facts.device.account)
    assert (facts.device.model, facts.device.revision) == (f"template {TEMPLATE}", "version 3")
    assert facts.device.virtual
    assert KEY[-36:] not in repr(facts)
    assert any("trial mode" in note for note in facts.notes)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("Dear friend, ((text))", "sms", "has words of its own; expected nothing but"),
        ("((text)) ((name))", "sms", "has words of its own"),
        ("((message))", "sms", "has words of its own"),
        ("((text??Dear friend))", "sms", "has words of its own"),
        ("((text))", "email", "is not one for text messages"),
    ],
)
def test_a_template_that_adds_words_is_refused(far: FakeNotify, body: str, kind: str, words: str) -> None:
    far.body, far.kind = body, kind
    with pytest.raises(GuardStop, match=words):
        client(far).bring_up()


def test_another_key_of_the_service_is_another_account(far: FakeNotify) -> None:
    one = client(far).bring_up().device.account
    table: dict[str, object] = {"key": NAMED, "template": TEMPLATE, "url": far.url}
    other = client_of(NotifyDriver(), table, KEY[:-4] + "0000")
    assert other._account != one, "what was tried with the one says nothing of the other"  # type: ignore[attr-defined]
    assert client(far).bring_up().device.account == one


@pytest.mark.parametrize("many", [1, 9])
def test_what_a_test_key_delivers_is_no_delivery_and_stops_the_line(far: FakeNotify, many: int) -> None:
    made = client(far)
    made.bring_up()
    handles = [made.send(part(f"+4477009001{number:02}")).handle for number in range(many)]
    for handle in handles:
        far.report(handle, "delivered")
        far.records[handle]["cost_details"] = {"billable_sms_fragments": 0}
    told = list(made.ask(handles))
    assert {tp_status(each.status).outcome for each in told} == {ReportOutcome.UNDELIVERED}
    assert {each.said for each in told} == {"delivered (test key)"}
    with pytest.raises(GuardStop, match="the key is a test key"):
        made.check()
    with pytest.raises(NeverLeft):
        made.send(part())
    assert len(far.sent) == many


def test_what_a_live_key_delivers_is_counted_by_notify(far: FakeNotify) -> None:
    made = client(far)
    made.bring_up()
    handle = made.send(part()).handle
    far.report(handle, "delivered")
    far.records[handle]["cost_details"] = {"billable_sms_fragments": 1, "sms_rate": 0.0227}
    (status,) = made.ask([handle])
    assert (status.status, status.said) == (0x00, "delivered")
    made.check()


def test_another_field_and_blanks_at_the_ends_are_fine(far: FakeNotify) -> None:
    far.body = "((message))\n"
    made = client(far, field="message")
    made.bring_up()
    far.body = "((message))"
    assert made.send(part()).kind is OutcomeKind.ACCEPTED


def test_a_template_that_is_not_there_is_told(far: FakeNotify) -> None:
    far.every = error(404, "NoResultFound", "No result found")
    with pytest.raises(GuardStop, match="is not there"):
        client(far).bring_up()


def test_a_clock_that_is_wrong_is_told_as_such(far: FakeNotify) -> None:
    far.every = error(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds")
    with pytest.raises(GuardStop, match="clock is more than 30 seconds wrong"):
        client(far).bring_up()


def test_notify_in_trouble_at_the_start_is_a_lost_link(far: FakeNotify) -> None:
    far.every = error(429, "RateLimitError", "Exceeded rate limit", **{"Retry-After": "12"})
    with pytest.raises(LinkLost, match="12 seconds"):
        client(far).bring_up()


def test_a_template_changed_meanwhile_stops_the_line_before_the_next_text(far: FakeNotify) -> None:
    made = client(far)
    made.bring_up()
    assert made.send(part()).kind is OutcomeKind.ACCEPTED
    far.version = 4
    with pytest.raises(NeverLeft, match=r"was changed \(version 3 is now 4\)") as proof:
        made.send(part())
    assert proof.value.refusal is Refusal.LINE
    with pytest.raises(GuardStop, match="was changed"):
        made.check()
    assert len(far.sent) == 1


def test_a_template_that_cannot_be_read_before_a_text_holds_it_back(far: FakeNotify) -> None:
    made = client(far)
    made.bring_up()
    far.every = error(500, "Exception", "Internal server error")
    with pytest.raises(NeverLeft) as proof:
        made.send(part())
    assert proof.value.refusal is Refusal.LATER
    assert not far.posts()


def test_a_service_that_puts_its_name_before_texts_is_found_by_the_first(far: FakeNotify) -> None:
    far.prefix = "Example Council: "
    made = client(far)
    made.bring_up()
    assert made.send(part()).kind is OutcomeKind.ACCEPTED, "that one went out: the trial message"
    with pytest.raises(NeverLeft, match="other words than were approved"):
        made.send(part("+447700900124"))
    with pytest.raises(GuardStop, match="other words than were approved"):
        made.check()
    assert len(far.sent) == 1


def test_the_limit_of_a_day_holds_until_the_next_one(far: FakeNotify) -> None:
    made = client(far, SetClock(EVENING_S))
    made.bring_up()
    far.refusals = [error(429, "TooManyRequestsError", "Exceeded send limits (sms: 50) for today")]
    outcome = made.send(part())
    assert (outcome.refusal, outcome.wait_s) == (Refusal.LATER, 5 * 3600 + 60)


def test_two_records_with_one_reference_settle_nothing(far: FakeNotify) -> None:
    made, asked = client(far), part()
    made.bring_up()
    made.send(asked)
    made.send(asked)
    assert made.lookup(asked.key) is None


def test_a_text_longer_than_notify_takes_is_not_even_asked_for(far: FakeNotify) -> None:
    assert client(far).wire(part(text="x" * 918))
    assert not client(far).wire(part(text="x" * 919))


def test_a_number_abroad_is_told_as_passed_on_and_not_as_delivered(far: FakeNotify) -> None:
    made = client(far)
    made.bring_up()
    handle = made.send(part()).handle
    far.report(handle, "sent")
    (status,) = made.ask([handle])
    assert (status.status, status.said) == (0x01, "sent")
    assert status.discharged_at_s == 1_772_359_290.0


def test_asking_is_put_off_while_notify_wants_it(far: FakeNotify) -> None:
    made = client(far)
    made.bring_up()
    far.every = error(429, "RateLimitError", "Exceeded rate limit")
    with pytest.raises(Busy):
        made.lookup(part().key)


def test_many_texts_are_asked_about_by_few_requests(far: FakeNotify) -> None:
    made = client(far)
    made.bring_up()
    handles = [made.send(part(f"+4477009001{number:02}")).handle for number in range(12)]
    for handle in handles[:10]:
        far.report(handle, "delivered")
    far.requests.clear()
    far.page = 5
    told = {status.handle: status.status for status in made.ask(handles)}
    assert told == dict.fromkeys(handles[:10], 0x00), "the last two are on their way still"
    assert len(far.requests) == 4, "two pages, and what was not on them"
