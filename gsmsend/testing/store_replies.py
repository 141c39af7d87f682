"""The part of the store suite that is about replies: what they answer, opt-outs, danger, acknowledgements.

The store under test reads replies by `read` below, and writes numbers by `e164`: give them to its rules.
"""

from __future__ import annotations

import pytest

from gsmsend.contract import Answer, AnswerKind, Claimed, Flag, LineRow, Received, ReplyReading, Suppression
from gsmsend.model import Device, Inbound, Sim, State
from gsmsend.testing.store_desk import NOW_S, REFUSED, Desk, number

THANKS = Answer(AnswerKind.REPLY, "Thank you, we have your text.", 1)
FAREWELL = Answer(AnswerKind.STOP, "You will get no more texts from us.", 1)
_DAY_S = 86_400.0


def read(text: str) -> ReplyReading:
    """A reader that is easily foreseen: it looks for these words as they stand."""
    stop, danger = "STOP" in text, "knife" in text
    words = tuple(word for word in ("knife", "STOP") if word in text)
    answer = None if danger else FAREWELL if stop else THANKS if "thanks" in text else None
    return ReplyReading(stop, "perhaps" in text, danger, words, answer)


def e164(sender: str) -> str | None:
    """Numbers of one country with the code 44."""
    if sender.startswith("07"):
        return "+44" + sender[1:]
    return sender if sender.startswith("+") else None


