"""`gsmsend run` with five devices that can use a SIM: refused without an authority, on record with one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from gsmsend import config, wiring
from gsmsend.contract import Clock, Endpoint, Link, OpenOptions, Sink
from gsmsend.model import Device, Facts, Registration, Sim
from gsmsend.testing.scripted import ScriptedDriver, ScriptedLink

from .conftest import Call, People

FIVE = [word for index in range(5) for word in ("--port", f"fake{index}")]


class Array(ScriptedDriver):
    """Modems with a SIM each, with no radio behind them that a test could reach."""

    def endpoint(self, address: str) -> Endpoint:
        return Endpoint("fake", address, virtual=self.virtual)

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        link = OneOfMany(self, endpoint, sink)
        self.links.append(link)
        return link


class OneOfMany(ScriptedLink):
    def bring_up(self) -> Facts:
        number = self.endpoint.address.removeprefix("fake")
        device = Device("fake", self.endpoint.address, imei=f"35000000000000{number}", virtual=True)
        return Facts(device, Sim(iccid=f"8944000000000000{number:>03}"), registration=Registration.HOME)


@pytest.fixture
def array(monkeypatch: pytest.MonkeyPatch) -> Array:
    driver = Array(virtual=False)

    def endpoints(_settings: object, ports: Any = ()) -> list[Any]:
        return [(driver, driver.endpoint(port)) for port in ports]

    monkeypatch.setattr(wiring, "endpoints", endpoints)
    monkeypatch.setattr(wiring, "drama_allowed", lambda _routes: True)
    return driver


def authority(folder: Path, lines: str) -> None:
    place = folder / config.FILE
    text = place.read_text(encoding="utf-8")
    assert text.count("[authority]\n") == 1
    head, tail = text.split("[authority]\n")
    place.write_text(head + "[authority]\n" + lines + tail.replace('reference = ""\nheld_by = ""\n', ""))


def run(call: Call, folder: Path, people: People, *words: str) -> Result:
    return call("run", "--operation", folder, *words, "--to", people(10), "--text", "Help is here.", "--json")


def entries(call: Call, folder: Path) -> str:
    """The audit log as it is told."""
    store = wiring.open_view(config.load(folder))
    try:
        return "\n".join(row.line for row in store.audit())
    finally:
        store.close()


def test_it_is_refused_and_nothing_is_imported_or_opened(
    call: Call, operation: Path, people: People, array: Array
) -> None:
    done = run(call, operation, people, *FIVE)
    assert done.exit_code == 5
    assert "5 devices can use a SIM" in done.stderr
    assert "[authority]" in done.stderr
    assert not array.links
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["event"], last["exit"]) == ("finished", 5)
    assert not any(last["totals"].values())


def test_four_run_without(call: Call, operation: Path, people: People, array: Array) -> None:
    assert run(call, operation, people, *FIVE[:8]).exit_code == 0
    assert len(array.on_air) == 10


def test_with_one_it_runs_and_the_audit_log_keeps_it(
    call: Call, operation: Path, people: People, array: Array
) -> None:
    authority(operation, 'reference = "Warrant 12"\nheld_by = "A. Officer"\nexpires = 2099-03-31\n')
    assert run(call, operation, people, *FIVE).exit_code == 0
    assert len(array.on_air) == 10
    told = entries(call, operation)
    assert "5 devices that can use a SIM; authority: Warrant 12, held by A. Officer, until 2099-03-31" in told
    assert call("verify", "--operation", operation).exit_code == 0


def test_one_that_has_ended_is_none(call: Call, operation: Path, people: People, array: Array) -> None:
    authority(operation, 'reference = "Warrant 12"\nexpires = 2020-03-31\n')
    done = run(call, operation, people, *FIVE)
    assert done.exit_code == 5
    assert "ended on 2020-03-31" in done.stderr
    assert not array.on_air
