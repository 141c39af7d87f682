"""init, import, status, messages, resolve: an operation step by step."""

from __future__ import annotations

import csv
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend import config, wiring
from gsmsend.audit import Kind
from gsmsend.cli import operation as cli_operation
from gsmsend.contract import (
    CampaignRow,
    Decision,
    FirstTexts,
    LastAct,
    LastTry,
    LineRow,
    MessageRow,
    PartRow,
    ReportCounts,
    Wanted,
)
from gsmsend.errors import UsageError
from gsmsend.model import State

from .conftest import Call, People, objects


class FakeStore:
    """A store that holds what a test put there and notes what it was asked to record."""

    leases_expire = False

    def __init__(self) -> None:
        self.rows: list[MessageRow] = []
        self.line_rows: list[LineRow] = []
        self.counts = ReportCounts(0, 0, 0)
        self.notes: list[tuple[Kind, dict[str, object]]] = []
        self.decisions: list[Decision] = []
        self.closed = False

    def totals(self) -> dict[State, int]:
        return {state: sum(row.state is state for row in self.rows) for state in State}

    def messages(
        self, *states: State, message_id: int | None = None, closed: bool = False
    ) -> Iterator[MessageRow]:
        return (row for row in self.rows if not states or row.state in states)

    def lines(self) -> list[LineRow]:
        return self.line_rows

    def last_tries(self, _line_ids: Sequence[int], _since_s: float, _most: int) -> list[LastTry]:
        return []

    def report_counts(self) -> ReportCounts:
        return self.counts

    def unseen_dangers(self) -> int:
        return 0

    def first_texts(self) -> list[FirstTexts]:
        return []

    def campaigns(self) -> list[CampaignRow]:
        return [CampaignRow(1, "main", None, 0.0, None, 0, "", "by a.person: wait", "")]

    def unwiped(self) -> bool:
        return False

    def last_acts(self) -> list[LastAct]:
        return []

    def last_entry_s(self) -> None:
        return None

    def last_stamp(self) -> None:
        return None

    def campaign_totals(self, campaign_id: int) -> dict[State, int]:
        return self.totals()

    def sent_times(self, line_id: int, since_s: float) -> list[float]:
        return []

    def wanted_lines(self) -> list[Wanted]:
        return [Wanted(1, "red-phone", None, 2)]

    def record_now(self, kind: Kind, data: dict[str, object], at_s: float) -> None:
        self.notes.append((kind, data))

    def resolve(self, decision: Decision) -> State:
        self.decisions.append(decision)
        if decision.message_id != 7:
            raise UsageError(f"there is no message {decision.message_id}")
        return State.SENT if decision.as_sent else State.QUEUED

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, operation: Path) -> FakeStore:
    fake = FakeStore()
    monkeypatch.setattr(wiring, "open_store", lambda settings, **_: fake)
    monkeypatch.setattr(wiring, "open_view", lambda settings: fake)
    part = PartRow(1, "SIM one", 41, "accepted", None, "delivered", 0, 1)
    failed = PartRow(1, "SIM one", None, "refused", 1, None, None, 2)
    fake.rows = [
        MessageRow(6, "+447700900106", State.DELIVERED, "", "Secret words", 0.0, (part,)),
        MessageRow(7, "+447700900107", State.UNCERTAIN, "no answer after Ctrl-Z", "Secret words", 0.0, (part,)),
        MessageRow(8, "+447700900108", State.FAILED, "unassigned number", "Secret words", 0.0, (failed,)),
    ]
    fake.line_rows = [
        LineRow(1, "SIM one", "8944000000000000017", "234150000000001", "350000000000001", "/dev/ttyUSB2", None,
                "down", -77, "Example Net", 3, "the modem stopped answering"),
    ]  # fmt: skip
    fake.counts = ReportCounts(1, 2, 3)
    return fake


def test_init_makes_a_private_operation_that_loads(call: Call, tmp_path: Path) -> None:
    result = call("init", tmp_path / "op")
    assert result.exit_code == 0
    assert "gsmsend import --operation" in result.stdout
    settings = config.load(tmp_path / "op")
    assert not settings.lab
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "op").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "op" / "gsmsend.toml").stat().st_mode) == 0o600


def test_init_lab_has_no_pacing(call: Call, tmp_path: Path) -> None:
    call("init", tmp_path / "op", "--lab")
    settings = config.load(tmp_path / "op")
    assert settings.lab
    assert settings.pace == config.Pace()


