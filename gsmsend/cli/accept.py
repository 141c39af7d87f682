"""`gsmsend accept`: what sending over a route changes on the exhibit, and the officer who accepts it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from gsmsend import wiring
from gsmsend.cli import access, keys, options, retention, unlocking
from gsmsend.cli.operation import looked_at, opened
from gsmsend.cli.reasons import checked
from gsmsend.cli.route_list import Listed, collect, wanting
from gsmsend.cli.words import count
from gsmsend.config import Settings
from gsmsend.contract import AcceptedChanges, Driver, Endpoint, OfficerRow, StoreView, changes_there
from gsmsend.engine import exhibits
from gsmsend.errors import GuardStop, UsageError
from gsmsend.inert import line


@click.command()
@click.argument("route", required=False)
@click.option(
    "--because",
    "reason",
    default="",
    metavar="TEXT",
    callback=checked,
    help="Accept it, and why: on record, sealed.",
)
@click.option("--officer", "name", metavar="NAME", help="Who accepts.  [default: whose key is on this machine]")
@keys.key_file
@keys.passphrase_file
@options.operation
@unlocking.also_unlocks
@options.as_json
def accept(
    route: str | None,
    reason: str,
    name: str | None,
    key_file: Path | None,
    passphrase_file: Path | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Show what sending over ROUTE changes on the device; with --because, accept it.

    ROUTE is as in [modems] ports: bluetooth:00:00:5E:00:53:01. No text leaves over such a route before an
    approver has accepted exactly these words; if they ever differ, they must be accepted anew. The passphrase of
    the officer's key is asked for after they were shown. It holds for that device alone, by its serial number,
    Bluetooth address or IMEI; behind a port it is asked for the IMEI. Without ROUTE: what is wanted and accepted.
    """
    if route is None:
        if reason.strip():
            raise UsageError(
                "it is not clear what is accepted", remedy="Name the route: gsmsend accept ROUTE --because TEXT"
            )
        _list(folder, as_json=as_json)
        return
    driver, endpoint = _route(route)
    words, known_as = wiring.changes(driver, endpoint), wiring.named_as(driver, endpoint)
    if not words:
        raise UsageError(
            f"sending over {known_as} changes nothing on the device that it sends from; nothing is to be accepted",
            remedy=f"Send over it: gsmsend run{options.where(folder)}",
        )
    if exhibits.unnamed(driver, endpoint):
        raise UsageError(
            f"{known_as} alone names no device, and what changes is accepted for one device only",
            remedy=exhibits.named_instead(driver),
        )
    if not reason.strip():
        _show(folder, known_as, driver, endpoint, words, as_json=as_json)
        return
    with opened(folder) as (settings, store):
        if settings.lab:
            raise UsageError(
                "a lab operation needs nobody to accept it", remedy=f"Send: gsmsend run{options.where(folder)}"
            )
        device = exhibits.device(settings, driver, endpoint)
        before = store.accepted_changes(driver.name, device, words)
        officer, file = access.chosen(
            store, name or access.signed_in() or None, key_file, options.where(folder), "who accepts"
        )
        _may(officer)
        for shown in _words(known_as, words):
            options.say(shown)
        if endpoint.place:
            options.say(f"  It will hold for the device with {device}, which is there now.")
        if before is not None:
            options.say(f"  {before.person} accepted it before, on {retention.day(settings, before.at_s)}.")
        passphrase = keys.passphrase(passphrase_file, f"Passphrase of {officer.name}, who accepts this")
        now_s = time.time()
        said = changes_there(driver.name, device, words)
        signature = _signed(officer, file, passphrase, store.operation_id(), said, now_s)
        store.accept_changes(officer.name, driver.name, device, words, reason.strip(), now_s, signature)
    if as_json:
        by = {"person": officer.name, "at": options.iso(now_s)}
        options.emit({"route": known_as, "driver": driver.name, "changes": list(words), "accepted": by})
        return
    options.tell(f"{officer.name} accepted what sending over {known_as} changes. It is on record in these words.")
    options.tell(f"Next: gsmsend doctor{options.where(folder)}")


def _route(typed: str) -> wiring.Route:
    """The route that was named. Raises UsageError, in the words of an argument: nobody typed --port."""
    try:
        return wiring.route(typed)
    except UsageError as error:
        raise UsageError(str(error).removeprefix("--port "), remedy=error.remedy) from None


