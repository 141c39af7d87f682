"""[authority] of gsmsend.toml."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gsmsend.about import flat
from gsmsend.config import AuthorityTerms, parse
from gsmsend.errors import ConfigError


def test_it_is_read_and_told_in_the_audit_log() -> None:
    text = '[authority]\nreference = "Warrant 12"\nheld_by = "A. Officer"\nexpires = 2027-03-31\n'
    settings = parse(text, Path("op"))
    assert settings.authority == AuthorityTerms("Warrant 12", "A. Officer", date(2027, 3, 31))
    told = flat(settings)
    assert told["authority.reference"] == "Warrant 12"
    assert told["authority.expires"] == "2027-03-31"


def test_without_the_table_there_is_none() -> None:
    assert parse("", Path("op")).authority == AuthorityTerms()


@pytest.mark.parametrize("value", ['"next spring"', '"2027-03-31"', "2027-03-31T12:00:00", "5"])
def test_a_last_day_is_a_day(value: str) -> None:
    with pytest.raises(ConfigError, match=r"authority\.expires = .*expected a day without quotes"):
        parse(f"[authority]\nexpires = {value}\n", Path("op"))
