"""contract.Recording on the embedded store: entries of the audit log about what happened outside it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future

from gsmsend.audit import Kind
from gsmsend.store.base import Changer
from gsmsend.store.journal import enter


class Recordings(Changer):
    """contract.Recording."""

    def record(
        self,
        kind: Kind,
        data: Mapping[str, object],
        at_s: float,
        *,
        sealed: Mapping[str, object] | None = None,
        campaign_id: int = 0,
    ) -> Future[None]:
        """Put an entry into the audit log, in the order of the calls."""
        return self._writer.submit(lambda c: enter(c, kind, at_s, data, sealed=sealed, campaign_id=campaign_id))

    def record_now(
        self,
        kind: Kind,
        data: Mapping[str, object],
        at_s: float,
        *,
        sealed: Mapping[str, object] | None = None,
        campaign_id: int = 0,
    ) -> None:
        """The same; on disk when it returns."""
        self.record(kind, data, at_s, sealed=sealed, campaign_id=campaign_id).result()
