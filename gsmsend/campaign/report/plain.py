"""The report for scripts, and in short for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gsmsend.campaign.report.values import FEW, Bars, Failure, LineRow, Page, Table


def lines(page: Page) -> Iterator[str]:
    """The main things, in lines of at most 80 columns where names are short."""
    yield page.title
    yield page.subtitle
    if page.now:
        yield page.now
    if page.kept:
        yield page.kept
    yield ""
    for one in page.headlines:
        yield f"  {one.value:>12}  {one.words}"
    yield ""
    for share in page.outcome:
        yield f"  {share.count.words:>12}  {share.title}"
    if page.over:
        yield ""
        yield page.over
    if page.failures:
        yield ""
        yield "What did not arrive:"
    for failure in page.failures:
        yield f"  {failure.count.words:>12}  {failure.title}: {failure.words}"
    replies = page.replies
    if replies.danger.any and not page.redacted:
        yield ""
        yield f"{replies.danger.words} of the replies may tell of danger to someone: gsmsend inbox"
    if replies.unseen.any and not page.redacted:
        yield f"{replies.unseen.words} of the replies not read yet: gsmsend inbox"


def as_object(page: Page, campaign: str) -> dict[str, Any]:
    """The same for scripts; a withheld count is its words in place of the number."""
    found: dict[str, Any] = {
        "redacted": page.redacted,
        "rounded_to": FEW if page.rounded else None,
        "made": page.made,
        "kept": page.kept,
        "recipients": page.recipients.plain,
        "outcome": {share.key: share.count.plain for share in page.outcome},
        "lines": [_line(line) for line in page.lines],
        "over_fallback": page.over or None,
        "sent": _bars(page.hours),
        "delivery": None
        if page.delivery is None
        else {
            "median_s": page.delivery.median_s,
            "percent_within_s": {str(mark_s): share for mark_s, _, share in page.delivery.within},
        },
        "failures": [_failure(one) for one in page.failures],
        "replies": {
            "texts": page.replies.texts.plain,
            "people": page.replies.people.plain,
            "stop": page.replies.stop.plain,
            "danger": page.replies.danger.plain,
            "unseen": page.replies.unseen.plain,
        },
        "acknowledged": page.acknowledged.plain,
        "cost": {
            "amount": str(page.cost.amount), "currency": page.cost.currency, "segments": page.cost.segments.plain,
        },
        "visits": {"total": page.visit_total.plain, **_bars(page.visits)},
    }  # fmt: skip
    if page.redacted:
        return found
    return found | {
        "campaign": campaign,
        "cost_up_to": str(page.cost.up_to),
        "in_several_lists": page.in_several_lists.plain,
        "lists": _rows(page.lists),
        "refused": _rows(page.refused),
        "texts": _rows(page.texts),
        "unreached": _rows(page.unreached),
        "uncertain": list(page.uncertain),
        "first_texts": page.first_texts,
        "approvals": _rows(page.approvals),
        "decisions": _rows(page.decisions),
        "answers": _rows(page.replies.rows),
    }


def _line(line: LineRow) -> dict[str, Any]:
    return {
        "line": line.title, "texts": line.texts.plain, "delivered": line.delivered.plain,
        "segments": line.segments.plain, "cost": line.cost,
    }  # fmt: skip


def _failure(one: Failure) -> dict[str, Any]:
    return {
        "texts": one.count.plain, "title": one.title, "words": one.words, "advice": one.advice,
        "source": one.source,
    }  # fmt: skip


def _bars(found: Bars) -> dict[str, Any]:
    return {
        "by": found.by,
        "at": list(found.labels),
        "counts": {name: list(values) for name, values in found.series},
    }


def _rows(table: Table) -> list[dict[str, str]]:
    return [
        {head or "note": cell for head, cell in zip(table.heads, row, strict=True)} for row in table.rows
    ]  # fmt: skip
