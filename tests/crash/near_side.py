"""gsmsend's own account: its answers, and its store, read from a copy lest that run its recovery."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gsmsend import config, wiring
from gsmsend.store.reporting import opened
from gsmsend.store.seals import Seals
from gsmsend.store.vault import Vault, attach, vault_of
from tests.crash.far_side import PYTHON, ROOT, environment


@dataclass(frozen=True, slots=True)
class Settled:
    """An attempt that was or is unknown; `by` is None while nobody knows. `by` is the store's word, or `sweep`."""

    number: str
    seq: int
    line: str
    outcome: str
    by: str | None


@dataclass(slots=True)
class Account:
    """What the store says.

    `attempts`: outcome and evidence by id. `cut_off`: open ones, with their lines. `parts_left` to send.
    `in_doubt`: by line, how many attempts are or ever were unknown. `reports`: (ICCID, recipient, TP-MR).
    `iccids`: by the line's name.
    """

    states: dict[str, int] = field(default_factory=dict)
    attempts: dict[int, tuple[str | None, str | None]] = field(default_factory=dict)
    cut_off: list[tuple[int, int]] = field(default_factory=list)
    parts_left: int = 0
    in_doubt: dict[int, int] = field(default_factory=dict)
    doubted: list[Settled] = field(default_factory=list)
    reports: list[tuple[str, str, int]] = field(default_factory=list)
    iccids: dict[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> int:
        """Recipients, whatever their state."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Store:
    """A copy of the store, opened with the operation's key."""

    connection: sa.Connection
    vault: Vault

    def execute(self, query: str) -> Any:
        return self.connection.exec_driver_sql(query)


@contextmanager
def copied(operation: Path) -> Iterator[Store | None]:
    """The store as a kill left it. Opening it in place would run its recovery before the program does."""
    place = operation / "gsmsend.db"
    if not place.exists():
        yield None
        return
    with tempfile.TemporaryDirectory() as name:
        for suffix in ("", "-wal"):
            source = place.with_name(place.name + suffix)
            if source.exists():
                shutil.copy(source, Path(name) / source.name)
        engine = sa.create_engine(f"sqlite:///{Path(name) / place.name}")
        try:
            with engine.connect() as connection:
                attach(connection, Seals(wiring.key_of(config.load(operation))))
                store = Store(connection, vault_of(connection))
                tables = store.execute("SELECT count(*) FROM sqlite_master").scalar_one()
                yield store if tables else None
        finally:
            engine.dispose()


def account(operation: Path) -> Account:
    """What the store says now, between two runs."""
    found = Account()
    with copied(operation) as store:
        if store is None:
            return found
        found.states = _pairs(store, "SELECT state, count(*) FROM messages GROUP BY state")
        attempts = store.execute("SELECT id, outcome, settled_by FROM attempts")
        found.attempts = {row[0]: (row[1], row[2]) for row in attempts}
        open_ones = store.execute("SELECT id, line_id FROM attempts WHERE closed_at_s IS NULL")
        found.cut_off = [(row[0], row[1]) for row in open_ones]
        found.in_doubt = _pairs(store, _IN_DOUBT)
        found.parts_left = store.execute(_PARTS_LEFT).scalar_one()
        found.doubted = [
            Settled(store.vault.number(campaign_id, message_id, number), *row)
            for message_id, campaign_id, number, *row in store.execute(_DOUBTED)
        ]
        found.reports = [
            (row.iccid, opened(store.vault, row).recipient, row.reference) for row in store.execute(_REPORTS)
        ]
        found.iccids = _pairs(store, "SELECT name, iccid FROM lines")
    return found


def _pairs(store: Store, query: str) -> dict[Any, Any]:
    return {row[0]: row[1] for row in store.execute(query)}


_IN_DOUBT = """
SELECT line_id, count(*) FROM attempts
WHERE closed_at_s IS NULL OR outcome = 'unknown' OR settled_by IS NOT NULL GROUP BY line_id
"""
_PARTS_LEFT = """
SELECT count(*) FROM parts p JOIN messages m ON m.id = p.message_id
WHERE m.state IN ('queued', 'sending') AND (p.outcome IS NULL OR p.outcome = 'refused')
"""
_DOUBTED = """
SELECT m.id, m.campaign_id, m.number, a.seq, l.name, a.outcome,
       CASE WHEN a.settled_by = 'delivery report' AND EXISTS (
           SELECT 1 FROM reports r JOIN parts p ON p.id = r.part_id
           WHERE p.message_id = a.message_id AND p.seq = a.seq AND r.how = 'sweep'
       ) THEN 'sweep' ELSE a.settled_by END
FROM attempts a JOIN messages m ON m.id = a.message_id JOIN lines l ON l.id = a.line_id
WHERE a.outcome = 'unknown' OR a.settled_by IS NOT NULL
"""
_REPORTS = (
    "SELECT l.iccid, r.recipient, r.reference, r.campaign_id, r.status, r.raw, r.raw_digest, r.handle, r.said "
    "FROM reports r JOIN lines l ON l.id = r.line_id"
)


def answers(operation: Path, *words: str) -> list[dict[str, Any]]:
    """What `gsmsend WORDS --json` prints, object by object."""
    done = subprocess.run(
        [*PYTHON, "gsmsend", *words, "--operation", str(operation), "--json"],
        capture_output=True, text=True, check=True, env=environment(), cwd=ROOT, timeout=60,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def resolve(operation: Path, message_id: int, *, as_sent: bool) -> None:
    """A person settles it."""
    verdict = "sent" if as_sent else "not-sent"
    subprocess.run(
        [
            *PYTHON, "gsmsend", "resolve", str(message_id), "--as", verdict, "--because", "the bench's record",
            "--operation", str(operation),
        ],
        capture_output=True, text=True, check=True, env=environment(), cwd=ROOT, timeout=60,
    )  # fmt: skip
