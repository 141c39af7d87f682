"""From a store to a pack: heads signed when needed, the log and the tables of one mind, on record afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gsmsend import wiring
from gsmsend.audit import Kind
from gsmsend.config import Settings
from gsmsend.contract import ImportSource, NewMessage
from gsmsend.contract.heads import HeadRow
from gsmsend.errors import StoreError, UsageError
from gsmsend.evidence.exporting import Exported, Wanted, export
from gsmsend.evidence.terms import Variant
from gsmsend.evidence.verify import check, open_pack
from gsmsend.store import SqlStore
from tests.unit.evidence.small_log import checked, files_of

NOW_S = 1_790_000_000.0
TEXT = "Help is at hand: https://example.org/help"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "op").mkdir(mode=0o700)
    return Settings(tmp_path / "op", "Operation Example", lab=True)


@pytest.fixture
def store(settings: Settings) -> Iterator[SqlStore]:
    opened = wiring.open_store(settings)
    people(opened, "one", "+447700900101", "+447700900102")
    yield opened
    opened.close()


def people(store: SqlStore, digest: str, *numbers: str, campaign: str = "main") -> None:
    source = ImportSource(f"{digest}.csv", digest, campaign, NOW_S)
    store.add(source, [NewMessage(number, TEXT, row, 1) for row, number in enumerate(numbers, 1)])


def made(
    store: SqlStore, settings: Settings, place: Path | None = None, *, campaign: str | None = None,
    kept: list[HeadRow] | None = None,
) -> Exported:  # fmt: skip
    def keep(head: HeadRow, _now_s: float) -> Sequence[str]:
        if kept is not None:
            kept.append(head)
        return ["it has no time stamp"]

    wanted = Wanted(campaign, Variant.FULL, "dc", pdf=False)
    return export(store, settings, wanted, place, lambda: NOW_S + 60, keep)


def test_a_head_is_signed_and_kept_only_if_something_came_after_the_last(
    store: SqlStore, settings: Settings, tmp_path: Path
) -> None:
    kept: list[HeadRow] = []
    first = made(store, settings, tmp_path / "a", kept=kept)
    second = made(store, settings, tmp_path / "b", kept=kept)
    assert len(kept) == 1
    assert first.head == second.head == kept[0].short
    assert (first.problems, second.problems) == (("it has no time stamp",), ())
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    assert first.files == len(files_of(tmp_path / "a"))
    people(store, "two", "+447700900103")
    third = made(store, settings, tmp_path / "c", kept=kept)
    assert len(kept) == 2
    assert third.recipients == 3
    assert check(open_pack(tmp_path / "c"), first.head).wrong == []


def test_it_is_on_record_and_lies_among_the_exports(store: SqlStore, settings: Settings) -> None:
    found = made(store, settings)
    assert found.place == settings.folder / "exports" / f"full-{found.entries}"
    last = list(store.audit())[-1]
    assert last.kind == Kind.EXPORT
    data = json.loads(last.line)["data"]
    assert data == {
        "variant": "full", "campaign": None, "numbers": True, "head": found.entries, "digest": found.digest,
        "person": "dc",
    }  # fmt: skip
    with pytest.raises(UsageError, match="is there already"):
        made(store, settings)


def test_the_log_is_read_with_what_it_sealed(store: SqlStore) -> None:
    rows = {row.kind: row for row in store.audit()}
    sealed = rows["rows"].secrets
    assert sealed is not None
    assert [row[2] for row in sealed["rows"][1]] == ["+447700900101", "+447700900102"]
    assert next(store.audit(2)).number == 3
    assert "+447700900101" not in repr(rows["rows"])


def test_only_statements_about_packs_are_signed(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="no statement about a pack"):
        store.sign_pack(b"gsmsend head 1\nx\n1\n00")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE messages SET state = 'delivered' WHERE id = 1", "nothing was exported"),
        ("DELETE FROM messages WHERE id = 2", "nothing was exported"),
    ],
)
def test_a_store_that_something_else_changed_is_not_exported(
    store: SqlStore, settings: Settings, tmp_path: Path, statement: str, said: str
) -> None:
    store.sign_head(NOW_S)
    with sqlite3.connect(settings.store_path) as other:
        for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {name}")
        other.execute("PRAGMA foreign_keys = OFF")
        other.execute(statement)
    other.close()
    with pytest.raises(StoreError, match=said):
        made(store, settings, tmp_path / "a")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE campaigns SET name = 'renamed'", "calls this campaign main"),
        ("UPDATE imports SET accepted = 33", "accepted is 33"),
        (
            "INSERT INTO visits (campaign_id, day, count, source, person, at_s) VALUES (1, 'x', 9, 'x', 'x', 1)",
            "visits",
        ),
    ],
)
def test_no_summary_is_signed_of_tables_that_the_log_does_not_tell(
    store: SqlStore, settings: Settings, tmp_path: Path, statement: str, said: str
) -> None:
    with sqlite3.connect(settings.store_path) as other:
        other.execute(statement)
    other.close()
    with pytest.raises(StoreError, match=said):
        made(store, settings, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_one_campaign_of_two(store: SqlStore, settings: Settings, tmp_path: Path) -> None:
    people(store, "two", "+447700900103", campaign="second")
    made(store, settings, tmp_path / "a", campaign="second")
    files = files_of(tmp_path / "a")
    assert checked(files).wrong == []
    assert json.loads(files["totals.json"]) == {"2": {"queued": 1}}
    assert "summary.html" in files
    made(store, settings, tmp_path / "b")
    assert {"summary-1.html", "summary-2.html"} <= set(files_of(tmp_path / "b"))
    with pytest.raises(UsageError, match="there is no campaign 'third'"):
        made(store, settings, tmp_path / "c", campaign="third")


def test_links_among_the_transcripts_are_left_alone(store: SqlStore, settings: Settings, tmp_path: Path) -> None:
    settings.transcript_folder.mkdir()
    (settings.transcript_folder / "a.transcript").write_text("# gsmsend transcript 2\n", encoding="utf-8")
    (tmp_path / "secret").write_text("none of yours", encoding="utf-8")
    (settings.transcript_folder / "b.transcript").symlink_to(tmp_path / "secret")
    made(store, settings, tmp_path / "a")
    assert [name for name in files_of(tmp_path / "a") if name.startswith("transcripts/")] == [
        "transcripts/a.transcript"
    ]
