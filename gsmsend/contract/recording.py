"""The part of a store that writes to the audit log what happened outside it (docs/audit-log.md)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from gsmsend.audit import Kind


@dataclass(frozen=True, slots=True)
class ConfigFacts:
    """The settings that a store is opened with: `digest`, SHA-256 of gsmsend.toml; `settings`, what it comes to.

    No secrets in `settings`. `toml` is the file's text: it is sealed.
    """

    digest: str
    settings: Mapping[str, str]
    toml: str = field(repr=False)


class Recording(Protocol):
    """Facts from outside the store: a line that came up, an export, an unmasking."""

    def record(
        self,
        kind: Kind,
        data: Mapping[str, object],
        at_s: float,
        *,
        sealed: Mapping[str, object] | None = None,
        campaign_id: int = 0,
    ) -> Future[None]:
        """Put an entry into the audit log; resolved once it is on disk. Entries stand in the order of the calls.

        `data` has no recipient's number, name, text or PDU: those go into `sealed`, by name, under the key of the
        campaign (0: the operation's own; an acknowledgement's is its parent). Neither holds a float.
        """
        ...

    def record_now(
        self,
        kind: Kind,
        data: Mapping[str, object],
        at_s: float,
        *,
        sealed: Mapping[str, object] | None = None,
        campaign_id: int = 0,
    ) -> None:
        """The same; on disk when it returns. Raises StoreError, TypeError if there is a float in it."""
        ...
