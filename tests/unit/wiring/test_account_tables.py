"""An account's table that is wrong is told before anybody signs for it, without its library, key or provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend import config, wiring
from gsmsend.errors import ConfigError

FALLBACK = """
[prices]
segment = 0.04
currency = "GBP"
budget = 100

[fallback.main]
route = "{name}"
text = "Example Police writes from another number. Help: example.org/help 0800 000 000"
sender = "ExamplePol"
trial = "07700 900990"
segment = 0.03
budget = 10
on = ["barred"]
"""
NOTIFY = '[driver.notify]\nkey = "env:NO_SUCH_KEY"\ntemplate = "f33517ff-2a88-4f6e-b855-c550268ce08a"\n'
SMPP = (
    '[driver.smpp]\nhost = "smsc.example.org"\nsystem_id = "us"\npassword = "env:NO_SUCH"\nsender = "ExamplePol"\n'
    "tls = true\n"
)


def settings(folder: Path, name: str, table: str) -> config.Settings:
    return config.parse(FALLBACK.format(name=name) + table, folder)


@pytest.mark.parametrize(("name", "table"), [("notify", NOTIFY), ("smpp", SMPP)])
def test_a_table_in_order_needs_neither_key_nor_provider(tmp_path: Path, name: str, table: str) -> None:
    wiring.check_accounts(settings(tmp_path, name, table))


@pytest.mark.parametrize(
    ("name", "table", "words"),
    [
        ("notify", NOTIFY.replace("template", "tempalte"), "driver.notify.tempalte is not known"),
        ("notify", NOTIFY.replace("f33517ff-", ""), "driver.notify.template = .*: expected an id"),
        ("notify", NOTIFY.partition("template")[0], "driver.notify.template is missing"),
        ("smpp", SMPP.replace("host", "hots"), "driver.smpp.hots is not known"),
        ("twilio", '[driver.twilio]\naccount = "AC1"\n', "driver.twilio"),
        ("vonage", '[driver.vonage]\nkey = "abcd"\n', "driver.vonage.key"),
        ("aws", '[driver.aws]\nregion = "eu-west-2"\n', "expected profile, or access_key_id"),
    ],
)
def test_a_wrong_table_of_a_fallback_or_a_named_route_is_refused(
    tmp_path: Path, name: str, table: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        wiring.check_accounts(settings(tmp_path, name, table))
    with pytest.raises(ConfigError, match=words):
        wiring.check_accounts(config.parse(f'[modems]\nports = ["{name}"]\n{table}', tmp_path))


def test_a_table_that_no_route_uses_stops_nothing(tmp_path: Path) -> None:
    wiring.check_accounts(config.parse('[driver.notify]\ntempalte = "x"\n', tmp_path))
