"""Alerts through apprise to real servers on this computer: a web hook, a mail server, one that is away."""

from __future__ import annotations

import json
import os
import quopri
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gsmsend import config
from gsmsend.alerting import Trouble, Urgency
from gsmsend.alerting.desk import AlertDesk
from gsmsend.alerting.sending import Addresses
from gsmsend.alerting.wording import Message
from gsmsend.cli.alert import alert, tell_at_once, told_if_it_ends
from gsmsend.config import Alarm, AlertTerms, Settings
from gsmsend.errors import GuardStop
from tests.metrics.listeners import Hook, Mail, listening
from tests.run.far_end import GSMSEND, people

NEWS = Message("gsmsend, Op: Line red-phone is out of use", "Line red-phone is out of use: no network\n(bench-1)")
Call = Callable[..., Any]
# One of apprise's hundred modules looks whether it is there, on Pythons that still have it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    with listening(server):
        yield server


@pytest.fixture
def mail() -> Iterator[Mail]:
    server = Mail()
    with listening(server):
        yield server


def test_a_web_hook_gets_what_is_wrong_and_how_soon_a_person_is_needed(hook: Hook) -> None:
    addresses = Addresses([hook.address])
    assert addresses.send(0, NEWS)
    assert addresses.send(0, Message("a", "b", urgent=True))
    assert addresses.send(0, Message("a", "b", good=True))
    assert hook.taken[0]["title"] == NEWS.title
    assert hook.taken[0]["message"] == NEWS.body
    assert [one["type"] for one in hook.taken] == ["warning", "failure", "success"]


def test_a_mail_has_the_title_as_its_subject(mail: Mail) -> None:
    assert Addresses([mail.address]).send(0, NEWS)
    (told,) = mail.mails
    assert f"Subject: {NEWS.title}" in told.replace("\n ", " ")
    assert "Line red-phone is out of use: no network" in quopri.decodestring(told).decode()
    assert "desk@example.org" in told


def test_words_are_words_in_every_service(hook: Hook) -> None:
    """Nothing in them is markup, an attachment, a path or a variable."""
    words = "<b>x</b> {title} $HOME `id` file:///etc/passwd [a](http://b) \\n &lt;"
    assert Addresses([hook.address]).send(0, Message(words, words))
    assert hook.taken[0]["message"] == words
    assert hook.taken[0]["attachments"] == []


@pytest.mark.parametrize("code", [400, 403, 500, 503])
def test_what_is_not_taken_is_not_said_to_be(hook: Hook, code: int) -> None:
    hook.code = code
    assert not Addresses([hook.address]).send(0, NEWS)


def test_a_service_that_is_away_is_no_fault(hook: Hook) -> None:
    address = hook.address
    hook.server_close()
    assert not Addresses([address]).send(0, NEWS)


def test_what_is_no_address_is_known_before_anything_happens(hook: Hook) -> None:
    addresses = Addresses(["nonsense", hook.address, "unknownservice://a", "mailto://"])
    assert addresses.unusable() == [0, 2, 3]
    assert not addresses.send(0, NEWS)
    assert addresses.send(1, NEWS)


