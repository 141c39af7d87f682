"""Twilio: no reference of ours, so a text in doubt is found in the account's list, or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gsmsend.errors import GuardStop
from gsmsend.model import OutcomeKind
from gsmsend.requesting import Client, NeverLeft
from gsmsend.testing.driver_bench import part
from gsmsend_cloud.twilio import TwilioDriver

from .accounts import NAMED, client_of
from .fake_twilio import ACCOUNT, API_KEY, FROM, SERVICE, WORD, FakeTwilio, error
from .far_side import Fault

TEXT = "Help is there"
NUMBER = "+447700900123"


@pytest.fixture
def far() -> Iterator[FakeTwilio]:
    made = FakeTwilio()
    yield made
    made.dispose()


def client(far: FakeTwilio, driver: TwilioDriver | None = None, **more: object) -> Client:
    table: dict[str, object] = {"account": ACCOUNT, "auth_token": NAMED, "from": FROM, "url": far.url}
    table = {name: value for name, value in {**table, **more}.items() if value is not None}
    return client_of(driver or TwilioDriver(), table, WORD)


def up(far: FakeTwilio, driver: TwilioDriver | None = None, **more: object) -> Client:
    made = client(far, driver, **more)
    made.bring_up()
    return made


def test_who_it_is_has_no_secret(far: FakeTwilio) -> None:
    facts = client(far).bring_up()
    assert facts.device.account == f"twilio {ACCOUNT} from {FROM}"
    assert WORD not in repr(facts)


def test_a_trial_account_is_refused_as_it_adds_words(far: FakeTwilio) -> None:
    far.type = "Trial"
    with pytest.raises(GuardStop, match="puts words of its own before each text"):
        client(far).bring_up()


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_account_that_is_not_active_is_refused(far: FakeTwilio, status: str) -> None:
    far.status = status
    with pytest.raises(GuardStop, match=status):
        client(far).bring_up()


def test_an_api_key_signs_in_though_it_may_not_read_the_account(far: FakeTwilio) -> None:
    far.users = {API_KEY: WORD}
    made = up(far, auth_token=None, api_key=API_KEY, api_secret=NAMED)
    assert made.send(part()).kind is OutcomeKind.ACCEPTED
    far.users = {API_KEY: "another"}
    with pytest.raises(GuardStop, match="key was not taken"):
        made.check()


def test_a_messaging_service_stands_for_the_sender(far: FakeTwilio) -> None:
    made = client(far, **{"from": None}, service=SERVICE)
    assert made.bring_up().device.account == f"twilio {ACCOUNT} from Messaging Service {SERVICE}"
    assert made.send(part()).kind is OutcomeKind.ACCEPTED
    form = far.posts()[0].form()
    assert (form["MessagingServiceSid"], "From" in form) == (SERVICE, False)


@pytest.mark.parametrize(("asked_s", "given"), [(None, None), (0.2, "1"), (3600.5, "3600"), (259_200.0, "36000")])
def test_validity_is_held_to_what_twilio_takes(far: FakeTwilio, asked_s: float | None, given: str | None) -> None:
    up(far).send(replace(part(), validity_s=asked_s))
    assert far.posts()[0].form().get("ValidityPeriod") == given


def test_words_added_to_the_first_text_stop_the_line_before_the_next(far: FakeTwilio) -> None:
    made, far.before = up(far), "Sent from a trial account - "
    assert made.send(part()).kind is OutcomeKind.ACCEPTED
    with pytest.raises(NeverLeft, match="other words than were approved"):
        made.send(part())
    assert len(far.sent) == 1


def test_what_is_in_doubt_is_found_though_the_link_was_lost_meanwhile(far: FakeTwilio) -> None:
    driver, asked = TwilioDriver(), part()
    made = up(far, driver)
    far.fault = Fault.RESET
    assert made.send(asked).kind is OutcomeKind.UNKNOWN
    made.close()
    found = up(far, driver).lookup(asked.key)
    assert found is not None
    assert found.handle == far.sent[0].handle
    assert up(far, driver).lookup(asked.key) is None, "it is told once"


def test_what_was_in_doubt_before_this_program_was_started_is_for_a_person(far: FakeTwilio) -> None:
    asked = part()
    far.fault = Fault.RESET
    up(far).send(asked)
    assert up(far, TwilioDriver()).lookup(asked.key) is None


def test_two_records_that_could_be_it_settle_nothing(far: FakeTwilio) -> None:
    made, asked = up(far), part()
    far.fault = Fault.RESET
    made.send(asked)
    far.records["SM" + "d" * 32] = far.record("SM" + "d" * 32, NUMBER, TEXT, FROM, None)
    assert made.lookup(asked.key) is None


def test_a_text_that_was_answered_for_is_not_taken_for_one_in_doubt(far: FakeTwilio) -> None:
    made, asked = up(far), part()
    made.send(part())
    far.fault = Fault.HANG_UP
    made.send(asked)
    found = made.lookup(asked.key)
    assert found is not None
    assert found.handle == far.sent[1].handle


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "+447700900124"}, {"body": "Another"}, {"from": "+447700900778"}, {"direction": "inbound"},
        {"date_created": "Thu, 01 Jan 2026 10:00:00 GMT"}, {"date_created": None}, {"to": None},
    ],
)  # fmt: skip
def test_a_record_of_another_text_is_not_taken_for_it(far: FakeTwilio, changes: dict[str, object]) -> None:
    made, asked = up(far), part()
    far.fault = Fault.HANG_UP
    made.send(asked)
    far.records[far.sent[0].handle].update(changes)
    assert made.lookup(asked.key) is None


@pytest.mark.parametrize("ahead_s", [0.0, 3600.0, -3600.0])
@pytest.mark.parametrize("ago_s", [5.0, 120.0])
def test_an_equal_text_of_a_former_process_is_not_taken_for_one_that_twilio_never_took(
    far: FakeTwilio, ago_s: float, ahead_s: float
) -> None:
    far.ahead_s = ahead_s
    sid = "SM" + "a" * 32
    far.records[sid] = far.record(sid, NUMBER, TEXT, FROM, None, made_s=time.time() + ahead_s - ago_s)
    made, asked = up(far), part()
    far.refusals.append(error(20503))
    assert made.send(asked).kind is OutcomeKind.UNKNOWN
    assert made.lookup(asked.key) is None
    assert not far.sent


@pytest.mark.parametrize("ahead_s", [3600.0, -3600.0])
def test_a_text_in_doubt_is_found_by_twilios_clock_whatever_ours_says(far: FakeTwilio, ahead_s: float) -> None:
    far.ahead_s = ahead_s
    made, asked = up(far), part()
    far.fault = Fault.HANG_UP
    made.send(asked)
    found = made.lookup(asked.key)
    assert found is not None
    assert found.handle == far.sent[0].handle


def test_a_text_that_is_asked_about_is_not_taken_for_one_in_doubt(far: FakeTwilio) -> None:
    made, asked = up(far), part()
    sid = "SM" + "b" * 32
    far.records[sid] = far.record(sid, NUMBER, TEXT, FROM, None)
    list(made.ask([sid]))
    far.refusals.append(error(20503))
    made.send(asked)
    assert made.lookup(asked.key) is None


def test_one_record_settles_neither_of_two_equal_texts_in_doubt(far: FakeTwilio) -> None:
    made, first, second = up(far), part(), part()
    far.fault = Fault.HANG_UP
    made.send(first)
    far.refusals.append(error(20503))
    made.send(second)
    assert (made.lookup(first.key), made.lookup(second.key)) == (None, None)


def test_the_list_is_read_by_pages_as_far_back_as_needed(far: FakeTwilio) -> None:
    made, asked, far.page = up(far), part(), 2
    far.fault = Fault.HANG_UP
    made.send(asked)
    for number in range(5):
        sid = f"SM{number:032x}"
        far.records[sid] = far.record(sid, f"+4477009009{number:02}", "other", FROM, None)
    found = made.lookup(asked.key)
    assert found is not None
    assert found.handle == far.sent[0].handle


def test_the_list_is_not_read_further_back_than_that(far: FakeTwilio) -> None:
    made, asked, far.page = up(far), part(), 1
    long_ago_s = time.time() - 86_400
    for number in range(4):
        sid = f"SM{number:032x}"
        far.records[sid] = far.record(sid, NUMBER, TEXT, FROM, None, made_s=long_ago_s)
    far.fault = Fault.HANG_UP
    made.send(asked)
    far.requests.clear()
    assert made.lookup(asked.key) is not None
    assert len(far.requests) == 2, "the newest, and the first that is too old"


def test_a_page_elsewhere_is_not_asked_for_with_the_key(far: FakeTwilio) -> None:
    made, asked, far.page, far.elsewhere = up(far), part(), 1, "@elsewhere.example.org/"
    far.fault = Fault.HANG_UP
    made.send(asked)
    far.records["SM" + "e" * 32] = far.record("SM" + "e" * 32, "+447700900900", "other", FROM, None)
    assert made.lookup(asked.key) is None, "it was on the second page, and nothing else was asked"


def test_why_a_text_was_not_delivered_is_kept(far: FakeTwilio) -> None:
    made = up(far)
    handle = made.send(part()).handle
    far.report(handle, "undelivered", 30003)
    (status,) = made.ask([handle])
    assert (status.status, status.said) == (0x62, "undelivered 30003")
    far.report(handle, "failed", 99999)
    (status,) = made.ask([handle])
    assert status.status == 0x63


def test_region_and_edge_choose_the_host() -> None:
    table: dict[str, object] = {
        "account": ACCOUNT,
        "auth_token": NAMED,
        "from": FROM,
        "region": "ie1",
        "edge": "dublin",
    }
    made = client_of(TwilioDriver(), table, WORD)
    host = made._api.get_hostname(made._api.api.base_url)  # type: ignore[attr-defined]  # theirs, by its own rule
    assert host == "https://api.dublin.ie1.twilio.com"
    made.close()


def test_many_texts_are_asked_about_by_few_requests(far: FakeTwilio) -> None:
    made = up(far)
    handles = [made.send(part(f"+4477009001{number:02}")).handle for number in range(12)]
    for handle in handles[:10]:
        far.report(handle, "delivered")
    far.requests.clear()
    far.page = 5
    told = {status.handle: status.status for status in made.ask(handles)}
    assert told == dict.fromkeys(handles[:10], 0x00), "the last two are on their way still"
    assert len(far.requests) == 4, "two pages, and what was not on them"
