"""The tables [driver.NAME] of accounts: what is wrong is told with its place, and no secret is repeated."""

from __future__ import annotations

import importlib.abc
import sys
from pathlib import Path
from typing import Any

import pytest

from gsmsend import registry
from gsmsend.contract import Endpoint, OpenOptions
from gsmsend.errors import ConfigError, DriverError, GuardStop, UsageError
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_cloud import settings
from gsmsend_cloud.account import CloudDriver
from gsmsend_cloud.notify import NotifyDriver
from gsmsend_cloud.twilio import TwilioDriver
from gsmsend_cloud.vonage import VonageDriver

from . import fake_notify, fake_twilio, fake_vonage
from .accounts import NAMED, SystemClock, client_of, in_environment

TABLES: dict[str, tuple[CloudDriver, dict[str, object], str]] = {
    "notify": (NotifyDriver(), {"key": NAMED, "template": fake_notify.TEMPLATE}, fake_notify.KEY),
    "twilio": (
        TwilioDriver(),
        {"account": fake_twilio.ACCOUNT, "auth_token": NAMED, "from": "Helpline"},
        fake_twilio.WORD,
    ),
    "vonage": (VonageDriver(), {"key": fake_vonage.KEY, "secret": NAMED, "from": "Helpline"}, fake_vonage.WORD),
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_drivers_are_found_by_name_and_take_their_own_addresses(name: str) -> None:
    driver = registry.driver(name)
    assert driver.discover() == ()
    endpoint = driver.endpoint(f"{name}:second")
    assert (endpoint.cloud, endpoint.address, endpoint.virtual) == (True, f"{name}:second", False)
    for wrong in ("other", f"{name}:", f"{name}:a b", f"{name}s"):
        with pytest.raises(UsageError, match="is no account of"):
            driver.endpoint(wrong)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_second_account_has_a_table_of_its_own(name: str) -> None:
    driver, table, secret = TABLES[name]
    with in_environment(secret):
        endpoint = Endpoint(name, f"{name}:second", cloud=True)
        options = OpenOptions(settings={"second": table, "third": {}})
        driver.open(endpoint, RecordingSink(), SystemClock(), options).close()
        for address, words in ((f"{name}:third", "there is no account"), (f"{name}:fourth", "is not there")):
            with pytest.raises(ConfigError, match=words):
                driver.open(Endpoint(name, address, cloud=True), RecordingSink(), SystemClock(), options)


@pytest.mark.parametrize("name", sorted(TABLES))
@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("url", "https://sms.example.org", "a simulator on this machine"),
        ("url", "http://127.0.0.1.example.org", "a simulator on this machine"),
        ("url", "http://user:pass@127.0.0.1", "a simulator on this machine"),
        ("url", "http://127.0.0.1:99999", "a simulator on this machine"),
        ("url", "ftp://127.0.0.1", "a simulator on this machine"),
        ("read_seconds", 0, "a number of seconds from 0.1 to 300"),
        ("connect_seconds", True, "a number of seconds"),
        ("proxy", "http://me:hush@proxy.example.org", "a proxy such as"),
        ("ca", "/nowhere.pem", "a PEM file"),
        ("verify", False, "is not known; expected one of"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(name: str, key: str, value: object, words: str) -> None:
    driver, table, secret = TABLES[name]
    with pytest.raises(ConfigError, match=rf"gsmsend\.toml: driver\.{name}\.{key}.*{words}") as error:
        client_of(driver, {**table, key: value}, secret)
    assert "hush" not in error.value.words


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("notify", {"template": "help"}, r"notify\.template = 'help': expected an id such as"),
        ("notify", {"template": None}, r"notify\.template is missing: expected an id"),
        ("notify", {"key": None}, r'notify\.key is missing: expected "env:NAME"'),
        ("notify", {"sender": "Police"}, r"notify\.sender = 'Police': expected an id"),
        ("notify", {"field": "((text))"}, r"notify\.field"),
        ("twilio", {"account": "AC1"}, r"twilio\.account = 'AC1': expected the account's SID"),
        ("twilio", {"auth_token": None}, "expected auth_token, or api_key with api_secret"),
        ("twilio", {"api_key": fake_twilio.API_KEY, "api_secret": NAMED}, "and not both"),
        ("twilio", {"auth_token": None, "api_key": fake_twilio.API_KEY}, "expected auth_token, or api_key with"),
        ("twilio", {"from": None}, "expected from"),
        ("twilio", {"edge": "dublin"}, "expected region with it"),
        ("vonage", {"key": "abc"}, r"vonage\.key = 'abc': expected the account's API key"),
        ("vonage", {"from": " "}, r"vonage\.from = ' ': expected a text"),
        ("vonage", {"reports": "yes"}, r"vonage\.reports = 'yes': expected true or false"),
    ],
)
def test_each_account_says_what_it_wants(name: str, changes: dict[str, object], words: str) -> None:
    driver, table, secret = TABLES[name]
    changed = {key: value for key, value in {**table, **changes}.items() if value is not None}
    with pytest.raises(ConfigError, match=words):
        client_of(driver, changed, secret)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_secret_in_the_table_itself_is_refused_and_not_repeated(name: str) -> None:
    driver, table, secret = TABLES[name]
    changed = {key: secret if value == NAMED else value for key, value in table.items()}
    with pytest.raises(ConfigError, match=r'expected "env:NAME"') as error:
        client_of(driver, changed, "")
    assert secret not in error.value.words


def test_what_is_no_key_of_notify_is_told_and_not_repeated() -> None:
    driver, table, _ = TABLES["notify"]
    with pytest.raises(GuardStop, match="is no key of Notify") as stop:
        client_of(driver, table, "sk_live_0123456789")
    assert "sk_live" not in stop.value.words


class Absent(importlib.abc.MetaPathFinder):
    """As where the extra is not installed."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> None:
        if name.partition(".")[0] in {"requests", "twilio", "notifications_python_client", "vonage_sms"}:
            raise ModuleNotFoundError(name, name=name)


@pytest.fixture
def without_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    for name in list(sys.modules):
        if name.partition(".")[0] in {"requests", "twilio", "notifications_python_client", "vonage_sms"}:
            monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("without_libraries")
@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_missing_library_says_what_to_install(name: str) -> None:
    driver, table, secret = TABLES[name]
    with pytest.raises(DriverError, match="which is not installed") as error:
        client_of(driver, table, secret)
    assert f"pip install 'gsmsend[{name}]'" in error.value.words


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True), ("LOCALHOST", True),
     ("128.0.0.1", False), ("localhost.example.org", False), ("", False), ("10.0.0.1", False), ("::2", False)],
)  # fmt: skip
def test_this_machine_is_told_from_others(host: str, *, here: bool) -> None:
    assert settings.loopback(host) is here


def test_a_pem_file_that_is_there_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("")
    assert settings.certificates(str(file)) == str(file)
