"""`gsmsend approve`: an officer signs what a campaign is now."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.audit import canonical
from gsmsend.campaign.changes import pace_words, price_words, window_words
from gsmsend.campaign.content import Content, content, digest_of
from gsmsend.campaign.preview import Preview
from gsmsend.campaign.standing import Standing, accepted_in, missing, prepared, standing
from gsmsend.cli import access, keys, options, unlocking
from gsmsend.cli.operation import opened, person
from gsmsend.cli.preview import begin_log, facts_of, look, trial_of, unnumbered
from gsmsend.cli.preview_view import fallback_view
from gsmsend.cli.preview_words import fallback_words, fitted, quoted
from gsmsend.cli.words import count
from gsmsend.config import Settings
from gsmsend.contract import ApprovalRow, CampaignFacts, NewApproval, OfficerRow, Store
from gsmsend.errors import GuardStop, UsageError
from gsmsend.inert import plain
from gsmsend.masking import mask_number
from gsmsend.model import State

_MOST_TEXTS = 3
_NOT_TEXTED = (State.SUPPRESSED, State.CANCELLED)


@click.command()
@options.campaign
@click.option("--officer", "name", metavar="NAME", help="Who approves.  [default: whose key is on this machine]")
@click.option(
    "--accept", "accept", metavar="CHECK", multiple=True,
    help="Accept that this check failed; it is signed with the rest. Again for each.",
)  # fmt: skip
@keys.key_file
@keys.passphrase_file
@options.operation
@unlocking.also_unlocks
@options.as_json
def approve(
    campaign: str,
    name: str | None,
    accept: tuple[str, ...],
    key_file: Path | None,
    passphrase_file: Path | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Sign the campaign as it is now: text, recipients, lines, window, pace, cost and answers to replies.

    It may be sent once enough different officers have approved it, one of whom did not prepare it. Any change
    voids the approvals. The passphrase of the officer's key is asked for after it was shown what is approved.
    """
    now_s = round(time.time(), 3)
    with opened(folder) as (settings, store):
        wiring.check_accounts(settings)
        if not settings.approval.required:
            raise UsageError(
                "this lab operation needs no approval", remedy=f"Send it: gsmsend run{options.where(folder)}"
            )
        officer, file = access.chosen(
            store, name or access.signed_in() or None, key_file, options.where(folder), "who approves"
        )
        ready = prepare(settings, store, officer, campaign, accept, now_s)
        for long in ready.words:
            for line in fitted(long):
                options.say(line)
        words = keys.passphrase(passphrase_file, f"Passphrase of {officer.name}")
        approval = _signed(ready, officer, keys.private(file, words), file, now_s)
        store.approve(approval)
        after = standing(settings, facts_of(store, campaign, options.where(folder)))
    _say(after, approval, officer, settings, options.where(folder), campaign, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Ready:
    """What an officer is about to sign: `text` is canonical JSON, `digest` its SHA-256; `words` say the same."""

    campaign_id: int
    text: str
    digest: str
    words: tuple[str, ...]


def prepare(
    settings: Settings, store: Store, officer: OfficerRow, campaign: str, accept: Sequence[str], now_s: float
) -> Ready:
    """The campaign as it is now, for this officer to sign. Approvals of what it no longer is are void then.

    Raises GuardStop if theirs would not count or a check failed, UsageError.
    """
    where = options.where(settings.folder)
    _may_approve(officer)
    begin_log(store, now_s)
    facts = facts_of(store, campaign, where)
    judged = standing(settings, facts)
    found = look(settings, store, facts, now_s)
    facts, accepted = _anew(settings, store, facts, judged, accept, now_s)
    _refuse(settings, facts, officer, where)
    _checks(found, accepted, where + options.of(campaign))
    signed = content(settings, facts, accepted)
    text = canonical(signed)
    other = fallback_view(
        settings, found, mask_number, trial_of(settings, store, campaign),
        unnumbered(settings, store, campaign), now_s,
    )  # fmt: skip
    also = fallback_words(other, campaign, where) if other is not None else ()
    words = (*_shown(signed, found), *(f"  {line}" for line in also))
    return Ready(facts.campaign_id, text, digest_of(text), words)


def _may_approve(officer: OfficerRow) -> None:
    """Raise GuardStop for an officer of another role."""
    if not officer.may_approve:
        raise GuardStop(
            f"the officer {officer.name} is not an approver (their role is {officer.role})",
            remedy="Another officer must approve it: gsmsend officer list",
        )


def _anew(
    settings: Settings, store: Store, facts: CampaignFacts, judged: Standing, accept: Sequence[str], now_s: float
) -> tuple[CampaignFacts, tuple[str, ...]]:
    """Void approvals of what it no longer is; the campaign after that, and the failed checks that are accepted."""
    accepted = accepted_in(facts) if judged.counted else ()
    changed = list(judged.changed)
    more = sorted(set(accept) - set(accepted))
    if judged.counted and more:
        changed.append(f"a failed check is accepted that was not: {', '.join(more)}")
    if not changed:
        return facts, (*accepted, *more)
    why = "; ".join(changed)
    who = ", ".join(row.officer.name for row in judged.counted)
    options.say(f"The approval by {who} is void: {why}. It must be approved anew.")
    wiring.void(settings, store, facts, why, now_s)
    return facts_of(store, facts.name, ""), tuple(accept)


def _refuse(settings: Settings, facts: CampaignFacts, officer: OfficerRow, where: str) -> None:
    """Raise GuardStop if this officer's approval would not count."""
    counted = tuple(row for row in facts.approvals if row.officer.may_approve)
    if any(row.officer.officer_id == officer.officer_id for row in counted):
        raise GuardStop(
            f"{officer.name} has approved the campaign {facts.name} already; one officer counts once",
            remedy="Another officer must approve it: "
            f"gsmsend approve{where}{options.of(facts.name)} --officer NAME"
            if missing(settings.approval, facts, counted)
            else f"No more approvals are needed. To send it: gsmsend run{where}",
        )
    hopeful = (*counted, ApprovalRow(0, officer, "", "", "", officer.login, 0.0))
    if len(hopeful) < settings.approval.officers or not missing(settings.approval, facts, hopeful):
        return
    together = " and ".join(row.officer.name for row in counted if prepared(facts, row.officer.login))
    raise GuardStop(
        f"{officer.name} prepared the campaign {facts.name}"
        + (f", and so did {together}" if together else "")
        + ": one of the officers who approve it must be one who did not",
        remedy="Let an officer approve it who neither imported the recipients nor changed the text.",
    )


def _checks(found: Preview, accepted: Sequence[str], where: str) -> None:
    """Raise GuardStop for failed checks that are not accepted, UsageError for accepted ones that did not fail."""
    needless = [name for name in accepted if name not in found.blocked_by]
    if needless:
        raise UsageError(
            f"--accept {needless[0]}: that check did not fail; expected one of those that did: "
            f"{', '.join(found.blocked_by) or 'none did'}"
        )
    left = [one for one in found.findings if one.blocks and one.name not in accepted]
    if left:
        names = dict.fromkeys(one.name for one in left)
        raise GuardStop(
            "it cannot be approved like this: " + "; ".join(plain(one.words) for one in left),
            remedy=f"Correct it (see 'gsmsend preview{where}'), or accept it by name: gsmsend approve{where} "
            + " ".join(f"--accept {name}" for name in names),
        )


def _shown(signed: Content, found: Preview) -> Iterator[str]:
    """What is approved, in plain words."""
    yield f"You approve the campaign {signed['campaign']} of {signed['operation']}:"
    for text in signed["texts"][:_MOST_TEXTS]:
        yield f"  {count(text['recipients'], 'recipient')}, {count(text['segments'], 'segment')} each:"
        yield from (f"         | {line}" for line in quoted(text["text"]))
    if len(signed["texts"]) > _MOST_TEXTS:
        yield f"  and {count(len(signed['texts']) - _MOST_TEXTS, 'more text')}"
    for name, line in signed["lines"].items():
        sim = line["iccid"] or line["number"] or line["imsi"] or "not in gsmsend.toml"
        closes = f", closes {line['closes'][:10]}" if line["closes"] else ""
        yield f"  From the line {name} ({sim}{closes})" if name else "  From any line of this operation"
    yield f"  Leaves: {window_words(signed['window'])}"
    yield f"  Pace:   {pace_words(signed['pace'])}; first texts: {signed['first_texts']}"
    if left_out := sum(found.states.get(state, 0) for state in _NOT_TEXTED):
        who = "1 of them gets" if left_out == 1 else f"{left_out:,} of them get"
        yield f"  {who} no text: on the never-contact list, opted out, or cancelled"
    yield f"  Cost:   {price_words(signed['prices'])}" + (", if all of them were texted" if left_out else "")
    for to, answer in signed["answers"].items():
        if answer:
            yield f"  Answer to {'an opt-out' if to == 'stop' else 'a reply'}: {plain(answer)}"
    for name in signed["accepted"]:
        words = "; ".join(plain(one.words) for one in found.findings if one.name == name and one.blocks)
        yield f"  Accepted in spite of a failed check: {name} ({words})"


def _signed(ready: Ready, officer: OfficerRow, key: object, file: Path, now_s: float) -> NewApproval:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - takes a while

    from gsmsend.campaign.signing import Statement, public_hex, sign  # noqa: PLC0415 - as above

    assert isinstance(key, Ed25519PrivateKey)  # noqa: S101 - keys.private gives no other
    if public_hex(key) != officer.public_key:
        raise GuardStop(
            f"the key {file} is not that of the officer {officer.name}",
            remedy="Name the file of their own key with --key FILE, or say with --officer who approves.",
        )
    statement = Statement(ready.digest, officer.name, person(), round(now_s * 1000))
    signature = sign(key, statement)
    return NewApproval(
        ready.campaign_id, officer.officer_id, statement.digest, ready.text, signature, statement.login, now_s
    )


def _say(
    after: Standing,
    approval: NewApproval,
    officer: OfficerRow,
    settings: Settings,
    where: str,
    campaign: str,
    *,
    as_json: bool,
) -> None:
    have, needed = len(after.counted), settings.approval.officers
    if as_json:
        options.emit(
            {"officer": officer.name, "digest": approval.digest, "approvals": have, "needed": needed,
             "stands": after.stands}
        )  # fmt: skip
        return
    options.tell(f"{officer.name} approved it. Its digest begins with {approval.digest[:16]}.")
    if after.stands:
        options.tell(f"{have} of {needed} approvals: it may be sent. Next: gsmsend run{where}")
    else:
        options.tell(
            f"It {after.missing}. Next, another officer: "
            f"gsmsend approve{where}{options.of(campaign)} --officer NAME"
        )
