"""The shared suites over GOV.UK Notify's own client library, against a service on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gsmsend.contract import Link, Sink
from gsmsend.model import Refusal
from gsmsend.testing.driver_bench import Bench, OnAir
from gsmsend.testing.request_suite import REQUESTS, RequestSuite
from gsmsend_cloud.notify import NotifyDriver
from tests.unit.cloud.accounts import NAMED, link_of
from tests.unit.cloud.fake_notify import ERRORS, KEY, TEMPLATE, FakeNotify
from tests.unit.cloud.http_bench import HttpBench


class NotifyBench(HttpBench):
    """One service."""

    def __init__(self) -> None:
        self.far: FakeNotify = FakeNotify()

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        table = {"key": NAMED, "template": TEMPLATE, "url": self.far.url, "read_seconds": submit_timeout_s}
        return link_of(NotifyDriver(), table, KEY, sink)

    def refuse_next(self, code: int) -> None:
        self.far.refusals = [ERRORS[code]]

    def send_report(self, part: OnAir, status: int = 0) -> None:
        self.far.report(part.handle, "permanent-failure" if status else "delivered")


class TestNotify(RequestSuite):
    traits = replace(
        REQUESTS,
        lookup=True,
        refusals=((400, Refusal.RECIPIENT), (403, Refusal.LINE), (429, Refusal.RETRY)),
        unproven=500,
    )

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        bench = NotifyBench()
        yield bench
        bench.dispose()
