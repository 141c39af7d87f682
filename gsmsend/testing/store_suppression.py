"""The part of the store suite that is about people who must not be texted."""

from __future__ import annotations

from gsmsend.contract import Suppressed, Suppression
from gsmsend.model import State
from gsmsend.testing.store_desk import NOW_S, REFUSED, UNKNOWN, Desk, number

WHY = "a witness in another case"


def never(desk: Desk, *numbers: str, kind: Suppression = Suppression.NEVER, reason: str = WHY) -> Suppressed:
    """Put people on the list."""
    return desk.store.suppress(numbers, kind, reason, "j.doe", NOW_S)


class SuppressionSuite:
    """What every contract.Store must do with its list of people. Part of StoreSuite."""

    def test_nobody_is_suppressed_at_first(self, desk: Desk) -> None:
        assert desk.store.suppressed([number(1), number(2)]) == {}
        assert desk.store.suppressions() == []

    def test_who_was_named_is_found_and_nobody_else(self, desk: Desk) -> None:
        assert never(desk, number(1), number(2)) == Suppressed(2, 0, 0, 0)
        found = desk.store.suppressed([number(index) for index in range(1000)])
        assert found == {number(1): Suppression.NEVER, number(2): Suppression.NEVER}

    def test_naming_a_person_again_changes_nothing(self, desk: Desk) -> None:
        never(desk, number(1))
        assert never(desk, number(1), number(1), number(2)) == Suppressed(1, 1, 0, 0)
        assert sum(row.people for row in desk.store.suppressions()) == 2

    def test_the_counts_are_by_kind_and_reason(self, desk: Desk) -> None:
        never(desk, number(1), number(2))
        never(desk, number(3), reason="an officer")
        never(desk, number(4), kind=Suppression.OPT_OUT, reason="replied STOP")
        assert [(row.kind.value, row.reason, row.people) for row in desk.store.suppressions()] == [
            ("never", WHY, 2), ("never", "an officer", 1), ("opt-out", "replied STOP", 1),
        ]  # fmt: skip

    def test_never_goes_before_an_opt_out(self, desk: Desk) -> None:
        for kind in (Suppression.OPT_OUT, Suppression.NEVER):
            never(desk, number(1), kind=kind)
        assert desk.store.suppressed([number(1)]) == {number(1): Suppression.NEVER}

    def test_what_waits_for_them_is_not_sent(self, desk: Desk) -> None:
        desk.fill(number(1), number(2))
        desk.fill(number(1), text="Another text.", name="b")
        assert never(desk, number(1)) == Suppressed(1, 0, 2, 0)
        assert [message.number for message in desk.claim(desk.line())] == [number(2)]
        rows = list(desk.store.messages(State.SUPPRESSED))
        assert [(row.number, row.why) for row in rows] == [(number(1), "never contact")] * 2

    def test_the_rest_of_a_text_sent_in_part_is_not_sent(self, desk: Desk) -> None:
        desk.fill(number(1), segments=2)
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 7, seq=1)
        desk.close(line, message, desk.open(line, message, 2), REFUSED, State.QUEUED, seq=2, due_at_s=NOW_S)
        assert never(desk, number(1), kind=Suppression.OPT_OUT) == Suppressed(1, 0, 0, 1)
        assert desk.claim(line) == []
        (row,) = desk.store.messages()
        assert (row.state, row.why) == (State.SUPPRESSED, "opted out after part 1 of 2 had gone out")

    def test_a_text_that_may_have_gone_out_keeps_its_doubt(self, desk: Desk) -> None:
        desk.fill(number(1))
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), UNKNOWN, State.UNCERTAIN)
        assert never(desk, number(1)) == Suppressed(1, 0, 0, 1)
        assert desk.states() == {number(1): State.UNCERTAIN}

    def test_who_was_taken_off_may_be_texted_and_can_be_named_again(self, desk: Desk) -> None:
        never(desk, number(1))
        assert desk.store.unsuppress(number(1), Suppression.NEVER, "named by mistake", "j.doe", NOW_S)
        assert desk.store.suppressed([number(1)]) == {}
        assert not desk.store.unsuppress(number(1), Suppression.NEVER, "again", "j.doe", NOW_S)
        assert never(desk, number(1), reason="after all") == Suppressed(1, 0, 0, 0)
        assert [row.reason for row in desk.store.suppressions()] == ["after all"]

    def test_an_opt_out_does_not_end_with_the_other_list(self, desk: Desk) -> None:
        never(desk, number(1), kind=Suppression.OPT_OUT)
        assert not desk.store.unsuppress(number(1), Suppression.NEVER, "a mistake", "j.doe", NOW_S)
        assert desk.store.suppressed([number(1)]) == {number(1): Suppression.OPT_OUT}
