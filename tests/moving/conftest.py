"""A server, and an operation to move."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.moving.rich import Rich, rich
from tests.postgres.conftest import postgres

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The operation as it is before."""
    return rich(tmp_path_factory.mktemp("rich")).folder


@pytest.fixture
def op(pattern: Path, tmp_path: Path) -> Rich:
    """A copy of one operation, to be spoiled."""
    shutil.copytree(pattern, tmp_path / "op")
    return Rich(tmp_path / "op")
