"""The part of the store suite that is about campaigns: released, withdrawn, paused, cancelled, and their lines."""

from __future__ import annotations

import pytest

from gsmsend.contract import AttemptClose, AttemptOpen, ImportSource, NewMessage, Suppression
from gsmsend.errors import UsageError
from gsmsend.model import Evidence, Outcome, OutcomeKind, State
from gsmsend.testing.store_desk import NOW_S, REFUSED, UNKNOWN, Desk, accepted, number, report

NAME = "campaign"
LATER_S = NOW_S + 1
NOT_SENT = Outcome(OutcomeKind.REFUSED, why="it never left")


def draft(desk: Desk, count: int, *, first: int = 1, segments: int = 1) -> None:
    """So many drafts."""
    rows = [NewMessage(number(index), "Help is here.", index, segments) for index in range(first, first + count)]
    desk.store.add(ImportSource("d.csv", f"draft {first}", NAME, NOW_S, draft=True), rows)


def counts(desk: Desk) -> dict[str, int]:
    """The states that are not empty."""
    return {state.value: found for state, found in desk.store.totals().items() if found}


def deliver(desk: Desk, count: int, *, status: int = 0) -> None:
    """Send so many texts and let them be reported."""
    line = desk.line()
    for reference, message in enumerate(desk.claim(line, count, LATER_S), 1):
        attempt = AttemptOpen(message.message_id, 1, line.line_id, LATER_S)
        attempt_id = desk.store.advance(None, attempt).result().attempt_id
        assert attempt_id is not None
        desk.close(line, message, attempt_id, accepted(reference), State.SENT)
        desk.store.record_report(line.line_id, report(reference, message.number, status), LATER_S).result()


