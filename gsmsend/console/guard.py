"""What stands before every page: whose request it may be, what a browser may do with the answer, and faults.

A page of another origin cannot post here (RFC 6454, Fetch Metadata), a name that was pointed at this address is
not answered (DNS rebinding), and nothing that an answer holds may run, frame it, or be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOOKS = "/hooks/"
LARGEST = 64 * 1024
"""Octets of a form. A reason and a signature are far smaller."""
LARGEST_HOOK = 1 << 20
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()",
    "x-robots-tag": "noindex",
}


class Guard:
    """ASGI middleware, outermost. `names` are the hosts by which browsers may reach the console.

    `fault` is told of what went wrong in a page, and gives the words for it.
    """

    def __init__(self, app: ASGIApp, names: Collection[str], fault: Callable[[BaseException], str]) -> None:
        self._app, self._names, self._fault = app, frozenset(names), fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def told(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        code, refused = self._refused(scope)
        try:
            if refused:
                await PlainTextResponse(refused + "\n", code)(scope, receive, told)
            else:
                await self._app(scope, receive, told)
        except Exception as fault:  # noqa: BLE001 - the last edge of a page: nothing of it may reach a log or screen
            if not begun:
                await PlainTextResponse(self._fault(fault) + "\n", 500)(scope, receive, told)

    def _refused(self, scope: Scope) -> tuple[int, str]:
        """Why a request is not answered, with the status that says so; "" if it is."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host_of(host) not in self._names:
            return 403, "The console is not known by that name: see [console] names in gsmsend.toml."
        if scope["method"] in ("GET", "HEAD"):
            return 0, ""
        hook = str(scope["path"]).startswith(HOOKS)
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdecimal()):
            return 411, "Expected the length of what is sent."
        if int(length) > (LARGEST_HOOK if hook else LARGEST):
            return 413, "What was sent is too large."
        if hook:  # it comes from a provider, and is proven by a signature
            return 0, ""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        own = f"{scope['scheme']}://{host}"
        right = origin == own if origin is not None else site == "same-origin"
        return (0, "") if right else (403, "That did not come from a page of this console.")


def host_of(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        found = urlsplit(f"//{host}")
        return (found.hostname or "").rstrip(".") if found.username is None else ""
    except ValueError:
        return ""
