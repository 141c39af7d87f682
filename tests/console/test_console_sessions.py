"""Who gets in, as whom, and for how long."""

from __future__ import annotations

import re

import pytest

from gsmsend.contract import Role

from .conftest import URL, Browser, browsing, words
from .scene import Scene

PAGES = ("/", "/campaigns", "/campaigns/main", "/campaigns/second/approve", "/messages", "/uncertain", "/inbox",
         "/routes", "/audit")  # fmt: skip
POSTS = (
    "/campaigns/main/pause", "/campaigns/main/resume", "/campaigns/second/approve/code", "/messages", "/inbox",
    "/campaigns/second/approve/sign", "/inbox/1/seen", "/messages/5/settle",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_who_is_not_signed_in(browser: Browser, path: str) -> None:
    page = browser.client.get(path, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("path", POSTS)
def test_nobody_does_anything_who_is_not_signed_in(browser: Browser, path: str) -> None:
    before = browser.scene.kinds()
    page = browser.client.post(path, data={"reason": "x"}, headers={"origin": URL}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?ended=1")
    assert [kind for kind in browser.scene.kinds()[len(before) :] if kind != "session"] == []


def test_the_stream_is_for_who_is_signed_in(browser: Browser) -> None:
    assert browser.get("/wall/events").status_code == 401


def test_the_token_lets_in_once(browser: Browser) -> None:
    token = browser.desk.token.words
    told: list[str] = []
    browser.desk.announce = told.append
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", token)
    page = browser.send("/sign-in/token", token=token.lower().replace("-", " "))
    assert "tester" in words(page)
    browser.client.cookies.clear()
    assert "That is not the token" in words(browser.send("/sign-in/token", token=token))
    assert told == [browser.desk.token.words] != [token]


def test_the_cookie_is_for_this_console_alone(browser: Browser) -> None:
    page = browser.client.post("/sign-in/token", data={"token": browser.desk.token.words}, headers={"origin": URL},
                               follow_redirects=False)  # fmt: skip
    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "domain" not in cookie


def test_an_officer_signs_in_by_a_signature_and_it_is_on_record(browser: Browser) -> None:
    page = browser.by_key("DC Operator")
    assert "DC Operator operator" in words(page)
    assert browser.scene.last("sign-in") | {"until": ""} == {
        "officer": "DC Operator", "login": "operator", "until": ""
    }  # fmt: skip


def test_a_signature_is_good_for_one_code_and_one_officer(browser: Browser) -> None:
    page = browser.send("/sign-in/key", officer="DC Operator")
    (nonce,) = re.findall(r'name="nonce" value="(\w+)"', page.text)
    other = browser.send("/sign-in/key", officer="DI Approver")
    stranger = browser.scene.sign(browser.code(other))
    assert "not the signature of DC Operator" in words(
        browser.send("/sign-in/signed", nonce=nonce, signature=stranger)
    )
    right = browser.scene.sign(browser.code(page))
    assert "was used, or made too long ago" in words(browser.send("/sign-in/signed", nonce=nonce, signature=right))


def test_a_removed_officer_is_out_at_once(browser: Browser) -> None:
    browser.by_key("DC Operator")
    assert browser.get("/messages").url.path == "/messages"
    with browser.scene.store() as store:
        store.remove_officer("DC Operator", "tester", browser.desk.clock())
    assert browser.get("/messages").url.path == "/sign-in"


def test_another_role_counts_at_once(browser: Browser) -> None:
    browser.by_key("DC Operator")
    assert "Settle message" in words(browser.get("/uncertain"))
    with browser.scene.store() as store:
        store.change_officer("DC Operator", Role.VIEWER, "tester", browser.desk.clock())
    assert "Settle message" not in words(browser.get("/uncertain"))


def test_a_session_ends_after_its_hours_and_a_wall_screen_does_not(scene: Scene) -> None:
    now = [1_800_000_000.0]
    for browser in browsing(scene, [], lambda: now[0]):
        browser.by_key("DC Operator")
        now[0] += 11.9 * 3600
        assert browser.get("/").url.path == "/"
        now[0] += 0.2 * 3600
        assert browser.get("/").url.path == "/sign-in"
        page = browser.by_key("DI Approver", wall="1")
        assert "wall screen" in words(page)
        now[0] += 40 * 86_400
        assert browser.get("/").url.path == "/"
        assert browser.post("/campaigns/main/resume", reason="x").status_code == 403
        assert "in full" not in words(browser.get("/messages"))


def test_who_works_here_is_told_on_this_computer_only(scene: Scene) -> None:
    for browser in browsing(scene, []):
        assert "DI Approver" in browser.get("/sign-in").text
    scene.settle('address = "127.0.0.1"', 'address = "192.0.2.7"')
    for browser in browsing(scene, []):
        page = browser.get("/sign-in")
        assert "DI Approver" not in page.text
        assert "DI Approver approver" in words(browser.by_key("DI Approver"))


def test_what_was_done_is_said_once_and_by_nobody_else(browser: Browser) -> None:
    browser.by_key("DC Operator")
    assert "It is paused" in words(browser.post("/campaigns/main/pause", reason="a test"))
    assert "It is paused" not in words(browser.get("/campaigns/main"))
    assert "Ring this number" not in words(browser.get("/?done=Ring+this+number"))


def test_signing_out_ends_the_session_itself(browser: Browser) -> None:
    browser.by_key("DC Operator")
    kept = dict(browser.client.cookies)
    browser.post("/sign-out")
    browser.client.cookies.update(kept)
    assert browser.get("/").url.path == "/sign-in"


def test_guessing_is_slowed_down(scene: Scene) -> None:
    now = [1_800_000_000.0]
    for browser in browsing(scene, [], lambda: now[0]):
        for guess in range(5):
            assert browser.send("/sign-in/token", token=f"0000-0000-0000-000{guess}").status_code == 403
        refused = browser.send("/sign-in/token", token=browser.desk.token.words)
        assert "Too many sign-ins were refused here. Wait 61 seconds" in words(refused)
        now[0] += 61
        assert "tester" in words(browser.send("/sign-in/token", token=browser.desk.token.words))
