"""The thread that sends: it tries again, tells once that an address is away, and keeps nobody waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from gsmsend.alerting import desk as desk_module
from gsmsend.alerting.desk import AlertDesk
from gsmsend.alerting.wording import Message

NEWS = Message("a title", "a body")


class Addresses:
    """Stands for apprise: each address takes what `takes` says."""

    def __init__(self, count: int, takes: Callable[[int, int], bool], unusable: tuple[int, ...] = ()) -> None:
        self._count, self._takes, self._unusable = count, takes, unusable
        self.tried: list[int] = []
        self.taken: list[tuple[int, Message]] = []
        self.some = threading.Condition()

    def __len__(self) -> int:
        return self._count

    def unusable(self) -> list[int]:
        return list(self._unusable)

    def send(self, place: int, message: Message) -> bool:
        taken = place not in self._unusable and self._takes(place, self.tried.count(place))
        with self.some:
            self.tried.append(place)
            if taken:
                self.taken.append((place, message))
            self.some.notify_all()
        return taken

    def until(self, so: Callable[[], bool]) -> None:
        with self.some:
            assert self.some.wait_for(so, 20), (self.tried, self.taken)


Told = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between two tries."""
    monkeypatch.setattr(desk_module, "_wait_s", lambda _tries: 0.0)


def opened(addresses: Addresses) -> tuple[AlertDesk, Told]:
    told: Told = []
    return AlertDesk(addresses, lambda level, words: told.append((level, words))), told  # type: ignore[arg-type]


def test_every_address_gets_it() -> None:
    addresses = Addresses(3, lambda _place, _tries: True)
    desk, told = opened(addresses)
    desk.post(NEWS)
    desk.close(20)
    assert sorted(addresses.taken, key=lambda one: one[0]) == [(0, NEWS), (1, NEWS), (2, NEWS)]
    assert (desk.sent, desk.failed, told) == (3, 0, [])


def test_an_address_that_is_away_is_tried_again_and_said_once_the_others_do_not_wait() -> None:
    addresses = Addresses(2, lambda place, tries: place == 1 or tries >= 3)
    desk, told = opened(addresses)
    desk.post(NEWS)
    addresses.until(lambda: len(addresses.taken) == 2)
    desk.close(20)
    assert addresses.tried.count(0) == 4
    assert (desk.sent, desk.failed, desk.given_up) == (2, 3, 0)
    assert [level for level, _ in told] == ["warning", "info"]
    assert "address 1 of [alerts] to did not take one" in told[0][1]


def test_it_is_not_tried_for_ever() -> None:
    addresses = Addresses(1, lambda _place, _tries: False)
    desk, told = opened(addresses)
    desk.post(NEWS)
    addresses.until(lambda: len(addresses.tried) == 6)
    desk.close(20)
    assert (len(addresses.tried), desk.given_up, desk.waiting) == (6, 1, 0)
    assert len(told) == 1


def test_what_is_no_address_is_told_when_the_run_begins() -> None:
    addresses = Addresses(2, lambda _place, _tries: True, unusable=(1,))
    desk, told = opened(addresses)
    desk.post(NEWS)
    addresses.until(lambda: len(addresses.taken) == 1)
    desk.close(20)
    words = "alerts: address 2 of [alerts] to is no address that apprise knows: nobody is told there"
    assert told[0] == ("error", words)


def test_whoever_posts_and_closes_does_not_wait_for_a_service_that_hangs() -> None:
    hanging = threading.Event()
    addresses = Addresses(1, lambda _place, _tries: hanging.wait(30))
    desk, _ = opened(addresses)
    began_s = time.monotonic()
    for _ in range(1000):
        desk.post(NEWS)
    desk.close(0.2)
    assert time.monotonic() - began_s < 10
    assert desk.waiting <= 100
    hanging.set()


def test_what_is_left_at_the_end_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "_wait_s", lambda _tries: 3600.0)
    addresses = Addresses(1, lambda _place, tries: tries >= 1)
    desk, _ = opened(addresses)
    desk.post(NEWS)
    addresses.until(lambda: len(addresses.tried) == 1)
    desk.close(20)
    assert addresses.taken == [(0, NEWS)]
