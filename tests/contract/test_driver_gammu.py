"""The shared driver suite through libgammu's process apart, with a python-gammu of the tests in it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from gsmsend.testing.driver_suite import Bench, DriverSuite
from tests.unit.handset.gammu_bench import GammuBench

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the handset of the tests needs unix sockets")


class TestGammu(DriverSuite):
    @pytest.fixture
    def bench(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
        bench = GammuBench(tmp_path_factory.mktemp("g"))
        yield bench
        bench.dispose()
