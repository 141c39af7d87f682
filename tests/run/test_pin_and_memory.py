"""PINs over restarts, and reports stored in a modem that nobody had set up: end to end, on the virtual bench."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.run.far_end import FarEnd, far_end, gsmsend, lab, people, totals

ICCID = "89440000000000000010"
"""Of the bench's first modem."""
PIN, WRONG = "48170263", "93261475"  # of eight digits: no hash has them by chance


def place_with_pin(folder: Path, monkeypatch: pytest.MonkeyPatch, pin: str, approval: int = 1) -> Path:
    """A lab operation that may type `pin` into the first modem's SIM."""
    place = lab(folder)
    monkeypatch.setenv("TEST_SIM_PIN", pin)
    with (place / "gsmsend.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[pin.{ICCID}]\nvariable = "TEST_SIM_PIN"\napproval = {approval}\n')
    return place


def run(place: Path, far: FarEnd, rows: Path | None = None, *more: str) -> subprocess.CompletedProcess[str]:
    imported = ("--to", str(rows)) if rows is not None else ()
    return gsmsend("run", "--operation", str(place), "--port", far.ports[0], *imported, *more, "--json")


def typed(far: FarEnd) -> list[bool]:
    """Each PIN that the SIM was given, and whether it was the right one."""
    return [bool(event["right"]) for event in far.events("pin")]


def everything_written(place: Path, *runs: subprocess.CompletedProcess[str]) -> str:
    files = [each.read_bytes().decode("latin-1") for each in place.rglob("*") if each.is_file()]
    return "".join([*files, *(done.stdout + done.stderr for done in runs)])


def ask(folder: Path, **request: object) -> dict[str, object]:
    """One request to the bench's control socket."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(folder / "c"))
        with line.makefile("rw") as stream:
            stream.write(json.dumps(request) + "\n")
            stream.flush()
            answer: dict[str, object] = json.loads(stream.readline())
    assert answer["ok"], answer
    return answer


# -- the PIN -----------------------------------------------------------------------------------------------


def test_a_refused_pin_is_typed_once_over_three_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN}") as far:
        place, rows = place_with_pin(tmp_path, monkeypatch, WRONG), people(tmp_path, 2)
        runs = [run(place, far, rows) for _ in range(3)]
        assert [done.returncode for done in runs] == [5, 5, 5]
        assert typed(far) == [False]
        assert far.on_air() == []
    assert [totals(done) for done in runs] == [{"queued": 2}] * 3
    assert "refused its PIN, and 2 tries are left" in runs[0].stdout
    assert "refused the one of approval 1 before" in runs[1].stdout
    assert "nothing was typed" in runs[2].stdout
    assert WRONG not in everything_written(place, *runs)


def test_a_new_approval_types_the_new_pin_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN}", "--report-delay", "0.05") as far:
        place, rows = place_with_pin(tmp_path, monkeypatch, WRONG), people(tmp_path, 2)
        assert run(place, far, rows).returncode == 5
        config = place / "gsmsend.toml"
        config.write_text(config.read_text().replace("approval = 1\n", "approval = 2\n"))
        monkeypatch.setenv("TEST_SIM_PIN", PIN)
        assert totals(run(place, far, rows)) == {"delivered": 2}
        assert typed(far) == [False, True]


@pytest.mark.parametrize("personality", ["generic", "huawei", "simcom", "quectel"])
def test_the_right_pin_sends_and_is_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, personality: str
) -> None:
    with far_end(
        tmp_path, "--fault", f"sim-pin:pin={PIN}", "--report-delay", "0.05", "--personality", personality
    ) as far:
        place = place_with_pin(tmp_path, monkeypatch, PIN)
        done = run(place, far, people(tmp_path, 2))
        assert (done.returncode, totals(done)) == (0, {"delivered": 2})
        assert typed(far) == [True]
        assert len(far.on_air()) == 2
    assert PIN not in everything_written(place, done)


def test_a_modem_that_restarts_gets_its_pin_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with far_end(
        tmp_path, "--fault", f"sim-pin:pin={PIN}", "--report-delay", "0.05", "--control", str(tmp_path / "c")
    ) as far:
        place = place_with_pin(tmp_path, monkeypatch, PIN)
        assert totals(run(place, far, people(tmp_path, 1))) == {"delivered": 1}
        ask(tmp_path, do="reboot", modem=1)
        assert totals(run(place, far, people(tmp_path, 2))) == {"delivered": 2}
        assert typed(far) == [True, True]


@pytest.mark.parametrize("personality", ["generic", "huawei", "simcom", "quectel"])
def test_with_one_try_left_nothing_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, personality: str
) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN},tries=1", "--personality", personality) as far:
        place = place_with_pin(tmp_path, monkeypatch, PIN)
        done = run(place, far, people(tmp_path, 1))
        assert done.returncode == 5
        assert "1 try is left; nothing was typed" in done.stdout
        assert (typed(far), far.on_air()) == ([], [])


def test_a_puk_is_never_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with far_end(tmp_path, "--fault", "sim-puk") as far:
        done = run(place_with_pin(tmp_path, monkeypatch, PIN), far, people(tmp_path, 1))
        assert (done.returncode, typed(far)) == (5, [])
        assert "PUK" in done.stdout


def test_looking_at_a_locked_sim_tells_which_it_is(tmp_path: Path) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN}") as far:
        seen = json.loads(gsmsend("modems", "--port", far.ports[0], "--json").stdout)
        assert ICCID in json.dumps(seen)
        assert typed(far) == []


# -- the modem's own memory ----------------------------------------------------------------------------------


def restarted_before_the_report(folder: Path, far: FarEnd, place: Path) -> None:
    """Send one text, restart the modem, and let the report come: it is stored without a word (+CNMI 0,0)."""
    first = run(place, far, people(folder, 1), "--wait-reports", "0")
    assert totals(first) == {"sent": 1}
    ask(folder, do="reboot", modem=1)
    assert far.events("report") == []
    _until_reported(far)
    assert [event["how"] for event in far.events("report")] == ["stored"]


def _until_reported(far: FarEnd) -> None:
    deadline = time.monotonic() + 20
    while not far.events("report"):
        assert time.monotonic() < deadline, "no report came"
        time.sleep(0.02)


@pytest.mark.parametrize("personality", ["generic", pytest.param("quectel", marks=pytest.mark.slow)])
def test_a_report_stored_after_a_restart_is_matched(tmp_path: Path, personality: str) -> None:
    with far_end(
        tmp_path, "--report-delay", "1.5", "--control", str(tmp_path / "c"), "--personality", personality
    ) as far:
        place = lab(tmp_path)
        restarted_before_the_report(tmp_path, far, place)
        done = run(place, far, None, "--wait-reports", "20")
        assert totals(done) == {"delivered": 1}
        assert len(far.on_air()) == 1
        assert {event["memory"] for event in far.events("write")} <= {"ME", "SR", "EF-SMSS"}


def test_on_an_exhibit_it_is_left_unread(tmp_path: Path) -> None:
    with far_end(tmp_path, "--report-delay", "1.5", "--control", str(tmp_path / "c")) as far:
        place = lab(tmp_path)
        restarted_before_the_report(tmp_path, far, place)
        config = place / "gsmsend.toml"
        config.write_text(config.read_text().replace("lab = true", "lab = false"))
        before = ask(tmp_path, do="snapshot", modem=1)
        done = run(place, far, None, "--wait-reports", "1")
        assert totals(done) == {"sent": 1}
        assert "(ME) holds 1 text or report" in done.stdout
        assert ask(tmp_path, do="snapshot", modem=1) == before
