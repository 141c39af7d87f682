"""Devices of all hosts count for the authority; virtual ones, accounts and hosts that have left do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gsmsend.config import AuthorityTerms, Settings
from gsmsend.contract import Endpoint
from gsmsend.contract.leasing import Joining
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import GuardStop
from gsmsend.model import Device, Sim
from gsmsend.store import SqlStore
from gsmsend.testing.clock import ManualClock
from gsmsend.wiring.authority import authority_of, check_authority
from tests.unit.cli.other_routes import modem

CLOCK = ManualClock()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[list[SqlStore]]:
    """Two hosts on one store."""
    found = [SqlStore(tmp_path / "gsmsend.db", EngineRules(), lease_clock=CLOCK.now) for _ in range(2)]
    for number, store in enumerate(found):
        store.join(Joining(f"host{number}", f"run{number}", f"mark{number}", 30.0), CLOCK.now())
    yield found
    for store in found:
        store.close()


def lines(store: SqlStore, count: int, *, first: int = 0, virtual: bool = False) -> None:
    for index in range(first, first + count):
        device = Device("atmodem", f"/dev/ttyUSB{index}", imei=f"35000000000{index:04}", virtual=virtual)
        store.line(Sim(iccid=f"89440000000000{index:05}"), device, CLOCK.now())


def here(count: int) -> list[Endpoint]:
    return [Endpoint("atmodem", f"/dev/ttyUSB{index}") for index in range(count)]


def test_lines_of_another_host_count(stores: list[SqlStore], tmp_path: Path) -> None:
    mine, its = stores
    lines(its, 3)
    authority = authority_of(Settings(tmp_path, "test"), mine)
    assert authority.refusal(here(1)) == ("", "")
    assert authority.refusal(here(2))[0].startswith("5 devices (3 of them at other hosts)")
    assert authority.refusal(here(2), alone=True) == ("", "")


def test_its_virtual_ones_do_not(stores: list[SqlStore], tmp_path: Path) -> None:
    mine, its = stores
    lines(its, 40, virtual=True)
    lines(its, 2, first=50)
    authority = authority_of(Settings(tmp_path, "test"), mine)
    assert authority.refusal(here(2)) == ("", "")
    assert authority.refusal(here(3))[0]


def test_nor_do_those_of_a_host_that_has_left(stores: list[SqlStore], tmp_path: Path) -> None:
    mine, its = stores
    lines(its, 4)
    authority = authority_of(Settings(tmp_path, "test"), mine)
    assert authority.refusal(here(1))[0]
    its.leave(CLOCK.now())
    assert authority.refusal(here(1)) == ("", "")


def test_its_own_lines_do_not_count_twice(stores: list[SqlStore], tmp_path: Path) -> None:
    lines(stores[0], 4)
    assert authority_of(Settings(tmp_path, "test"), stores[0]).refusal(here(4)) == ("", "")


def test_a_run_is_refused_before_anything_else(tmp_path: Path) -> None:
    driver: Any = modem("/dev/ttyUSB0")
    routes = [(driver, one) for one in here(5)]
    with pytest.raises(GuardStop, match="5 devices can use a SIM") as caught:
        check_authority(Settings(tmp_path, "test"), routes)
    assert caught.value.exit_code == 5
    assert "[authority]" in caught.value.remedy
    check_authority(Settings(tmp_path, "test", authority=AuthorityTerms("Warrant 12")), routes)
    check_authority(Settings(tmp_path, "test"), routes[:4])
