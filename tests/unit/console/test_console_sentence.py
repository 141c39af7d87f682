"""The sentence on the wall: the most urgent thing, in words that are read from across the room."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gsmsend.console.finding import Found, LineTile
from gsmsend.console.sentence import Level, sentence
from gsmsend.model import State


def found(running: str = "process 1 on bench", **more: Any) -> Found:
    """What is so, with counts by state."""
    counts = {State(name): more.pop(name) for name in list(more) if name in {state.value for state in State}}
    return Found(0.0, {**dict.fromkeys(State, 0), **counts}, running=running, **more)


def tile(kind: str, why: str = "") -> LineTile:
    """A line."""
    state = "quarantined" if kind == "out" else "ready"
    return LineTile(1, "Line 1", state, kind, why, -70, "", 0, "", cloud=False)


PAUSED = {"name": "main", "state": "paused", "paused": "by pc1", "cancelled": "", "totals": {"queued": 3}}


@pytest.mark.parametrize(("what", "level", "words"), [
    (found(dangers=2, uncertain=1, queued=9), Level.NOW, "Danger to life? 2 replies unread"),
    (found(trouble="the disk is gone"), Level.NOW, "The store cannot be read"),
    (found(older="an older copy"), Level.NOW, "This is an older copy of the store"),
    (found(running="", queued=3), Level.NOW, "Stopped: 3 texts waiting"),
    (found(queued=3, lines=(tile("out", "no network"),)), Level.NOW, "No line can send"),
    (found(queued=3, uncertain=1, held=1), Level.SOON, "2 texts need a person"),
    (found(queued=3, uncertain=1), Level.SOON, "1 text needs a person"),
    (found(queued=3, lines=(tile("up"), tile("out"))), Level.SOON, "1 of 2 lines out of use"),
    (found(queued=3, missing_lines=("red-phone",)), Level.SOON, "Line red-phone is not plugged in"),
    (found(queued=3, campaigns=(PAUSED,)), Level.SOON, "Paused: main"),
    (found(queued=3, window_shut=True, window_until="Mon 10:00"), Level.QUIET,
     "Waiting: texts may leave Mon 10:00"),
    (found(queued=300, sent=60, delivered=40, left_s=900), Level.WELL,
     "Sending: 100 of 400, about 15 min 0 s left"),
    (found(queued=3), Level.WELL, "Sending: 0 of 3"),
    (found(sent=2, delivered=3), Level.WELL, "All sent: 2 reports awaited"),
    (found(running="", delivered=5), Level.WELL, "Done: 5 of 5 delivered"),
    (found(running="", delivered=4, failed=1), Level.WELL, "Done: 4 of 5 delivered"),
    (found(running="", draft=5), Level.QUIET, "5 texts not released yet"),
    (found(running=""), Level.QUIET, "Nothing imported yet"),
])  # fmt: skip
def test_the_most_urgent_thing_comes_first(what: Found, level: Level, words: str) -> None:
    said = sentence(what)
    assert (said.level, said.words) == (level, words)


def test_a_run_that_stopped_is_no_fault_while_nothing_may_leave() -> None:
    assert sentence(found(running="", queued=3, window_shut=True)).level is Level.QUIET
    assert sentence(found(running="", queued=3, campaigns=(PAUSED,))).words == "Paused: main"


def test_what_is_read_out_does_not_change_with_every_text() -> None:
    first = found(queued=300, delivered=40)
    then = replace(first, totals={**first.totals, State.QUEUED: 299, State.DELIVERED: 41})
    assert sentence(first).words != sentence(then).words
    assert sentence(first).spoken == sentence(then).spoken == "Sending"
    assert sentence(found(queued=3, uncertain=1)).spoken == "1 text needs a person"


def test_each_level_has_a_sign_of_its_own_form() -> None:
    kinds = (found(dangers=1), found(uncertain=1), found(delivered=1), found())
    assert len({sentence(what).mark for what in kinds}) == 4
