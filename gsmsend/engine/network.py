"""What a line's network, or its provider, says: gone, denied, or to be left alone; each told to people once."""

from __future__ import annotations

from collections.abc import Callable

from gsmsend.contract import Link
from gsmsend.engine import policy
from gsmsend.engine.context import RunContext
from gsmsend.engine.events import Notice
from gsmsend.engine.fitness import NO_NETWORK
from gsmsend.errors import GsmsendError, LineBarred
from gsmsend.model import Facts, Outcome

_REST_S = 5.0
"""After a text that was refused for want of a network, this line takes no other for so long."""
_DENIES = "the modem says that it has no network, though it is registered; such texts are tried again later"
_READ_S = 2.5


def barred(title: str, outcome: Outcome, *, account: bool) -> LineBarred:
    """What a line is stopped with that its network, or provider, takes no text from any more."""
    who, what = ("provider", "account") if account else ("network", "SIM")
    return LineBarred(
        f"line {title} is stopped: the {who} refuses every text from this {what} ({outcome.why})",
        remedy=f"Check its credit and whether the {what} is barred, then run again; nothing is lost.",
    )


class NetworkWatch:
    """Of one line, for as long as a link is open. Owned by the line's thread."""

    def __init__(self, context: RunContext, link: Link, title: str) -> None:
        self._context = context
        self._link = link
        self._title = title
        self._gone = ""
        self._denies = False
        self._rest_until_s = 0.0
        self._asked = ""

    def tell(self, why: str) -> None:
        """Say once that the network is gone, and why, and once that it is back."""
        if why == self._gone:
            return
        words = f"{self._title}: {why or 'the network is back'}"
        self._gone = why
        self._notice("warning" if why else "info", words)

    def denied(self, outcome: Outcome, facts: Callable[[], Facts]) -> tuple[bool, Exception | None]:
        """Whether a text was refused for want of a network although there is one; with the fault of asking.

        The driver reads the registration again within `_READ_S` of such an answer.
        """
        if not policy.no_network(outcome):
            return False, None
        clock = self._context.clock
        until_s = clock.monotonic() + _READ_S
        try:
            while (usable := facts().registration.usable) and (left_s := until_s - clock.monotonic()) > 0:
                self._link.listen(left_s)
        except GsmsendError as fault:
            return False, fault
        return usable, None

    def tell_denied(self) -> None:
        """Say once that it is so."""
        if not self._denies:
            self._denies = True
            self._notice("warning", f"{self._title}: {_DENIES}")

    def rest(self, outcome: Outcome, now_s: float, *, denied: bool) -> bool:
        """Rest after such a refusal; whether the route asked for it."""
        if policy.no_network(outcome) and not denied:
            self._rest_until_s, self._asked = now_s + _REST_S, ""
        wait_s = policy.asked_to_wait_s(outcome)
        if not wait_s:
            return False
        self._rest_until_s = now_s + wait_s
        self._asked = f"the provider asks to wait until {self._context.gate.clock(self._rest_until_s)}"
        self._notice("warning", f"{self._title}: {self._asked} ({outcome.why})")
        return True

    def resting(self, facts: Facts) -> tuple[float, tuple[str, str], str] | None:
        """For how many seconds more, with words for people (state, doing, why); None if it does not rest."""
        left_s = self._rest_until_s - self._context.clock.now()
        if left_s <= 0:
            return None
        if self._asked:
            return left_s, ("waiting", self._asked), self._asked
        why = NO_NETWORK.get(facts.registration, "the modem says that it has no network")
        return left_s, ("no network", "waiting for the network"), why

    def _notice(self, level: str, words: str) -> None:
        self._context.publish(Notice(self._context.clock.now(), level, words))
