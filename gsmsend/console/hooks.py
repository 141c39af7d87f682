"""Webhooks of providers: each driver checks and reads its own, what they bring goes into the store.

Only with `[console] hooks = true` and TLS. What is not proven is answered with 403, and nothing of it is kept or
told but how often it happened.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gsmsend import registry
from gsmsend.config import FILE, Settings
from gsmsend.console.desk import Desk
from gsmsend.contract import Hooked
from gsmsend.errors import ConfigError, GsmsendError, UsageError
from gsmsend.model import Report
from gsmsend.requesting import secret

Named = Mapping[str, tuple[Hooked, str]]


def hooked(settings: Settings) -> Named:
    """Drivers whose webhooks are taken, with the secret of each. Raises ConfigError, GuardStop, DriverError."""
    if not settings.console.hooks:
        return {}
    place = f"{settings.folder / FILE}: [console]"
    if not settings.console.certificate:
        raise ConfigError(
            f"{place} hooks = true without certificate and key: webhooks carry numbers and texts of people",
            remedy="Name a certificate and its key, or take hooks out.",
        )
    found = {}
    for name, named in settings.console.hook_secrets.items():
        driver = registry.driver(name)
        if not isinstance(driver, Hooked):
            raise ConfigError(f"{place} hook_secrets: the driver {name} takes no webhooks")
        found[name] = (driver, secret(f"{FILE}: console.hook_secrets.{name}", named))
    return found


def endpoint(desk: Desk, drivers: Named) -> Callable[[Request], Awaitable[Response]]:
    """Takes one webhook."""

    async def take(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_take, desk, drivers, request, body)

    return take


def _take(desk: Desk, drivers: Named, request: Request, body: bytes) -> Response:
    name = str(request.path_params["driver"])
    if name not in drivers:
        return PlainTextResponse("No webhooks are taken here.\n", 404)
    driver, proof = drivers[name]
    base = desk.settings.console.hook_url.rstrip("/")
    url = str(request.url) if not base else f"{base}{request.url.path}" + (
        f"?{request.url.query}" if request.url.query else ""
    )  # fmt: skip
    try:
        brought = driver.received(dict(request.headers), body, url, proof, desk.clock())
    except UsageError:
        return PlainTextResponse("Refused.\n", 403)
    try:
        lines = [row for row in desk.ask(lambda store: store.lines()) if row.driver == name]
        if not lines:
            return PlainTextResponse("Nothing was sent over this yet: try again later.\n", 503)
        store, line_id = desk.standing(), lines[0].line_id
        for one in brought:
            if isinstance(one, Report):
                store.record_report(line_id, one, desk.clock()).result()
            else:
                store.record_inbound(line_id, one, desk.clock()).result()
    except GsmsendError:
        return PlainTextResponse("It cannot be kept now: try again later.\n", 503)
    return Response(status_code=204)
