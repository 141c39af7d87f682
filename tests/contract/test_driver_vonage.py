"""The shared suites over Vonage's own client library, against an account on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gsmsend.contract import Link, Sink
from gsmsend.model import Refusal
from gsmsend.testing.driver_bench import Bench, OnAir
from gsmsend.testing.request_suite import REQUESTS, RequestSuite
from gsmsend_cloud.vonage import VonageDriver
from tests.unit.cloud.accounts import NAMED, link_of
from tests.unit.cloud.fake_vonage import FROM, KEY, WORD, FakeVonage, error
from tests.unit.cloud.http_bench import HttpBench


class VonageBench(HttpBench):
    """One account."""

    def __init__(self) -> None:
        self.far: FakeVonage = FakeVonage()

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        table: dict[str, object] = {"key": KEY, "secret": NAMED, "from": FROM}
        table |= {"url": self.far.url, "read_seconds": submit_timeout_s}
        return link_of(VonageDriver(), table, WORD, sink)

    def refuse_next(self, code: int) -> None:
        self.far.refusals = [error(code)]

    def send_report(self, part: OnAir, status: int = 0) -> None:
        word, code = ("failed", 3) if status else ("delivered", 0)
        self.far.report(part.handle, word, code)


class TestVonage(RequestSuite):
    traits = replace(
        REQUESTS,
        lookup=True,
        refusals=(
            (1, Refusal.RETRY), (7, Refusal.RECIPIENT), (9, Refusal.LINE), (10, Refusal.LATER),
            (12, Refusal.MESSAGE),
        ),
        unproven=5,
    )  # fmt: skip

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        bench = VonageBench()
        yield bench
        bench.dispose()
