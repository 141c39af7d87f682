"""Five or more SIMs at once ask for an authority: which devices count, and what is said where there is none.

In the United Kingdom a device that can use five or more SIM cards at once, or in turn, may be held only with a
good reason or lawful authority (Crime and Policing Act 2026, on SIM farms; hw/law.md). Whether several modems on a
hub are one such device is for a court to say, so an array is treated as one: what counts are all devices that can
use a SIM, with one in them or not, of all hosts that work on the operation. Virtual modems have none, and accounts
use their provider's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from gsmsend.config import FILE, Settings
from gsmsend.contract import Endpoint

FROM = 5
"""So many SIMs and more."""
_ADD = (
    "Say by what right, under [authority] in {where} (which has that table once):\n"
    'reference = "what it is called and where it is kept"\nheld_by = "who answers for it"\n'
    "hw/law.md says what the law asks for. Or unplug devices until there are four."
)


def counts(endpoint: Endpoint) -> bool:
    """Whether a device that can use a SIM is there."""
    return not endpoint.virtual and not endpoint.cloud


class Authority:
    """Asked before a device is used. `elsewhere` gives how many physical lines other hosts have now.

    May be used from any thread.
    """

    def __init__(self, settings: Settings, now: Callable[[], float], elsewhere: Callable[[], int]) -> None:
        self._settings = settings
        self._now = now
        self._elsewhere = elsewhere

    def refusal(self, there: Iterable[Endpoint], *, alone: bool = False) -> tuple[str, str]:
        """Why devices may not all be used together, and what to do; empty if they may.

        `alone`: no other host is asked for, as before the run has joined them.
        """
        devices = sum(map(counts, there))
        if not devices or not (lack := self._lack()):
            return "", ""
        others = 0 if alone else self._elsewhere()
        total = devices + others
        if total < FROM:
            return "", ""
        also = f" ({others} of them at other hosts)" if others else ""
        where = self._settings.folder / FILE
        return f"{total} devices{also} can use a SIM, and {lack}", _ADD.format(where=where)

    def words(self, there: Iterable[Endpoint]) -> str:
        """By what right they are used, for the record; empty where none is needed."""
        devices, terms = sum(map(counts, there)), self._settings.authority
        total = devices + self._elsewhere() if devices else 0
        if total < FROM or not terms.reference:
            return ""
        held = f", held by {terms.held_by}" if terms.held_by else ""
        until = f", until {terms.expires.isoformat()}" if terms.expires is not None else ""
        return f"{total} devices that can use a SIM; authority: {terms.reference}{held}{until}"

    def _lack(self) -> str:
        """What is wrong with the authority; empty if nothing."""
        terms = self._settings.authority
        if not terms.reference.strip():
            return f"from {FROM} on that asks for a good reason or lawful authority, which is not in gsmsend.toml"
        if terms.expires is not None and datetime.fromtimestamp(self._now(), UTC).date() > terms.expires:
            return f"the authority in gsmsend.toml ({terms.reference}) ended on {terms.expires.isoformat()}"
        return ""
