"""What all short forms share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.in_threads import Cases
from tests.faults.near_side import heed_signals


@pytest.fixture(scope="session")
def cases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """The cases that were collected, all being played from now on; with pytest-xdist its workers share them."""
    heed_signals()
    workers = int(getattr(request.config, "workerinput", {}).get("workercount", 1))
    base = tmp_path_factory.getbasetemp()
    wanted = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    made = Cases(wanted, base.parent if workers > 1 else base, workers)
    yield made
    made.close()
