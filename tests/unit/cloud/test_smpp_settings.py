"""[driver.smpp], and the tables of codes."""

from __future__ import annotations

import pytest

from gsmsend.errors import ConfigError
from gsmsend.model import OutcomeKind, Refusal
from gsmsend.sms import Ton, tp_status
from gsmsend_cloud.smpp.settings import Settings
from gsmsend_cloud.smpp.statuses import _command_statuses, command_status, state_by_number, state_by_word

GOOD: dict[str, object] = {
    "host": "smpp.example.org", "system_id": "gsmsend", "password": "env:SMPP_PASSWORD", "sender": "Helpline",
    "tls": True,
}  # fmt: skip


def test_the_fewest_settings_are_enough() -> None:
    settings = Settings.of("smpp", GOOD)
    assert (settings.port, settings.window, settings.source().ton) == (2775, 10, Ton.ALPHANUMERIC)
    assert not settings.loopback
    assert Settings.of("smpp", {**GOOD, "host": "127.0.0.2"}).loopback


def test_a_second_account_has_a_table_of_its_own() -> None:
    tables = {**GOOD, "second": {**GOOD, "system_id": "other"}}
    assert Settings.of("smpp", tables).system_id == "gsmsend"
    assert Settings.of("smpp:second", tables).system_id == "other"
    with pytest.raises(ConfigError, match=r"driver\.smpp\.third"):
        Settings.of("smpp:third", tables)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("colour", "red", "colour is not known; expected one of host"),
        ("port", 0, "port = 0: expected a whole number, 1 to 65535"),
        ("port", True, "expected a whole number"),
        ("tls", "yes", "expected true or false"),
        ("long", "whole", "expected one of udh, sar, payload"),
        ("alphabet", "utf-8", "expected one of gsm7, latin1"),
        ("message_id", "hex", "expected one of same, hex-decimal, decimal-hex"),
        ("data_coding", 256, "expected a whole number, 0 to 255"),
        ("window", 0, "expected a whole number, 1 to 1000"),
        ("read_seconds", 0, "expected seconds, 0.05 to 3600"),
        ("system_id", "much-too-long-for-it", "at most 15 characters"),
        ("sender", "A name that is too long", "at most 21 characters"),
        ("sender", "+44x", "Write"),
        ("sender", "", "sender is missing"),
        ("password", 7, "env:NAME"),
        ("statuses", {"0x0400": "line"}, "expected a list"),
        ("statuses", ["0x0400 grey"], "expected a list"),
        ("statuses", ["0x0 line"], "expected a list"),
    ],
)
def test_a_wrong_setting_is_named(key: str, value: object, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        Settings.of("smpp", {**GOOD, key: value})
    assert words in error.value.words
    assert "gsmsend.toml: driver.smpp" in error.value.words


@pytest.mark.parametrize("code", ["0x8", "0x0045", "0x14", "0x64", "0xFE", "0xFF"])
def test_a_code_of_the_standard_is_not_made_proof_by_the_config(code: str) -> None:
    with pytest.raises(ConfigError, match=r"is ESME_R.* in the standard, not a code of the provider's own"):
        Settings.of("smpp", {**GOOD, "statuses": [f"{code} retry"]})
    assert Settings.of("smpp", {**GOOD, "statuses": [f"{code} unknown"]}).statuses == ((int(code, 16), None),)


@pytest.mark.parametrize("code", ["0x400", "0x4FF", "0x500", "0x00010000"])
def test_a_code_that_the_standard_leaves_to_the_provider_means_what_the_config_says(code: str) -> None:
    settings = Settings.of("smpp", {**GOOD, "statuses": [f"{code} recipient"]})
    assert settings.statuses == ((int(code, 16), Refusal.RECIPIENT),)


def test_texts_cross_a_network_in_clear_only_if_the_config_says_so() -> None:
    silent = {name: value for name, value in GOOD.items() if name != "tls"}
    with pytest.raises(ConfigError, match="tls is missing; expected true, or false"):
        Settings.of("smpp", silent)
    assert not Settings.of("smpp", {**silent, "tls": False}).tls
    assert not Settings.of("smpp", {**silent, "host": "127.0.0.1"}).tls, "a simulator needs no word"


@pytest.mark.parametrize("key", GOOD)
def test_what_is_missing_is_named(key: str) -> None:
    with pytest.raises(ConfigError, match=f"{key} is missing"):
        Settings.of("smpp", {name: value for name, value in GOOD.items() if name != key})


def test_a_password_that_stands_in_the_config_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as error:
        Settings.of("smpp", {**GOOD, "password": ["s3cret"]})
    assert "s3cret" not in error.value.words


def test_each_row_of_the_codes_is_reached_and_only_those_named_prove_anything() -> None:
    rows = _command_statuses()
    for first, last, row in rows:
        assert command_status(first) is row
        assert command_status(last) is row
        assert row.words
    for code in (0x08, 0x45, 0xFE, 0xFF, 0x400, 0x4FF, 0x66, 0x99, 0x7FFFFFFF):
        assert command_status(code).outcome(code).kind is OutcomeKind.UNKNOWN
    assert command_status(0x58).outcome(0x58).wait_s == 5
    assert command_status(0x0B).outcome(0x0B).refusal is Refusal.RECIPIENT


def test_each_state_has_its_word_and_number() -> None:
    for value in range(1, 9):
        state = state_by_number(value)
        assert state is not None
        assert state_by_word(state.stat.lower()) is state
    assert state_by_number(99) is None
    assert tp_status(state_by_word("DELIVRD").status).outcome == "delivered"
    assert not tp_status(state_by_word("WHATEVER").status).final
    assert not tp_status(state_by_word("UNKNOWN").status).final, "what comes later counts"
