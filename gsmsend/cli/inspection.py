"""Asking modems who they are, several at once, without changing anything on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from gsmsend import transcripts
from gsmsend.config import Settings
from gsmsend.contract import Driver, Endpoint, OpenOptions
from gsmsend.errors import GsmsendError, UsageError
from gsmsend.model import Facts

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Seen:
    """What one endpoint said, or why it said nothing."""

    endpoint: Endpoint
    facts: Facts | None
    problem: str | None = None
    remedy: str = ""
    guard: bool = False
    misconfigured: bool = False


def look(settings: Settings, found: Sequence[tuple[Driver, Endpoint]]) -> Iterator[Seen]:
    """Ask each, in order; opens and closes its port."""

    def ask(place: tuple[Driver, Endpoint]) -> Seen:
        driver, endpoint = place
        try:
            transcript = transcripts.place(settings, endpoint.address, looking=True)
            table = dict(settings.drivers.get(driver.name, {}))
            options = OpenOptions(transcript, table, exhibit=not settings.lab)
            return Seen(endpoint, driver.inspect(endpoint, options))
        except GsmsendError as error:
            wrong = isinstance(error, UsageError)
            return Seen(endpoint, None, str(error), error.remedy, error.exit_code == 5, misconfigured=wrong)
        except Exception as fault:  # noqa: BLE001 - a stranger's driver; the others must be asked all the same
            return Seen(
                endpoint, None, f"the driver {driver.name} failed ({type(fault).__name__}): that is a bug in it"
            )

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        yield from pool.map(ask, found)


def same_sim(one: Seen, other: Seen) -> bool:
    """Whether two that answered are one SIM, or one device or account where there is no SIM to read."""
    if one.facts is None or other.facts is None:
        return False
    mine, its = one.facts, other.facts
    if mine.sim.known and its.sim.known:
        both = ((mine.sim.iccid, its.sim.iccid), (mine.sim.imsi, its.sim.imsi))
    else:  # an IMEI alone may be that of several modems of a cheap kind
        both = ((mine.device.imei, its.device.imei), (mine.device.account or None, its.device.account))
    return any(left is not None and left == right for left, right in both)
