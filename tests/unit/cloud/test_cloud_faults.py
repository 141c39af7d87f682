"""What goes wrong on the way to each provider: what is proof that nothing was taken, and what is not.

Through the providers' own libraries, which would try again, follow redirects and take proxies on their own.
"""

from __future__ import annotations

import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Outcome, OutcomeKind, Refusal
from gsmsend.requesting import Busy, Client, NeverLeft
from gsmsend.testing.driver_bench import part
from gsmsend_cloud.account import CloudDriver
from gsmsend_cloud.notify import NotifyDriver
from gsmsend_cloud.twilio import TwilioDriver
from gsmsend_cloud.vonage import VonageDriver

from . import fake_notify, fake_twilio, fake_vonage
from .accounts import NAMED, client_of
from .far_side import FarSide, Fault, Reply

TEXT = "Help is there"
NUMBER = "+447700900123"


@dataclass
class Account:
    """One provider on loopback, and how it is reached."""

    driver: Callable[[], CloudDriver]
    far: Any
    table: dict[str, object]
    secret: str

    def client(self, **more: object) -> Client:
        """A client, signed in."""
        client = self.fresh(**more)
        client.bring_up()
        return client

    def fresh(self, **more: object) -> Client:
        """A client, not signed in."""
        table = {**self.table, "url": self.far.url, "read_seconds": 0.4, "connect_seconds": 0.5, **more}
        return client_of(self.driver(), table, self.secret)


ACCOUNTS: dict[str, Callable[[], Account]] = {
    "notify": lambda: Account(
        NotifyDriver, fake_notify.FakeNotify(), {"key": NAMED, "template": fake_notify.TEMPLATE}, fake_notify.KEY
    ),
    "twilio": lambda: Account(
        TwilioDriver,
        fake_twilio.FakeTwilio(),
        {"account": fake_twilio.ACCOUNT, "auth_token": NAMED, "from": fake_twilio.FROM},
        fake_twilio.WORD,
    ),
    "vonage": lambda: Account(
        VonageDriver,
        fake_vonage.FakeVonage(),
        {"key": fake_vonage.KEY, "secret": NAMED, "from": fake_vonage.FROM},
        fake_vonage.WORD,
    ),
}


STILL_ON_ITS_WAY: dict[Callable[[], CloudDriver], str] = {
    NotifyDriver: "pending", TwilioDriver: "sent", VonageDriver: "buffered"
}  # fmt: skip


@pytest.fixture(params=sorted(ACCOUNTS))
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    made = ACCOUNTS[request.param]()
    yield made
    made.far.dispose()


def posts(far: FarSide) -> int:
    return len(far.posts())


@pytest.mark.parametrize("fault", [Fault.SILENCE, Fault.RESET, Fault.HANG_UP, Fault.MALFORMED, Fault.HALF])
def test_what_was_taken_without_an_answer_is_in_doubt_and_was_asked_for_once(
    account: Account, fault: Fault
) -> None:
    client, asked = account.client(), part()
    account.far.fault = fault
    outcome = client.send(asked)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert "may have gone out" in outcome.why
    assert posts(account.far) == 1, "no library tries again"
    found = client.lookup(asked.key)
    assert found is not None
    assert (found.kind, found.handle) == (OutcomeKind.ACCEPTED, account.far.sent[0].handle)
    assert posts(account.far) == 1


def test_that_there_is_no_record_proves_nothing(account: Account) -> None:
    client, asked = account.client(), part()
    assert client.lookup(asked.key) is None
    account.far.unplug()


def test_nobody_there_is_proof(account: Account) -> None:
    client = account.client()
    account.far.unplug()
    with pytest.raises(NeverLeft) as proof:
        client.send(part())
    assert proof.value.lost
    assert proof.value.refusal is Refusal.RETRY
    with pytest.raises(LinkLost):
        client.check()


def test_a_connection_that_never_comes_about_is_proof(account: Account) -> None:
    """A socket that listens with a full queue answers no call (RFC 9293 3.10.7.2)."""
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for caller in (first, second):
            caller.setblocking(False)
            caller.connect_ex(deaf.getsockname())
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        client = account.fresh(url=url, connect_seconds=0.2)
        with pytest.raises(LinkLost, match=r"no connection came about within 0\.2 seconds"):
            client.bring_up()


