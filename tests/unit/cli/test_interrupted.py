"""Ctrl-C and SIGTERM at any moment: one plain line, exit code 130, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

STOPS = [signal.SIGINT, signal.SIGTERM]

PROGRAM = """
import os, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            for _ in range(int(sys.argv[3])):
                os.kill(os.getpid(), int(sys.argv[2]))

sys.meta_path.insert(0, Finder())
from gsmsend.cli import main
main(sys.argv[4:])
"""


def stopped_at_import_of(name: str, stop: signal.Signals, *words: str, times: int = 1) -> tuple[int, str, str]:
    """Run gsmsend, and let the signal come when it begins to import that module."""
    command = [sys.executable, "-c", PROGRAM, name, str(int(stop)), str(times), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("name", ["click", "gsmsend.cli.group", "gsmsend.cli.status", "sqlalchemy", "sqlite3"])
def test_while_it_starts(operation: Path, name: str, stop: signal.Signals) -> None:
    ended = stopped_at_import_of(name, stop, "status", "--operation", str(operation))
    assert ended == (130, "", "Interrupted.\n")


WITHIN_EXEC = """
import os, sys
from gsmsend.cli import main
import gsmsend.cli.status as status

def interrupted(folder, **_):
    exec(f"import os; os.kill(os.getpid(), {sys.argv[1]})")  # Python ends oddly after that

status.looked_at = interrupted
main(sys.argv[2:])
"""


WITHIN_SHOW = """
import os, sys
from gsmsend.cli import edge, main

edge.show = lambda error: os.kill(os.getpid(), int(sys.argv[1]))
main(sys.argv[2:])
"""


@pytest.mark.parametrize("stop", STOPS)
def test_within_code_that_python_compiles_as_it_goes(operation: Path, stop: signal.Signals) -> None:
    words = [str(int(stop)), "status", "--operation", str(operation)]
    done = subprocess.run([sys.executable, "-c", WITHIN_EXEC, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


@pytest.mark.parametrize("stop", STOPS)
def test_while_an_error_is_being_told(tmp_path: Path, stop: signal.Signals) -> None:
    words = [str(int(stop)), "status", "--operation", str(tmp_path / "nowhere")]
    done = subprocess.run([sys.executable, "-c", WITHIN_SHOW, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


@pytest.mark.parametrize("stop", STOPS)
def test_twice_while_it_starts(operation: Path, stop: signal.Signals) -> None:
    ended = stopped_at_import_of("sqlalchemy", stop, "status", "--operation", str(operation), times=2)
    assert ended == (130, "", "Interrupted.\n")


@pytest.mark.parametrize("stop", STOPS)
def test_a_run_that_has_not_begun_ends_its_json_as_ever(operation: Path, stop: signal.Signals) -> None:
    words = ["run", "--operation", str(operation), "--port", "virtual:1", "--stay", "--json"]
    code, out, err = stopped_at_import_of("gsmsend_virtual", stop, *words)
    assert (code, err) == (130, "Interrupted.\n")
    assert '"event": "finished"' in out.splitlines()[-1]
    assert '"exit": 130' in out.splitlines()[-1]
    assert not (operation / "run.holder").exists()


def test_a_program_in_the_background_of_a_script_keeps_ignoring_ctrl_c(operation: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "sqlalchemy", str(int(signal.SIGINT)), "1", "status", "--json"]
    done = subprocess.run(
        [*command, "--operation", str(operation)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert (done.returncode, done.stderr) == (0, "")
