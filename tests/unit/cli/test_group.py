"""`gsmsend` itself: its help, its plug-ins, and how it fails."""

from __future__ import annotations

import errno
import importlib.metadata
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

from gsmsend import __version__
from gsmsend.cli import edge, group
from gsmsend.cli.operation import opened
from gsmsend.errors import ConfigError, GuardStop, NoRoute, StoreError, UsageError
from gsmsend.model import State

from .conftest import Call, People

PlugIn = Callable[[str, object], None]
Failing = Callable[[BaseException], Result]

COMMANDS = [name for section in group._SECTIONS.values() for name in section]


def test_help_names_every_command_and_fits_80_columns(call: Call) -> None:
    result = call("--help")
    assert result.exit_code == 0
    assert all(f"\n  {name} " in result.stdout for name in COMMANDS)
    assert "gsmsend run --demo" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_help_imports_nothing_that_only_commands_need() -> None:
    heavy = "sqlalchemy rich phonenumbers serial alembic tenacity filelock charset_normalizer gsmmodem"
    program = (
        "import sys\nfrom gsmsend.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', [name for name in '{heavy}'.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_fits_80_columns(call: Call, name: str) -> None:
    result = call(name, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: gsmsend {name}")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_the_version(call: Call) -> None:
    assert __version__ in call("--version").stdout


def test_a_misspelt_command_names_the_nearest(call: Call) -> None:
    result = call("statsu")
    assert result.exit_code == 2
    assert "'status'" in result.stderr


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "gsmsend", "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: gsmsend ")


class Entry:
    """An entry point of another package."""

    def __init__(self, name: str, loads: object) -> None:
        self.name, self._loads = name, loads
        self.dist = type("Dist", (), {"name": "somebody-elses"})()

    def load(self) -> object:
        if isinstance(self._loads, Exception):
            raise self._loads
        return self._loads


@pytest.fixture
def plug_in(monkeypatch: pytest.MonkeyPatch) -> PlugIn:
    def install(name: str, loads: object) -> None:
        monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [Entry(name, loads)])

    return install


def test_a_plug_in_command_is_listed_without_being_imported(call: Call, plug_in: PlugIn) -> None:
    plug_in("shiny", ImportError("must not be loaded for --help"))
    result = call("--help")
    assert result.exit_code == 0
    assert "shiny  From the package somebody-elses." in result.stdout


def test_a_plug_in_command_runs(call: Call, plug_in: PlugIn) -> None:
    plug_in("shiny", click.command("shiny")(lambda: click.echo("done")))
    assert call("shiny").stdout == "done\n"


def test_a_plug_in_cannot_replace_a_command(call: Call, plug_in: PlugIn) -> None:
    plug_in("status", click.command("status")(lambda: click.echo("hijacked")))
    assert "hijacked" not in call("status").stdout


def test_a_plug_in_that_is_no_command_is_named(call: Call, plug_in: PlugIn) -> None:
    plug_in("shiny", object())
    result = call("shiny")
    assert result.exit_code == 1
    assert "shiny is not a click command" in result.stderr


@pytest.fixture
def failing(call: Call, plug_in: PlugIn) -> Failing:
    def fail(error: BaseException) -> Result:
        def body() -> None:
            raise error

        plug_in("fail", click.command("fail")(body))
        return call("fail")

    return fail


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("it is wrong", remedy="do this"), 2),
        (ConfigError("it is wrong", remedy="do this"), 2),
        (StoreError("it is wrong", remedy="do this"), 1),
        (GuardStop("it is wrong", remedy="do this"), 5),
        (NoRoute("it is wrong", remedy="do this"), 6),
    ],
)
def test_an_error_is_said_in_plain_words_with_its_exit_code(
    failing: Failing, error: BaseException, code: int
) -> None:
    result = failing(error)
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr == "Stopped: it is wrong\ndo this\n"


def test_ctrl_c_is_130(failing: Failing) -> None:
    result = failing(KeyboardInterrupt())
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "Interrupted.\n")


def test_a_closed_pipe_is_quiet(failing: Failing) -> None:
    result = failing(BrokenPipeError())
    assert (result.exit_code, result.stdout, result.stderr) == (141, "", "")


def test_a_bug_leaves_its_details_in_a_private_file_without_recipients(
    failing: Failing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(edge, "_folder", tmp_path)
    monkeypatch.setattr(edge, "remember", lambda folder: None)
    cause = ValueError("can't store ('+447700900123', \"It's about Anna\")")
    fault = RuntimeError("row 'Call me back, it is about Anna' 07700 900124")
    fault.__cause__ = cause
    result = failing(fault)
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert "900123" not in result.stderr
    (kept,) = (tmp_path / "faults").iterdir()
    assert f"The details are in {kept}" in result.stderr
    details = kept.read_text(encoding="utf-8")
    assert "ValueError: (what it says is left out" in details
    assert "RuntimeError: (what it says is left out" in details
    assert "test_group.py" in details
    assert not any(secret in details for secret in ("900123", "900124", "Anna"))
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="descriptors are closed by a POSIX shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_from_the_start_lead_nowhere(operation: Path, people: People, closed: str) -> None:
    words = [sys.executable, "-m", "gsmsend", "import", str(people(3)), "--operation", str(operation)]
    done = subprocess.run(["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *words], capture_output=True, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    with opened(operation) as (_, store):
        assert store.totals()[State.QUEUED] == 3


def test_a_reader_that_goes_away_breaks_nothing(operation: Path) -> None:
    command = [sys.executable, "-m", "gsmsend", "status", "--json", "--operation", str(operation)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.close()
        assert child.stderr is not None
        assert child.stderr.read() == b""
        assert child.wait(timeout=20) in (0, 141)


@pytest.mark.parametrize("name", [None, "/evidence/refused-people.csv"])
def test_a_full_disk_is_no_bug(failing: Failing, name: str | None) -> None:
    result = failing(OSError(errno.ENOSPC, "No space left on device", name))
    assert result.exit_code == 5
    assert result.stderr.startswith(f"Stopped: {name or 'a file'} cannot be written: the disk is full\nMake room")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EROFS, "its disk is write-protected\nCopy"),
        (errno.EACCES, "this login has not the right to it\nAsk"),
    ],
)
def test_a_disk_or_file_that_may_not_be_written_is_no_bug(failing: Failing, number: int, words: str) -> None:
    result = failing(OSError(number, "says the system", "/evidence/gsmsend.db"))
    assert result.exit_code == 5
    assert f"/evidence/gsmsend.db cannot be opened as this command needs it: {words}" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_output_that_nobody_can_take_does_not_stop_an_error_from_being_told_by_the_exit_code(
    tmp_path: Path,
) -> None:
    words = [sys.executable, "-m", "gsmsend", "status", "--operation", str(tmp_path / "nowhere")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=full, check=False)
    assert done.returncode == 2
