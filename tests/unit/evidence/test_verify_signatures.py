"""The Ed25519 of verify.py: RFC 8032's own vectors, agreement with another program's, and what it refuses."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gsmsend.campaign.signing import public_hex
from gsmsend.evidence.verify import ORDER, P, signed

# RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
            "454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            "3dca179c138ac17ad9bef1177331a704"
        ),
    ),
]
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",  # the neutral element
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  # order 2
    "0000000000000000000000000000000000000000000000000000000000000000",  # order 4
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",  # order 8
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",  # order 8
]
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = public_hex(KEY)


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032_hold(key: str, message: str, signature: str) -> None:
    assert signed(key, signature, bytes.fromhex(message))
    assert not signed(key, signature, bytes.fromhex(message) + b"!")
    flipped = f"{int(signature[0], 16) ^ 1:x}{signature[1:]}"
    assert not signed(key, flipped, bytes.fromhex(message))


@settings(max_examples=20, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200), bit=st.integers(0, 511))
def test_it_agrees_with_another_program(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(message)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert signed(public_hex(key), signature.hex(), message)
    assert not signed(public_hex(key), bytes(changed).hex(), message)


def test_a_signature_has_one_spelling_only() -> None:
    signature = KEY.sign(b"one")
    s = int.from_bytes(signature[32:], "little") + ORDER
    assert not signed(PUBLIC, (signature[:32] + s.to_bytes(32, "little")).hex(), b"one")
    assert not signed(PUBLIC, signature.hex().upper(), b"one")
    assert not signed(PUBLIC.upper(), signature.hex(), b"one")


@pytest.mark.parametrize("key", SMALL_ORDER)
def test_a_key_that_fits_any_message_is_refused(key: str) -> None:
    """With A of small order and S = 0, R = A or the neutral element satisfies the equation for many messages."""
    for r in SMALL_ORDER:
        for message in (b"a", b"b", b"c", b"d"):
            assert not signed(key, r + "00" * 32, message)


def test_a_key_has_one_spelling_only() -> None:
    """y + P is the same point as y, and x = 0 has no sign (RFC 8032, 5.1.3)."""
    one = 1
    for key in ((one + P).to_bytes(32, "little"), (one | 1 << 255).to_bytes(32, "little"), b"\xff" * 32):
        assert not signed(key.hex(), SMALL_ORDER[0] + "00" * 32, b"")


@pytest.mark.parametrize(("key", "signature"), [("", ""), (PUBLIC, ""), (PUBLIC, "zz" * 64), ("None", "None")])
def test_what_is_no_signature_is_wrong_and_no_fault(key: str, signature: str) -> None:
    assert not signed(key, signature, b"one")
