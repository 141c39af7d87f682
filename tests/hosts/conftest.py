"""One server for the hosts of a module, which syncs to disk as in production."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres.scene import VARIABLE
from tests.postgres.server import PASSWORD, Cluster, cluster


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """What it has confirmed is there after a crash."""
    with cluster(safe=True) as found:
        yield found


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
