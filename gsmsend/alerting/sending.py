"""Messages to the addresses of apprise: https://github.com/caronc/apprise. Whoever calls waits; nothing is raised.

An address has passwords in it: it is never shown, logged or quoted; it is called by its place in `to`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gsmsend.alerting.wording import Message
from gsmsend.config import FILE, Settings
from gsmsend.errors import UsageError
from gsmsend.requesting.secrets import secret

if TYPE_CHECKING:
    import apprise

NEEDED = "pip install 'gsmsend[alerts]'"


def addresses_of(settings: Settings) -> list[str]:
    """Who is told, as apprise has it. Raises ConfigError, or GuardStop if a secret is not there."""
    place = f"{settings.folder / FILE}: alerts.to"
    return [secret(place, name) for name in settings.alerts.to]


def needs_extra() -> None:
    """Raise UsageError if apprise is not installed."""
    from importlib.util import find_spec  # noqa: PLC0415 - only who is to tell somebody

    if find_spec("apprise") is None:
        raise UsageError("alerts need a package that is not installed: apprise", remedy=NEEDED)


class Addresses:
    """Everybody who is told. Loading them takes a second: it is left to the thread that sends."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._loaded: list[apprise.Apprise | None] | None = None

    def __len__(self) -> int:
        return len(self._addresses)

    def unusable(self) -> list[int]:
        """Places (from 0) of those that apprise cannot use."""
        return [place for place, one in enumerate(self._load()) if one is None]

    def send(self, place: int, message: Message) -> bool:
        """Send a message to the address at this place; whether it was taken there."""
        import apprise  # noqa: PLC0415 - 100 modules, for those who have alerts

        to = self._load()[place]
        if to is None:
            return False
        kind = apprise.NotifyType.FAILURE if message.urgent else apprise.NotifyType.WARNING
        kind = apprise.NotifyType.SUCCESS if message.good else kind
        try:
            taken = to.notify(
                body=message.body, title=message.title, notify_type=kind, body_format=apprise.NotifyFormat.TEXT
            )
        except Exception:  # noqa: BLE001 - plug-ins of a hundred services: none of them ends the thread that sends
            return False
        return bool(taken)

    def _load(self) -> list[apprise.Apprise | None]:
        if self._loaded is None:
            import apprise  # noqa: PLC0415 - as above

            quiet = logging.getLogger("apprise")  # it quotes addresses
            quiet.setLevel(logging.CRITICAL + 1)
            # Nothing but what stands in the address: no file of plug-ins, no storage of its own.
            asset = apprise.AppriseAsset(async_mode=False, app_id="gsmsend", plugin_paths=[])
            self._loaded = [self._one(apprise.Apprise(asset=asset), address) for address in self._addresses]
        return self._loaded

    @staticmethod
    def _one(to: apprise.Apprise, address: str) -> apprise.Apprise | None:
        try:
            return to if to.add(address) and len(to) else None
        except Exception:  # noqa: BLE001 - as above
            return None
