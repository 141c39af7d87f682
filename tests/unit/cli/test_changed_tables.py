"""Whoever can write to the store's file cannot make a run send: officers, approvals and lists are the log's."""

from __future__ import annotations

import sqlite3
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gsmsend.campaign.signing import Statement, public_hex, sign
from gsmsend.errors import GuardStop

from .approval_desk import Desk


def tampered(desk: Desk, *statements: str) -> None:
    """What somebody does to the file who does not have the operation's key."""
    connection = sqlite3.connect(desk.folder / "gsmsend.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def found_by_verify(desk: Desk) -> str:
    """What `gsmsend verify` says; it must find something."""
    result = desk.call("verify")
    assert result.exit_code == 5, result.output
    return " ".join(result.output.split())


def approved(desk: Desk, *names: str) -> None:
    desk.bring_in(3)
    desk.add("DC Example", "DS Other")
    for name in names:
        assert desk.approve(name).exit_code == 0


def test_an_officer_put_into_the_table_approves_nothing(desk: Desk) -> None:
    desk.bring_in(3)
    desk.add("DC Example")
    desk.approve("DC Example")
    connection = sqlite3.connect(desk.folder / "gsmsend.db")
    campaign, digest, content = connection.execute("SELECT campaign_id, digest, content FROM approvals").fetchone()
    mine, now_s = Ed25519PrivateKey.generate(), time.time()
    made = connection.execute(
        "INSERT INTO officers (name, public_key, login, added_by, added_at_s, role)"
        " VALUES ('DI Ghost', ?, 'ghost', 'pc1', ?, 'approver')",
        (public_hex(mine), now_s),
    )
    signature = sign(mine, Statement(digest, "DI Ghost", "ghost", round(now_s * 1000)))
    connection.execute(
        "INSERT INTO approvals (campaign_id, officer_id, digest, content, signature, login, at_s, voided_why)"
        " VALUES (?, ?, ?, ?, ?, 'ghost', ?, '')",
        (campaign, made.lastrowid, digest, content, signature, now_s),
    )
    connection.commit()
    connection.close()
    with pytest.raises(GuardStop, match=r"row 2 \(DI Ghost\): no entry of the log ever added this officer"):
        desk.clear()
    assert "no entry of the log tells of this approval" in found_by_verify(desk)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE officers SET removed_at_s = NULL", "the removal is False, and entry"),
        ("UPDATE officers SET role = 'approver', removed_at_s = NULL", "row 2 (DS Other): the removal"),
        ("UPDATE officers SET public_key = 'ab' WHERE id = 1", "row 1 (DC Example): the key is ab"),
        ("DELETE FROM officers WHERE id = 2", "the table officers has no DS Other"),
        ("DELETE FROM approvals WHERE id = 1", "lacks the one by DC Example of campaign 1"),
        ("UPDATE approvals SET officer_id = 1 WHERE id = 2", "no entry of the log tells of this approval"),
    ],
)
def test_a_removed_officer_does_not_come_back(desk: Desk, change: str, words: str) -> None:
    approved(desk, "DC Example", "DS Other")
    assert desk.call("officer", "remove", "DS Other", "--yes").exit_code == 0
    with pytest.raises(GuardStop, match="1 of 2 officers"):
        desk.clear()
    tampered(desk, change)
    with pytest.raises(GuardStop, match="the store is not as its audit log tells") as stop:
        desk.clear()
    assert words in str(stop.value)
    assert words in found_by_verify(desk)


def test_a_void_approval_does_not_count_again(desk: Desk) -> None:
    approved(desk, "DC Example", "DS Other")
    with desk.store() as store:
        store.void_approvals(1, "the text changed", 1.8e9)
    tampered(desk, "UPDATE approvals SET voided_at_s = NULL")
    with pytest.raises(GuardStop, match=r"stands, and entry .* voided it"):
        desk.clear()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DELETE FROM suppressions WHERE kind <> 'key'", "(never) has 0 people who must not be texted"),
        ("UPDATE suppressions SET ended_at_s = 1.0 WHERE kind <> 'key'", "(never) has 0 people"),
        ("UPDATE suppressions SET digest = 'ab' WHERE kind <> 'key'", "lacks 1 people whom the log has put there"),
    ],
)  # fmt: skip
def test_a_person_taken_off_the_list_behind_its_back_is_not_texted(desk: Desk, change: str, words: str) -> None:
    people = desk.folder.parent / "never.csv"
    people.write_text("number\n07700 900001\n", encoding="utf-8")
    assert desk.call("suppress", "add", "--file", people, "--reason", "asked").exit_code == 0
    tampered(desk, change)
    approved(desk, "DC Example", "DS Other")
    with pytest.raises(GuardStop) as stop:
        desk.clear()
    assert words in str(stop.value)
    assert words in found_by_verify(desk)


def test_who_is_on_the_list_and_off_it_again_by_gsmsend_stops_nothing(desk: Desk) -> None:
    people = desk.folder.parent / "never.csv"
    people.write_text("number\n07700 900001\n07700 900002\n", encoding="utf-8")
    assert desk.call("suppress", "add", "--file", people, "--reason", "asked").exit_code == 0
    assert desk.call("suppress", "remove", "07700 900001", "--reason", "asked").exit_code == 0
    assert desk.call("suppress", "add", "--file", people, "--reason", "asked again").exit_code == 0
    assert desk.call("suppress", "remove", "07700 900002", "--reason", "asked").exit_code == 0
    approved(desk, "DC Example", "DS Other")
    assert desk.clear().released == 2


def test_another_wording_put_under_approved_texts_stops_the_next_look(desk: Desk) -> None:
    people = desk.folder.parent / "two.csv"
    text = "Example Police: free help at https://example.org/help or 0808 157 0123. Reply STOP to opt out."
    rows = "".join(f"07700 900{n:03},{text} {'A' if n % 2 else 'B'}\n" for n in range(4))
    people.write_text(f"number,text\n{rows}", encoding="utf-8")
    assert desk.call("import", people).exit_code == 0
    desk.add("DC Example", "DS Other")
    assert desk.approve("DC Example").exit_code == 0
    assert desk.approve("DS Other").exit_code == 0
    assert desk.clear().released
    tampered(desk, "UPDATE messages SET text_id = 3 - text_id")
    assert "their text is not the one that the log says" in found_by_verify(desk)
    with pytest.raises(GuardStop, match="is void"):
        desk.clear()
