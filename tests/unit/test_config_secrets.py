"""A key that stands in gsmsend.toml is refused by whatever reads it: nothing of it gets into a log or a pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend.config import parse
from gsmsend.errors import ConfigError

HUSH = "live-f33517ff-2a88-4f6e-b855-c550268ce08a-8e222534-7f05-4972-86e3-17c5d9f894e2"


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("notify", "key"), ("notify.second", "key"), ("twilio", "auth_token"), ("twilio", "api_secret"),
        ("vonage", "secret"), ("aws", "secret_access_key"), ("smpp", "password"), ("android", "password"),
        ("android", "Passwd"), ("other", "token"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [HUSH, f"env:{HUSH}", f"keyring:{HUSH}", ""])
def test_a_secret_in_the_config_is_refused_and_not_repeated(
    tmp_path: Path, table: str, key: str, value: str
) -> None:
    with pytest.raises(ConfigError, match="a secret never stands in a config") as error:
        parse(f'[driver.{table}]\n{key} = "{value}"\n', tmp_path)
    assert f"driver.{table}.{key}" in error.value.words
    assert HUSH not in f"{error.value.words}{error.value.remedy}"


@pytest.mark.parametrize("value", ["env:NOTIFY_KEY", "keyring:notify/live"])
def test_where_a_secret_is_may_stand_there(tmp_path: Path, value: str) -> None:
    drivers = parse(f'[driver.notify]\nkey = "{value}"\n', tmp_path).drivers
    assert drivers["notify"]["key"] == value


def test_what_is_no_secret_by_its_name_is_left_to_the_driver(tmp_path: Path) -> None:
    found = parse('[driver.vonage]\nkey = "abcd1234"\n[driver.twilio]\napi_key = "SK0"\n', tmp_path).drivers
    assert found["vonage"]["key"] == "abcd1234"