def test_init_never_overwrites(call: Call, operation: Path) -> None:
    before = (operation / "gsmsend.toml").read_bytes()
    result = call("init", operation)
    assert result.exit_code == 2
    assert "is an operation already" in result.stderr
    assert (operation / "gsmsend.toml").read_bytes() == before


@pytest.mark.parametrize("command", ["status", "messages", "inbox", "run", "doctor"])
def test_a_folder_that_is_no_operation_says_how_to_make_one(call: Call, tmp_path: Path, command: str) -> None:
    result = call(command, "--operation", tmp_path / "none")
    assert result.exit_code == 2
    assert "gsmsend init" in result.stderr + result.stdout


def test_import_lists_refused_rows_and_queues_the_rest(call: Call, operation: Path, people: People) -> None:
    path = people(3, "02079460101,Hi", "60777,Hi")
    result = call("import", path, "--operation", operation)
    assert result.exit_code == 0
    assert "people.csv: 3 queued, 2 refused." in result.stdout
    assert "row 5: 0207***0101: this is a landline" in result.stdout
    assert "row 6: ***77: this is a short code" in result.stdout
    assert objects(call("status", "--operation", operation, "--json"))[0]["totals"]["queued"] == 3


def test_a_second_import_changes_nothing(call: Call, operation: Path, people: People) -> None:
    path = people(3)
    call("import", path, "--operation", operation)
    result = call("import", path, "--operation", operation)
    assert "imported before" in result.stdout
    assert objects(call("status", "--operation", operation, "--json"))[0]["recipients"] == 3


def test_the_same_person_and_text_in_two_files_is_queued_once(
    call: Call, operation: Path, tmp_path: Path, people: People
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(
        "msisdn;message\n+447700900001;Help is here 1\n+447700900009;Help is here 9\n", encoding="utf-8"
    )
    call("import", people(3), "--operation", operation)
    result = call("import", other, "--operation", operation)
    assert "1 queued, 1 queued before" in result.stdout


def test_many_refused_rows_are_cut_short_on_the_screen_and_all_in_a_private_file(
    call: Call, operation: Path, people: People
) -> None:
    path = people(1, *(f"02079460{n:03},Hi" for n in range(30)))
    result = call("import", path, "--operation", operation)
    assert result.stdout.count("landline") == 20
    assert "and 10 more: see " in result.stdout
    (kept,) = operation.glob("refused-*.csv")
    with kept.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["row"]) for row in rows] == list(range(3, 33))
    assert all("*" in row["value"] for row in rows)
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_import_json_counts_what_became_of_the_rows(call: Call, operation: Path, people: People) -> None:
    (found,) = objects(call("import", people(2, "60777,Hi"), "--operation", operation, "--json"))
    assert (found["accepted"], found["duplicates"], found["refused"], found["repeated"]) == (2, 0, 1, False)
    assert found["refused_rows"][0]["row"] == 4


def test_a_file_without_one_usable_row_is_an_error(call: Call, operation: Path, people: People) -> None:
    result = call("import", people(0, "60777,Hi"), "--operation", operation)
    assert result.exit_code == 2
    assert "no row of a file was accepted" in result.stderr


def test_one_text_for_all_comes_from_a_file(call: Call, operation: Path, tmp_path: Path) -> None:
    people = tmp_path / "numbers.csv"
    people.write_text("07700900101\n", encoding="utf-8")
    text = tmp_path / "message.txt"
    text.write_bytes("Café £5\r\n".encode("cp1252"))
    call("import", people, "--text-file", text, "--operation", operation)
    settings = config.load(operation)
    store = wiring.open_store(settings)
    try:
        (row,) = store.messages()
    finally:
        store.close()
    assert row.text == "Café £5"


def test_two_texts_for_all_are_refused(call: Call, operation: Path, people: People, tmp_path: Path) -> None:
    result = call("import", people(1), "--text", "a", "--text-file", tmp_path / "b", "--operation", operation)
    assert result.exit_code == 2
    assert "both given" in result.stderr


def test_status_json_keeps_its_contract(call: Call, operation: Path, store: FakeStore) -> None:
    (found,) = objects(call("status", "--operation", operation, "--json"))
    assert found["operation"] == "op"
    assert found["recipients"] == 3 == sum(found["totals"].values())
    assert set(found["totals"]) == {state.value for state in State}
    assert found["uncertain"] == [{"id": 7, "number": "+447*****0107", "why": "no answer after Ctrl-Z"}]
    (line,) = found["lines"]
    wanted = ("name", "state", "iccid", "imei", "device", "signal", "sent", "why", "health")
    assert all(key in line for key in wanted)
    assert (line["iccid"], line["signal"], line["sent"]) == ("8944000000000000017", -77, 3)
    assert found["reports"] == {"matched": 1, "unmatched": 2, "waiting": 3}
    (campaign,) = found["campaigns"]
    assert (campaign["name"], campaign["state"], campaign["paused"]) == ("main", "paused", "by a.person: wait")
    assert (found["window"], found["pace"]) == (None, None)
    assert found["missing_lines"] == [{"name": "red-phone", "waiting": 2}]
    assert store.closed


