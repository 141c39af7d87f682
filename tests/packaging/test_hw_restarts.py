"""However a run ends, and however often its unit has it started again: a PIN is typed once for each approval.

The modem is the virtual bench's with a locked SIM, which counts what it is told. The unit's own settings decide
what is started again (keeper.py): systemd itself does not run where tests do.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.keeper import Act, Keeper
from tests.packaging.units import RUN, Unit
from tests.run.far_end import FarEnd, far_end, gsmsend, lab, people

ICCID = "89440000000000000010"  # of the bench's first modem
PIN, WRONG = "48170263", "93261475"
STOPPED = "1 out of use"  # the status once the SIM has refused, or was not asked
MOST = 3
"""Starts; the unit allows more, but a SIM has three tries, and each start takes its time."""

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's"),
    pytest.mark.slow,
]

FIRST = """\
import os, signal, sys, threading
from gsmsend.engine import run, pins
from gsmsend.store import SqlStore
from gsmsend_atmodem import unlocking
look, pin = run.Run._look, pins.Pins.pin

def stopped(self):
    return any(worker.guard is not None for worker in self._workers)

"""
LAST = "\nfrom gsmsend.cli import main\nmain(sys.argv[1:])\n"
FAULT = """
def faulty(self):
    if stopped(self):
        raise RuntimeError("a bug")
    return look(self)

run.Run._look = faulty
"""
ENDS = """
run.Run._look = lambda self: ({code}, "so it is") if stopped(self) else look(self)
"""
WEDGE = """
def wedged(self):
    if stopped(self):
        threading.Event().wait()
    return look(self)

run._STILL_S, run.Run._look = 0.3, wedged
"""
CUT_BEFORE = """
def cut(self, sim, tries_left):
    pin(self, sim, tries_left)
    os.kill(os.getpid(), signal.SIGKILL)

