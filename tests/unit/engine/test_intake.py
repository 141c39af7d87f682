"""What a line has claimed ahead: when it is heard that a claim failed."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import pytest

from gsmsend.config import Settings
from gsmsend.contract import Claimed, Store
from gsmsend.engine.gate import Gate
from gsmsend.engine.intake import Intake
from gsmsend.errors import FenceLost
from gsmsend.testing.store_desk import NOW_S


class Refuses:
    """A store whose claims fail: others took this host for dead."""

    def claim(self, *_: Any, **__: Any) -> Future[list[Claimed]]:
        found: Future[list[Claimed]] = Future()
        found.set_exception(FenceLost("others took it for dead"))
        return found


def test_that_a_claim_ahead_failed_is_heard_when_the_next_text_is_wanted() -> None:
    intake = Intake(cast("Store", Refuses()), 1, Gate(Settings(Path(), "bench")))
    for _ in range(3):
        intake.refill(NOW_S)  # with an attempt open: what is raised here would leave it in doubt
    with pytest.raises(FenceLost):
        intake.take(NOW_S)
