"""The SIM's own count as evidence, and listening before speaking."""

from __future__ import annotations

import threading
import time

import pytest

from gsmsend.contract import Submission
from gsmsend.engine.run import Run
from gsmsend.errors import LinkLost
from gsmsend.model import Outcome, OutcomeKind, State
from gsmsend.testing.scripted import Desk, ScriptedLink, number


def keep_count(link: ScriptedLink, submission: Submission) -> Outcome:
    """Accept, and let the SIM's count follow."""
    outcome = link.accept(submission)
    link.driver.count = outcome.reference
    return outcome


@pytest.mark.parametrize(("moved", "state", "on_air"), [(False, State.DELIVERED, 4), (True, State.UNCERTAIN, 3)])
def test_an_unchanged_count_proves_that_the_text_never_left(
    bench: Desk, moved: bool, state: State, on_air: int
) -> None:
    bench.fill(4)
    bench.driver.count = 0
    breaks = [1]

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.destination == number(3) and breaks:
            breaks.pop()
            link.commit()
            if moved:
                link.driver.count = (link.driver.count or 0) + 1
            raise LinkLost("unplugged")
        return keep_count(link, submission)

    bench.driver.answer = answer
    finished = bench.execute(wait_reports_s=2.0)
    rows = {row.number: row for row in bench.store.messages()}
    assert rows[number(3)].state is state
    assert len(bench.driver.on_air) == on_air
    assert finished.exit_code == (4 if moved else 0)
    if moved:
        assert "the SIM counted it" in rows[number(3)].why


def test_a_count_that_was_never_seen_to_move_proves_nothing(bench: Desk) -> None:
    bench.fill(3)
    bench.driver.count = 2

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.destination == number(2):
            link.commit()
            raise LinkLost("unplugged")
        return link.accept(submission)

    bench.driver.answer = answer
    assert bench.execute(wait_reports_s=2.0).totals[State.UNCERTAIN] == 1


def test_after_a_cut_the_line_listens_before_it_speaks(bench: Desk) -> None:
    bench.fill(2)
    breaks = [1]

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if breaks:
            breaks.pop()
            link.go(submission)
            raise LinkLost("unplugged")
        return link.accept(submission)

    def late(opened: int) -> None:
        if opened == 2:
            links[0].sink.late_outcome(Outcome(OutcomeKind.ACCEPTED, reference=1))

    links: list[ScriptedLink] = []

    def remember(link: ScriptedLink, submission: Submission) -> Outcome:
        links.append(link)
        return answer(link, submission)

    bench.driver.answer = remember
    bench.driver.bring_up = late
    finished = bench.execute(wait_reports_s=0.5)
    waits = [options.listen_first_s for options in bench.driver.options]
    assert waits[0] == 0.0
    assert 15 < waits[1] <= 20
    assert finished.totals[State.UNCERTAIN] == 0
    assert finished.totals[State.SENT] + finished.totals[State.DELIVERED] == 2
    assert len(bench.driver.on_air) == 2


def test_a_fresh_start_does_not_wait(bench: Desk) -> None:
    bench.fill(1)
    bench.execute()
    assert [options.listen_first_s for options in bench.driver.options] == [0.0]


def test_the_count_is_asked_at_once_where_the_modem_restarts_in_place(bench: Desk) -> None:
    bench.fill(5)
    bench.driver.count = 0

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if submission.destination == number(3) and number(3) not in seen:
            seen.append(number(3))
            link.commit()
            return Outcome(OutcomeKind.UNKNOWN, why="the modem restarted")
        return keep_count(link, submission)

    seen: list[str] = []
    bench.driver.answer = answer
    finished = bench.execute(wait_reports_s=2.0)
    assert bench.driver.opened == 1
    assert (finished.exit_code, finished.totals[State.DELIVERED]) == (0, 5)
    assert len(bench.driver.on_air) == len(set(bench.driver.on_air)) == 5


def test_a_line_in_doubt_gives_back_what_it_has_claimed(bench: Desk) -> None:
    bench.driver.sims = ["8944000000000000017", "8944000000000000025"]
    bench.fill(30)
    free = threading.Event()

    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        if link.endpoint.address == "fake1" and len(bench.driver.on_air) >= 4:
            link.commit()
            link.hang = free
            return Outcome(OutcomeKind.UNKNOWN, why="the modem fell silent")
        time.sleep(0.005)
        return link.accept(submission)

    def stop_soon(run: Run) -> None:
        deadline = time.monotonic() + 20.0
        while len(bench.driver.on_air) < 29 and time.monotonic() < deadline:
            time.sleep(0.01)
        free.set()
        run.stop()

    bench.driver.answer = answer
    finished = bench.execute("fake1", "fake2", during=stop_soon)
    assert finished.totals[State.UNCERTAIN] == 1
    assert len(bench.driver.on_air) == 29
