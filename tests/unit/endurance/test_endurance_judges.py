"""The endurance benchmark judges rightly: what is healthy, lost or twice; the same mishaps by one seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gsmsend.contract import ImportSource, NewMessage
from gsmsend.engine.rules import EngineRules
from gsmsend.sms import encode_submit, split
from gsmsend.store import SqlStore
from tests.benchmarks import endurance, radio_record
from tests.benchmarks.footprint import Footprint, Sample
from tests.benchmarks.harness import TEXT
from tests.benchmarks.mishaps import Mishaps
from tests.benchmarks.radio_record import RadioRecord

Event = dict[str, Any]


def text(serial: int, modem: int, began_s: float, to: str = "+447700900000", said: str = "Hello") -> list[Event]:
    """One text that keeps a radio busy for a second."""
    tpdu = encode_submit(to, split(said).segments[0]).hex()
    about = {"modem": modem, "submit": serial}
    return [
        {"event": "submit", "at": began_s, "to": to, "tpdu": tpdu, **about},
        {"event": "accepted", "at": began_s + 1, "to": to, **about},
        {"event": "result", "at": began_s + 1, "busy_s": 1.0, **about},
    ]


def recorded(folder: Path, *events: Event) -> RadioRecord:
    log = folder / "bench.jsonl"
    in_order = sorted(events, key=lambda event: float(event["at"]))
    log.write_text("".join(json.dumps(event) + "\n" for event in in_order), encoding="utf-8")
    return radio_record.read(log)


def away(modem: int, since_s: float, back_s: float, registered_s: float) -> Iterator[Event]:
    yield {"event": "fault", "at": since_s, "modem": modem, "fault": "unplug"}
    yield {"event": "off", "at": since_s, "modem": modem, "why": "unplugged"}
    yield {"event": "boot", "at": back_s, "modem": modem, "why": "plugged in"}
    yield {"event": "registration", "at": back_s, "modem": modem, "registered": False}
    yield {"event": "registration", "at": registered_s, "modem": modem, "registered": True}


def test_a_modem_that_is_away_is_not_asked_to_be_busy(tmp_path: Path) -> None:
    events = [event for at in (0, 1, 2, 3) for event in text(at, 1, float(at))]
    found = recorded(tmp_path, *events, *away(1, 4.0, 6.0, 8.0), *text(9, 1, 9.5))
    (outage,) = found.outages
    assert (outage.since_s, outage.back_s, outage.next_s, outage.sending) == (4.0, 8.0, 9.5, False)
    assert found.share(0.0, 10.5, None) == pytest.approx(5 / 10.5)
    assert found.share(0.0, 10.5, 0.0) == pytest.approx(5 / 6.5)
    assert found.share(0.0, 10.5, 1.5) == pytest.approx(1.0)


def test_the_time_until_it_was_pulled_out_in_mid_text_was_busy(tmp_path: Path) -> None:
    cut_short = text(1, 1, 0.0)[:2]
    found = recorded(tmp_path, *cut_short, *away(1, 0.4, 2.0, 2.0), *text(2, 1, 3.0))
    assert found.outages[0].sending
    assert found.busy[1] == [(0.0, 0.4), (3.0, 4.0)]


def test_a_text_that_the_modem_had_half_read_was_handed_over(tmp_path: Path) -> None:
    out = [
        {**event, "what": "mid-pdu"} if event["event"] == "fault" else event for event in away(1, 2.0, 3.0, 3.0)
    ]
    assert recorded(tmp_path, *text(1, 1, 0.0), *out, *text(2, 1, 20.0)).outages[0].sending


def test_a_modem_that_sends_nothing_after_its_return_is_told(tmp_path: Path) -> None:
    found = recorded(tmp_path, *text(1, 1, 0.0), *away(1, 2.0, 3.0, 3.0))
    assert [outage.next_s for outage in found.outages] == [None]
    assert endurance.waits(found.outages, unplugged=True) == []


def test_the_store_is_held_against_what_went_on_air(tmp_path: Path) -> None:
    place = tmp_path / "op"
    place.mkdir()
    (place / "gsmsend.toml").write_text("[operation]\nlab = true\n", encoding="utf-8")
    store = SqlStore(place / "gsmsend.db", EngineRules())
    rows = [NewMessage(f"+447700{900_000 + index}", f"{TEXT}0000", index + 1, 1) for index in range(3)]
    store.add(ImportSource("a.csv", "digest", "main", 1.0), rows)
    store.close()
    first, second = ((f"+447700{900_000 + index}", f"{TEXT}0000") for index in range(2))
    clean = endurance.audit(RadioRecord(), place, 3)
    assert (clean.lost, clean.twice, clean.wrong, clean.states["queued"]) == (0, 0, 0, 3)
    found = endurance.audit(RadioRecord(accepted={first: 2, second: 1}), place, 4)
    assert (found.lost, found.twice, found.wrong) == (1, 1, 2)


def test_mishaps_are_those_of_the_seed_and_spare_who_is_out() -> None:
    def drawn() -> list[tuple[float, str]]:
        mishaps = Mishaps(random.Random("7"), 8)
        return [(one.at_s, one.switch) for at_s in range(3600) for one in mishaps.due(float(at_s))]

    found = drawn()
    assert found == drawn()
    assert sum("unplug" in switch for _, switch in found) == 60
    assert sum("wedge" in switch for _, switch in found) == 12
    out_until_s: dict[str, float] = {}
    for at_s, switch in found:
        words = dict(word.split("=") for word in switch.partition(":")[2].split(","))
        lasts_s = float(words["back"] if "back" in words else words["for"])
        assert out_until_s.get(words["modem"], 0.0) <= at_s
        out_until_s[words["modem"]] = at_s + lasts_s


def test_memory_is_compared_end_to_end() -> None:
    steady = [Sample(float(at_s), 100.0, 90.0, 80.0, 70, 500, at_s * 0.1, 1.0) for at_s in range(100)]
    grown = [Sample(float(at_s), 100.0 + at_s, 90.0, 80.0, 70, 500, at_s * 0.1, 1.0) for at_s in range(100)]
    assert Footprint(steady).growth("rss_mib", 0.0, 99.0) == 0.0
    assert Footprint(grown).growth("rss_mib", 0.0, 99.0) == pytest.approx(89.0, abs=1.0)
    assert Footprint(grown).cpu_s(0.0, 99.0) == pytest.approx(9.9)