def test_status_is_true_after_a_run_was_killed(call: Call, operation: Path, store: FakeStore) -> None:
    store.line_rows = [replace(store.line_rows[0], state="sending", why="")]
    with wiring.operation_lock(config.load(operation)):
        (found,) = objects(call("status", "--operation", operation, "--json"))
        assert f"process {os.getpid()} " in found["running"]
        assert found["lines"][0]["state"] == "sending"
        assert "A run is going on" in call("status", "--operation", operation).stdout
        left_behind = (operation / "run.holder").read_text(encoding="utf-8")
    nobody = left_behind.replace(str(os.getpid()), "4194999")  # above the largest process id of Linux
    (operation / "run.holder").write_text(nobody, encoding="utf-8")
    (found,) = objects(call("status", "--operation", operation, "--json"))
    assert found["running"] is None
    assert found["lines"][0]["state"] == "down"


def test_status_says_what_a_person_must_do(call: Call, operation: Path, store: FakeStore) -> None:
    result = call("status", "--operation", operation)
    assert "op: 3 texts" in result.stdout
    assert "message 7 to +447*****0107: no answer after Ctrl-Z" in result.stdout
    assert "gsmsend resolve --operation" in result.stdout
    assert "the modem stopped answering" in result.stdout
    assert "Campaign main is paused by a.person: wait. To go on: gsmsend resume" in result.stdout
    assert "2 texts must leave over [line.red-phone], which was not plugged in yet" in result.stdout
    assert "900107" not in result.stdout


def test_messages_json_keeps_its_contract(call: Call, operation: Path, store: FakeStore) -> None:
    found = objects(call("messages", "--operation", operation, "--json"))
    assert [row["id"] for row in found] == [6, 7, 8]
    assert found[2] == {
        "id": 8,
        "number": "+447*****0108",
        "state": "failed",
        "why": "unassigned number",
        "route": "line",
        "parts": [
            {"seq": 1, "line": "SIM one", "reference": None, "outcome": "refused", "cms_error": 1, "report": None,
             "tp_status": None, "attempts": 2, "handle": None, "said": None},
        ],
    }  # fmt: skip
    assert not store.notes


def test_messages_of_one_state(call: Call, operation: Path, store: FakeStore) -> None:
    result = call("messages", "--operation", operation, "--state", "failed", "--state", "uncertain")
    assert "unassigned number" in result.stdout
    assert "+447*****0107" in result.stdout
    assert "delivered" not in result.stdout
    assert "Secret" not in result.stdout


def test_unmasking_shows_numbers_says_that_it_is_recorded_and_records_it(
    call: Call, operation: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_operation, "person", lambda: "pc1234")
    result = call("messages", "--operation", operation, "--unmask")
    assert "+447700900106" in result.stdout
    assert "recorded" in result.stderr
    assert "pc1234" in result.stderr
    assert store.notes == [(Kind.UNMASK, {"login": "pc1234", "command": "messages"})]


@pytest.mark.parametrize(("verdict", "says"), [("sent", "counts as sent"), ("not-sent", "queued again")])
def test_resolve_records_who_decided_and_why(
    call: Call, operation: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch, verdict: str, says: str
) -> None:
    result = call("resolve", 7, "--as", verdict, "--because", "she rang back", "--operation", operation,
                  "--person", "DC Example")  # fmt: skip
    assert result.exit_code == 0
    assert says in result.stdout
    (decision,) = store.decisions
    assert (decision.message_id, decision.as_sent) == (7, verdict == "sent")
    assert (decision.person, decision.reason) == ("DC Example", "she rang back")
    assert abs(decision.at_s - time.time()) < 60


def test_resolve_without_a_reason_or_for_no_message_is_refused(
    call: Call, operation: Path, store: FakeStore
) -> None:
    assert call("resolve", 7, "--as", "sent", "--operation", operation).exit_code == 2
    assert call("resolve", 7, "--as", "sent", "--because", " ", "--operation", operation).exit_code == 2
    assert call("resolve", 9, "--as", "sent", "--because", "x", "--operation", operation).exit_code == 2
    assert call("resolve", 7, "--as", "maybe", "--because", "x", "--operation", operation).exit_code == 2
