"""The shared suites over gsmsend.requesting and a provider in memory, one that is polled and one that pushes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import pytest

from gsmsend.testing.driver_bench import Traits
from gsmsend.testing.memory_route import REFUSALS, UNPROVEN, MemoryBench
from gsmsend.testing.request_suite import REQUESTS, RequestSuite

_POLLED = replace(REQUESTS, refusals=tuple(REFUSALS.items()), unproven=UNPROVEN, lookup=True, swaps=True)


class TestPolled(RequestSuite):
    traits: ClassVar[Traits] = _POLLED

    @pytest.fixture
    def bench(self) -> Iterator[MemoryBench]:
        bench = MemoryBench()
        yield bench
        bench.dispose()


class TestPushing(RequestSuite):
    traits: ClassVar[Traits] = replace(_POLLED, late=True, two_way=True)

    @pytest.fixture
    def bench(self) -> Iterator[MemoryBench]:
        bench = MemoryBench(pushes=True)
        yield bench
        bench.dispose()
