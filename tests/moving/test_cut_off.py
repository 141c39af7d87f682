"""A move that is killed at any step leaves one store to use, never none and never two, and can be given again."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from gsmsend.store import copying
from gsmsend.store.server import StorePlace
from tests.moving.rich import STORED, Rich, contents, killed, kinds, steps_of
from tests.postgres.server import Cluster

FROM_THE_END = (32, 25, 21, 20, 19, 15, 10, 5, 3, 2, 1)
"""Steps before the decision (the last but twenty), at it, and after it."""
SPREAD = 97
"""Before those, one in so many."""


def begun(pattern: Path, folder: Path, postgres: Cluster, *, back: bool) -> tuple[Rich, StorePlace, StorePlace]:
    """An operation that is about to be moved: which, from where, to where."""
    shutil.copytree(pattern, folder)
    op, place = Rich(folder), postgres.place()
    if not back:
        return op, op.file, place
    op.move(op.file, place)
    return op, place, op.file


@pytest.mark.parametrize("back", [False, True], ids=["to the server", "to the file"])
def test_whenever_it_is_killed_exactly_one_store_is_used_and_nothing_is_lost(
    pattern: Path, tmp_path: Path, postgres: Cluster, *, back: bool
) -> None:
    op, here, there = begun(pattern, tmp_path / "whole", postgres, back=back)
    total = steps_of(lambda: op.move(here, there))
    used = set()
    for at in [*range(1, total - FROM_THE_END[0], SPREAD), *(total + 1 - end for end in FROM_THE_END)]:
        op, here, there = begun(pattern, tmp_path / f"at {at}", postgres, back=back)
        before, told = contents(here), kinds(here)
        assert killed(lambda op=op, here=here, there=there: op.move(here, there), at=at)  # type: ignore[misc]
        (usable,) = op.usable(here, there)
        moved = usable == there
        used.add(moved)
        assert copying.differing(before, contents(usable)) == (["audit"] if moved else [])
        assert kinds(usable) == ([*told, "session", STORED] if moved else told)
        if not moved:
            op.move(here, there)
            assert op.usable(here, there) == [there]
        with closing(op.store(there)) as store:
            assert store.verify().findings == ()
    assert used == {False, True}, "no step before the decision was tried, or none after it"
