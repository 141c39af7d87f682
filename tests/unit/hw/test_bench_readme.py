"""What hw/README.md tells people to type exists and reaches nobody; files and modems it names are there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from gsmsend.cli.group import main

FOLDER = Path(__file__).parents[3] / "hw"
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def _commands() -> Iterator[list[str]]:
    """Every gsmsend command of the page, in blocks and in sentences, without its first word."""
    for line in README.splitlines():
        typed = [line.strip()] if line.lstrip().startswith("gsmsend ") and line.startswith("   ") else []
        for command in [*typed, *re.findall(r"`(gsmsend [^`]+)`", line)]:
            yield shlex.split(command)[1:]


COMMANDS = list(_commands())


def test_the_page_has_the_commands_of_the_first_time() -> None:
    assert {"modems", "doctor", "init", "send", "inbox"} <= {words[0] for words in COMMANDS}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_command_is_one_that_the_program_takes(words: list[str]) -> None:
    with click.Context(main) as context:
        command = main.get_command(context, words[0])
        assert command is not None, f"there is no command {words[0]}"
        command.make_context(words[0], list(words[1:]), parent=context)


def test_a_number_on_the_page_is_nobodys() -> None:
    numbers = re.findall(r"\+?\d[\d ]{8,}\d", README)
    assert numbers
    assert not [number for number in numbers if not re.fullmatch(r"\+447700900\d{3}", number)]


def test_files_on_the_page_are_there() -> None:
    named = re.findall(r"\]\((?!https:)([^)#]+)\)", README) + re.findall(r"`hw/([\w.-]+)`", README)
    named += ["99-gsmsend.rules"]
    assert named
    for name in named:
        assert (FOLDER / name).exists(), name


def test_the_stick_in_hilink_mode_is_no_modem_of_the_matrix(matrix: list[dict[str, Any]]) -> None:
    assert "12d1:14dc" in README
    assert "12d1:14dc" not in {row["usb"] for row in matrix}
