from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gsmsend.testing.scripted import Desk


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that were not measured yet are taken to be fast."""
    monkeypatch.setattr("gsmsend.engine.intake._SLOW_S", 0.01)
