"""officer: keys, passphrases and names, as officers meet them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from gsmsend.campaign import signing
from gsmsend.cli import keys

from .approval_desk import PASSPHRASE, Desk
from .conftest import objects


def test_keys_are_for_their_officer_alone(desk: Desk) -> None:
    desk.add("DC Example")
    file = keys.place("DC Example")
    assert file.name == "dc-example.pem"
    pem = file.read_bytes()
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    with desk.store() as store:
        (row,) = store.officers()
    assert (row.name, row.login, row.added_by) == ("DC Example", "pc1", "pc1")
    assert row.public_key == signing.public_hex(signing.from_pem(pem, PASSPHRASE, name="x"))
    whole = b"".join(path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())
    assert PASSPHRASE.encode() not in whole
    assert b"PRIVATE KEY" not in whole


def test_a_key_is_made_on_one_machine_and_registered_on_another(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "stick" / "ds.pem"
    made = desk.call_(
        "officer", "key", "DS Other", "--key", file, "--login", "pc2", "--passphrase-file", desk.words
    )
    assert made.exit_code == 0
    assert "gsmsend officer add" in made.stdout
    public = file.with_suffix(".pub")
    wrong = desk.call("officer", "add", "DC Example", "--public", public)
    assert wrong.exit_code == 2
    assert "that key is of the officer DS Other; expected one of DC Example" in wrong.stderr
    assert desk.call("officer", "add", "DS Other", "--public", public).exit_code == 0
    (row,) = objects(desk.call("officer", "list", "--json"))
    assert (row["name"], row["login"], row["added_by"]) == ("DS Other", "pc2", "pc1")
    desk.bring_in(1)
    assert desk.approve("DS Other", "--key", file).exit_code == 0


def test_a_key_that_is_there_is_used_again_and_none_is_overwritten(desk: Desk) -> None:
    desk.add("DC Example")
    before = keys.place("DC Example").read_bytes()
    again = desk.call("officer", "add", "DC Example", "--passphrase-file", desk.words)
    assert again.exit_code == 2
    assert "already that of the officer DC Example" in again.stderr
    key = desk.call_("officer", "key", "DC Example", "--passphrase-file", desk.words)
    assert key.exit_code == 2
    assert "is there already; it was left as it is" in key.stderr
    assert keys.place("DC Example").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [("short\n", "has 5 characters; expected 12 or more"), ("\n", "is empty"), ("", "is empty")],
)
def test_a_bad_passphrase_makes_no_key(desk: Desk, words: str, says: str) -> None:
    desk.words.write_text(words, encoding="utf-8")
    result = desk.call("officer", "add", "DC Example", "--passphrase-file", desk.words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert not keys.place("DC Example").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")
def test_a_passphrase_file_that_others_can_read_is_told(desk: Desk) -> None:
    desk.words.chmod(0o644)
    result = desk.call("officer", "add", "DC Example", "--passphrase-file", desk.words)
    assert "can be read by others: chmod 600" in result.stderr


@pytest.mark.parametrize("name", ["", "  ", "...", "a\x1bb"])
def test_a_name_must_be_one(desk: Desk, name: str) -> None:
    result = desk.call("officer", "add", name, "--passphrase-file", desk.words)
    assert result.exit_code == 2
    assert "DC Example" in result.stderr
