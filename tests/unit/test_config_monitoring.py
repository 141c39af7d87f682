"""[metrics], [logs] and [alerts] in gsmsend.toml: what is taken, and what is refused in words that help."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from gsmsend.config import Alarm, LogLevel, LogTo, parse
from gsmsend.config.secret_keys import hidden
from gsmsend.errors import ConfigError

FOLDER = Path("op")


def test_nothing_is_watched_unless_it_is_asked_for() -> None:
    settings = parse("", FOLDER)
    assert settings.metrics.address == ""
    assert settings.alerts.to == ()
    assert settings.logs.to is LogTo.AUTO


@pytest.mark.parametrize(
    ("address", "host", "port"), [("127.0.0.1:9464", "127.0.0.1", 9464), ("[::1]:0", "::1", 0)]
)
def test_metrics_listen_on_this_computer(address: str, host: str, port: int) -> None:
    terms = parse(f'[metrics]\naddress = "{address}"', FOLDER).metrics
    assert (terms.host, terms.port) == (host, port)


@pytest.mark.parametrize("address", ["0.0.0.0:9464", "192.0.2.7:9464", "[::]:9464"])
def test_other_computers_must_be_meant(address: str) -> None:
    with pytest.raises(ConfigError, match="others = true") as told:
        parse(f'[metrics]\naddress = "{address}"', FOLDER)
    assert "names of lines" in str(told.value)
    assert parse(f'[metrics]\naddress = "{address}"\nothers = true', FOLDER).metrics.others


@pytest.mark.parametrize(
    "address", ["localhost:9464", "127.0.0.1", "9464", "127.0.0.1:99999", "256.0.0.1:1", "::1:80"]
)
def test_an_address_is_an_ip_address_and_a_port(address: str) -> None:
    with pytest.raises(ConfigError, match=r"metrics\.address"):
        parse(f'[metrics]\naddress = "{address}"', FOLDER)


def test_alerts_are_named_and_told_as_asked() -> None:
    terms = parse(
        '[alerts]\nto = ["env:BENCH_ALERTS", "keyring:gsmsend/alerts"]\non = ["danger", "line"]\n'
        'line_minutes = 10\nquiet_from = "22:00"\nquiet_to = "07:00"\ndisk_megabytes = 100',
        FOLDER,
    ).alerts
    assert terms.to == ("env:BENCH_ALERTS", "keyring:gsmsend/alerts")
    assert terms.on == {Alarm.DANGER, Alarm.LINE}
    assert (terms.line_s, terms.disk_bytes) == (600, 100e6)
    assert (terms.quiet_from, terms.quiet_to) == (time(22), time(7))


@pytest.mark.parametrize(
    "secret", ["json://user:Saffronhill@host", "mailto://Saffronhill", "env:not a name Saffronhill"]
)
def test_an_address_itself_never_stands_in_a_config_nor_in_what_is_said_of_it(secret: str) -> None:
    with pytest.raises(ConfigError, match="env:NAME") as told:
        parse(f'[alerts]\nto = ["{secret}"]', FOLDER)
    assert "Saffronhill" not in str(told.value)
    assert "Saffronhill" not in hidden(f'[alerts]\nto = ["{secret}", "env:OTHER"]')


def test_a_config_without_such_an_address_is_recorded_as_it_is() -> None:
    text = '[alerts]\nto = ["env:BENCH_ALERTS"]\n'
    assert hidden(text) == text


def test_quiet_hours_begin_and_end() -> None:
    with pytest.raises(ConfigError, match="quiet_from and quiet_to"):
        parse('[alerts]\nquiet_from = "22:00"', FOLDER)


def test_an_unknown_kind_of_trouble_is_no_kind() -> None:
    with pytest.raises(ConfigError, match="all lines"):
        parse('[alerts]\non = ["lines"]', FOLDER)


def test_logs() -> None:
    terms = parse('[logs]\nto = "json"\nlevel = "debug"', FOLDER).logs
    assert (terms.to, terms.level) == (LogTo.JSON, LogLevel.DEBUG)
    with pytest.raises(ConfigError, match="journal"):
        parse('[logs]\nto = "syslog"', FOLDER)