def test_an_address_is_shown_nowhere(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    secret = "json://user:Saffronhill@127.0.0.1:1/"  # noqa: S105 - of nobody
    told: list[str] = []
    desk = AlertDesk(
        Addresses([secret, "nonsense://Saffronhill"]), lambda level, words: told.append(level + words)
    )
    desk.post(NEWS)
    desk.close(30)
    said = capfd.readouterr()
    assert "Saffronhill" not in said.out + said.err + "".join(told) + caplog.text
    assert len(told) == 2


# -- gsmsend alert test -----------------------------------------------------------------------------------


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    place = tmp_path / "op"
    place.mkdir(mode=0o700)
    text = config.template(lab=True) + '\n[alerts]\nto = ["env:FIRST_ALERTS", "env:SECOND_ALERTS"]\n'
    (place / "gsmsend.toml").write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def call(operation: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    def run(first: str, second: str, *words: str) -> Any:
        monkeypatch.setenv("FIRST_ALERTS", first)
        monkeypatch.setenv("SECOND_ALERTS", second)
        given = ["test", "--operation", str(operation), *words]
        return CliRunner().invoke(alert, given, standalone_mode=False)

    return run


def test_the_test_reaches_everybody(call: Call, hook: Hook, mail: Mail) -> None:
    done = call(hook.address, mail.address)
    assert (done.return_value, done.exception) == (0, None)
    assert done.output.splitlines() == ["env:FIRST_ALERTS: taken", "env:SECOND_ALERTS: taken"]
    assert hook.taken[0]["title"] == "gsmsend, op: a test"
    assert "nothing is wrong" in hook.taken[0]["message"]
    assert len(mail.mails) == 1


def test_the_test_says_who_was_not_reached(call: Call, hook: Hook) -> None:
    done = call(hook.address, "nonsense", "--json")
    assert done.return_value == 3
    assert [json.loads(line) for line in done.output.splitlines()] == [
        {"address": "env:FIRST_ALERTS", "taken": True, "why": None},
        {"address": "env:SECOND_ALERTS", "taken": False, "why": "it is no address that apprise knows"},
    ]
    hook.code = 500
    told = call(hook.address, hook.address).output
    assert "env:FIRST_ALERTS: it was not taken" in told
    assert "Look at the address" in told


# -- commands that end with what they found ---------------------------------------------------------------


def test_a_verify_that_finds_something_tells_it(operation: Path, hook: Hook, tmp_path: Path) -> None:
    environment = {**os.environ, "FIRST_ALERTS": hook.address, "SECOND_ALERTS": hook.address}

    def gsmsend(*words: str) -> int:
        command = [*GSMSEND, *words, "--operation", str(operation)]
        return subprocess.run(command, env=environment, capture_output=True, check=False, timeout=90).returncode

    assert gsmsend("import", str(people(tmp_path, 2))) == 0
    assert gsmsend("verify") == 0
    assert hook.taken == []
    with closing(sqlite3.connect(operation / "gsmsend.db")) as store:
        for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f"DROP TRIGGER {name}")
        store.execute("UPDATE audit SET line = replace(line, '\"count\":2', '\"count\":3') WHERE kind = 'rows'")
        store.commit()
    assert gsmsend("verify") == 5
    assert [one["message"].splitlines()[0] for one in hook.taken] == [
        "'gsmsend verify' found that the audit log or the store is not as it was written"
    ] * 2


@pytest.fixture
def alerted(tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Settings]:
    """Settings with one address, whose secret is there again each time, as for a service that is started again."""

    def made() -> Settings:
        monkeypatch.setenv("BENCH_ALERTS", hook.address)
        return Settings(tmp_path, "Op", alerts=AlertTerms(to=("env:BENCH_ALERTS",)))

    return made


def test_what_somebody_does_not_want_to_hear_of_is_not_told_by_commands(
    alerted: Callable[[], Settings], hook: Hook
) -> None:
    settings = alerted()
    deaf = replace(settings, alerts=replace(settings.alerts, on=frozenset({Alarm.DANGER})))
    tell_at_once(deaf, Trouble(Alarm.VERIFY, Urgency.NOW, "words"))
    assert hook.taken == []
    tell_at_once(settings, Trouble(Alarm.VERIFY, Urgency.NOW, "words"))
    assert len(hook.taken) == 1


def test_a_service_that_ends_again_and_again_is_told_once_a_person_at_a_terminal_never(
    alerted: Callable[[], Settings], hook: Hook
) -> None:
    for stay in (False, True, True, True):
        with pytest.raises(GuardStop), told_if_it_ends(alerted(), stay=stay):
            raise GuardStop("no approval", remedy="Approve it")
    (told,) = hook.taken
    assert told["message"].startswith("The run has stopped: no approval")


def test_that_nobody_could_be_told_changes_nothing_of_the_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(tmp_path, "Op", alerts=AlertTerms(to=("env:NO_SUCH_ALERTS",)))
    with pytest.raises(GuardStop, match="no approval"), told_if_it_ends(settings, stay=True):
        raise GuardStop("no approval")
    assert "Nobody was told" in capsys.readouterr().err
