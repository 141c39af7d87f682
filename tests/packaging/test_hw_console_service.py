"""The console as its unit starts it: ready when it listens, alive, its token where only its user may look."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.packaging.units import SERVE, Unit
from tests.run.far_end import GSMSEND, lab

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")


def test_the_console_under_its_unit(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    command = [*GSMSEND, *Unit.read(SERVE).command, "--operation", str(lab(tmp_path)), "--port", "0"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "n"))
        ear.settimeout(60)
        told = {"NOTIFY_SOCKET": str(tmp_path / "n"), "WATCHDOG_USEC": "900000", "RUNTIME_DIRECTORY": str(runtime)}
        with subprocess.Popen(
            command, env={**os.environ, **told}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as child:
            assert child.stdout is not None
            first = ear.recv(4096).decode().splitlines()
            said = child.stdout.readline()
            later = [ear.recv(4096).decode() for _ in range(3)]
            token = runtime / "token"
            secret = token.read_text(encoding="utf-8").strip()
            url = re.search(r"http://\S+?(?=;)", said)
            assert url
            assert httpx.get(f"{url[0]}/", follow_redirects=True).status_code == 200
            child.send_signal(signal.SIGTERM)
            said += child.communicate(timeout=60)[0]
        rest = drained(ear)
    assert first == ["READY=1", "STATUS=Serving the console"]
    assert later == ["WATCHDOG=1"] * 3
    assert rest[-1] == "STOPPING=1"
    assert child.returncode in (0, *(int(code) for code in Unit.read(SERVE).words("SuccessExitStatus")))
    assert secret
    assert secret not in said
    assert token.stat().st_mode & 0o777 == 0o600


def drained(ear: socket.socket) -> list[str]:
    """What is left in the socket."""
    ear.setblocking(False)
    found = []
    while True:
        try:
            found.append(ear.recv(4096).decode())
        except BlockingIOError:
            return found


def test_without_a_runtime_folder_there_is_no_token_to_find(tmp_path: Path) -> None:
    command = [*GSMSEND, "serve", "--operation", str(lab(tmp_path)), "--port", "0"]
    environ = {key: value for key, value in os.environ.items() if key != "RUNTIME_DIRECTORY"}
    with subprocess.Popen(
        command, env={**environ, "NOTIFY_SOCKET": str(tmp_path / "nobody")}, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        said = child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        said += child.communicate(timeout=60)[0]
    assert "sign in with your officer's key" in said
    assert "token" not in said
