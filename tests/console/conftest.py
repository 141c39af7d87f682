"""The console over a scene: asked directly, without a socket."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from gsmsend import config
from gsmsend.console.app import application
from gsmsend.console.desk import Desk
from gsmsend.console.sessions import Viewer
from gsmsend.contract import Role

from .scene import Scene, build

URL = "http://127.0.0.1:8700"
NAMES = frozenset({"127.0.0.1", "localhost"})


@dataclass
class Browser:
    """A viewer's browser, as far as cookies and forms go."""

    client: TestClient
    desk: Desk
    scene: Scene

    def get(self, path: str) -> httpx.Response:
        """A page."""
        return self.client.get(path)

    def post(self, path: str, *, page: str = "/", csrf: str | None = None, **fields: str) -> httpx.Response:
        """Send a form as `page` has it, with its token."""
        token = csrf if csrf is not None else self.token(page)
        return self.client.post(path, data={"csrf": token, **fields}, headers={"origin": URL})

    def token(self, page: str = "/") -> str:
        """The token in the forms of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        return found[1] if found else ""

    def send(self, path: str, **fields: str) -> httpx.Response:
        """A form of nobody who is signed in."""
        return self.client.post(path, data=fields, headers={"origin": URL})

    def code(self, page: httpx.Response) -> str:
        """The code on a page."""
        found = re.search(r"serve sign (gsmsend-1-[\w-]+)", page.text)
        assert found, page.text
        return found[1]

    def by_key(self, officer: str, **more: str) -> httpx.Response:
        """Sign in with an officer's key."""
        page = self.send("/sign-in/key", officer=officer, **more)
        nonce = re.search(r'name="nonce" value="(\w+)"', page.text)
        assert nonce, page.text
        return self.send("/sign-in/signed", nonce=nonce[1], signature=self.scene.sign(self.code(page)))


def words(page: httpx.Response) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """An operation of officers."""
    return build(tmp_path / "op")


@pytest.fixture
def faults() -> list[BaseException]:
    """What went wrong in pages."""
    return []


@pytest.fixture
def browser(scene: Scene, faults: list[BaseException]) -> Iterator[Browser]:
    """A browser that is not signed in."""
    yield from browsing(scene, faults)


def keeping(faults: list[BaseException]) -> Callable[[BaseException], str]:
    """Keeps what went wrong in pages."""

    def fault(error: BaseException) -> str:
        faults.append(error)
        return "This is a bug in gsmsend."

    return fault


def browsing(
    scene: Scene, faults: list[BaseException], clock: Callable[[], float] | None = None
) -> Iterator[Browser]:
    """The console over a scene, and a browser before it."""
    starter = Viewer("tester", "tester", Role.APPROVER, unmask=True, officer="", until_s=0.0)
    settings = config.load(scene.folder)
    desk = Desk(settings, starter, URL, clock) if clock is not None else Desk(settings, starter, URL)

    app = application(desk, NAMES, {}, keeping(faults))
    with TestClient(app, base_url=URL, client=("127.0.0.1", 50000)) as client:
        yield Browser(client, desk, scene)
    assert not faults
