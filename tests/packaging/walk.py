"""A page of commands, walked through as it stands: what is typed in which window, and what must be seen."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.run.far_end import GSMSEND

_BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<window>\w+))?\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
# In a terminal of its own: passphrases are asked for there and nowhere else.
_IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


@dataclass(frozen=True)
class Step:
    """A box: `kind` is sh (commands), text (to be seen) or json (typed into the bench).

    `window` names one in which the command goes on.
    """

    kind: str
    window: str
    lines: tuple[str, ...]


def steps(page: str) -> list[Step]:
    """The boxes of a page, in order."""
    return [
        Step(found["kind"], found["window"] or "", tuple(found["body"].splitlines()))
        for found in _BLOCK.finditer(page)
    ]


def seen(line: str, output: str) -> bool:
    """Whether a line of the page is in an output; `...` stands for anything but a line's end."""
    pattern = r"[^\n]*".join(re.escape(piece) for piece in line.split("..."))
    return re.search(rf"^{pattern}", output, re.MULTILINE) is not None


@dataclass
class Window:
    """A window in which something runs on; what it says is kept."""

    child: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.said.append(line)

    @property
    def output(self) -> str:
        """All that it has said."""
        return "".join(self.said)

    def type(self, line: str) -> None:
        """A line and Enter."""
        assert self.child.stdin is not None
        self.child.stdin.write(f"{line}\n")
        self.child.stdin.flush()

    def interrupt(self, timeout_s: float = 60.0) -> int:
        """Ctrl-C; the exit code."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
        try:
            code = self.child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.child.kill()
            raise AssertionError(f"it did not end within {timeout_s:.0f} s of Ctrl-C:\n{self.output}") from None
        self._reader.join(timeout_s)
        for stream in (self.child.stdin, self.child.stdout):
            assert stream is not None
            stream.close()
        return code


class Desk:
    """Where the page is walked through: a folder, its windows, and the officers' keys."""

    def __init__(self, folder: Path, passphrase: str) -> None:
        self.folder = folder
        self._passphrase = passphrase
        self.windows: dict[str, Window] = {}
        self.environment = {
            **os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1",
            "XDG_CONFIG_HOME": str(folder / "config"),
        }  # fmt: skip

    def type(self, line: str) -> tuple[int, str]:
        """One command to its end, in the folder where we are; its exit code and all it said."""
        words = shlex.split(line)
        if words[0] == "cd":
            self.folder = self.folder / words[1]
            return 0, ""
        assert words[0] == "gsmsend", line
        asks = words[1:3] == ["officer", "add"] or words[1] == "approve"
        return self._answered(words[1:]) if asks else self._plain(words[1:])

    def open(self, name: str, line: str) -> Window:
        """Start a command that goes on in a window of its own."""
        child = subprocess.Popen(
            [*GSMSEND, *shlex.split(line)[1:]], cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.windows[name] = Window(child)
        return self.windows[name]

    def close(self) -> None:
        """End what still runs."""
        for window in self.windows.values():
            window.interrupt()

    def _plain(self, words: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            [*GSMSEND, *words], cwd=self.folder, env=self.environment, text=True, check=False, timeout=90,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.returncode, done.stdout

    def _answered(self, words: list[str]) -> tuple[int, str]:
        """With a person who types the passphrase whenever it is asked for."""
        with subprocess.Popen(
            [sys.executable, "-c", _IN_A_TERMINAL, *GSMSEND, *words], cwd=self.folder, env=self.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as child:  # fmt: skip
            assert child.stdin is not None
            said, since = "", ""
            for piece in _pieces(child):
                said, since = said + piece, since + piece
                if re.search(r"(?:assphrase|Repeat)[^\n]*: $", since):
                    child.stdin.write(f"{self._passphrase}\n".encode())
                    child.stdin.flush()
                    since = ""
            return child.wait(30), said.replace("\r", "")


def _pieces(child: subprocess.Popen[bytes]) -> Iterator[str]:
    assert child.stdout is not None
    while piece := os.read(child.stdout.fileno(), 4096):
        yield piece.decode("utf-8", "replace")
