"""The audit log against the tables, as a kill left both. Needs no key: what is sealed is not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gsmsend.audit import checking, digest
from tests.crash.near_side import Store, copied

_LINES = "SELECT line, hash FROM audit ORDER BY n"
_STATES = "SELECT id, CASE state WHEN 'sending' THEN 'queued' ELSE state END FROM messages ORDER BY id"
_COUNTED = {"attempts": "attempt", "reports": "report", "inbound": "inbound"}


def faults(operation: Path) -> Iterator[str]:
    """What is wrong between the two, in plain words."""
    with copied(operation) as store:
        if store is not None and store.execute("SELECT count(*) FROM audit").scalar_one():
            yield from _faults(store)


def _faults(store: Store) -> Iterator[str]:
    rows: list[Any] = list(store.execute(_LINES))
    states: list[Any] = list(store.execute(_STATES))
    chain = checking.check(line for line, _ in rows)
    yield from (f"audit log: {finding.what}" for finding in chain.findings)
    if any(digest(line) != kept for line, kept in rows):
        yield "audit log: a hash that is kept is not that of its entry"
    if dict(chain.states) != {row[0]: row[1] for row in states}:
        yield "the audit log tells other states than the messages have"
    for table, kind in _COUNTED.items():
        count = store.execute(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608 - the names above
        if count != chain.counts[kind]:
            yield f"the audit log tells of {chain.counts[kind]} {table}, and the store has {count}"
