"""Lines of other hosts as the rules of the fallbacks see them: what works there keeps the fallback back here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gsmsend.config import LineTerms, Rule, Settings
from gsmsend.contract import OtherLine, Outage
from gsmsend.engine.fallback import LineView
from gsmsend.engine.gate import Gate
from gsmsend.engine.others import of_others

NOW_S = 1_750_000_000.0
CLOSES = datetime.fromtimestamp(NOW_S - 60, UTC)


def seen(
    other: OtherLine, *, state: str = "ready", outage: Rule | None = None, cloud: bool = False,
    closed: bool = False,
) -> list[LineView]:  # fmt: skip
    row: Any = SimpleNamespace(
        line_id=7, name="sim-000017", iccid="8944000000000000017", imsi=None, number=None, state=state,
        cloud=cloud,
    )  # fmt: skip
    lines = {"red": LineTerms("red", iccid=row.iccid, closes=CLOSES if closed else None)}
    settings = Settings(Path(), "bench", lines=lines)
    store = SimpleNamespace(
        lines=lambda **_: [row], outages=lambda: [Outage(7, outage.value, NOW_S - 5)] if outage else []
    )
    context: Any = SimpleNamespace(others=(other,), store=store, settings=settings, gate=Gate(settings))
    return list(of_others(context, NOW_S))


HELD = OtherLine(7, "bench-1", held=True, up=True)


@pytest.mark.parametrize("state", ["ready", "sending", "waiting"])
def test_a_line_that_works_elsewhere_is_usable(state: str) -> None:
    assert seen(HELD, state=state) == [LineView(7, "red", usable=True)]


def test_what_comes_up_there_is_not_known_yet_and_so_keeps_the_fallback_back() -> None:
    assert seen(HELD, state="opening") == [LineView(7, "red")]
    assert seen(OtherLine(7, "bench-1", held=False, up=True)) == [LineView(7, "red")]


def test_a_line_that_is_out_of_use_there_is_so_here_since_the_same_time() -> None:
    there = LineView(7, "red", rule=Rule.BARRED, since_s=NOW_S - 5)
    assert seen(HELD, outage=Rule.BARRED) == [there]
    lost = OtherLine(7, "bench-1", held=False, up=False)
    assert seen(lost, outage=Rule.QUARANTINED) == [LineView(7, "red", rule=Rule.QUARANTINED, since_s=NOW_S - 5)]


def test_its_closing_day_is_that_of_gsmsend_toml() -> None:
    assert seen(HELD, closed=True) == [LineView(7, "red", rule=Rule.CLOSED, since_s=CLOSES.timestamp())]


def test_an_account_and_what_left_with_its_host_are_no_lines_of_this_run() -> None:
    assert seen(HELD, cloud=True) == []
    assert seen(OtherLine(7, "bench-1", held=False, up=False)) == []
