"""The application: which page is at which address, and which command's right it needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gsmsend.console import acting, hooks, looking, signing_in
from gsmsend.console.desk import Desk
from gsmsend.console.guard import Guard
from gsmsend.console.pages import static_path
from gsmsend.console.visit import Endpoint, Page, guarded, open_to_all, viewer_of
from gsmsend.console.watcher import Watcher
from gsmsend.errors import GsmsendError

_LOOK: tuple[tuple[str, Page, str], ...] = (
    ("/", looking.wall_page, "status"),
    ("/campaigns", looking.campaigns_page, "status"),
    ("/campaigns/{name}", looking.campaign_page, "preview"),
    ("/campaigns/{name}/approve", acting.approve_page, "approve"),
    ("/routes", looking.routes_page, "status"),
    ("/audit", looking.audit_page, "verify"),
)
_NUMBERS: tuple[tuple[str, Page, str], ...] = (
    ("/messages", looking.messages_page, "messages"),
    ("/uncertain", looking.uncertain_page, "messages"),
    ("/inbox", looking.inbox_page, "inbox"),
)
"""Pages with numbers on them: a post asks for them in full."""
_ACT: tuple[tuple[str, Page, str], ...] = (
    ("/campaigns/{name}/pause", acting.pause, "pause"),
    ("/campaigns/{name}/resume", acting.resume, "resume"),
    ("/campaigns/{name}/approve/code", acting.ask_approval, "approve"),
    ("/campaigns/{name}/approve/sign", acting.approve, "approve"),
    ("/inbox/{reply:int}/seen", acting.seen, "inbox seen"),
    ("/messages/{message:int}/settle", acting.resolve, "resolve"),
    ("/sign-out", signing_in.out, "officer sign-out"),
)


def application(
    desk: Desk, names: frozenset[str], drivers: hooks.Named, fault: Callable[[BaseException], str]
) -> Guard:
    """The ASGI application. `names` are the hosts it answers to; `fault` keeps what went wrong, and says where."""
    watcher, challenges = Watcher(desk), signing_in.Challenges(desk.clock)

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(_minded(watcher, fault))
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            desk.close()

    routes = [Route(path, guarded(desk, page, command), methods=["GET"]) for path, page, command in _LOOK]
    routes += [
        Route(path, guarded(desk, page, command), methods=["GET", "POST"]) for path, page, command in _NUMBERS
    ]
    routes += [Route(path, guarded(desk, page, command), methods=["POST"]) for path, page, command in _ACT]
    routes += [
        Route("/wall/events", _events(desk, watcher), methods=["GET"]),
        Route("/sign-in", open_to_all(desk, signing_in.page), methods=["GET"]),
        Route("/sign-in/token", open_to_all(desk, signing_in.by_token), methods=["POST"]),
        Route("/sign-in/key", open_to_all(desk, signing_in.by_key(challenges)), methods=["POST"]),
        Route("/sign-in/signed", open_to_all(desk, signing_in.answer(challenges)), methods=["POST"]),
    ]
    if drivers:
        routes.append(Route("/hooks/{driver}", hooks.endpoint(desk, drivers), methods=["GET", "POST"]))
    files = StaticFiles(directory=static_path())
    broken = {Exception: _broken(fault)}
    app = Starlette(routes=[*routes, Mount("/static", files)], lifespan=life, exception_handlers=broken)
    return Guard(app, names, fault)


def _events(desk: Desk, watcher: Watcher) -> Endpoint:
    """The stream of one viewer. It ends when their session does."""

    async def events(request: Request) -> Response:
        def still() -> bool:
            try:
                return viewer_of(desk, request) is not None
            except GsmsendError:  # the store cannot be read now: the stream is what says so
                return True

        if not await asyncio.to_thread(still):
            return PlainTextResponse("Nobody is signed in.\n", 401)

        async def stream() -> AsyncIterator[ServerSentEvent]:
            async for name, html in watcher.subscribe(still):
                yield ServerSentEvent(html, event=name)

        return EventSourceResponse(stream(), ping=15, headers={"x-accel-buffering": "no"})

    return events


def _broken(fault: Callable[[BaseException], str]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What is answered where a page went wrong; nothing of what went wrong is in it."""

    async def answer(_request: Request, error: Exception) -> Response:
        return PlainTextResponse(await asyncio.to_thread(fault, error) + "\n", 500)

    return answer


async def _minded(watcher: Watcher, fault: Callable[[BaseException], str]) -> None:
    """Watch on, whatever happens: a wall that stands still is worse than one that says what is wrong."""
    while True:
        try:
            await watcher.run()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is kept, and the watch goes on
            await asyncio.to_thread(fault, error)
            await asyncio.sleep(5)
