"""README, as a newcomer reads it: every command in it is run, with a virtual modem where it names a real port."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.run.far_end import GSMSEND, far_end, gsmsend

MAKE = ["make", "--no-print-directory", "-o", "pyproject.toml", f"VENV={sys.prefix}"]
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
IN_BLOCKS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
IN_TABLES = re.findall(r"^\| `(gsmsend [^`]+)` \|", README, re.MULTILINE)


def test_there_is_something_to_run() -> None:
    assert [line for line in IN_BLOCKS if line.startswith("make ")] == ["make demo", "make test"]
    assert len([line for line in IN_BLOCKS if line.startswith("gsmsend ")]) >= 4
    assert len(IN_TABLES) >= 5


def test_every_command_is_one_that_some_test_here_runs() -> None:
    known = ("make demo", "make test", ". .venv/bin/activate", "gsmsend ")
    assert [line for line in IN_BLOCKS if not line.startswith(known)] == []


@pytest.mark.slow
def test_make_demo_ends_with_all_delivered(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.fail("make is missing; install it with: apt-get install make")
    done = subprocess.run(
        [*MAKE, "demo"], cwd=ROOT, capture_output=True, text=True,
        timeout=150, check=False, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 40 texts delivered" in done.stdout


def test_make_test_would_run_every_test() -> None:
    said = subprocess.run(
        [*MAKE, "-n", "test"], cwd=ROOT, capture_output=True,
        text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    assert said.splitlines()[-1] == f"{sys.prefix}/bin/python -m pytest -n 4 --dist loadfile"


def test_the_commands_for_a_real_modem(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,number\nA,07700 900001\nB,07700 900002\n", encoding="utf-8")
    (tmp_path / "message.txt").write_text("Help is here. 0808 157 0000\n", encoding="utf-8")
    commands = [line for line in IN_BLOCKS if line.startswith("gsmsend ")]
    with far_end(tmp_path, "--report-delay", "0.05") as far:
        for line in commands:
            words = shlex.split(line.replace("/dev/ttyUSB2", far.ports[0]))[1:]
            done = gsmsend(*words, cwd=tmp_path)
            assert done.returncode in _expected(words[0]), f"{line}: {done.stdout}{done.stderr}"
        assert sorted(far.on_air()) == ["+447700900001", "+447700900002"]


def _expected(verb: str) -> set[int]:
    # No modem is plugged into this machine, which `modems` and `doctor` rightly say with 6.
    return {0, 6} if verb in {"modems", "doctor"} else {0}


def test_the_commands_of_the_table(tmp_path: Path) -> None:
    assert gsmsend("init", str(tmp_path / "op"), "--lab").returncode == 0
    operation = tmp_path / "op"
    _make_uncertain(tmp_path, operation)
    for line in IN_TABLES:
        words = shlex.split(line)[1:]
        if words[0] == "bench":
            _bench(tmp_path, words)
            continue
        if words[0] == "serve":
            _serve(words, operation)
            continue
        if words[0] == "resolve":
            words[1] = "1"
        if words[0] == "forget":  # before its time, and nobody is here to be asked
            words += ["--early", "--yes", "--because", "the test is over"]
        done = gsmsend(*words, cwd=operation)
        assert done.returncode in _expected(words[0]), f"{line}: {done.stdout}{done.stderr}"


def _make_uncertain(folder: Path, operation: Path) -> None:
    """One text that the modem takes and never answers."""
    config = operation / "gsmsend.toml"
    text = config.read_text(encoding="utf-8") + "\n[driver.atmodem]\nsubmit_timeout_s = 1\nlate_listen_s = 0.2\n"
    config.write_text(text, encoding="utf-8")
    (folder / "one.csv").write_text("07700 900001\n", encoding="utf-8")
    with far_end(folder, radio_s=120.0) as far:
        words = ["run", "--operation", str(operation), *far.port_flags, "--wait-reports", "0"]
        done = gsmsend(*words, "--to", str(folder / "one.csv"), "--text", "Hi")
    assert done.returncode == 4, done.stdout + done.stderr


def _bench(folder: Path, words: list[str]) -> None:
    words[words.index("--dir") + 1] = str(folder / "table-bench")
    with subprocess.Popen([*GSMSEND, *words], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(4)]
        child.terminate()
        assert child.wait(10) == 0
    assert sum("modem" in line for line in lines) == 4


def _serve(words: list[str], operation: Path) -> None:
    command = [*GSMSEND, *words, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=operation) as child:
        assert child.stdout is not None
        assert "The console is at http://127.0.0.1:" in child.stdout.readline()
        child.terminate()
        assert child.wait(10) == 0
