"""Events to numbers: counted once, under names of lines only, right from the first text on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from gsmsend.engine.events import (
    Event,
    HealthChanged,
    HeldBack,
    InboundArrived,
    LineChanged,
    MessageMoved,
    Notice,
    OptedOut,
    PartAnswered,
    ReplyFlagged,
    ReportArrived,
)
from gsmsend.metrics.recorder import Recorder
from gsmsend.model import (
    Device,
    Facts,
    Outcome,
    OutcomeKind,
    Refusal,
    Registration,
    ReportOutcome,
    Sim,
    State,
)

NUMBER = "+447700900123"
ACCEPTED = Outcome(OutcomeKind.ACCEPTED, 7)
FACTS = Facts(Device("virtual", "/dev/a"), Sim(), Registration.HOME, "Example", -71, temperature_c=41.5)


class Bench(Collector):
    """A recorder, and a way to ask its registry; `now_s` is the time of asking."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.recorder = Recorder(self.registry)
        self.registry.register(self)
        self.now_s = 1000.0

    def collect(self) -> Iterator[Metric]:
        yield from self.recorder.collect(self.now_s)

    def take(self, *events: Event) -> None:
        self.recorder.take(events)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


def changed(
    state: str, at_s: float = 1000.0, *, address: str = "/dev/a", name: str = "sim-1", as_: str = ""
) -> Event:
    return LineChanged(at_s, address, name, state, "", "", 0, FACTS, as_)


def part(outcome: Outcome, at_s: float = 1000.0, *, message: int = 1, took_s: float | None = None) -> Event:
    return PartAnswered(at_s, "sim-1", message, NUMBER, 1, 1, outcome, took_s)


def test_parts_are_counted_by_line_and_outcome() -> None:
    bench = Bench()
    refused = Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER)
    bench.take(changed("ready", as_="red-phone"), part(ACCEPTED), part(ACCEPTED), part(refused))
    assert bench.value("gsmsend_parts_total", line="red-phone", outcome="accepted") == 2
    assert bench.value("gsmsend_parts_total", line="red-phone", outcome="unknown") == 0
    assert bench.value("gsmsend_refusals_total", line="red-phone", refusal="later") == 1
    assert bench.value("gsmsend_refusals_total", line="red-phone", refusal="retry") == 0


def test_every_counter_of_a_line_is_there_before_its_first_text() -> None:
    bench = Bench()
    bench.take(changed("ready"))
    for name, labels in (
        ("gsmsend_parts_total", {"outcome": "refused"}), ("gsmsend_reports_total", {"report": "delivered"}),
        ("gsmsend_inbound_total", {}), ("gsmsend_submission_seconds_count", {}), ("gsmsend_opt_outs_total", {}),
    ):  # fmt: skip
        assert bench.value(name, line="sim-1", **labels) == 0, name


def test_a_port_is_no_line_until_its_sim_is_known() -> None:
    bench = Bench()
    bench.take(changed("opening", name="/dev/a"))
    assert bench.value("gsmsend_line_up", line="/dev/a") is None
    bench.take(changed("ready"))
    assert bench.value("gsmsend_line_up", line="sim-1") == 1
    assert bench.value("gsmsend_line_signal_dbm", line="sim-1") == -71
    assert bench.value("gsmsend_line_temperature_celsius", line="sim-1") == 41.5
    assert bench.value("gsmsend_line_registration", line="sim-1", registration="home") == 1
    assert bench.value("gsmsend_line_registration", line="sim-1", registration="searching") == 0


@pytest.mark.parametrize("state", ["no network", "recovering", "quarantined", "stopped", "barred"])
def test_a_line_is_in_one_state(state: str) -> None:
    bench = Bench()
    bench.take(changed("ready"), changed(state))
    assert bench.value("gsmsend_line_up", line="sim-1") == 0
    assert bench.value("gsmsend_line_state", line="sim-1", state=state) == 1
    assert bench.value("gsmsend_line_state", line="sim-1", state="ready") == 0


def test_a_state_that_is_in_no_list_is_other() -> None:
    bench = Bench()
    bench.take(changed("dancing"))
    assert bench.value("gsmsend_line_state", line="sim-1", state="other") == 1
    assert bench.value("gsmsend_line_state", line="sim-1", state="dancing") is None


def test_busy_seconds_are_those_spent_sending_with_the_text_that_is_going_out() -> None:
    bench = Bench()
    bench.take(changed("sending", 1000.0), changed("ready", 1004.0), changed("sending", 1010.0))
    bench.now_s = 1013.0
    assert bench.value("gsmsend_line_busy_seconds_total", line="sim-1") == 7
    bench.take(changed("sending", 1012.0), changed("stopped", 1012.5))
    assert bench.value("gsmsend_line_busy_seconds_total", line="sim-1") == 7


def test_a_line_that_came_back_at_another_port_goes_on_counting() -> None:
    bench = Bench()
    bench.take(
        changed("sending", 1000.0), changed("recovering", 1003.0), changed("sending", 1010.0, address="/dev/b"),
        changed("removed", 1011.0), changed("ready", 1012.0, address="/dev/b"),
    )  # fmt: skip
    assert bench.value("gsmsend_line_busy_seconds_total", line="sim-1") == 5
    assert bench.value("gsmsend_line_up", line="sim-1") == 1


