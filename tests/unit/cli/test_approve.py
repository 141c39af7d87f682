"""officer, approve, and what a run is told: as officers meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from gsmsend.cli import confirming, keys
from gsmsend.cli.group import main
from gsmsend.cli.init import make
from gsmsend.errors import GuardStop
from gsmsend.model import State
from gsmsend.store.campaign_facts import content_of
from gsmsend.store.schema import approvals
from gsmsend.store.vault import vault_of

from .approval_desk import PASSPHRASE, TEXT, Desk
from .conftest import Call, objects


def test_two_officers_approve_and_the_run_may_send(desk: Desk) -> None:
    desk.bring_in(3)
    desk.add("DC Example", "DS Other")
    with pytest.raises(GuardStop, match="campaign main is not approved: 0 of 2 officers") as caught:
        desk.clear()
    assert "gsmsend approve --campaign main" in caught.value.remedy
    assert caught.value.exit_code == 5
    first = desk.approve("DC Example")
    assert first.exit_code == 0
    assert "3 recipients, 1 segment each" in first.stderr
    assert "https://example.org/help" in first.stderr
    assert "Mon to Sat, 10:00 to 19:00" in first.stderr
    assert "0.12 GBP (3 segments at 0.04)" in first.stderr
    assert "not approved: 1 of 2 officers approved it (DC Example)" in first.stdout
    with pytest.raises(GuardStop, match=r"1 of 2 officers approved it \(DC Example\)"):
        desk.clear()
    second = desk.approve("ds other")
    assert "2 of 2 approvals: it may be sent. Next: gsmsend run" in second.stdout
    assert desk.clear().released == 3
    assert {who.state for who in desk.facts().recipients} == {State.QUEUED}
    assert desk.clear().released == 0


def test_first_texts_are_released_alone(desk: Desk) -> None:
    desk.bring_in(9)
    desk.add("DC Example", "DS Other")
    desk.approve("DC Example")
    desk.approve("DS Other")
    assert desk.clear().released == 5
    assert desk.clear().released == 0


def test_the_same_officer_counts_once(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DC Example")
    desk.approve("DC Example")
    result = desk.approve("DC Example")
    assert result.exit_code == 5
    assert "DC Example has approved the campaign main already; one officer counts once" in result.stderr


def test_officers_who_prepared_it_cannot_approve_it_alone(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DS Other", "PC Third")
    added = desk.call("officer", "add", "DC Example", "--login", "pc1", "--passphrase-file", desk.words)
    assert added.exit_code == 0
    also = desk.call("officer", "add", "DI Boss", "--login", "PC1", "--passphrase-file", desk.words)
    assert "DC Example has the same login: whoever of them imports, both count" in also.stdout
    assert desk.approve("DC Example").exit_code == 0
    result = desk.approve("DI Boss")
    assert result.exit_code == 5
    assert "DI Boss prepared the campaign main, and so did DC Example" in result.stderr
    assert desk.approve("DS Other").exit_code == 0
    assert desk.clear().released == 1


def test_a_removed_officer_may_not_approve_and_what_they_approved_no_longer_counts(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DC Example", "DS Other")
    desk.approve("DC Example")
    desk.approve("DS Other")
    gone = desk.call("officer", "remove", "DS Other", "--yes")
    assert gone.exit_code == 0
    with pytest.raises(GuardStop, match=r"1 of 2 officers.*; DS Other, who approved it, may approve no more"):
        desk.clear()
    result = desk.approve("DS Other")
    assert result.exit_code == 5
    assert "the officer DS Other was removed and may approve no more" in result.stderr


def test_removing_an_officer_says_first_what_it_does(desk: Desk) -> None:
    desk.add("DC Example")
    result = desk.call("officer", "remove", "DC Example")
    assert "will no longer count" in result.stderr
    assert result.exit_code == 2
    assert "nobody can be asked here" in result.stderr
    assert "removed" not in desk.call("officer", "list").stdout


def test_a_wrong_passphrase_approves_nothing(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DC Example")
    desk.words.write_text("another passphrase\n", encoding="utf-8")
    result = desk.approve("DC Example")
    assert result.exit_code == 5
    assert "is not the passphrase of" in result.stderr
    assert PASSPHRASE not in result.output
    assert desk.facts().approvals == ()


def test_a_key_that_is_not_the_officers_approves_nothing(desk: Desk, tmp_path: Path) -> None:
    desk.bring_in(1)
    desk.add("DC Example", "DS Other")
    result = desk.approve("DC Example", "--key", keys.place("DS Other"))
    assert result.exit_code == 5
    assert "is not that of the officer DC Example" in result.stderr
    missing = desk.approve("DC Example", "--key", tmp_path / "nowhere.pem")
    assert missing.exit_code == 2
    assert "cannot be read: no such file" in missing.stderr


def test_who_approves_is_asked_for_unless_it_is_clear(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DC Example")
    assert desk.call("approve", "--passphrase-file", desk.words).exit_code == 0
    desk.add("DS Other")
    result = desk.call("approve", "--passphrase-file", desk.words)
    assert result.exit_code == 2
    assert "it is not clear who approves; officers of this operation: DC Example, DS Other" in result.stderr
    assert "there is no officer Nobody here" in desk.approve("Nobody").stderr


def test_without_a_terminal_the_passphrase_is_not_asked_for(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DC Example")
    result = desk.call("approve", "--officer", "DC Example")
    assert result.exit_code == 2
    assert "--passphrase-file FILE" in result.stderr


def _approved(desk: Desk, count: int = 3) -> None:
    desk.bring_in(count)
    desk.add("DC Example", "DS Other")
    desk.approve("DC Example")
    desk.approve("DS Other")
    desk.clear()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'from = "10:00"',
            'from = "09:00"',
            "the window was Mon to Sat, 10:00 to 19:00.*is now Mon to Sat, 09:00",
        ),
        ("per_hour = 100", "per_hour = 300", "the pace was 6 a minute, 100 an hour"),
        ("first_texts = 5", "first_texts = 0", "the number of first texts was 5, is now 0"),
        ('acknowledge = ""', 'acknowledge = "Thanks."', "the text that answers a reply changed"),
        ("# budget = 100", "budget = 100", "the price was .*no budget, is now .*budget 100.00 GBP"),
        ("officers = 2", "officers = 1", "what approval needs was 2 officers.* is now 1 officer"),
    ],
)
def test_a_changed_setting_voids_the_approval_and_takes_back_what_was_released(
    desk: Desk, old: str, new: str, words: str
) -> None:
    _approved(desk)
    desk.settle(old, new)
    with pytest.raises(GuardStop, match=f"approval of the campaign main is void: .*{words}"):
        desk.clear()
    found = desk.facts()
    assert {who.state for who in found.recipients} == {State.DRAFT}
    assert found.approvals == ()
    desk.settle(new, old)
    with pytest.raises(GuardStop, match=r"0 of 2 officers.*void because"):
        desk.clear()


def test_more_recipients_void_it_and_it_can_be_approved_anew(desk: Desk) -> None:
    _approved(desk)
    desk.bring_in(15, TEXT, name="more.csv")
    result = desk.approve("DC Example")
    assert result.exit_code == 0
    assert "The approval by DC Example, DS Other is void: 12 recipients were added" in result.stderr
    assert {who.state for who in desk.facts().recipients} == {State.DRAFT}
    assert "it may be sent" in desk.approve("DS Other").stdout
    assert desk.clear().released == 5


def test_one_approved_campaign_goes_while_another_waits(desk: Desk) -> None:
    _approved(desk)
    other = desk.folder.parent / "other.csv"
    other.write_text("number\n07700 900500\n", encoding="utf-8")
    assert desk.call("import", other, "--text", TEXT, "--campaign", "second").exit_code == 0
    found = desk.clear()
    assert found.released == 0
    (note,) = found.notes
    assert note.startswith("the campaign second is not approved: 0 of 2 officers")
    assert "gsmsend approve --campaign second" in note


def test_an_approval_that_was_changed_in_the_store_stops_everything(desk: Desk) -> None:
    _approved(desk)
    with desk.store() as store, store._reading() as connection:
        vault, row = vault_of(connection), connection.execute(sa.select(approvals)).first()
        assert row is not None
        label = content_of(row.campaign_id, row.officer_id, row.digest)
        content = vault.open(row.campaign_id, label, row.content)
        other = content.replace('"first_texts":5', '"first_texts":0')
        forged = vault.seal(row.campaign_id, label, other)  # by somebody who has the key
    with desk.store() as store, store._engine.begin() as connection:
        connection.execute(sa.update(approvals).where(approvals.c.id == row.id).values(content=forged))
    with pytest.raises(GuardStop, match="what DC Example approved of the campaign main is not what is on record"):
        desk.clear()
    assert {who.state for who in desk.facts().recipients} == {State.DRAFT}
    result = desk.call("preview")
    assert result.exit_code == 5
    assert "keep a copy of the" in result.stderr


def test_a_failed_check_keeps_it_from_being_approved_until_it_is_accepted_by_name(desk: Desk) -> None:
    desk.bring_in(1, TEXT.replace(" or 0808 157 0123", ""))
    desk.add("DC Example", "DS Other")
    refused = desk.approve("DC Example")
    assert refused.exit_code == 5
    assert "it has no phone number to call for help" in refused.stderr
    assert "--accept phone" in refused.stderr
    wrong = desk.approve("DC Example", "--accept", "link")
    assert wrong.exit_code == 2
    assert "--accept link: that check did not fail; expected one of those that did: phone" in wrong.stderr
    accepted = desk.approve("DC Example", "--accept", "phone")
    assert "Accepted in spite of a failed check: phone (it has no phone number" in accepted.stderr
    second = desk.approve("DS Other")
    assert second.exit_code == 0
    assert "Accepted in spite of a failed check: phone" in second.stderr
    assert json.loads(desk.facts().approvals[1].content)["accepted"] == ["phone"]
    assert desk.clear().released == 1


def test_a_budget_that_is_exceeded_keeps_it_from_being_approved(desk: Desk) -> None:
    desk.settle("# budget = 100", "budget = 0.10")
    desk.bring_in(3)
    desk.add("DC Example")
    result = desk.approve("DC Example")
    assert result.exit_code == 5
    assert "it costs 0.12 GBP; the budget is 0.10 GBP" in result.stderr


def test_approve_json_is_for_scripts(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DC Example")
    (found,) = objects(desk.approve("DC Example", "--json"))
    assert (found["officer"], found["approvals"], found["needed"]) == ("DC Example", 1, 2)
    assert found["stands"] is False
    assert len(found["digest"]) == 64


def test_a_lab_needs_no_approval_and_clearing_it_changes_nothing(call: Call, operation: Path) -> None:
    desk = Desk(call, operation)
    desk.bring_in(2)
    result = desk.call("approve")
    assert result.exit_code == 2
    assert "this lab operation needs no approval" in result.stderr
    assert (desk.clear().released, desk.clear().notes) == (0, ())
    assert {who.state for who in desk.facts().recipients} == {State.QUEUED}


def test_first_texts_of_a_lab_are_released_without_approval(call: Call, operation: Path) -> None:
    desk = Desk(call, operation)
    file = operation / "gsmsend.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n[campaign]\nfirst_texts = 2\n", encoding="utf-8")
    desk.bring_in(4)
    assert desk.clear().released == 2
    assert desk.clear().released == 0


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "on_terminal", lambda: True)
    monkeypatch.setattr(confirming, "on_terminal", lambda: True)


def _typed(desk: Desk, given: str, *words: object) -> Result:
    command = [str(word) for word in (*words, "--operation", desk.folder)]
    return CliRunner().invoke(main, command, input=given, prog_name="gsmsend")


@pytest.mark.usefixtures("terminal")
def test_at_a_terminal_the_passphrase_is_asked_for_twice_and_never_shown(desk: Desk) -> None:
    desk.bring_in(1)
    differing = _typed(desk, f"{PASSPHRASE}\nsomething else\n", "officer", "add", "DC Example")
    assert "do not match" in differing.output
    assert not keys.place("DC Example").exists()
    made = _typed(desk, f"{PASSPHRASE}\n{PASSPHRASE}\n", "officer", "add", "DC Example")
    assert made.exit_code == 0
    assert PASSPHRASE not in made.output
    approved = _typed(desk, f"{PASSPHRASE}\n", "approve")
    assert approved.exit_code == 0
    assert PASSPHRASE not in approved.output
    assert approved.stderr.index("You approve the campaign main") < approved.stderr.index(
        "Passphrase of DC Example"
    )


@pytest.mark.usefixtures("terminal")
def test_at_a_terminal_no_is_no(desk: Desk) -> None:
    desk.add("DC Example")
    kept = _typed(desk, "n\n", "officer", "remove", "DC Example")
    assert kept.exit_code == 130
    removed = _typed(desk, "y\n", "officer", "remove", "DC Example")
    assert removed.exit_code == 0
    assert "removed" in desk.call("officer", "list").stdout


def test_who_prepared_a_campaign_is_not_what_the_environment_says(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "real"
    make(folder, lab=False)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody.else")
    found = Desk(call, folder)
    found.bring_in(1)
    assert "somebody.else" not in found.facts().preparers
