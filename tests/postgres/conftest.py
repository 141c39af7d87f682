"""One server for each process that tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres.server import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A server that does not sync to disk: for what no stop of the computer is tested with."""
    with cluster() as found:
        yield found
