"""Which keyrings are trusted with a key, and what is said when one does not answer."""

from __future__ import annotations

import threading

import keyring
import pytest
from keyring.backends import fail, null

from gsmsend.errors import KeyStop
from gsmsend.keyplace import ring as login

from .key_scene import ID, KEY, MemoryKeyring


def test_a_key_comes_back_and_goes(ring: MemoryKeyring) -> None:
    login.put(ID, KEY)
    assert login.get(ID) == KEY
    assert list(ring.held) == [("gsmsend", ID)]
    login.drop(ID)
    login.drop(ID)
    assert login.get(ID) is None


def test_two_operations_in_one_keyring_do_not_meet(ring: MemoryKeyring) -> None:
    login.put(ID, KEY)
    login.put("aa" * 16, bytes(32))
    login.drop("aa" * 16)
    assert login.get(ID) == KEY
    assert len(ring.held) == 1


def test_a_keyring_is_tried_before_it_is_trusted_and_nothing_is_left_in_it(ring: MemoryKeyring) -> None:
    assert login.usable()
    assert ring.held == {}


class Plaintext(MemoryKeyring):
    priority = 0.5  # type: ignore[assignment]


class Alternative(MemoryKeyring):
    """As the files of keyrings.alt that somebody ranked first."""


Alternative.__module__ = "keyrings.alt.file"


class Forgetful(MemoryKeyring):
    def set_password(self, service: str, username: str, password: str) -> None:
        """Keeps nothing."""


class Chained(MemoryKeyring):
    """As keyring's chainer."""

    backends = (Plaintext(),)


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, Plaintext, Alternative, Forgetful, Chained])
def test_one_that_keeps_nothing_or_keeps_it_open_is_not_used(
    backend: type[keyring.backend.KeyringBackend], ring: MemoryKeyring
) -> None:
    keyring.set_keyring(backend())
    assert login.usable() == ""
    if backend is not Forgetful:
        with pytest.raises(KeyStop, match="no keyring that could be asked"):
            login.put(ID, KEY)


def test_of_several_the_first_that_is_safe_is_used(ring: MemoryKeyring) -> None:
    chain = Chained()
    chain.backends = (Plaintext(), ring)  # type: ignore[assignment]
    keyring.set_keyring(chain)
    login.put(ID, KEY)
    assert login.get(ID) == KEY
    assert list(ring.held) == [("gsmsend", ID)]


def test_a_setting_that_names_a_keyring_which_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModuleNotFoundError("No module named 'keyring_of_yesterday'")

    monkeypatch.setattr(keyring, "get_keyring", missing)
    assert login.usable() == ""
    assert login.there() == ""


def test_one_that_refuses_is_told_in_its_own_words(ring: MemoryKeyring) -> None:
    ring.fault = keyring.errors.KeyringLocked("the collection is locked")
    with pytest.raises(KeyStop, match=r"the keyring refused: the collection is locked") as raised:
        login.get(ID)
    assert "Log in" in raised.value.remedy
    assert login.usable() == ""


def test_one_that_never_answers_is_not_waited_for_for_ever(
    ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    monkeypatch.setattr(login, "ANSWERS_WITHIN_S", 0.05)
    monkeypatch.setattr(login, "_somebody", lambda: False)
    monkeypatch.setattr(ring, "get_password", lambda *_: ended.wait(60))
    with pytest.raises(KeyStop, match="did not answer within"):
        login.get(ID)
    ended.set()


def test_something_else_under_its_name_is_no_key(ring: MemoryKeyring) -> None:
    ring.held["gsmsend", ID] = "not hexadecimal"
    assert login.get(ID) == b""
