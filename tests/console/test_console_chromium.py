"""The console in headless Chromium: each view, each action, the keyboard, strangers' words and pages."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gsmsend.model import State

from .chromium import Screen, Served, found, pictures, screen, served
from .scene import HOSTILE, Scene, build, finish, struggle

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VIEWS = {
    "wall": "/", "campaigns": "/campaigns", "campaign": "/campaigns/main", "approve": "/campaigns/second/approve",
    "messages": "/messages", "failed": "/messages?state=failed", "inbox": "/inbox", "flagged": "/inbox?flagged=1",
    "uncertain": "/uncertain", "routes": "/routes", "audit": "/audit", "imports": "/audit?kind=import",
}  # fmt: skip
SIZES = {"wide": (1600, 900), "phone": (390, 844)}
_HERE = Path(__file__).parent
FAINT = (_HERE / "faint.js").read_text(encoding="utf-8")
UNNAMED = (_HERE / "unnamed.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return build(tmp_path_factory.mktemp("console") / "op", lines=8)


@pytest.fixture(scope="module")
def console(scene: Scene) -> Iterator[Served]:
    with scene.running(), served(scene) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=found(), args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def wide(chromium: Browser, scene: Scene, console: Served) -> Iterator[Screen]:
    with screen(chromium, scene, console) as made:
        yield made
        assert made.told == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_every_view_can_be_seen_read_and_heard(
    chromium: Browser, scene: Scene, console: Served, scheme: str, size: str, tmp_path: Path
) -> None:
    width, height = SIZES[size]
    folder = pictures(tmp_path)
    options = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    with screen(chromium, scene, console, **options) as shown:
        shown.go("/sign-in")
        assert shown.page.evaluate(FAINT) == []
        shown.page.screenshot(path=folder / f"sign-in-{scheme}-{size}.png", full_page=True)
        shown.by_key("DI Approver")
        for name, path in VIEWS.items():
            shown.go(path)
            if name == "wall":
                shown.page.wait_for_function("document.querySelector('.beat span').childElementCount === 0")
                shown.page.wait_for_timeout(600)
            assert shown.page.evaluate(FAINT) == [], name
            assert shown.page.evaluate(UNNAMED) == [], name
            over = shown.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, f"{name} is {over} pixels too wide"
            shown.page.screenshot(path=folder / f"{name}-{scheme}-{size}.png", full_page=size == "phone")
        assert shown.told == []
    assert len(list(folder.glob(f"*-{scheme}-{size}.png"))) >= len(VIEWS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_bench_of_64_lines_fits_on_a_wall_screen(chromium: Browser, tmp_path: Path, scheme: str) -> None:
    scene = build(tmp_path / "op", lines=64)
    with scene.store() as store:
        for at, (state, why) in enumerate((
            ("quarantined", "it did not answer for 5 min"), ("recovering", "its radio was switched off and on"),
            ("stopped", "another SIM is in it: \u202600026, not \u202600016"),
        )):  # fmt: skip
            store.line_state(scene.lines[at * 20 + 3], state, why, None, "")
        struggle(store, scene.lines[9], time.time(), 5)
        struggle(store, scene.lines[42], time.time(), 2)
        store.mark_seen(1, "a test", "tester", time.time())
    options = {"viewport": {"width": 1920, "height": 1080}, "color_scheme": scheme}
    with scene.running(), served(scene) as console, screen(chromium, scene, console, **options) as shown:
        shown.by_key("DC Operator")
        shown.page.wait_for_timeout(700)
        shown.page.screenshot(path=pictures(tmp_path) / f"wall-64-{scheme}.png")
        assert shown.page.locator(".grid .tile").count() == 64
        assert shown.page.locator(".tile .health.sick").inner_text().startswith("\u25a0")
        assert shown.page.locator(".tile .health.weak").first.inner_text().startswith("\u25b2")
        assert shown.page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
        assert shown.page.evaluate(FAINT) == []
        size = shown.page.locator(".sentence .words").evaluate("el => parseFloat(getComputedStyle(el).fontSize)")
        assert size >= 64  # 1/17 of the screen's height: some 4 cm on a wall screen, read from 10 m
        assert shown.told == []


def test_a_hostile_text_does_nothing_but_be_read(wide: Screen) -> None:
    wide.by_key("DC Operator")
    wide.go("/inbox")
    assert wide.page.title().startswith("Inbox")
    text = wide.page.locator("blockquote").first
    assert text.evaluate("el => el.childElementCount") == 0
    shown = text.inner_text()
    assert "<script>document.title='taken'</script>" in shown
    assert "<U+202E>gnp.exe" in shown
    assert "<U+001B>[2J{{7*7}}" in shown
    assert wide.page.locator("a[href^='javascript']").count() == 0
    assert "alert" in HOSTILE
    assert wide.told == []


def test_the_wall_shows_an_event_soon_after_it(wide: Screen) -> None:
    wide.by_key("DC Operator")
    said = wide.page.locator(".sentence .words")
    counts = wide.page.locator("[sse-swap=campaigns]")
    wide.page.wait_for_timeout(1500)
    before = counts.inner_text()
    begun = time.monotonic()
    finish(wide.scene, wide.scene.lines[1], time.time())
    wide.page.wait_for_function(
        "before => document.querySelector('[sse-swap=campaigns]').innerText !== before", arg=before, timeout=10_000
    )
    took_s = time.monotonic() - begun
    assert "5 delivered" in counts.inner_text()
    assert said.inner_text()
    print(f"on the wall {took_s:.2f} s after the change was begun")


def test_two_officers_approve_and_a_viewer_is_refused(
    chromium: Browser, wide: Screen, console: Served, tmp_path: Path
) -> None:
    wide.by_key("PC Viewer")
    wide.go("/campaigns/second")
    assert wide.page.get_by_text("Approving is for approvers.").is_visible()
    assert wide.page.get_by_role("link", name="Look at it and approve").count() == 0
    refused = wide.page.goto(console.url + "/campaigns/second/approve")
    assert refused is not None
    assert refused.status == 403
    assert "That is for approvers; PC Viewer is signed in as viewer" in wide.page.get_by_role("alert").inner_text()
    wide.told.clear()  # Chromium notes each answer of 403
    wide.page.screenshot(path=pictures(tmp_path) / "refused.png")
    for officer in ("DI Approver", "DS Second"):
        with screen(chromium, wide.scene, console) as shown:
            shown.by_key(officer)
            shown.go("/campaigns/second")
            shown.page.get_by_role("link", name="Look at it and approve").click()
            shown.page.get_by_role("button", name="Show what is approved").click()
            shown.page.screenshot(path=pictures(tmp_path) / "approve-sign.png")
            assert shown.page.evaluate(FAINT) == []
            assert shown.page.evaluate(UNNAMED) == []
            assert "Example Police: free help" in shown.page.get_by_label("What is approved").inner_text()
            shown.sign()
            shown.page.get_by_role("button", name="Approve").click()
            assert f"{officer} approved it." in shown.page.get_by_role("status").inner_text()
            assert shown.told == []
    wide.go("/campaigns/second")
    assert wide.page.get_by_text("It may be sent.").is_visible()


def test_pause_and_resume(wide: Screen) -> None:
    wide.by_key("DC Operator")
    wide.go("/campaigns/main")
    wide.page.get_by_label("Why, with no names").fill("the helpline is closed")
    wide.page.get_by_role("button", name="Pause main").click()
    assert "It is paused" in wide.page.get_by_role("status").inner_text()
    assert wide.page.get_by_text("the helpline is closed").first.is_visible()
    wide.page.get_by_label("Why, with no names").fill("it is open")
    wide.page.get_by_role("button", name="Resume main").click()
    assert "It goes on." in wide.page.get_by_role("status").inner_text()
    assert wide.scene.last("resume")["reason"] == "it is open"


def test_an_uncertain_text_is_settled(wide: Screen) -> None:
    wide.by_key("DC Operator")
    wide.go("/uncertain")
    card = wide.page.locator("li.card").filter(has_text="Message 5 to")
    card.get_by_label("It was sent", exact=True).check()
    card.get_by_label("How you know").fill("the SIM's bill has it")
    card.get_by_role("button", name="Settle message 5").click()
    assert "Message 5 is settled as sent by operator" in wide.page.get_by_role("status").inner_text()
    assert wide.scene.state_of(5) is State.SENT


def test_a_reply_is_looked_at(wide: Screen) -> None:
    wide.by_key("DC Operator")
    wide.go("/inbox?flagged=1")
    card = wide.page.locator("li.card.danger")
    card.get_by_label("What was done about it").fill("called her, she is safe")
    card.get_by_role("button", name="I have looked at text 1").click()
    assert "Text 1 was looked at." in wide.page.get_by_role("status").inner_text()
    assert wide.page.locator("li.card.danger").count() == 0


def test_numbers_in_full_for_one_page(wide: Screen) -> None:
    wide.by_key("DI Approver")
    wide.go("/messages")
    assert "+447700900003" not in wide.page.content()
    wide.page.get_by_role("button", name="Show numbers in full").click()
    assert "+447700900003" in wide.page.content()
    wide.page.get_by_role("link", name="Mask them again").click()
    assert "+447700900003" not in wide.page.content()
    assert wide.scene.last("unmask")["officer"] == "DI Approver"


def test_the_token_of_the_terminal(wide: Screen) -> None:
    wide.by_token()
    assert wide.page.get_by_text("approver", exact=True).is_visible()
    wide.page.get_by_role("button", name="Sign out").click()
    assert wide.page.get_by_role("heading", name="Sign in").is_visible()


def test_by_keyboard_alone(wide: Screen) -> None:
    wide.by_key("DC Operator")
    wide.go("/campaigns/main")
    keyboard = wide.page.keyboard
    keyboard.press("Tab")
    assert wide.page.evaluate("document.activeElement.className") == "skip"
    keyboard.press("Enter")
    assert wide.page.evaluate("document.activeElement.id") == "main"
    for _ in range(30):
        keyboard.press("Tab")
        seen = wide.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert seen != "none", wide.page.evaluate("document.activeElement.outerHTML")
        if wide.page.evaluate("document.activeElement.id") == "reason":
            break
    keyboard.type("by keyboard")
    keyboard.press("Tab")
    keyboard.press("Enter")
    wide.page.get_by_text("It is paused").wait_for()
    assert wide.scene.last("pause")["reason"] == "by keyboard"
    wide.page.get_by_label("Why, with no names").fill("as it was")
    keyboard.press("Enter")
    wide.page.get_by_text("It goes on.").wait_for()


def test_without_javascript(chromium: Browser, scene: Scene, console: Served) -> None:
    with screen(chromium, scene, console, java_script_enabled=False) as shown:
        shown.by_key("DC Operator")
        assert shown.page.locator(".sentence .words").inner_text()
        assert shown.page.locator("meta[http-equiv=refresh]").count() == 1
        shown.page.get_by_role("link", name="Messages").click()
        assert shown.page.get_by_role("heading", name="Messages").is_visible()
        shown.go("/campaigns/main")
        shown.page.get_by_label("Why, with no names").fill("no script")
        shown.page.get_by_role("button", name="Pause main").click()
        assert "It is paused" in shown.page.get_by_role("status").inner_text()
        shown.page.get_by_label("Why, with no names").fill("as it was")
        shown.page.get_by_role("button", name="Resume main").click()
        shown.page.get_by_text("It goes on.").wait_for()
        assert shown.told == []


class _Elsewhere(BaseHTTPRequestHandler):
    """A stranger's page that sends a form to the console."""

    target = ""

    def do_GET(self) -> None:
        body = (
            f'<form method="post" action="{self.target}/campaigns/main/pause"><input name="reason" value="x">'
            '<input name="csrf" value=""></form><script>document.forms[0].submit()</script>'
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_a_page_from_elsewhere_can_do_nothing(wide: Screen) -> None:
    wide.by_key("DC Operator")
    before = wide.scene.kinds().count("pause")
    _Elsewhere.target = wide.served.url
    with HTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        wide.page.goto(f"http://127.0.0.1:{server.server_port}/")
        wide.page.get_by_text("That did not come from a page of this console.").wait_for()
        server.shutdown()
    assert wide.scene.kinds().count("pause") == before
    wide.told.clear()
    wide.go("/campaigns/main")
    wide.page.get_by_label("Why, with no names").fill("with another token")
    wide.page.evaluate("document.querySelector('form[action$=pause] [name=csrf]').value = 'x'")
    wide.page.get_by_role("button", name="Pause main").click()
    assert "not of this session" in wide.page.get_by_role("alert").inner_text()
    assert wide.scene.kinds().count("pause") == before
    wide.told.clear()


def test_a_wall_that_hears_nothing_says_so(chromium: Browser, tmp_path: Path) -> None:
    scene = build(tmp_path / "op")
    with served(scene) as console, screen(chromium, scene, console) as shown:
        shown.by_key("DC Operator")
        connected = "() => document.querySelector('[sse-connect]')['htmx-internal-data']?.sseEventSource"
        shown.page.wait_for_function(connected)
        shown.page.wait_for_timeout(1000)
        assert shown.page.locator("#lost").is_hidden()
        console.process.kill()
        shown.page.get_by_text("This page is not up to date").wait_for(timeout=20_000)
