"""`gsmsend modems --watch`: beside a run what it records, without one the modems themselves, until Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from gsmsend import config, wiring
from gsmsend.cli import modems_sources, modems_watch
from gsmsend.cli.modems_sources import Memory, Picture, Row
from gsmsend.contract import AttemptClose, AttemptOpen, ImportSource, NewMessage
from gsmsend.engine.health import Health, Reason
from gsmsend.errors import UsageError
from gsmsend.model import Device, Facts, Outcome, OutcomeKind, Refusal, Sim, State

from .conftest import Call, objects
from .other_routes import install, modem

BUSY = Outcome(OutcomeKind.REFUSED, refusal=Refusal.LATER, code=38, raw="+CMS ERROR: 38", why="out of order")


@pytest.fixture
def run(operation: Path) -> Iterator[Path]:
    """An operation with two lines that a run has; one of them is refused every text."""
    now_s = time.time()
    with_store = wiring.open_store(config.load(operation))
    rows = [NewMessage(f"+447700900{at:03}", "Help.", at + 1, 1) for at in range(20)]
    with_store.add(ImportSource("people.csv", "d1", "main", now_s), rows)
    for at, outcome in enumerate((Outcome(OutcomeKind.ACCEPTED, reference=1), BUSY)):
        device = Device("virtual", f"/dev/ttyUSB{at}", imei=f"35000000000000{at}")
        line = with_store.line(Sim(iccid=f"894400000000000{at:04}7"), device, now_s).line_id
        with_store.line_state(line, "ready", "", -72 - at * 30, "Example")
        for message in with_store.claim(line, 5, now_s).result():
            opened = with_store.advance(None, AttemptOpen(message.message_id, 1, line, now_s)).result().attempt_id
            assert opened is not None
            state = State.SENT if outcome.kind is OutcomeKind.ACCEPTED else State.FAILED
            close = AttemptClose(opened, message.message_id, 1, 1, line, outcome, now_s, state)
            with_store.advance(close, None).result()
    with_store.close()
    holder = operation / "run.holder"
    said = {"pid": os.getpid(), "host": platform.node(), "since": "2026-11-22 10:00:00"}
    holder.write_text(json.dumps(said), encoding="utf-8")
    holder.chmod(0o600)
    yield operation
    holder.unlink(missing_ok=True)


@pytest.fixture
def no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*_: object) -> None:
        raise AssertionError("a port was to be opened")

    monkeypatch.setattr(modems_sources, "look", look)


@pytest.mark.usefixtures("no_port")
def test_beside_a_run_it_shows_what_that_records_and_opens_no_port(run: Path, call: Call) -> None:
    done = call("modems", "--watch", "--times", 1, "--operation", run)
    assert done.exit_code == 0, done.output
    head, good, bad = done.stdout.splitlines()
    assert "2 lines, as the run records them (process" in head
    assert "sim-000007" in good
    assert "\u25cf 100" in good
    assert "-72 dBm" in good
    assert "\u25a0" in bad
    assert "5 of the last 5 texts were refused by the network (CMS 38); signal weak (-102 dBm)" in bad


@pytest.mark.usefixtures("no_port")
def test_scripts_get_one_object_a_picture(run: Path, call: Call) -> None:
    done = call("modems", "--watch", "--times", 2, "--every", 1, "--json", "--operation", run)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["run"].startswith("process")
    assert [line["health"]["grade"] for line in second["lines"]] == ["well", "sick"]
    assert sum(second["lines"][0]["rates"]) == 5
    assert "900" not in done.stdout


def test_without_a_run_the_modems_are_asked_at_a_gentle_rhythm(
    operation: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = modem("/dev/ttyUSB0")
    install(monkeypatch, [fake])
    waited: list[float] = []
    settings = config.load(operation)
    done = modems_watch.watch(
        settings, ["/dev/ttyUSB0"], every_s=None, times=3, as_json=False, sleep=waited.append
    )
    assert done == 0
    assert waited == [15.0, 15.0]
    assert len(fake.asked) == 3
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 6
    assert "asked themselves: no run has them" in shown[0]
    assert "-77 dBm" in shown[5]
    assert "\u2585\u2585\u2585" in shown[5], "the signal as it was three times"


def test_a_modem_without_a_sim_is_not_shown_as_well(
    operation: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = modem("/dev/ttyUSB0")
    assert isinstance(fake.says, Facts)
    fake.says = replace(fake.says, sim=Sim(), sim_state="NOT INSERTED")
    install(monkeypatch, [fake])
    done = call("modems", "--watch", "--times", 1, "--json", "--operation", operation)
    assert done.exit_code == 0, done.output
    line = objects(done)[0]["lines"][0]
    assert (line["state"], line["why"], line["health"]) == ("cannot be used", "its SIM: NOT INSERTED", None)


def test_ctrl_c_ends_it_cleanly(run: Path) -> None:
    def sleep(_: float) -> None:
        raise KeyboardInterrupt

    settings = config.load(run)
    assert modems_watch.watch(settings, (), every_s=None, times=None, as_json=True, sleep=sleep) == 0


def test_it_notices_that_the_run_has_ended(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch, [modem("/dev/ttyUSB0")])

    def sleep(_: float) -> None:
        (run / "run.holder").unlink()

    modems_watch.watch(config.load(run), ["/dev/ttyUSB0"], every_s=None, times=2, as_json=True, sleep=sleep)
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (bool(first["run"]), second["run"]) == (True, None)
    assert len(second["lines"]) == 1


def test_modems_are_never_asked_quickly() -> None:
    assert modems_watch.pause_s(None, run=True) == 1.0
    assert modems_watch.pause_s(2.0, run=True) == 2.0
    assert modems_watch.pause_s(1.0, run=False) == 5.0


def test_a_rhythm_that_is_too_quick_is_refused(operation: Path, call: Call) -> None:
    done = call("modems", "--watch", "--every", 0.1, "--operation", operation)
    assert done.exit_code == 2
    assert "at least 1 second" in done.stderr
    assert call("modems", "--every", 5, "--operation", operation).exit_code == 2


@pytest.mark.parametrize(
    ("values", "shown"), [([], ""), ([-113, -51, None], "\u2581\u2588\u00b7"), ([-200], "\u2581")]
)
def test_sparklines(values: list[int | None], shown: str) -> None:
    assert modems_watch.sparkline(values, -113, -51) == shown


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (60, 10)])
def test_64_lines_fit_any_terminal_and_the_sick_ones_are_shown(width: int, height: int) -> None:
    sick = Health(12, (Reason(80.0, "20 of the last 20 texts were refused by the network (CMS 38)"),), 20)
    rows = tuple(
        Row(f"sim-{at}", f"Line {at}", "ready", f"/dev/ttyUSB{at}", "Example", -70, sick if at == 50 else Health(),
            rates=(1,) * 16)
        for at in range(64)
    )  # fmt: skip
    picture, memory = Picture(time.time(), "process 1", rows), Memory()
    memory.keep(picture)
    console = Console(width=width, height=height, record=True, file=io.StringIO())
    console.print(modems_watch.drawn(picture, memory, width, height))
    shown = console.export_text().splitlines()
    assert len(shown) <= height
    assert max(len(line) for line in shown) <= width
    assert any("Line 50" in line and "\u25a0  12" in line for line in shown)


def test_every_is_checked_before_anything_is_opened(operation: Path) -> None:
    with pytest.raises(UsageError, match="too quick"):
        modems_watch.watch(config.load(operation), (), every_s=0.5, times=1, as_json=False)


def test_what_is_on_record_of_a_sim_counts_where_its_modem_is_asked_itself(
    run: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run / "run.holder").unlink()
    fake = modem("/dev/ttyUSB0")
    assert isinstance(fake.says, Facts)
    fake.says = replace(fake.says, sim=Sim("89440000000000000017"), temperature_c=71.0)
    install(monkeypatch, [fake])
    shown = call("modems", "--port", "/dev/ttyUSB0", "--operation", run).stdout
    assert "71 \u00b0C" in shown
    assert "5 of the last 5 texts were refused by the network (CMS 38)" in shown
    (told,) = objects(call("modems", "--port", "/dev/ttyUSB0", "--json", "--operation", run))
    assert told["health"]["grade"] == "sick"
    assert told["temperature"] == 71.0


def test_beside_a_run_the_list_says_where_to_look(run: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [modem("/dev/ttyUSB0")])
    done = call("modems", "--port", "/dev/ttyUSB0", "--operation", run)
    assert "A run has the modems. What it records of them: gsmsend modems --watch" in done.stderr
