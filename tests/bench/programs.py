"""Programs that other people wrote, for the tests that drive the bench with them, unchanged."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE_S = 40.0


def need(program: str, package: str) -> str:
    """The program's path. Without it the test is skipped, but fails where CI must have it."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is not None:
        return found
    words = f"{program} is not installed: apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


def start(command: list[str], directory: Path, *, text: str | None = None) -> subprocess.Popen[str]:
    """Start a program in a folder of its own that is its home as well."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    process = subprocess.Popen(
        command, cwd=directory, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    if text is not None and process.stdin is not None:
        process.stdin.write(text)
        process.stdin.close()
        process.stdin = None
    return process


def finish(process: subprocess.Popen[str], *, expect: int = 0) -> str:
    """Wait for a program's end; what it said."""
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == expect, f"{process.args!r} ended with {process.returncode}:\n{said}"
    return said


def wait_until(condition: Callable[[], object], what: Callable[[], object]) -> None:
    """Wait for something; `what` tells what was there instead."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, what()
        time.sleep(0.1)
