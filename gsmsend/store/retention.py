"""Reading for retention: what was done last in each campaign. No sealed value is opened for it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import sqlalchemy as sa

from gsmsend.audit import Kind
from gsmsend.contract.retention import Act, LastAct, LastExport
from gsmsend.store import wiping
from gsmsend.store.base import Reader
from gsmsend.store.campaign_rows import UNDER_WAY, WAITING, names_of
from gsmsend.store.schema import attempts, audit, campaigns, decisions, imports, keys, messages, parts, reports

_ROOT = sa.func.coalesce(campaigns.c.parent_id, campaigns.c.id)
_OPEN = set(names_of(*WAITING, *UNDER_WAY))
_SENDS = (
    sa.select(messages.c.campaign_id, sa.func.max(attempts.c.opened_at_s))
    .join(messages, messages.c.id == attempts.c.message_id)
    .group_by(messages.c.campaign_id)
)
_REPORTS = (
    sa.select(messages.c.campaign_id, sa.func.max(reports.c.arrived_at_s))
    .join(parts, parts.c.id == reports.c.part_id)
    .join(messages, messages.c.id == parts.c.message_id)
    .group_by(messages.c.campaign_id)
)
_CANCELLATIONS = (
    sa.select(decisions.c.campaign_id, sa.func.max(decisions.c.at_s))
    .where(decisions.c.what == "cancel", decisions.c.campaign_id.is_not(None))
    .group_by(decisions.c.campaign_id)
)
_IMPORTS = sa.select(imports.c.campaign_id, sa.func.max(imports.c.at_s)).group_by(imports.c.campaign_id)
_TEXTS = sa.select(messages.c.campaign_id, messages.c.state, sa.func.count()).group_by(
    messages.c.campaign_id, messages.c.state
)
_FULL = "full"
_NO_CHANGE = [
    kind.value
    for kind in (
        Kind.SESSION, Kind.SIGN_IN, Kind.PREVIEW, Kind.UNMASK, Kind.EXPORT, Kind.KEY, Kind.STORE, Kind.HEAD,
        Kind.TIMESTAMP,
    )
]  # fmt: skip
"""What can follow the last pack without anything in it having changed."""
_FORGOTTEN = sa.select(keys.c.campaign_id, keys.c.destroyed_at_s).where(keys.c.destroyed_at_s.is_not(None))


class RetentionViews(Reader):
    """contract.RetentionView."""

    def last_acts(self) -> list[LastAct]:
        """The last act of each campaign."""
        with self._reading() as connection:
            return last_acts(connection)

    def unwiped(self) -> bool:
        """Whether the files still hold what was forgotten."""
        with self._reading() as connection:
            return wiping.wanted(connection)

    def last_export(self) -> LastExport:
        """The evidence packs that the audit log knows of."""
        with self._reading() as connection:
            return last_export(connection)


def last_acts(connection: sa.Connection) -> list[LastAct]:
    """The last act of each campaign that is no acknowledgement of another's replies."""
    roots: dict[int, int] = _pairs(connection, sa.select(campaigns.c.id, _ROOT))
    done: dict[int, tuple[float, Act]] = {}
    for act, query in ((Act.SEND, _SENDS), (Act.REPORT, _REPORTS), (Act.CANCEL, _CANCELLATIONS)):
        for campaign_id, at_s in connection.execute(query):
            root = roots.get(campaign_id, campaign_id)
            if root not in done or at_s > done[root][0]:
                done[root] = (at_s, act)
    imported: dict[int, float] = _pairs(connection, _IMPORTS)
    texts: Counter[int] = Counter()
    waiting: Counter[int] = Counter()
    for campaign_id, state, number in connection.execute(_TEXTS):
        texts[roots[campaign_id]] += number
        waiting[roots[campaign_id]] += number if state in _OPEN else 0
    forgotten: dict[int, float] = _pairs(connection, _FORGOTTEN)
    rows = connection.execute(
        sa.select(campaigns.c.id, campaigns.c.name, campaigns.c.created_at_s)
        .where(campaigns.c.parent_id.is_(None))
        .order_by(campaigns.c.id)
    )
    found = []
    for campaign_id, name, created_s in rows:
        last_s, what = done.get(campaign_id, (imported.get(campaign_id, created_s), Act.IMPORT))
        found.append(
            LastAct(
                campaign_id, name, last_s, what, texts[campaign_id], waiting[campaign_id],
                forgotten.get(campaign_id),
            )
        )  # fmt: skip
    return found


def last_export(connection: sa.Connection) -> LastExport:
    """How many packs were made, and whether the log has anything but looking on since the last full one."""
    found = connection.execute(
        sa.select(audit.c.n, audit.c.line).where(audit.c.kind == Kind.EXPORT.value).order_by(audit.c.n)
    ).all()
    full = [row.n for row in found if json.loads(row.line)["data"].get("variant") == _FULL]
    since = sa.select(audit.c.n).where(audit.c.n > (full[-1] if full else 0), audit.c.kind.not_in(_NO_CHANGE))
    return LastExport(len(found), connection.execute(since.limit(1)).first() is not None)


def _pairs(connection: sa.Connection, query: sa.Select[Any]) -> dict[int, Any]:
    return {row[0]: row[1] for row in connection.execute(query)}