def _show(
    folder: Path, known_as: str, driver: Driver, endpoint: Endpoint, words: Sequence[str], *, as_json: bool
) -> None:
    with looked_at(folder) as (settings, store):
        by = exhibits.acceptance(store, driver, endpoint, words)
    if as_json:
        options.emit({"route": known_as, "driver": driver.name, "changes": list(words), "accepted": _by(by)})
        return
    _tell(known_as, words)
    options.tell(_state(settings, known_as, by))
    _tell_which(endpoint)


def _words(known_as: str, words: Sequence[str]) -> Iterator[str]:
    """What is accepted, as a person reads it."""
    yield line(f"Sending over {known_as} changes this on the device:")
    for number, one in enumerate(words, 1):
        yield line(f"  {number}. {one}")


def _tell(known_as: str, words: Sequence[str]) -> None:
    for shown in _words(known_as, words):
        options.tell(shown, hang=3)


def _state(settings: Settings, known_as: str, by: AcceptedChanges | None) -> str:
    if by is not None:
        return f"  Accepted by {by.person} on {retention.day(settings, by.at_s)}."
    if settings.lab:
        return "  This is a lab operation: nobody needs to accept it."
    where = options.where(settings.folder)
    return options.loud("  Not accepted: no text leaves over it.") + (
        f"\n  An approver accepts it with:\n    gsmsend accept{where} {shlex.quote(known_as)} --because 'why'"
    )


def _tell_which(endpoint: Endpoint) -> None:
    if endpoint.place:
        options.tell(
            f"  It holds for one device by its IMEI: a run asks the one at {endpoint.address} for it, and stops "
            "if it is another."
        )


def _may(officer: OfficerRow) -> None:
    """Raise GuardStop for an officer of another role."""
    if not officer.may_approve:
        raise GuardStop(
            f"the officer {officer.name} is not an approver (their role is {officer.role})",
            remedy="Another officer must accept it: gsmsend officer list",
        )


def _signed(officer: OfficerRow, file: Path, passphrase: str, operation: str, said: str, now_s: float) -> str:
    """The officer's signature of what they accept. Raises GuardStop unless the key is their own."""
    from gsmsend.campaign.signing import Acceptance, public_hex, sign  # noqa: PLC0415 - cryptography takes a while

    key = keys.private(file, passphrase)
    if public_hex(key) != officer.public_key:
        raise GuardStop(
            f"the key {file} is not that of the officer {officer.name}",
            remedy="Name the file of their own key with --key FILE, or say with --officer who accepts.",
        )
    return sign(key, Acceptance(operation, officer.name, said, round(now_s * 1000)))


def _list(folder: Path, *, as_json: bool) -> None:
    with looked_at(folder) as (settings, store):
        wanted = [(one, _accepted(store, one)) for one in wanting(collect(settings))]
        now = {(by.what, by.at_s) for _, by in wanted if by is not None}
        before = [by for by in store.all_accepted_changes() if (by.what, by.at_s) not in now]
    if as_json:
        for one, by in wanted:
            options.emit(
                {"route": one.name, "driver": one.driver.name, "changes": list(one.changes), "accepted": _by(by)}
            )
        for by in before:
            options.emit({"route": None, "what": by.what, "accepted": _by(by)})
        return
    for number, (one, by) in enumerate(wanted):
        if number:
            options.tell("")
        _tell(one.name, one.changes)
        if exhibits.unnamed(one.driver, one.endpoint) and not settings.lab:
            options.tell(options.loud(f"  It names no device. {exhibits.named_instead(one.driver)}"))
            continue
        options.tell(_state(settings, one.name, by))
        _tell_which(one.endpoint)
    if not wanted:
        options.tell("No route that this operation uses changes anything on the device that it sends from.")
    if before:
        options.tell(f"Accepted before: {count(len(before), 'time')}, for what is not used now or in other words:")
    for by in before:
        options.tell(line(f"  {by.person}, {retention.day(settings, by.at_s)}: {by.what}"), hang=4)


def _accepted(store: StoreView, one: Listed) -> AcceptedChanges | None:
    return exhibits.acceptance(store, one.driver, one.endpoint, one.changes)


def _by(by: AcceptedChanges | None) -> dict[str, str] | None:
    return {"person": by.person, "at": options.iso(by.at_s)} if by is not None else None
