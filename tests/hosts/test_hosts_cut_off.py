"""A host whose network is cut hands nothing over that others take for free, and comes back with what it heard."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.hosts.cable import cable_to
from tests.hosts.three import LEASE_S, Bench, three_hosts
from tests.postgres.server import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]
PEOPLE = 48


def test_a_host_that_is_cut_off_and_comes_back(tmp_path: Path, server: Cluster) -> None:
    with cable_to(server.port) as cable:
        by_cable = cable.address, cable.port
        with three_hosts(tmp_path, [server], PEOPLE, within=cable.within, first_by=by_cable) as bench:
            first = bench.hosts[0]
            bench.until(lambda: _of_first(bench) > 1, "the first host should send, too")
            cable.pull()
            bench.until(lambda: _missed(bench), "the host should be missed")
            time.sleep(LEASE_S / 2)  # what was in its modems' hands is on air by now
            before = _of_first(bench)
            bench.done("queued", "sending")
            assert _of_first(bench) == before, "it went on sending"
            cable.plug()
            bench.until(lambda: any("took it for dead" in words for words in first.told()), "it should notice")
            bench.each_once(PEOPLE, bench.done())


def _missed(bench: Bench) -> bool:
    return any("host bench-1 was not heard of" in words for host in bench.hosts[1:] for words in host.told())


def _of_first(bench: Bench) -> int:
    """How many texts left over the first host's two modems."""
    return sum(event["modem"] in (1, 2) for event in bench.air.events("accepted"))
