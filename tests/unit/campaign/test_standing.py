"""Whether a campaign may be sent: who approved it, and what changed since."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal

import pytest

from gsmsend.campaign.standing import standing
from gsmsend.config import (
    AccessTerms,
    ApprovalPolicy,
    EvidenceTerms,
    Keep,
    KeyTerms,
    Pace,
    Prices,
    Replies,
    Settings,
)
from gsmsend.contract import CampaignFacts, ChildCampaign, TextBody
from gsmsend.errors import GuardStop
from gsmsend.model import State
from gsmsend.window import Window

from .approval_case import NOW_S, SETTINGS, approved, facts, officer, people, resigned, signed


def test_two_officers_of_whom_one_did_not_prepare_it() -> None:
    found = standing(SETTINGS, approved(facts(), "DC Example", "DS Other"))
    assert found.stands
    assert [row.officer.name for row in found.counted] == ["DC Example", "DS Other"]


def test_one_of_two_is_not_enough_and_it_says_who_it_was() -> None:
    found = standing(SETTINGS, approved(facts(), "DS Other"))
    assert not found.stands
    assert found.missing == "is not approved: 1 of 2 officers approved it (DS Other)"
    assert standing(SETTINGS, facts()).missing == "is not approved: 0 of 2 officers approved it"


def test_those_who_prepared_it_cannot_approve_it_alone() -> None:
    prepared = replace(facts(), preparers=frozenset({"pc1", "PC2"}))
    found = standing(SETTINGS, approved(prepared, "DC Example", "DS Other"))
    assert "DC Example and DS Other prepared it, and an officer who did not must" in found.missing
    assert standing(SETTINGS, approved(prepared, "DC Example", "PC Third")).stands


def test_one_officer_is_enough_where_the_operation_says_so_if_they_did_not_prepare_it() -> None:
    settings = replace(SETTINGS, approval=ApprovalPolicy(officers=1))
    assert standing(settings, approved(facts(), "DS Other", settings=settings)).stands
    assert "prepared it" in standing(settings, approved(facts(), "DC Example", settings=settings)).missing
    alone = replace(settings, approval=ApprovalPolicy(officers=1, independent=False))
    assert standing(alone, approved(facts(), "DC Example", settings=alone)).stands


def test_one_officer_twice_counts_once() -> None:
    found = standing(SETTINGS, approved(facts(), "DS Other", "DS Other"))
    assert found.missing.startswith("is not approved: 1 of 2")


def test_what_a_removed_officer_approved_counts_no_more() -> None:
    found = approved(facts(), "DC Example", "DS Other")
    first, second = found.approvals
    gone = replace(found, approvals=(first, replace(second, officer=officer("DS Other", removed_at_s=NOW_S))))
    judged = standing(SETTINGS, gone)
    assert judged.missing == "is not approved: 1 of 2 officers approved it (DC Example)"
    assert judged.removed == ("DS Other",)


def _texts(found: CampaignFacts) -> CampaignFacts:
    return replace(found, texts={1: TextBody("Other words.", 1)})


def _more(found: CampaignFacts) -> CampaignFacts:
    return replace(found, recipients=people(15, line="red-phone"))


def _fewer(found: CampaignFacts) -> CampaignFacts:
    return replace(found, recipients=found.recipients[:2])


def _others(found: CampaignFacts) -> CampaignFacts:
    swapped = (*found.recipients[:-1], replace(found.recipients[-1], number="+447700900999"))
    return replace(found, recipients=swapped)


def _another_line(found: CampaignFacts) -> CampaignFacts:
    return replace(found, recipients=(replace(found.recipients[0], line=""), *found.recipients[1:]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_texts, "the text changed"),
        (_more, "12 recipients were added"),
        (_fewer, "1 recipient was taken out"),
        (_others, "the recipients are other ones"),
        (_another_line, "sending from any line was added"),
    ],
)
def test_a_change_of_the_campaign_voids_it_and_says_what_changed(
    change: Callable[[CampaignFacts], CampaignFacts], words: str
) -> None:
    found = standing(SETTINGS, change(approved(facts(), "DC Example", "DS Other")))
    assert not found.stands
    assert words in found.changed


_CLOSED_EARLIER = replace(SETTINGS.lines["red-phone"], closes=datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (replace(SETTINGS, window=Window(opens=time(9), closes=time(20))),
         ("the window was Mon to Sat, 10:00 to 19:00, Europe/London, not on bank holidays (GB-ENG), "
         "is now Mon to Sat, 09:00 to 20:00, Europe/London, not on bank holidays (GB-ENG)")),
        (replace(SETTINGS, window=None), "is now none"),
        (replace(SETTINGS, pace=Pace(6, 200, 400, 0.3)),
         ("the pace was 6 a minute, 100 an hour, 400 a day, waits up to 30 % longer, is now 6 a minute, "
         "200 an hour, 400 a day, waits up to 30 % longer")),
        (replace(SETTINGS, canary=0), "the number of first texts was 5, is now 0"),
        (replace(SETTINGS, prices=Prices(Decimal("0.06"), budget=Decimal(100))),
         ("the price was 0.12 GBP (3 segments at 0.04), budget 100.00 GBP, is now 0.18 GBP (3 segments at 0.06), "
         "budget 100.00 GBP")),
        (replace(SETTINGS, replies=Replies(acknowledge="Ta.")), "the text that answers a reply changed"),
        (replace(SETTINGS, replies=Replies((), (), "Thank you.", "Bye.")),
         "the text that answers an opt-out changed"),
        (replace(SETTINGS, sims=("8944000000000000010",)), "the list of SIMs that may send was none, is now"),
        (replace(SETTINGS, name="other"), "the operation's name was op, is now other"),
        (replace(SETTINGS, lines={"red-phone": _CLOSED_EARLIER}),
         "the line red-phone: its closing day was 2026-12-01T00:00:00+00:00, is now 2026-11-01T00:00:00+00:00"),
        (replace(SETTINGS, lines={}), "the line red-phone: its ICCID was 8944000000000000010, is now none"),
        (replace(SETTINGS, approval=ApprovalPolicy(officers=1)),
         "what approval needs was 2 officers, who did not all prepare it, is now 1 officer, "),
    ],
)  # fmt: skip
def test_a_change_of_the_settings_voids_it_and_says_what_changed(settings: Settings, words: str) -> None:
    found = standing(settings, approved(facts(), "DC Example", "DS Other"))
    assert not found.stands
    assert words in "; ".join(found.changed)


def test_an_approval_in_an_older_form_is_void_and_says_so_and_nothing_else() -> None:
    found = facts()
    genuine = signed(found, "DS Other")
    older = json.loads(genuine.content) | {"version": 1, "recipients": {"count": 9, "numbers": "", "rows": ""}}
    del older["operation_id"]
    judged = standing(SETTINGS, replace(found, approvals=(resigned(genuine, older),)))
    assert not judged.stands
    assert judged.changed == ("what is signed has another form since gsmsend was updated",)


def test_an_approval_of_another_operation_by_the_same_name_does_not_count() -> None:
    there = replace(facts(), operation_id="a" * 32, salt="b" * 64)
    here = replace(facts(), operation_id="c" * 32, salt="d" * 64)
    carried = replace(here, approvals=approved(there, "DC Example", "DS Other").approvals)
    assert standing(SETTINGS, carried).changed == ("it was approved in another operation",)


def test_neither_salt_nor_id_is_told_as_a_change_and_the_salt_is_not_in_the_content() -> None:
    found = replace(facts(), operation_id="a" * 32, salt="b" * 64)
    kept = approved(found, "DC Example", "DS Other")
    assert standing(SETTINGS, kept).stands
    assert found.salt not in kept.approvals[0].content
    for now in (replace(kept, operation_id="c" * 32), replace(kept, salt="d" * 64), _others(kept)):
        words = "; ".join(standing(SETTINGS, now).changed)
        assert words
        assert not re.search("[abcd]{32}", words)


def test_what_becomes_of_the_texts_does_not_void_it() -> None:
    found = approved(facts(), "DC Example", "DS Other")
    states = (State.SUPPRESSED, State.SENT, State.CANCELLED)
    moved = [replace(who, state=state) for who, state in zip(found.recipients, states, strict=True)]
    assert standing(SETTINGS, replace(found, recipients=tuple(moved))).stands


def test_a_signature_that_is_not_the_officers_stops_everything() -> None:
    found = facts()
    genuine = signed(found, "DC Example")
    for forged in (
        replace(genuine, officer=officer("DS Other")),
        replace(genuine, signature="00" * 64),
        replace(genuine, signature="no hex"),
        replace(genuine, at_s=NOW_S + 1),
        replace(genuine, login="pc7"),
    ):
        with pytest.raises(GuardStop, match="not signed with that officer's key"):
            standing(SETTINGS, replace(found, approvals=(forged,)))


def test_a_content_that_was_changed_in_the_store_stops_everything() -> None:
    found = facts()
    genuine = signed(found, "DC Example")
    forged = replace(genuine, content=genuine.content.replace('"first_texts":5', '"first_texts":0'))
    assert forged != genuine
    with pytest.raises(GuardStop, match="is not what is on record") as caught:
        standing(SETTINGS, replace(found, approvals=(forged,)))
    assert "keep a copy" in caught.value.remedy


def test_an_answer_to_replies_that_nobody_approved_stops_everything() -> None:
    found = approved(facts(), "DC Example", "DS Other")
    mine = replace(found, children=(ChildCampaign(2, "main acknowledgements", frozenset({"Thank you."})),))
    assert standing(SETTINGS, mine).stands
    other = replace(found, children=(ChildCampaign(2, "main acknowledgements", frozenset({"Buy now."})),))
    with pytest.raises(GuardStop, match="not the approved answer") as caught:
        standing(SETTINGS, other)
    assert "gsmsend cancel --campaign 'main acknowledgements'" in caught.value.remedy


def test_where_keys_are_kept_how_long_data_is_and_who_stamps_the_time_void_no_approval() -> None:
    now = replace(
        SETTINGS,
        key=KeyTerms(Keep.PASSPHRASE, "/p", "/k"),
        access=AccessTerms(roles=True, sign_in_hours=8),
        evidence=EvidenceTerms("https://tsa.example.org/", "tsa.pem"),
        retention_days=90,
    )
    assert standing(now, approved(facts(), "DC Example", "DS Other")).stands
