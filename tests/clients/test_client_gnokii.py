"""Debian's gnokii with model AT, unchanged, on the virtual bench."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench.programs import finish, need, start
from tests.bench.running import Running, running

pytestmark = pytest.mark.clients

THEM = "+447700900123"
Gnokii = Callable[..., str]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, "--radio", "0.2", "--report-delay", "0.2") as it:
        yield it


@pytest.fixture
def gnokii(bench: Running, tmp_path: Path) -> Gnokii:
    program = need("gnokii", "gnokii-cli")
    config = tmp_path / "gnokiirc"
    port = bench.port().relative_to(tmp_path)  # it cuts a port's name off at 63 characters
    config.write_text(
        f"[global]\nport = {port}\nmodel = AT\nconnection = serial\nserial_baudrate = 115200\n"
        "[logging]\ndebug = off\nrlpdebug = off\nxdebug = off\n"
    )

    def run(*arguments: str, text: str | None = None, expect: int = 0) -> str:
        process: subprocess.Popen[str] = start([program, "--config", str(config), *arguments], tmp_path, text=text)
        return finish(process, expect=expect)

    return run


def test_gnokii_identifies_sends_and_reads(bench: Running, gnokii: Gnokii) -> None:
    said = gnokii("--identify")
    assert "IMEI         : 001017000000011" in said
    assert "Model        : Virtual Modem" in said

    assert "Send succeeded with reference 0" in gnokii("--sendsms", THEM, "-r", text="Hello from gnokii")
    bench.wait_for("report")
    bench.ask(do="text", to="+447700900901", **{"from": THEM}, text="Thank you")

    folders = gnokii("--showsmsfolderstatus")
    assert [line.split()[-2:] for line in folders.splitlines() if line.strip().startswith(("0 ", "1 ", "2 "))] == [
        ["SM", "0"], ["ME", "2"], ["SR", "0"],
    ]  # fmt: skip
    report, text = gnokii("--getsms", "ME", "1"), gnokii("--getsms", "ME", "2")
    assert "Status Report" in report
    assert THEM in report
    assert "Delivered" in report
    assert "Inbox Message" in text
    assert "Thank you" in text

    assert [(line["to"], line["reference"]) for line in bench.events("accepted")] == [(THEM, 0)]
    assert [line["reference"] for line in bench.events("report")] == [0]


def test_gnokii_monitors(gnokii: Gnokii) -> None:
    # It ends with 5, "not implemented": its AT driver has no display to ask for.
    said = gnokii("--monitor", "once", expect=5)
    assert "RFLevel: 24" in said
    assert "Battery: 100" in said
    assert "SMS Messages: Unread 0, Number 0" in said
