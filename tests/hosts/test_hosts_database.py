"""The database goes away under three hosts: they wait and go on, and nobody is taken for dead because of it."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.hosts.three import LEASE_S, Bench, three_hosts
from tests.postgres.server import Cluster, cluster, replica_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]
PEOPLE = 48


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_the_database_is_away_for_longer_than_a_lease(
    how: signal.Signals, tmp_path: Path, server: Cluster
) -> None:
    with three_hosts(tmp_path, [server], PEOPLE) as bench:
        bench.on_air(PEOPLE // 4)
        server.stop(how)
        time.sleep(LEASE_S * 1.5)
        before = len(bench.air.on_air())
        time.sleep(1.0)
        assert len(bench.air.on_air()) == before, "a text left while nobody could know of it"
        server.start()
        totals = bench.done()
        assert totals == {"delivered": PEOPLE}, "each answer was heard, and kept until it could be told"
        assert not _taken_for_dead(bench)
        bench.each_once(PEOPLE, totals)


def test_a_replica_takes_over(tmp_path: Path) -> None:
    with cluster(safe=True) as primary, replica_of(primary) as replica:
        primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.ask("SELECT pg_reload_conf()")
        with three_hosts(tmp_path, [primary, replica], PEOPLE) as bench:
            bench.on_air(PEOPLE // 4)
            primary.stop(signal.SIGQUIT)
            replica.ask("ALTER SYSTEM SET synchronous_standby_names = ''")
            replica.promote()
            replica.ask("SELECT pg_reload_conf()")
            totals = bench.done()
            bench.each_once(PEOPLE, totals)
            assert totals.get("uncertain", 0) <= 6, "one for each line at the most"


def _taken_for_dead(bench: Bench) -> bool:
    return any("was not heard of" in words for host in bench.hosts for words in host.told())
