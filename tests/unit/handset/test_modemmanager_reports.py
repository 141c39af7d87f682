"""Reports of ModemManager: by TP-MR and recipient, over the turn of the counter, for texts of several parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmsend_handset.modemmanager_reports import Handle, Reports, epoch_s

KEY, THEM = "0123456789abcdef" * 2, "+447700900123"


def report(reference: int, state: int = 0, number: str = THEM) -> dict[str, Any]:
    return {"MessageReference": reference, "DeliveryState": state, "Number": number}


def told(reports: Reports, *given: dict[str, Any]) -> list[tuple[int, str]]:
    """Status and part of each."""
    found = [one for number, each in enumerate(given) for one in reports.take(f"/{number}", each, 0.0)]
    return [(one.status, one.handle.partition("#")[2]) for one in found]


def statuses(reports: Reports, *given: dict[str, Any]) -> list[int]:
    return [status for status, _part in told(reports, *given)]


def expecting(reference: int, parts: int, total: int = 0) -> tuple[Reports, str]:
    reports, handle = Reports(), Handle.of(KEY, reference, parts, total or parts)
    reports.sent(handle, THEM)
    return reports, str(handle)


def from_before(reference: int, *keys: str) -> tuple[Reports, list[str]]:
    """A process that was told of texts of the one before it."""
    reports, handles = Reports(), [str(Handle.of(key, reference, 1, 1)) for key in keys]
    assert list(reports.expect(handles)) == []
    return reports, handles


@given(st.text("0123456789abcdef", min_size=32, max_size=32), st.integers(0, 255), st.integers(1, 255))
def test_a_handle_comes_back_as_it_was(key: str, reference: int, parts: int) -> None:
    handle = Handle.of(key, reference, parts, parts)
    assert Handle.parsed(str(handle)) == handle


def test_a_handle_is_made_of_our_key_and_of_counts_and_of_nothing_else() -> None:
    assert str(Handle.of(KEY, 7, 2, 3)) == f"{KEY[:16]}-7-2-3"


@pytest.mark.parametrize("other", ["", "abc", "a-b-c-d-e", "a-b-c-d", "a-1-2", "a-1-2-3-4", "SM0123"])
def test_what_is_no_handle_of_this_route_is_let_be(other: str) -> None:
    assert Handle.parsed(other) is None
    assert list(Reports().expect([other])) == []


def test_parts_over_the_turn_of_the_counter() -> None:
    reports, _handle = expecting(1, 3)
    assert told(reports, report(255), report(1), report(0, 0x46)) == [(0, "1"), (0, "3"), (0x46, "2")]


def test_the_same_report_twice_is_one() -> None:
    reports, _handle = expecting(7, 2)
    assert told(reports, report(7), report(7)) == [(0, "2")]


def test_where_modemmanager_made_other_parts_only_bad_news_is_told() -> None:
    reports, handle = expecting(7, 2, total=1)
    assert told(reports, report(7)) == []
    [bad] = reports.take("/9", report(6, 0x46), 0.0)
    assert (bad.handle, bad.status) == (handle, 0x46)


def test_one_part_for_all_of_ours_is_told_of_all() -> None:
    reports, handle = expecting(7, 1, total=2)
    [good] = reports.take("/1", report(7), 0.0)
    assert (good.handle, good.status) == (handle, 0)


def test_a_passing_trouble_is_told_and_the_end_too() -> None:
    reports, _handle = expecting(7, 1)
    assert statuses(reports, report(7, 0x21), report(7)) == [0x21, 0]


def test_a_report_goes_to_the_newest_text_that_it_can_be_of() -> None:
    reports, older = expecting(7, 1)
    newer = Handle.of("f" * 32, 7, 1, 1)
    reports.sent(newer, THEM)
    [first] = reports.take("/1", report(7), 0.0)
    [second] = reports.take("/2", report(7), 0.0)
    assert (first.handle, second.handle) == (str(newer), older)


def test_a_number_in_its_national_form_is_the_same() -> None:
    reports, _handle = expecting(7, 1)
    assert statuses(reports, report(7, number="07700900123")) == [0]


def test_a_report_about_another_person_is_not_of_this_text() -> None:
    reports, _handle = expecting(7, 1)
    assert statuses(reports, report(7, number="+447700900124")) == []


def test_a_text_from_before_is_named_with_the_recipient_of_the_report_for_the_store_to_compare() -> None:
    reports, [handle] = from_before(7, KEY)
    [found] = reports.take("/1", report(7, number="+447700900124"), 0.0)
    assert (found.handle, found.recipient) == (handle, "+447700900124")
    [again] = reports.take("/2", report(7), 0.0)  # the one before may have been refused
    assert (again.handle, again.recipient) == (handle, THEM)


def test_of_two_texts_from_before_with_one_reference_nothing_is_guessed() -> None:
    reports, _handles = from_before(7, KEY, "f" * 32)
    assert statuses(reports, report(7)) == []


def test_a_report_that_names_nobody_is_of_no_text_from_before() -> None:
    reports, _handles = from_before(7, KEY)
    assert statuses(reports, report(7, number="")) == []


def test_a_text_of_this_process_comes_before_one_of_the_last() -> None:
    reports, [older] = from_before(7, KEY)
    newer = Handle.of("f" * 32, 7, 1, 1)
    reports.sent(newer, THEM)
    [first] = reports.take("/1", report(7), 0.0)
    [other] = reports.take("/2", report(7, number="+447700900124"), 0.0)
    assert (first.handle, other.handle) == (str(newer), older)


def test_a_report_that_came_before_its_text_was_sent_is_of_another() -> None:
    reports = Reports()
    reports.keep("/1", report(7))
    handle = Handle.of(KEY, 7, 1, 1)
    reports.sent(handle, THEM)
    assert list(reports.expect([str(handle)])) == []


def test_a_report_of_nothing_known_is_shown_after_a_while_and_once() -> None:
    reports, _handle = expecting(7, 1)
    assert list(reports.take("/1", report(9), 100.0)) == []
    assert list(reports.unmatched(105.0)) == []
    [shown] = reports.unmatched(111.0)
    assert (shown.handle, shown.status, shown.recipient) == ("unmatched-9", 0, THEM)
    assert list(reports.unmatched(200.0)) == []


def test_a_report_from_before_counts_once_its_text_is_asked_about() -> None:
    reports = Reports()
    reports.keep("/1", report(7))
    assert list(reports.unmatched(1000.0)) == [], "it may be of another owner of the modem"
    [found] = reports.expect([str(Handle.of(KEY, 7, 1, 1))])
    assert found.status == 0


def test_a_state_that_is_not_of_gsm_says_nothing_final() -> None:
    reports, _handle = expecting(7, 1)
    assert statuses(reports, report(7, 0x100)) == [0x30]


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2026-11-22T10:00:05+00", 1_795_341_605.0), ("2026-11-22T11:00:05+01", 1_795_341_605.0),
        ("2026-11-22T10:00:05", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_times_need_a_zone(stamp: object, moment: float | None) -> None:
    assert epoch_s(stamp) == moment
