"""When it proves something that the app's record does not have a text."""

from __future__ import annotations

import pytest

from gsmsend_handset.android.record import BrokenRequests

KEY, RECORD = "a" * 32, "R58M000000A 000000005f3c2a1b"


@pytest.mark.parametrize(
    ("later_s", "expected"), [(0, False), (59.9, False), (60, True), (3600, True), (86400, False)]
)
def test_it_is_proof_after_a_while_and_before_the_record_may_be_cut(later_s: float, expected: bool) -> None:
    broken = BrokenRequests(60)
    broken.broken(KEY, RECORD, 1000)
    assert broken.proves(KEY, RECORD, 1000 + later_s) is expected


def test_it_is_none_of_another_request_another_app_or_an_app_that_is_not_known() -> None:
    broken = BrokenRequests(60)
    broken.broken(KEY, RECORD, 0)
    assert not broken.proves("b" * 32, RECORD, 100)
    assert not broken.proves(KEY, "R58M000000A 000000005f3c2a1c", 100)
    assert not broken.proves(KEY, "", 100)
    broken.broken(KEY, "", 0)
    assert not broken.proves(KEY, "", 100)


def test_it_is_none_after_a_restart_or_once_it_is_settled() -> None:
    assert not BrokenRequests(60).proves(KEY, RECORD, 1e9)
    broken = BrokenRequests(60)
    broken.broken(KEY, RECORD, 0)
    broken.settled(KEY)
    assert not broken.proves(KEY, RECORD, 100)
    broken.settled(KEY)
