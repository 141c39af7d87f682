"""One request: who makes it, what they typed, and the page that they get."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gsmsend.console.desk import Desk, may
from gsmsend.console.pages import render
from gsmsend.console.sessions import Viewer
from gsmsend.errors import GsmsendError, GuardStop, KeyStop, UsageError

Page = Callable[["Visit"], Response]
Endpoint = Callable[[Request], Awaitable[Response]]
_FIELDS = 60


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a viewer. `form` are the fields of a post, the last of each name; `several` all of them."""

    request: Request
    desk: Desk
    viewer: Viewer | None
    form: Mapping[str, str]
    several: tuple[tuple[str, str], ...] = ()

    @property
    def who(self) -> Viewer:
        """Who it is, where somebody must be signed in."""
        assert self.viewer is not None  # noqa: S101 - `guarded` sees to it
        return self.viewer

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page of the console."""
        viewer = self.viewer
        common = {
            "operation": self.desk.settings.name,
            "viewer": viewer,
            "path": self.request.url.path,
            "may": (lambda command: viewer is not None and may(viewer, command)),
            "notice": self.desk.sessions.told(viewer) if viewer is not None else "",
            "problem": None,
        }
        return HTMLResponse(render(template, **{**common, **values}), status)

    def back(self, path: str, done: str) -> RedirectResponse:
        """After a change: to a page that says so."""
        self.desk.sessions.tell(self.who, done)
        return RedirectResponse(path, 303)

    def refused(self, error: GsmsendError) -> HTMLResponse:
        """An error, in words."""
        status = 403 if isinstance(error, GuardStop) and not isinstance(error, KeyStop) else 400
        return self.page("refused.html", status if isinstance(error, GuardStop | UsageError) else 500,
                         problem=str(error), remedy=error.remedy)  # fmt: skip


def viewer_of(desk: Desk, request: Request) -> Viewer | None:
    """Who is signed in, with the role that they have now. Blocks."""
    viewer = desk.sessions.find(request.cookies.get(cookie_name(request), ""), desk.clock())
    if viewer is None or not viewer.officer:
        return viewer
    rows = [row for row in desk.officers() if row.name == viewer.officer]
    return viewer.now(rows[0] if rows else None)


def guarded(desk: Desk, page: Page, command: str) -> Endpoint:
    """An endpoint for viewers whose role covers what `command` needs; a post must bear their session's token."""

    def answer(visit: Visit) -> Response:
        try:
            viewer = viewer_of(desk, visit.request)
            if viewer is None:
                path = "/sign-in" if visit.request.method in ("GET", "HEAD") else "/sign-in?ended=1"
                return RedirectResponse(path, 303)
            visit = Visit(visit.request, desk, viewer, visit.form, visit.several)
            if visit.request.method == "POST" and not _same(visit.form.get("csrf", ""), viewer.csrf):
                raise GuardStop(
                    "that form is not of this session", remedy="Open its page again, then send it once more."
                )
            desk.allow(viewer, command)
            return page(visit)
        except GsmsendError as error:
            return visit.refused(error)

    return _endpoint(desk, answer)


def open_to_all(desk: Desk, page: Page) -> Endpoint:
    """An endpoint for whoever reaches the console: signing in."""

    def answer(visit: Visit) -> Response:
        try:
            return page(visit)
        except GsmsendError as error:
            return visit.refused(error)

    return _endpoint(desk, answer)


def _endpoint(desk: Desk, answer: Page) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        fields = await _fields(request) if request.method == "POST" else ()
        return await run_in_threadpool(answer, Visit(request, desk, None, dict(fields), fields))

    return endpoint


async def _fields(request: Request) -> tuple[tuple[str, str], ...]:
    body = await request.body()
    try:
        return tuple(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        return ()


def cookie_name(request: Request) -> str:
    """With TLS a name that browsers let nobody else set (RFC 6265bis 4.1.3.2)."""
    return "__Host-gsmsend" if request.url.scheme == "https" else "gsmsend"


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
