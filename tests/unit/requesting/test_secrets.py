"""Secrets of accounts: named in the config, never in it, and gone from the environment once read."""

from __future__ import annotations

import os
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend

from gsmsend.errors import ConfigError, GuardStop
from gsmsend.requesting import secret

WHERE = "gsmsend.toml: driver.notify.key"


class Ring(KeyringBackend):
    priority = 5.0
    locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise RuntimeError("it is locked")
        return {("notify", "live"): "k-123\n", ("notify", "blank"): "  "}.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("nothing is put there")


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()  # type: ignore[no-untyped-call] # theirs has no types
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_a_variable_is_read_and_nobody_after_us_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSMSEND_TEST_KEY", "k-456")
    assert secret(WHERE, "env:GSMSEND_TEST_KEY") == "k-456"
    assert "GSMSEND_TEST_KEY" not in os.environ
    assert secret(WHERE, "env:GSMSEND_TEST_KEY") == "k-456", "a line that is opened again gets it again"


def test_an_entry_of_the_keyring_is_read(ring: Ring) -> None:
    assert secret(WHERE, "keyring:notify/live") == "k-123"


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GSMSEND_NO_SUCH_KEY", raising=False)
    with pytest.raises(GuardStop, match=r"driver\.notify\.key.*GSMSEND_NO_SUCH_KEY is not set"):
        secret(WHERE, "env:GSMSEND_NO_SUCH_KEY")


def test_an_entry_that_is_not_there_says_how_to_put_it_there(ring: Ring) -> None:
    with pytest.raises(GuardStop, match="no entry notify/other") as stop:
        secret(WHERE, "keyring:notify/other")
    assert "keyring set notify other" in stop.value.words


def test_a_locked_keyring_and_none_at_all_are_told(ring: Ring) -> None:
    ring.locked = True
    with pytest.raises(GuardStop, match="it is locked") as stop:
        secret(WHERE, "keyring:notify/live")
    assert "gsmsend key" not in stop.value.words, "it is not the operation's key that is missing"


def test_no_keyring_at_all_is_told() -> None:
    with pytest.raises(GuardStop, match="there is no keyring") as stop:
        secret(WHERE, "keyring:notify/live")
    assert '"env:NAME"' in stop.value.remedy
    assert "keyring set" not in stop.value.remedy, "that would end in a traceback of its own"


def test_an_empty_secret_is_none(ring: Ring) -> None:
    with pytest.raises(GuardStop, match="is empty"):
        secret(WHERE, "keyring:notify/blank")


def test_a_secret_of_two_lines_could_forge_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSMSEND_TEST_KEY", "k\r\nX-Other: 1")
    with pytest.raises(GuardStop, match="more than one line") as stop:
        secret(WHERE, "env:GSMSEND_TEST_KEY")
    assert "X-Other" not in stop.value.words


@pytest.mark.parametrize(
    "value",
    [
        "sk_live_abcdef",
        "env:",
        "env:A B",
        "ENV:NAME",
        "keyring:notify",
        "keyring:/live",
        "keyring:a/",
        7,
        None,
        [""],
    ],
)
def test_what_may_be_the_secret_itself_is_refused_and_not_repeated(value: object) -> None:
    with pytest.raises(ConfigError, match=r'driver\.notify\.key: expected "env:NAME" or') as error:
        secret(WHERE, value)
    assert "sk_live" not in error.value.words
