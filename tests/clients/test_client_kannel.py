"""Debian's kannel: bearerbox with smsc=at and smsbox, unchanged, on the virtual bench."""

from __future__ import annotations

import signal
import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.programs import need, start, wait_until
from tests.bench.running import Running, running

pytestmark = pytest.mark.clients

THEM = "+447700900123"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path, "--radio", "0.2", "--report-delay", "0.3") as it:
        yield it


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def send_port(bench: Running, tmp_path: Path) -> Iterator[int]:
    bearerbox, smsbox = need("bearerbox", "kannel"), need("smsbox", "kannel")
    admin, box, send = free_ports(3)
    config = tmp_path / "kannel.conf"
    config.write_text(f"""
group = core
admin-port = {admin}
admin-password = local
smsbox-port = {box}
box-allow-ip = "127.0.0.1"
dlr-storage = internal
log-file = {tmp_path}/kannel.log
log-level = 0

group = smsc
smsc = at
modemtype = auto
device = {bench.port()}
speed = 115200
my-number = +447700900901

group = modems
id = generic
name = generic
detect-string = "Virtual"
init-string = "AT+CNMI=1,2,0,1,0"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
global-sender = 447700900901

group = sendsms-user
username = local
password = local

group = sms-service
keyword = default
text = "Thank you for your text"
""")
    core = start([bearerbox, str(config)], tmp_path)
    wait_until(lambda: _open(box), lambda: "bearerbox is not up")
    front = start([smsbox, str(config)], tmp_path)
    wait_until(lambda: _open(send), lambda: "smsbox is not up")
    yield send
    for process in (front, core):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def _open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_kannel_sends_gets_its_report_and_answers_a_text(bench: Running, send_port: int, tmp_path: Path) -> None:
    def said() -> str:
        return (tmp_path / "kannel.log").read_text("latin-1")[-4000:]

    wait_until(lambda: "AT SMSC successfully opened" in said(), said)
    query = urllib.parse.urlencode({
        "username": "local", "password": "local", "to": THEM, "text": "Hello from kannel", "dlr-mask": "3",
        "dlr-url": "http://127.0.0.1:9/%d",
    })  # fmt: skip
    with urllib.request.urlopen(f"http://127.0.0.1:{send_port}/cgi-bin/sendsms?{query}") as answer:
        assert answer.status == 202
    bench.wait_for("acknowledged")
    wait_until(lambda: "DLR" in said() and "+CDS" in said(), said)
    bench.ask(do="text", to="+447700900901", **{"from": "+447700900124"}, text="Hello kannel")
    bench.wait_for("accepted", 2)
    assert [line["to"] for line in bench.events("accepted")] == [THEM, "+447700900124"]
