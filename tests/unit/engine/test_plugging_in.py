"""Plugging in and pulling out while a run goes on: which line goes on where, and what is refused."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from gsmsend.contract import LineRow
from gsmsend.engine.authority import Authority
from gsmsend.engine.events import LineChanged, Notice
from gsmsend.engine.run import Run
from gsmsend.model import Device, Sim, State
from gsmsend.testing.scripted import Desk, number
from tests.unit.engine.guarding import guard
from tests.unit.engine.hub import Hub, begin, until

A, B, C = "8944000000000000017", "8944000000000000025", "8944000000000000033"
USB: dict[str, Any] = {"usb_vid": 0x12D1, "usb_pid": 0x1506}


def told(desk: Desk, words: str) -> bool:
    return any(words in event.text for event in desk.of(Notice))


def once_each(desk: Desk, hub: Hub, count: int) -> None:
    """Nobody twice, nobody left out."""
    assert Counter(to for to, _, _ in hub.on_air) == Counter(number(index) for index in range(count))
    assert desk.store.totals()[State.UNCERTAIN] == 0


def stopped(during: Callable[[], None]) -> Callable[[Run], None]:
    def body(run: Run) -> None:
        during()
        run.stop()

    return body


def test_one_that_is_plugged_in_takes_its_share(bench: Desk) -> None:
    hub = Hub()
    hub.plug("p1", A)
    bench.fill(90)

    def during(_run: Run) -> None:
        until(lambda: hub.left_from("p1") > 2)
        hub.plug("p2", B)
        until(lambda: hub.left_from("p2") > 2)

    assert begin(bench, hub, during).exit_code == 0
    once_each(bench, hub, 90)
    assert told(bench, "p2 was plugged in")


def test_a_run_that_stays_waits_for_its_first_modem(bench: Desk) -> None:
    hub = Hub()
    bench.fill(3)

    def during() -> None:
        time.sleep(0.05)
        hub.plug("p1", A)
        until(lambda: hub.left_from("p1") == 3)

    begin(bench, hub, stopped(during), stay=True)
    once_each(bench, hub, 3)


def test_one_that_comes_back_under_another_name_is_known_by_its_socket(bench: Desk) -> None:
    hub = Hub()
    hub.plug("ttyUSB0", A, usb_location="1-1.2", **USB)
    bench.fill(30)

    def during(_run: Run) -> None:
        until(lambda: hub.left_from("ttyUSB0") > 2)
        modem = hub.unplug("ttyUSB0")
        until(lambda: told(bench, "was unplugged"))
        hub.back(modem, "ttyUSB3")

    assert begin(bench, hub, during).exit_code == 0
    once_each(bench, hub, 30)
    assert told(bench, "is plugged in again, at ttyUSB3")
    assert ("ttyUSB0", "removed") in {(event.address, event.state) for event in bench.of(LineChanged)}


def test_another_stick_that_gets_the_name_of_one_that_was_pulled_out_is_another(bench: Desk) -> None:
    hub = Hub()
    hub.plug("ttyUSB0", A, usb_location="1-1.2", **USB)
    bench.fill(300)

    def during() -> None:
        until(lambda: hub.left_from("ttyUSB0") > 2)
        first = hub.unplug("ttyUSB0")
        until(lambda: told(bench, "was unplugged"))
        hub.plug("ttyUSB0", B, usb_location="1-1.3", **USB)
        until(lambda: any(card == B for _, card in hub.sent))
        hub.back(first, "ttyUSB1")
        until(lambda: hub.left_from("ttyUSB1") > 2)

    begin(bench, hub, stopped(during), stay=True)
    assert {card for place, card in hub.sent if place == "ttyUSB1"} == {A}
    assert max(Counter(to for to, _, _ in hub.on_air).values()) == 1


def test_in_a_lab_the_line_follows_its_sim_into_another_modem(bench: Desk) -> None:
    hub = Hub()
    one, other = hub.plug("p1", A), hub.plug("p2", B)
    bench.fill(60)

    def during(_run: Run) -> None:
        until(lambda: hub.left_from("p1") > 2 and hub.left_from("p2") > 2)
        one.card, other.card = B, A
        until(lambda: ("p1", B) in hub.sent and ("p2", A) in hub.sent)

    assert begin(bench, hub, during).exit_code == 0
    once_each(bench, hub, 60)
    assert len(bench.store.lines()) == 2


def test_a_sim_that_goes_into_a_modem_that_is_plugged_in_takes_its_line_along(bench: Desk) -> None:
    hub = Hub()
    hub.plug("p1", A)
    bench.fill(30)

    def during(_run: Run) -> None:
        until(lambda: hub.left_from("p1") > 2)
        hub.unplug("p1")
        until(lambda: told(bench, "was unplugged"))
        hub.plug("p2", A)

    assert begin(bench, hub, during).exit_code == 0
    once_each(bench, hub, 30)
    assert len(bench.store.lines()) == 1
    assert told(bench, "goes on at p2: its SIM is there now")


def test_what_another_modem_counted_proves_nothing_of_this_one(bench: Desk) -> None:
    """A SIM that was in between in a modem that does not count on it: its count must not say `never left`."""
    hub = Hub()
    one = hub.plug("p1", A, imei="350000000000011")
    bench.fill(20)

    def during() -> None:
        until(lambda: hub.left_from("p1") > 2)
        (line,) = bench.store.lines()
        bench.store.counter_seen(line.line_id, one.imei)
        until(lambda: bench.store.keeps_counter(line.line_id, one.imei))
        hub.unplug("p1")
        until(lambda: told(bench, "was unplugged"))
        hub.plug("p2", A, imei="350000000000012")
        until(lambda: hub.left_from("p2") > 0)
        assert not bench.store.keeps_counter(line.line_id, one.imei)

    begin(bench, hub, stopped(during), stay=True)


def test_nor_does_what_one_of_the_same_imei_counted_before_this_run(bench: Desk) -> None:
    """Cheap arrays have one IMEI for all: between two runs the SIM may have been put into the other one."""
    twin, alone = "350000000000099", "350000000000011"
    for card, imei in ((A, twin), (B, twin), (C, alone)):
        device = Device("fake", f"p{card[-2]}", imei=imei, virtual=True)
        line = bench.store.line(Sim(iccid=card), device, time.time())
        bench.store.counter_seen(line.line_id, imei)
    hub = Hub()
    hub.plug("p1", A, imei=twin)
    hub.plug("p3", C, imei=alone)
    bench.fill(1)

    def during() -> None:
        until(lambda: len({event.address for event in bench.of(LineChanged) if event.facts is not None}) == 2)

    begin(bench, hub, stopped(during), stay=True)
    kept = {line.iccid: bench.store.keeps_counter(line.line_id, line.imei) for line in bench.store.lines()}
    assert kept == {A: False, B: True, C: True}


def test_a_modem_whose_sim_is_out_for_a_moment_is_waited_for(bench: Desk) -> None:
    hub = Hub()
    one = hub.plug("p1", A)
    bench.fill(30)

    def during(_run: Run) -> None:
        until(lambda: hub.left_from("p1") > 2)
        one.card = None
        time.sleep(0.3)
        one.card = A

    assert begin(bench, hub, during).exit_code == 0
    once_each(bench, hub, 30)


def test_a_modem_that_waits_for_its_sim_says_so_once_however_long_it_waits(bench: Desk) -> None:
    hub = Hub()
    modem = hub.plug("p1", A)
    bench.fill(30)

    def during(_run: Run) -> None:
        until(lambda: hub.left_from("p1") > 1)
        modem.card = None
        until(lambda: waits(bench))
        asked = modem.opened
        until(lambda: modem.opened >= asked + 2)
        modem.card = A

    assert begin(bench, hub, during).exit_code == 0
    assert len(waits(bench)) == 1
    assert waits(bench)[0].why.endswith("Put a SIM in that this operation knows: the run takes it by itself.")


def waits(desk: Desk) -> list[LineChanged]:
    return [event for event in desk.of(LineChanged) if event.doing == "waiting for a SIM"]


def test_what_status_shows_of_a_line_follows_it_into_another_modem(bench: Desk) -> None:
    hub = Hub()
    one, two = hub.plug("p1", A), hub.plug("p2", B)
    bench.fill(60)
    seen: list[str] = []

    def during(_run: Run) -> None:
        until(lambda: hub.left_from("p1") > 2 and hub.left_from("p2") > 2)
        one.card, two.card = None, A
        until(lambda: named(bench, B).why)
        until(lambda: named(bench, A).state == "sending")
        seen.append(named(bench, B).why)
        one.card = B

    assert begin(bench, hub, during).exit_code == 0
    assert seen[0].startswith("its SIM is no longer in p2. Put it back, or into another modem")


def named(desk: Desk, iccid: str) -> LineRow:
    return next(line for line in desk.store.lines() if line.iccid == iccid)


def test_a_sim_that_no_line_has_stops_the_modem(bench: Desk) -> None:
    hub = Hub()
    one = hub.plug("p1", A)
    bench.fill(30)

    def during(_run: Run) -> None:
        until(lambda: hub.left_from("p1") > 2)
        one.card = C

    assert begin(bench, hub, during).exit_code == 5
    assert {card for _, card in hub.sent} == {A}


def test_one_imei_for_all_is_told_once(bench: Desk) -> None:
    hub = Hub()
    for index, card in enumerate((A, B)):
        hub.plug(f"p{index}", card, imei="350000000000099", usb_location=f"1-1.{index}", **USB)
    bench.fill(20)
    assert begin(bench, hub, lambda _run: until(lambda: len(hub.sent) == 20)).exit_code == 0
    assert sum("the same IMEI" in event.text for event in bench.of(Notice)) == 1
    once_each(bench, hub, 20)


def test_outside_a_lab_only_a_sim_that_the_operation_knows_joins(bench: Desk) -> None:
    guard(bench, lab=False)
    hub = Hub()
    hub.plug("p1", A)
    bench.fill(30)

    def during() -> None:
        until(lambda: hub.left_from("p1") > 2)
        hub.plug("p2", B)
        until(lambda: any("is not one that this operation" in event.why for event in bench.of(LineChanged)))

    begin(bench, hub, stopped(during), stay=True)
    assert {card for _, card in hub.sent} == {A}
    assert hub.asked == ["p2"]
    assert "p2" not in hub.set_up, "its texts would have been routed to this computer"


def test_outside_a_lab_what_has_no_sim_is_not_set_up(bench: Desk) -> None:
    guard(bench, lab=False)
    hub = Hub()
    hub.plug("p1", A)
    bench.fill(30)

    def during() -> None:
        until(lambda: hub.left_from("p1") > 2)
        hub.plug("p2", None)
        until(lambda: any("does not tell whose SIM it has" in event.why for event in bench.of(LineChanged)))

    begin(bench, hub, stopped(during), stay=True)
    assert "p2" not in hub.set_up


def test_outside_a_lab_a_sim_in_another_device_stops_that_line(bench: Desk) -> None:
    guard(bench, lab=False)
    hub = Hub()
    hub.plug("p1", A)
    bench.fill(30)

    def during() -> None:
        until(lambda: hub.left_from("p1") > 2)
        hub.unplug("p1")
        until(lambda: told(bench, "was unplugged"))
        hub.plug("p2", A)
        until(lambda: any("is in another device" in event.why for event in bench.of(LineChanged)))

    begin(bench, hub, stopped(during), stay=True)
    assert hub.left_from("p2") == 0
    assert "p2" not in hub.set_up


def test_outside_a_lab_the_same_device_under_another_name_goes_on(bench: Desk) -> None:
    guard(bench, lab=False)
    hub = Hub()
    modem = hub.plug("p1", A)
    bench.fill(30)

    def during(_run: Run) -> None:
        until(lambda: hub.left_from("p1") > 2)
        hub.unplug("p1")
        until(lambda: told(bench, "was unplugged"))
        hub.back(modem, "p2")

    assert begin(bench, hub, during).exit_code == 0
    once_each(bench, hub, 30)


def test_the_fifth_does_not_start_without_an_authority_and_the_others_go_on(bench: Desk) -> None:
    hub = Hub(virtual=False)
    for index in range(4):
        hub.plug(f"p{index}", f"894400000000000010{index}")
    authority = Authority(bench.settings, time.time, lambda: 0)

    def during() -> None:
        until(lambda: sum(event.state == "ready" for event in bench.of(LineChanged)) >= 4)
        hub.plug("p9", A)
        until(lambda: told(bench, "p9 was plugged in and is not used: 5 devices can use a SIM"))
        hub.unplug("p0")
        until(lambda: told(bench, "p0) was unplugged"))
        until(lambda: any(event.address == "p9" and event.state == "ready" for event in bench.of(LineChanged)))

    begin(bench, hub, stopped(during), stay=True, authority=authority)
    opened = {event.address for event in bench.of(LineChanged)}
    assert opened == {"p0", "p1", "p2", "p3", "p9"}


def test_whatever_fails_as_the_watch_ends_the_lines_end_in_order(
    bench: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub(radio_s=0.3)
    hub.plug("p1", A)
    bench.fill(30)

    def close() -> None:
        raise OSError("the bus is gone")

    monkeypatch.setattr(hub, "close", close)

    def during() -> None:
        until(lambda: hub.left_from("p1") > 0)

    with pytest.raises(OSError, match="the bus is gone"):
        begin(bench, hub, stopped(during), stay=True)
    totals = bench.store.totals()
    assert totals[State.SENDING] == totals[State.UNCERTAIN] == 0
    assert totals[State.SENT] == len(hub.on_air)
