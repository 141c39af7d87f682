"""A keyring that only this test has, and a derivation that takes no time."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest

from gsmsend.keyplace import sealing

from .key_scene import MemoryKeyring


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_N", 2**14)


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    """The login's keyring while the test lasts."""
    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)
