"""[fallback.CAMPAIGN] of gsmsend.toml: what it must have, and every mistake by its place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from gsmsend import about
from gsmsend.config import Rule, parse
from gsmsend.errors import ConfigError

HERE = Path("operation")
KEYS = {
    "route": '"notify"', "text": '"Example Police: example.org/help"', "sender": '"ExamplePol"',
    "trial": '"07700 900990"', "segment": "0.03", "budget": "50",
}  # fmt: skip


def toml(campaign: str = "main", /, **changes: str | None) -> str:
    keys = {key: value for key, value in {**KEYS, **changes}.items() if value is not None}
    table = "\n".join(f"{key} = {value}" for key, value in keys.items())
    return f'[driver.notify]\nkey = "env:X"\n[fallback.{campaign}]\n{table}\n'


def test_a_campaign_has_none_unless_it_is_given_one() -> None:
    assert parse("", HERE).fallbacks == {}


def test_what_it_says_and_what_it_does_where_it_says_nothing() -> None:
    (found,) = parse(toml('"two words"'), HERE).fallbacks.values()
    assert (found.campaign, found.route, found.sender, found.trial) == (
        "two words", "notify", "ExamplePol", "+447700900990",
    )  # fmt: skip
    assert (found.segment, found.budget, found.after_s) == (Decimal("0.03"), Decimal(50), 1800.0)
    assert found.on == frozenset(Rule)


def test_the_rules_and_the_time_are_its_own() -> None:
    (found,) = parse(toml(on='["closed", "no network"]', after_minutes="2.5"), HERE).fallbacks.values()
    assert (found.on, found.after_s) == (frozenset({Rule.CLOSED, Rule.NO_NETWORK}), 150.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sender": None}, ["[fallback.main]: sender is missing", "what people see as its sender"]),
        ({"trial": None}, ["trial is missing", "the phone of an officer"]),
        ({"budget": None}, ["budget is missing", "the most that may be spent"]),
        ({"segment": "-1"}, ["segment = -1", "an amount, 0 or more"]),
        ({"text": None}, ["as text or as text_file, one of the two"]),
        ({"text_file": '"other.txt"'}, ["as text or as text_file, one of the two"]),
        ({"text": None, "text_file": '"none.txt"'}, ["text_file", "none.txt cannot be read"]),
        ({"route": '"twilio"'}, ["route = 'twilio'", "a driver that has a table of its own", "[driver.twilio]"]),
        ({"on": '["maybe"]'}, ["on = ['maybe']", '"closed"', '"refused"']),
        ({"on": "[]"}, ["on = []", "a list out of"]),
        ({"after_minutes": "-1"}, ["after_minutes = -1", "a number, 0 or more"]),
        ({"after": "1"}, ["after is not known", "after_minutes"]),
        ({"trial": '"nobody"'}, ["trial is no phone number"]),
    ],
)
def test_every_mistake_is_named_with_its_place_and_what_was_expected(
    changes: dict[str, str | None], words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(toml(**changes), HERE)
    assert all(word in caught.value.words for word in [*words, "gsmsend.toml"])


def test_the_wording_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("Example Police\r\nexample.org/help \n", encoding="utf-8")
    (found,) = parse(toml(text=None, text_file='"other.txt"'), tmp_path).fallbacks.values()
    assert found.text == "Example Police\nexample.org/help"
    (tmp_path / "other.txt").write_text(" \n", encoding="utf-8")
    with pytest.raises(ConfigError, match="is empty or too long"):
        parse(toml(text=None, text_file='"other.txt"'), tmp_path)


def test_the_officers_phone_is_not_shown_in_the_audit_log_nor_in_an_error() -> None:
    flat = about.flat(parse(toml(), HERE))
    assert flat["fallbacks.main.trial"] == "(not shown)"
    assert "900990" not in " ".join(flat.values())
    with pytest.raises(ConfigError) as caught:
        parse(toml(trial="7700900990"), HERE)
    assert "900990" not in caught.value.words
