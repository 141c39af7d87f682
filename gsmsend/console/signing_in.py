"""Signing in and out: by the token of the terminal, or by an officer's key."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from math import inf

from starlette.responses import RedirectResponse, Response

from gsmsend.campaign.signing import ConsoleSignIn, verified
from gsmsend.console.challenge import code
from gsmsend.console.sessions import Viewer
from gsmsend.console.visit import Visit, cookie_name, viewer_of
from gsmsend.contract import OfficerRow, Role
from gsmsend.errors import GuardStop, UsageError

_ANSWER_WITHIN_S = 300.0
_HOUR_S = 3600.0


class Challenges:
    """Codes that were shown and not answered yet; each is good once, for a few minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._shown: dict[str, tuple[ConsoleSignIn, bool]] = {}

    def show(self, asked: ConsoleSignIn, *, wall: bool) -> None:
        """It is shown on a page."""
        oldest_ms = (self._clock() - _ANSWER_WITHIN_S) * 1000
        for nonce in [one for one, (made, _) in list(self._shown.items()) if made.at_ms < oldest_ms]:
            self._shown.pop(nonce, None)
        while len(self._shown) >= 100:
            self._shown.pop(next(iter(self._shown)), None)
        self._shown[asked.nonce] = (asked, wall)

    def take(self, nonce: str) -> tuple[ConsoleSignIn, bool] | None:
        """What was shown with this nonce, which is spent then."""
        found = self._shown.pop(nonce, None)
        if found is None or found[0].at_ms < (self._clock() - _ANSWER_WITHIN_S) * 1000:
            return None
        return found


def page(visit: Visit) -> Response:
    """Two ways in."""
    if viewer_of(visit.desk, visit.request) is not None:
        return RedirectResponse("/", 303)
    return _page(visit)


def by_token(visit: Visit) -> Response:
    """The token that stands on the terminal where the console was started."""
    _throttled(visit)
    if not visit.desk.token.take(visit.form.get("token", "")):
        return _failed(visit, "That is not the token that stands on the terminal now.")
    visit.desk.announce(visit.desk.token.words)
    until_s = visit.desk.clock() + visit.desk.settings.access.sign_in_hours * _HOUR_S
    viewer = replace(visit.desk.starter, csrf=secrets.token_urlsafe(24), until_s=until_s)
    return _begin(visit, viewer, wall=visit.form.get("wall") == "1")


def by_key(challenges: Challenges) -> Callable[[Visit], Response]:
    """Show an officer the code to sign."""

    def show(visit: Visit) -> Response:
        _throttled(visit)
        desk, now_s = visit.desk, visit.desk.clock()
        officer = _officer(visit)
        if officer is None:
            return _failed(visit, "This operation has no such officer.")
        until_s = now_s + desk.settings.access.sign_in_hours * _HOUR_S
        operation = desk.ask(lambda store: store.operation_id())
        asked = ConsoleSignIn(
            operation, officer.name, desk.url, secrets.token_hex(16), round(now_s * 1000), round(until_s * 1000)
        )
        wall = visit.form.get("wall") == "1"
        challenges.show(asked, wall=wall)
        return visit.page("sign_in_key.html", officer=officer, code=code(asked), nonce=asked.nonce)

    return show


def answer(challenges: Challenges) -> Callable[[Visit], Response]:
    """Check an officer's signature of the code."""

    def check(visit: Visit) -> Response:
        _throttled(visit)
        found = challenges.take(visit.form.get("nonce", ""))
        if found is None:
            return _failed(visit, "That code was used, or made too long ago. Begin again.")
        asked, wall = found
        officer = next((row for row in visit.desk.officers() if row.name == asked.officer), None)
        signature = "".join(visit.form.get("signature", "").split()).lower()
        if officer is None or officer.removed_at_s is not None:
            return _failed(visit, "That officer was removed.")
        if not verified(officer.public_key, signature, asked):
            return _failed(visit, f"That is not the signature of {officer.name} of that code. Begin again.")
        viewer = Viewer(
            officer.name, officer.login, officer.role, officer.unmask, officer.name, asked.until_ms / 1000
        )
        with visit.desk.change(viewer, older_stops=False) as store:
            store.sign_in(officer.name, officer.login, viewer.until_s, visit.desk.clock())
        return _begin(visit, viewer, wall=wall)

    return check


def out(visit: Visit) -> Response:
    """Sign out here."""
    visit.desk.sessions.end(visit.request.cookies.get(cookie_name(visit.request), ""))
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(cookie_name(visit.request), path="/")
    return response


def _begin(visit: Visit, viewer: Viewer, *, wall: bool) -> Response:
    if wall:
        viewer = replace(viewer, role=Role.VIEWER, unmask=False, wall=True, until_s=inf)
    visit.desk.sessions.end(visit.request.cookies.get(cookie_name(visit.request), ""))
    made = visit.desk.sessions.begin(viewer)
    response = RedirectResponse("/", 303)
    response.set_cookie(
        cookie_name(visit.request), made, path="/", httponly=True, samesite="strict",
        secure=visit.request.url.scheme == "https",
    )  # fmt: skip
    return response


def _page(visit: Visit, status: int = 200, failure: str = "") -> Response:
    # Whoever reaches the console over a network is not told who works here.
    named = ip_address(visit.desk.settings.console.address).is_loopback
    officers = [row for row in visit.desk.officers() if row.removed_at_s is None] if named else None
    ended = visit.request.query_params.get("ended") == "1"
    said = failure or ("You were signed out before that was done; nothing was changed." if ended else "")
    return visit.page("sign_in.html", status, officers=officers, failure=said)


def _failed(visit: Visit, words: str) -> Response:
    visit.desk.throttle.failed(_address(visit), visit.desk.clock())
    return _page(visit, 403, words)


def _throttled(visit: Visit) -> None:
    """Raise GuardStop for an address from which too many sign-ins were refused lately."""
    waits_s = visit.desk.throttle.waits_s(_address(visit), visit.desk.clock())
    if waits_s > 0:
        raise GuardStop(
            "too many sign-ins were refused here", remedy=f"Wait {round(waits_s) + 1} seconds, then try again."
        )


def _officer(visit: Visit) -> OfficerRow | None:
    given = visit.form.get("officer", "")
    if not given:
        raise UsageError("nobody was chosen: expected the officer who signs in")
    rows = visit.desk.officers()
    return next((row for row in rows if row.name == given and row.removed_at_s is None), None)


def _address(visit: Visit) -> str:
    return visit.request.client.host if visit.request.client is not None else ""
