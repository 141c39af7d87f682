"""`gsmsend key`, and how the other commands come by a passphrase."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import keyring
import pytest
from keyring.backends import fail

from gsmsend import wiring
from gsmsend.cli import unlocking
from gsmsend.config import load
from gsmsend.keyplace import Place, cores, sealing
from gsmsend.store.key import NAME, OperationKey
from tests.unit.keyplace.key_scene import MemoryKeyring

from .conftest import Call, People

WORDS, OTHERS = "three good words here", "other words entirely"
PERSON = "07700 900009"


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's own folder for keys of operations."""
    monkeypatch.setattr(sealing, "_N", 2**14)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(wiring.keys, "_asking", wiring.keys._nobody)
    return tmp_path / "config" / "gsmsend" / "operations"


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """A file with the passphrase, and one beside it with another."""
    for name, line in (("words", WORDS), ("others", OTHERS)):
        (tmp_path / name).write_text(f"{line}\nnot read\n", encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    return tmp_path / "words"


@pytest.fixture
def kept(call: Call, tmp_path: Path) -> Path:
    """An operation, no lab, with somebody on its list."""
    folder = tmp_path / "kept"
    assert call("init", folder).exit_code == 0
    add(call, folder)
    return folder


def add(call: Call, folder: Path, *more: object) -> Any:
    return call("suppress", "add", PERSON, "--reason", "a witness", "--operation", folder, *more)


def check(call: Call, folder: Path, *more: object) -> Any:
    return call("suppress", "check", PERSON, "--operation", folder, *more)


def entries(folder: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / "gsmsend.db")) as store:
        return [json.loads(row[0])["data"] for row in store.execute("SELECT line FROM audit WHERE kind = 'key'")]


def octets_of(folder: Path) -> bytes:
    return wiring.key_of(load(folder)).unlock()


def test_with_no_terminal_and_no_keyring_it_is_in_the_own_folder_and_that_is_said(
    call: Call, tmp_path: Path, own: Path
) -> None:
    said = call("init", tmp_path / "op")
    assert f"will be in a file of this user's own: {own}" in said.stdout
    assert "Whoever has this user's disk can read it" in said.stdout
    assert not (tmp_path / "op" / NAME).exists()
    first = add(call, tmp_path / "op")
    assert "gsmsend key move passphrase" in first.stderr
    assert "Whoever has" not in check(call, tmp_path / "op").stderr, "it is said once, not at every command"
    assert len(list(own.iterdir())) == 1


def test_a_lab_has_no_ceremony(call: Call, tmp_path: Path, people: People) -> None:
    call("init", tmp_path / "lab", "--lab")
    done = call("import", people(1), "--operation", tmp_path / "lab")
    assert done.exit_code == 0
    assert "key" not in done.stdout + done.stderr
    found = json.loads(call("key", "--operation", tmp_path / "lab", "--json").stdout)
    assert found["place"] == "home"


def test_a_keyring_is_used_where_there_is_one(call: Call, tmp_path: Path, ring: MemoryKeyring, own: Path) -> None:
    assert "in the keyring of this login" in call("init", tmp_path / "op").stdout
    assert add(call, tmp_path / "op").exit_code == 0
    assert len(ring.held) == 1
    assert not own.exists()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    lost = check(call, tmp_path / "op")
    assert lost.exit_code == 5
    assert "there is no keyring that could be asked here" in lost.stderr
    assert call("status", "--operation", tmp_path / "op").exit_code == 0


def test_moving_it_under_a_passphrase(call: Call, kept: Path, words: Path, own: Path) -> None:
    octets = octets_of(kept)
    moved = call("key", "move", "passphrase", "--operation", kept, "--new-passphrase-file", words)
    assert moved.exit_code == 0, moved.stderr
    assert "is now under a passphrase" in moved.stdout
    assert list(own.iterdir()) == []
    assert entries(kept)[-1]["place"] == "passphrase"
    for file in kept.iterdir():
        assert octets not in file.read_bytes()
    right = check(call, kept, "--passphrase-file", words)
    assert right.exit_code == 0, right.stderr
    assert "may be texted" not in right.stdout


