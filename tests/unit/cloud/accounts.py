"""Accounts, secrets and clocks that tests of all providers use. No number here is anybody's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gsmsend.contract import Endpoint, Link, OpenOptions, Sink
from gsmsend.requesting import Client, Pulse, RequestLink
from gsmsend_cloud.account import CloudDriver

QUICK = Pulse(first_s=0.02, longest_s=0.2, check_s=0.2, batch=10)
VARIABLE = "GSMSEND_TEST_CLOUD"
NAMED = f"env:{VARIABLE}"


class SystemClock:
    """The real one."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class SetClock:
    """Stands still at a moment."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def now(self) -> float:
        return self.now_s

    def monotonic(self) -> float:
        return self.now_s


@contextmanager
def in_environment(secret: str) -> Iterator[None]:
    """The account's secret in the variable that the tables name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, secret)
        yield
        patch.setenv(VARIABLE, "")


def client_of(
    driver: CloudDriver, table: dict[str, object], secret: str, clock: SystemClock | SetClock | None = None
) -> Client:
    """The client of an account, not signed in."""
    with in_environment(secret):
        endpoint = Endpoint(driver.name, driver.name, cloud=True)
        return driver._client(endpoint, OpenOptions(settings=table), clock or SystemClock())


def link_of(driver: CloudDriver, table: dict[str, object], secret: str, sink: Sink) -> Link:
    """A link that asks often."""
    return RequestLink(client_of(driver, table, secret), sink, driver.label, QUICK)
