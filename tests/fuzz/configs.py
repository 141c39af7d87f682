"""Target `config`: a gsmsend.toml of any characters. Only ConfigError may come out; what is read is in range.

Not judged: tables and lists nested hundreds deep and numbers of thousands of digits, on which Python's own TOML
reader and `repr` give up.
"""

from __future__ import annotations

import math
from dataclasses import astuple, fields
from pathlib import Path

from gsmsend.config import Retry, Settings, parse
from gsmsend.errors import ConfigError
from gsmsend_atmodem.settings import Settings as AtmodemSettings
from tests.fuzz.attempt import attempt

FOLDER = Path("operation")
MOST_LEVELS = 200


def fuzz(data: bytes) -> None:
    """Read the whole of `data`."""
    text = data.decode("utf-8", "replace")
    if sum(map(text.count, "[{.")) > MOST_LEVELS:
        return
    settings = attempt(ConfigError, parse, text, FOLDER)
    if isinstance(settings, ConfigError):
        assert str(FOLDER / "gsmsend.toml") in str(settings), "an error names the file"
        str(settings).encode()
        return
    assert repr(parse(text, FOLDER)) == repr(settings)
    _check(settings)
    made = attempt(ConfigError, AtmodemSettings.of, settings.drivers.get("atmodem", {}))
    if isinstance(made, ConfigError):
        assert "atmodem" in str(made), "an error names the table"
    else:
        assert all(value is None or value >= 0 for value in astuple(made))


def _check(settings: Settings) -> None:
    assert settings.name.strip()
    assert len(settings.region) == 2
    assert settings.region.isascii()
    assert all(type(each) is str for each in (*settings.ports, *settings.sims))
    assert all((*settings.ports, *settings.sims))
    assert all(type(flag) is bool for flag in (settings.lab, settings.discover, settings.transcripts))
    seconds = [settings.listen_first_s, settings.wait_reports_s, settings.unconfirmed_after_s, settings.validity_s]
    retry = settings.retry
    for field in fields(Retry):
        value = getattr(retry, field.name)
        if field.name.endswith("_s"):
            seconds.append(value)
        else:
            assert type(value) is int
            assert value >= 1
    assert all(type(each) is float and math.isfinite(each) and each >= 0 for each in seconds)
    assert 0 <= settings.pace.jitter <= 1
    for name in ("per_minute", "per_hour", "per_day"):
        limit = getattr(settings.pace, name)
        assert limit is None or limit >= 1
        assert type(limit) in (int, type(None))
