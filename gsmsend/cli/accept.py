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
from gsmsend.contract import AcceptedChanges, OfficerRow, StoreView
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
    the officer's key is asked for after they were shown. Without ROUTE: what is wanted, and what was accepted.
    """
    if route is None:
        if reason.strip():
            raise UsageError(
                "it is not clear what is accepted", remedy="Name the route: gsmsend accept ROUTE --because TEXT"
            )
        _list(folder, as_json=as_json)
        return
    driver, endpoint = wiring.route(route)
    words, known_as = wiring.changes(driver, endpoint), wiring.named_as(driver, endpoint)
    if not words:
        raise UsageError(
            f"sending over {known_as} changes nothing on the device that it sends from; nothing is to be accepted",
            remedy=f"Send over it: gsmsend run{options.where(folder)}",
        )
    if not reason.strip():
        _show(folder, known_as, driver.name, endpoint.address, words, as_json=as_json)
        return
    with opened(folder) as (settings, store):
        if settings.lab:
            raise UsageError(
                "a lab operation needs nobody to accept it", remedy=f"Send: gsmsend run{options.where(folder)}"
            )
        before = store.accepted_changes(driver.name, endpoint.address, words)
        officer, file = access.chosen(
            store, name or access.signed_in() or None, key_file, options.where(folder), "who accepts"
        )
        _may(officer)
        for shown in _words(known_as, words):
            options.say(shown)
        if known_as == driver.name:
            options.say(
                f"  It will hold for whichever device [driver.{driver.name}] names, or the only one there. For "
                f"one device alone, name it: {driver.name}:ADDRESS, as gsmsend modems shows it."
            )
        if before is not None:
            options.say(f"  {before.person} accepted it before, on {retention.day(settings, before.at_s)}.")
        passphrase = keys.passphrase(passphrase_file, f"Passphrase of {officer.name}, who accepts this")
        _is_theirs(officer, file, passphrase)
        now_s = time.time()
        store.accept_changes(officer.name, driver.name, endpoint.address, words, reason.strip(), now_s)
    if as_json:
        by = {"person": officer.name, "at": options.iso(now_s)}
        options.emit({"route": known_as, "driver": driver.name, "changes": list(words), "accepted": by})
        return
    options.tell(f"{officer.name} accepted what sending over {known_as} changes. It is on record in these words.")
    options.tell(f"Next: gsmsend doctor{options.where(folder)}")


def _show(folder: Path, known_as: str, driver: str, address: str, words: Sequence[str], *, as_json: bool) -> None:
    with looked_at(folder) as (settings, store):
        by = store.accepted_changes(driver, address, words)
    if as_json:
        options.emit({"route": known_as, "driver": driver, "changes": list(words), "accepted": _by(by)})
        return
    _tell(known_as, words)
    options.tell(_state(settings, known_as, by))


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


def _may(officer: OfficerRow) -> None:
    """Raise GuardStop for an officer of another role."""
    if not officer.may_approve:
        raise GuardStop(
            f"the officer {officer.name} is not an approver (their role is {officer.role})",
            remedy="Another officer must accept it: gsmsend officer list",
        )


def _is_theirs(officer: OfficerRow, file: Path, passphrase: str) -> None:
    """Raise GuardStop unless the key is the officer's own: a name alone can be typed by anybody."""
    from gsmsend.campaign.signing import public_hex  # noqa: PLC0415 - cryptography takes a while

    if public_hex(keys.private(file, passphrase)) != officer.public_key:
        raise GuardStop(
            f"the key {file} is not that of the officer {officer.name}",
            remedy="Name the file of their own key with --key FILE, or say with --officer who accepts.",
        )


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
        options.tell(_state(settings, one.name, by))
    if not wanted:
        options.tell("No route that this operation uses changes anything on the device that it sends from.")
    if before:
        options.tell(f"Accepted before: {count(len(before), 'time')}, for what is not used now or in other words:")
    for by in before:
        options.tell(line(f"  {by.person}, {retention.day(settings, by.at_s)}: {by.what}"), hang=4)


def _accepted(store: StoreView, one: Listed) -> AcceptedChanges | None:
    return store.accepted_changes(one.driver.name, one.endpoint.address, one.changes)


def _by(by: AcceptedChanges | None) -> dict[str, str] | None:
    return {"person": by.person, "at": options.iso(by.at_s)} if by is not None else None
