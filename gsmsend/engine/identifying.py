"""Whether the SIM or account that is found behind an endpoint may be used, and what a route changes there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gsmsend.config import Settings
from gsmsend.contract import Driver, Endpoint, LineRow, Store
from gsmsend.engine import exhibits
from gsmsend.engine.gate import terms_of
from gsmsend.errors import GuardStop
from gsmsend.model import Facts, Sim

_DIGITS = re.compile(r"\d+")
_BETWEEN = re.compile(r"(?<=\d)[ ().-]+(?=\d)")
_NUMBER = re.compile(r"\+?\d[\d ().-]*")
_NATIONAL = 7
"""So many digits at a number's end tell it from others, however its country is written or left out."""


def same(line: LineRow, facts: Facts) -> bool:
    """Whether this is the line's SIM, or its account where there is no SIM to read."""
    sim = facts.sim
    if line.iccid and sim.iccid:
        return line.iccid == sim.iccid
    if line.imsi and sim.imsi:
        return line.imsi == sim.imsi
    return bool(line.account) and not sim.known and line.account == facts.device.account


def check(settings: Settings, store: Store, endpoint: Endpoint, facts: Facts, before: LineRow | None) -> None:
    """Raise GuardStop if it is one that may not be used. `before` is the line that this endpoint had."""
    if facts.sim.known or not facts.device.account:
        _check_sim(settings, store, endpoint, facts, before)
    else:
        _check_account(settings, store, endpoint, facts, before)


def _check_sim(settings: Settings, store: Store, endpoint: Endpoint, facts: Facts, before: LineRow | None) -> None:
    sim, address = facts.sim, endpoint.address
    if before is not None and sim.known and not same(before, facts):
        raise GuardStop(
            f"another SIM is in {address}: it was {_known_as(before)} and is now {_name(sim)}; nothing was sent "
            "from it",
            remedy="Put the first SIM back, or start again if the change is meant.",
        )
    if settings.sims and not {sim.iccid, sim.imsi} & set(settings.sims):
        raise GuardStop(
            f"the SIM in {address} ({_name(sim)}) is not one of modems.sims in gsmsend.toml; nothing was sent "
            "from it",
            remedy="Put the right SIM in, or add this one to modems.sims if it may be used.",
        )
    used = _used(settings, store, cloud=False) if not settings.sims else []
    if used and not any(same(line, facts) for line in used):
        raise GuardStop(
            f"the SIM in {address} ({_name(sim)}) is not one that this operation has sent from before "
            f"({_listed(used)}); nothing was sent from it",
            remedy="Put the right SIM in, or list every SIM that may be used under modems.sims.",
        )


def known(settings: Settings, store: Store, facts: Facts) -> bool:
    """Whether the SIM that was found is one of this operation's: named in gsmsend.toml, or a line already."""
    sim = facts.sim
    if {sim.iccid, sim.imsi} & set(settings.sims) or terms_of(settings.lines, sim) is not None:
        return True
    return any(same(line, facts) for line in store.lines(counted=False))


def check_joined(settings: Settings, endpoint: Endpoint, facts: Facts, line: LineRow | None) -> None:
    """Raise GuardStop if a device that was plugged in while the run goes on may not join it outside a lab.

    It may with a SIM that the operation knows (`line`, or by gsmsend.toml), in the device in which it was.
    """
    sim, address = facts.sim, endpoint.address
    if settings.lab or not sim.known:
        return
    if line is None and not {sim.iccid, sim.imsi} & set(settings.sims) and not terms_of(settings.lines, sim):
        raise GuardStop(
            f"{address} was plugged in while this run goes on, and its SIM ({_name(sim)}) is not one that this "
            "operation knows; nothing was sent from it",
            remedy="If it may be used: list it under modems.sims, or start the run again with it plugged in.",
        )
    if line is not None and line.imei is not None and line.imei != facts.device.imei:
        raise GuardStop(
            f"the SIM of {line.name} ({_name(sim)}) is in another device: it was in the one with the IMEI "
            f"{line.imei}, and is in {address} now (IMEI {facts.device.imei or 'unknown'}); nothing was sent",
            remedy="Put it back, or start the run again if the change is meant.",
        )


