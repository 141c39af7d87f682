"""A store that an earlier version made is brought up to date, with all that is in it."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gsmsend.campaign.changes import OLDER_FORM
from gsmsend.campaign.standing import standing
from gsmsend.cli.preview import begin_log
from gsmsend.config import ApprovalPolicy, Settings
from gsmsend.contract import ImportSource
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import GuardStop, StoreError
from gsmsend.model import Device, Inbound, Sim, State, fingerprint
from gsmsend.store import SqlStore, schema
from gsmsend.store.campaign_facts import content_of
from gsmsend.store.migrate import configuration
from gsmsend.store.vault import vault_of
from gsmsend.testing.store_desk import Desk, accepted, report
from gsmsend.wiring import clear_to_send

from .raw_files import found_in

_FIRST = (
    "INSERT INTO campaigns VALUES (1, 'main', 1.0)",
    "INSERT INTO imports VALUES (1, 1, 'people.csv', 'd', 2, 0, 0, 1, 1.0)",
    "INSERT INTO texts VALUES (1, 'd', 'Help is here.', 1)",
    "INSERT INTO messages VALUES (1, 1, 1, 2, '+447700900001', 1, 'delivered', '', 1.0, 0, 1, 2.0)",
    "INSERT INTO messages VALUES (2, 1, 1, 3, '+447700900002', 1, 'queued', '', 1.0, 0, 1, 1.0)",
    "INSERT INTO parts (id, message_id, seq) VALUES (1, 1, 1), (2, 2, 1)",
)


def made_by_the_first_version(path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        for statement in _FIRST:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"PRAGMA application_id={0x67736D73}")
    engine.dispose()


def test_nothing_of_an_older_store_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_first_version(path)
    store = SqlStore(path, EngineRules())
    try:
        found = {message.number: message.state for message in store.messages()}
        assert found == {"+447700900001": State.DELIVERED, "+447700900002": State.QUEUED}
    finally:
        store.close()


def test_a_migrated_store_is_as_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_first_version(path)
    SqlStore(path, EngineRules()).close()
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == schema.HEAD
    engine.dispose()


def test_the_audit_log_is_only_written_on_in_new_and_in_migrated_stores(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    made_by_the_first_version(old)
    for path in (old, new):
        store = SqlStore(path, EngineRules())
        store.note("pc1", "looked", "", 1.0)
        store.close()
        engine = sa.create_engine(f"sqlite:///{path}")
        for statement in (
            "UPDATE audit SET line = replace(line, 'pc1', 'pc2')",
            "UPDATE audit SET hash = 'x'",
            "UPDATE audit SET n = n + 10",
            "UPDATE audit SET secrets = x'00'",
            "DELETE FROM audit WHERE n = 1",
            "INSERT INTO audit (n, kind, line, hash) VALUES (90, 'note', '', '')",
            "REPLACE INTO audit (n, kind, line, hash) VALUES (1, 'note', '', '')",
        ):
            with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
                connection.exec_driver_sql(statement)
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE audit SET secrets = NULL")  # as forgetting does
        engine.dispose()


def test_what_was_there_before_the_log_is_told_in_it(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_first_version(path)
    store = SqlStore(path, EngineRules())
    try:
        store.note("pc1", "looked", "", 1.0)
        found = store.verify()
    finally:
        store.close()
    assert found.findings == ()
    assert found.totals == {"delivered": 1, "queued": 1}


TEXTS = ("Help is here: Kestrelwind", "Another wording: Brindlecloud")
REPLY = "Plumtreefog, who is this"
PDU = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
PEOPLE = 60
LIST, SIGNED = sha256(b"number\n07700 900000\n").hexdigest(), sha256(b"a content").hexdigest()
SIGNATURE = "5a" * 64


def number(index: int) -> str:
    return f"+447700900{index:03}"


def made_by_the_third_version(path: Path) -> None:
    """Two campaigns with the same texts, answers to one of them; reports, replies, approvals, refused rows."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0003")
        run = connection.exec_driver_sql
        run("INSERT INTO campaigns (id, name, created_at_s) VALUES (1, 'main', 1.0), (2, 'second', 1.0)")
        run("INSERT INTO campaigns (id, name, created_at_s, parent_id) VALUES (3, 'main answers', 1.0, 1)")
        run("INSERT INTO imports VALUES (1, 1, 'a.csv', ?, 2, 0, 0, 1, 1.0, '', '')", (LIST,))
        run("INSERT INTO imports VALUES (2, 3, 'answers to replies', 'reply', 2, 0, 0, 1, 1.0, '', '')")
        run("INSERT INTO texts VALUES (1, 'd1', ?, 1), (2, 'd2', ?, 1), (3, 'd3', 'used by none', 1)", TEXTS)
        run(
            "INSERT INTO lines (id, name, identity, driver, device, state, seen_at_s) "
            "VALUES (1, 'l', 'i', 'v', 'v', '', 1)"
        )
        for index in range(PEOPLE):
            campaign_id = (1, 2, 3)[index % 3]
            values = (index + 1, campaign_id, number(index), 1 + index % 2)
            run(
                "INSERT INTO messages (id, campaign_id, import_id, row, number, text_id, state, due_at_s, parts, "
                "changed_at_s) VALUES (?, ?, 1, 1, ?, ?, 'delivered', 1.0, 1, 1.0)",
                values,
            )
            run("INSERT INTO parts (id, message_id, seq) VALUES (?, ?, 1)", (index + 1, index + 1))
            run(
                "INSERT INTO sightings (import_id, message_id, place, row, original, kind) "
                "VALUES (1, ?, '', 1, ?, '')",
                (index + 1, number(index)),
            )
            run(
                "INSERT INTO reports (line_id, reference, recipient, status, arrived_at_s, raw, how, part_id) "
                "VALUES (1, 1, ?, 0, 1.0, ?, 'CDS', ?)",
                (number(index), f"{PDU}{index:04}", index + 1 if index % 5 else None),
            )
        run("INSERT INTO refused_rows VALUES (1, 1, 9, '07700 900888', 'a landline', '')")
        run(
            "INSERT INTO inbound (id, line_id, sender, text, arrived_at_s, concat_reference, concat_total, "
            "concat_seq, raw, how) VALUES (1, 1, ?, ?, 1.0, 7, 2, 1, 'A', 'CMT'), "
            "(2, 1, ?, ?, 1.0, 7, 2, 2, 'B', 'CMT'), "
            "(3, 1, ?, ?, 2.0, NULL, NULL, NULL, 'C', 'CMT')",
            (number(0), REPLY, number(0), REPLY, number(999), REPLY),
        )
        run("INSERT INTO replies (inbound_id, campaign_id, message_id, words) VALUES (1, 1, 1, 'Plumtreefog')")
        run("INSERT INTO officers VALUES (1, 'A', 'k', 'a', 'a', 0, NULL)")
        run(
            "INSERT INTO approvals (campaign_id, officer_id, digest, content, signature, login, at_s) "
            "VALUES (1, 1, ?, ?, ?, 'a', 0)",
            (SIGNED, TEXTS[0], SIGNATURE),
        )
        run(
            "INSERT INTO decisions (at_s, person, what, reason, campaign_id) "
            "VALUES (1.0, 'a', 'approved the campaign', ?, 1)",
            (f"content {SIGNED}",),
        )
        run("INSERT INTO looks VALUES (1, 1, '01', ?, 1.0)", (f"{fingerprint(PDU)} {fingerprint('00')}",))
        connection.exec_driver_sql(f"PRAGMA application_id={0x67736D73}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()


SECRETS = [*(number(index) for index in (*range(PEOPLE), 888, 999)), *TEXTS, REPLY, PDU]


def test_an_older_store_is_sealed_and_nothing_is_left_in_its_files(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_third_version(path)
    assert {secret for _, secret in found_in(tmp_path, SECRETS)} >= {
        number(0),
        number(PEOPLE - 1),
        *TEXTS,
        REPLY,
        PDU,
    }
    store = SqlStore(path, EngineRules())
    assert found_in(tmp_path, SECRETS) == []
    store.close()
    assert found_in(tmp_path, SECRETS) == []


def test_all_that_an_older_store_held_is_read_as_before(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_third_version(path)
    with closing(SqlStore(path, EngineRules())) as store:
        found = [(row.message_id, row.number, row.text) for row in store.messages()]
        assert found == [(index + 1, number(index), TEXTS[index % 2]) for index in range(PEOPLE)]
        assert store.sightings(7)[0].original == number(6)
        assert store.report_counts().unmatched == PEOPLE // 5
        assert [(row.sender, row.text, row.parts) for row in store.inbox()] == [
            (number(0), REPLY * 2, 2), (number(999), REPLY, 1),
        ]  # fmt: skip
        first = next(row for row in store.replies() if row.reply_id == 1)
        assert (first.recipient, first.words) == (number(0), "Plumtreefog")
        facts = store.campaign_facts("main")
        assert facts is not None
        assert {body.body for body in facts.texts.values()} == set(TEXTS)
        assert (facts.approvals, facts.voided_why) == ((), OLDER_FORM)
        assert store.forget("main", "DC Example", "over", 9.0).messages == PEOPLE // 3 * 2
        left = {row.number for row in store.messages()} - {"(forgotten)"}
        assert left == {number(index) for index in range(1, PEOPLE, 3)}


def test_no_plain_hash_or_signature_by_which_to_guess_is_left_of_an_older_store(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_third_version(path)
    plain = [LIST, SIGNED, SIGNATURE, fingerprint(PDU)]
    assert {one for _, one in found_in(tmp_path, plain)} == set(plain)
    SqlStore(path, EngineRules()).close()
    assert found_in(tmp_path, plain) == []


def test_lists_and_looks_of_an_older_store_are_known_again(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_third_version(path)
    with closing(SqlStore(path, EngineRules())) as store:
        assert store.add(ImportSource("a.csv", LIST, "main", 9.0), []).repeated
        sim, device = Sim(iccid="8944000000000000017"), Device("v", "v", imei="01", holds=())
        line = store.line(sim, device, 9.0).line_id
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("DELETE FROM looks WHERE line_id = ?", (line,))
            database.execute("UPDATE looks SET line_id = ?", (line,))
        old, new = (Inbound(number(1), "Hi", raw=raw, how="sweep") for raw in (PDU, "AA"))
        assert not store.record_inbound(line, old, 9.0).result()
        assert store.record_inbound(line, new, 9.0).result()


def test_who_approved_in_an_older_version_approves_again(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_third_version(path)
    with closing(SqlStore(path, EngineRules())) as store:
        facts = store.campaign_facts("main")
        assert facts is not None
        found = standing(Settings(tmp_path, "op", approval=ApprovalPolicy()), facts)
        assert found.missing == "is not approved: 0 of 2 officers approved it"
        with closing(sqlite3.connect(path)) as database:
            digest, sealed = database.execute("SELECT digest, content FROM approvals").fetchone()
        with store._reading() as connection:
            kept = json.loads(vault_of(connection).open(1, content_of(1, 1, digest), sealed))
        assert kept == {"content": TEXTS[0], "digest": SIGNED, "signature": SIGNATURE}
        store.forget("main", "DC Example", "over", 9.0)
    assert found_in(tmp_path, [digest]) == []


def test_what_an_older_version_released_is_taken_back_until_officers_approve_again(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_third_version(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE campaigns SET released_at_s = 1.0 WHERE id = 1")
        database.execute("UPDATE messages SET state = 'queued' WHERE id = 1")
    with closing(SqlStore(path, EngineRules())) as store:
        settings = Settings(tmp_path, "op", approval=ApprovalPolicy())
        with pytest.raises(GuardStop, match=f"its approval is void because: {OLDER_FORM}; nothing was sent"):
            clear_to_send(settings, store, 9.0)
        assert next(store.messages(message_id=1)).state is State.DRAFT
        assert store.verify().findings == ()


def test_the_log_of_an_older_store_begins_before_anything_is_signed(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_third_version(path)
    with closing(SqlStore(path, EngineRules())) as store:
        assert store.operation_id() == ""
        for _ in range(2):
            begin_log(store, 9.0)
        facts = store.campaign_facts("main")
        assert facts is not None
        assert re.fullmatch("[0-9a-f]{32}", facts.operation_id)
        kinds = [row.kind for row in store.audit()]
        assert (kinds[0], kinds.count("note")) == ("operation", 1)


def test_without_its_key_an_older_store_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    made_by_the_third_version(path)
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO suppressions VALUES (1, 'd', 'key', '', '', 0, NULL)")
    engine.dispose()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is gone"):
        SqlStore(path, EngineRules())
    assert path.read_bytes() == before


def test_a_store_of_the_fourth_version_goes_on_with_its_log_and_reports(tmp_path: Path) -> None:
    path = tmp_path / "gsmsend.db"
    with closing(SqlStore(path, EngineRules())) as store:
        desk = Desk(store)
        desk.fill(number(1), number(2))
        line = desk.line()
        first, second = desk.claim(line)
        desk.send(line, first, 7)
        store.record_report(line.line_id, report(7, number(1)), 9.0).result()
        attempt_id = desk.open(line, second)
        store.record_report(line.line_id, report(8, number(2)), 2e9).result()
    as_of_the_fourth_version(path)
    with closing(SqlStore(path, EngineRules())) as store:
        desk = Desk(store)
        assert store.report_counts().unmatched == 1
        assert desk.close(desk.line(), second, attempt_id, accepted(8), State.SENT).state is State.DELIVERED
        assert (store.report_counts().matched, store.verify().findings) == (2, ())
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()


def as_of_the_fourth_version(path: Path) -> None:
    """Take out of an empty-handed store what the fifth version put in."""
    with closing(sqlite3.connect(path)) as database, database:
        for statement in (
            *(f"DROP TABLE {table}" for table in ("leases", "hosts", "fallbacks", "trials", "outages")),
            "ALTER TABLE messages DROP COLUMN claim_line",
            "ALTER TABLE lines DROP COLUMN virtual",
            "DROP INDEX ix_attempts_accepted",
            "DROP INDEX ix_parts_handle",
            "DROP INDEX ix_reports_unmatched_handle",
            "ALTER TABLE attempts DROP COLUMN key",
            "ALTER TABLE lines DROP COLUMN cloud",
            "ALTER TABLE attempts DROP COLUMN whole",
            "ALTER TABLE decisions DROP COLUMN signature",
            *(f"ALTER TABLE {table} DROP COLUMN handle" for table in ("attempts", "parts", "reports")),
            *(f"ALTER TABLE {table} DROP COLUMN said" for table in ("parts", "reports")),
            "UPDATE alembic_version SET version_num = '0004'",
        ):
            database.execute(statement)
