"""What can be done from a page, each by the function that the command of the same name acts by."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from gsmsend.campaign.signing import Statement, verified
from gsmsend.cli import approve as approving
from gsmsend.cli import pause as pausing
from gsmsend.cli.inbox import looked_at_by
from gsmsend.cli.preview import facts_of, look
from gsmsend.cli.resolve import settle
from gsmsend.cli.words import count
from gsmsend.console.challenge import Approving, code
from gsmsend.console.visit import Visit
from gsmsend.contract import Decision, NewApproval, OfficerRow
from gsmsend.errors import GuardStop, UsageError

_SIGN_WITHIN_S = 900.0


def pause(visit: Visit) -> Response:
    """Let no further text of a campaign leave. Asks for no key, and of no older store: a stop does not wait."""
    name, who = _campaign(visit), visit.who
    reason = visit.desk.reason(visit.form.get("reason", ""), needed=True)
    with visit.desk.change(who, older_stops=False) as store:
        changed = pausing.stop(store, name, who.login, reason, visit.desk.clock())
    said = "It is paused: nothing of it leaves now." if changed else "It was paused before."
    return visit.back(_path(name), said)


def resume(visit: Visit) -> Response:
    """Let a campaign go on, or its rest follow although not all first texts were delivered."""
    name, who, rest = _campaign(visit), visit.who, visit.form.get("go_on") == "1"
    reason = visit.desk.reason(visit.form.get("reason", ""), needed=True)
    with visit.desk.change(who) as store:
        resumed, freed = pausing.go(store, name, who.login, reason, visit.desk.clock(), all_of_it=rest)
    went = "It goes on." if resumed else "It was not paused."
    return visit.back(_path(name), f"The rest may leave: {count(freed, 'text')}." if rest else went)


def seen(visit: Visit) -> Response:
    """Say that a person has looked at a reply, and what they did."""
    reply, who = int(visit.request.path_params["reply"]), visit.who
    reason = visit.desk.reason(visit.form.get("reason", ""), needed=True)
    with visit.desk.change(who) as store:
        left = looked_at_by(store, reply, reason, who.login, visit.desk.clock())
    more = f" {left:,} more suggest danger." if left else ""
    where = "/inbox?flagged=1" if visit.form.get("flagged") == "1" else "/inbox"
    return visit.back(where, f"Text {reply} was looked at.{more}")


def resolve(visit: Visit) -> Response:
    """Settle an uncertain text, with how one knows."""
    message, who = int(visit.request.path_params["message"]), visit.who
    verdict = visit.form.get("as", "")
    if verdict not in ("sent", "not-sent"):
        raise UsageError("nothing was chosen: expected that it was sent, or that it was not")
    reason = visit.desk.reason(visit.form.get("reason", ""), needed=True)
    with visit.desk.change(who) as store:
        told = settle(store, Decision(message, verdict == "sent", reason, who.login, visit.desk.clock()))
    return visit.back("/uncertain", told)


def approve_page(visit: Visit) -> Response:
    """What an officer would approve, and who they are."""
    name, desk = _campaign(visit), visit.desk
    if not desk.settings.approval.required:
        raise UsageError("this lab operation needs no approval")
    facts = desk.ask(lambda store: facts_of(store, name, ""))
    found = desk.ask(lambda store: look(desk.settings, store, facts, desk.clock()))
    return visit.page("approve.html", campaign=name, found=found, officers=_officers(visit))


def ask_approval(visit: Visit) -> Response:
    """Show what is approved, and the code that the officer signs."""
    name, desk, now_s = _campaign(visit), visit.desk, round(visit.desk.clock(), 3)
    officer = _officer(visit)
    accept = tuple(value for field, value in visit.several if field == "accept")
    with desk.change(visit.who) as store:
        ready = approving.prepare(desk.settings, store, officer, name, accept, now_s)
    statement = Statement(ready.digest, officer.name, officer.login, round(now_s * 1000))
    return visit.page(
        "approve_sign.html", campaign=name, officer=officer, words=ready.words, digest=ready.digest, accept=accept,
        at_ms=statement.at_ms, code=code(Approving(statement, name, desk.url)),
    )  # fmt: skip


def approve(visit: Visit) -> Response:
    """Keep an officer's signature, if it is of what the campaign is now."""
    name, desk, now_s = _campaign(visit), visit.desk, round(visit.desk.clock(), 3)
    officer = _officer(visit)
    accept = tuple(value for field, value in visit.several if field == "accept")
    at_ms = int(visit.form.get("at_ms", "0")) if visit.form.get("at_ms", "").isdecimal() else 0
    if not now_s - _SIGN_WITHIN_S <= at_ms / 1000 <= now_s + 1:
        raise GuardStop("that code was made too long ago", remedy="Begin again on the campaign's page.")
    with desk.change(visit.who) as store:
        ready = approving.prepare(desk.settings, store, officer, name, accept, now_s)
        if ready.digest != visit.form.get("digest", ""):
            raise GuardStop(
                f"the campaign {name} was changed since you looked at it; nothing was approved",
                remedy="Look at it again, and sign what it is now.",
            )
        statement = Statement(ready.digest, officer.name, officer.login, at_ms)
        signature = "".join(visit.form.get("signature", "").split()).lower()
        if not verified(officer.public_key, signature, statement):
            raise GuardStop(
                f"that is not the signature of {officer.name} of this code; nothing was approved",
                remedy="Copy the whole of what 'gsmsend serve sign' printed.",
            )
        at_s = at_ms / 1000
        store.approve(
            NewApproval(
                ready.campaign_id, officer.officer_id, ready.digest, ready.text, signature, officer.login, at_s
            )
        )
    return visit.back(_path(name), f"{officer.name} approved it.")


def _officers(visit: Visit) -> list[OfficerRow]:
    """Who could approve from this session: the officer who signed in, else all approvers."""
    rows = [row for row in visit.desk.officers() if row.may_approve]
    return [row for row in rows if row.name == visit.who.officer] if visit.who.officer else rows


def _officer(visit: Visit) -> OfficerRow:
    given = visit.who.officer or visit.form.get("officer", "")
    for row in visit.desk.officers():
        if row.name == given and row.removed_at_s is None:
            return row
    raise UsageError("nobody was chosen: expected the officer who approves")


def _campaign(visit: Visit) -> str:
    return str(visit.request.path_params["name"])


def _path(name: str) -> str:
    return f"/campaigns/{quote(name, safe='')}"
