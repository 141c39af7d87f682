"""Which campaigns may be sent: their approvals, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gsmsend.campaign.signing import Acceptance, verified
from gsmsend.campaign.standing import TAMPERED, Standing, standing
from gsmsend.config import Settings
from gsmsend.contract import CampaignFacts, Store
from gsmsend.errors import GuardStop
from gsmsend.model import State

_ON_THE_WAY = (State.QUEUED, State.SENDING, State.HELD)


@dataclass(frozen=True, slots=True)
class Clearance:
    """What became of the campaigns before a run: texts `released` and `withdrawn`, and `notes` for people."""

    released: int = 0
    withdrawn: int = 0
    notes: tuple[str, ...] = ()


def clear_to_send(settings: Settings, store: Store, now_s: float) -> Clearance:
    """Release campaigns whose approvals stand, withdraw those that changed since, before anything is sent.

    Raises GuardStop if texts wait and no campaign may send, if an approval in the store is not genuine, or if
    officers, approvals, what they accepted, or the lists of who must not be texted are not as the audit log tells.
    Where no approval is required only first texts hold back the rest.
    """
    _check_log(store)
    if not settings.lab:
        _check_accepted(store)
    if not settings.approval.required:
        _no_lab_of_approvals(store)
        return Clearance(_release_drafts(settings, store, now_s) if settings.canary else 0)
    released = withdrawn = cleared = 0
    problems: list[tuple[str, str]] = []
    for name in store.campaigns_to_send():
        facts = store.campaign_facts(name)
        if facts is None:
            continue
        found = _judged(settings, store, facts, now_s)
        if found.stands:
            cleared += 1
            if facts.released_at_s is None:
                judged = [row.approval_id for row in found.counted]
                released += store.release_campaign(
                    name, settings.canary, now_s, judged=judged, people=len(facts.recipients)
                )
            continue
        words, remedy = refusal(settings, facts, found)
        if found.changed:
            withdrawn += void(settings, store, facts, "; ".join(found.changed), now_s)
        else:
            withdrawn += _withdraw(store, facts, words, now_s)
        problems.append((words, remedy))
    if problems and not cleared:
        (words, remedy), *others = problems
        more = f" (and {len(others)} more in the same way)" if others else ""
        raise GuardStop(f"{words}{more}; nothing was sent", remedy=remedy)
    return Clearance(released, withdrawn, tuple(f"{words}. {remedy}" for words, remedy in problems))


def _check_log(store: Store) -> None:
    """Raise GuardStop if who may approve, or who must not be texted, was changed behind gsmsend's back."""
    found = store.not_as_logged()
    if found:
        first, *others = found
        more = f" (and {len(others)} more of this sort)" if others else ""
        raise GuardStop(
            f"the store is not as its audit log tells: {first}{more}; nothing was sent",
            remedy=f"{TAMPERED} What else was changed: gsmsend verify",
        )


def _check_accepted(store: Store) -> None:
    """Raise GuardStop if what counts as accepted of changes on a device bears no signature of its officer."""
    officers = {officer.name: officer for officer in store.officers() if officer.may_approve}
    for row in store.all_accepted_changes():
        officer = officers.get(row.person)
        if officer is None:
            continue  # counts no more
        said = Acceptance(store.operation_id(), row.person, row.what, round(row.at_s * 1000))
        if not verified(officer.public_key, row.signature, said):
            raise GuardStop(
                f"it is on record that {row.person} accepted what sending changes on a device, but not under "
                f"their signature: {row.what}; nothing was sent",
                remedy=TAMPERED,
            )


def _no_lab_of_approvals(store: Store) -> None:
    """Raise GuardStop if officers have approved what waits here: one line of config must not undo that."""
    waiting = store.campaigns_to_send() if store.officers() else []
    for facts in filter(None, map(store.campaign_facts, waiting)):
        if facts.approvals or facts.voided_why:
            raise GuardStop(
                f"the campaign {facts.name} is one that officers approve, and gsmsend.toml now says that nothing "
                "here needs approval (lab = true); nothing was sent",
                remedy="Take that out of gsmsend.toml. For tests make another operation: gsmsend init DIR --lab",
            )


def void(settings: Settings, store: Store, facts: CampaignFacts, why: str, now_s: float) -> int:
    """A campaign's approvals count no more, and what was not begun is a draft again. How many became one."""
    if not settings.approval.required:
        return 0
    store.void_approvals(facts.campaign_id, why, now_s)
    return _withdraw(store, facts, f"its approval is void: {why}", now_s)


def _judged(settings: Settings, store: Store, facts: CampaignFacts, now_s: float) -> Standing:
    """Whether a campaign stands. Raises GuardStop if what is on record is not genuine: then no text may leave."""
    try:
        return standing(settings, facts)
    except GuardStop as stop:
        for name in store.campaigns_to_send():
            store.withdraw(name, str(stop), now_s)
        raise


def _withdraw(store: Store, facts: CampaignFacts, why: str, now_s: float) -> int:
    nothing_begun = facts.released_at_s is None and not any(who.state in _ON_THE_WAY for who in facts.recipients)
    if nothing_begun and not any(child.bodies for child in facts.children):
        return 0
    return store.withdraw(facts.name, why, now_s)


def _release_drafts(settings: Settings, store: Store, now_s: float) -> int:
    """A lab's campaigns need no approval; those of which the first texts are still awaited are let be."""
    rows = {row.name: row for row in store.campaigns()}
    waiting = [rows[name] for name in store.campaigns_to_send() if name in rows]
    free = [row for row in waiting if row.released_at_s is None or row.canary_passed]
    return sum(store.release_campaign(row.name, settings.canary, now_s) for row in free)


def refusal(settings: Settings, facts: CampaignFacts, found: Standing) -> tuple[str, str]:
    """Why a campaign may not be sent, and what to type."""
    inside = settings.folder.resolve() == Path.cwd()
    where = "" if inside else f' --operation "{settings.folder}"'
    campaign = f' --campaign "{facts.name}"' if " " in facts.name else f" --campaign {facts.name}"
    remedy = (
        f"Look at it with 'gsmsend preview{campaign}{where}'. Then each officer types: "
        f"gsmsend approve{campaign}{where}"
    )
    if found.changed:
        return f"the approval of the campaign {facts.name} is void: {'; '.join(found.changed)}", remedy
    gone = "".join(f"; {name}, who approved it, may approve no more" for name in found.removed)
    gone += f"; its approval is void because: {facts.voided_why}" if facts.voided_why and not found.counted else ""
    return f"the campaign {facts.name} {found.missing}{gone}", remedy
