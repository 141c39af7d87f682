"""Debian's smstools: smsd as a daemon, its spool as users know it, unchanged, on the virtual bench."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.programs import need, start, wait_until
from tests.bench.running import Running, running

pytestmark = pytest.mark.clients

THEM, OTHER = "447700900123", "447700900124"
FOLDERS = ("outgoing", "checked", "incoming", "report", "sent", "failed")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, "--modems", "2", "--radio", "0.2", "--report-delay", "0.3") as it:
        yield it


@pytest.fixture(params=["", "init = AT+CNMI=2,1,0,2,0", "init = AT+CNMI=1,2,0,1,0"], ids=["polled", "cdsi", "cds"])
def spool(request: pytest.FixtureRequest, bench: Running, tmp_path: Path) -> Iterator[Path]:
    program = need("smsd", "smstools")
    spool = tmp_path / "spool"
    for name in FOLDERS:
        (spool / name).mkdir(parents=True)
    places = "\n".join(f"{name} = {spool}/{name}" for name in FOLDERS)
    config = tmp_path / "smsd.conf"
    config.write_text(
        f"devices = GSM1\nloglevel = 7\nlogfile = {tmp_path}/smsd.log\ninfofile = {tmp_path}/info\n"
        f"pidfile = {tmp_path}/pid\ndelaytime = 1\nautosplit = 3\n{places}\n"
        f"[GSM1]\ndevice = {bench.port()}\nbaudrate = 115200\nincoming = yes\nreport = yes\n{request.param}\n"
    )
    for name, to, text in (("a", THEM, "Hello from smsd"), ("b", OTHER, "long text " * 20)):
        (spool / "outgoing" / name).write_text(f"To: {to}\nReport: yes\n\n{text}\n")
    process = start([program, "-c", str(config)], tmp_path)
    yield spool
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)


def read(folder: Path) -> list[str]:
    return [path.read_text("latin-1") for path in sorted(folder.iterdir())]


def test_smsd_sends_reads_its_reports_and_incoming_texts(bench: Running, spool: Path, tmp_path: Path) -> None:
    def said() -> str:
        return (tmp_path / "smsd.log").read_text("latin-1")[-4000:]

    wait_until(lambda: len(read(spool / "sent")) == 2, said)
    wait_until(lambda: len(read(spool / "report")) == 3, said)  # a report within the answer to its +CNMA it loses
    bench.ask(do="text", to="+447700900901", **{"from": "+447700900125"}, text="Thank you")
    wait_until(lambda: read(spool / "incoming"), said)

    assert read(spool / "failed") == []
    assert all("Status: 0,Ok,short message received by the SME" in report for report in read(spool / "report"))
    incoming = read(spool / "incoming")[0]
    assert "From: 447700900125" in incoming
    assert incoming.endswith("Thank you")
    assert [line["to"] for line in bench.events("accepted")] == ["+" + THEM, "+" + OTHER, "+" + OTHER]
    assert [line["reference"] for line in bench.events("report")] == [0, 1, 2]
