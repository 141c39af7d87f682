"""The driver `smpp`: an account with any provider that speaks SMPP 3.4. Address form `smpp` or `smpp:NAME`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from gsmsend.contract import Clock, Endpoint, Link, OpenOptions, Sink, Traits
from gsmsend.model import Facts
from gsmsend.requesting import Pulse, RequestLink
from gsmsend_cloud.settings import account_name
from gsmsend_cloud.smpp import compose
from gsmsend_cloud.smpp.account import Account
from gsmsend_cloud.smpp.client import KeepingSink, PayloadClient
from gsmsend_cloud.smpp.link import PartLink
from gsmsend_cloud.smpp.settings import NAME, Long, Settings

_PULSE = Pulse(first_s=0.01, longest_s=3600.0, growth=60.0, check_s=3600.0)


class SmppDriver:
    """Satisfies gsmsend.contract.Driver."""

    name = NAME
    summary = "any provider that speaks SMPP 3.4, under the sender of its account"

    traits = Traits(
        kind="cloud account",
        reports="by themselves, for each part",
        replies="by themselves, where the account has a number of its own",
        unknown="by a late answer, or a report that names our reference, while signed in; else only by a person",
    )

    def discover(self) -> Sequence[Endpoint]:
        """Nothing: an account is there when it is named."""
        return ()

    def endpoint(self, address: str) -> Endpoint:
        """`smpp`, or `smpp:NAME` for the table [driver.smpp.NAME]. Raises UsageError."""
        return Endpoint(NAME, account_name(NAME, address), description="SMPP 3.4 account", cloud=True)

    def check_table(self, endpoint: Endpoint, settings: Mapping[str, object]) -> None:
        """Raise ConfigError for a key or value that cannot be; reads no secret."""
        Settings.of(endpoint.address, settings)

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Sign in and out again. Raises LinkLost, GuardStop, ConfigError."""
        compose.ready()
        account = Account(Settings.of(endpoint.address, options.settings), endpoint.address, time.time)
        try:
            return account.bring_up()
        finally:
            account.traffic.session.close()

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        """Connect. Raises LinkLost, GuardStop, ConfigError, DriverError without smpplib."""
        compose.ready()
        settings = Settings.of(endpoint.address, options.settings)
        account = Account(settings, endpoint.address, clock.now)
        if settings.long is not Long.PAYLOAD:
            return PartLink(account, sink)
        keeping = KeepingSink(sink)
        return RequestLink(PayloadClient(account, keeping), keeping, account.traffic.session.name, _PULSE)


DRIVER = SmppDriver()
