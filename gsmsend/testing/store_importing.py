"""The part of the store suite about imports: one person one text, over sources, lines and campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gsmsend.contract import ImportResult, ImportSource, NewMessage, Refused, Suppression
from gsmsend.errors import UsageError
from gsmsend.model import State
from gsmsend.testing.store_desk import NOW_S, REFUSED, Desk, number

_DAY_S = 86_400.0


class ImportingSuite:
    """Every test here must pass on every store."""

    def test_who_is_on_both_phones_is_texted_once_from_the_line_that_came_first(self, desk: Desk) -> None:
        bring(desk, "red.xlsx", 1, 2, line="red")
        blue = bring(desk, "blue.xlsx", 2, 3, line="blue")
        assert (blue.accepted, blue.duplicates, blue.on_both, blue.elsewhere) == (1, 1, 1, 0)
        assert sum(desk.store.totals().values()) == 3
        sightings = desk.store.sightings(2)
        assert [(seen.source, seen.row, seen.line) for seen in sightings] == [
            ("red.xlsx", 2, "red"),
            ("blue.xlsx", 2, "blue"),
        ]

    def test_nobody_claims_what_waits_for_a_line_that_is_not_there(self, desk: Desk) -> None:
        bring(desk, "red.xlsx", 1, line="red")
        assert desk.claim(desk.line()) == []
        assert desk.store.totals()[State.QUEUED] == 1

    def test_every_row_keeps_what_stood_there_and_where(self, desk: Desk) -> None:
        rows: list[NewMessage | Refused] = [
            NewMessage(number(1), "Help.", 7, 1, "Calls", "07700 900 001", "call", 3, NOW_S - 5),
            NewMessage(number(1), "Help.", 2, 1, "Contacts", "+447700900001", "contact"),
            Refused(9, "0207", "a landline", "Calls"),
        ]
        result = desk.store.add(ImportSource("phone.xml", "x", "campaign", NOW_S), rows)
        assert (result.accepted, result.duplicates, result.refused) == (1, 1, 1)
        first, second = desk.store.sightings(1)
        assert (first.place, first.row, first.original, first.kind) == ("Calls", 7, "07700 900 001", "call")
        assert (first.seen, first.first_s, first.last_s) == (3, NOW_S - 5, NOW_S - 5)
        assert (second.place, second.row, second.first_s) == ("Contacts", 2, None)

    def test_nobody_is_added_to_a_campaign_that_is_cancelled_meanwhile(self, desk: Desk) -> None:
        def rows() -> Iterator[NewMessage]:
            for index in range(2000):
                yield NewMessage(number(index % 1000), f"Help is here {index // 1000}.", index + 1, 1)
            desk.store.cancel("campaign", "a.person", "the wrong list", NOW_S)
            yield NewMessage(number(1), "Help is here.", 2001, 1)

        with pytest.raises(UsageError, match=r"campaign was cancelled by a\.person: the wrong list; nobody more"):
            desk.store.add(ImportSource("long.csv", "long", "campaign", NOW_S, draft=True), rows())
        assert {state: found for state, found in desk.store.totals().items() if found} == {State.CANCELLED: 2000}

    def test_who_finishes_what_another_began_has_prepared_it_too(self, desk: Desk) -> None:
        def cut_off() -> Iterator[NewMessage]:
            yield NewMessage(number(1), "Help is here.", 1, 1)
            raise KeyboardInterrupt

        source = ImportSource("a.csv", "a", "campaign", NOW_S, "pc1", draft=True)
        with pytest.raises(KeyboardInterrupt):
            desk.store.add(source, cut_off())
        desk.store.add(replace(source, person="pc2"), [NewMessage(number(1), "Help is here.", 1, 1)])
        facts = desk.store.campaign_facts("campaign")
        assert facts is not None
        assert facts.preparers == {"pc1", "pc2"}

    def test_a_list_may_have_any_name_and_who_opted_out_is_left_out_of_it(self, desk: Desk) -> None:
        bring(desk, "acknowledgement of opt-outs", 1)
        desk.store.suppress([number(1)], Suppression.OPT_OUT, "replied STOP", "a.person", NOW_S)
        assert desk.states() == {number(1): State.SUPPRESSED}

    def test_who_was_in_an_earlier_campaign_is_not_texted_again_unless_it_is_asked_for(self, desk: Desk) -> None:
        bring(desk, "a", 1, 2, campaign="first")
        second = bring(desk, "b", 2, 3, campaign="second", text="Other words.")
        assert (second.accepted, second.duplicates, second.earlier, second.refused) == (1, 1, 1, 0)
        assert [seen.source for seen in desk.store.sightings(2)] == ["a", "b"]
        again = bring(desk, "c", 1, campaign="second", text="Other words.", once=False)
        assert (again.accepted, again.duplicates) == (1, 0)

    def test_who_was_proven_not_texted_may_be_texted(self, desk: Desk) -> None:
        bring(desk, "a", 1, campaign="first")
        line = desk.line()
        (message,) = desk.claim(line)
        desk.close(line, message, desk.open(line, message), REFUSED, State.FAILED)
        assert bring(desk, "b", 1, campaign="second").accepted == 1

    def test_a_text_that_went_out_in_part_counts_as_one(self, desk: Desk) -> None:
        desk.fill(number(1), segments=2)
        line = desk.line()
        (message,) = desk.claim(line)
        desk.send(line, message, 1, seq=1)
        desk.close(line, message, desk.open(line, message, 2), REFUSED, State.FAILED, seq=2)
        second = bring(desk, "b", 1, campaign="second")
        assert (second.accepted, second.earlier) == (0, 1)

    def test_again_keeps_to_the_gap_between_campaigns(self, desk: Desk) -> None:
        bring(desk, "a", 1, 2, campaign="first")
        line = desk.line()
        sent, _ = desk.claim(line)
        desk.send(line, sent, 7)
        told: list[str] = []
        result = bring(
            desk, "b", 1, 2, campaign="second", once=False, gap_s=2 * _DAY_S, at_s=NOW_S + _DAY_S, told=told
        )
        assert (result.accepted, result.refused, result.other_text) == (0, 2, 0)
        assert told == [
            "another campaign texted this person 1 day ago; 2 days must lie between two",
            "a text of another campaign to this person still waits; 2 days must lie between two",
        ]
        later = bring(desk, "c", 1, campaign="second", once=False, gap_s=2 * _DAY_S, at_s=NOW_S + 2 * _DAY_S)
        assert later.accepted == 1

    def test_who_must_not_be_texted_is_suppressed_and_counted(self, desk: Desk) -> None:
        desk.store.suppress([number(1)], Suppression.NEVER, "a witness", "pc1", NOW_S)
        result = bring(desk, "a", 1, 2)
        assert (result.accepted, result.suppressed) == (2, 1)
        totals = desk.store.totals()
        assert (totals[State.SUPPRESSED], totals[State.QUEUED]) == (1, 1)
        assert [message.number for message in desk.claim(desk.line())] == [number(2)]

    def test_a_draft_is_claimed_by_nobody(self, desk: Desk) -> None:
        source = ImportSource("a", "a", "campaign", NOW_S, person="pc1", draft=True)
        desk.store.add(source, [NewMessage(number(1), "Help.", 1, 1)])
        assert desk.store.totals()[State.DRAFT] == 1
        assert desk.claim(desk.line()) == []

    def test_an_import_that_was_cut_off_counts_the_same_when_it_is_taken_up_again(self, desk: Desk) -> None:
        rows = [NewMessage(number(index % 300), "Help.", index, 1) for index in range(1, 5001)]

        def cut_off() -> Iterator[NewMessage]:
            yield from rows[:3000]
            raise KeyboardInterrupt

        source = ImportSource("a", "a", "campaign", NOW_S)
        with pytest.raises(KeyboardInterrupt):
            desk.store.add(source, cut_off())
        result = desk.store.add(source, rows)
        assert (result.accepted, result.duplicates, result.repeated) == (300, 4700, False)
        assert len(desk.store.sightings(1)) == 17
        assert desk.store.add(source, rows) == replace(result, repeated=True, first_id=None)


def bring(
    desk: Desk, name: str, *indexes: int, campaign: str = "campaign", text: str = "Help.", line: str = "",
    once: bool = True, gap_s: float = 0.0, at_s: float = NOW_S,
    told: list[str] | None = None,
) -> ImportResult:  # fmt: skip
    """Import people by their index, each in the row of it."""
    source = ImportSource(name, f"{name} {campaign}", campaign, at_s, "pc1", line, gap_s=gap_s)
    rows = [NewMessage(number(index), text, index, 1, original=number(index)) for index in indexes]
    heard = told if told is not None else []
    return desk.store.add(source, rows, one_text_each=once, refuse=lambda row: heard.append(row.why))