@pytest.fixture
def locked(call: Call, kept: Path, words: Path) -> Path:
    """The same operation, its key under a passphrase."""
    assert call("key", "move", "passphrase", "--operation", kept, "--new-passphrase-file", words).exit_code == 0
    return kept


def test_without_the_passphrase_a_command_stops_and_says_how(call: Call, locked: Path, words: Path) -> None:
    stopped = check(call, locked)
    assert stopped.exit_code == 5
    assert "this is no terminal" in stopped.stderr
    assert "--passphrase-file FILE" in stopped.stderr
    wrong = check(call, locked, "--passphrase-file", words.with_name("others"))
    assert wrong.exit_code == 5
    assert "that is not the passphrase of the key of the operation kept" in wrong.stderr


def test_what_needs_no_key_asks_for_none(call: Call, locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click, "prompt", lambda *_, **__: pytest.fail("somebody was asked"))
    for command in (["status"], ["key"], ["status", "--json"], ["suppress", "list"]):
        done = call(*command, "--operation", locked)
        assert done.exit_code == 0, done.stderr
    findings = json.loads(call("doctor", "--operation", locked, "--json").stdout)["findings"]
    assert [one["level"] for one in findings if one["check"] == "key"] == ["ok"]


def test_a_stop_waits_for_no_passphrase(call: Call, locked: Path, words: Path, people: People) -> None:
    given = ["--operation", locked, "--passphrase-file", words]
    assert call("import", people(2), *given).exit_code == 0
    for command in (["pause"], ["cancel", "--yes"]):
        done = call(*command, "--because", "the court has said so", "--operation", locked)
        assert done.exit_code == 0, done.stderr
    totals = json.loads(call("status", "--operation", locked, "--json").stdout)["totals"]
    assert totals["cancelled"] == 2


def test_the_settings_may_name_the_file(call: Call, locked: Path, words: Path) -> None:
    place = locked / "gsmsend.toml"
    text = place.read_text(encoding="utf-8")
    assert 'passphrase_file = ""' in text
    place.write_text(text.replace('passphrase_file = ""', 'passphrase_file = "../words"'), encoding="utf-8")
    assert check(call, locked).exit_code == 0


def test_a_passphrase_beside_the_store_is_refused(call: Call, locked: Path) -> None:
    (locked / "words").write_text(WORDS, encoding="utf-8")
    (locked / "words").chmod(0o600)
    refused = check(call, locked, "--passphrase-file", locked / "words")
    assert refused.exit_code == 5
    assert "lies in the operation's own folder" in refused.stderr


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_file_is_told(call: Call, locked: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "empty").write_text(content)
    assert "is empty" in check(call, locked, "--passphrase-file", tmp_path / "empty").stderr
    gone = check(call, locked, "--passphrase-file", tmp_path / "nowhere")
    assert (gone.exit_code, "cannot be read" in gone.stderr) == (5, True)


def test_a_folder_within_the_operation_is_refused(call: Call, kept: Path) -> None:
    place = kept / "gsmsend.toml"
    text = place.read_text(encoding="utf-8")
    place.write_text(text.replace('\nfolder = ""', '\nfolder = "keys"'), encoding="utf-8")
    refused = check(call, kept)
    assert refused.exit_code == 2
    assert "key.folder = 'keys': that is in the operation's own folder" in refused.stderr


