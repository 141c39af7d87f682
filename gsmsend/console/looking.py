"""Pages that show what is so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gsmsend import inert
from gsmsend.audit import Kind
from gsmsend.campaign.standing import standing as judged
from gsmsend.cli import fall_view, health_view, standing
from gsmsend.cli.inbox import FLAG_WORDS, asks_for_a_person
from gsmsend.cli.operation import NumberView, run_going_on
from gsmsend.console import wall
from gsmsend.console.desk import Desk
from gsmsend.console.finding import RATE_S, curve, gather, tiles
from gsmsend.console.visit import Visit
from gsmsend.contract import MessageRow, PartRow, StoreView
from gsmsend.errors import GsmsendError, UsageError
from gsmsend.model import State

PAGE = 50


def wall_page(visit: Visit) -> Response:
    """The wall."""
    desk, now_s = visit.desk, visit.desk.clock()
    found = desk.ask(lambda store: gather(desk.settings, store, now_s))
    chart = wall.flow_chart(*desk.ask(lambda store: curve(store, now_s)))
    pieces = wall.panels(found)
    return visit.page("wall.html", pieces=pieces, grid=wall.grid(found), curve=chart, at_s=now_s)


def campaigns_page(visit: Visit) -> Response:
    """All campaigns."""
    return visit.page("campaigns.html", campaigns=visit.desk.ask(standing.campaigns), left_s=None)


def campaign_page(visit: Visit) -> Response:
    """One campaign: its progress, what holds it back, who approved it, and what can be done."""
    desk, name = visit.desk, str(visit.request.path_params["name"])
    rows = [row for row in desk.ask(standing.campaigns) if row["name"] == name]
    if not rows:
        known = f"there is no campaign {inert.line(name)[:80]} here"
        raise UsageError(known, remedy="See which there are: Campaigns.")
    window = standing.window_of(desk.settings, desk.clock())
    fallback = [one for one in desk.ask(lambda store: fall_view.collect(desk.settings, store, desk.clock()))
                if one["campaign"] == name]  # fmt: skip
    return visit.page(
        "campaign.html", campaign=rows[0], window=window, fallbacks=fallback,
        approval=desk.ask(lambda store: approval_of(visit, store, name)), running=_running(desk),
    )  # fmt: skip


def _running(desk: Desk) -> str:
    return str(desk.ask(lambda store: run_going_on(desk.settings, store)))


def approval_of(visit: Visit, store: StoreView, name: str) -> Mapping[str, Any] | None:
    """Who approved a campaign and what it lacks; None where nobody needs to."""
    settings = visit.desk.settings
    if not settings.approval.required:
        return None
    try:
        facts = store.campaign_facts(name)
        found = judged(settings, facts) if facts is not None and facts.recipients else None
    except GsmsendError as error:
        return {"officers": [], "stands": False, "why": error.words}
    if found is None:
        return {"officers": [], "stands": False, "why": "nobody is in it"}
    why = f"its approval is void: {'; '.join(found.changed)}" if found.changed else found.missing
    return {
        "officers": [{"name": row.officer.name, "at_s": row.at_s} for row in found.counted],
        "stands": found.stands, "why": why,
    }  # fmt: skip


def messages_page(visit: Visit) -> Response:
    """Texts with their parts, a page at a time; numbers in full only where that was asked for and recorded."""
    query = visit.request.query_params
    called = _titles(visit)
    states = [state for state in State if state.value == query.get("state")]
    after = _number(query.get("after", "0"))
    show = _numbers(visit, "messages")
    rows = visit.desk.ask(lambda store: store.message_page(states, after, PAGE))
    return visit.page(
        "messages.html", rows=[_shown(row, show, called) for row in rows], state=states[0].value if states else "",
        after=after, next=rows[-1].message_id if len(rows) == PAGE else None, full=show.full,
        totals=visit.desk.ask(lambda store: store.totals()), title="Messages",
    )  # fmt: skip


def uncertain_page(visit: Visit) -> Response:
    """Texts that may or may not have gone out, each with what is known of it, to be settled."""
    show = _numbers(visit, "uncertain")
    rows = visit.desk.ask(lambda store: store.message_page([State.UNCERTAIN], 0, 2 * PAGE))
    return visit.page("uncertain.html", rows=[_shown(row, show, {}) for row in rows], full=show.full)


def inbox_page(visit: Visit) -> Response:
    """What came in: danger first, then what nobody has seen, then oldest first."""
    flagged = visit.request.query_params.get("flagged") == "1"
    show = _numbers(visit, "inbox")
    every = visit.desk.ask(lambda store: store.replies())
    called = _titles(visit)
    rows = [row for row in every if not flagged or asks_for_a_person(row)]
    start = _number(visit.request.query_params.get("from", "0"))
    shown = [
        {
            "id": row.reply_id, "at_s": row.received_at_s, "sender": show(row.sender), "text": row.text,
            "line": called.get(row.line, row.line), "campaign": row.campaign, "message": row.message_id,
            "flags": [(flag.value, FLAG_WORDS[flag]) for flag in row.flags], "words": row.words,
            "seen_by": row.seen_by, "seen_at_s": row.seen_at_s, "complete": row.complete, "parts": row.parts,
        }
        for row in rows[start : start + PAGE]
    ]  # fmt: skip
    return visit.page(
        "inbox.html", rows=shown, flagged=flagged, count_all=len(every), full=show.full,
        count_flagged=sum(asks_for_a_person(row) for row in every), start=start, size=PAGE, matching=len(rows),
    )  # fmt: skip


def routes_page(visit: Visit) -> Response:
    """Lines in full, and fallbacks."""
    desk, now_s = visit.desk, visit.desk.clock()
    running = _running(desk)
    rows = desk.ask(lambda store: store.glances(now_s - RATE_S))
    healths = desk.ask(lambda store: health_view.of_lines(store, rows, now_s, running=bool(running)))
    found = tiles(desk.settings, rows, healths, running=bool(running))
    return visit.page(
        "routes.html", lines=found, sims={row.line_id: row.iccid for row in rows}, running=running,
        fallbacks=desk.ask(lambda store: fall_view.collect(desk.settings, store, now_s)),
        missing=[one for one in desk.ask(lambda store: store.wanted_lines()) if one.waiting],
    )  # fmt: skip


def audit_page(visit: Visit) -> Response:
    """The audit log, newest first; what is sealed in it is not opened."""
    query = visit.request.query_params
    kind = query.get("kind", "") if query.get("kind", "") in set(Kind) else ""
    before = _number(query.get("before", "0")) or None
    rows = visit.desk.ask(lambda store: store.entries([kind] if kind else [], before, PAGE))
    shown = [_entry(row.number, row.kind, row.line) for row in rows]
    more = rows[-1].number if len(rows) == PAGE and rows[-1].number > 1 else None
    return visit.page("audit.html", rows=shown, kind=kind, kinds=sorted(Kind), next=more, before=before)


def _entry(number: int, kind: str, line: str) -> dict[str, Any]:
    """An entry for people: who and what, in the words of the log."""
    try:
        made = json.loads(line)
        data, sealed = dict(made["data"]), sorted(made.get("sealed", {}))
        at = str(made["at"])[:19].replace("T", " ")
    except (ValueError, KeyError, TypeError):
        data, sealed, at = {"": "this entry cannot be read"}, [], ""
    facts = [(name, _fact(value)) for name, value in sorted(data.items()) if value not in (None, "", [], {})]
    return {"number": number, "kind": kind, "at": at, "facts": facts, "sealed": sealed}


def _fact(value: object) -> str:
    words = value if isinstance(value, str) else json.dumps(value)
    return words if len(words) <= 200 else f"{words[:200]}\u2026"


def _titles(visit: Visit) -> Mapping[str, str]:
    rows = visit.desk.ask(lambda store: store.glances(visit.desk.clock()))
    return {row.name: tile.title for row in rows for tile in tiles(visit.desk.settings, [row], running=True)}


def _shown(row: MessageRow, show: _View, called: Mapping[str, str]) -> dict[str, Any]:
    lines = dict.fromkeys(called.get(part.line, part.line) for part in row.parts if part.line)
    parts = Counter(_part(part) for part in row.parts)
    whole = len(row.parts)
    told = [words if whole == 1 else f"{number} of {whole}: {words}" for words, number in parts.items()]
    return {
        "id": row.message_id, "number": show(row.number), "state": row.state.value, "why": row.why,
        "fallback": row.fallback, "lines": ", ".join(lines), "parts": told,
    }  # fmt: skip


def _part(part: PartRow) -> str:
    """What became of a part, in the words of `messages --json`."""
    said = [part.outcome or "not sent yet", part.report or ""]
    if part.cms_error is not None:
        said.append(f"+CMS ERROR: {part.cms_error}")
    return ", ".join(filter(None, said))


def _numbers(visit: Visit, what: str) -> _View:
    """How numbers are shown: in full only in the answer to a post that asks for it; that is recorded first."""
    full = visit.request.method == "POST" and visit.form.get("unmask") == "1"
    if full:
        visit.desk.record_unmasking(visit.who, what)
    return _View(full=full)


class _View(NumberView):
    @property
    def full(self) -> bool:
        """Whether numbers are in full."""
        return self._full


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 16 else 0
