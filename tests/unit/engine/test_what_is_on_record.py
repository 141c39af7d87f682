"""What a run puts on record of a text before it is handed over, and that nothing else is handed over."""

from __future__ import annotations

import pytest

from gsmsend.contract import AttemptOpen, Submission
from gsmsend.engine.events import LineChanged
from gsmsend.model import Outcome, State
from gsmsend.testing.scripted import Desk, ScriptedLink, number


def recorded(desk: Desk, patch: pytest.MonkeyPatch) -> list[AttemptOpen]:
    """The intents as the store is given them."""
    intents: list[AttemptOpen] = []
    advance = desk.store.advance

    def noting(close: object, intent: AttemptOpen | None) -> object:
        intents.extend([intent] if intent is not None else [])
        return advance(close, intent)  # type: ignore[arg-type]

    patch.setattr(desk.store, "advance", noting)
    return intents


def test_each_intent_has_what_is_handed_over(bench: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    intents, given = recorded(bench, monkeypatch), []

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        given.append(link.raw(submission))
        return link.accept(submission)

    bench.driver.answer = answer
    bench.driver.wire = lambda asked: f"0011{asked.destination}{asked.seq}{asked.total}"
    bench.fill(3, "Help is here for you, any time and for free. " * 8)
    assert bench.execute().exit_code == 0
    assert [intent.raw for intent in intents] == given
    assert len(set(given)) == 9
    assert "0011" not in repr(intents)


def test_other_octets_than_those_on_record_are_not_handed_over(bench: Desk) -> None:
    changing = iter(range(100_000))
    bench.driver.wire = lambda _asked: f"octets that differ each time: {next(changing)}"
    bench.fill(1)
    finished = bench.execute()
    assert not bench.driver.on_air
    assert finished.totals[State.UNCERTAIN] == finished.totals[State.SENT] == 0
    assert any("something else than what is on record" in event.why for event in bench.of(LineChanged))
    assert number(0) not in "".join(event.why for event in bench.of(LineChanged))
