"""docs/console.md: its commands are commands, its settings are settings, and it leaves out no page."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from gsmsend import config
from gsmsend.cli.group import main
from gsmsend.console.pages import environment

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "console.md").read_text(encoding="utf-8")
TYPED = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("gsmsend")
] + re.findall(r"`(gsmsend [^`]+)`", PAGE)
TABLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("line", sorted(set(TYPED)))
def test_each_command_is_one(line: str) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, line
        command, words = found, words[1:]
    known = {name for option in command.params for name in option.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("table", TABLES)
def test_each_example_is_a_config(table: str, tmp_path: Path) -> None:
    assert config.parse(table, tmp_path).console != config.ConsoleTerms()


def test_it_tells_of_every_page() -> None:
    made = environment()
    assert made.loader is not None
    named = re.findall(r'\("/[a-z]*", "([\w ]+)"\)', made.loader.get_source(made, "base.html")[0])
    assert len(named) == 7
    for name in named:
        assert f"\n| {name} |" in PAGE
