"""The method statement of lines that are an account with a provider, or a handset without AT commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gsmsend.audit import Kind
from gsmsend.evidence import statement
from gsmsend.evidence.method import Method, method
from gsmsend.evidence.ways import ACCEPTED
from gsmsend.masking import mask_number
from gsmsend.store import told_campaigns
from tests.unit.evidence.small_log import NUMBERS, TEXT, SmallLog, story_of
from tests.unit.evidence.test_method_statement import DIALOGUE, pages

NOTIFY = {
    "line": 3, "name": "notify-1a2b3c", "driver": "notify", "device": "notify", "iccid": None, "imsi": None,
    "imei": None, "manufacturer": "GOV.UK Notify", "account": "notify live from DC Example",
}  # fmt: skip
PHONE = {
    "line": 4, "name": "bluetooth-4d5e6f", "driver": "bluetooth", "device": "00:00:5E:00:53:01", "iccid": None,
    "model": "Example 1", "account": "bluetooth 00:00:5E:00:53:01",
}  # fmt: skip
CALLS = """# gsmsend transcript 2
2026-11-22T08:51:54.302Z - > D-BUS org.bluez.obex.MessageAccess1.PushMessage
2026-11-22T08:51:54.302Z - >p {TEXT}
"""


def over(line: Mapping[str, Any], *outcomes: str, modem: bool = False) -> SmallLog:
    """A text for each outcome over the line; one over a modem before them."""
    log = SmallLog()
    log.begin()
    log.list_of(*((number, TEXT) for number in NUMBERS))
    if modem:
        log.add(Kind.LINE, {"line": 1, "iccid": "89440000000000000010", "driver": "atmodem"})
        log.sent(1)
    log.add(Kind.LINE, line)
    for at, outcome in enumerate(outcomes, 2):
        part = {"attempt": at, "message": at, "part": 1}
        log.add(Kind.ATTEMPT, {**part, "line": line["line"], "key": "ab" * 16}, {"pdu": "{}"}, 1)
        log.add(Kind.OUTCOME, {**part, "outcome": outcome, "refusal": None, "reference": None, "state": "sent"})
    return log


def told(log: SmallLog, **transcripts: str) -> Method:
    log.head()
    return method(story_of(log), transcripts, mask_number)


def test_an_account_alone_is_told_without_modems_or_missing_transcripts() -> None:
    done = told(over(NOTIFY, "accepted", "refused"))
    for page in pages(done):
        assert "GOV.UK Notify, account notify live from DC Example" in page
        assert "2 requests to send a text went to that provider" in page
        assert "1 of them was refused" in page
        assert "what it handed to providers" in page
        for wrong in ("AT commands", "EF-SMSS", "no entry says why", "transcripts may have", "differ by",
                      "not complete", "ICCID of the SIM"):  # fmt: skip
            assert wrong not in page


def test_requests_to_a_provider_are_not_missed_in_the_transcripts_of_the_modem() -> None:
    done = told(over(NOTIFY, "accepted", "refused", modem=True), a=DIALOGUE)
    words = " ".join(done.findings)
    assert "over modems, by the transcripts: 1. The audit log has 1 attempts" in words
    assert "2 requests to send a text" in words
    assert "line 1: it could not be read" in words
    assert "line 3: it could not be read" not in words
    assert "differ" not in words
    page = pages(done)[1]
    assert "AT commands" in page
    assert "one request over the internet" in page


def test_texts_missing_in_the_transcripts_of_the_modem_are_still_told_beside_an_account() -> None:
    words = " ".join(told(over(NOTIFY, "refused", modem=True), a="").findings)
    assert "differ by 1: no entry says why" in words


def test_a_handset_says_what_an_officer_accepted_that_sending_changes() -> None:
    log = over(PHONE, "accepted")
    assert told_campaigns.ACCEPTED == ACCEPTED
    words = "bluetooth 00:00:5E:00:53:01 changes there: The text is kept among the sent ones."
    number = log.add(Kind.NOTE, {"person": "DC Example", "what": ACCEPTED + words}, {"reason": "agreed"})
    done = told(log, a=CALLS)
    for page in pages(done):
        assert words in page
        assert "DC Example was shown it and accepted it on" in page
        assert f"(entry {number})" in page
        assert "1 attempt to hand it a text" in page
        assert "bluetooth: Example 1" in page
        for wrong in ("AT commands", "differ by", "no entry says why", "number of the last text sent"):
            assert wrong not in page


def test_a_modem_alone_is_told_as_ever() -> None:
    log = SmallLog()
    log.begin()
    log.list_of((NUMBERS[0], TEXT))
    log.sent(1)
    done = told(log, a=DIALOGUE)
    text = statement.text(done, "Operation Example", "today").decode()
    assert "provider" not in text
    assert "What gsmsend did to SIMs and handsets, up to today." in text
    assert "handed over to be sent, by the transcripts: 1" in " ".join(text.split())
