"""An alert as a message: whose operation, on which computer, what is wrong. No number or text of a recipient."""

from __future__ import annotations

from dataclasses import dataclass

from gsmsend.alerting.ledger import News
from gsmsend.inert import line
from gsmsend.masking import mask_words

_MOST = 20
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `urgent`: a person is needed now; `good`: it only says that something is over."""

    title: str
    body: str
    urgent: bool = False
    good: bool = False


def message(news: News, operation: str, host: str) -> Message:
    """The news in words."""
    rows = [_row(one.told, news.held_s.get((one.kind.value, one.subject), 0.0)) for one in news.troubles]
    rows += [f"Over: {_plain(words)}" for words in news.over]
    rows.sort(key=lambda row: row.startswith("Over: "))
    whose = f"gsmsend, {_plain(operation)}"
    if len(rows) == 1:
        title = f"{whose}: {rows[0]}"
    elif news.troubles:
        title = f"{whose}: {len(news.troubles)} thing{'s need' if len(news.troubles) > 1 else ' needs'} a person"
    else:
        title = f"{whose}: {len(rows)} things are over"
    shown = rows[:_MOST] + ([f"and {len(rows) - _MOST} more"] if len(rows) > _MOST else [])
    body = "\n".join([*shown, f"({_plain(host)})"])
    return Message(title[:_LONGEST], body, urgent=news.urgent, good=not news.troubles)


def a_test(operation: str, host: str) -> Message:
    """What `gsmsend alert test` sends."""
    title = f"gsmsend, {_plain(operation)}: a test"
    return Message(title[:_LONGEST], f"This is a test of alerts: nothing is wrong.\n({_plain(host)})", good=True)


def _row(words: str, held_s: float) -> str:
    minutes = round(held_s / 60)
    return _plain(words) + (f" (for {minutes} min)" if minutes else "")


def _plain(words: str) -> str:
    return mask_words(line(words))[:_LONGEST]
