"""The part of the store suite about officers, approvals and drafts that are given another text."""

from __future__ import annotations

import pytest

from gsmsend.contract import (
    AttemptOpen,
    CampaignFacts,
    ImportSource,
    NewApproval,
    NewMessage,
    OfficerRow,
    TextBody,
)
from gsmsend.errors import GuardStop, UsageError
from gsmsend.model import State
from gsmsend.testing.store_desk import NOW_S, REFUSED, Desk, accepted, number

KEY, OTHER_KEY = "ab" * 32, "cd" * 32


def _signed(desk: Desk, officer: OfficerRow, content: str = "{}") -> int:
    found = _facts(desk)
    return desk.store.approve(
        NewApproval(found.campaign_id, officer.officer_id, "d1", content, "5a", officer.login, NOW_S)
    )


def _facts(desk: Desk) -> CampaignFacts:
    found = desk.store.campaign_facts("campaign")
    assert found is not None
    return found


class ApprovalSuite:
    """What every contract.Approvals must do; the store's queue is filled by a Desk."""

    def test_an_officer_is_one_name_and_one_key(self, desk: Desk) -> None:
        added = desk.store.add_officer("DC Example", KEY, "pc1", "pc9", NOW_S)
        assert desk.store.officers() == [added]
        with pytest.raises(UsageError, match="already that of the officer DC Example"):
            desk.store.add_officer("DS Other", KEY, "pc2", "pc9", NOW_S)
        with pytest.raises(UsageError, match="there is an officer DC Example already"):
            desk.store.add_officer("dc example", OTHER_KEY, "pc2", "pc9", NOW_S)

    def test_a_removed_officer_stays_on_record(self, desk: Desk) -> None:
        desk.store.add_officer("DC Example", KEY, "pc1", "pc9", NOW_S)
        gone = desk.store.remove_officer("dc example", "pc9", NOW_S + 1)
        assert gone.removed_at_s == NOW_S + 1
        assert desk.store.officers() == [gone]
        with pytest.raises(UsageError, match="was removed before"):
            desk.store.remove_officer("DC Example", "pc9", NOW_S + 2)
        with pytest.raises(UsageError, match="there is no officer"):
            desk.store.remove_officer("Nobody", "pc9", NOW_S)

    def test_a_campaign_is_told_as_it_is(self, desk: Desk) -> None:
        assert desk.store.campaign_facts("campaign") is None
        assert desk.store.campaigns_to_send() == []
        desk.fill(number(1), number(2))
        found = _facts(desk)
        assert desk.store.campaigns_to_send() == ["campaign"]
        assert [(who.number, who.line, who.state) for who in found.recipients] == [
            (number(1), "", State.QUEUED), (number(2), "", State.QUEUED),
        ]  # fmt: skip
        assert [text.body for text in found.texts.values()] == ["Help is here."]
        assert {who.text_id for who in found.recipients} == set(found.texts)
        (source,) = found.imports
        assert (source.source, source.accepted, source.complete) == ("a.csv", 2, True)
        assert found.approvals == ()

    def test_an_approval_is_kept_with_its_officer_and_counts_once(self, desk: Desk) -> None:
        desk.fill(number(1))
        officer = desk.store.add_officer("DC Example", KEY, "pc1", "pc9", NOW_S)
        approval_id = _signed(desk, officer, '{"a":1}')
        (row,) = _facts(desk).approvals
        kept = (row.approval_id, row.officer, row.content, row.signature)
        assert kept == (approval_id, officer, '{"a":1}', "5a")
        with pytest.raises(GuardStop, match="one officer counts once"):
            _signed(desk, officer)

    def test_what_is_void_counts_no_more_and_may_be_approved_anew(self, desk: Desk) -> None:
        desk.fill(number(1))
        officer = desk.store.add_officer("DC Example", KEY, "pc1", "pc9", NOW_S)
        _signed(desk, officer)
        assert desk.store.void_approvals(_facts(desk).campaign_id, "the text changed", NOW_S + 1) == 1
        found = _facts(desk)
        assert (found.approvals, found.voided_why) == ((), "the text changed")
        _signed(desk, officer)
        assert len(_facts(desk).approvals) == 1

    def test_only_drafts_of_which_nothing_was_tried_are_reworded(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        (old,) = _facts(desk).texts
        result = desk.store.reword(_facts(desk).campaign_id, {old: TextBody("New words.", 1)}, "pc1", NOW_S)
        assert (result.changed, result.left) == (0, 2)
        assert [text.body for text in _facts(desk).texts.values()] == ["Help is here."]

    def test_a_text_on_its_way_keeps_its_words(self, desk: Desk) -> None:
        desk.fill(number(1), segments=2)
        line = desk.line()
        (claimed,) = desk.claim(line)
        desk.send(line, claimed, 7)
        (old,) = _facts(desk).texts
        desk.store.reword(_facts(desk).campaign_id, {old: TextBody("New words.", 1)}, "pc1", NOW_S)
        (row,) = desk.store.messages()
        assert (row.text, len(row.parts)) == ("Help is here.", 2)
        assert row.parts[0].reference == accepted(7).reference

    def test_drafts_get_other_words_with_their_parts_made_anew(self, desk: Desk) -> None:
        rows = [NewMessage(number(index), "Help is here.", index, 3) for index in (1, 2)]
        desk.store.add(ImportSource("a.csv", "d", "campaign", NOW_S, draft=True, person="pc1", line="red"), rows)
        officer = desk.store.add_officer("DC Example", KEY, "pc1", "pc9", NOW_S)
        _signed(desk, officer)
        before = _facts(desk)
        assert before.preparers == {"pc1"}
        assert {who.line for who in before.recipients} == {"red"}
        (old,) = before.texts
        result = desk.store.reword(before.campaign_id, {old: TextBody("Short.", 1)}, "pc2", NOW_S)
        assert (result.changed, result.left, result.tried) == (2, 0, 0)
        assert [(row.text, len(row.parts)) for row in desk.store.messages()] == [("Short.", 1)] * 2
        after = _facts(desk)
        assert [(text.body, text.segments) for text in after.texts.values()] == [("Short.", 1)]
        assert (after.approvals, after.voided_why) == ((), "the text changed")
        assert after.preparers == {"pc1", "pc2"}
        again = desk.store.reword(after.campaign_id, {old: TextBody("Help is here.", 3)}, "pc2", NOW_S)
        assert again.changed == 0
        (new,) = after.texts
        assert desk.store.reword(after.campaign_id, {new: TextBody("Long.", 2)}, "pc2", NOW_S).changed == 2
        assert [len(row.parts) for row in desk.store.messages()] == [2, 2]

    def test_a_draft_of_which_a_part_left_keeps_its_words(self, desk: Desk) -> None:
        desk.fill(number(1), segments=2)
        line = desk.line()
        (claimed,) = desk.claim(line)
        desk.send(line, claimed, 7)
        desk.close(line, claimed, desk.open(line, claimed, 2), REFUSED, State.QUEUED, seq=2, due_at_s=NOW_S)
        desk.store.withdraw("campaign", "its approval is void", NOW_S)
        (old,) = _facts(desk).texts
        result = desk.store.reword(_facts(desk).campaign_id, {old: TextBody("New words.", 1)}, "pc1", NOW_S)
        assert (result.changed, result.left, result.tried) == (0, 1, 1)
        assert [row.text for row in desk.store.messages()] == ["Help is here."]

    def test_nobody_gets_the_same_words_twice(self, desk: Desk) -> None:
        rows = [NewMessage(number(1), "One.", 1, 1), NewMessage(number(1), "Two.", 2, 1)]
        desk.store.add(ImportSource("a.csv", "d", "campaign", NOW_S, draft=True), rows)
        found = _facts(desk)
        same = {text_id: TextBody("Same.", 1) for text_id in found.texts}
        with pytest.raises(UsageError, match="the same text twice; nothing was changed"):
            desk.store.reword(found.campaign_id, same, "pc1", NOW_S)
        assert {text.body for text in _facts(desk).texts.values()} == {"One.", "Two."}

    def test_people_added_to_what_was_approved_hold_back_all_of_it_at_once(self, desk: Desk) -> None:
        _draft(desk, 1, 5)
        officer = desk.store.add_officer("DC Example", KEY, "pc1", "pc9", NOW_S)
        _signed(desk, officer)
        desk.store.release_campaign("campaign", 2, NOW_S)
        line = desk.line()
        (claimed,) = desk.claim(line, 1)
        _draft(desk, 5, 7)
        with pytest.raises(UsageError, match="not released"):
            desk.store.pass_canary("campaign", "go on", NOW_S, "pc1")
        intent = AttemptOpen(claimed.message_id, 1, line.line_id, NOW_S)
        assert desk.store.advance(None, intent).result().withheld is State.DRAFT
        assert set(desk.states().values()) == {State.DRAFT}
        assert len(_facts(desk).approvals) == 1

    def test_what_was_approved_goes_on_if_the_people_of_another_list_are_in_it_already(self, desk: Desk) -> None:
        _draft(desk, 1, 5)
        _signed(desk, desk.store.add_officer("DC Example", KEY, "pc1", "pc9", NOW_S))
        desk.store.release_campaign("campaign", 0, NOW_S)
        _draft(desk, 2, 4)
        assert set(desk.states().values()) == {State.QUEUED}

    @pytest.mark.parametrize("how", ["more people", "void", "officer removed"])
    def test_nothing_is_released_by_what_was_judged_before_it_changed(self, desk: Desk, how: str) -> None:
        _draft(desk, 1, 5)
        approval_id = _signed(desk, desk.store.add_officer("DC Example", KEY, "pc1", "pc9", NOW_S))
        if how == "more people":
            _draft(desk, 5, 6)
        elif how == "void":
            desk.store.void_approvals(_facts(desk).campaign_id, "the text changed", NOW_S)
        else:
            desk.store.remove_officer("DC Example", "pc9", NOW_S)
        assert desk.store.release_campaign("campaign", 0, NOW_S, judged=[approval_id], people=4) == 0
        assert _facts(desk).released_at_s is None
        assert set(desk.states().values()) == {State.DRAFT}

    def test_what_was_judged_and_has_not_changed_is_released(self, desk: Desk) -> None:
        _draft(desk, 1, 5)
        approval_id = _signed(desk, desk.store.add_officer("DC Example", KEY, "pc1", "pc9", NOW_S))
        assert desk.store.release_campaign("campaign", 0, NOW_S, judged=[approval_id], people=4) == 4


def _draft(desk: Desk, first: int, end: int) -> None:
    rows = [NewMessage(number(index), "Help is here.", index, 1) for index in range(first, end)]
    source = ImportSource("a.csv", f"{first} to {end}", "campaign", NOW_S, draft=True)
    desk.store.add(source, rows, one_text_each=True)
