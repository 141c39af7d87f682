"""Roles: who may give which command, and what a sign-in is good for."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

from gsmsend.cli import access, keys, signing_in
from gsmsend.cli import operation as cli_operation
from gsmsend.cli.group import main
from gsmsend.contract import Role

from .approval_desk import Desk
from .conftest import objects

EXIT_GUARD = 5


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command of the program by its words, groups too."""
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        assert found is not None
        yield f"{before}{name}", found
        if isinstance(found, click.Group):
            yield from commands(found, f"{before}{name} ")


@pytest.fixture
def roles(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """People are imported and an approver is there; from now on roles are kept to."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    desk.bring_in(3)
    desk.add("DC Example")
    desk.settle("roles = false", "roles = true")
    desk.settle("sign_in_hours = 12", "sign_in_hours = 8")
    return desk


def sign_in(desk: Desk, *name: str) -> Result:
    return desk.call("officer", "sign-in", *name, "--passphrase-file", desk.words)


def joined(desk: Desk, name: str, role: str, *more: str) -> None:
    """The approver adds somebody, who then signs in instead."""
    assert sign_in(desk, "DC Example").exit_code == 0
    done = desk.call("officer", "add", name, "--role", role, *more, "--passphrase-file", desk.words)
    assert done.exit_code == 0, done.output
    assert sign_in(desk, name).exit_code == 0


def entries(desk: Desk, kind: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(desk.folder / "gsmsend.db")) as store:
        rows = store.execute("SELECT line FROM audit WHERE kind = ? ORDER BY n", (kind,)).fetchall()
    return [json.loads(line)["data"] for (line,) in rows]


def test_every_command_has_its_least_role() -> None:
    found = {name for name, _ in commands(main)}
    assert found <= set(access.LEAST), "no role is set for these"
    assert found | {"forget", "export", "verify", "key", "key move", "key show"} >= set(access.LEAST)


def test_an_option_that_needs_another_role_is_there() -> None:
    known = dict(commands(main))
    for command, option in access.WITH_OPTION:
        if command in known:
            assert option in {parameter.name for parameter in known[command].params}, (command, option)


BESIDES = {
    "import": [__file__],
    "send": ["07700 900009", "Hello"],
    "reword": ["--text", "Hello"],
    "officer role": ["--unmask"],
}


def example(name: str) -> list[str]:
    """Words that a command begins with."""
    words, command = list(BESIDES.get(name, [])), dict(commands(main))[name]
    for parameter in command.params:
        if not parameter.required:
            continue
        choices = getattr(parameter.type, "choices", None)
        value = choices[0] if choices else str(Path(__file__)) if "file" in str(parameter.name) else "7"
        words += [value] if isinstance(parameter, click.Argument) else [parameter.opts[0], value]
    return words


WITH_AN_OPERATION = [
    name
    for name, command in commands(main)
    if access.LEAST[name] is not access.ANYBODY and any(parameter.name == "folder" for parameter in command.params)
]


@pytest.mark.parametrize("name", WITH_AN_OPERATION)
def test_no_command_begins_before_somebody_signed_in(roles: Desk, name: str) -> None:
    done = roles.call(*name.split(), *example(name))
    assert done.exit_code == EXIT_GUARD, done.output
    assert "nobody has signed in" in done.stderr
    assert "gsmsend officer sign-in" in done.stderr


ORDER = [name for name in WITH_AN_OPERATION if access.LEAST[name] is not Role.VIEWER]


@pytest.mark.parametrize("name", ORDER)
def test_a_viewer_is_told_who_may(roles: Desk, name: str) -> None:
    joined(roles, "PC Third", "viewer")
    done = roles.call(*name.split(), *example(name))
    assert done.exit_code == EXIT_GUARD, done.output
    assert f"'gsmsend {name}' is for" in done.stderr
    assert "PC Third is a viewer here" in done.stderr


def test_a_viewer_sees_masked_numbers_only(roles: Desk) -> None:
    joined(roles, "PC Third", "viewer")
    shown = roles.call("messages")
    assert shown.exit_code in (0, 4)
    assert "+447*****0000" in shown.stdout
    full = roles.call("messages", "--unmask")
    assert full.exit_code == EXIT_GUARD
    assert "PC Third may not see numbers in full" in full.stderr
    assert "+447700900000" not in full.output
    assert not entries(roles, "unmask")
    assert roles.call("report", "--redacted").exit_code == 0


def test_unmasking_is_a_right_and_leaves_a_trace(roles: Desk) -> None:
    joined(roles, "PC Third", "viewer", "--unmask")
    full = roles.call("messages", "--unmask")
    assert "+447700900000" in full.stdout
    assert entries(roles, "unmask") == [{"officer": "PC Third", "command": "messages"}]


def test_the_right_is_given_and_taken(roles: Desk) -> None:
    joined(roles, "PC Third", "operator")
    assert sign_in(roles, "DC Example").exit_code == 0
    (row,) = objects(roles.call("officer", "role", "PC Third", "--role", "viewer", "--unmask", "--json"))
    assert (row["role"], row["unmask"]) == ("viewer", True)
    roles.call("officer", "role", "PC Third", "--no-unmask")
    assert "PC Third  (viewer, login pc1" in roles.call("officer", "list").stdout
    changes = [(it["name"], it["role"], it["unmask"]) for it in entries(roles, "officer")]
    assert changes[-3:] == [
        ("PC Third", "operator", False), ("PC Third", "viewer", True), ("PC Third", "viewer", False)
    ]  # fmt: skip


def test_doctor_checks_the_rest_where_nobody_signed_in(roles: Desk) -> None:
    found = json.loads(roles.call("doctor", "--json").stdout)
    said = {one["check"]: one for one in found["findings"]}
    assert said["sign-in"]["level"] == "bad"
    assert "nobody has signed in" in said["sign-in"]["says"]
    assert "officer sign-in" in said["sign-in"]["do"]
    assert {"folder", "config", "store", "key", "disk"} <= set(said)
    assert "retention" not in said
    assert found["exit"] == EXIT_GUARD
    sign_in(roles, "DC Example")
    after = {one["check"]: one for one in json.loads(roles.call("doctor", "--json").stdout)["findings"]}
    assert after["sign-in"]["says"] == "DC Example is signed in, as approver"


def test_an_approver_cannot_give_themself_the_right_to_see_numbers(roles: Desk) -> None:
    joined(roles, "DS Other", "approver")
    refused = roles.call("officer", "role", "ds  other", "--unmask")
    assert refused.exit_code == EXIT_GUARD
    assert "DS Other cannot give themself" in refused.stderr
    assert "DC Example" in refused.stderr
    assert roles.call("messages", "--unmask").exit_code == EXIT_GUARD
    assert sign_in(roles, "DC Example").exit_code == 0
    assert roles.call("officer", "role", "DS Other", "--unmask").exit_code == 0
    assert sign_in(roles, "DS Other").exit_code == 0
    assert roles.call("messages", "--unmask").exit_code == 0
    assert entries(roles, "note") == []


def test_the_only_approver_takes_the_right_alone_and_that_is_on_record(roles: Desk) -> None:
    joined(roles, "PC Third", "operator")
    assert sign_in(roles, "DC Example").exit_code == 0
    done = roles.call("officer", "role", "DC Example", "--unmask")
    assert done.exit_code == 0
    assert "no other approver" in " ".join(done.stdout.split())
    (note,) = entries(roles, "note")
    assert note["person"] == "DC Example"
    assert "no other approver" in note["what"]


def test_whoever_it_is_may_stop_a_campaign(roles: Desk) -> None:
    assert roles.call("pause").exit_code == 0
    joined(roles, "PC Third", "viewer")
    refused = roles.call("resume")
    assert refused.exit_code == EXIT_GUARD
    assert "operators and approvers" in refused.stderr
    assert roles.call("cancel", "--yes").exit_code == 0


def test_the_only_approver_stays(roles: Desk) -> None:
    sign_in(roles, "DC Example")
    for words in (("remove", "DC Example", "--yes"), ("role", "DC Example", "--role", "viewer")):
        done = roles.call("officer", *words)
        assert done.exit_code == EXIT_GUARD
        assert "only approver" in done.stderr


def test_the_first_officer_is_an_approver(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    desk.settle("roles = false", "roles = true")
    words = ("officer", "add", "DC Example", "--passphrase-file", desk.words)
    assert desk.call(*words, "--role", "viewer").exit_code == EXIT_GUARD
    assert desk.call("status").exit_code == EXIT_GUARD
    assert desk.call(*words).exit_code == 0
    assert sign_in(desk).exit_code == 0
    assert desk.call("status").exit_code == 0


def test_who_is_no_approver_approves_nothing(roles: Desk) -> None:
    joined(roles, "DS Other", "operator")
    sign_in(roles, "DC Example")
    done = roles.approve("DS Other")
    assert done.exit_code == EXIT_GUARD
    assert "DS Other is not an approver" in done.stderr


def test_an_approval_counts_while_its_officer_is_an_approver(desk: Desk) -> None:
    desk.settle("officers = 2", "officers = 1")
    desk.bring_in(2)
    desk.add("DS Other", "PC Third")
    assert desk.approve("DS Other").exit_code == 0
    assert desk.clear().released == 2
    desk.call("officer", "role", "DS Other", "--role", "operator")
    done = desk.call("run", "--port", "/dev/null")
    assert "DS Other, who approved it, may approve no more" in done.stderr


def test_a_sign_in_is_on_record_and_private(roles: Desk) -> None:
    done = sign_in(roles)
    assert "DC Example is signed in until" in done.stdout
    (entry,) = entries(roles, "sign-in")
    assert (entry["officer"], entry["login"]) == ("DC Example", cli_operation.login_name())
    (file,) = (signing_in.place("x").parent).iterdir()
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "Signed out" in roles.call("officer", "sign-out").stdout
    assert not file.exists()
    assert "nobody has signed in" in roles.call("status").stderr


def spoiled(desk: Desk, **changes: object) -> str:
    """What is said of a sign-in in which this was changed."""
    (file,) = signing_in.place("x").parent.iterdir()
    said = json.loads(file.read_text(encoding="ascii"))
    file.write_text(json.dumps(said | changes), encoding="ascii")
    done = desk.call("status")
    assert done.exit_code == EXIT_GUARD
    return done.stderr


@pytest.mark.parametrize(
    "changes",
    [
        {"until_ms": 99_999_999_999_999},
        {"login": "root2"},
        {"host": "elsewhere"},
        {"at_ms": 1},
        {"signature": "00"},
    ],
)
def test_a_changed_sign_in_is_not_signed(roles: Desk, changes: dict[str, object]) -> None:
    sign_in(roles)
    assert "not signed with that officer's key" in spoiled(roles, **changes)


def test_a_sign_in_in_anothers_name_is_not_signed(roles: Desk) -> None:
    joined(roles, "PC Third", "viewer")
    assert "not signed with that officer's key" in spoiled(roles, officer="DC Example")
    assert "no such officer" in spoiled(roles, officer="DC Nobody")


def test_a_sign_in_ends(roles: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(roles)
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s + 8 * 3600 - 60)
    assert roles.call("status").exit_code == 0
    monkeypatch.setattr(time, "time", lambda: now_s + 8 * 3600)
    assert "its time is over" in roles.call("status").stderr
    monkeypatch.setattr(time, "time", lambda: now_s - 3600)
    assert "not made yet" in roles.call("status").stderr


def test_a_sign_in_is_of_one_user_on_one_computer(roles: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(roles)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(platform, "node", lambda: "another")
        assert "made on the computer" in roles.call("status").stderr
    monkeypatch.setattr(cli_operation, "login_name", lambda: "mallory")
    assert "and you are mallory" in roles.call("status").stderr


def test_a_removed_officers_sign_in_is_over(roles: Desk) -> None:
    joined(roles, "PC Third", "operator")
    with roles.store() as store:
        store.remove_officer("PC Third", "pc1", 5.0)
    assert "that officer was removed" in roles.call("status").stderr


def test_a_wrong_passphrase_signs_nobody_in(roles: Desk) -> None:
    roles.words.write_text("quite another passphrase\n", encoding="utf-8")
    done = sign_in(roles)
    assert done.exit_code == EXIT_GUARD
    assert not entries(roles, "sign-in")
    assert roles.call("status").exit_code == EXIT_GUARD


def test_another_key_under_the_officers_name_signs_nobody_in(roles: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    roles.call_("officer", "key", "DC Example", "--key", other, "--passphrase-file", roles.words)
    done = roles.call("officer", "sign-in", "DC Example", "--key", other, "--passphrase-file", roles.words)
    assert done.exit_code == EXIT_GUARD
    assert "not the one that DC Example is registered with" in done.stderr
    assert keys.place("DC Example").exists()


def test_a_link_in_place_of_the_sign_in_is_refused(roles: Desk, tmp_path: Path) -> None:
    sign_in(roles)
    (file,) = signing_in.place("x").parent.iterdir()
    elsewhere = tmp_path / "elsewhere.json"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    done = roles.call("status")
    assert done.exit_code == EXIT_GUARD
    assert "is a link" in done.stderr


def test_with_roles_off_nobody_signs_in(desk: Desk) -> None:
    desk.bring_in(1)
    assert desk.call("status").exit_code == 0
    desk.add("DC Example")
    done = desk.call("officer", "sign-in", "--passphrase-file", desk.words)
    assert done.exit_code == 2
    assert "roles = true under [access]" in done.stderr


def test_the_audit_log_says_which_officer_it_was(roles: Desk) -> None:
    joined(roles, "PC Third", "operator")
    assert roles.call("resume").exit_code == 0
    assert roles.call("suppress", "add", "07700 900001", "--reason", "a witness").exit_code == 0
    roles.call("officer", "sign-out")
    roles.call("pause")
    last = entries(roles, "session")[-2:]
    assert [(it["officer"], it["command"]) for it in last] == [("PC Third", "suppress add"), (None, "pause")]
