"""gsmsend.toml: every mistake is named with its place, its value and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend.config import load, parse, template
from gsmsend.errors import ConfigError, UsageError

HERE = Path("operation")


def test_an_empty_file_is_a_valid_one() -> None:
    settings = parse("", HERE)
    assert (settings.name, settings.lab, settings.region) == ("operation", False, "GB")


@pytest.mark.parametrize(("lab", "per_minute"), [(True, None), (False, 6)])
def test_the_template_is_valid_and_a_lab_has_no_pace(lab: bool, per_minute: int | None) -> None:
    settings = parse(template(lab=lab), HERE)
    assert (settings.lab, settings.pace.per_minute) == (lab, per_minute)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[pase]\n", ["[pase]", "[pace]", "[line.NAME]"]),
        ('[line.red]\nicid = "8944000000000000017"\n', ["[line.red]: icid is no setting", "iccid"]),
        ("[pace]\nper_minut = 6\n", ["pace.per_minut", "per_minute"]),
        ("[pace]\nper_minute = -1\n", ["pace.per_minute = -1", "whole number"]),
        ("[pace]\nper_minute = true\n", ["pace.per_minute = True", "whole number"]),
        ('[operation]\nlab = "yes"\n', ["operation.lab = 'yes'", "true or false"]),
        ('[operation]\nregion = "England"\n', ["operation.region = 'England'", "two letters"]),
        ('[modems]\nports = "/dev/ttyUSB0"\n', ["modems.ports", "list"]),
        ("[reports]\nwait_seconds = -5\n", ["reports.wait_seconds = -5", "0 or more"]),
        ("[operation\n", ["not valid TOML", "line 1"]),
        ("driver = 5\n", ["[driver.atmodem]"]),
        ("operation = 5\n", ["[operation]"]),
    ],
)
def test_a_mistake_is_named(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, HERE)
    assert str(HERE / "gsmsend.toml") in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_folder_without_one_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not an operation") as caught:
        load(tmp_path)
    assert "gsmsend init" in caught.value.remedy


def test_pins_are_named_by_sim_and_never_in_the_file() -> None:
    settings = parse('[pin.89440000000000000010]\nvariable = "MY_PIN"\napproval = 2\n', HERE)
    assert (settings.pins["89440000000000000010"].variable, settings.pins["89440000000000000010"].approval) == (
        "MY_PIN",
        2,
    )


@pytest.mark.parametrize(
    "text",
    [
        '[pin.1234]\nvariable = "MY_PIN"\n',
        '[pin.89440000000000000010]\npin = "1234"\n',
        "[pin.89440000000000000010]\nvariable = 1234\n",
        '[pin.89440000000000000010]\nvariable = "MY_PIN"\napproval = 0\n',
        "pin = 1234\n",
    ],
)
def test_a_wrong_pin_table_says_what_is_expected(text: str) -> None:
    with pytest.raises(ConfigError, match="pin"):
        parse(text, HERE)
