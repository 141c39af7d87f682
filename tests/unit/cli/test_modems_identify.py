"""`gsmsend modems identify LINE`: told in words, shown by lights, never at the cost of a text or an exhibit."""

from __future__ import annotations

import json
import os
import platform
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gsmsend import config, wiring
from gsmsend.contract import Endpoint, OpenOptions, Step
from gsmsend.model import Device, Sim
from gsmsend.testing.store_desk import NOW_S

from .conftest import Call
from .other_routes import FakeDriver, install, modem


@dataclass
class Shown(FakeDriver):
    """A driver whose modems show themselves, and whose power can be cut."""

    shown: list[tuple[str, float]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    hub: bool = True

    def show_itself(self, endpoint: Endpoint, options: OpenOptions, seconds: float) -> int:
        assert not options.exhibit
        self.shown.append((endpoint.address, seconds))
        return 1

    def recover(self, endpoint: Endpoint, step: Step, options: OpenOptions) -> bool:
        self.steps.append(step)
        return self.hub


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    plain = modem("/dev/ttyUSB0", usb_location="1-4.2", description="Example Stick 1")
    made = Shown("atmodem", there=plain.there, says=plain.says)
    install(monkeypatch, [made])
    return made


def holding(folder: Path) -> None:
    said = {"pid": os.getpid(), "host": platform.node(), "since": "2026-11-22 10:00:00"}
    (folder / "run.holder").write_text(json.dumps(said), encoding="utf-8")
    (folder / "run.holder").chmod(0o600)


def exhibits(folder: Path) -> None:
    place = folder / config.FILE
    text = place.read_text(encoding="utf-8")
    assert "lab = true" in text
    place.write_text(text.replace("lab = true", "lab = false"), encoding="utf-8")


@pytest.mark.parametrize("name", ["/dev/ttyUSB0", "ttyUSB0", "00017", "350000000000001"])
def test_by_whatever_it_is_called_it_is_told_where_it_is_and_shows_itself(
    operation: Path, call: Call, shown: Shown, name: str
) -> None:
    done = call("modems", "identify", name, "--seconds", 2, "--operation", operation)
    assert done.exit_code == 0, done.output
    assert "/dev/ttyUSB0" in done.stdout
    assert "USB 1-4.2: port 2 of hub 1-4" in done.stdout
    assert shown.shown == [("/dev/ttyUSB0", 2.0)]


def test_while_a_run_has_it_nothing_is_said_to_it(operation: Path, call: Call, shown: Shown) -> None:
    holding(operation)
    done = call("modems", "identify", "ttyUSB0", "--operation", operation)
    assert done.exit_code == 0, done.output
    assert "USB 1-4.2" in done.stdout
    assert "nothing is said to it" in done.stdout
    assert (shown.asked, shown.shown) == ([], [])
    refused = call("modems", "identify", "ttyUSB0", "--power", "--operation", operation)
    assert refused.exit_code == 5
    assert "a text may be going out" in refused.stderr
    assert shown.steps == []


def test_an_exhibit_is_only_told_of(operation: Path, call: Call, shown: Shown) -> None:
    exhibits(operation)
    done = call("modems", "identify", "ttyUSB0", "--operation", operation)
    assert done.exit_code == 0, done.output
    assert "treated as an exhibit" in done.stdout
    assert shown.shown == []
    refused = call("modems", "identify", "ttyUSB0", "--power", "--operation", operation)
    assert refused.exit_code == 5
    assert shown.steps == []


def test_its_power_is_cut_where_the_hub_can(operation: Path, call: Call, shown: Shown) -> None:
    done = call("modems", "identify", "ttyUSB0", "--power", "--operation", operation)
    assert done.exit_code == 0, done.output
    assert shown.steps == [Step.POWER]
    assert "power is on again" in done.stdout
    shown.hub = False
    cannot = call("modems", "identify", "ttyUSB0", "--power", "--operation", operation)
    assert cannot.exit_code == 6
    assert "uhubctl" in cannot.stderr


@pytest.mark.usefixtures("shown")
def test_what_is_not_there_is_told(operation: Path, call: Call) -> None:
    done = call("modems", "identify", "Nobody", "--operation", operation)
    assert done.exit_code == 2
    assert "no line or modem is called Nobody" in done.stderr


def test_a_line_that_is_not_plugged_in_is_told_of_and_is_no_success(
    operation: Path, call: Call, shown: Shown
) -> None:
    with closing(wiring.open_store(config.load(operation))) as store:
        sim, device = Sim(iccid="8944000000000000017"), Device("atmodem", "/dev/ttyUSB0", imei="350000000000001")
        line = store.line(sim, device, NOW_S)
    shown.there = ()
    done = call("modems", "identify", line.name, "--operation", operation)
    assert done.exit_code == 6
    assert "It is not among what is plugged in here now." in done.stdout
    assert shown.shown == []