def test_a_connection_from_before_is_not_trusted_with_a_text(account: Account) -> None:
    """What is hung up on in the moment that it is used would leave a text in doubt for nothing."""
    client = account.client()
    account.far.one_each = True
    account.far.requests.clear()
    for number in range(3):
        try:
            outcome = client.send(part(f"+44770090012{number}"))
        except NeverLeft:  # a question of before was hung up on: no text was with it
            continue
        assert outcome.kind is OutcomeKind.ACCEPTED
    assert posts(account.far) == len(account.far.sent) >= 1


def test_a_fault_of_the_providers_own_is_in_doubt(account: Account) -> None:
    client = account.client()
    account.far.refusals = [Reply(500, {"message": "Internal server error"}), Reply(503, "<html>")]
    for status in (500, 503):
        outcome = client.send(part())
        assert (outcome.kind, outcome.code) == (OutcomeKind.UNKNOWN, status)
    assert not account.far.sent


def test_a_limit_is_a_wait_and_says_nothing_against_the_text(account: Account) -> None:
    client = account.client()
    account.far.refusals = [Reply(429, {}, {"Retry-After": "17"}), Reply(429, {}, {"Retry-After": "rubbish"})]
    asked, second = client.send(part()), client.send(part())
    assert (asked.kind, asked.refusal, asked.wait_s) == (OutcomeKind.REFUSED, Refusal.RETRY, 17)
    assert second.wait_s is not None
    assert 0 < second.wait_s <= 60


def test_a_redirect_is_not_followed_with_the_text_in_hand(account: Account) -> None:
    client = account.client()
    account.far.fault = Fault.REDIRECT
    assert client.send(part()).kind is OutcomeKind.UNKNOWN
    assert posts(account.far) == 1
    assert not account.far.sent


def test_a_refusal_that_nobody_has_heard_of_stops_the_line_and_not_the_text(account: Account) -> None:
    client = account.client()
    account.far.refusals = [Reply(400, {"code": 29999, "errors": [{"error": "NewError", "message": "new"}]})]
    outcome = client.send(part())
    assert (outcome.kind, outcome.refusal) == (OutcomeKind.REFUSED, Refusal.LINE)


def test_questions_wait_while_the_provider_has_trouble_or_asks_to(account: Account) -> None:
    client = account.client()
    handle = client.send(part()).handle
    account.far.every = Reply(429, {}, {"Retry-After": "9"})
    with pytest.raises(Busy) as busy:
        list(client.ask([handle]))
    assert busy.value.wait_s == 9
    account.far.every = Reply(502, "<html>")
    with pytest.raises(Busy):
        list(client.ask([handle]))
    client.check()  # it is there, if in trouble


def test_a_key_that_is_taken_away_stops_the_line(account: Account) -> None:
    client = account.client()
    account.far.every = Reply(401, {"title": "no"})
    with pytest.raises(GuardStop, match=r"key|secret"):
        client.check()


def test_a_status_that_is_never_final_is_told_as_such_and_a_new_word_too(account: Account) -> None:
    client = account.client()
    handle = client.send(part()).handle
    assert list(client.ask([handle])) == [], "that it was taken is known"
    account.far.report(handle, STILL_ON_ITS_WAY[account.driver])
    (first,) = client.ask([handle])
    assert 0x31 <= first.status <= 0x3F
    account.far.report(handle, "teleported")
    (second,) = client.ask([handle])
    assert (second.status, second.said) == (0x3F, "teleported")


def test_a_text_that_the_provider_knows_nothing_of_is_left_out(account: Account) -> None:
    client = account.client()
    handle = client.send(part()).handle
    account.far.records.clear()
    assert list(client.ask([handle])) == []


def test_an_answer_that_lost_its_shape_ends_nothing(account: Account) -> None:
    client, asked = account.client(), part()
    handle = client.send(asked).handle
    bodies: list[Any] = [[], {}, "null", '"']
    for body in (*bodies, {"notifications": 7, "messages": "x", "records": None, "status": None}):
        account.far.every = Reply(200, body)
        assert list(client.ask([handle])) == []
        assert list(client.ask([handle, *(f"{number:016}" for number in range(9))])) == []
        assert client.lookup(asked.key) is None


