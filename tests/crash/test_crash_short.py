"""Kills at every kind of moment, few of each; `python -m tests.crash --kills 1000` is the long run."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from tests.crash import judge
from tests.crash.campaign import Wish, run
from tests.crash.far_side import PYTHON, ROOT, OnAir, Record, environment
from tests.crash.judge import Expectation, Wrong
from tests.crash.launcher import EXIT_GONE, Fuse, Gone, wrap
from tests.crash.near_side import Account, Settled
from tests.crash.points import POINTS

ALICE, BOB = "+447700900001", "+447700900002"


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_sent_twice() -> None:
    wish = Wish(int(os.environ.get("CRASH_SEED", secrets.randbelow(1_000_000))), short=True)
    print(f"to repeat: {wish.command}")
    tally = run(wish, Console(force_terminal=False, width=200))
    problems = [str(problem) for verdict in tally.verdicts for problem in verdict.problems]
    assert problems == [], f"to repeat: {wish.command}"
    assert tally.kills >= 20, f"only {tally.kills} kills fell; to repeat: {wish.command}"
    reached = [name for name, count in tally.by_point.items() if count]
    assert len(reached) >= 12, f"kills fell on {reached} only; to repeat: {wish.command}"
    assert tally.made > 0


def test_the_launcher_says_so_if_what_it_wraps_is_gone() -> None:
    with pytest.raises(Gone, match=r"Fuse\.no_such_method, which does not exist any more"):
        wrap(Fuse, "no_such_method", lambda function: function)


def test_the_launcher_wraps_the_program_as_it_is_and_knows_its_points() -> None:
    for point, code in (("", 0), ("no such point", EXIT_GONE)):
        done = subprocess.run(
            [*PYTHON, "tests.crash.launcher", "--version"], capture_output=True, text=True, check=False, cwd=ROOT,
            env=environment(CRASH_POINT=point), timeout=60,
        )  # fmt: skip
        assert done.returncode == code, done.stderr


def test_every_point_is_somewhere_in_the_launcher() -> None:
    source = (Path(__file__).parent / "launcher.py").read_text(encoding="utf-8")
    named = ("the commit of ", "in mid-PDU", "after Ctrl-Z")
    assert [point.name for point in POINTS if point.name not in source and not any(
        word in point.name for word in named
    )] == []  # fmt: skip


# -- the judge can tell ------------------------------------------------------------------------------------


def _aired(
    to: str, reference: int, *, seq: int = 1, total: int = 1, text: str = "Help", told: bool = True
) -> OnAir:
    return OnAir(to, seq, total, text, 1 if total > 1 else None, reference, "8944", told)


def _record(*parts: OnAir) -> Record:
    found = Record(reports_taken=[(part.iccid, part.to, part.reference) for part in parts if part.told])
    for part in parts:
        found.accepted.setdefault((part.to, part.seq), []).append(part)
    return found


def _message(number: str, state: str, outcome: str | None, reference: int | None) -> dict[str, object]:
    part = {"seq": 1, "line": "sim", "reference": reference, "outcome": outcome}
    return {"id": int(number[-1]), "number": number, "state": state, "why": "", "parts": [part]}


def _store(**more: object) -> Account:
    reports = [("8944", ALICE, 7), ("8944", BOB, 8)]
    return Account(iccids={"sim": "8944"}, **{"reports": reports, **more})  # type: ignore[arg-type]  # as it stands


def _judge(
    record: Record,
    *messages: dict[str, object],
    store: Account | None = None,
    cut_off: frozenset[int] = frozenset(),
) -> list[Wrong]:
    wanted = Expectation({ALICE: "Help", BOB: "Help"}, cut_off=cut_off)
    return [problem.what for problem in judge.at_the_end(wanted, record, messages, store or _store())]


GOOD = _record(_aired(ALICE, 7), _aired(BOB, 8))
TOLD = _message(ALICE, "delivered", "accepted", 7)


def test_what_is_right_is_no_problem() -> None:
    assert _judge(GOOD, TOLD, _message(BOB, "delivered", "accepted", 8)) == []
    assert _judge(GOOD, TOLD, _message(BOB, "uncertain", "unknown", None)) == []
    assert _judge(_record(_aired(ALICE, 7)), TOLD, _message(BOB, "uncertain", "unknown", None)) == []


def test_a_part_on_air_twice_is_a_duplicate() -> None:
    twice = _record(_aired(ALICE, 7), _aired(BOB, 8), _aired(BOB, 9))
    twice.reports_taken.pop()
    assert _judge(twice, TOLD, _message(BOB, "delivered", "accepted", 8)) == [Wrong.DUPLICATE]


@pytest.mark.parametrize(
    ("state", "outcome", "reference"),
    [
        ("failed", "refused", None),
        ("queued", None, None),
        ("sent", "accepted", 8),
        ("delivered", "accepted", 9),
        ("delivered", "unknown", None),
    ],
)
def test_a_text_on_air_must_be_on_record_as_it_was(state: str, outcome: str | None, reference: int | None) -> None:
    assert _judge(GOOD, TOLD, _message(BOB, state, outcome, reference))


def test_a_text_on_record_must_have_been_on_air() -> None:
    assert Wrong.LOST in _judge(_record(_aired(ALICE, 7)), TOLD, _message(BOB, "delivered", "accepted", 8))
    assert Wrong.STATE in _judge(
        _record(_aired(ALICE, 7), _aired(BOB, 8, told=False)), TOLD, _message(BOB, "delivered", "accepted", 8)
    )


def test_a_recipient_who_is_missing_or_too_many_is_found() -> None:
    assert Wrong.LOST in _judge(_record(_aired(ALICE, 7)), TOLD)
    other = _aired("+447700900003", 9, told=False)
    assert Wrong.STATE in _judge(
        _record(_aired(ALICE, 7), _aired(BOB, 8), other), TOLD, _message(BOB, "delivered", "accepted", 8)
    )


def test_another_text_than_theirs_is_found() -> None:
    wrong = _record(_aired(ALICE, 7), _aired(BOB, 8, text="Hello"))
    assert _judge(wrong, TOLD, _message(BOB, "delivered", "accepted", 8)) == [Wrong.STATE]


def test_a_settlement_needs_its_evidence_and_must_be_true() -> None:
    told = _message(BOB, "delivered", "accepted", 8)
    for by, problems in ((None, [Wrong.STATE]), ("delivery report", [])):
        store = _store(attempts={5: ("accepted", by)})
        assert _judge(GOOD, TOLD, told, store=store, cut_off=frozenset({5})) == problems
    store = _store(doubted=[Settled("+447700900009", 1, "sim", "accepted", "late answer")])
    assert _judge(GOOD, TOLD, told, store=store) == [Wrong.LOST]


def test_an_acknowledged_report_must_be_on_record() -> None:
    store = _store(reports=[("8944", ALICE, 7)])
    assert _judge(GOOD, TOLD, _message(BOB, "delivered", "accepted", 8), store=store) == [Wrong.LOST]


def test_the_figures_can_be_written_down() -> None:
    from tests.crash.tally import Tally

    assert json.loads(json.dumps(Tally(1, {}).document()))["kills"] == 0
