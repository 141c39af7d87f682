"""What keeps a run's queue from leaving, looked at while its line is just coming up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gsmsend.contract import FALLBACK, QueuedFor
from gsmsend.engine.watch import Watch

WAITING = SimpleNamespace(name=f"{FALLBACK}notify", wanted_id=3, line_id=None, waiting=1)


def watch(**worker: object) -> Watch:
    account = {
        "known_as": f"{FALLBACK}notify", "line_id": None, "guard": None, "given_up": False, "cloud": True,
        "why": "", "closed": False,
    }  # fmt: skip
    context: Any = SimpleNamespace(
        gate=SimpleNamespace(shut=lambda _now_s: None, halted={}),
        others=(),
        store=SimpleNamespace(wanted_lines=lambda: [WAITING]),
        settings=SimpleNamespace(fallbacks={"main": SimpleNamespace(route="notify")}),
    )
    workers: Any = [SimpleNamespace(**account | worker)]
    return Watch(context, workers, clear=None, where="")


def queued(bound_line: int) -> list[QueuedFor]:
    return [QueuedFor(bound_line, 1)]


@pytest.mark.parametrize("line_id", [None, 7])
def test_an_account_that_was_found_since_the_queue_was_read_is_waited_for(line_id: int | None) -> None:
    assert watch(line_id=line_id).block(1.8e9, queued(-WAITING.wanted_id)) is None


def test_one_that_was_given_up_is_not() -> None:
    block = watch(given_up=True, why="its key is refused").block(1.8e9, queued(-WAITING.wanted_id))
    assert block is not None
    assert block.no_route
    assert "the account cannot be used: its key is refused" in block.why
