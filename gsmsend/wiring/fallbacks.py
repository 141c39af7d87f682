"""The fallbacks of an operation: their routes, and what a run must know of them."""

from __future__ import annotations

from collections.abc import Sequence

from gsmsend import registry
from gsmsend.campaign.fallback import digest_of_wording, reading_of, same_sender, sent_as
from gsmsend.campaign.standing import standing
from gsmsend.config import FILE, Settings
from gsmsend.contract import Driver, Endpoint, Store, TextBody
from gsmsend.contract.tabled import Tabled
from gsmsend.engine.fallwatch import Fallbacks, Plan
from gsmsend.errors import ConfigError, GuardStop, UsageError


def fallback_routes(settings: Settings) -> Sequence[tuple[Driver, Endpoint]]:
    """The routes of all fallbacks, each once. Raises ConfigError for one that bears the number of a line."""
    found: dict[str, tuple[Driver, Endpoint]] = {}
    for terms in settings.fallbacks.values():
        name = terms.route.partition(":")[0]
        where = f"{settings.folder / FILE}: [fallback.{terms.campaign}]: route = {terms.route!r}"
        if name not in registry.names():
            raise ConfigError(
                f"{where}: there is no driver of this name", remedy="See which there are with: gsmsend drivers"
            )
        driver = registry.driver(name)
        try:
            endpoint = driver.endpoint(terms.route)
        except UsageError:
            endpoint = None  # an address of its kind is something else
        if endpoint is None or not endpoint.cloud:
            raise ConfigError(
                f"{where}: expected a provider's account, and {name} is none",
                remedy="'gsmsend drivers' tells them apart. A second SIM is a line: see [line.NAME].",
            )
        if endpoint.address != terms.route:  # all else knows it by the route that officers approved
            raise ConfigError(
                f"{where}: expected the route as its driver writes it",
                remedy=f'Write route = "{endpoint.address}".',
            )
        seen = sent_as(settings, terms)
        if seen and not same_sender(seen, terms.sender, settings.region):
            whole = where.partition(": route")[0]
            raise ConfigError(
                f"{whole}: sender = {terms.sender!r}: expected {seen!r}, "
                f"which [driver.{terms.route.replace(':', '.')}] sends as",
                remedy="Officers approve what people will see: write the same in both.",
            )
        found.setdefault(endpoint.address, (driver, endpoint))
    return list(found.values())


def check_accounts(settings: Settings) -> None:
    """See that accounts which fallbacks or [modems] ports name have tables in order, before anybody signs.

    Asks nobody, and reads no secret. Raises ConfigError.
    """
    routes = list(fallback_routes(settings))
    installed = registry.names()
    for port in settings.ports:
        name = port.partition(":")[0]
        if name in installed and isinstance(driver := registry.driver(name), Tabled):
            routes.append((driver, driver.endpoint(port)))
    for driver, endpoint in routes:
        if isinstance(driver, Tabled):
            driver.check_table(endpoint, settings.drivers.get(driver.name, {}))


def fallbacks_of(settings: Settings, store: Store) -> Fallbacks:
    """What a run must know of them. Raises ConfigError for a wording that cannot be sent."""
    plans = tuple(
        Plan(terms, TextBody(terms.text, reading_of(terms).segments), digest_of_wording(settings, terms))
        for terms in settings.fallbacks.values()
    )
    required = settings.approval.required
    return Fallbacks(plans, (lambda name: _refusal(settings, store, name)) if required else None)


def _refusal(settings: Settings, store: Store, campaign: str) -> str:
    """Why a campaign may not be sent as it is now; also one of which nothing waits, so that nobody asked yet."""
    facts = store.campaign_facts(campaign)
    if facts is None:
        return "there is no such campaign"
    try:
        found = standing(settings, facts)
    except GuardStop as stop:
        return stop.words
    if found.changed:
        return f"the approval of the campaign is void: {'; '.join(found.changed)}"
    return f"the campaign {found.missing}" if found.missing else ""