def _check_account(
    settings: Settings, store: Store, endpoint: Endpoint, facts: Facts, before: LineRow | None
) -> None:
    account, address = facts.device.account, endpoint.address
    if before is not None and not same(before, facts):
        raise GuardStop(
            f"another account is behind {address}: it was {_known_as(before)} and is now {account}; nothing was "
            "sent from it",
            remedy="Put the first account back, or start again if the change is meant.",
        )
    if endpoint.cloud and (name := line_of_sender(settings, store.lines(), account)):
        raise GuardStop(
            f"the account behind {address} sends under the number of the line {name}; nothing was sent over it",
            remedy="A text that does not come from the line may not look as if it did: give the account a sender "
            "of its own, and say in the text who writes.",
        )
    if endpoint.cloud and not settings.lab and (name := line_without_number(settings, store.lines(), account)):
        raise GuardStop(
            f"the account behind {address} sends under a number, and that of the line {name} is not known, so it "
            "may be the same; nothing was sent over it",
            remedy=number_it(name),
        )
    if settings.sims and not endpoint.cloud and not settings.lab and account not in settings.sims:
        raise GuardStop(
            f"what is behind {address} ({account}) does not tell which SIM texts would leave from, so it cannot "
            "be known to be one of modems.sims in gsmsend.toml; nothing was sent from it",
            remedy=f'See on the device which SIM is in it. If it may be used, add "{account}" to modems.sims.',
        )
    used = [line for line in _used(settings, store, cloud=endpoint.cloud) if _alike(line, endpoint)]
    if used and account not in settings.sims and not any(same(line, facts) for line in used):
        raise GuardStop(
            f"the account behind {address} ({account}) is not one that this operation has sent from before "
            f"({_listed(used)}); nothing was sent from it",
            remedy=f'Put the right account back, or add "{account}" to modems.sims if it may be used.',
        )


def _used(settings: Settings, store: Store, *, cloud: bool) -> list[LineRow]:
    """Lines of an operation that is no lab which have sent."""
    return [] if settings.lab else [line for line in store.lines() if line.sent and line.cloud == cloud]


def _alike(line: LineRow, endpoint: Endpoint) -> bool:
    """Accounts with several providers may be used side by side; what has the people's own number may not."""
    return not endpoint.cloud or line.driver == endpoint.driver


def line_of_sender(settings: Settings, lines: Iterable[LineRow], account: str) -> str:
    """The line whose number is the sender of an account (`Device.account`), as people call it; "" if none is."""
    numbers = [(terms.name, terms.number) for terms in settings.lines.values()]
    numbers += [(line.name, line.number) for line in lines if not line.cloud]
    senders = [digits.lstrip("0") for digits in _DIGITS.findall(_BETWEEN.sub("", account.rpartition(" from ")[2]))]
    for name, number in numbers:
        known = "".join(_DIGITS.findall(number or ""))
        if known and any(len(sender) >= _NATIONAL and known.endswith(sender) for sender in senders):
            return name
    return ""


def numeric(account: str) -> bool:
    """Whether an account sends under a whole telephone number, neither a name nor a short code."""
    sender = account.rpartition(" from ")[2] if " from " in account else ""
    return _NUMBER.fullmatch(sender) is not None and len("".join(_DIGITS.findall(sender))) >= _NATIONAL


def line_without_number(settings: Settings, lines: Iterable[LineRow], account: str) -> str:
    """A line that may have the number which an account sends under, since its own is not known; "" if none may."""
    if not numeric(account):
        return ""
    told = set()
    for line in lines:
        if line.cloud:
            continue
        terms = terms_of(settings.lines, Sim(line.iccid, line.imsi, line.number)) or settings.lines.get(line.name)
        if not line.number and (terms is None or not terms.number):
            return terms.name if terms is not None else line.name
        told.add(terms.name if terms is not None else line.name)
    return next((name for name, terms in settings.lines.items() if not terms.number and name not in told), "")


def number_it(name: str) -> str:
    """What to do where a line's number is not known."""
    return f"Say in gsmsend.toml, under [line.{name}], which number it has; or let the account send under a name."


def check_changes(
    settings: Settings, store: Store, driver: Driver, endpoint: Endpoint, facts: Facts | None = None
) -> None:
    """Raise GuardStop if sending over it changes an exhibit in a way that no officer has accepted for it.

    `facts` are what the device told when it was opened; without them it is asked, where its address is no name.
    Raises LinkLost if it must be asked and does not answer.
    """
    words = exhibits.changes(driver, endpoint)
    if settings.lab or not words:
        return
    device = exhibits.device(settings, driver, endpoint, facts)
    if store.accepted_changes(driver.name, device, words) is None:
        address, prefix = endpoint.address, f"{driver.name}:"
        route = address if address.startswith(prefix) else prefix + address
        which = f" ({device})" if endpoint.place else ""
        raise GuardStop(
            f"sending over {route}{which} changes the exhibit, and no officer has accepted that: "
            f"{_sentences(words)}; nothing was sent over it",
            remedy=f"If that may be, an officer accepts it: gsmsend accept '{route}' --because 'why'",
        )


def _sentences(words: Sequence[str]) -> str:
    return " ".join(words).rstrip(".")


def _listed(used: Sequence[LineRow]) -> str:
    return ", ".join(_known_as(line) for line in used)


def _known_as(line: LineRow) -> str:
    return line.account or _name(Sim(line.iccid, line.imsi))


def _name(sim: Sim) -> str:
    if sim.iccid:
        return f"ICCID {sim.iccid}"
    return f"IMSI {sim.imsi}" if sim.imsi else "a SIM that does not say who it is"
