"""Runs with an account that cannot be used: why is said, and lines are none the worse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend.errors import GsmsendError, GuardStop, LinkLost, NotInstalled
from gsmsend.model import State
from tests.unit.engine.falling_desk import Routes, desk

INSTALL = "the driver cloud needs the package example, which is not installed"


def unusable(found: Routes, error: GsmsendError) -> None:
    def raise_it(_opened: int) -> None:
        raise error

    found.cloud.bring_up = raise_it


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (NotInstalled(INSTALL, remedy="Install it: pip install 'gsmsend[cloud]'"), 6),
        (GuardStop("driver.cloud.key: the environment variable CLOUD_KEY is not set"), 5),
        (LinkLost("the provider cannot be reached"), 6),
    ],
)
def test_texts_that_wait_for_it_say_why_it_is_not_there(
    tmp_path: Path, error: GsmsendError, exit_code: int
) -> None:
    found = desk(tmp_path, trial=State.QUEUED)
    found.try_it()
    unusable(found, error)
    finished = found.go()
    assert str(error) in finished.why
    assert "has it now" not in finished.why
    assert finished.exit_code == exit_code


def test_a_library_that_is_missing_stops_no_line(tmp_path: Path) -> None:
    found = desk(tmp_path, trial=None)
    found.fill(3)
    unusable(found, NotInstalled(INSTALL))
    assert found.go().exit_code == 0
    assert len(found.reached()["line"]) == 3


def test_a_route_that_no_fallback_has_any_more_is_said_to_be_gone(tmp_path: Path) -> None:
    found = desk(tmp_path, trial=State.QUEUED)
    found.try_it()
    found.terms = replace(found.terms, route="cloud:other")
    found.tune()
    finished = found.go(accounts=())
    assert "over the route cloud, and no fallback in gsmsend.toml has it now" in finished.why
