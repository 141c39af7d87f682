"""Vonage: each part has an id of its own, and only the Reports API can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gsmsend.errors import GuardStop
from gsmsend.model import OutcomeKind
from gsmsend.requesting import Client
from gsmsend.sms import Encoding, Language, Segment
from gsmsend.testing.driver_bench import part
from gsmsend_cloud.vonage import VonageDriver

from .accounts import NAMED, client_of
from .fake_vonage import FROM, KEY, WORD, FakeVonage, error
from .far_side import Fault, Reply

LONG = "Help is there. " * 20


@pytest.fixture
def far() -> Iterator[FakeVonage]:
    made = FakeVonage()
    yield made
    made.dispose()


def client(far: FakeVonage, **more: object) -> Client:
    table: dict[str, object] = {
        "key": KEY,
        "secret": NAMED,
        "from": FROM,
        "url": far.url,
        "read_seconds": 0.5,
        **more,
    }
    return client_of(VonageDriver(), table, WORD)


def up(far: FakeVonage, **more: object) -> Client:
    made = client(far, **more)
    made.bring_up()
    return made


def test_who_it_is_has_no_secret_and_tells_the_credit(far: FakeVonage) -> None:
    facts = client(far).bring_up()
    assert facts.device.account == f"vonage {KEY} from {FROM}"
    assert "credit left: 10.28 EUR" in facts.notes
    assert facts.reports
    assert WORD not in repr(facts)


def test_where_the_reports_api_is_closed_texts_stay_unconfirmed_and_that_is_said(far: FakeVonage) -> None:
    far.open_reports = False
    made, asked = client(far), part()
    facts = made.bring_up()
    assert not facts.reports
    assert any("delivery reports come by webhook only" in note for note in facts.notes)
    handle = made.send(asked).handle
    far.requests.clear()
    assert list(made.ask([handle])) == []
    assert made.lookup(asked.key) is None
    assert not far.requests, "it is not asked in vain"


def test_the_reports_api_is_left_alone_where_the_config_says_so(far: FakeVonage) -> None:
    facts = client(far, reports=False).bring_up()
    assert not facts.reports
    assert any("reports = false" in note for note in facts.notes)
    assert [request.path for request in far.requests] == ["/account/get-balance"]


def test_a_wrong_secret_is_a_guards_matter(far: FakeVonage) -> None:
    table: dict[str, object] = {"key": KEY, "secret": NAMED, "from": FROM, "url": far.url}
    with pytest.raises(GuardStop, match="key was not taken"):
        client_of(VonageDriver(), table, "another-Secret-1").bring_up()


def test_a_balance_that_is_none_is_no_account(far: FakeVonage) -> None:
    far.every = Reply(200, {"error": "no"})
    with pytest.raises(GuardStop, match="knows no account"):
        client(far).bring_up()


def test_a_long_text_is_delivered_once_all_its_parts_are(far: FakeVonage) -> None:
    made = up(far)
    handle = made.send(replace(part(text=LONG), total=2)).handle
    first, second = handle.split("+")
    far.report(first, "delivered", 0)
    assert list(made.ask([handle])) == []
    far.report(second, "buffered")
    (status,) = made.ask([handle])
    assert status.said == "buffered"
    far.report(second, "delivered", 0)
    (status,) = made.ask([handle])
    assert status.status == 0x00
    assert status.discharged_at_s == 1_772_359_290.0


def test_a_long_text_of_which_one_part_failed_is_not_delivered(far: FakeVonage) -> None:
    made = up(far)
    handle = made.send(replace(part(text=LONG), total=2)).handle
    first, second = handle.split("+")
    far.report(first, "failed", 2)
    far.report(second, "delivered", 0)
    (status,) = made.ask([handle])
    assert (status.status, status.said) == (0x62, "failed 2")


def test_a_part_that_has_no_record_yet_keeps_the_whole_waiting(far: FakeVonage) -> None:
    made = up(far)
    handle = made.send(replace(part(text=LONG), total=2)).handle
    far.report(handle, "delivered", 0)
    far.hidden.add(handle.split("+")[1])
    assert list(made.ask([handle])) == []
    far.hidden.clear()
    (status,) = made.ask([handle])
    assert status.status == 0x00


def test_a_text_taken_in_part_is_in_doubt_and_its_record_does_not_settle_it(far: FakeVonage) -> None:
    made, asked, far.first_bad = up(far), replace(part(text=LONG), total=2), 1
    outcome = made.send(asked)
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNKNOWN, 9)
    assert "1 of 2 parts" in outcome.why
    assert made.lookup(asked.key) is None


def test_a_record_that_has_not_all_parts_yet_settles_nothing(far: FakeVonage) -> None:
    made, asked = up(far), replace(part(text=LONG), total=2)
    far.fault = Fault.HANG_UP
    assert made.send(asked).kind is OutcomeKind.UNKNOWN
    first, second = far.sent[0].handle.split("+")
    far.hidden.add(second)
    assert made.lookup(asked.key) is None
    far.hidden.clear()
    found = made.lookup(asked.key)
    assert found is not None
    assert found.handle == f"{first}+{second}"


def test_the_record_is_found_by_pages_and_by_another_run(far: FakeVonage) -> None:
    made, asked, far.page = up(far), part(), 2
    for number in range(4):
        made.send(part(f"+4477009001{number:02}"))
    far.fault = Fault.HANG_UP
    made.send(asked)
    found = up(far).lookup(asked.key)
    assert found is not None
    assert found.handle == far.sent[-1].handle


def test_texts_beyond_the_gsm_alphabet_go_as_unicode(far: FakeVonage) -> None:
    made = up(far)
    made.send(part())
    made.send(replace(part(text="\u010d"), segment=Segment("\u010d", Encoding.UCS2, units=2)))
    made.send(replace(part(text="\u011f"), segment=Segment("\u011f", single=Language.TURKISH, units=2)))
    assert [post.form()["type"] for post in far.posts()] == ["text", "unicode", "unicode"]


@pytest.mark.parametrize(
    ("asked_s", "given"), [(None, None), (1.0, "20000"), (3600.0, "3600000"), (1e7, "604800000")]
)
def test_validity_is_held_to_what_vonage_takes(far: FakeVonage, asked_s: float | None, given: str | None) -> None:
    up(far).send(replace(part(), validity_s=asked_s))
    assert far.posts()[0].form().get("ttl") == given


def test_throttling_is_a_wait(far: FakeVonage) -> None:
    made = up(far)
    far.refusals = [error(1)]
    assert made.send(part()).wait_s == 1.0


@pytest.mark.parametrize(
    "messages",
    [[], ["0"], [{"status": "0"}], [{"status": 0, "message-id": "x"}], [{"status": "zero"}], "0", None,
     [{"status": "0", "message-id": "0A0B0C0D0E"}, {"status": "0", "message-id": "0A0B0C0D0E"}]],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_is_in_doubt(far: FakeVonage, messages: object) -> None:
    made = up(far)
    far.every = Reply(200, {"message-count": "1", "messages": messages})
    assert made.send(part()).kind is OutcomeKind.UNKNOWN