pins.Pins.pin = cut
"""
CUT_AFTER = "unlocking._state_after = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
FORGETS = "SqlStore.pin_try = lambda *_: True"


def locked(folder: Path, far: FarEnd, pin: str) -> tuple[Path, dict[str, str]]:
    """A lab operation with two texts queued for the locked SIM, and the environment that has its PIN."""
    place = lab(folder)
    with (place / "gsmsend.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[pin.{ICCID}]\nvariable = "TEST_SIM_PIN"\napproval = 1\n')
    done = gsmsend("import", str(people(folder, 2)), "--operation", str(place))
    assert done.returncode == 0, done.stderr
    text = (place / "gsmsend.toml").read_text(encoding="utf-8")
    assert text.count("\nports = []") == 1
    text = text.replace("\nports = []", f'\nports = ["{far.ports[0]}"]')
    (place / "gsmsend.toml").write_text(text, encoding="utf-8")
    return place, {"TEST_SIM_PIN": pin}


def service(place: Path, environ: dict[str, str], patch: str = "", *, stay: bool = True) -> Keeper:
    """What the unit starts, changed by `patch`."""
    unit = Unit.read(RUN)
    assert int(unit.last("StartLimitBurst", "Unit")) >= MOST
    unit.values["Unit", "StartLimitBurst"] = [str(MOST)]
    words = [word for word in unit.command if stay or word != "--stay"]
    return Keeper(unit, [sys.executable, "-c", FIRST + patch + LAST, *words, "--operation", str(place)], environ)


def typed(far: FarEnd) -> list[bool]:
    """Each PIN that the SIM was given, and whether it was the right one."""
    return [bool(event["right"]) for event in far.events("pin")]


def when_stopped(number: signal.Signals) -> Act:
    """Send a signal once the line is out of use."""
    return lambda keeper, line: keeper.send(number) if STOPPED in line else None


def nothing(_keeper: Keeper, _line: str) -> None:
    """The service ends by itself."""


def places_told(keeper: Keeper) -> bool:
    """Whether the service said, before the watchdog and as it ended it, what was wrong: places and no values."""
    still = "STATUS=Standing still: the run has not looked at its lines"
    said = keeper.said[0]
    return any(line.startswith(still) for line in keeper.told) and " in wedged" in said and "07700" not in said


@pytest.mark.parametrize(
    ("patch", "act", "end"),
    [
        pytest.param("", when_stopped(signal.SIGKILL), -signal.SIGKILL, id="killed for memory"),
        pytest.param(FAULT, nothing, 1, id="a bug"),
        pytest.param(WEDGE, nothing, -signal.SIGABRT, id="ended by the watchdog"),
    ],
)
def test_a_wrong_pin_is_typed_once_over_all_starts(tmp_path: Path, patch: str, act: Act, end: int) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN}") as far:
        keeper = service(*locked(tmp_path, far, WRONG), patch)
        assert keeper.run(act) == "start limit"
        assert keeper.ends == [end] * MOST
        assert keeper.barked == (MOST if patch == WEDGE else 0)
        assert not keeper.barked or places_told(keeper)
        assert (typed(far), far.on_air()) == ([False], [])
    assert WRONG not in "".join([*keeper.said, *keeper.told])
    assert all("refused the one of approval 1 before" in said for said in keeper.said[1:])


@pytest.mark.parametrize(
    ("patch", "tries"), [pytest.param(CUT_BEFORE, [], id="before"), pytest.param(CUT_AFTER, [False], id="after")]
)
def test_cut_off_around_the_typing_it_is_not_typed_again(tmp_path: Path, patch: str, tries: list[bool]) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN}") as far:
        keeper = service(*locked(tmp_path, far, WRONG), patch)
        assert keeper.run(when_stopped(signal.SIGTERM)) == "ended well"
        assert keeper.ends == [-signal.SIGKILL, 130]
        assert "STOPPING=1" in keeper.told
        assert typed(far) == tries


def test_the_right_pin_is_typed_once_as_long_as_the_modem_has_power(tmp_path: Path) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN}", "--report-delay", "0.05") as far:
        keeper = service(*locked(tmp_path, far, PIN))

        def kill(keeper: Keeper, line: str) -> None:
            if "0 texts to send" in line and "waiting" not in line:
                keeper.send(signal.SIGKILL)

        assert keeper.run(kill) == "start limit"
        assert typed(far) == [True]
        assert len(far.on_air()) == len(set(far.on_air())) == 2


@pytest.mark.parametrize(
    ("code", "why", "starts"),
    [(0, "ended well", 1), (3, "ended well", 1), (4, "ended well", 1), (6, "start limit", MOST)],
)
def test_every_other_exit_code(tmp_path: Path, code: int, why: str, starts: int) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN}") as far:
        keeper = service(*locked(tmp_path, far, WRONG), ENDS.format(code=code))
        assert keeper.run(nothing) == why
        assert keeper.ends == [code] * starts
        assert typed(far) == [False]


def stopped_by_the_guard(place: Path) -> None:
    """As it is: without --stay a run with nothing but a locked SIM ends."""
    assert place.exists()


def with_a_wrong_config(place: Path) -> None:
    (place / "gsmsend.toml").write_text("colour = 1\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "code", "tries"),
    [pytest.param(stopped_by_the_guard, 5, 1, id="guard"), pytest.param(with_a_wrong_config, 2, 0, id="config")],
)
def test_what_a_person_must_mend_is_tried_once(
    tmp_path: Path, spoil: Callable[[Path], None], code: int, tries: int
) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN}") as far:
        place, environ = locked(tmp_path, far, WRONG)
        spoil(place)
        keeper = service(place, environ, stay=False)
        assert keeper.run(nothing) == "not to be started again"
        assert keeper.ends == [code]
        assert typed(far) == [False] * tries


def test_these_would_notice_a_run_that_forgets(tmp_path: Path) -> None:
    with far_end(tmp_path, "--fault", f"sim-pin:pin={PIN}") as far:
        keeper = service(*locked(tmp_path, far, WRONG), FORGETS + FAULT)
        keeper.run(nothing)
        assert len(typed(far)) > 1
