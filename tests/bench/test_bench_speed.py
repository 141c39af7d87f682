"""The bench must not be what a benchmark measures. Limits are thrice what an idle machine needs."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

from gsmsend.sms import encode_submit, split
from tests.bench.running import Client, running

TEXTS = 400


def cpu_s(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_text_costs_little_and_the_prompt_comes_at_once(tmp_path: Path) -> None:
    octets = encode_submit("+447700900123", split("x" * 155).segments[0])
    with running(tmp_path, "--radio", "0", "--report-delay", "0.01") as bench:
        client = Client(bench.port())
        client.say("ATE0;+CSMS=0;+CNMI=2,1,0,1,0")
        before, waits = cpu_s(bench.process.pid), []
        for _ in range(TEXTS):
            asked = time.perf_counter()
            client.say(f"AT+CMGS={len(octets)}", "\r\n> ")
            waits.append(time.perf_counter() - asked)
            client.write("00" + octets.hex() + "\x1a")
            client.until("\r\n+CMGS: ")
            client.until("\r\nOK\r\n")
        bench.wait_for("report", TEXTS)
        spent = cpu_s(bench.process.pid) - before
        client.close()
    assert spent / TEXTS < 0.0012, f"{spent / TEXTS * 1000:.2f} ms a text"
    assert statistics.median(waits) < 0.0006, f"{statistics.median(waits) * 1e6:.0f} us to the prompt"


def test_sixty_four_radios_keep_their_time(tmp_path: Path) -> None:
    octets = encode_submit("+447700900123", split("x" * 155).segments[0])
    with running(tmp_path, "--modems", "64", "--radio", "0.5", "--no-reports") as bench:
        clients = [Client(bench.port(number)) for number in range(1, 65)]
        for client in clients:
            client.say(f"AT+CMGS={len(octets)}", "\r\n> ")
            client.write("00" + octets.hex() + "\x1a")
        busy = [line["busy_s"] for line in bench.wait_for("result", 64)]
        for client in clients:
            client.close()
    assert all(each >= 0.5 for each in busy)
    assert statistics.median(busy) < 0.503
