"""`gsmsend hosts`, and what `status` says of runs on other hosts."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gsmsend import config
from gsmsend.cli.group import main
from gsmsend.cli.hosts import _lines
from gsmsend.cli.operation import run_going_on
from gsmsend.contract import HostRow, HostState
from gsmsend.errors import ConfigError

ROWS = [
    HostRow("bench-1", HostState.UP, 3.2, ("sim-000017", "sim-000025"), 4),
    HostRow("bench-2", HostState.LOST, 7300.0, (), 9),
    HostRow("bench-3", HostState.LEFT, 12.0, (), 1),
]


class Seen:
    """contract.LeaseView."""

    leases_expire = True

    def __init__(self, *rows: HostRow) -> None:
        self._rows = list(rows)

    def hosts(self) -> list[HostRow]:
        return self._rows


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    place = tmp_path / "op"
    assert CliRunner().invoke(main, ["init", str(place), "--lab"]).exit_code == 0
    return place


def test_each_host_is_told_with_its_lines_and_when_it_was_heard_of() -> None:
    assert list(_lines(ROWS, shared=True)) == [
        "bench-1: at work, 2 lines, heard of 3 s ago",
        "  sim-000017, sim-000025",
        "bench-2: was lost; its lines are free, 0 lines, heard of 2.0 h ago",
        "bench-3: has ended, 0 lines, heard of 12 s ago",
    ]


def test_on_a_file_there_is_one_host_at_a_time(operation: Path) -> None:
    done = CliRunner().invoke(main, ["hosts", "--operation", str(operation)])
    assert done.exit_code == 0, done.output
    assert "one host at a time works on it" in done.output
    assert CliRunner().invoke(main, ["hosts", "--operation", str(operation), "--json"]).output == ""


def test_a_run_on_another_host_is_a_run_that_goes_on(operation: Path) -> None:
    settings = config.load(operation)
    assert run_going_on(settings) == run_going_on(settings, Seen()) == ""
    assert run_going_on(settings, Seen(*ROWS)) == "host bench-1"
    two = Seen(ROWS[0], HostRow("bench-4", HostState.UP, 1.0, (), 1))
    assert run_going_on(settings, two) == "hosts bench-1, bench-4"


def test_on_a_file_nobody_else_can_be_at_work(operation: Path) -> None:
    seen = Seen(*ROWS)
    seen.leases_expire = False
    assert run_going_on(config.load(operation), seen) == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('host = "bench 2"', 'a name of letters, digits, ".", "_" and "-"'),
        ('host = ""', "a name of letters"),
        ("lease_seconds = 1", "a number of seconds, 2 to 3600"),
        ("lease_seconds = true", "a number of seconds"),
    ],
)
def test_a_host_that_cannot_be_is_refused(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigError, match="operation") as stop:
        config.parse(f"[operation]\n{line}\n", tmp_path)
    assert said in str(stop.value)


def test_a_host_and_its_lease(tmp_path: Path) -> None:
    settings = config.parse('[operation]\nhost = "bench-2"\nlease_seconds = 12\n', tmp_path)
    assert (settings.host, settings.lease_s) == ("bench-2", 12.0)
    assert config.parse("", tmp_path).lease_s == 30.0
