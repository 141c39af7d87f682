"""The tables of what the app's words prove."""

from __future__ import annotations

import pytest

from gsmsend.model import OutcomeKind, Refusal
from gsmsend_handset.android import words
from gsmsend_handset.android.words import Meaning

PUBLISHED = {"Pending", "Processed", "Sent", "Delivered", "Failed"}


def test_each_published_state_has_a_row_and_each_row_words_and_a_source() -> None:
    assert set(words.states()) >= PUBLISHED
    assert {row.meaning for row in words.states().values()} == set(Meaning)
    assert all(row.words.endswith(".") and row.source for row in words.states().values())


def test_each_reason_has_legal_values_words_and_a_source() -> None:
    rows = words.failures().values()
    assert all(row.words.endswith(".") and row.source for row in rows)
    assert {row.refusal for row in rows} == {None, *Refusal}
    codes = [row.code for row in rows if row.code is not None]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("reason", [row for row in words.failures() if not row.startswith("HTTP")])
def test_each_reason_is_found_in_what_the_app_says(reason: str) -> None:
    row = words.failures()[reason]
    said = f"Send result: {reason} (Failed because of it)" if reason.startswith("RESULT_") else reason
    said = said.replace("SIM not found", "SIM 2 not found")
    found = words.failure(said)
    assert found.row is row
    outcome = found.outcome(parts=1)
    assert outcome.refusal is row.refusal
    assert outcome.code == row.code
    assert outcome.kind is (OutcomeKind.UNKNOWN if row.refusal is None else OutcomeKind.REFUSED)


@pytest.mark.parametrize("status", [400, 401, 403, 500, 503])
def test_each_published_refusal_of_a_text_is_used(status: int) -> None:
    found = words.http_failure(status)
    assert found.row is words.failures()[f"HTTP {status}"]
    assert found.outcome(parts=3).code == status


@pytest.mark.parametrize("status", [302, 404, 418, 429, 502, 504])
def test_an_answer_that_the_app_does_not_publish_proves_nothing(status: int) -> None:
    outcome = words.http_failure(status).outcome(parts=1)
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNKNOWN, status)


def test_a_number_in_place_of_a_name_is_understood() -> None:
    assert words.failure("Send result: Unknown error code: 10.").row is words.failures()["RESULT_NETWORK_REJECT"]
    assert words.failure("Send result: 10").row is words.failures()["RESULT_NETWORK_REJECT"]
    beyond = words.failure("Send result: Unknown error code: 999.")
    assert beyond.outcome(parts=1).kind is OutcomeKind.UNKNOWN
    assert beyond.outcome(parts=1).code == 999


@pytest.mark.parametrize("parts", [0, 2, 7])
def test_one_part_that_failed_proves_nothing_of_the_others(parts: int) -> None:
    outcome = words.failure("Send result: RESULT_NETWORK_REJECT (…)").outcome(parts=parts)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert "others may have gone out" in outcome.why
    expired = words.failure("TTL expired").outcome(parts=parts)
    assert expired.refusal is Refusal.LATER


@pytest.mark.parametrize(
    "name", ["RESULT_ERROR_NO_SERVICE", "RESULT_ERROR_RADIO_OFF", "RESULT_ERROR_GENERIC_FAILURE"]
)
def test_what_android_also_says_of_a_text_that_was_on_its_way_proves_nothing(name: str) -> None:
    assert words.failures()[name].refusal is None


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Delivery result from SC +447700900999: 70", 70),
        ("Delivery result from SC null: 99", 99),
        ("Delivery result: 1", words.REJECTED),
        ("Delivery result from SC +447700900999: 300", words.REJECTED),
    ],
)
def test_a_report_that_came_as_failed_keeps_its_status(said: str, status: int) -> None:
    found = words.failure(said)
    assert found.status == status
    assert "447700900999" not in found.raw


@pytest.mark.parametrize(
    "said",
    [
        "sendSMS: cannot text +447700900123: Help is there",
        "Can't send message: +447700900123",
        "+447700900123",
        "",
        "Send result: RESULT_SOMETHING_NEW (about +447700900123)",
        "TTL expired for +447700900123",
    ],
)
def test_other_words_prove_nothing_and_are_not_repeated(said: str) -> None:
    found = words.failure(said)
    outcome = found.outcome(parts=1)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert "900123" not in outcome.raw + outcome.why + found.raw
    assert outcome.why
