"""One bad modem of several gets less work, and it is said why; a modem shows itself on the bench."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from pathlib import Path

from gsmsend.contract import OpenOptions
from gsmsend_atmodem import DRIVER
from tests.bench.running import Client, running
from tests.run.far_end import GSMSEND, gsmsend, lab, people

TEXTS = 120


def test_a_bad_modem_gets_less_work_and_it_is_said_why(tmp_path: Path) -> None:
    place, listed = lab(tmp_path), people(tmp_path, TEXTS)
    faulty = ("--fault", "refuse:code=41,modem=2,count=0")
    with running(tmp_path, "--modems", "4", "--radio", "0.1", "--report-delay", "0.05", *faulty) as bench:
        ports = [word for at in range(1, 5) for word in ("--port", str(bench.port(at)))]
        done = subprocess.run(
            [*GSMSEND, "run", "--operation", str(place), "--json", "--to", str(listed), *ports],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    assert said[-1]["totals"]["delivered"] == TEXTS
    parts = Counter(event["line"] for event in said if event["event"] == "part")
    refusing = {event["line"] for event in said if event["event"] == "part" and event["outcome"] == "refused"}
    assert len(refusing) == 1
    (bad,) = refusing
    others = [count for line, count in parts.items() if line != bad]
    assert len(others) == 3
    assert parts[bad] <= 6 < min(others), parts
    health = [event for event in said if event["event"] == "health" and event["line"] == bad][-1]
    assert health["grade"] == "sick"
    assert any("refused by the network (CMS 41)" in words for words in health["reasons"])
    told = [event["text"] for event in said if event["event"] == "notice"]
    assert any("gets less work: its health is" in words and "CMS 41" in words for words in told)
    status = json.loads(gsmsend("status", "--operation", str(place), "--json").stdout)
    graded = {line["name"]: line["health"]["grade"] for line in status["lines"]}
    assert graded.pop(bad) == "sick"
    assert set(graded.values()) == {"well"}


def test_a_modem_shows_itself_in_a_rhythm_and_nothing_on_it_changes(tmp_path: Path) -> None:
    with running(tmp_path, "--modems", "1", "--radio", "0.1") as bench:
        endpoint = DRIVER.endpoint(str(bench.port(1)))
        client = Client(bench.port(1))
        client.say("ATE0")
        before = client.say("AT&V"), client.say("AT+CNMI?"), client.say("AT+CPMS?")
        client.close()
        begun = time.monotonic()
        assert DRIVER.show_itself(endpoint, OpenOptions(), 2.0) > 2
        assert time.monotonic() - begun >= 2.0
        client = Client(bench.port(1))
        client.say("ATE0")
        assert (client.say("AT&V"), client.say("AT+CNMI?"), client.say("AT+CPMS?")) == before
        client.close()
        assert not bench.events("submit", "accepted")
