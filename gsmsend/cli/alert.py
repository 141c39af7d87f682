"""`gsmsend alert test`: whether those are reached who are told when something is wrong."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gsmsend.alerting import Ledger, News, Trouble, Urgency
from gsmsend.alerting.memory import remember, remembered
from gsmsend.alerting.sending import Addresses, addresses_of, needs_extra
from gsmsend.alerting.wording import a_test, message
from gsmsend.cli import options
from gsmsend.cli.operation import settings_of
from gsmsend.config import FILE, Alarm, Settings
from gsmsend.errors import GsmsendError, UsageError
from gsmsend.window import Window

_SOME_FAILED = 3
_TO_DO = (
    "Look at the address, in a browser or with a program of its service: its name, port and key, and whether this "
    "computer reaches it. Then try again."
)


def tell_at_once(settings: Settings, found: Trouble) -> None:
    """Tell everybody of [alerts] of it, if they want to hear of its kind. What fails is said on stderr.

    For commands that end with what they found: a run has a lookout of its own.
    """
    if not settings.alerts.to or found.kind not in settings.alerts.on:
        return
    try:
        needs_extra()
        addresses = Addresses(addresses_of(settings))
    except GsmsendError as error:
        options.say(f"Nobody was told: {error.words}")
        return
    news = message(News((found,)), settings.name, platform.node())
    for place, name in enumerate(settings.alerts.to):
        if not addresses.send(place, news):
            options.say(f"The alert was not taken by {name}")


@contextmanager
def told_if_it_ends(settings: Settings, *, stay: bool) -> Iterator[None]:
    """While this lasts, a service (`stay`) that ends with an error tells so, once, also before its run begins."""
    try:
        yield
    except Exception as fault:
        if stay:
            why = (
                fault.words if isinstance(fault, GsmsendError) else f"an unexpected fault ({type(fault).__name__})"
            )
            _tell_once(settings, Trouble(Alarm.STOPPED, Urgency.NOW, f"The run has stopped: {why}"))
        raise


def _tell_once(settings: Settings, found: Trouble) -> None:
    """Tell of it unless it was told already: by the run itself, or when the service was started before."""
    ledger = Ledger(settings.alerts, (settings.window or Window()).zone, remembered(settings.folder))
    if settings.alerts.to and ledger.look([found], time.time(), time.monotonic()) is not None:
        tell_at_once(settings, found)
        remember(settings.folder, ledger.told)


@click.group()
def alert() -> None:
    """Who is told when something is wrong: [alerts] in gsmsend.toml."""


@alert.command()
@options.operation
@options.as_json
def test(folder: Path, *, as_json: bool) -> int:
    """Send a test to each address of [alerts]. Ends with 0 if each took it, else with 3.

    That a service took it does not say that it arrived: look there.
    """
    settings = settings_of(folder)
    if not settings.alerts.to:
        raise UsageError(
            f"nobody is told of anything: {settings.folder / FILE} names no address",
            remedy='Write [alerts] with to = ["env:NAME"], and put an address of apprise into that variable.',
        )
    needs_extra()
    addresses = Addresses(addresses_of(settings))
    unusable = set(addresses.unusable())
    trial = a_test(settings.name, platform.node())
    failed = False
    for place, name in enumerate(settings.alerts.to):
        taken = place not in unusable and addresses.send(place, trial)
        failed = failed or not taken
        why = "" if taken else "it is no address that apprise knows" if place in unusable else "it was not taken"
        if as_json:
            options.emit({"address": name, "taken": taken, "why": why or None})
        else:
            options.tell(f"{name}: {'taken' if taken else why}")
    if failed and not as_json:
        options.say(_TO_DO)
    return _SOME_FAILED if failed else 0
