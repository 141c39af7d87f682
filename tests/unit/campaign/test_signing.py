"""Officers' keys: what other programs read, and what is refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gsmsend.campaign import signing
from gsmsend.campaign.signing import Statement, from_pem, new_key, public_hex, sign, to_pem, verified
from gsmsend.errors import GuardStop, UsageError

WORDS = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "_ROUNDS", 1000)


def test_the_file_is_pkcs8_under_the_passphrase_as_other_programs_read_it() -> None:
    key = new_key()
    pem = to_pem(key, WORDS)
    read = serialization.load_pem_private_key(pem, WORDS.encode())
    assert isinstance(read, type(key))
    assert public_hex(read) == public_hex(key)
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert all(len(line) <= 64 for line in pem.splitlines()[1:-1])


def test_the_passphrase_is_stretched_long_enough_to_be_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert signing._ROUNDS >= 600_000


def test_the_same_key_is_sealed_differently_each_time() -> None:
    key = new_key()
    assert to_pem(key, WORDS) != to_pem(key, WORDS)


def test_another_passphrase_does_not_open_it() -> None:
    with pytest.raises(GuardStop, match=r"not the passphrase of dc\.pem; nothing was done"):
        from_pem(to_pem(new_key(), WORDS), "another passphrase", name="dc.pem")


def test_a_key_without_a_passphrase_is_refused() -> None:
    pem = new_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(UsageError, match="whoever finds it could approve"):
        from_pem(pem, WORDS, name="dc.pem")


def test_what_is_no_key_or_another_kind_of_key_is_refused() -> None:
    with pytest.raises(UsageError, match=r"notes\.txt is not an officer's key"):
        from_pem(b"hello", WORDS, name="notes.txt")
    other = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(WORDS.encode()),
    )
    with pytest.raises(UsageError, match="another kind"):
        from_pem(other, WORDS, name="dc.pem")


def test_a_short_passphrase_is_refused_before_anything_is_made() -> None:
    with pytest.raises(UsageError, match="has 11 characters; expected 12 or more"):
        signing.check_passphrase("a" * 11)
    signing.check_passphrase("a" * 12)


def test_a_signature_holds_for_that_statement_and_key_alone() -> None:
    key, said = new_key(), Statement("ab" * 32, "DC Example", "pc1", 1_700_000_000_123)
    signature = sign(key, said)
    assert verified(public_hex(key), signature, said)
    assert not verified(public_hex(new_key()), signature, said)
    for other in (
        Statement("ac" * 32, "DC Example", "pc1", said.at_ms),
        Statement(said.digest, "DS Other", "pc1", said.at_ms),
        Statement(said.digest, "DC Example", "pc2", said.at_ms),
        Statement(said.digest, "DC Example", "pc1", said.at_ms + 1),
    ):
        assert not verified(public_hex(key), signature, other)


def test_a_public_key_goes_to_another_machine_and_back() -> None:
    key = public_hex(new_key())
    assert signing.public_of_pem(signing.public_pem(key).encode()) == key
    assert signing.public_of_pem(b"nothing") is None
