"""What a program asks of its store, statement by statement, frozen for the next one's test.

`python -m tests.upgrade.recording FILE` writes the store as it is at some moment, and every statement that the
program of today runs on it after that, with what it was told. The test lets a newer program bring that store
further and runs the same statements on it: the older one goes on beside it as it was, without its own code.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import sqlite3.dbapi2
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gsmsend.contract import Decision, ImportSource, NewMessage, Refused, Suppression
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Inbound, Outcome, OutcomeKind, Report, State
from gsmsend.store import SqlStore, schema
from gsmsend.store.key import NAME
from gsmsend.testing.store_desk import NOW_S, REFUSED, UNKNOWN, Desk, number
from gsmsend.testing.store_replies import e164, read

_ASKS = ("SELECT", "PRAGMA")
_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK")


class Spy:
    """Notes what all connections of this process run while it listens."""

    def __init__(self) -> None:
        self.listens = False
        self.heard: list[dict[str, Any]] = []

    def note(self, connection: sqlite3.Connection, statement: str, values: Any, *, many: bool = False) -> None:
        """A statement that was run just now; a question is asked again, for what it was told."""
        if not self.listens:
            return
        words = statement.split(None, 1)[0].upper()
        if words in _TRANSACTIONS or words == "PRAGMA":
            return
        told = None
        if words in _ASKS:
            cursor = sqlite3.Connection.cursor(connection, sqlite3.Cursor)
            told = [plain(row) for row in cursor.execute(statement, values).fetchall()]
        given = [plain(row) for row in values] if many else plain(values)
        self.heard.append({"sql": statement, "many": many, "values": given, "told": told})

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Every connection that is made meanwhile is heard."""
        spy, made = self, sqlite3.connect

        class Cursor(sqlite3.Cursor):
            def execute(self, statement: str, values: Any = (), /) -> Any:
                done = super().execute(statement, values)
                spy.note(self.connection, statement, values)
                return done

            def executemany(self, statement: str, values: Any, /) -> Any:
                rows = list(values)
                done = super().executemany(statement, rows)
                spy.note(self.connection, statement, rows, many=True)
                return done

        class Connection(sqlite3.Connection):
            def cursor(self, factory: Any = None) -> Any:
                return super().cursor(factory or Cursor)

        def connect(*given: Any, **named: Any) -> Any:
            return made(*given, **{**named, "factory": Connection})

        with patch.object(sqlite3, "connect", connect), patch.object(sqlite3.dbapi2, "connect", connect):
            yield


def plain(row: Sequence[object]) -> list[object]:
    """A row for JSON: octets as {"b": base64}."""
    octets = (bytes, memoryview)
    return [{"b": base64.b64encode(one).decode()} if isinstance(one, octets) else one for one in row]


def fancy(row: Sequence[Any]) -> tuple[object, ...]:
    """A row from JSON."""
    return tuple(base64.b64decode(one["b"]) if isinstance(one, dict) else one for one in row)


def begun(desk: Desk) -> None:
    """Before the newer program comes: people imported, some sent, one in doubt, one being sent."""
    store, line = desk.store, desk.line()
    store.add_officer("DC Example", "ab" * 32, "pc1", "pc9", NOW_S)
    store.suppress([number(40)], Suppression.NEVER, "by letter", "pc1", NOW_S)
    rows: list[NewMessage | Refused] = [NewMessage(number(row), f"Help {row}", row, 1) for row in range(1, 13)]
    rows.append(Refused(13, "0207 946 0000", "not a mobile number"))
    store.add(ImportSource("a.csv", "a", "campaign", NOW_S), rows)
    first, second, third = desk.claim(line, 3)
    desk.send(line, first, 1)
    store.record_report(line.line_id, Report(1, first.number, 0, raw="01"), NOW_S).result()
    desk.close(line, second, desk.open(line, second), UNKNOWN, State.UNCERTAIN)
    desk.open(line, third)


def gone_on(desk: Desk) -> None:
    """What the older program does while the newer one is there: all that runs and people do with a store."""
    store, other = desk.store, desk.line(2)
    ready = desk.claim(other, 5)
    desk.send(other, ready[0], 10)
    store.record_report(other.line_id, Report(10, ready[0].number, 0, raw="10"), NOW_S + 1).result()
    desk.close(other, ready[1], desk.open(other, ready[1]), REFUSED, State.QUEUED, due_at_s=NOW_S + 60)
    wrong = Outcome(OutcomeKind.REFUSED, code=28, why="not in use")
    desk.close(other, ready[2], desk.open(other, ready[2]), wrong, State.FAILED)
    desk.close(other, ready[3], desk.open(other, ready[3]), UNKNOWN, State.UNCERTAIN)
    store.release([ready[4].message_id], NOW_S).result()
    store.record_report(other.line_id, Report(99, number(70), 0x43, raw="99"), NOW_S).result()
    store.record_inbound(other.line_id, Inbound(ready[0].number, "thanks", NOW_S, how="CMT"), NOW_S).result()
    store.record_inbound(other.line_id, Inbound(ready[2].number, "STOP", NOW_S, how="CMT"), NOW_S).result()
    store.line_state(other.line_id, "ready", "", -70, "Example Mobile")
    store.counter_seen(other.line_id, "350000000000002")
    store.counter_read(other.line_id, 12)
    store.resolve(Decision(ready[3].message_id, True, "seen on the phone", "pc1", NOW_S))
    store.add(ImportSource("b.csv", "b", "second", NOW_S, draft=True), [NewMessage(number(50), "Again.", 1, 1)])
    store.release_campaign("second", 0, NOW_S)
    store.pause("second", "pc1", "a look", NOW_S)
    store.resume("second", "pc1", "", NOW_S)
    store.cancel("second", "pc1", "", NOW_S)
    store.forget("second", "pc1", "its time is over", NOW_S)
    store.unsuppress(number(40), Suppression.NEVER, "a mistake", "pc1", NOW_S)
    store.pin_try("8944000000000000017", 1, NOW_S)
    store.note("pc1", "looked", "", NOW_S)
    store.expire(NOW_S - 1, NOW_S)
    store.queued_for()
    store.messages(closed=True)
    store.inbox()
    store.lines()
    store.totals()
    store.sign_head(NOW_S + 90)


def record(folder: Path) -> dict[str, Any]:
    """The store at that moment, and what came after it."""
    path, spy = folder / "gsmsend.db", Spy()
    with spy.connected():
        store = SqlStore(path, EngineRules(read, e164))
        desk = Desk(store)
        begun(desk)
        with sqlite3.Connection(path) as copy:
            dump = list(copy.iterdump())
        spy.listens = True
        gone_on(desk)
        spy.listens = False
        store.close()
    key = (folder / NAME).read_bytes().hex()
    return {"head": schema.HEAD, "key": key, "dump": dump, "asked": spy.heard}


def main() -> None:
    """Write it."""
    with tempfile.TemporaryDirectory() as name:
        found = record(Path(name))
    lines = [json.dumps({"head": found["head"], "key": found["key"]})]
    lines += [json.dumps({"made": statement}) for statement in found["dump"]]
    lines += [json.dumps(one) for one in found["asked"]]
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
