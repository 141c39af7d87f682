"""Who signs in where: an account with its sender, and what a person should know about it."""

from __future__ import annotations

from collections.abc import Callable

from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Device, Facts, Registration
from gsmsend.requesting import secret
from gsmsend_cloud.smpp.pdu import Command, system_id
from gsmsend_cloud.smpp.settings import NAME, Settings
from gsmsend_cloud.smpp.statuses import command_status
from gsmsend_cloud.smpp.traffic import Traffic

_MOST_PASSWORD = 8
"""Octets of a password, less its zero (5.2.2)."""
_WRONG = (0x0E, 0x0F, 0x53)
"""Wrong password, system_id, system_type: to ask again with the same could lock the account."""


class Account:
    """An account of `[driver.smpp]`, with a connection that is not signed in yet. Raises LinkLost, GuardStop."""

    def __init__(self, settings: Settings, address: str, now: Callable[[], float]) -> None:
        self._settings, self._address = settings, address
        self._password = secret(f"{settings.where}.password", settings.password)
        if len(self._password) > _MOST_PASSWORD or not self._password.isascii():
            raise GuardStop(
                f"{settings.where}.password: the secret is longer than {_MOST_PASSWORD} characters, or not ASCII",
                remedy="SMPP 3.4 has room for no more: ask the provider for one that fits.",
            )
        self.traffic = Traffic(settings, now)
        self._operator = ""
        self._told = 0

    def bring_up(self) -> Facts:
        """Sign in. Raises GuardStop if the provider will not have this account, LinkLost if it may later."""
        session = self.traffic.session
        answer = session.bind(self._password)
        if answer.status:
            found = command_status(answer.status)
            words = (
                f"{session.name} did not sign {self._settings.system_id} in ({found.name} 0x{answer.status:08X})"
            )
            if answer.status in _WRONG:
                raise GuardStop(
                    words,
                    remedy=f"Set {self._settings.where}.system_id, password and system_type as it was given.",
                )
            raise LinkLost(words)
        if answer.command != Command.BIND_TRANSCEIVER_RESP:
            raise LinkLost(f"{session.name} takes no transceivers of SMPP 3.4")
        self._operator = system_id(answer.body)
        return self.facts()

    def news(self) -> bool:
        """Whether there is a note that was not told yet."""
        new, self._told = len(self.traffic.notes) > self._told, len(self.traffic.notes)
        return new

    def facts(self) -> Facts:
        """Who it is: the account, no secret."""
        settings = self._settings
        place = f"{settings.host}:{settings.port}"
        notes = list(self.traffic.notes)
        if not settings.tls and not settings.loopback:
            notes.append("Numbers, texts and password cross the network in clear: set tls = true, or use a VPN.")
        if not settings.receipts:
            notes.append("No delivery reports are asked for: texts stay unconfirmed.")
        notes.append(
            "A text whose answer is lost waits for a late answer or a report while signed in, else for a person."
        )
        return Facts(
            Device(
                NAME, self._address, model="SMPP 3.4", virtual=settings.loopback,
                account=f"{settings.system_id} at {place} from {settings.sender}",
            ),
            registration=Registration.HOME, operator=self._operator or settings.host, smsc=place,
            reports=settings.receipts, notes=tuple(notes),
        )  # fmt: skip
