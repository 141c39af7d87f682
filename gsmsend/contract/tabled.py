"""Drivers whose table in gsmsend.toml can be checked before anybody is reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from gsmsend.contract.driver import Endpoint


@runtime_checkable
class Tabled(Protocol):
    """A driver that can say what is wrong with its table without a library, a secret or the provider."""

    def check_table(self, endpoint: Endpoint, settings: Mapping[str, object]) -> None:
        """Raise ConfigError for a key or value of [driver.NAME] that cannot be; a secret is never repeated."""
        ...
