"""A key that stands in gsmsend.toml is refused by whatever reads it: nothing of it gets into a log or a pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend import about
from gsmsend.config import FILE, parse
from gsmsend.config.secret_keys import hidden
from gsmsend.errors import ConfigError

HUSH = "live-f33517ff-2a88-4f6e-b855-c550268ce08a-8e222534-7f05-4972-86e3-17c5d9f894e2"


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("notify", "key"), ("notify.second", "key"), ("twilio", "auth_token"), ("twilio", "api_secret"),
        ("vonage", "secret"), ("aws", "secret_access_key"), ("smpp", "password"), ("android", "password"),
        ("android", "Passwd"), ("other", "token"), ("notify", "apikey"), ("aws", "api-key"),
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


@pytest.mark.parametrize("value", ['""', "12345678", "true", "['s3cr3t-word']"])
def test_whatever_stands_for_a_secret_names_it(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=r"driver\.smpp\.password: expected"):
        parse(f"[driver.smpp]\npassword = {value}\n", tmp_path)


@pytest.mark.parametrize(
    ("key", "value"), [("template", HUSH), ("proxy", "http://me:s3cr3t@proxy.example.org:3128")]
)
def test_what_is_a_secret_by_its_form_is_refused_under_any_name(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"driver\.notify\.{key}: expected") as error:
        parse(f'[driver.notify]\n{key} = "{value}"\n', tmp_path)
    assert value not in error.value.words
    assert "s3cr3t" not in error.value.words


@pytest.mark.parametrize(
    "lines",
    [
        f'[driver.notify]\nkey = "{HUSH}"  # of ours\n', f"[driver]\nnotify = {{key = '{HUSH}'}}\n",
        f'[driver.notify.second]\ntemplate = "{HUSH}"\n', f'[driver.notify]\nkey = ["{HUSH}"]\n',
        '[driver.notify]\nkey = "\\u006cive-f33517ff"\n', f'[driver.notify\nkey = "{HUSH}"\n',
    ],
)  # fmt: skip
def test_what_is_recorded_of_a_config_has_no_secret_even_if_it_was_changed_meanwhile(
    tmp_path: Path, lines: str
) -> None:
    settings = parse("", tmp_path)
    (tmp_path / FILE).write_text(f"[operation]\n{lines}", encoding="utf-8")
    facts = about.config(settings)
    assert facts is not None
    assert "f33517ff" not in facts.toml
    assert "(not shown)" in facts.toml


def test_a_config_in_order_is_recorded_as_it_is(tmp_path: Path) -> None:
    text = '[driver.notify]\nkey = "env:NOTIFY_KEY"  # of ours\n[driver.vonage]\nkey = "abcd1234"\n'
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    facts = about.config(parse(text, tmp_path))
    assert facts is not None
    assert facts.toml == text


@pytest.mark.parametrize(
    "line",
    [
        'store = "postgresql://gsmsend:hunter2@db.example.org/bench"',
        'store = "postgresql://gsmsend@db.example.org/bench?password=hunter2"',
        'store = "postgresql://gsmsend:hunter2@[db.example.org/bench"',
        'store_password = "hunter2"',
        "store_password = 5",
    ],
)
def test_a_password_of_the_store_is_refused_and_not_repeated(line: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"[operation]\n{line}\n", tmp_path)
    said = f"{caught.value} {caught.value.remedy}"
    assert "hunter2" not in said
    assert "operation.store" in said
    assert "expected" in said
    if line.startswith("store_password"):
        assert '"env:NAME"' in said


def test_what_is_recorded_of_a_config_hides_a_password_of_the_store() -> None:
    text = '[operation]\nstore = "postgresql://a:hunter2@db/bench"\nstore_password = "hunter2 too"\n'
    assert "hunter2" not in hidden(text)
    named = '[operation]\nstore = "postgresql://a@db/bench"\nstore_password = "env:GSMSEND_DB"\n'
    assert hidden(named) == named


@pytest.mark.parametrize(
    "url", ["mysql://a@b/c", "postgresql://a@b/", "postgresql://a@b/c?schema=A-b", "gsmsend.db"]
)
def test_a_store_that_is_no_url_of_a_database_is_refused_with_an_example(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"operation\.store = .*expected a (URL|schema)"):
        parse(f'[operation]\nstore = "{url}"\n', tmp_path)