class ReplySuite:
    """What every contract.Store must do with replies. Part of StoreSuite."""

    def texted(self, desk: Desk, *people: str, segments: int = 1, line: LineRow | None = None) -> list[Claimed]:
        """People who have had their (first) part of a text over a line."""
        line = line or desk.line()
        desk.fill(*people, segments=segments)
        found = desk.claim(line)
        for place, message in enumerate(found):
            desk.send(line, message, place, seq=1)
        return found

    def come(
        self,
        desk: Desk,
        text: str,
        sender: str = number(1),
        *,
        line: LineRow | None = None,
        concat: tuple[int, int, int] | None = None,
        how: str = "CMT",
        sent_at_s: float | None = None,
    ) -> Received:
        """A text comes in, one minute after the first text."""
        at_s = NOW_S + 60
        inbound = Inbound(sender, text, at_s if sent_at_s is None else sent_at_s, concat, how=how)
        return desk.store.record_inbound((line or desk.line()).line_id, inbound, at_s).result()

    def looked_into(self, desk: Desk) -> LineRow:
        """A line in a device whose memory was empty when it was first seen."""
        return desk.store.line(
            Sim(iccid="8944000000000000099"), Device("virtual", "v:9", imei="9", holds=()), NOW_S
        )

    @pytest.mark.parametrize("form", ["+447700900001", "447700900001", "07700900001", "00447700900001"])
    def test_a_reply_is_matched_with_the_text_it_answers(self, desk: Desk, form: str) -> None:
        first, _ = self.texted(desk, number(1), number(2))
        assert self.come(desk, "Who is this?", form).message_id == first.message_id
        (row,) = desk.store.replies()
        assert (row.message_id, row.campaign, row.recipient) == (first.message_id, "campaign", number(1))

    def test_the_reply_answers_the_text_of_the_line_it_came_to(self, desk: Desk) -> None:
        one, two = desk.line(1), desk.line(2)
        (older,) = self.texted(desk, number(1), line=one)
        desk.fill(number(1), text="Another text.", name="b")
        (newer,) = desk.claim(two)
        desk.send(two, newer, 3)
        assert self.come(desk, "Hello?", line=one).message_id == older.message_id
        assert self.come(desk, "Hello?", line=two).message_id == newer.message_id
        assert self.come(desk, "Hello?", line=desk.line(3)).message_id == newer.message_id

    @pytest.mark.parametrize("sender", ["+447700900555", "BigBank", "60777", ""])
    def test_who_was_not_texted_answers_nothing(self, desk: Desk, sender: str) -> None:
        self.texted(desk, number(1))
        received = self.come(desk, "Hello", sender)
        assert received.new
        assert received.message_id is None

    def test_a_text_that_was_refused_is_not_what_they_answer(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), REFUSED, State.FAILED)
        assert self.come(desk, "Hello").message_id is None

    def test_an_opt_out_holds_at_once_and_for_later_lists(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        desk.fill(number(1), number(2), text="Another text.", name="b")
        received = self.come(desk, "STOP")
        assert received.flags == (Flag.STOP,)
        assert [(it.number, it.moved, it.why) for it in received.stopped] == [(number(1), True, "opted out")]
        assert desk.store.suppressed([number(1), number(2)]) == {number(1): Suppression.OPT_OUT}
        assert [message.number for message in desk.claim(desk.line())] == [number(2)]

    def test_an_opt_out_stops_the_parts_not_yet_sent(self, desk: Desk) -> None:
        line = desk.line()
        (message,) = self.texted(desk, number(1), segments=2)
        received = self.come(desk, "STOP")
        assert [(it.halfway, it.moved) for it in received.stopped] == [(True, False)]
        desk.store.release([message.message_id], NOW_S).result()
        assert desk.claim(line) == []
        (row,) = desk.store.messages(message_id=message.message_id)
        assert (row.state, row.why) == (State.SUPPRESSED, "opted out after part 1 of 2 had gone out")

    def test_an_opt_out_of_a_stranger_holds_as_well(self, desk: Desk) -> None:
        self.come(desk, "STOP", "07700900009")
        assert desk.store.suppressed([number(9)]) == {number(9): Suppression.OPT_OUT}

    def test_a_name_or_a_short_code_is_nobody_to_suppress(self, desk: Desk) -> None:
        for sender in ("BigBank", "60777"):
            assert self.come(desk, "Reply STOP to end", sender).flags == (Flag.STOP,)
        assert desk.store.suppressions() == []

    def test_a_doubtful_opt_out_counts_and_is_marked(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        assert self.come(desk, "perhaps STOP").flags == (Flag.STOP, Flag.DOUBTFUL)
        assert desk.store.suppressed([number(1)]) == {number(1): Suppression.OPT_OUT}

    def test_danger_is_flagged_until_a_person_has_looked(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        self.come(desk, "thanks", number(2))
        received = self.come(desk, "he has a knife")
        assert received.flags == (Flag.DANGER,)
        assert desk.store.unseen_dangers() == 1
        first, _ = desk.store.replies()
        assert (first.reply_id, first.flags, first.words) == (received.reply_id, (Flag.DANGER,), "knife")
        assert desk.store.mark_seen(first.reply_id, "called 999", "j.doe", NOW_S + 90)
        assert desk.store.unseen_dangers() == 0
        seen = next(row for row in desk.store.replies() if row.reply_id == first.reply_id)
        assert (seen.seen_by, seen.seen_at_s) == ("j.doe", NOW_S + 90)
        assert not desk.store.mark_seen(12345, "?", "j.doe", NOW_S)

    def test_words_over_the_border_of_two_parts_are_found_when_both_are_there(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        assert self.come(desk, "fe, so ST", concat=(4, 3, 2)).flags == ()
        assert self.come(desk, "he has a kni", concat=(4, 3, 1)).flags == ()
        last = self.come(desk, "OP", concat=(4, 3, 3))
        assert last.flags == (Flag.DANGER, Flag.STOP)
        (row,) = desk.store.replies()
        assert (row.text, row.complete, row.reply_id) == ("he has a knife, so STOP", True, last.reply_id)
        assert desk.store.suppressed([number(1)]) == {number(1): Suppression.OPT_OUT}

    def test_danger_in_one_part_does_not_wait_for_the_others(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        assert self.come(desk, "a knife", concat=(4, 2, 2)).flags == (Flag.DANGER,)
        assert self.come(desk, "he has ", concat=(4, 2, 1)).flags == ()

    def test_a_refusal_in_the_middle_of_a_text_waits_for_the_rest(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        assert self.come(desk, "STOP", concat=(4, 2, 2)).flags == ()
        assert desk.store.suppressed([number(1)]) == {}

    def test_a_new_flag_asks_for_a_look_again(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        first = self.come(desk, "he has a ", concat=(4, 2, 1))
        assert first.reply_id is not None
        desk.store.mark_seen(first.reply_id, "read", "j.doe", NOW_S)
        self.come(desk, "knife", concat=(4, 2, 2))
        assert desk.store.unseen_dangers() == 1

    def test_what_lay_in_a_memory_since_before_the_first_text_is_no_reply(self, desk: Desk) -> None:
        line = self.looked_into(desk)
        assert self.come(desk, "STOP knife", line=line, how="sweep").flags == (Flag.OLD,)
        self.texted(desk, number(1), line=line)
        late = self.come(desk, "STOP knife!", line=line, how="sweep", sent_at_s=NOW_S - _DAY_S)
        assert late.flags == (Flag.OLD,)
        assert desk.store.suppressed([number(1)]) == {}
        assert desk.store.unseen_dangers() == 0
        assert [row.message_id for row in desk.store.replies()] == [None, None]

    def test_what_came_to_the_memory_since_then_is_a_reply(self, desk: Desk) -> None:
        line = self.looked_into(desk)
        self.texted(desk, number(1), line=line)
        assert self.come(desk, "STOP", line=line, how="sweep", sent_at_s=NOW_S + 30).flags == (Flag.STOP,)

    def test_what_comes_while_we_listen_is_new_whatever_its_time(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        assert self.come(desk, "STOP", sent_at_s=NOW_S - _DAY_S).flags == (Flag.STOP,)

    def test_each_kind_of_acknowledgement_goes_once_over_the_line_that_heard_the_reply(self, desk: Desk) -> None:
        one, two = desk.line(1), desk.line(2)
        self.texted(desk, number(1), line=one)
        queued = [self.come(desk, text, line=one).answered for text in ("thanks", "thanks again", "STOP", "STOP!")]
        assert [place is not None for place in queued] == [True, False, True, False]
        assert desk.claim(two, now_s=NOW_S + 61) == []
        found = desk.claim(one, now_s=NOW_S + 61)
        assert [message.text for message in found] == [FAREWELL.text], (
            "the first one was not sent yet: they opted out"
        )
        assert {row.state for row in desk.store.messages(message_id=queued[0])} == {State.SUPPRESSED}

    @pytest.mark.parametrize("name", ["campaign", "campaign acknowledgements"])
    def test_what_was_cancelled_answers_nobody_any_more(self, desk: Desk, name: str) -> None:
        self.texted(desk, number(1), number(2))
        self.come(desk, "thanks", number(2))
        desk.store.cancel(name, "a.person", "the wrong list", NOW_S)
        assert self.come(desk, "thanks").answered is None
        assert self.come(desk, "STOP").answered is None
        assert desk.store.suppressed([number(1)]) == {number(1): Suppression.OPT_OUT}
        assert desk.store.totals()[State.QUEUED] == 0

    def test_the_rows_of_imports_add_up_with_acknowledgements(self, desk: Desk) -> None:
        self.texted(desk, number(1), number(2))
        for sender in (number(1), number(2)):
            self.come(desk, "thanks", sender)
        assert sum(desk.store.totals().values()) == 4

    def test_nobody_on_the_never_contact_list_is_answered(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        desk.store.suppress([number(1)], Suppression.NEVER, "a witness", "j.doe", NOW_S)
        assert self.come(desk, "thanks").answered is None
        assert self.come(desk, "STOP").answered is None

    def test_who_opted_out_is_not_answered_any_more(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        self.come(desk, "STOP")
        assert self.come(desk, "thanks").answered is None

    def test_never_contact_stops_even_the_answer_to_an_opt_out(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        self.come(desk, "STOP")
        desk.store.suppress([number(1)], Suppression.NEVER, "a witness", "j.doe", NOW_S)
        assert desk.claim(desk.line(), now_s=NOW_S + 61) == []

    @pytest.mark.parametrize("sender", ["BigBank", "60777", number(9)])
    def test_who_was_not_texted_is_not_answered(self, desk: Desk, sender: str) -> None:
        self.texted(desk, number(1))
        assert self.come(desk, "thanks", sender).answered is None

    def test_danger_gets_no_automatic_answer(self, desk: Desk) -> None:
        self.texted(desk, number(1))
        assert self.come(desk, "thanks, he has a knife").answered is None