def test_a_line_that_was_taken_away_is_at_nothing_and_keeps_what_it_did() -> None:
    bench = Bench()
    bench.take(changed("sending", 1000.0), part(ACCEPTED), changed("removed", 1002.0))
    bench.now_s = 1100.0
    assert bench.value("gsmsend_line_up", line="sim-1") is None
    assert bench.value("gsmsend_line_busy_seconds_total", line="sim-1") == 2
    assert bench.value("gsmsend_parts_total", line="sim-1", outcome="accepted") == 1


def test_a_clock_set_back_takes_nothing_away() -> None:
    bench = Bench()
    bench.take(changed("sending", 1000.0), changed("ready", 500.0))
    assert bench.value("gsmsend_line_busy_seconds_total", line="sim-1") == 0


def test_latencies() -> None:
    bench = Bench()
    bench.take(
        part(ACCEPTED, 1000.0, took_s=2.4),
        ReportArrived(1001.0, "sim-1", 1, 1, ReportOutcome.PENDING, 32),
        ReportArrived(1009.0, "sim-1", 1, 1, ReportOutcome.DELIVERED, 0),
        ReportArrived(1050.0, "sim-1", 1, 1, ReportOutcome.DELIVERED, 0),
    )
    assert bench.value("gsmsend_submission_seconds_sum", line="sim-1") == 2.4
    assert bench.value("gsmsend_submission_seconds_bucket", line="sim-1", le="3.0") == 1
    assert bench.value("gsmsend_submission_seconds_bucket", line="sim-1", le="2.0") == 0
    assert bench.value("gsmsend_report_delay_seconds_count", line="sim-1") == 1
    assert bench.value("gsmsend_report_delay_seconds_sum", line="sim-1") == 9
    assert bench.value("gsmsend_reports_total", line="sim-1", report="delivered") == 2


def test_a_report_of_an_earlier_run_is_counted_and_has_no_delay() -> None:
    bench = Bench()
    bench.take(
        ReportArrived(1001.0, "sim-1", 8, 1, ReportOutcome.DELIVERED, 0),
        ReportArrived(1001.0, "sim-1", None, None, ReportOutcome.DELIVERED, 0),
    )
    assert bench.value("gsmsend_report_delay_seconds_count", line="sim-1") == 0
    assert bench.value("gsmsend_reports_total", line="sim-1", report="delivered") == 2
    assert bench.value("gsmsend_reports_unmatched_total", line="sim-1") == 1


def test_what_waits_for_reports_is_bounded() -> None:
    bench = Bench()
    for message in range(20_000):
        bench.take(part(ACCEPTED, message=message))
    assert len(bench.recorder._accepted) <= 16_384


def test_replies_moves_notices_and_health() -> None:
    bench = Bench()
    bench.take(
        changed("ready", as_="red-phone"), InboundArrived(1.0, "sim-1", NUMBER),
        ReplyFlagged(1.0, "sim-1", NUMBER, 1, None), OptedOut(1.0, "sim-1", NUMBER, 1, 1, doubtful=False),
        MessageMoved(1.0, 1, NUMBER, State.SENDING, State.SENT, ""), Notice(1.0, "warning", "a"),
        Notice(1.0, "strange", "a"), HealthChanged(1.0, "sim-1", 35, "sick", ("slow",)), HeldBack(1.0, "paused"),
    )  # fmt: skip
    assert bench.value("gsmsend_inbound_total", line="red-phone") == 1
    assert bench.value("gsmsend_replies_flagged_total", line="red-phone") == 1
    assert bench.value("gsmsend_opt_outs_total", line="red-phone") == 1
    assert bench.value("gsmsend_message_moves_total", state="sent") == 1
    assert bench.value("gsmsend_notices_total", level="warning") == 1
    assert bench.value("gsmsend_notices_total", level="other") == 1
    assert bench.value("gsmsend_line_health_ratio", line="red-phone") == 0.35
    assert bench.recorder.held_back


def test_a_line_that_is_called_by_its_number_is_not_shown_by_it() -> None:
    bench = Bench()
    bench.take(changed("ready", as_="07700 900123"))
    assert bench.value("gsmsend_line_up", line="xxxxx xxxx23") == 1


def test_there_are_no_more_labels_than_lines_that_a_bench_can_have() -> None:
    bench = Bench()
    for at in range(1200):
        bench.take(changed("ready", address=f"/dev/{at}", name=f"sim-{at}x"))
    lines = {
        sample.labels["line"]
        for metric in bench.registry.collect()
        for sample in metric.samples
        if "line" in sample.labels
    }
    assert len(lines) == 1001
    assert "other" in lines


@given(st.lists(st.tuples(st.sampled_from(["sending", "ready", "recovering", "removed"]), st.floats(0, 50))))
def test_busy_seconds_only_go_up(steps: list[tuple[str, float]]) -> None:
    bench, shown, at_s = Bench(), 0.0, 1000.0
    bench.take(changed("ready", at_s))
    for state, after_s in steps:
        at_s += after_s
        bench.take(changed(state, at_s))
        bench.now_s = at_s + 1.5
        now = bench.value("gsmsend_line_busy_seconds_total", line="sim-1")
        assert now is not None
        assert now >= shown
        shown = now
