"""The store suite on what a wall asks: whether anything changed, what lines do, what was sent when, pages."""

from __future__ import annotations

import json

from gsmsend.contract import AttemptClose, AttemptOpen, ImportSource, NewMessage, Store
from gsmsend.model import Device, Outcome, OutcomeKind, Report, Sim, State
from gsmsend.testing.store_desk import NOW_S, Desk


def _line(store: Store, index: int = 1) -> int:
    """A line that is ready."""
    sim, device = Sim(iccid=f"894400000000000000{index}"), Device("fake", f"port{index}")
    row = store.line(sim, device, NOW_S)
    store.line_state(row.line_id, "ready", "", -70, "Example")
    return store.line(sim, device, NOW_S).line_id  # which waits for what was asked before it


def _fill(store: Store, count: int) -> None:
    """So many people."""
    rows = [NewMessage(f"+447700900{index:03}", "Help is here", index + 1, 1) for index in range(count)]
    store.add(ImportSource("a.csv", "d", "main", NOW_S), rows)


def _send(store: Store, on: int, at_s: float, kind: OutcomeKind = OutcomeKind.ACCEPTED) -> None:
    """One text, handed over at `at_s` and reported delivered two seconds later."""
    (message,) = store.claim(on, 1, at_s).result()
    opened = store.advance(None, AttemptOpen(message.message_id, 1, on, at_s)).result().attempt_id
    assert opened is not None
    state = State.SENT if kind is OutcomeKind.ACCEPTED else State.FAILED
    outcome = Outcome(kind, reference=message.message_id if state is State.SENT else None)
    store.advance(AttemptClose(opened, message.message_id, 1, 1, on, outcome, at_s, state), None).result()
    if state is State.SENT:
        report = Report(outcome.reference, message.number, 0, raw=f"{message.message_id:04}")
        store.record_report(on, report, at_s + 2).result()


class WatchSuite:
    """contract.WatchView."""

    def test_the_pulse_changes_with_the_log_and_with_what_lines_say(self, desk: Desk) -> None:
        store = desk.store
        on = _line(store)
        first = store.pulse()
        assert store.pulse() == first
        store.line_state(on, "waiting", "no network", None, "")
        _fill(store, 1)
        second = store.pulse()
        assert second.entry > first.entry
        assert second.lines != first.lines

    def test_a_glance_counts_what_a_line_sent_lately(self, desk: Desk) -> None:
        store = desk.store
        one, two = _line(store, 1), _line(store, 2)
        _fill(store, 4)
        _send(store, one, NOW_S + 10)
        _send(store, one, NOW_S + 70)
        _send(store, two, NOW_S + 70, OutcomeKind.REFUSED)
        found = {row.line_id: row for row in store.glances(NOW_S + 60)}
        assert (found[one].lately, found[two].lately) == (1, 0)
        assert (found[one].state, found[one].signal_dbm, found[one].operator) == ("ready", -70, "Example")

    def test_the_last_tries_of_a_line_are_told_with_how_long_they_took(self, desk: Desk) -> None:
        store = desk.store
        one, two = _line(store, 1), _line(store, 2)
        _fill(store, 5)
        for at_s in (10.0, 20.0, 30.0):
            _send(store, one, NOW_S + at_s)
        _send(store, two, NOW_S + 40, OutcomeKind.REFUSED)
        found = store.last_tries([one, two], NOW_S, 2)
        assert [(row.line_id, round(row.at_s - NOW_S)) for row in found] == [(one, 20), (one, 30), (two, 40)]
        assert [row.outcome.kind for row in found] == [OutcomeKind.ACCEPTED] * 2 + [OutcomeKind.REFUSED]
        assert all(0 <= row.took_s < 10 for row in found)
        assert store.last_tries([one], NOW_S + 25, 20) == [found[1]]

    def test_the_rates_of_lines_are_by_stretch_of_time(self, desk: Desk) -> None:
        store = desk.store
        one, two = _line(store, 1), _line(store, 2)
        _fill(store, 4)
        for at_s in (1.0, 12.0, 13.0):
            _send(store, one, NOW_S + at_s)
        _send(store, two, NOW_S + 1, OutcomeKind.REFUSED)
        assert store.rates([one, two], NOW_S, 10.0, 3) == {one: (1, 2, 0), two: (0, 0, 0)}

    def test_the_flow_is_by_stretch_of_time(self, desk: Desk) -> None:
        store = desk.store
        on = _line(store)
        _fill(store, 5)
        for at in (1.0, 9.9, 10.0, 39.0):
            _send(store, on, NOW_S + at)
        found = store.flow(NOW_S, 10.0, 4)
        assert found.sent == (2, 1, 0, 1)
        assert found.delivered == (1, 2, 0, 0)  # the last one's report came after the end
        assert store.flow(NOW_S + 100, 10.0, 2).sent == (0, 0)

    def test_the_log_is_read_backwards_by_kind(self, desk: Desk) -> None:
        store = desk.store
        _line(store)
        _fill(store, 3)
        every = store.entries([], None, 100)
        numbers = [row.number for row in every]
        assert numbers == sorted(numbers, reverse=True)
        assert json.loads(every[0].line)["n"] == every[0].number
        assert [row.kind for row in store.entries(["rows"], None, 5)] == ["rows"]
        older = store.entries([], numbers[1], 2)
        assert [row.number for row in older] == numbers[2:4]

    def test_messages_come_a_page_at_a_time(self, desk: Desk) -> None:
        store = desk.store
        on = _line(store)
        _fill(store, 5)
        _send(store, on, NOW_S + 1)
        first = store.message_page([], 0, 2)
        second = store.message_page([], first[-1].message_id, 2)
        assert [row.number for row in first + second] == [f"+447700900{index:03}" for index in range(4)]
        assert [row.state for row in store.message_page([State.DELIVERED], 0, 9)] == [State.DELIVERED]
        assert store.message_page([State.HELD], 0, 9) == []
