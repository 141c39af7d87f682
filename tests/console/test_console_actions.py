"""What can be done from a page: by whom, and what of it is on record."""

from __future__ import annotations

import re

import httpx2 as httpx
import pytest

from gsmsend.contract import ImportSource, NewMessage
from gsmsend.model import State

from .conftest import Browser, words
from .scene import TEXT, number


def test_pause_and_resume_with_a_reason(browser: Browser) -> None:
    browser.by_key("DC Operator")
    page = browser.post("/campaigns/main/pause", reason="the charity's line is closed")
    assert "It is paused: nothing of it leaves now." in words(page)
    with browser.scene.store() as store:
        row = store.campaign("main")
    assert row is not None
    assert "the charity's line is closed" in row.paused
    entry = browser.scene.last("pause")
    assert (entry["person"], entry["reason"]) == ("operator", "the charity's line is closed")
    assert "paused" in words(browser.get("/"))
    page = browser.post("/campaigns/main/resume", reason="it is open again")
    assert "It goes on." in words(page)
    assert browser.scene.last("resume")["reason"] == "it is open again"


def test_the_log_names_the_officer_of_each_action(browser: Browser) -> None:
    browser.by_key("DC Operator")
    browser.post("/inbox/3/seen", reason="called back")
    sessions = [kind for kind in browser.scene.kinds() if kind == "session"]
    assert sessions
    with browser.scene.store() as store:
        said = [row.line for row in store.entries(["session"], None, 20)]
    assert any('"command":"serve"' in line and '"officer":"DC Operator"' in line for line in said)


def test_a_viewer_may_stop_and_nothing_else(browser: Browser) -> None:
    browser.by_key("PC Viewer")
    assert browser.post("/campaigns/main/pause", reason="it is wrong").status_code == 200
    before = [kind for kind in browser.scene.kinds() if kind not in ("session", "config")]
    for path, fields in (
        ("/campaigns/main/resume", {"reason": "x"}), ("/inbox/1/seen", {"reason": "x"}),
        ("/messages/5/settle", {"reason": "x", "as": "sent"}),
        ("/campaigns/second/approve/code", {"officer": "DI Approver"}),
        ("/campaigns/second/approve/sign", {"officer": "DI Approver"}),
    ):  # fmt: skip
        page = browser.post(path, **fields)
        assert page.status_code == 403, path
        assert "PC Viewer is signed in as viewer" in words(page)
    assert browser.get("/campaigns/second/approve").status_code == 403
    assert [kind for kind in browser.scene.kinds() if kind not in ("session", "config")] == before


@pytest.mark.parametrize("reason", ["", "  ", "she said 07700 900123 got it", "x" * 501])
def test_a_reason_is_needed_and_names_no_number(browser: Browser, reason: str) -> None:
    browser.by_key("DC Operator")
    page = browser.post("/messages/5/settle", reason=reason, **{"as": "sent"})
    assert page.status_code == 400
    assert "The reason" in words(page)
    assert browser.scene.state_of(5) is State.UNCERTAIN


def test_uncertain_texts_are_settled(browser: Browser) -> None:
    browser.by_key("DC Operator")
    assert "Message 5 to +447*****0004" in words(browser.get("/uncertain"))
    page = browser.post("/messages/5/settle", reason="the bill has it", **{"as": "sent"})
    assert "Message 5 is settled as sent by operator" in words(page)
    assert browser.scene.state_of(5) is State.SENT
    page = browser.post("/messages/6/settle", reason="the bill lacks it", **{"as": "not-sent"})
    assert browser.scene.state_of(6) is State.QUEUED
    assert "There is none" in words(page)
    again = browser.post("/messages/6/settle", reason="again", **{"as": "sent"})
    assert again.status_code == 400


def test_a_reply_is_marked_as_seen(browser: Browser) -> None:
    browser.by_key("DC Operator")
    assert "1 reply unread" in words(browser.get("/"))
    page = browser.post("/inbox/1/seen", reason="rang her, she is safe", flagged="1")
    assert "Text 1 was looked at." in words(page)
    assert "Danger to life" not in words(browser.get("/"))
    assert browser.scene.last("reply-seen")["person"] == "operator"
    assert browser.post("/inbox/99/seen", reason="x").status_code == 400


def test_two_officers_approve_by_signature(browser: Browser) -> None:
    browser.by_key("DI Approver")
    assert "Approve the campaign second" in words(browser.get("/campaigns/second/approve"))
    first = _approve(browser)
    assert "DI Approver approved it." in words(first)
    assert "1 of 2 officers approved it" in words(first)
    again = browser.post("/campaigns/second/approve/code")
    assert "has approved the campaign second already" in words(again)
    browser.by_key("DS Second")
    assert "It may be sent." in words(_approve(browser))
    assert browser.scene.last("approve")["officer"] == "DS Second"


def _approve(browser: Browser, accept: str = "") -> httpx.Response:
    page = browser.post("/campaigns/second/approve/code", **({"accept": accept} if accept else {}))
    assert page.status_code == 200, words(page)
    fields = _fields(page.text)
    code = browser.code(page)
    return browser.post(
        "/campaigns/second/approve/sign", signature=browser.scene.sign(code), digest=fields["digest"],
        at_ms=fields["at_ms"], officer=fields["officer"], **({"accept": accept} if accept else {}),
    )  # fmt: skip


def _fields(text: str) -> dict[str, str]:
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', text))


def test_a_wrong_signature_approves_nothing(browser: Browser) -> None:
    browser.by_key("DI Approver")
    page = browser.post("/campaigns/second/approve/code")
    fields = _fields(page.text)
    right = browser.scene.sign(browser.code(page))
    wrong = right[:-2] + ("00" if right[-2:] != "00" else "11")
    said = browser.post("/campaigns/second/approve/sign", signature=wrong, digest=fields["digest"],
                        at_ms=fields["at_ms"])  # fmt: skip
    assert said.status_code == 403
    assert "is not the signature of DI Approver" in words(said)
    assert "approve" not in browser.scene.kinds()


def test_what_changed_since_it_was_read_is_not_approved(browser: Browser) -> None:
    browser.by_key("DI Approver")
    page = browser.post("/campaigns/second/approve/code")
    fields, signature = _fields(page.text), browser.scene.sign(browser.code(page))
    with browser.scene.store() as store:
        source = ImportSource("late.csv", "d3", "second", browser.desk.clock(), person="importer", draft=True)
        store.add(source, [NewMessage(number(700), TEXT, 1, 1)])
    said = browser.post("/campaigns/second/approve/sign", signature=signature, digest=fields["digest"],
                        at_ms=fields["at_ms"])  # fmt: skip
    assert "was changed since you looked at it" in words(said)
    assert "approve" not in browser.scene.kinds()
