"""The shared suites over Twilio's own client library, against an account on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gsmsend.contract import Link, Sink
from gsmsend.model import Refusal
from gsmsend.testing.driver_bench import Bench, OnAir
from gsmsend.testing.request_suite import REQUESTS, RequestSuite
from gsmsend_cloud.twilio import TwilioDriver
from tests.unit.cloud.accounts import NAMED, link_of
from tests.unit.cloud.fake_twilio import ACCOUNT, FROM, WORD, FakeTwilio, error
from tests.unit.cloud.http_bench import HttpBench


class TwilioBench(HttpBench):
    """One account."""

    def __init__(self) -> None:
        self.far: FakeTwilio = FakeTwilio()
        self.driver = TwilioDriver()

    def make_link(self, sink: Sink, *, submit_timeout_s: float) -> Link:
        table: dict[str, object] = {"account": ACCOUNT, "auth_token": NAMED, "from": FROM}
        table |= {"url": self.far.url, "read_seconds": submit_timeout_s}
        return link_of(self.driver, table, WORD, sink)

    def refuse_next(self, code: int) -> None:
        self.far.refusals = [error(code)]

    def send_report(self, part: OnAir, status: int = 0) -> None:
        word, code = ("undelivered", 30005) if status else ("delivered", None)
        self.far.report(part.handle, word, code)


class TestTwilio(RequestSuite):
    traits = replace(
        REQUESTS,
        lookup=True,
        refusals=(
            (21211, Refusal.RECIPIENT), (20003, Refusal.LINE), (20429, Refusal.RETRY), (21611, Refusal.LATER),
            (21617, Refusal.MESSAGE),
        ),
        unproven=20500,
    )  # fmt: skip

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        bench = TwilioBench()
        yield bench
        bench.dispose()