def test_what_the_library_cannot_make_a_request_of_never_left(account: Account) -> None:
    client = account.client()
    client._api = client._sms = None  # type: ignore[attr-defined]  # as a library that breaks
    try:
        outcome = client.send(part())
    except NeverLeft as proof:
        outcome = Outcome(OutcomeKind.REFUSED, refusal=proof.refusal)
    assert outcome.kind is OutcomeKind.REFUSED
    assert not posts(account.far)


def test_proxies_and_passwords_of_the_environment_are_not_used(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login thief password thief")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("TWILIO_REGION", "xx1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    assert account.client().send(part()).kind is OutcomeKind.ACCEPTED


def test_a_connection_that_is_refused_at_once_is_not_told_as_one_that_took_too_long(account: Account) -> None:
    with pytest.raises(LinkLost, match="it cannot be reached: is there a network"):
        account.fresh(url="http://127.0.0.1:1").bring_up()


def test_every_request_says_who_asks_and_what_for(account: Account) -> None:
    client, asked = account.client(), part()
    client.send(asked)
    (post,) = account.far.posts()
    assert post.headers["User-Agent"].startswith("gsmsend/")
    assert post.headers["X-Request-Id"] == asked.key


def test_no_number_stands_in_an_address(account: Account) -> None:
    client, asked = account.client(), part()
    account.far.fault = Fault.HANG_UP
    client.send(asked)
    client.lookup(asked.key)
    list(client.ask([account.far.sent[0].handle]))
    for request in account.far.requests:
        assert "900123" not in f"{request.path}{request.query}"


class Told(logging.Handler):
    """All that is logged, at any level."""

    def __init__(self) -> None:
        super().__init__(0)
        self.words = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.words += f"{record.getMessage()}{record.args}"


def test_key_number_and_text_are_in_nothing_that_is_raised_returned_or_logged(account: Account) -> None:
    told, root = Told(), logging.getLogger()
    level = root.level
    root.addHandler(told)
    root.setLevel(0)
    try:
        words = everything_said(account)
    finally:
        root.removeHandler(told)
        root.setLevel(level)
    for secret in ("900123", TEXT, account.secret, account.secret[-36:]):
        assert secret not in words
        assert secret not in told.words


def everything_said(account: Account) -> str:
    """What a client says in good days and bad ones, with its exceptions and what they drag along."""
    client = account.client()
    said = [repr(client), repr(client.bring_up())]

    def send() -> None:
        asked = part()
        said.append(client.wire(asked))
        said.append(repr(client.send(asked)))
        said.append(repr(client.lookup(asked.key)))

    words = f"{NUMBER} {TEXT}"
    bodies = {"code": 21211, "message": words, "errors": [{"error": words, "message": TEXT}],
              "messages": [{"status": "3", "error-text": words}]}  # fmt: skip

    def send_with(fault: Fault) -> None:
        account.far.fault = fault
        send()

    def send_to(status: int) -> None:
        account.far.refusals.append(Reply(status, bodies))
        send()

    def ask() -> None:
        said.append(repr([replace(each, recipient="") for each in client.ask([account.far.sent[0].handle])]))

    def shut_out() -> None:
        account.far.every = Reply(403, bodies)

    steps: list[Callable[[], object]] = [send, *(partial(send_with, fault) for fault in Fault)]
    steps += [partial(send_to, status) for status in (200, 400, 401, 403, 404, 429, 500)]
    steps += [
        ask,
        shut_out,
        client.check,
        client.bring_up,
        account.far.unplug,
        send,
        client.check,
        client.bring_up,
    ]
    for step in steps:
        try:
            step()
        except Exception as raised:  # noqa: BLE001 - whatever is raised is what is looked at
            said.append("".join(traceback.format_exception(raised)))
            said.append(_dragged(raised))
    client.close()
    return "\n".join(said)


def _dragged(raised: BaseException | None) -> str:
    words = ""
    while raised is not None:
        words += f"{raised!r} {raised.args!r} {vars(raised)!r}"
        raised = raised.__cause__ or raised.__context__
    return words
