"""docs/evidence.md, as an officer reads it: each command that it names is there, and those in boxes are typed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gsmsend.cli.group import main
from gsmsend.config import parse
from tests.packaging.walk import Desk, steps

ROOT = Path(__file__).parents[2]
WORDS = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
PAGE = steps(WORDS)
TYPED = [line for step in PAGE if step.kind == "sh" for line in step.lines]
NAMED = [*TYPED, *re.findall(r"`(gsmsend [^`]+)`", WORDS)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path, "correct horse battery staple")
    yield desk
    desk.close()


@pytest.mark.parametrize("line", sorted({line for line in NAMED if line.startswith("gsmsend ")}))
def test_every_command_it_names_is_there_with_its_options(line: str) -> None:
    words = shlex.split(line)[1:]
    context = click.Context(main, info_name="gsmsend")
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"{line}: there is no {words[0]}"
        command, words = found, words[1:]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert [word for word in words if word.startswith("--") and word not in known] == [], line


def test_its_settings_are_right(tmp_path: Path) -> None:
    boxes = re.findall(r"```toml\n(.*?)```", WORDS, re.DOTALL)
    assert len(boxes) == 2
    settings = parse("\n".join(boxes), tmp_path)
    assert (settings.retention_days, settings.evidence.timestamp_ca) == (90, "tsa-ca.pem")


@pytest.mark.slow
def test_from_a_run_to_a_pack_and_to_the_end_of_its_retention(desk: Desk) -> None:
    said = {}
    for line in TYPED:
        if line.startswith("gsmsend forget"):
            line = f"{line} --because 'the page says so'"  # noqa: PLW2901 - nothing is due on the day of its demo
        code, said[line.split()[1]] = desk.type(line)
        assert code == 0, f"{line}: {code}\n{said}"
        if line == "gsmsend export":
            checked(desk.folder)
    assert "is forgotten: 40 texts" in said["forget"]
    assert "were forgotten on" in said["report"]
    assert re.search(r"newest signed head: \d+ (?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", said["status"])


def checked(folder: Path) -> None:
    """Somebody else checks the pack, with nothing but Python."""
    (script,) = folder.rglob("verify.py")
    done = subprocess.run(
        [sys.executable, "-I", str(script)], cwd=script.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
