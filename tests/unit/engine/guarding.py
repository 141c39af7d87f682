"""What the tests of guards share: windows around now, settings, drafts, slow answers."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as datetime_time
from zoneinfo import ZoneInfo

from gsmsend.contract import ImportSource, NewMessage, Submission
from gsmsend.engine.events import Notice
from gsmsend.model import Outcome
from gsmsend.testing.scripted import Desk, ScriptedLink, number
from gsmsend.window import EVERY_DAY, Window

LONG = "Help is here for you, any time and for free. " * 8  # 3 parts
ICCID = "8944000000000000017"
OTHER = "8944000000000000025"


def noon_zone() -> str:
    """A time zone in which it is about noon now, so that a window of minutes never crosses midnight."""
    east = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def window(from_s: float, to_s: float) -> Window:
    """Open from so many seconds after now until so many."""
    zone = noon_zone()
    now = datetime.now(UTC).astimezone(ZoneInfo(zone))

    def at(seconds: float) -> datetime_time:
        return (now + timedelta(seconds=seconds)).time()

    return Window(EVERY_DAY, at(from_s), at(to_s), zone, "")


def guard(bench: Desk, **changes: object) -> None:
    bench.settings = dataclasses.replace(bench.settings, **changes)  # type: ignore[arg-type]


def drafts(bench: Desk, count: int, *, name: str = "campaign") -> None:
    rows = [NewMessage(number(index), "Help is here.", index + 1, 1) for index in range(count)]
    bench.store.add(ImportSource("list.csv", "drafts", name, time.time(), draft=True), rows)


def notices(bench: Desk) -> str:
    return "\n".join(event.text for event in bench.of(Notice))


def slowly(seconds: float) -> Callable[[ScriptedLink, Submission], Outcome]:
    def answer(link: ScriptedLink, submission: Submission) -> Outcome:
        link.commit()
        link.commit = lambda: None
        time.sleep(seconds)
        return link.accept(submission)

    return answer
