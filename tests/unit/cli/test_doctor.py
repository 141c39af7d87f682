"""`gsmsend doctor`, `modems` and `drivers`: what is found, what it says to do, and the exit code."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from gsmsend import config, registry, wiring
from gsmsend.cli.checks import Level, host, ports
from gsmsend.config import Settings
from gsmsend.contract import Endpoint, OpenOptions
from gsmsend.errors import DriverError, GuardStop, LinkLost, NoRoute
from gsmsend.model import Device, Facts, Registration, Sim

from .conftest import Call, People, objects

Plug = Callable[..., None]
Processes = Callable[..., None]

FINE = Facts(
    Device("atmodem", "/dev/ttyUSB2", "350000000000001", "Example", "Stick 1"),
    Sim("8944000000000000017", "234150000000001", "+447700900001"),
    Registration.HOME,
    "Example Net",
    -77,
    "+447700900999",
)


def _there(found: Sequence[object]) -> list[object]:
    if not found:
        raise NoRoute("no modem was found", remedy="plug one in")
    return list(found)


class Modems:
    """A driver whose modems say what the test put there; an exception is raised."""

    name = "fake"
    summary = "does as the test says"

    def __init__(self, *said: Facts | Exception) -> None:
        self.said = said

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        found = self.said[int(endpoint.address.removeprefix("fake"))]
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Plug:
    """Plug in modems; no other process runs on this computer."""
    (tmp_path / "proc").mkdir()
    monkeypatch.setattr(ports, "PROC", tmp_path / "proc")

    def plug(*said: Facts | Exception) -> None:
        driver = Modems(*said)
        found: Any = tuple((driver, Endpoint("fake", f"fake{n}")) for n in range(len(said)))
        monkeypatch.setattr(wiring, "survey", lambda: wiring.Survey(found, ()))
        monkeypatch.setattr(wiring, "endpoints", lambda _settings, _ports=(): _there(found))

    plug()
    return plug


def findings(result: Result, level: Level) -> list[str]:
    return [found["says"] for found in objects(result)[0]["findings"] if found["level"] == level.value]


def test_all_in_order_is_exit_0(call: Call, operation: Path, plugged: Plug) -> None:
    plugged(FINE)
    result = call("doctor", "--operation", operation)
    assert result.exit_code == 0
    assert "BAD" not in result.stdout
    assert "SIM 8944000000000000017 is ready" in result.stdout
    assert "on Example Net" in result.stdout
    assert result.stdout.endswith("Ready: texts can be sent.\n")


def test_it_changes_nothing(call: Call, operation: Path, plugged: Plug) -> None:
    plugged(FINE)
    before = sorted(operation.iterdir())
    call("doctor", "--operation", operation)
    assert sorted(operation.iterdir()) == before


def test_no_modem_is_exit_6_with_what_to_try(call: Call, operation: Path, plugged: Plug) -> None:
    result = call("doctor", "--operation", operation)
    assert result.exit_code == 6
    assert "no modem was found" in result.stdout
    assert "gsmsend run --demo" in result.stdout


@pytest.mark.parametrize(
    ("said", "code", "says"),
    [
        (LinkLost("it did not answer AT", remedy="try another port"), 6, "gives no answer: it did not answer AT"),
        (GuardStop("the SIM wants its PIN", remedy="see README"), 5, "the SIM wants its PIN"),
        (replace(FINE, sim_state="SIM PIN", sim=Sim()), 5, "the SIM is not ready (SIM PIN)"),
        (replace(FINE, sim_state="SIM PUK", sim=Sim()), 5, "the SIM is not ready (SIM PUK)"),
        (replace(FINE, sim_state="NOT INSERTED", sim=Sim()), 5, "the SIM is not ready (NOT INSERTED)"),
        (replace(FINE, sim=Sim()), 5, "does not say who it is"),
        (replace(FINE, registration=Registration.SEARCHING), 6, "not on a network (searching)"),
        (replace(FINE, registration=Registration.DENIED), 6, "not on a network (denied)"),
    ],
)
def test_a_modem_that_cannot_be_used_is_bad_and_says_what_to_do(
    call: Call, operation: Path, plugged: Plug, said: Facts | Exception, code: int, says: str
) -> None:
    plugged(said)
    result = call("doctor", "--operation", operation)
    assert result.exit_code == code
    (row,) = [words for words in result.stdout.splitlines() if says in words]
    assert row.startswith("BAD")
    after = result.stdout.split(says)[1].splitlines()
    assert after[1].strip().startswith("->")


def test_one_usable_modem_is_enough(call: Call, operation: Path, plugged: Plug) -> None:
    plugged(LinkLost("it did not answer AT"), FINE)
    result = call("doctor", "--operation", operation)
    assert result.exit_code == 0
    assert "Texts can be sent, but see what is marked BAD." in result.stdout


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (replace(FINE, signal_dbm=-105), "weak signal"),
        (replace(FINE, smsc=""), "message centre"),
        (replace(FINE, reports=False), "delivery reports"),
        (replace(FINE, registration=Registration.UNKNOWN), "not on a network (unknown)"),
        (replace(FINE, notes=("the SIM's storage is full",)), "storage is full"),
    ],
)
def test_what_is_worth_knowing_is_a_note(
    call: Call, operation: Path, plugged: Plug, said: Facts | Exception, says: str
) -> None:
    plugged(said)
    result = call("doctor", "--operation", operation, "--json")
    assert result.exit_code == 0
    assert any(says in words for words in findings(result, Level.NOTE))


def test_roaming_is_said(call: Call, operation: Path, plugged: Plug) -> None:
    plugged(replace(FINE, registration=Registration.ROAMING))
    assert "roaming: texts may cost more" in call("doctor", "--operation", operation).stdout


def test_a_wrong_config_is_exit_2_and_the_rest_is_checked_all_the_same(
    call: Call, operation: Path, plugged: Plug
) -> None:
    plugged(FINE)
    (operation / "gsmsend.toml").write_text("[operation]\nlabb = true\n", encoding="utf-8")
    result = call("doctor", "--operation", operation, "--json")
    assert result.exit_code == 2
    assert any("labb" in words for words in findings(result, Level.BAD))
    assert any("on Example Net" in words for words in findings(result, Level.OK))


def test_a_damaged_store_is_found_and_left_as_it_is(call: Call, operation: Path, plugged: Plug) -> None:
    plugged(FINE)
    store = operation / "gsmsend.db"
    store.write_bytes(b"not a database" * 100)
    result = call("doctor", "--operation", operation)
    assert result.exit_code == 1
    assert "gsmsend.db" in result.stdout
    assert store.read_bytes() == b"not a database" * 100


def test_a_store_that_is_gone_is_not_taken_for_a_new_operation(
    call: Call, operation: Path, plugged: Plug, people: People
) -> None:
    plugged(FINE)
    (operation / "transcripts").mkdir()
    looked = call("doctor", "--operation", operation, "--json")
    assert any("gsmsend.db is gone" in words for words in findings(looked, Level.BAD))
    result = call("run", "--operation", operation, "--to", people(3), "--json")
    assert result.exit_code == 1
    assert "Put it back from a copy" in result.stderr
    assert not (operation / "gsmsend.db").exists()


def test_a_store_with_texts_is_counted(call: Call, operation: Path, plugged: Plug, people: People) -> None:
    call("import", people(3), "--operation", operation)
    assert "it has 3 texts" in call("doctor", "--operation", operation).stdout


def test_the_modems_of_a_run_that_is_going_on_are_left_alone(call: Call, operation: Path, plugged: Plug) -> None:
    plugged(AssertionError("must not be asked"))
    with wiring.operation_lock(config.load(operation)):
        result = call("doctor", "--operation", operation)
    assert result.exit_code == 0
    assert f"in use by process {os.getpid()}" in result.stdout


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_folder_that_others_can_read_is_noted(call: Call, operation: Path, plugged: Plug) -> None:
    operation.chmod(0o755)
    result = call("doctor", "--operation", operation)
    assert f"chmod 700 {operation}" in result.stdout


def test_outside_an_operation_it_still_looks_at_modems(call: Call, plugged: Plug) -> None:
    plugged(FINE)
    result = call("doctor")
    assert result.exit_code == 0
    assert "this folder is not an operation" in result.stdout


@pytest.mark.parametrize(("free", "level"), [(10**6, Level.BAD), (10**8, Level.NOTE), (10**10, Level.OK)])
def test_disk_space(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    (finding,) = host.disk(tmp_path)
    assert finding.level is level
    assert finding.exit_code == (5 if level is Level.BAD else 0)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Processes:
    """Make this computer run these programs, each with these files open."""
    monkeypatch.setattr(ports, "PROC", tmp_path / "proc")

    def run(**programs: list[str]) -> None:
        for number, (name, opened) in enumerate(programs.items(), start=4_000_000):
            place = tmp_path / "proc" / str(number) / "fd"
            place.mkdir(parents=True)
            (place.parent / "comm").write_text(name + "\n", encoding="utf-8")
            for handle, target in enumerate(opened):
                (place / str(handle)).symlink_to(target)

    return run


def test_modem_manager_is_found_running(processes: Processes) -> None:
    processes(bash=[], ModemManager=[])
    (finding,) = ports.modem_manager(["/dev/ttyUSB2"])
    assert finding.level is Level.BAD
    assert "systemctl disable --now ModemManager" in finding.do


def test_modem_manager_is_not_running(processes: Processes) -> None:
    processes(bash=[])
    (finding,) = ports.modem_manager(["/dev/ttyUSB2"])
    assert finding.level is Level.OK


@pytest.mark.skipif(os.name != "posix", reason="/proc is Linux")
def test_a_port_that_another_program_has_open_names_it(processes: Processes, tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB2"
    port.touch()
    processes(minicom=[str(port)], bash=["/dev/null"])
    (finding,) = ports.access([str(port)])
    assert "minicom (process 4000000)" in finding.says


@pytest.mark.skipif(os.name != "posix", reason="groups of POSIX")
def test_a_port_that_may_not_be_opened_names_the_group_to_join(
    monkeypatch: pytest.MonkeyPatch, processes: Processes, tmp_path: Path
) -> None:
    port = tmp_path / "ttyUSB2"
    port.touch()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(ports, "_group", lambda path: "dialout")
    (finding,) = ports.access([str(port)])
    assert finding.level is Level.BAD
    assert "sudo usermod -aG dialout $USER" in finding.do
    assert "log out and in" in finding.do


def test_modems_shows_who_each_is(call: Call, operation: Path, plugged: Plug) -> None:
    plugged(FINE, LinkLost("it did not answer AT"))
    result = call("modems", "--operation", operation)
    assert result.exit_code == 0
    assert "/dev/ttyUSB2  Example Stick 1" in result.stdout
    assert "IMEI 350000000000001   SIM 8944000000000000017   number +447700900001" in result.stdout
    assert "Example Net, home" in result.stdout
    assert "fake1  (fake)\n  no answer: it did not answer AT" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_modems_json_has_every_fact(call: Call, plugged: Plug) -> None:
    plugged(FINE, LinkLost("it did not answer AT"))
    first, second = objects(call("modems", "--json"))
    assert (first["imei"], first["iccid"], first["number"]) == (
        "350000000000001",
        "8944000000000000017",
        "+447700900001",
    )
    assert (first["manufacturer"], first["model"], first["operator"]) == ("Example", "Stick 1", "Example Net")
    assert (first["registration"], first["signal"], first["port"]) == ("home", -77, "/dev/ttyUSB2")
    assert (second["port"], second["error"]) == ("fake1", "it did not answer AT")


@pytest.mark.parametrize("said", [(), (LinkLost("no"),)])
def test_no_modem_that_answers_is_exit_6(call: Call, plugged: Plug, said: tuple[Exception, ...]) -> None:
    plugged(*said)
    assert call("modems").exit_code == 6


def test_the_order_of_modems_is_that_of_the_ports(call: Call, plugged: Plug) -> None:
    plugged(*(replace(FINE, device=replace(FINE.device, address=f"p{n}")) for n in range(20)))
    assert [row["port"] for row in objects(call("modems", "--json"))] == [f"p{n}" for n in range(20)]


def test_drivers_lists_those_that_load_and_says_why_others_do_not(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def driver(name: str) -> Modems:
        if name == "bad":
            raise DriverError("driver bad (some-package) cannot be loaded: no module")
        return Modems()

    monkeypatch.setattr(registry, "names", lambda: ["bad", "fake"])
    monkeypatch.setattr(registry, "driver", driver)
    result = call("drivers")
    assert result.exit_code == 0
    assert "bad          driver bad (some-package) cannot be loaded" in result.stdout
    assert "fake         does as the test says" in result.stdout
    bad, fake = objects(call("drivers", "--json"))
    assert (bad["name"], bad["summary"]) == ("bad", "")
    assert (fake["name"], fake["error"]) == ("fake", None)


def test_ports_named_in_the_config_are_looked_at(
    call: Call, operation: Path, monkeypatch: pytest.MonkeyPatch, plugged: Plug
) -> None:
    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def named(settings: Settings, ports: Sequence[str] = ()) -> list[object]:
        asked.append((settings.ports, tuple(ports)))
        return []

    monkeypatch.setattr(wiring, "named", named)
    (operation / config.FILE).write_text('[modems]\nports = ["/dev/ttyUSB7"]\n', encoding="utf-8")
    call("modems", "--operation", operation)
    call("modems", "--operation", operation, "--port", "/dev/ttyUSB8")
    assert asked == [(("/dev/ttyUSB7",), ()), (("/dev/ttyUSB7",), ("/dev/ttyUSB8",))]
