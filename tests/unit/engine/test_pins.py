"""PINs: typed once for each approval, never with one try left, remembered over restarts."""

from __future__ import annotations

import dataclasses

import pytest

from gsmsend.config import Pin
from gsmsend.engine.context import RunContext
from gsmsend.engine.pins import Pins
from gsmsend.errors import GuardStop
from gsmsend.model import Sim
from gsmsend.testing.scripted import Desk, RealClock

ICCID = "89440000000000000010"
SIM = Sim(iccid=ICCID)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No PIN was taken out of the environment before."""
    monkeypatch.setattr("gsmsend.guarding.environment._taken", {})


@pytest.fixture
def variable(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TEST_PIN", "4321")
    return "TEST_PIN"


def desk(bench: Desk, approval: int = 1, name: str = "TEST_PIN") -> Pins:
    """A new program, as after a restart."""
    settings = dataclasses.replace(bench.settings, pins={ICCID: Pin(name, approval)})
    return Pins(RunContext(bench.store, RealClock(), settings, bench.events.append), "fake1")


@pytest.mark.usefixtures("variable")
def test_a_refused_pin_is_not_typed_again_even_after_a_restart(bench: Desk) -> None:
    assert desk(bench).pin(SIM, 3) == "4321"
    with pytest.raises(GuardStop, match="refused the one of approval 1 before"):
        desk(bench).pin(SIM, 2)


@pytest.mark.usefixtures("variable")
def test_a_new_approval_allows_one_more_try(bench: Desk) -> None:
    desk(bench).pin(SIM, 3)
    assert desk(bench, approval=2).pin(SIM, 2) == "4321"


@pytest.mark.usefixtures("variable")
def test_a_pin_that_the_sim_took_is_typed_again_after_the_next_power_cut(bench: Desk) -> None:
    for _ in range(3):
        pins = desk(bench)
        assert pins.pin(SIM, 3) == "4321"
        pins.accepted(SIM)


@pytest.mark.usefixtures("variable")
@pytest.mark.parametrize(("left", "words"), [(1, "1 try is left"), (0, "0 try is left"), (None, "does not say")])
def test_with_one_try_left_or_an_unknown_number_nothing_is_typed(
    bench: Desk, left: int | None, words: str
) -> None:
    with pytest.raises(GuardStop, match=words):
        desk(bench).pin(SIM, left)
    assert desk(bench).pin(SIM, 3) == "4321"


def test_without_a_pin_the_words_say_what_to_do(bench: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_PIN", raising=False)
    with pytest.raises(GuardStop, match="TEST_PIN is not set"):
        desk(bench).pin(SIM, 3)
    monkeypatch.setenv("TEST_PIN", "12a4")
    with pytest.raises(GuardStop, match="4 to 8 digits") as caught:
        desk(bench).pin(SIM, 3)
    assert "12a4" not in str(caught.value) + caught.value.remedy
    with pytest.raises(GuardStop, match="has none for it"):
        desk(bench).pin(Sim(iccid="89440000000000000028"), 3)
    with pytest.raises(GuardStop, match="does not tell its ICCID"):
        desk(bench).pin(Sim(), 3)
