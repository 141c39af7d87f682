"""`gsmsend send` with nothing about the recipient on its command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gsmsend.cli import asking
from gsmsend.cli.group import main
from gsmsend.testing.scripted import ScriptedDriver


def send(operation: Path, given: str | bytes, *words: str) -> Result:
    command = ["send", *words, "--operation", str(operation)]
    return CliRunner().invoke(main, command, input=given, prog_name="gsmsend")


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["07700 900123", "-"], "Help is here.\nCall us."),
        (["07700 900123", "-"], b"\xef\xbb\xbfHelp is here.\r\nCall us.\r\n"),
        (["-", "-"], "07700 900123\nHelp is here.\nCall us.\n"),
        (["-", "Help is here.\nCall us."], "07700 900123\n"),
    ],
)
def test_from_standard_input(
    operation: Path, driver: ScriptedDriver, words: list[str], given: str | bytes
) -> None:
    result = send(operation, given, *words)
    assert result.exit_code == 0, result.output
    assert driver.on_air == [("+447700900123", "Help is here.\nCall us.", 1)]


@pytest.mark.parametrize("words", [[], ["-", "-"], ["07700 900123"]])
def test_asked_for_on_a_terminal(
    operation: Path, driver: ScriptedDriver, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(asking, "_on_terminal", lambda: True)
    given = "Help is here.\n" if "07700 900123" in words else "07700 900123\nHelp is here.\n"
    result = send(operation, given, *words)
    assert result.exit_code == 0, result.output
    assert "Text: " in result.stderr
    assert driver.on_air == [("+447700900123", "Help is here.", 1)]


@pytest.mark.parametrize(
    ("words", "given", "says"),
    [
        ([], "", "NUMBER is missing, and there is no terminal"),
        (["07700 900123"], "Hi", "TEXT is missing"),
        (["-", "-"], "\nHi", "the first line of standard input is empty"),
        (["-", "Hi"], "07700 900123\nand more", "has more than the number"),
        (["07700 900123", "-"], b"caf\xe9", "is not UTF-8 (octet 4)"),
        (["07700 900123", "-"], io.BytesIO(b"x" * (1 << 20) + b"x").getvalue(), "larger than a megabyte"),
        (["07700 900123", "-"], "", "the text cannot be sent"),
    ],
)
def test_what_cannot_be_used_is_said(
    operation: Path, driver: ScriptedDriver, words: list[str], given: str | bytes, says: str
) -> None:
    result = send(operation, given, *words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert driver.on_air == []


def test_help_says_how(operation: Path) -> None:
    words = " ".join(CliRunner().invoke(main, ["send", "--help"]).stdout.split())
    assert "Other users of this computer can see NUMBER and TEXT" in words
    assert "gsmsend send - - < file" in words