class CampaignSuite:
    """What every contract.Store must do with campaigns. Part of StoreSuite."""

    # -- released, withdrawn, first texts ------------------------------------------------------------------

    def test_a_campaign_is_there_from_its_first_import_on(self, desk: Desk) -> None:
        assert desk.store.campaigns() == []
        assert desk.store.campaign(NAME) is None
        draft(desk, 2)
        (row,) = desk.store.campaigns()
        assert desk.store.campaign(NAME) == row
        assert (row.name, row.released_at_s, row.paused, row.cancelled) == (NAME, None, "", "")
        assert desk.store.campaign_totals(row.campaign_id)[State.DRAFT] == 2

    def test_a_name_that_is_none_is_answered_with_those_there_are(self, desk: Desk) -> None:
        draft(desk, 1)
        for change in (desk.store.pause, desk.store.resume, desk.store.cancel):
            with pytest.raises(UsageError, match="there is no campaign mian; there is campaign"):
                change("mian", "a.person", "", NOW_S)
        with pytest.raises(UsageError, match="there is no campaign mian"):
            desk.store.release_campaign("mian", 0, NOW_S)

    def test_drafts_are_not_claimed_until_they_are_released(self, desk: Desk) -> None:
        draft(desk, 3)
        assert desk.claim(desk.line()) == []
        assert desk.store.release_campaign(NAME, 0, NOW_S) == 3
        assert len(desk.claim(desk.line())) == 3

    def test_first_texts_go_alone_until_all_of_them_are_delivered(self, desk: Desk) -> None:
        draft(desk, 10)
        assert desk.store.release_campaign(NAME, 3, NOW_S) == 3
        assert desk.store.release_campaign(NAME, 3, NOW_S) == 0
        assert counts(desk) == {"draft": 7, "queued": 3}
        deliver(desk, 2)
        (first,) = desk.store.first_texts()
        assert (first.wanted, first.delivered, first.out, first.lost, first.rest) == (3, 2, 1, 0, 7)
        deliver(desk, 1)
        (first,) = desk.store.first_texts()
        assert (first.delivered, first.out) == (3, 0)
        assert desk.store.pass_canary(NAME, "all 3 were delivered", LATER_S) == 7
        assert desk.store.first_texts() == []
        assert counts(desk) == {"delivered": 3, "queued": 7}

    def test_a_first_text_that_does_not_arrive_is_told(self, desk: Desk) -> None:
        draft(desk, 4)
        desk.store.release_campaign(NAME, 2, NOW_S)
        deliver(desk, 1, status=0x43)
        deliver(desk, 1)
        (first,) = desk.store.first_texts()
        assert (first.delivered, first.out, first.lost, first.rest) == (1, 0, 1, 2)
        assert desk.store.pass_canary(NAME, "one has a new phone", LATER_S, "a.person") == 2

    def test_no_more_first_texts_than_there_are_people(self, desk: Desk) -> None:
        draft(desk, 2)
        assert desk.store.release_campaign(NAME, 5, NOW_S) == 2
        assert desk.store.first_texts() == []
        draft(desk, 9, first=3)
        assert desk.store.release_campaign(NAME, 5, NOW_S) == 3

    def test_first_texts_cannot_be_passed_before_anything_is_released(self, desk: Desk) -> None:
        draft(desk, 2)
        with pytest.raises(UsageError, match="not released"):
            desk.store.pass_canary(NAME, "go", NOW_S, "a.person")
        assert counts(desk) == {"draft": 2}

    def test_a_void_approval_takes_back_what_was_not_begun(self, desk: Desk) -> None:
        draft(desk, 5)
        desk.store.release_campaign(NAME, 0, NOW_S)
        line = desk.line()
        claimed, on_air = desk.claim(line, 2)
        attempt_id = desk.open(line, on_air)
        assert desk.store.withdraw(NAME, "the list has changed", NOW_S) == 5
        assert (
            desk.store.advance(None, AttemptOpen(claimed.message_id, 1, line.line_id, NOW_S)).result().attempt_id
            is None
        )
        desk.close(line, on_air, attempt_id, accepted(1), State.SENT)
        assert counts(desk) == {"draft": 4, "sent": 1}
        assert {row.why for row in desk.store.messages(State.DRAFT)} <= {
            "the list has changed",
            "its approval is void",
        }
        # New first texts once it is approved again; the one that was sent before is none of them.
        assert desk.store.release_campaign(NAME, 2, LATER_S) == 2
        assert [one.delivered for one in desk.store.first_texts()] == [0]
        desk.store.record_report(line.line_id, report(1, on_air.number), LATER_S).result()
        assert [one.delivered for one in desk.store.first_texts()] == [0]

    # -- paused ----------------------------------------------------------------------------------------------

    def test_once_paused_no_attempt_is_opened_whatever_was_claimed(self, desk: Desk) -> None:
        desk.fill(number(1), number(2), number(3))
        line = desk.line()
        first, second = desk.claim(line, 2)
        attempt_id = desk.open(line, first)
        assert desk.store.pause(NAME, "a.person", "wait for the sergeant", NOW_S)
        assert not desk.store.pause(NAME, "b.person", "", NOW_S)
        (halt,) = desk.store.halts()
        assert halt.words == "paused by a.person: wait for the sergeant"
        close = AttemptClose(attempt_id, first.message_id, 1, 1, line.line_id, accepted(1), NOW_S, State.SENT)
        advanced = desk.store.advance(close, AttemptOpen(second.message_id, 1, line.line_id, NOW_S)).result()
        assert (advanced.attempt_id, advanced.state) == (None, State.SENT)
        assert (advanced.withheld, advanced.why) == (State.QUEUED, halt.words)
        assert counts(desk) == {"sent": 1, "queued": 2}
        assert desk.store.claim(line.line_id, 5, NOW_S, [halt.campaign_id]).result() == []
        assert desk.store.queued_for([halt.campaign_id]) == []
        assert desk.store.resume(NAME, "a.person", "", NOW_S)
        assert not desk.store.resume(NAME, "a.person", "", NOW_S)
        assert desk.store.halts() == []
        assert len(desk.claim(line)) == 2

    def test_a_paused_campaign_stops_no_other(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        desk.store.add(ImportSource("o.csv", "o", "other", NOW_S), [NewMessage(number(9), "Hi.", 1, 1)])
        desk.store.pause(NAME, "a.person", "", NOW_S)
        without = [halt.campaign_id for halt in desk.store.halts()]
        line = desk.line()
        assert [found.due_at_s for found in desk.store.queued_for(without)] == [NOW_S]
        (claimed,) = desk.store.claim(line.line_id, 5, NOW_S, without).result()
        assert claimed.number == number(9)
        assert desk.open(line, claimed)

    def test_a_pause_outlasts_a_stop_of_the_program(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        desk.claim(line)
        desk.store.pause(NAME, "a.person", "", NOW_S)
        desk.store.recover(NOW_S)
        (claimed,) = desk.claim(line)
        intent = AttemptOpen(claimed.message_id, 1, line.line_id, NOW_S)
        assert desk.store.advance(None, intent).result().withheld is State.QUEUED

    # -- cancelled, and other reasons to stop ------------------------------------------------------------------

    def test_cancelled_is_cancelled_but_for_what_is_on_the_air(self, desk: Desk) -> None:
        desk.fill(*(number(index) for index in range(6)))
        line = desk.line()
        sent, on_air, claimed, doubtful = desk.claim(line, 4)
        desk.send(line, sent, 1)
        desk.close(line, doubtful, desk.open(line, doubtful), UNKNOWN, State.UNCERTAIN)
        attempt_id = desk.open(line, on_air)
        planned = desk.store.cancel_counts(NAME)
        assert desk.store.cancel(NAME, "a.person", "the wrong list", NOW_S) == planned
        assert (planned.cancelled, planned.in_hand, planned.over) == (2, 3, 1)
        close = AttemptClose(attempt_id, on_air.message_id, 1, 1, line.line_id, accepted(2), NOW_S, State.SENT)
        advanced = desk.store.advance(close, AttemptOpen(claimed.message_id, 1, line.line_id, NOW_S)).result()
        assert (advanced.attempt_id, advanced.withheld) == (None, State.CANCELLED)
        assert counts(desk) == {"sent": 2, "uncertain": 1, "cancelled": 3}
        desk.store.settle_last(line.line_id, NOT_SENT, Evidence.COUNTER, NOW_S).result()
        desk.store.recover(NOW_S)
        with pytest.raises(UsageError, match=r"was cancelled before, by a\.person: the wrong list"):
            desk.store.cancel(NAME, "a.person", "", NOW_S)
        with pytest.raises(UsageError, match="was cancelled"):
            desk.store.release_campaign(NAME, 0, NOW_S)
        with pytest.raises(UsageError, match="nothing to pause"):
            desk.store.pause(NAME, "a.person", "", NOW_S)

    def test_what_is_unknown_ends_as_cancelled_once_it_is_known_not_to_have_left(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        desk.store.cancel(NAME, "a.person", "", NOW_S)
        desk.store.settle_last(line.line_id, NOT_SENT, Evidence.COUNTER, NOW_S).result()
        assert counts(desk) == {"cancelled": 1}

    @pytest.mark.parametrize("kind", [Suppression.OPT_OUT, Suppression.NEVER])
    def test_a_person_who_must_not_be_texted_gets_no_second_part(self, desk: Desk, kind: Suppression) -> None:
        desk.fill(number(1), segments=3)
        line = desk.line()
        (message,) = desk.claim(line)
        attempt_id = desk.open(line, message)
        desk.store.suppress([number(1)], kind, "asked for it", "a.person", NOW_S)
        close = AttemptClose(attempt_id, message.message_id, 1, 3, line.line_id, accepted(1), NOW_S, State.SENDING)
        advanced = desk.store.advance(close, AttemptOpen(message.message_id, 2, line.line_id, NOW_S)).result()
        assert (advanced.attempt_id, advanced.state) == (None, State.SUPPRESSED)
        (row,) = desk.store.messages()
        assert row.state is State.SUPPRESSED
        assert row.why.endswith("after part 1 of 3 had gone out")

    @pytest.mark.parametrize("how", ["refused", "given back", "stopped", "settled"])
    def test_who_opted_out_is_not_queued_again(self, desk: Desk, how: str) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        if how == "settled":
            desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        attempt_id = desk.open(line, message) if how == "refused" else 0
        desk.store.suppress([number(1)], Suppression.OPT_OUT, "replied STOP", "a.person", NOW_S)
        if how == "refused":
            assert desk.close(line, message, attempt_id, REFUSED, State.QUEUED).state is State.SUPPRESSED
        elif how == "given back":
            desk.store.release([message.message_id], NOW_S).result()
        elif how == "stopped":
            desk.store.recover(NOW_S)
        else:
            desk.store.settle_last(line.line_id, NOT_SENT, Evidence.COUNTER, NOW_S).result()
        assert counts(desk) == {"suppressed": 1}
        assert desk.claim(line) == []

    def test_a_message_that_was_accepted_in_full_stays_sent_whatever_was_asked_meanwhile(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        attempt_id = desk.open(line, message)
        desk.store.suppress([number(1)], Suppression.OPT_OUT, "replied STOP", "a.person", NOW_S)
        desk.close(line, message, attempt_id, accepted(1), State.SENT)
        assert counts(desk) == {"sent": 1}

    # -- lines -----------------------------------------------------------------------------------------------

    def test_texts_for_a_line_that_is_not_here_wait_for_it(self, desk: Desk) -> None:
        source = ImportSource("w.csv", "w", NAME, NOW_S, line="red-phone")
        desk.store.add(source, [NewMessage(number(1), "Hi.", 1, 1), NewMessage(number(2), "Hi.", 2, 1)])
        line = desk.line()
        assert desk.claim(line) == []
        (wanted,) = desk.store.wanted_lines()
        assert (wanted.name, wanted.line_id, wanted.waiting) == ("red-phone", None, 2)
        assert [found.bound_line for found in desk.store.queued_for()] == [-wanted.wanted_id]
        assert desk.store.next_due_s() is None
        assert desk.store.line_found("blue-phone", line.line_id) == 0
        assert desk.store.line_found("red-phone", line.line_id) == 2
        assert desk.claim(desk.line(1)) == []
        assert len(desk.claim(line)) == 2

    @pytest.mark.parametrize("first", ["the wrong one", "the right one"])
    def test_a_line_that_was_named_wrongly_gets_no_more_of_the_texts_for_it(self, desk: Desk, first: str) -> None:
        source = ImportSource("w.csv", "w", NAME, NOW_S, line="red-phone")
        desk.store.add(source, [NewMessage(number(index), "Hi.", index, 2) for index in (1, 2, 3)])
        desk.fill(number(9), name="any line")
        wrong, right = desk.line(1), desk.line(2)
        desk.store.line_found("red-phone", wrong.line_id)
        begun, refused = desk.claim(wrong, 2)
        desk.send(wrong, begun, 1)
        desk.close(wrong, refused, desk.open(wrong, refused), REFUSED, State.QUEUED, due_at_s=NOW_S)
        desk.store.recover(NOW_S)
        if first == "the wrong one":
            assert desk.store.line_found("", wrong.line_id) == 0
        else:
            assert desk.store.line_found("red-phone", right.line_id) == 2
        claimed = [message.number for message in desk.claim(wrong)]
        assert claimed == [begun.number, number(9)], "the rest of what they have, and what may leave from any line"
        desk.store.line_found("red-phone", right.line_id)
        assert {message.number for message in desk.claim(right)} == {number(2), number(3)}

    def test_texts_of_a_closed_line_are_held_and_no_others(self, desk: Desk) -> None:
        source = ImportSource("w.csv", "w", NAME, NOW_S, line="red-phone")
        desk.store.add(source, [NewMessage(number(1), "Hi.", 1, 1)])
        desk.fill(number(2))
        line = desk.line()
        desk.store.line_found("red-phone", line.line_id)
        assert desk.store.hold_line(line.line_id, "red-phone is closed", NOW_S) == 1
        assert counts(desk) == {"held": 1, "queued": 1}
        (row,) = desk.store.messages(State.HELD)
        assert (row.number, row.why) == (number(1), "red-phone is closed")
