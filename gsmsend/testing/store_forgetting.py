"""The part of the store suite about the end of retention: what goes with a campaign's key, and what stays."""

from __future__ import annotations

import pytest

from gsmsend.contract import FORGOTTEN, ImportSource, NewMessage, Refused, Suppression
from gsmsend.errors import UsageError
from gsmsend.model import Inbound, State
from gsmsend.testing.store_desk import NOW_S, UNKNOWN, Desk, accepted, number, report

_BY = ("DC Example", "the retention period is over")


class ForgettingSuite:
    """Every test here must pass on every store."""

    def test_what_a_campaign_knew_of_people_is_gone_and_its_totals_stay(self, desk: Desk) -> None:
        _over(desk)
        before = desk.store.totals()
        assert desk.store.forget("campaign", *_BY, NOW_S + 9).messages == 2
        assert desk.store.totals() == before
        assert {(row.number, row.text) for row in desk.store.messages()} == {(FORGOTTEN, FORGOTTEN)}
        assert {(row.sender, row.text) for row in desk.store.inbox()} == {(FORGOTTEN, FORGOTTEN)}
        (reply,) = desk.store.replies()
        assert (reply.sender, reply.text, reply.recipient, reply.words) == (FORGOTTEN,) * 4
        (sighting,) = desk.store.sightings(1)
        assert (sighting.source, sighting.original) == (FORGOTTEN, FORGOTTEN)
        results = desk.store.results("campaign")
        assert results is not None
        assert [(one.number, one.text) for one in results.replies] == [(FORGOTTEN, FORGOTTEN)]

    def test_a_text_in_parts_is_one_text_still(self, desk: Desk) -> None:
        line = _over(desk)
        for seq in (1, 2):
            part = Inbound(number(2), f"part {seq}", concat=(4, 2, seq), raw=f"C{seq}")
            desk.store.record_inbound(line, part, NOW_S).result()
        before = len(desk.store.inbox())
        desk.store.forget("campaign", *_BY, NOW_S)
        after = desk.store.inbox()
        assert len(after) == before
        assert {row.text for row in after} == {FORGOTTEN}

    def test_another_campaign_keeps_what_it_knows_of_the_same_people(self, desk: Desk) -> None:
        _over(desk)
        rows = [NewMessage(number(1), "Help is here.", 1, 1)]
        desk.store.add(ImportSource("b.csv", "b", "second", NOW_S), rows)
        desk.store.forget("campaign", *_BY, NOW_S)
        kept = [(row.number, row.text) for row in desk.store.messages() if row.number != FORGOTTEN]
        assert kept == [(number(1), "Help is here.")]

    def test_who_opted_out_stays_out(self, desk: Desk) -> None:
        _over(desk)
        desk.store.suppress([number(2)], Suppression.OPT_OUT, "by telephone", "DC Example", NOW_S)
        desk.store.forget("campaign", *_BY, NOW_S)
        assert desk.store.suppressed([number(2)]) == {number(2): Suppression.OPT_OUT}

    @pytest.mark.parametrize("how", ["waits", "under way", "uncertain"])
    def test_a_campaign_that_is_not_over_is_not_forgotten(self, desk: Desk, how: str) -> None:
        desk.fill(number(1))
        line = desk.line()
        if how != "waits":
            (message,) = desk.claim(line)
        if how == "uncertain":
            desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        with pytest.raises(UsageError, match="is not over") as caught:
            desk.store.forget("campaign", *_BY, NOW_S)
        assert ("resolve" if how == "uncertain" else "cancel") in caught.value.remedy
        assert [row.number for row in desk.store.messages()] == [number(1)]

    def test_it_is_forgotten_once(self, desk: Desk) -> None:
        _over(desk)
        assert not desk.store.forget("campaign", *_BY, NOW_S).already
        assert desk.store.forget("campaign", *_BY, NOW_S).already
        with pytest.raises(UsageError, match="there is no campaign other"):
            desk.store.forget("other", *_BY, NOW_S)

    def test_nothing_can_be_added_to_it(self, desk: Desk) -> None:
        _over(desk)
        desk.store.forget("campaign", *_BY, NOW_S)
        with pytest.raises(UsageError, match="was forgotten"):
            desk.fill(number(3), name="b")

    def test_what_comes_later_finds_nobody_in_it(self, desk: Desk) -> None:
        line = _over(desk, reported=False)
        desk.store.forget("campaign", *_BY, NOW_S)
        late = desk.store.record_report(line, report(1, number(1), raw="LATE"), NOW_S + 60).result()
        assert late.message_id is None
        kept = desk.store.record_inbound(line, Inbound(number(1), "Who was that?", raw="R9"), NOW_S + 60).result()
        assert kept.message_id is None
        assert desk.store.inbox()[-1].text == "Who was that?"

    def test_the_answers_to_its_replies_go_with_it(self, desk: Desk) -> None:
        line = _over(desk)
        desk.store.record_inbound(line, Inbound(number(2), "thanks", raw="R8"), NOW_S).result()
        (answer,) = desk.claim(desk.line())
        child = next(row for row in desk.store.campaigns() if row.parent_id is not None)
        with pytest.raises(UsageError, match="is not over"):
            desk.store.forget("campaign", *_BY, NOW_S)
        desk.send(desk.line(), answer, 77)
        with pytest.raises(UsageError, match="answers the replies to campaign"):
            desk.store.forget(child.name, *_BY, NOW_S)
        desk.store.forget("campaign", *_BY, NOW_S)
        assert {(row.number, row.text) for row in desk.store.messages()} == {(FORGOTTEN, FORGOTTEN)}

    def test_names_of_lists_and_what_persons_said_of_it_go_with_it(self, desk: Desk) -> None:
        _over(desk)
        (reply,) = desk.store.replies()
        desk.store.mark_seen(reply.reply_id, "Jane Example was called", "DC Example", NOW_S)
        before = desk.store.results("campaign")
        desk.store.forget("campaign", *_BY, NOW_S)
        after = desk.store.results("campaign")
        assert before is not None
        assert after is not None
        assert ([one.source for one in before.imports], [one.source for one in after.imports]) == (
            ["a.csv"], [FORGOTTEN]
        )  # fmt: skip
        assert "Jane Example was called" in [one.reason for one in before.decisions]
        assert [one.reason for one in after.decisions] == [FORGOTTEN, _BY[1]]
        assert desk.store.mark_seen(reply.reply_id, "looked again", "DC Example", NOW_S)

    def test_the_log_still_holds_and_what_it_sealed_is_gone(self, desk: Desk) -> None:
        _over(desk, early=True)
        before = [row.line for row in desk.store.audit()]
        desk.store.forget("campaign", *_BY, NOW_S)
        after = list(desk.store.audit())
        assert [row.line for row in after][: len(before)] == before
        assert after[-1].kind == "forget"
        assert [row.kind for row in after if row.secrets is not None] == ["forget"]  # its reason
        assert desk.store.verify().findings == ()


def _over(desk: Desk, *, reported: bool = True, early: bool = False) -> int:
    """A campaign of two people who were texted, with a refused row and a reply; the line that carried it."""
    rows: list[NewMessage | Refused] = [
        NewMessage(number(index), "Help is here.", index, 1, original=f"07700 90000{index}") for index in (1, 2)
    ]
    rows.append(Refused(3, "0207 946 0000", "a landline"))
    desk.store.add(ImportSource("a.csv", "a", "campaign", NOW_S), rows)
    line = desk.line()
    for reference, message in enumerate(desk.claim(line), 1):
        attempt_id = desk.open(line, message)
        if early:
            desk.store.record_report(line.line_id, report(reference, message.number), NOW_S + 1).result()
        desk.close(line, message, attempt_id, accepted(reference), State.SENT)
        if reported and not early:
            desk.store.record_report(line.line_id, report(reference, message.number), NOW_S + 1).result()
    desk.store.record_inbound(line.line_id, Inbound(number(1), "with a knife", raw="R1"), NOW_S + 2).result()
    return line.line_id
