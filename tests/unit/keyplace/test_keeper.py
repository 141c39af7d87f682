"""Which place is chosen, and what is said when the key cannot be had."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from gsmsend.errors import GuardStop, KeyStop, StoreError
from gsmsend.keyplace import Keeper, Place

from .key_scene import ID, KEY, WORDS, MemoryKeyring, Somebody, keeper


@pytest.fixture
def _no_ring(ring: MemoryKeyring) -> None:
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]


def test_the_keyring_is_best(tmp_path: Path, ring: MemoryKeyring) -> None:
    assert keeper(tmp_path, Somebody()).choose() is Place.KEYRING


@pytest.mark.usefixtures("_no_ring")
def test_without_one_somebody_is_asked_for_a_passphrase(tmp_path: Path) -> None:
    assert keeper(tmp_path, Somebody()).choose() is Place.PASSPHRASE


@pytest.mark.usefixtures("_no_ring")
def test_with_nobody_there_it_is_the_own_folder_and_that_is_said(tmp_path: Path) -> None:
    last_resort = keeper(tmp_path)
    assert last_resort.choose() is Place.HOME
    words = last_resort.warning(Place.HOME)
    assert "Whoever has this user's disk can read it" in words
    assert "gsmsend key move passphrase" in words


def test_a_lab_has_no_ceremony(tmp_path: Path, ring: MemoryKeyring) -> None:
    lab = keeper(tmp_path, Somebody(), lab=True)
    assert lab.choose() is Place.HOME
    assert lab.warning(Place.HOME) == ""


@pytest.mark.usefixtures("_no_ring")
def test_a_place_that_the_settings_name_and_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyStop, match="no keyring that can be used"):
        keeper(tmp_path, Somebody(), keep=Place.KEYRING).choose()
    with pytest.raises(KeyStop, match="this is no terminal") as raised:
        keeper(tmp_path, keep=Place.PASSPHRASE).choose()
    assert "passphrase_file" in raised.value.remedy


def kept(place: Place, own: Path) -> tuple[Keeper, Somebody]:
    somebody = Somebody([WORDS])
    return keeper(own, somebody), somebody


@pytest.mark.parametrize("place", [Place.KEYRING, Place.PASSPHRASE, Place.HOME])
def test_a_key_that_was_put_comes_back(place: Place, tmp_path: Path, ring: MemoryKeyring) -> None:
    envelope = kept(place, tmp_path)[0].put(place, ID, KEY)
    later = keeper(tmp_path, Somebody([WORDS]))
    assert later.fetch(envelope) == KEY


def test_it_is_asked_for_once_in_a_command(tmp_path: Path, ring: MemoryKeyring) -> None:
    envelope = kept(Place.PASSPHRASE, tmp_path)[0].put(Place.PASSPHRASE, ID, KEY)
    somebody = Somebody([WORDS])
    for _ in range(2):
        assert keeper(tmp_path, somebody).fetch(envelope) == KEY
    assert len(somebody.asked) == 1


def test_a_slip_of_the_fingers_is_forgiven_twice(tmp_path: Path, ring: MemoryKeyring) -> None:
    envelope = kept(Place.PASSPHRASE, tmp_path)[0].put(Place.PASSPHRASE, ID, KEY)
    somebody = Somebody(["wrong", "wronger", WORDS])
    assert keeper(tmp_path, somebody).fetch(envelope) == KEY
    again = "That is not the passphrase; "
    assert somebody.said == [f"{again}2 more tries.", f"{again}1 more try."]


def test_three_wrong_ones_stop_the_work(tmp_path: Path, ring: MemoryKeyring) -> None:
    envelope = kept(Place.PASSPHRASE, tmp_path)[0].put(Place.PASSPHRASE, ID, KEY)
    with pytest.raises(KeyStop, match="that is not the passphrase of the key of the operation op") as raised:
        keeper(tmp_path, Somebody(["a", "b", "c", WORDS])).fetch(envelope)
    assert raised.value.exit_code == GuardStop.exit_code == 5
    assert isinstance(raised.value, StoreError)


def test_a_wrong_file_is_not_read_again(tmp_path: Path, ring: MemoryKeyring) -> None:
    envelope = kept(Place.PASSPHRASE, tmp_path)[0].put(Place.PASSPHRASE, ID, KEY)
    somebody = Somebody(["a", WORDS], tries=1)
    with pytest.raises(KeyStop):
        keeper(tmp_path, somebody).fetch(envelope)
    assert len(somebody.asked) == 1


def test_nobody_to_ask_says_how_to_give_it(tmp_path: Path, ring: MemoryKeyring) -> None:
    envelope = kept(Place.PASSPHRASE, tmp_path)[0].put(Place.PASSPHRASE, ID, KEY)
    with pytest.raises(KeyStop, match="cannot be asked for: this is no terminal") as raised:
        keeper(tmp_path).fetch(envelope)
    assert "--passphrase-file FILE" in raised.value.remedy


@pytest.mark.parametrize(
    ("place", "words"),
    [(Place.KEYRING, "is not in the keyring of this login"), (Place.HOME, "is gone: it was in the user's own f")],
)
def test_a_key_that_is_lost_is_told_with_what_to_do(
    place: Place, words: str, tmp_path: Path, ring: MemoryKeyring
) -> None:
    envelope = kept(place, tmp_path)[0].put(place, ID, KEY)
    keeper(tmp_path).drop(place, ID)
    with pytest.raises(KeyStop, match=words) as raised:
        keeper(tmp_path).fetch(envelope)
    assert "gsmsend key restore FILE" in raised.value.remedy


@pytest.mark.parametrize("place", [Place.KEYRING, Place.HOME])
def test_another_key_in_its_place_is_noticed(place: Place, tmp_path: Path, ring: MemoryKeyring) -> None:
    envelope = kept(place, tmp_path)[0].put(place, ID, KEY)
    if place is Place.KEYRING:
        ring.held["gsmsend", ID] = bytes(32).hex()
    else:
        (tmp_path / f"{ID}.key").write_bytes(bytes(32))
    with pytest.raises(KeyStop, match="is another"):
        keeper(tmp_path).fetch(envelope)


def test_a_place_that_gives_back_something_else_is_not_trusted(
    tmp_path: Path, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = {"probe": 0}

    def set_password(service: str, username: str, password: str) -> None:
        changed["probe"] += 1
        ring.held[service, username] = password if username.startswith("probe-") else password.upper()[:-2] + "00"

    monkeypatch.setattr(ring, "set_password", set_password)
    with pytest.raises(KeyStop, match="did not come back as it was"):
        keeper(tmp_path).put(Place.KEYRING, ID, KEY)
