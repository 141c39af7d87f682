"""The console as a process of its own, and a real browser before it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .scene import Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def found() -> str:
    """Where Chromium is, "" if it is not here."""
    return next(filter(None, map(shutil.which, NAMES)), "")


if not found() or importlib.util.find_spec("playwright") is None:
    WORDS = "no Chromium, or no playwright, on this computer: apt install chromium"
    if os.environ.get("CI") == "true":
        pytest.fail(WORDS, pytrace=False)
    pytest.skip(WORDS, allow_module_level=True)


@dataclass
class Served:
    """A console that answers at `url`."""

    url: str
    process: subprocess.Popen[str]
    token: str

    def next_token(self) -> str:
        """The token after the one that was used: the console prints it."""
        given, self.token = self.token, ""
        return given or self.read()

    def read(self) -> str:
        """The token of the next line that it prints."""
        assert self.process.stdout is not None
        return str(json.loads(self.process.stdout.readline())["token"])


@contextmanager
def served(scene: Scene) -> Iterator[Served]:
    """`gsmsend serve` over a scene, ended by SIGTERM."""
    command = [sys.executable, "-m", "gsmsend", "serve", "--operation", str(scene.folder)]
    command += ["--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield Served(said["url"], process, said["token"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)


@dataclass
class Screen:
    """A window at the console. `told` is what its console and its dialogs said: nothing, if all is well."""

    page: Page
    served: Served
    scene: Scene
    told: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the console."""
        answer = self.page.goto(self.served.url + path)
        assert answer is not None
        assert answer.status < 400, path

    def by_token(self) -> None:
        """Sign in as whoever started it."""
        self.go("/sign-in")
        self.page.get_by_label("The token that").fill(self.served.next_token())
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.get_by_role("heading", name="Lines").wait_for()

    def by_key(self, officer: str) -> None:
        """Sign in as an officer: the code from the page, the signature into it."""
        self.go("/sign-in")
        self.page.get_by_label("Officer", exact=True).select_option(officer)
        self.page.get_by_role("button", name="Show the code to sign").click()
        self.sign()
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", name="Lines").wait_for()

    def sign(self) -> None:
        """Do on this page what it asks an officer to do with `gsmsend serve sign`."""
        code = self.page.locator("pre.command").inner_text().split()[-1]
        self.page.get_by_label("Paste what it printed").fill(self.scene.sign(code))


@contextmanager
def screen(chromium: Browser, scene: Scene, served: Served, **options: Any) -> Iterator[Screen]:
    """A window with cookies of its own."""
    options.setdefault("viewport", {"width": 1600, "height": 900})
    context = chromium.new_context(**options)
    page = context.new_page()
    made = Screen(page, served, scene)
    page.on("console", lambda message: made.told.append(message.text))
    page.on("pageerror", lambda error: made.told.append(str(error)))

    def refuse(dialog: Any) -> None:
        made.told.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    try:
        yield made
    finally:
        context.close()


def pictures(tmp: Path) -> Path:
    """Where pictures of the views go: the folder that GSMSEND_PICTURES names, else one of the test's own."""
    folder = Path(os.environ.get("GSMSEND_PICTURES") or tmp)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
