"""What a browser is told, and whose requests are answered."""

from __future__ import annotations

import pytest

from gsmsend.console.guard import LARGEST

from .conftest import URL, Browser, words
from .scene import PEOPLE, number


def test_every_answer_forbids_what_no_page_needs(browser: Browser) -> None:
    browser.by_key("DC Operator")
    for path in ("/", "/inbox", "/nowhere", "/static/console.css", "/sign-in"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in policy
        assert headers["cache-control"] == "no-store"


def test_no_page_has_script_or_style_in_it(browser: Browser) -> None:
    browser.by_key("DI Approver")
    for path in ("/", "/campaigns/main", "/campaigns/second/approve", "/messages", "/uncertain", "/inbox"):
        text = browser.get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick" not in text
        assert text.count("<script") == text.count('<script src="/static/')


@pytest.mark.parametrize("host", ["evil.example.org", "127.0.0.1.evil.example.org", "", "evil.example.org:8700"])
def test_another_name_for_this_address_is_not_answered(browser: Browser, host: str) -> None:
    page = browser.client.get("/sign-in", headers={"host": host})
    assert page.status_code == 403
    assert "not known by that name" in page.text


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example.org"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}, {},
    {"origin": "http://127.0.0.1:9999"},
])  # fmt: skip
def test_a_form_of_another_page_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    browser.by_key("DC Operator")
    fields = {"csrf": browser.token(), "reason": "a test"}
    page = browser.client.post("/campaigns/main/pause", data=fields, headers=headers)
    assert page.status_code == 403
    assert "pause" not in browser.scene.kinds()


@pytest.mark.parametrize("csrf", ["", "x", "\u20ac" * 40])
def test_a_form_without_its_token_does_nothing(browser: Browser, csrf: str) -> None:
    browser.by_key("DC Operator")
    page = browser.post("/campaigns/main/pause", csrf=csrf, reason="a test")
    assert page.status_code == 403
    assert "not of this session" in words(page)
    assert "pause" not in browser.scene.kinds()


def test_a_token_of_another_session_is_none(browser: Browser) -> None:
    browser.by_key("DC Operator")
    token = browser.token()
    browser.by_key("DI Approver")
    assert browser.post("/campaigns/main/pause", csrf=token, reason="a test").status_code == 403


def test_what_is_too_large_is_not_read(browser: Browser) -> None:
    page = browser.client.post("/sign-in/token", content=b"x" * (LARGEST + 1), headers={"origin": URL})
    assert page.status_code == 413
    page = browser.client.post("/sign-in/token", content=iter([b"token=x"]), headers={"origin": URL})
    assert page.status_code == 411


def test_a_fault_is_kept_and_nothing_of_it_is_shown(
    browser: Browser, faults: list[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.by_key("DC Operator")

    def broken(_rows: object) -> object:
        raise ValueError(number(7))

    monkeypatch.setattr("gsmsend.console.looking.wall.grid", broken)
    page = browser.get("/")
    assert (page.status_code, page.text) == (500, "This is a bug in gsmsend.\n")
    assert [type(one) for one in faults] == [ValueError]
    faults.clear()


def test_numbers_are_masked_on_every_page(browser: Browser) -> None:
    browser.by_key("DI Approver")
    told = [number(index).removeprefix("+44") for index in range(PEOPLE)]
    for path in ("/", "/campaigns/main", "/messages", "/uncertain", "/inbox", "/routes", "/audit"):
        page = words(browser.get(path)).replace(" ", "")
        assert not [one for one in told if one in page], path
    assert "+447*****0004" in words(browser.get("/uncertain"))


def test_numbers_in_full_are_a_right_and_leave_a_trace(browser: Browser) -> None:
    browser.by_key("DC Operator")
    assert "in full" not in words(browser.get("/messages"))
    assert browser.post("/messages", unmask="1").status_code == 403
    assert "unmask" not in browser.scene.kinds()
    browser.by_key("DI Approver")
    page = browser.post("/messages", unmask="1")
    assert number(3) in page.text
    assert browser.scene.last("unmask") == {"officer": "DI Approver", "command": "serve messages"}
    assert number(3) not in browser.get("/messages?unmask=1").text


def test_a_hostile_text_is_shown_inert(browser: Browser) -> None:
    browser.by_key("DC Operator")
    text = browser.get("/inbox").text
    assert "&lt;script&gt;document.title" in text
    assert "<img src=x" not in text
    assert "<U+202E>" in words(browser.get("/inbox"))
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "&lt;U+001B&gt;" in text
    assert "{{7*7}}" in text
