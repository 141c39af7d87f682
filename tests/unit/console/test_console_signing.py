"""Codes and signatures between a page and an officer's own key."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from gsmsend.campaign import signing
from gsmsend.campaign.signing import ConsoleSignIn, SignIn, Statement, new_key, public_hex, sign, to_pem, verified
from gsmsend.cli.group import main
from gsmsend.console.challenge import Approving, Asked, code, read
from gsmsend.errors import UsageError

SIGN_IN = ConsoleSignIn("op1", "DC Example", "http://127.0.0.1:8700", "00ff", 1_800_000_000_000, 1_800_043_200_000)
APPROVING = Approving(
    Statement("ab" * 32, "DC Example", "pc1", 1_800_000_000_000), "main", "http://127.0.0.1:8700"
)
WORDS = "correct horse battery"


@pytest.mark.parametrize("asked", [SIGN_IN, APPROVING])
def test_a_code_is_read_as_it_was_made(asked: Asked) -> None:
    assert read(code(asked)) == asked
    broken = [code(asked)[at : at + 40] for at in range(0, len(code(asked)), 40)]
    assert read("\n ".join(broken)) == asked


def _code(said: object) -> str:
    return "gsmsend-1-" + base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


@pytest.mark.parametrize("given", [
    "", "gsmsend-1-", "gsmsend-1-!!", "gsmsend-2-e30", "e30", _code([]), _code({"kind": "other"}), _code("x"),
    _code({"kind": "sign-in"}), _code({"kind": ["sign-in"]}), "gsmsend-1-" + "A" * 5000,
    _code({"kind": "approval", "digest": 1, "officer": "a", "login": "b", "at_ms": 1, "campaign": "",
           "console": ""}),
    _code({"kind": "sign-in", "operation": "", "officer": "", "console": "", "nonce": "", "at_ms": True,
           "until_ms": 1}),
])  # fmt: skip
def test_what_is_no_code_is_told_so(given: str) -> None:
    with pytest.raises(UsageError, match="that is no code of the console"):
        read(given)


def test_a_signature_for_one_thing_is_none_for_another() -> None:
    key = new_key()
    made = sign(key, SIGN_IN)
    assert verified(public_hex(key), made, SIGN_IN)
    elsewhere = replace(SIGN_IN, console="http://127.0.0.1:9999")
    assert not verified(public_hex(key), made, elsewhere)
    on_machine = SignIn("op1", "DC Example", "http://127.0.0.1:8700", "00ff", SIGN_IN.at_ms, SIGN_IN.until_ms)
    assert not verified(public_hex(key), made, on_machine)


@pytest.mark.parametrize(("asked", "words"), [
    (SIGN_IN, "DC Example signs in to the console http://127.0.0.1:8700"),
    (APPROVING, "DC Example approves the campaign main"),
])  # fmt: skip
def test_serve_sign_says_what_it_signs(
    asked: Asked, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "_ROUNDS", 1000)
    key, file, secret = new_key(), tmp_path / "dc.pem", tmp_path / "words"
    file.write_bytes(to_pem(key, WORDS))
    secret.write_text(WORDS + "\n", encoding="utf-8")
    secret.chmod(0o600)
    args = ["serve", "sign", code(asked), "--key", str(file), "--passphrase-file", str(secret)]
    result = CliRunner().invoke(main, args, prog_name="gsmsend")
    assert result.exit_code == 0, result.output
    assert words in result.stderr
    signed = asked.statement if isinstance(asked, Approving) else asked
    assert verified(public_hex(key), result.stdout.strip(), signed)


def test_serve_sign_signs_nothing_else(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["serve", "sign", "hello"], prog_name="gsmsend")
    assert result.exit_code == 2
    assert "that is no code of the console" in result.stderr
