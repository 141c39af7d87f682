"""Webhooks: what a provider tells is kept, what is not proven is not."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from gsmsend import config
from gsmsend.console.app import application
from gsmsend.console.desk import Desk
from gsmsend.console.hooks import hooked
from gsmsend.console.sessions import Viewer
from gsmsend.contract import AttemptClose, AttemptOpen, Hooked, Role
from gsmsend.errors import ConfigError
from gsmsend.model import Device, Outcome, OutcomeKind, Sim, State
from gsmsend.registry import driver
from gsmsend_cloud import twilio_hook

from .conftest import keeping
from .scene import Scene, number, recipient

NAME = "bench.example.org"
URL = f"https://{NAME}"
SECRET = "an example secret"  # noqa: S105 - of no account
SID = "SM" + "0123456789abcdef" * 2


@pytest.fixture
def provider(scene: Scene, caplog: pytest.LogCaptureFixture) -> Iterator[TestClient]:
    caplog.set_level(logging.DEBUG)
    twilio = driver("twilio")
    assert isinstance(twilio, Hooked)
    viewer = Viewer("tester", "tester", Role.APPROVER, unmask=True, officer="", until_s=0.0)
    desk = Desk(config.load(scene.folder), viewer, URL)
    faults: list[BaseException] = []
    drivers = {"twilio": (twilio, SECRET)}
    app = application(desk, frozenset({NAME}), drivers, keeping(faults))
    with TestClient(app, base_url=URL) as client:
        yield client
    assert not faults
    assert "7700900" not in caplog.text
    assert "help me" not in caplog.text


def tell(client: TestClient, secret: str = SECRET, **fields: str) -> int:
    """What Twilio posts, signed."""
    address = f"{URL}/hooks/twilio"
    signed = twilio_hook.signature(address, fields, secret)
    return client.post("/hooks/twilio", data=fields, headers={"X-Twilio-Signature": signed}).status_code


def out_over_twilio(scene: Scene) -> int:
    """A text that Twilio accepted; its id."""
    with scene.store() as store:
        line = store.line(Sim(number="+447700900777"), Device("twilio", "twilio", account="AC1"), 1.0, cloud=True)
        (message,) = store.claim(line.line_id, 1, 2e9).result()
        opened = store.advance(None, AttemptOpen(message.message_id, 1, line.line_id, 2e9)).result().attempt_id
        assert opened is not None
        outcome = Outcome(OutcomeKind.ACCEPTED, handle=SID)
        close = AttemptClose(opened, message.message_id, 1, 1, line.line_id, outcome, 2e9, State.SENT)
        store.advance(close, None).result()
    return message.message_id


def test_a_delivery_that_is_told_is_a_delivery(scene: Scene, provider: TestClient) -> None:
    message = out_over_twilio(scene)
    assert tell(provider, MessageSid=SID, MessageStatus="delivered", To=recipient(message)) == 204
    assert scene.state_of(message) is State.DELIVERED


def test_a_delivery_to_somebody_else_is_none(scene: Scene, provider: TestClient) -> None:
    message = out_over_twilio(scene)
    assert recipient(message) != number(9)
    assert tell(provider, MessageSid=SID, MessageStatus="delivered", To=number(9)) == 204
    assert scene.state_of(message) is State.SENT


def test_a_text_that_came_in_is_in_the_inbox(scene: Scene, provider: TestClient) -> None:
    out_over_twilio(scene)
    assert tell(provider, MessageSid=SID, From=number(9), Body="please help me") == 204
    with scene.store() as store:
        assert any(row.text == "please help me" for row in store.replies())


def test_what_is_not_proven_is_refused_and_kept_nowhere(scene: Scene, provider: TestClient) -> None:
    message = out_over_twilio(scene)
    before = scene.kinds()
    fields = {"MessageSid": SID, "MessageStatus": "delivered", "To": number(9), "Body": "help me"}
    assert tell(provider, "another secret", **fields) == 403
    assert provider.post("/hooks/twilio", data=fields).status_code == 403
    assert provider.get("/hooks/twilio").status_code == 403
    assert scene.state_of(message) is State.SENT
    assert scene.kinds() == before


def test_what_cannot_be_kept_yet_is_to_come_again(scene: Scene, provider: TestClient) -> None:
    assert tell(provider, MessageSid=SID, MessageStatus="delivered", To=number(9)) == 503


def test_other_drivers_take_none(provider: TestClient) -> None:
    assert provider.post("/hooks/atmodem", data={"a": "b"}).status_code == 404
    assert provider.post("/hooks/vonage", data={"a": "b"}).status_code == 404


def test_they_are_off_unless_the_config_wants_them_and_there_is_tls(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_HOOK", SECRET)
    assert hooked(config.load(scene.folder)) == {}
    lines = 'port = 8700\nhooks = true\nhook_secrets = { twilio = "env:TWILIO_HOOK" }\n'
    scene.settle("port = 8700\n", lines)
    with pytest.raises(ConfigError, match="without certificate and key"):
        hooked(config.load(scene.folder))
    scene.settle('certificate = ""\nkey = ""', 'certificate = "c.pem"\nkey = "k.pem"')
    assert list(hooked(config.load(scene.folder))) == ["twilio"]
    scene.settle("{ twilio =", "{ atmodem =")
    with pytest.raises(ConfigError, match="atmodem takes no webhooks"):
        hooked(config.load(scene.folder))
