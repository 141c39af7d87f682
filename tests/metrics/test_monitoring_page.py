"""docs/monitoring.md: every metric, every kind of alert, every key; its commands are commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from gsmsend import config
from gsmsend.cli.group import main
from gsmsend.config import Alarm, AlertTerms, LogTo
from gsmsend.config.monitoring_keys import KEYS
from gsmsend.metrics.catalogue import METRICS, Metric

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
TYPED = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("gsmsend")
] + re.findall(r"`(gsmsend [^`]+)`", PAGE)
TABLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def labels(metric: Metric) -> str:
    return ", ".join(f"`{label}`" for label in metric.labels) or "-"


def test_each_metric_stands_there_as_it_is() -> None:
    told = [line for line in PAGE.splitlines() if line.startswith("| `gsmsend_")]
    assert told == [f"| `{one.shown}` | {one.kind.value} | {labels(one)} | {one.help} |" for one in METRICS]


def test_no_other_metric_is_named() -> None:
    known = {end for one in METRICS for end in (one.shown, one.name)}
    assert set(re.findall(r"gsmsend_[a-z_]+", PAGE)) <= known


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
    config.parse(table, tmp_path)


def test_the_longest_example_of_alerts_shows_the_defaults_of_what_can_be_set(tmp_path: Path) -> None:
    longest = max(TABLES, key=len)
    given, usual = config.parse(longest, tmp_path).alerts, AlertTerms()
    for name in ("line_s", "per_hour", "disk_bytes", "clock_s", "over"):
        assert getattr(given, name) == getattr(usual, name), name
    assert all(f"{key} =" in longest for key in KEYS["alerts"])


@pytest.mark.parametrize("table", ["metrics", "logs", "alerts"])
def test_every_key_is_named(table: str) -> None:
    assert f"[{table}]" in PAGE
    for key in KEYS[table]:
        assert re.search(rf"\b{key}\b", PAGE), key


def test_every_kind_of_alert_is_explained_and_no_other() -> None:
    section = PAGE.split("| `on` has |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)) == {one.value for one in Alarm}


def test_every_place_for_a_log_is_explained() -> None:
    section = PAGE.split("| `to` | goes |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)) == {one.value for one in LogTo}


def test_the_files_of_hw_are_where_the_page_says() -> None:
    for place in re.findall(r"`(hw/[^`]+)`", PAGE):
        assert (ROOT / place).is_file(), place
