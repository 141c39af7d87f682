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
