"""What a tired officer reads: every command that is suggested can be typed, and nothing says more than is so."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gsmsend import config, wiring
from gsmsend.cli import options
from gsmsend.cli.init import make

from .approval_desk import TEXT, Desk
from .conftest import Call


@pytest.fixture
def desk(call: Call, tmp_path: Path) -> Desk:
    folder = tmp_path / "op"
    make(folder, lab=False)
    return Desk(call, folder)


def suggested(words: str) -> list[str]:
    """What stands after the first `Next: gsmsend`, as a shell reads it."""
    line = next(line for line in words.splitlines() if "gsmsend " in line.partition("Next")[2])
    return shlex.split(line.partition("gsmsend ")[2])


def test_help_shows_no_mark_of_its_source(call: Call) -> None:
    lines = call("--help").stdout.splitlines()
    assert "  To see it work with no hardware:  gsmsend run --demo" in lines
    assert "  If anything does not work:        gsmsend doctor" in lines


def test_what_is_suggested_for_another_campaign_names_it_as_a_shell_takes_it(desk: Desk) -> None:
    name = ("--campaign", "Jane's second list")
    after = desk.bring_in(1, TEXT, *name)
    assert suggested(after.stderr)[0] == "preview"
    assert suggested(after.stderr)[-2:] == list(name)
    shown = suggested(desk.call("preview", *name).stdout.replace("\n  ", " "))
    assert shown[0] == "approve"
    assert shown[-2:] == list(name)
    desk.add("DC Example", "DS Other")
    told = suggested(desk.approve("DC Example", *name).stdout)
    assert told[0] == "approve"
    assert told[-4:] == [*name, "--officer", "NAME"]
    again = desk.approve("DC Example", *name)
    assert again.exit_code == 5
    assert "gsmsend approve --operation" in again.stderr
    assert "--campaign 'Jane'\"'\"'s second list' --officer NAME" in again.stderr


def test_what_is_accepted_in_spite_of_a_check_is_suggested_as_a_command(desk: Desk) -> None:
    desk.bring_in(1, "help", "--campaign", "two")
    desk.add("DC Example")
    result = desk.approve("DC Example", "--campaign", "two")
    assert result.exit_code == 5
    command = result.stderr.replace("\n", " ").partition("accept it by name: gsmsend ")[2]
    assert shlex.split(command)[:1] == ["approve"]
    assert "--campaign two --accept link" in command


def test_who_is_not_texted_is_told_to_those_who_approve(desk: Desk) -> None:
    desk.bring_in(3)
    desk.add("DC Example", "DS Other")
    assert "no text:" not in desk.approve("DC Example").stderr
    assert desk.call("suppress", "add", "07700900001", "--reason", "witness").exit_code == 0
    shown = desk.approve("DS Other").stderr
    assert "  3 recipients" in shown
    assert "  1 of them gets no text: on the never-contact list, opted out, or cancelled" in shown
    assert "if all of them were texted" in " ".join(shown.split())


def test_preview_says_why_an_approval_is_void(desk: Desk) -> None:
    desk.bring_in(2)
    desk.add("DC Example")
    desk.approve("DC Example")
    assert desk.call("reword", "--text", f"{TEXT} Thanks.", "--yes").exit_code == 0
    shown = " ".join(desk.call("preview").stdout.split())
    assert "0 of 2 officers approved it; the approval it had is void: the text changed" in shown


def test_status_does_not_call_an_approved_campaign_unfinished(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DC Example", "DS Other")
    desk.approve("DC Example")
    desk.approve("DS Other")
    shown = " ".join(desk.call("status").stdout.split())
    assert "Once it is approved: gsmsend run" in shown


@pytest.mark.parametrize("command", [("pause",), ("resume",), ("resume", "--go-on", "--because", "why")])
def test_a_cancelled_campaign_does_not_pause_or_go_on(desk: Desk, command: tuple[str, ...]) -> None:
    desk.bring_in(1)
    assert desk.call("cancel", "--yes").exit_code == 0
    result = desk.call(*command)
    assert result.exit_code == 2
    assert "campaign main was cancelled by " in result.stderr
    assert "gsmsend import FILE --campaign NAME" in result.stderr


def test_a_header_with_nobody_below_it_is_told(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "nobody.csv"
    file.write_text("number,name\n", encoding="utf-8")
    result = desk.call("import", file, "--text", TEXT)
    assert "No row stands below its header: is it the right file, and the right sheet?" in result.stdout


def test_of_two_columns_of_texts_none_is_guessed(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("number,text,text\n07700900001,Call us,Go away\n", encoding="utf-8")
    result = desk.call("import", file)
    assert result.exit_code == 2
    assert 'columns 2 and 3 are both headed "text", and nothing says which one to send' in result.stderr
    assert desk.call("status").stdout.startswith("op: 0 texts")
    file.write_text("number,text,text\n07700900001,Call us,\n", encoding="utf-8")
    assert "1 in the draft" in desk.call("import", file).stdout


def test_a_file_that_is_not_there_says_what_to_look_at(desk: Desk) -> None:
    result = desk.call("import", "nosuch.csv", "--text", TEXT)
    assert result.exit_code == 2
    assert "Check its name and folder, and that you may read it." in result.stderr


@pytest.mark.parametrize("width", [40, 80])
def test_words_and_errors_are_broken_between_words_on_any_terminal(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((width, 24)))
    words = (
        "Stopped: the campaign main is not approved: 1 of 2 officers approved it (DC Example); nothing was sent"
    )
    lines = options.fitting(f"{words}\n  | short", 2).split("\n")
    assert max(map(len, lines)) < width
    assert " ".join(line.strip() for line in lines[:-1]) == words
    assert lines[-1] == "  | short"


def test_what_stands_out_does_so_over_several_lines_and_not_where_no_colours_are_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((40, 24)))
    monkeypatch.delenv("NO_COLOR", raising=False)
    rest = "the campaign main is not approved, and nothing was sent"
    shown = options.fitting(options.loud("Stopped: ") + rest, 2)
    bare = click.unstyle(shown).split("\n")
    assert shown.startswith("\x1b[31m\x1b[1mStopped: \x1b[0mthe campaign")
    assert (len(bare), len(bare[0]) > 30) == (2, True)
    whole = options.fitting(options.loud("  DANGER TO LIFE? (going to kill) and more words than fit"), 2)
    assert whole.startswith("\x1b[31m\x1b[1m  DANGER")
    assert whole.endswith("\x1b[0m")
    assert max(map(len, click.unstyle(whole).split("\n"))) < 40
    monkeypatch.setenv("NO_COLOR", "1")
    assert options.loud("Stopped: ") == "Stopped: "


def test_an_error_on_a_terminal_has_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "gsmsend", "status", "--operation", str(tmp_path / "none")]
    ended = subprocess.run(
        command, stderr=follower, stdout=follower, env={**os.environ, "NO_COLOR": "1"}, check=False
    )
    os.close(follower)
    shown = os.read(leader, 1 << 16)
    os.close(leader)
    assert ended.returncode == 2
    assert shown.startswith(b"Stopped:")
    assert b"\x1b" not in shown


def test_an_officer_who_approves_again_is_told_what_is_still_missing_if_anything_is(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DC Example", "DS Other")
    desk.approve("DC Example")
    assert "Another officer must approve it: gsmsend approve" in desk.approve("DC Example").stderr
    desk.approve("DS Other")
    again = desk.approve("DS Other")
    assert again.exit_code == 5
    assert "No more approvals are needed. To send it: gsmsend run" in again.stderr


def test_ports_in_the_config_are_those_of_its_folder_from_wherever_the_command_is_given(desk: Desk) -> None:
    (desk.folder / "bench").mkdir()
    port = desk.folder / "bench" / "modem1"
    leader, follower = pty.openpty()
    port.symlink_to(os.ttyname(follower))
    desk.settle("ports = []", 'ports = ["bench/modem1"]')
    found = wiring.endpoints(config.load(desk.folder))
    os.close(follower)
    os.close(leader)
    assert [(endpoint.address, endpoint.virtual) for _, endpoint in found] == [(str(port), True)]


def test_nothing_is_said_to_be_lost_with_an_officer_who_is_not_there(desk: Desk) -> None:
    desk.bring_in(1)
    desk.add("DC Example")
    result = desk.call("officer", "remove", "Nobody")
    assert result.exit_code == 2
    assert "Nobody" in result.stderr
    assert "no longer count" not in result.stderr
    assert "no longer count" in desk.call("officer", "remove", "DC  example").stderr


def test_a_campaign_cannot_have_the_name_of_one_that_answers_replies(call: Call, tmp_path: Path) -> None:
    call("init", "op")
    (tmp_path / "people.csv").write_text("number\n07700 900001\n", encoding="utf-8")
    words = ("--operation", "op", "--text", "Help is here.", "--campaign", "main acknowledgements")
    result = call("import", "people.csv", *words)
    assert result.exit_code == 2
    assert "cannot end in 'acknowledgements'" in result.output


def test_a_list_that_was_refused_whole_is_refused_again_not_taken_for_done(call: Call, tmp_path: Path) -> None:
    call("init", "op")
    (tmp_path / "people.csv").write_text("number\n020 7946 0123\n", encoding="utf-8")
    for _ in range(2):
        result = call("import", "people.csv", "--operation", "op", "--text", "Help is here.")
        assert (result.exit_code, "landline" in result.output) == (2, True)


def test_one_line_of_config_does_not_undo_what_officers_decide(desk: Desk) -> None:
    desk.bring_in(2)
    desk.add("DC Example", "DS Other")
    desk.approve("DC Example")
    (desk.folder / config.FILE).write_text("[operation]\nlab = true\n", encoding="utf-8")
    result = desk.call("run")
    assert (result.exit_code, "one that officers approve" in result.output) == (5, True), result.output
