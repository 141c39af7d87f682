"""The part of the store suite that is about what lay in a device's memory before the operation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gsmsend.contract import LineRow, Store
from gsmsend.model import Device, Inbound, Report, Sim, State, fingerprint
from gsmsend.testing.store_desk import DELIVERED, NOW_S, UNKNOWN, Desk, number, report

_SIM = Sim(iccid="8944000000000000017")
_DAY_S = 86_400.0


def swept(reference: int, recipient: str) -> Report:
    """A report that was found in a device's memory."""
    return replace(report(reference, recipient, DELIVERED), how="sweep")


def old_text(raw: str) -> Inbound:
    """A text that was found there."""
    return Inbound(number(1), "Please call me", raw=raw, how="sweep")


class LooksSuite:
    """What every contract.Store must do with what a driver finds in a device's memory. Part of StoreSuite."""

    @pytest.fixture
    def desk(self, store: Store) -> Desk:
        """Short words on the store under test."""
        return Desk(store)

    def look(self, desk: Desk, *held: str, imei: str = "1", now_s: float = NOW_S) -> LineRow:
        """The line is seen in a device, with that in its memory."""
        device = Device("virtual", f"virtual:{imei}", imei=imei, holds=tuple(map(fingerprint, held)))
        return desk.store.line(_SIM, device, now_s)

    def sent(self, desk: Desk, line: LineRow, reference: int = 5) -> None:
        """One text went out."""
        desk.fill(number(1))
        (message,) = desk.claim(line)
        desk.send(line, message, reference)

    def test_a_text_that_lay_there_at_the_first_look_never_comes_in(self, desk: Desk) -> None:
        line = self.look(desk, "AA01")
        for held in (("AA01",), ("AA01", "AA02")):
            assert not desk.store.record_inbound(line.line_id, old_text("AA01"), NOW_S).result()
            line = self.look(desk, *held, now_s=NOW_S + _DAY_S)
        assert desk.store.inbox() == []

    def test_one_that_did_not_lie_there_then_comes_in(self, desk: Desk) -> None:
        line = self.look(desk, "AA01")
        line = self.look(desk, "AA01", "AA02", now_s=NOW_S - _DAY_S)
        assert desk.store.record_inbound(line.line_id, old_text("aa02"), NOW_S - _DAY_S).result()
        assert len(desk.store.inbox()) == 1

    def test_a_text_that_came_to_us_comes_in_though_another_like_it_lay_there(self, desk: Desk) -> None:
        line = self.look(desk, "AA01")
        assert desk.store.record_inbound(line.line_id, replace(old_text("AA01"), how="CMT"), NOW_S).result()

    def test_without_a_full_first_look_nobody_knows_since_when_it_lay_there(self, desk: Desk) -> None:
        device = Device("virtual", "virtual:1", imei="1")
        for place in (device, replace(device, imei=None, holds=()), device):
            line = desk.store.line(_SIM, place, NOW_S)
            assert not desk.store.record_inbound(line.line_id, old_text("AA01"), NOW_S).result()

    @pytest.mark.parametrize("back_s", [0.0, _DAY_S])
    def test_a_report_that_lay_there_is_about_none_of_our_texts(self, desk: Desk, back_s: float) -> None:
        stale = swept(5, number(1))
        line = self.look(desk, stale.raw)
        desk.store.record_report(line.line_id, stale, NOW_S + back_s).result()
        self.sent(desk, line)
        line = self.look(desk, stale.raw)
        desk.store.record_report(line.line_id, stale, NOW_S + 1).result()
        assert desk.states() == {number(1): State.SENT}

    def test_nor_in_the_next_device_that_the_sim_is_put_in(self, desk: Desk) -> None:
        self.sent(desk, self.look(desk))
        stale = swept(5, number(1))
        line = self.look(desk, stale.raw, imei="2")
        desk.store.record_report(line.line_id, stale, NOW_S + 1).result()
        assert desk.states() == {number(1): State.SENT}

    def test_nor_does_it_settle_what_is_unknown(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = self.look(desk)
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        stale = swept(5, number(1))
        line = self.look(desk, stale.raw, imei="2")
        desk.store.record_report(line.line_id, stale, NOW_S + 1).result()
        assert desk.states() == {number(1): State.UNCERTAIN}

    def test_a_report_that_came_since_is_matched(self, desk: Desk) -> None:
        line = self.look(desk, swept(4, number(1)).raw)
        self.sent(desk, line)
        found = desk.store.record_report(line.line_id, swept(5, number(1)), NOW_S + 1).result()
        assert found.message_id is not None
        assert desk.states() == {number(1): State.DELIVERED}

    def test_a_report_that_came_between_the_sims_move_and_the_first_look_is_told_by_when_its_text_was_submitted(
        self, desk: Desk
    ) -> None:
        self.sent(desk, self.look(desk))
        ours = replace(swept(5, number(1)), submitted_at_s=NOW_S + 20)
        stale = replace(swept(5, number(1)), submitted_at_s=NOW_S - _DAY_S, raw="AA05")
        for_another = replace(swept(5, number(2)), submitted_at_s=NOW_S, raw="AA06")
        line = self.look(desk, ours.raw, stale.raw, for_another.raw, imei="2")
        for report_ in (stale, for_another):
            assert desk.store.record_report(line.line_id, report_, NOW_S + 30).result().message_id is None
        assert desk.states() == {number(1): State.SENT}
        assert desk.store.report_counts().unmatched == 0, "they are about nothing of ours, and not kept"
        assert desk.store.record_report(line.line_id, ours, NOW_S + 30).result().new is State.DELIVERED
        assert desk.states() == {number(1): State.DELIVERED}

    def test_a_reply_that_came_between_the_sims_move_and_the_first_look_comes_in(self, desk: Desk) -> None:
        self.sent(desk, self.look(desk))
        reply = replace(old_text("AA01"), sent_at_s=NOW_S + 20)
        stale = replace(old_text("AA02"), sent_at_s=NOW_S - 1)
        later = replace(old_text("AA03"), sent_at_s=NOW_S + _DAY_S)
        stranger = replace(reply, sender=number(9), raw="AA04")
        line = self.look(desk, "AA01", "AA02", "AA03", "AA04", imei="2")
        for one in (stale, later, stranger):
            assert not desk.store.record_inbound(line.line_id, one, NOW_S + 30).result()
        received = desk.store.record_inbound(line.line_id, reply, NOW_S + 30).result()
        assert received.message_id is not None
        assert not desk.store.record_inbound(line.line_id, reply, NOW_S + 40).result(), "it is kept once"

    def test_what_lay_there_before_the_lines_first_text_is_none_of_ours_however_well_it_fits(
        self, desk: Desk
    ) -> None:
        told = replace(swept(5, number(1)), submitted_at_s=NOW_S)
        reply = replace(old_text("AA01"), sent_at_s=NOW_S + 1)
        line = self.look(desk, told.raw, reply.raw, now_s=NOW_S - 1)
        self.sent(desk, line)
        assert desk.store.record_report(line.line_id, told, NOW_S + 2).result().message_id is None
        assert not desk.store.record_inbound(line.line_id, reply, NOW_S + 2).result()
        assert desk.states() == {number(1): State.SENT}

    def test_what_another_sim_had_got_in_that_device_is_not_this_ones_too(self, desk: Desk) -> None:
        self.sent(desk, self.look(desk))
        other = desk.store.line(Sim(iccid="8944000000000000025"), Device("virtual", "virtual:2", imei="2"), NOW_S)
        reply, told = replace(old_text("AA01"), sent_at_s=NOW_S + 20), replace(swept(5, number(1)), how="CDS")
        desk.store.record_inbound(other.line_id, replace(reply, how="CMT"), NOW_S + 20).result()
        desk.store.record_report(other.line_id, told, NOW_S + 20).result()
        line = self.look(desk, "AA01", told.raw, imei="2")
        again = replace(told, how="sweep", submitted_at_s=NOW_S)
        assert not desk.store.record_inbound(line.line_id, reply, NOW_S + 30).result()
        assert desk.store.record_report(line.line_id, again, NOW_S + 30).result().message_id is None
        assert desk.states() == {number(1): State.SENT}

    def test_what_lay_there_when_another_sim_was_first_seen_in_that_device_is_not_this_ones(
        self, desk: Desk
    ) -> None:
        self.sent(desk, self.look(desk))
        reply, told = (
            replace(old_text("AA01"), sent_at_s=NOW_S + 1),
            replace(swept(5, number(1)), submitted_at_s=NOW_S),
        )
        held = tuple(map(fingerprint, (reply.raw, told.raw)))
        desk.store.line(
            Sim(iccid="8944000000000000025"), Device("virtual", "virtual:2", imei="2", holds=held), NOW_S
        )
        line = self.look(desk, reply.raw, told.raw, imei="2")
        assert not desk.store.record_inbound(line.line_id, reply, NOW_S + 30).result()
        assert desk.store.record_report(line.line_id, told, NOW_S + 30).result().message_id is None

    def test_where_two_lines_texted_one_person_nobody_knows_whose_it_is(self, desk: Desk) -> None:
        line, other = self.look(desk), desk.line(2)
        desk.fill(number(1))
        desk.fill(number(1), text="Help is here too.", name="b")
        for one, reference in ((line, 5), (other, 5)):
            (message,) = desk.claim(one, 1)
            desk.send(one, message, reference)
        reply, told = (
            replace(old_text("AA01"), sent_at_s=NOW_S + 1),
            replace(swept(5, number(1)), submitted_at_s=NOW_S),
        )
        line = self.look(desk, reply.raw, told.raw, imei="2")
        assert not desk.store.record_inbound(line.line_id, reply, NOW_S + 30).result()
        assert desk.store.record_report(line.line_id, told, NOW_S + 30).result().message_id is None
        assert desk.store.totals()[State.SENT] == 2
