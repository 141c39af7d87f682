"""A port of the bench and clients that come and go between two looks at it, with the bench's loop stood still."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend_virtual.bench import Bench, Plan
from gsmsend_virtual.journal import Journal
from gsmsend_virtual.network import Conditions
from gsmsend_virtual.pty_bench import PtyBench
from gsmsend_virtual.pty_port import PtyPort

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the bench's ports need Linux")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[PtyPort]:
    bench = PtyBench(Bench(Plan(1, ["generic"], Conditions(), 0), Journal()), tmp_path)
    bench.bench.power_on()
    with closing(bench):
        yield bench.ports[0]


def opened(port: PtyPort) -> int:
    return os.open(port.device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


def heard(client: int) -> bytes:
    return os.read(client, 4096) if select.select([client], [], [], 0)[0] else b""


def answered(port: PtyPort, client: int) -> bytes:
    """What the client gets once the port has been looked at as often as it takes."""
    for _ in range(3):
        if select.select([port.master], [], [], 0)[0]:
            port.ready(select.EPOLLIN)
        port.modem.timers.step(1.0)
        port.flush()
    return heard(client)


@pytest.mark.parametrize("noticed", [PtyPort.look, lambda port: port.ready(select.EPOLLHUP)])
def test_what_the_next_client_writes_before_the_last_ones_end_is_noticed_is_not_lost(
    port: PtyPort, noticed: Callable[[PtyPort], None]
) -> None:
    first = opened(port)
    port.look()
    os.write(first, b"AT\r")
    assert b"OK" in answered(port, first)
    os.close(first)
    second = opened(port)
    os.write(second, b"ATE0\r")
    noticed(port)  # with what the loop was told before the second one was there
    assert b"OK" in answered(port, second)
    os.close(second)


def test_what_the_last_client_did_not_read_is_not_there_for_the_next_one(port: PtyPort) -> None:
    first = opened(port)
    port.look()
    os.write(first, b"ATI\r")
    port.ready(select.EPOLLIN)
    port.flush()
    os.close(first)
    port.look()
    second = opened(port)
    assert heard(second) == b""
    os.close(second)
