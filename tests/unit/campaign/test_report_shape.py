"""What the report tells: counts, hours over changes of the clocks, delivery, cost, failures in plain words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gsmsend.campaign.report import Terms, shape
from gsmsend.campaign.report.plain import as_object, lines
from gsmsend.contract.results import Ending, Fell, LineUse, Results, SentAt, TextUsed, VisitDay
from gsmsend.model import State
from tests.unit.campaign.report_scene import LONDON, MADE_S, TERMS, at, large, small, totals

LINE = LineUse(1, "sim-000012", "", None, 1, 1, 1, 0)


def leaves(value: object) -> list[object]:
    """Every value in a JSON object."""
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [value]


def sent(*times: float, line: int = 1) -> tuple[SentAt, ...]:
    return tuple(SentAt(line, int(when), 1) for when in times)


def test_the_outcomes_add_up_to_the_people_on_the_lists() -> None:
    page = shape(large(), TERMS)
    assert sum(share.weight for share in page.outcome) == page.recipients.value == 2000


def test_it_says_how_many_people_had_other_wordings_than_those_shown() -> None:
    used = (TextUsed("one", 1, 7), TextUsed("two", 1, 2))
    rows = shape(small(texts=used, totals=totals(delivered=30, suppressed=4)), TERMS).texts.rows
    assert rows[-1] == ("21", "", "(had other wordings)")
    assert len(shape(small(texts=used, totals=totals(delivered=9, suppressed=4)), TERMS).texts.rows) == 2


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_place_in_the_outcome(state: State) -> None:
    page = shape(small(totals=totals(**{state.value: 3})), TERMS)
    assert sum(share.weight for share in page.outcome) == 3


def test_the_night_when_clocks_go_back_has_one_hour_twice() -> None:
    # 25 October 2026: 02:00 BST becomes 01:00 GMT.
    first, second = at(25, 0, 30, month=10) + 3600, at(25, 0, 30, month=10) + 7200
    page = shape(small(lines=(LINE,), sent=sent(first, second, second)), TERMS)
    assert page.hours.labels == ("Sun 25 Oct 01:00 BST", "Sun 25 Oct 01:00 GMT")
    assert page.hours.series == (("sim-000012", (1, 2)),)


def test_the_night_when_clocks_go_forward_has_no_hour_that_was_not() -> None:
    # 29 March 2026: 01:00 GMT becomes 02:00 BST.
    page = shape(small(lines=(LINE,), sent=sent(at(29, 0, 30, month=3), at(29, 2, 30, month=3))), TERMS)
    assert page.hours.labels == ("Sun 29 Mar 00:00", "Sun 29 Mar 02:00")


def test_quiet_hours_of_a_day_are_shown_and_nights_are_not() -> None:
    page = shape(small(lines=(LINE,), sent=sent(at(23, 10), at(23, 13), at(24, 10))), TERMS)
    assert page.hours.series[0][1] == (1, 0, 0, 1, 1)
    assert page.hours.axis[0] == "Mon 23, 10:00"


def test_hours_are_those_of_the_windows_zone() -> None:
    page = shape(small(lines=(LINE,), sent=sent(at(23, 10))), replace(TERMS, zone="Asia/Kathmandu"))
    assert page.hours.labels == ("Mon 23 Nov 15:00",)  # 15:45 there


def test_more_hours_than_a_page_can_show_are_days() -> None:
    times = [at(day, hour) for day in range(1, 15) for hour in range(10, 19)]
    page = shape(small(lines=(LINE,), sent=sent(*times)), TERMS)
    assert page.hours.by == "day"
    assert page.hours.series[0][1] == (9,) * 14


def test_delivery_times_count_against_all_that_left() -> None:
    results = small(totals=totals(delivered=8, undelivered=2), delays=((4, 5), (70, 2), (4000, 1)))
    delivery = shape(results, TERMS).delivery
    assert delivery is not None
    assert delivery.median_s == 4
    assert {mark_s: share for mark_s, _, share in delivery.within}[60] == 50
    assert {mark_s: share for mark_s, _, share in delivery.within}[86_400] == 80


def test_a_share_is_all_only_when_it_is_all() -> None:
    delivery = shape(small(totals=totals(delivered=999, sent=1), delays=((4, 999),)), TERMS).delivery
    assert delivery is not None
    assert delivery.within[-1][2] == 99


def test_each_line_has_its_price_by_the_name_that_people_gave_it() -> None:
    page = shape(large(), TERMS)
    assert [(line.title, line.cost) for line in page.lines] == [("red-phone", "£48.44"), ("blue-phone", "£38.05")]
    assert page.cost.words == "£86.49"
    assert page.cost.up_to_words == "£86.58"


def test_answers_to_replies_are_in_the_bill() -> None:
    answers = (LineUse(2, "sim-000020", "blue-phone", None, 3, 3, 3, 0),)
    page = shape(small(lines=(LINE,), acknowledging=answers), TERMS)
    assert page.cost.words == "£0.19"
    assert page.acknowledged.value == 3


def test_reasons_are_told_in_words_with_what_to_do_and_what_the_network_said() -> None:
    page = shape(large(), TERMS)
    unassigned = next(one for one in page.failures if "CMS ERROR 1:" in one.source)
    assert unassigned.words == "The number is not in use."
    assert "another number" in unassigned.advice
    expired = next(one for one in page.failures if "0x46" in one.source)
    assert "out of reach" in expired.words


def test_alike_reasons_are_one_whatever_else_was_noted() -> None:
    endings = (Ending(State.FAILED, "tried 6 times", 38, None, 2), Ending(State.FAILED, "tried once", 38, None, 1))
    (failure,) = shape(small(totals=totals(failed=3), endings=endings), TERMS).failures
    assert failure.count.value == 3


def test_a_reason_without_a_code_is_told_as_it_was_noted() -> None:
    endings = (Ending(State.SUPPRESSED, "opted out after part 1 of 2 had gone out", None, None, 1),)
    (failure,) = shape(small(totals=totals(suppressed=1), endings=endings), TERMS).failures
    assert failure.words == "Opted out after part 1 of 2 had gone out."


def test_visits_of_all_sources_are_one_count_a_day_and_days_between_are_there() -> None:
    found = (VisitDay("2026-11-23", 5, "a", "x", 1.0), VisitDay("2026-11-23", 7, "b", "x", 1.0),
             VisitDay("2026-11-25", 1, "a", "x", 1.0))  # fmt: skip
    page = shape(small(visits=found), TERMS)
    assert page.visits.series == (("visits", (12, 0, 1)),)
    assert page.visit_total.value == 13


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"totals": totals(queued=1), "released_at_s": 1.0}, "not over"),
        ({"totals": totals(draft=1)}, "wait for approval"),
        ({"totals": totals(queued=1), "paused": "by a.officer: full"}, "is paused"),
        ({"totals": totals(cancelled=1), "cancelled": "by a.officer: order"}, "was cancelled"),
    ],
)
def test_a_campaign_that_is_not_over_says_so(changes: dict[str, object], words: str) -> None:
    assert words in shape(small(**changes), TERMS).now


def test_a_campaign_that_is_over_says_nothing() -> None:
    assert shape(large(), TERMS).now == ""


def test_small_counts_are_withheld_from_partners_and_cannot_be_reckoned() -> None:
    page = shape(large(), replace(TERMS, redacted=True))
    counts = {share.key: share.count.plain for share in page.outcome}
    assert counts == {
        "delivered": 1940, "unconfirmed": 5, "undelivered": 25, "failed": 5, "open": "fewer than 5",
        "suppressed": 20,
    }  # fmt: skip
    assert page.recipients.value == 2000
    assert page.replies.stop.plain == "fewer than 5"


def test_what_it_cost_does_not_give_away_to_partners_how_many_there_were() -> None:
    terms = replace(TERMS, redacted=True)
    results = large()
    page = shape(results, terms)
    price = TERMS.prices.segment
    assert page.cost.amount % (5 * price) == 0
    few = replace(results, lines=(replace(results.lines[0], segments=3), *results.lines[1:]))
    assert shape(few, terms).lines[0].cost.startswith("under ")


def test_no_count_below_five_is_anywhere_in_what_partners_get() -> None:
    results = replace(large(), sent=(*large().sent, SentAt(1, int(at(26, 10)), 3)))
    found = as_object(shape(results, replace(TERMS, redacted=True)), results.campaign)
    numbers = [value for value in leaves(found) if isinstance(value, int) and not isinstance(value, bool)]
    assert len(numbers) > 60
    assert [number for number in numbers if 0 < number < 5] == []


def test_what_is_rounded_for_partners_is_told_as_about_so_much() -> None:
    page = shape(large(), replace(TERMS, redacted=True))
    assert page.headlines[0].value == "about 1,940"
    assert page.headlines[0].words == "of about 2,000 people on the lists had the text delivered."
    assert page.cost.words.startswith("about ")
    assert {line.texts.words.split()[0] for line in page.lines} == {"about"}
    assert as_object(page, "main")["rounded_to"] == 5


def test_shares_do_not_give_away_to_partners_how_many_there_were() -> None:
    results = small(totals=totals(delivered=33, undelivered=1), delays=((4, 20), (90, 13)))
    for terms, expected in ((TERMS, {59, 97}), (replace(TERMS, redacted=True), {60, 95})):
        delivery = shape(results, terms).delivery
        assert delivery is not None
        assert {share for _, _, share in delivery.within} == expected


def test_a_redacted_page_beside_rows_says_what_the_rows_say() -> None:
    results = small(totals=totals(delivered=33, suppressed=1), lines=(LINE,))
    page = shape(results, replace(TERMS, redacted=True, exact=True))
    assert page.headlines[0].value == "33"
    assert page.headlines[0].words == "of 34 people on the lists had the text delivered."
    assert {share.key: share.count.plain for share in page.outcome} == {"delivered": 33, "suppressed": 1}
    assert page.title == "Texts with an offer of help"
    assert page.lines[0].title == "Line 1"
    told = as_object(page, "main")
    assert told["rounded_to"] is None
    assert "campaign" not in told


def test_a_curve_of_few_phones_is_not_for_partners() -> None:
    results = small(totals=totals(delivered=19), delays=((4, 19),))
    assert shape(results, TERMS).delivery is not None
    assert shape(results, replace(TERMS, redacted=True)).delivery is None


def test_an_empty_campaign_can_be_told() -> None:
    assert list(lines(shape(small(), TERMS)))[:2] == ["Operation Example", "Campaign main, no text has left yet"]


def test_in_short_it_fits_eighty_columns() -> None:
    assert max(len(line) for line in lines(shape(small(totals=totals(delivered=3)), TERMS))) <= 80


def test_lines_of_one_name_are_one_series() -> None:
    two = (replace(LINE, known_as="red"), replace(LINE, line_id=2, name="sim-2", known_as="red"))
    results: Results = small(lines=two, sent=(*sent(at(23, 10)), *sent(at(23, 10), line=2)))
    assert shape(results, TERMS).hours.series == (("red", (2,)),)


def test_terms_mask_unless_told_otherwise() -> None:
    assert Terms("x", MADE_S).number("+447700900001") == "+447*****0001"
    assert LONDON.key == Terms("x", MADE_S).zone


def test_what_went_over_the_fallback_is_told_apart_and_priced_by_itself() -> None:
    cloud = LineUse(9, "notify-128895", "", None, 63, 60, 63, 0, fallback=True)
    found = small(lines=(LINE, cloud))
    page = shape(found, replace(TERMS, over=Decimal("0.10")))
    assert [(line.title, line.cost) for line in page.lines][1] == ("notify-128895 (fallback)", "£6.30")
    assert page.over.startswith("63 of the texts went over the fallback, under another sender")
    assert as_object(page, "main")["over_fallback"] == page.over
    assert page.over in list(lines(page))
    hidden = shape(found, replace(TERMS, over=Decimal("0.10"), redacted=True))
    assert [line.title for line in hidden.lines] == ["Line 1", "Fallback"]
    assert hidden.over.startswith("about 65 of the texts")
    assert shape(small(lines=(LINE,)), TERMS).over == ""


def test_when_and_why_the_fallback_took_over_is_told_but_to_partners() -> None:
    cloud = LineUse(9, "notify-128895", "", None, 63, 60, 63, 0, fallback=True)
    fell = (Fell(at(23, 10), "goes over its fallback: the line red is barred or out of credit"),)
    found = small(lines=(LINE, cloud), fell=fell)
    over = shape(found, TERMS).over
    assert "in its own wording, for: the line red is barred or out of credit (from " in over
    assert "10:00" in over
    hidden = shape(found, replace(TERMS, redacted=True)).over
    assert "red" not in hidden.replace("delivered", "").replace("refused", "")
    assert "since the line was cut or refused them" in hidden


def test_the_fallbacks_sender_is_named_but_to_partners_and_a_trial_is_no_cut_line() -> None:
    cloud = LineUse(9, "notify-128895", "", None, 1, 1, 1, 0, fallback=True)
    terms = replace(TERMS, sender="EXAMPLE")
    assert "under the sender EXAMPLE and in its own wording" in shape(small(lines=(LINE, cloud)), terms).over
    hidden = shape(small(lines=(LINE, cloud)), replace(terms, redacted=True))
    assert "under another sender" in hidden.over
    one = small(lines=(cloud,), campaign="main trial 2", totals=totals(delivered=1))
    assert shape(one, terms).over.startswith("This is the trial of a fallback: 1 sent over it, to an officer")
    assert "cut" not in shape(one, terms).over
