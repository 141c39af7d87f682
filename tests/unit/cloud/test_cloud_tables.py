"""The tables of the providers' codes and words: legal, whole, and shipped."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from gsmsend.model import OutcomeKind, Refusal
from gsmsend.sms import tp_status
from gsmsend_cloud.notify import TO_NOBODY
from gsmsend_cloud.provider_table import PENDING, TAKEN, Kind, provider_table

NAMES = ("notify", "twilio", "vonage")
DOCUMENTED = {
    "notify": {"created", "sending", "pending", "sent", "delivered", "permanent-failure", "temporary-failure",
               "technical-failure", "failed", "cancelled", TO_NOBODY},
    "twilio": {"queued", "sending", "sent", "failed", "delivered", "undelivered", "receiving", "received",
               "accepted", "scheduled", "read", "partially_delivered", "canceled"},
    "vonage": {"delivered", "expired", "accepted", "deleted", "unknown", "submitted", "failed", "rejected",
               "buffered"},
}  # fmt: skip
"""Texts' statuses: Notify's documents, Twilio's message_enum_status, Vonage's receipts and Reports API; and
our own word for what a test key of Notify says."""
ERRORS = {
    "twilio": {20003, 20429, 20500, 21211, 21408, 21610, 21612, 21614, 21617},
    "vonage": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 22, 23, 29, 32, 33},
    "notify": {400, 401, 403, 404, 429},
}
REPORTS = {"twilio": set(range(30001, 30009)), "vonage": {*range(1, 16), 99}, "notify": set()}
DELIVERED, ENDED = {"delivered", "read"}, 0x40


@pytest.mark.parametrize("name", NAMES)
def test_each_row_is_legal_and_says_where_it_is_from(name: str) -> None:
    text = resources.files("gsmsend_cloud").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    legal = {*Refusal, "unknown"}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        assert None not in row, f"a comma too many: {row}"
        assert row["words"].endswith("."), row
        assert row["source"], row
        if row["kind"] == "answer":
            assert row["class"] in legal, row
            assert not row["tp"], row
        else:
            assert not row["class"], row
            tp_status(int(row["tp"], 16))


@pytest.mark.parametrize("name", NAMES)
def test_no_row_is_hidden_behind_another(name: str) -> None:
    table = provider_table(name)
    for row in table.rows:
        if row.kind is Kind.ANSWER:
            said = row.said.replace("+", " ")
            assert table.answer(row.code, said) is row, row
        elif row.kind is Kind.STATUS:
            assert table.tp(row.said) == row.tp, row
        else:
            ended = next(each.said for each in table.rows if each.tp is not None and each.tp >= ENDED)
            assert table.tp(ended, row.code) == row.tp, row


@pytest.mark.parametrize("name", NAMES)
def test_every_documented_word_and_code_is_there(name: str) -> None:
    rows = provider_table(name).rows
    assert {row.said for row in rows if row.kind is Kind.STATUS} == DOCUMENTED[name]
    assert {row.code for row in rows if row.kind is Kind.ANSWER} >= ERRORS[name]
    assert {row.code for row in rows if row.kind is Kind.REPORT} >= REPORTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_only_what_says_so_counts_as_delivered(name: str) -> None:
    rows = [row for row in provider_table(name).rows if row.tp == 0]
    assert {row.said for row in rows} <= DELIVERED


@pytest.mark.parametrize("name", NAMES)
def test_words_and_codes_that_no_row_has_end_and_prove_nothing(name: str) -> None:
    table = provider_table(name)
    assert table.tp("teleported") == PENDING != TAKEN
    for code, http in ((99_999, 500), (None, 502), (99_999, 200)):
        assert table.outcome(code, http=http).kind is OutcomeKind.UNKNOWN
    assert table.outcome(99_999, http=400).refusal is Refusal.LINE


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_of_the_providers_own_is_never_taken_for_proof(name: str) -> None:
    for row in provider_table(name).rows:
        if row.kind is Kind.ANSWER and (row.code is None or 500 <= row.code < 600):
            assert row.refusal is None, row


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("ValidationError phone_number Not a UK mobile number", Refusal.RECIPIENT),
        ("BadRequestError Cannot send to international mobile numbers", Refusal.RECIPIENT),
        ("BadRequestError Can\u2019t send to this recipient using a team-only API key", Refusal.LINE),
        (
            "BadRequestError Cannot send to this recipient when service is in trial mode - see https://",
            Refusal.LINE,
        ),
        ("BadRequestError Your message is too long. Text messages cannot be longer than 918", Refusal.MESSAGE),
        ("BadRequestError sms_sender_id 8e22 does not exist in database for service id 2678", Refusal.LINE),
        ("BadRequestError Template has been deleted", Refusal.LINE),
        ("BadRequestError Service is not allowed to send text messages", Refusal.LINE),
        ("", Refusal.LINE),
    ],
)
def test_what_notify_refuses_is_told_apart_by_its_words(said: str, refusal: Refusal) -> None:
    assert provider_table("notify").outcome(400, said, http=400).refusal is refusal


def test_the_limit_of_a_day_and_of_a_minute_are_told_apart() -> None:
    table = provider_table("notify")
    assert (
        table.outcome(429, "TooManyRequestsError Exceeded send limits (sms: 50) for today").refusal
        is Refusal.LATER
    )
    assert table.outcome(429, "RateLimitError Exceeded rate limit").refusal is Refusal.RETRY
