"""operation.key as a file: what is read is what was written, and a hostile one harms nobody."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from gsmsend.keyplace import sealing
from gsmsend.keyplace.envelope import Envelope, Place, check_of

from .key_scene import ID, KEY, WORDS


def under_passphrase(**changes: object) -> bytes:
    fields = json.loads(Envelope.under(WORDS, ID, KEY).octets)
    fields["sealed"] |= changes
    return json.dumps(fields).encode()


@pytest.mark.parametrize("place", [Place.KEYRING, Place.HOME])
def test_what_was_written_is_read(place: Place) -> None:
    envelope = Envelope(ID, place, check_of(KEY, ID))
    assert Envelope.of(envelope.octets) == envelope
    assert envelope.fits(KEY)
    assert not envelope.fits(bytes(32))


def test_the_key_comes_back_for_its_passphrase_only() -> None:
    envelope = Envelope.of(Envelope.under(WORDS, ID, KEY).octets)
    assert envelope.opened(WORDS) == KEY
    assert envelope.opened(WORDS + " ") is None
    assert KEY.hex() not in envelope.octets.decode()


def test_a_passphrase_typed_on_another_system_is_the_same() -> None:
    composed, decomposed = "caf\u00e9 under the bridge", "cafe\u0301 under the bridge"
    assert Envelope.under(composed, ID, KEY).opened(decomposed) == KEY


def test_two_envelopes_of_one_key_and_passphrase_have_nothing_in_common() -> None:
    one, two = (Envelope.under(WORDS, ID, KEY).sealed for _ in range(2))
    assert one is not None
    assert two is not None
    assert {one.salt, one.nonce, one.box}.isdisjoint({two.salt, two.nonce, two.box})


@pytest.mark.parametrize("field", ["id", "check"])
def test_what_names_the_key_is_authenticated(field: str) -> None:
    fields = json.loads(Envelope.under(WORDS, ID, KEY).octets)
    fields[field] = "00" * 16
    assert Envelope.of(json.dumps(fields).encode()).opened(WORDS) is None


@pytest.mark.parametrize("name", ["salt", "nonce", "box"])
def test_a_changed_octet_is_noticed(name: str) -> None:
    sealed = json.loads(Envelope.under(WORDS, ID, KEY).octets)["sealed"]
    turned = bytes.fromhex(sealed[name])
    changed = bytes([turned[0] ^ 1]) + turned[1:]
    assert Envelope.of(under_passphrase(**{**sealed, name: changed.hex()})).opened(WORDS) is None


def test_a_backup_is_no_envelope_of_an_operation() -> None:
    backup = Envelope.under(WORDS, ID, KEY, backup=True)
    fields = json.loads(backup.octets)
    fields["format"] = "gsmsend key 1"
    assert Envelope.of(backup.octets).backup
    assert Envelope.of(json.dumps(fields).encode()).opened(WORDS) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"n": 2**30}, {"n": 2**19}, {"n": 2**10}, {"n": 2**14 + 1}, {"n": 0}, {"n": -(2**14)}, {"n": True},
        {"n": 16384.0}, {"n": "16384"}, {"r": 0}, {"r": 2**20}, {"r": -8}, {"p": 0}, {"p": 2**20}, {"p": None},
        {"kdf": "argon2id"}, {"salt": ""}, {"salt": "00" * 4096}, {"nonce": "zz" * 12}, {"box": "00" * 32},
    ],
)  # fmt: skip
def test_hostile_parameters_are_refused_before_anything_is_derived(
    changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    octets = under_passphrase(**changes)
    monkeypatch.setattr(sealing, "_derived", lambda *_: pytest.fail("it was derived"))
    with pytest.raises(ValueError, match="malformed or not allowed"):
        Envelope.of(octets)


def test_the_dearest_envelope_that_is_allowed_takes_256_mebibytes() -> None:
    for n, r in ((2**18, 8), (2**14, 128)):
        assert Envelope.of(under_passphrase(n=n, r=r)).sealed is not None
        with pytest.raises(ValueError, match="n, r, p"):
            Envelope.of(under_passphrase(n=2 * n, r=r))


@pytest.mark.parametrize(
    "octets",
    [
        b"{", b"[]", b"null", b"{}", b'{"format": "gsmsend key 2"}', b"[" * 8000, b"\xff" * 100, b"\0" * 100,
        b'{"format": "gsmsend key 1", "id": 1, "check": 2}',
        b'{"format": "gsmsend key 1", "id": "../../etc/passwd", "check": "%s"}' % (b"0" * 32),
        b'{"format": "gsmsend key 1", "id": "%s", "check": "%s", "place": "folder"}' % (b"0" * 32, b"0" * 32),
        b'{"format": "gsmsend key backup 1", "id": "%s", "check": "%s", "place": "home"}' % (b"0" * 32, b"0" * 32),
        b'{"format": "gsmsend key 1", "id": "%s", "check": "%s", "place": "passphrase"}' % (b"0" * 32, b"0" * 32),
        b'{"n": ' + b"9" * 7000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_envelope_is_refused_in_words(octets: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"^(it|its|what|a) "):
        Envelope.of(octets)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**22