def test_a_person_at_the_terminal_is_asked_once_and_may_slip(
    call: Call, locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, asked = ["a slip", WORDS], []

    def prompt(words: str, **how: object) -> str:
        asked.append((words, how["hide_input"], how["err"]))
        return answers.pop(0)

    monkeypatch.setattr(unlocking, "on_terminal", lambda: True)
    monkeypatch.setattr(click, "prompt", prompt)
    done = call("messages", "--operation", locked, "--unmask", "--json")
    assert done.exit_code == 0, done.stderr
    assert asked == [("The passphrase of the key of the operation kept", True, True)] * 2
    assert "2 more tries" in done.stderr


def test_init_asks_for_a_passphrase_where_somebody_is_there(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["short", WORDS]
    monkeypatch.setattr(unlocking, "on_terminal", lambda: True)
    monkeypatch.setattr(click, "prompt", lambda *_, **__: answers.pop(0))
    made = call("init", tmp_path / "op")
    assert made.exit_code == 0, made.stderr
    assert "expected 12 or more" in made.stderr
    assert json.loads((tmp_path / "op" / NAME).read_text())["place"] == "passphrase"


def test_an_init_broken_off_at_the_passphrase_leaves_nothing(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prompt(*_: object, **__: object) -> str:
        raise click.Abort

    monkeypatch.setattr(unlocking, "on_terminal", lambda: True)
    monkeypatch.setattr(click, "prompt", prompt)
    (tmp_path / "there").mkdir()
    for folder in (tmp_path / "new" / "op", tmp_path / "there"):
        done = call("init", folder)
        assert done.exit_code == 130
        assert "Nothing was made" in done.stderr
        assert "Made the operation" not in done.stdout
    assert not (tmp_path / "new").exists()
    assert list((tmp_path / "there").iterdir()) == []


def test_once_a_passphrase_was_begun_no_command_puts_the_key_into_the_own_folder_in_clear(
    call: Call, tmp_path: Path, people: People, own: Path, words: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prompt(*_: object, **__: object) -> str:
        raise click.Abort

    folder = tmp_path / "kept"
    assert call("init", folder).exit_code == 0  # by a script: no key yet
    with monkeypatch.context() as at_the_terminal:
        at_the_terminal.setattr(unlocking, "on_terminal", lambda: True)
        at_the_terminal.setattr(click, "prompt", prompt)
        assert call("import", people(1), "--text", "Hello", "--operation", folder).exit_code == 130
    by_a_script = call("import", people(1), "--text", "Hello", "--operation", folder)
    assert by_a_script.exit_code == 5
    assert "a new passphrase" in by_a_script.stderr
    assert not (folder / NAME).exists()
    assert list(own.rglob("*.key")) == []
    done = call("import", people(1), "--text", "Hello", "--passphrase-file", words, "--operation", folder)
    assert done.exit_code == 0, done.stderr
    assert json.loads((folder / NAME).read_text())["place"] == "passphrase"
    assert not list(folder.glob("*.begun"))


def test_a_backup_and_a_replaced_laptop(call: Call, kept: Path, words: Path, own: Path, tmp_path: Path) -> None:
    octets = octets_of(kept)
    backup = tmp_path / "backup"
    made = call("key", "--operation", kept, "backup", backup, "--new-passphrase-file", words)
    assert made.exit_code == 0, made.stderr
    assert octets not in backup.read_bytes()
    again = call("key", "backup", backup, "--operation", kept, "--new-passphrase-file", words)
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    for file in own.iterdir():
        file.unlink()
    lost = check(call, kept)
    assert (lost.exit_code, "gsmsend key restore FILE" in lost.stderr) == (5, True)
    wrong = call("key", "restore", backup, "--operation", kept, "--passphrase-file", words.with_name("others"))
    assert wrong.exit_code == 5
    back = call("key", "restore", backup, "--operation", kept, "--passphrase-file", words)
    assert back.exit_code == 0, back.stderr
    assert octets_of(kept) == octets
    assert check(call, kept).exit_code == 0
    assert entries(kept)[-1]["place"] == "home"


def test_a_lost_operation_key_comes_back_too_and_only_this_ones(
    call: Call, kept: Path, words: Path, tmp_path: Path
) -> None:
    call("key", "backup", tmp_path / "ours", "--operation", kept, "--new-passphrase-file", words)
    call("init", tmp_path / "other")
    add(call, tmp_path / "other")
    call("key", "backup", tmp_path / "theirs", "--operation", tmp_path / "other", "--new-passphrase-file", words)
    (kept / NAME).unlink()
    theirs = call("key", "restore", tmp_path / "theirs", "--operation", kept, "--passphrase-file", words)
    assert (theirs.exit_code, "another operation's key" in theirs.stderr) == (5, True)
    assert not (kept / NAME).exists()
    ours = call("key", "restore", tmp_path / "ours", "--operation", kept, "--passphrase-file", words)
    assert ours.exit_code == 0, ours.stderr
    assert check(call, kept).exit_code == 0


def test_a_key_that_is_not_where_it_should_be_is_told_with_what_to_do(call: Call, kept: Path, own: Path) -> None:
    assert json.loads(call("key", "--operation", kept, "--json").stdout)["there"] is True
    (file,) = own.rglob("*.key")
    file.rename(file.with_suffix(".elsewhere"))
    gone = call("key", "--operation", kept)
    assert gone.exit_code == 5
    assert "is gone" in gone.stderr
    assert "gsmsend key restore FILE" in gone.stderr
    assert gone.stdout == ""
    told = call("key", "--operation", kept, "--json")
    assert told.exit_code == 5
    assert json.loads(told.stdout) == {"place": "home", "id": file.stem, "there": False}
    (kept / "operation.key").unlink()
    lost = call("key", "--operation", kept)
    assert lost.exit_code == 5
    assert "operation.key is gone" in lost.stderr


def test_what_a_move_that_was_cut_off_left_in_a_keyring_goes_with_the_next(
    call: Call, kept: Path, ring: MemoryKeyring, words: Path
) -> None:
    found = wiring.key_of(load(kept))
    wiring.keeper_of(load(kept)).put(Place.KEYRING, found.key_id, octets_of(kept))
    assert len(ring.held) == 1
    moved = call("key", "move", "passphrase", "--operation", kept, "--new-passphrase-file", words)
    assert moved.exit_code == 0, moved.stderr
    assert ring.held == {}
    assert check(call, kept, "--passphrase-file", words).exit_code == 0


def test_the_key_of_an_old_operation_is_told_of_and_moved(call: Call, tmp_path: Path, ring: MemoryKeyring) -> None:
    folder = tmp_path / "old"
    call("init", folder)
    OperationKey(folder / NAME).make()
    octets = (folder / NAME).read_bytes()
    add(call, folder)
    assert (folder / NAME).read_bytes() == octets
    told = json.loads(call("doctor", "--operation", folder, "--json").stdout)["findings"]
    assert any("beside the store in clear" in one["says"] and "key move" in one["do"] for one in told)
    moved = call("key", "move", "keyring", "--operation", folder)
    assert moved.exit_code == 0, moved.stderr
    assert list(ring.held.values()) == [octets.hex()]
    assert check(call, folder).exit_code == 0


def test_there_is_nothing_to_move_before_there_is_a_key(call: Call, tmp_path: Path) -> None:
    call("init", tmp_path / "op")
    moved = call("key", "move", "home", "--operation", tmp_path / "op")
    assert (moved.exit_code, "no key yet" in moved.stderr) == (2, True)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux")
def test_no_core_is_dumped_and_no_secret_is_in_arguments_or_environment(locked: Path, words: Path) -> None:
    program = (
        "import os, resource\n"
        "from pathlib import Path\n"
        "from gsmsend.cli import unlocking\n"
        "from gsmsend.cli.group import main\n"
        "tell = unlocking.Passphrases.known\n"
        "def known(self, what):\n"
        "    found = tell(self, what)\n"
        "    assert found.encode() not in Path('/proc/self/cmdline').read_bytes()\n"
        "    assert found not in repr(dict(os.environ))\n"
        "    return found\n"
        "unlocking.Passphrases.known = known\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        "    import ctypes\n"
        "    print(end.code, resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n"
    )
    command = [sys.executable, "-c", program, "suppress", "check", PERSON]
    arguments = ["--operation", str(locked), "--passphrase-file", str(words)]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "0 (0, 0) 0", done.stderr


@pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
def test_at_a_real_terminal_it_is_asked_for_and_not_shown(locked: Path) -> None:
    program = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    command = [sys.executable, "-c", program, sys.executable, "-m", "gsmsend", "suppress", "check", PERSON]
    with subprocess.Popen(
        [*command, "--operation", str(locked)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        said, answers = b"", [b"a slip of the fingers\n", f"{WORDS}\n".encode()]
        while piece := os.read(child.stdout.fileno(), 4096):
            said += piece
            if said.endswith(b"kept: ") and answers:
                child.stdin.write(answers.pop(0))
                child.stdin.flush()
                said += b"(typed)"
    assert child.returncode == 0, said
    assert answers == []
    assert said.count(b"The passphrase of the key") == 2
    assert WORDS.encode() not in said


def test_cores_are_switched_off_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cores.off()
    monkeypatch.setattr(sys, "platform", "nothing is asked of any system any more")
    cores.off()
