"""Every fault switch on real ports: whatever happens to the client, the bench lives and the others go on."""

from __future__ import annotations

import contextlib
import os
import select
import time
from pathlib import Path

from gsmsend.sms import encode_submit, split
from gsmsend_virtual import faults
from tests.bench.running import Client, running

OCTETS = encode_submit("+447700900123", split("Hello").segments[0])
SHORT = {"back": "0.05", "s": "0.05", "for": "0.1", "after": "0", "every": "0.02"}


def short(switch: faults.Switch) -> str:
    """A switch for modem 1, with its waits cut short."""
    keys = {"modem": "1"} | {key: value for key, value in SHORT.items() if key in switch.keys}
    if switch.keys.get("at") == "now" and switch.name != "vanish":
        keys["at"] = "mid-pdu"
    return f"{switch.name}:" + ",".join(f"{key}={value}" for key, value in keys.items())


def careless_exchange(path: Path) -> None:
    """A client that writes what it would write, whatever comes, for 60 ms."""
    with contextlib.suppress(OSError):
        client = Client(path)
        try:
            for text in ("AT\r", f"AT+CMGS={len(OCTETS)}\r", f"00{OCTETS.hex()[:10]}", f"{OCTETS.hex()[10:]}\x1a"):
                client.write(text)
                if select.select([client.fd], [], [], 0.015)[0]:
                    os.read(client.fd, 65536)
        finally:
            client.close()


def test_the_bench_outlives_every_fault(tmp_path: Path) -> None:
    with running(tmp_path, "--modems", "2", "--radio", "0.02", "--report-delay", "0.01") as bench:
        other = Client(bench.port(2))
        other.say("ATE0")
        for switch in faults.listing():
            number = bench.ask(do="fault", fault=short(switch))["id"]
            for path in sorted(bench.ports.iterdir()):
                if path.name != "modem2":
                    careless_exchange(path)
            bench.ask(do="clear", id=number)
            assert other.say("AT") == "\r\nOK\r\n", f"modem 2 answers with {switch.name} on modem 1"
        bench.ask(do="clear")
        bench.ask(do="reboot", modem=1)
        time.sleep(0.2)
        ports = [path for path in bench.ports.iterdir() if path.name != "modem2"]
        assert len(ports) == 1
        client = Client(ports[0])
        assert "OK" in client.say("AT")
        client.close()
        other.close()
        assert bench.stop() == 0
