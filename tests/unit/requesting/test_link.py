"""RequestLink: when a route is asked about what, and what becomes of an answer. Time is the test's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest

from gsmsend.errors import LinkLost
from gsmsend.model import Outcome, OutcomeKind, Refusal
from gsmsend.requesting import Pulse, RequestLink, Status
from gsmsend.testing.driver_bench import part
from gsmsend.testing.memory_route import MemoryClient, MemoryProvider
from gsmsend.testing.recording_sink import RecordingSink

PULSE = Pulse(first_s=3.0, longest_s=20.0, growth=2.0, check_s=1000.0, batch=2, over_s=100.0)


class Time:
    """What stands for the monotonic clock."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr("gsmsend.requesting.link.monotonic", time)
    return time


class Bench:
    """A link over a provider in memory, that listens for no time."""

    def __init__(self, provider: MemoryProvider | None = None, client: MemoryClient | None = None) -> None:
        self.provider = client.provider if client is not None else provider or MemoryProvider()
        self.sink = RecordingSink()
        self.link = RequestLink(client or MemoryClient(self.provider), self.sink, "the provider", PULSE)
        self.link.bring_up()

    def send(self, seq: int = 1, total: int = 1) -> Outcome:
        """Hand over a part; no commit is looked at."""
        return self.link.submit(part(seq=seq, total=total), lambda _: None)

    def told(self) -> list[tuple[str, str]]:
        return [(report.handle, report.said) for report in self.sink.reports]


def test_a_text_is_asked_about_soon_and_then_ever_more_rarely(time: Time) -> None:
    bench = Bench()
    bench.send()
    began_s, asked_s = time.now_s, []
    while time.now_s < began_s + 60:
        time.now_s += 1
        before = len(bench.provider.asked)
        bench.link.listen(0.0)
        asked_s += [time.now_s - began_s] * (len(bench.provider.asked) - before)
    assert asked_s == [3, 6, 12, 24, 44]


def test_what_never_has_a_last_word_is_given_up(time: Time) -> None:
    bench = Bench()
    bench.send()
    time.now_s += 101
    bench.link.listen(0.0)
    time.now_s += 1000
    bench.link.listen(0.0)
    assert bench.provider.asked == []


def test_many_are_asked_about_in_batches(time: Time) -> None:
    batches: list[int] = []

    class Client(MemoryClient):
        def ask(self, handles: Sequence[str]) -> Iterable[Status]:
            batches.append(len(handles))
            return super().ask(handles)

    bench = Bench(client=Client(MemoryProvider()))
    for _ in range(5):
        bench.send()
    time.now_s += 3
    for _ in range(4):
        bench.link.listen(0.0)
    assert batches == [2, 2, 1]


def test_those_that_wait_longest_come_first_though_others_are_due_again(time: Time) -> None:
    bench = Bench()
    for _ in range(5):
        bench.send()
    for _ in range(5):
        time.now_s += 20
        bench.link.listen(0.0)
    assert bench.provider.asked[:6] == ["M1", "M2", "M3", "M4", "M5", "M1"]


def test_a_provider_that_wants_to_be_left_alone_is_asked_nothing_meanwhile(time: Time) -> None:
    bench = Bench()
    bench.send()
    bench.provider.busy_s = 30.0
    time.now_s += 3
    bench.link.listen(0.0)
    assert len(bench.provider.asked) == 1
    time.now_s += 29
    bench.link.listen(0.0)
    assert bench.link.lookup("ab" * 16, 1) is None
    assert len(bench.provider.asked) == 1
    time.now_s += 2
    bench.provider.busy_s = None
    bench.link.listen(0.0)
    assert len(bench.provider.asked) == 2


def test_each_new_word_is_told_once_and_after_the_last_nothing_is_asked(time: Time) -> None:
    bench = Bench()
    bench.send()
    for said, status in (("sending", 0x30), ("sending", 0x30), ("delivered", 0x00), ("delivered", 0x00)):
        bench.provider.report("M1", status, said)
        time.now_s += 21
        bench.link.listen(0.0)
    assert bench.told() == [("M1", "sending"), ("M1", "delivered")]
    assert len(bench.provider.asked) == 3


def test_the_end_is_asked_for_until_it_is_on_disk(time: Time) -> None:
    bench = Bench()
    bench.sink.durable = False
    bench.send()
    bench.provider.report("M1", 0x00, "delivered")
    for _ in range(3):
        time.now_s += 21
        bench.link.listen(0.0)
    assert bench.told() == [("M1", "delivered")]
    bench.sink.receipts[0].durable = True
    bench.link.listen(0.0)
    before = len(bench.provider.asked)
    time.now_s += 21
    bench.link.listen(0.0)
    assert len(bench.provider.asked) == before


@pytest.mark.parametrize("pushes", [False, True])
def test_what_is_said_of_a_text_is_said_of_each_of_its_parts(time: Time, pushes: bool) -> None:
    bench = Bench(MemoryProvider(pushes=pushes))
    assert bench.send(1, 3).handle == "M1#1"
    bench.provider.report("M1", 0x00, "delivered")
    for _ in range(3):
        time.now_s += 21
        bench.link.listen(0.0)
    assert bench.told() == [(f"M1#{seq}", "delivered") for seq in (1, 2, 3)]


def test_a_text_that_was_found_by_look_up_has_the_report_that_came_before(time: Time) -> None:
    bench = Bench(MemoryProvider(pushes=True))
    asked = part(seq=1, total=2)
    bench.provider.take(asked, "x")
    bench.provider.report("M1", 0x00, "delivered")
    bench.link.listen(0.0)
    found = bench.link.lookup(asked.key, 2)
    assert found is not None
    assert (found.kind, found.handle) == (OutcomeKind.ACCEPTED, "M1#1")
    assert bench.told() == [("M1", "delivered"), ("M1#1", "delivered"), ("M1#2", "delivered")]


def test_a_later_part_is_never_taken_to_have_gone_with_the_first(time: Time) -> None:
    bench = Bench()
    rest = bench.send(2, 3)
    assert (rest.kind, rest.refusal) == (OutcomeKind.REFUSED, Refusal.MESSAGE)
    assert not bench.provider.on_air


def test_a_route_that_is_gone_while_it_is_asked_is_a_lost_link(time: Time) -> None:
    bench = Bench()
    bench.send()
    bench.provider.gone = True
    time.now_s += 3
    actions: tuple[Callable[[], object], ...] = (
        lambda: bench.link.listen(0.0), lambda: bench.link.lookup("ab" * 16, 1), bench.send,
    )  # fmt: skip
    for action in actions:
        with pytest.raises(LinkLost):
            action()
