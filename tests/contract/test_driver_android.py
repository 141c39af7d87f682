"""The shared suite over the driver for Android handsets: real adbutils, a fake adb server, the app on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gsmsend.model import Refusal
from gsmsend.testing.driver_bench import Bench
from gsmsend.testing.request_suite import REQUESTS, RequestSuite
from tests.unit.handset.android_bench import PASSWORD_VARIABLE, SECRET, AndroidBench

pytest.importorskip("adbutils")
pytest.importorskip("android_sms_gateway")


@pytest.fixture
def android(monkeypatch: pytest.MonkeyPatch) -> Iterator[AndroidBench]:
    monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    bench = AndroidBench()
    yield bench
    bench.dispose()


class TestAndroidDriver(RequestSuite):
    traits = replace(
        REQUESTS,
        refusals=(
            (400, Refusal.MESSAGE), (503, Refusal.LATER), (5, Refusal.LATER), (6, Refusal.RECIPIENT),
            (10, Refusal.LINE), (22, Refusal.RETRY), (110, Refusal.LINE), (120, Refusal.MODEM),
        ),
        unproven=1,
        lookup=True,
        two_way=True,
        swaps=True,
    )  # fmt: skip

    @pytest.fixture
    def bench(self, android: AndroidBench) -> Bench:
        return android
