"""The table [driver.android]."""

from __future__ import annotations

import pytest

from gsmsend.errors import ConfigError, GuardStop
from gsmsend_handset.android.settings import Settings


def test_what_is_not_said_is_as_the_app_is_at_first() -> None:
    settings = Settings.of({})
    assert (settings.port, settings.user, settings.sim) == (8080, "sms", None)
    assert not settings.password


def test_a_table_is_read_and_its_password_taken_from_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GSMSEND_TEST_PHONE", "s3cret-word")
    settings = Settings.of({"serial": "R58M000000A", "sim": 2, "password": "env:GSMSEND_TEST_PHONE", "ttl_s": 60})
    assert (settings.serial, settings.sim, settings.ttl_s) == ("R58M000000A", 2, 60)
    assert settings.password == "s3cret-word"  # noqa: S105 - it is set above
    assert "s3cret" not in repr(settings)


def test_a_password_that_stands_in_the_file_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError, match=r"gsmsend.toml: driver.android.password") as caught:
        Settings.of({"password": "s3cret-word"})
    assert "s3cret" not in caught.value.words


def test_a_secret_that_is_not_there_stops() -> None:
    with pytest.raises(GuardStop, match="GSMSEND_TEST_NOWHERE"):
        Settings.of({"password": "env:GSMSEND_TEST_NOWHERE"})


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("sim", 4, "slot, 1 to 3"),
        ("sim", True, "slot, 1 to 3"),
        ("sim", 1.0, "slot, 1 to 3"),
        ("port", 0, "a TCP port"),
        ("port", "8080", "a TCP port"),
        ("ttl_s", 4, "5 to 86400"),
        ("ttl_s", 5.5, "whole seconds"),
        ("processed_unknown_after_s", 0, "seconds"),
        ("processed_unknown_after_s", 601, "at most 600"),
        ("proof_after_s", 1, "10 to 3600"),
        ("replies_s", -1, "0 for never"),
        ("check_s", float("nan"), "seconds"),
        ("serial", "", "serial number"),
        ("serial", "two words", "serial number"),
        ("user", 7, "user's name"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_what_was_expected(key: str, value: object, expected: str) -> None:
    with pytest.raises(ConfigError, match=rf"gsmsend.toml: driver.android.{key} = ") as caught:
        Settings.of({key: value})
    assert expected in str(caught.value)


def test_an_unknown_key_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match=r"driver.android.pasword is unknown; expected one of .*password"):
        Settings.of({"pasword": "env:X"})
