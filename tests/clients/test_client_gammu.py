"""Debian's gammu, unchanged, on the virtual bench. Several at a time: it waits seconds before it begins."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench.programs import finish, need, start
from tests.bench.running import Running, running

pytestmark = pytest.mark.clients

THEM = "+447700900123"
LONG = "Помощь рядом: позвоните нам, это бесплатно. " * 5
Gammu = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, "--modems", "6", "--radio", "0.2", "--report-delay", "0.3") as it:
        yield it


@pytest.fixture
def gammu(bench: Running, tmp_path: Path) -> Gammu:
    program = need("gammu", "gammu")

    def run(modem: int, *arguments: str) -> subprocess.Popen[str]:
        config = tmp_path / f"gammurc{modem}"
        config.write_text(
            f"[gammu]\ndevice={bench.port(modem)}\nconnection=at\nsynchronizetime=no\n"
            f"logfile={tmp_path}/gammu{modem}.log\nlogformat=textalldate\n"
        )
        return start([program, "-c", str(config), *arguments], tmp_path)

    return run


def test_gammu_identifies_sends_and_reads(bench: Running, gammu: Gammu) -> None:
    for number in (4, 5):
        bench.ask(
            do="text", to=f"+44770090090{number}", **{"from": THEM}, text=f"Reply {number}, caf\u00e9 \u20ac"
        )
    runs = {
        "identify": gammu(1, "identify"),
        "network": gammu(2, "networkinfo"),
        "send": gammu(3, "sendsms", "TEXT", THEM, "-report", "-text", "Hello from gammu, caf\u00e9 \u20ac"),
        "read": gammu(4, "getallsms"),
        "long": gammu(5, "sendsms", "TEXT", THEM, "-report", "-autolen", "600", "-text", LONG),
        "monitor": gammu(6, "monitor", "1"),
    }
    said = {name: finish(process) for name, process in runs.items()}

    assert "IMEI                 : 001017000000011" in said["identify"]
    assert "SIM IMSI             : 001010000000001" in said["identify"]
    assert "home network" in said["network"]
    assert "001 01" in said["network"]
    assert "OK, message reference=0" in said["send"]
    assert "Reply 4, caf\u00e9 \u20ac" in said["read"]
    assert THEM in said["read"]
    assert said["long"].count("OK, message reference=") == 4
    assert "Signal strength      : -65 dBm" in said["monitor"]
    assert "SIM SMS status       : 0 used, 0 unread, 30 locations" in said["monitor"]

    bench.wait_for("report", 5)
    accepted = bench.events("accepted")
    assert sorted((line["modem"], line["to"]) for line in accepted) == [(3, THEM)] + [(5, THEM)] * 4
    assert sorted((line["modem"], line["reference"]) for line in bench.events("report")) == [
        (3, 0), (5, 0), (5, 1), (5, 2), (5, 3),
    ]  # fmt: skip
    assert bench.events("fault") == []


def test_gammu_reads_the_report_and_asks_for_the_pin(bench: Running, gammu: Gammu) -> None:
    bench.ask(do="fault", fault="sim-pin:pin=4711,modem=2")
    sending, asking = gammu(1, "sendsms", "TEXT", THEM, "-report", "-text", "Hello"), gammu(2, "getsecuritystatus")
    finish(sending)
    assert "Waiting for PIN." in finish(asking)
    bench.wait_for("report")
    reading, entering = gammu(1, "getallsms"), gammu(2, "entersecuritycode", "PIN", "4711")
    said = finish(reading)
    assert "SMS status report" in said
    assert THEM in said
    finish(entering)
    assert [line["right"] for line in bench.events("pin")] == [True]
