"""Every fault of the group host, in its short form: survived, and told in plain words."""

from __future__ import annotations

import pytest

from tests.faults import in_threads

pytestmark = [pytest.mark.slow, pytest.mark.timeout(in_threads.PATIENCE_S)]


@pytest.mark.parametrize("name", in_threads.names("host"))
def test_survived(cases: in_threads.Cases, name: str) -> None:
    cases.check(name)
