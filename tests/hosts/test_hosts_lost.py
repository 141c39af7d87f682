"""A host that dies, or hangs and comes back: its lines' texts are texted once or uncertain, the rest goes on."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path

import pytest

from tests.hosts.three import LEASE_S, Bench, three_hosts
from tests.postgres.server import Cluster
from tests.run.far_end import gsmsend

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]
PEOPLE = 48


def test_three_hosts_share_one_queue(tmp_path: Path, server: Cluster) -> None:
    with three_hosts(tmp_path, [server], PEOPLE) as bench:
        totals = bench.done()
        assert totals == {"delivered": PEOPLE}
        listed = [json.loads(line) for line in _hosts(bench)]
        assert [(row["name"], row["state"], len(row["lines"])) for row in listed] == [
            ("bench-1", "up", 2), ("bench-2", "up", 2), ("bench-3", "up", 2),
        ]  # fmt: skip
        told = json.loads(gsmsend("status", "--operation", str(bench.hosts[2].place), "--json").stdout)
        assert "hosts bench-1, bench-2" in told["running"]
        assert all(line["sent"] > 0 for line in told["lines"]), "each of the six lines carried some"
        assert [host.stop() for host in bench.hosts] == [130, 130, 130]
        bench.each_once(PEOPLE, totals)
        assert {json.loads(line)["state"] for line in _hosts(bench)} == {"left"}


def test_a_host_that_is_killed_is_missed_within_its_lease(tmp_path: Path, server: Cluster) -> None:
    with three_hosts(tmp_path, [server], PEOPLE) as bench:
        first = bench.hosts[0]
        bench.on_air(PEOPLE // 4)
        first.signal(signal.SIGKILL)
        first.ended()
        totals = bench.done("queued", "sending")  # reports for its modems come when somebody listens there
        assert totals.get("uncertain", 0) <= 2, "no more than one for each of its lines"
        assert _missed(bench)
        rows = [json.loads(line) for line in _hosts(bench)]
        assert [row["state"] for row in rows] == ["lost", "up", "up"]
        _lease_time_kept(bench)
        first.start()  # begun again, it joins as before
        bench.until(lambda: json.loads(_hosts(bench)[0])["state"] == "up", "the host should be back")
        bench.each_once(PEOPLE, bench.done())


def test_a_host_that_hangs_comes_back_and_tells_what_it_heard(tmp_path: Path, server: Cluster) -> None:
    with three_hosts(tmp_path, [server], PEOPLE) as bench:
        first = bench.hosts[0]
        bench.on_air(PEOPLE // 4)
        first.signal(signal.SIGSTOP)
        bench.until(lambda: _missed(bench), "the host should be missed")
        time.sleep(LEASE_S / 2)
        first.signal(signal.SIGCONT)
        bench.until(lambda: any("took it for dead" in words for words in first.told()), "it should notice")
        totals = bench.done()
        bench.until(lambda: len(json.loads(_hosts(bench)[0])["lines"]) == 2, "it should have its lines again")
        bench.each_once(PEOPLE, bench.sum())
        assert totals.get("uncertain", 0) <= 2


def test_hosts_that_hang_in_turn_text_nobody_twice(tmp_path: Path, server: Cluster) -> None:
    with three_hosts(tmp_path, [server], PEOPLE, radio_s=0.5) as bench:
        for turn, host in enumerate(bench.hosts):
            bench.on_air(6 * (turn + 1))
            host.signal(signal.SIGSTOP)
            time.sleep(LEASE_S * 1.3)
            host.signal(signal.SIGCONT)
        bench.each_once(PEOPLE, bench.done())


def _hosts(bench: Bench) -> list[str]:
    done = gsmsend("hosts", "--operation", str(bench.hosts[-1].place), "--json")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _missed(bench: Bench) -> bool:
    return any("host bench-1 was not heard of" in words for host in bench.hosts[1:] for words in host.told())


def _lease_time_kept(bench: Bench) -> None:
    """By the store's own clock, as the log has it: not sooner than its lease runs out, and soon after."""
    done = gsmsend("verify", "--operation", str(bench.hosts[-1].place), "--json")
    assert done.returncode == 0, done.stderr
    rows = gsmsend("messages", "--operation", str(bench.hosts[-1].place), "--state", "uncertain", "--json").stdout
    for row in map(json.loads, rows.splitlines()):
        found = re.search(r"not heard of for (\d+) seconds", row["why"])
        assert found is not None, row["why"]
        assert int(found.group(1)) >= LEASE_S * 0.8
