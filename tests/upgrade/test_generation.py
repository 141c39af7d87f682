"""Which program may open which store."""

from __future__ import annotations

import pytest

from gsmsend.errors import StoreError
from gsmsend.store import schema
from gsmsend.store.generation import Revision, Standing, judge


@pytest.mark.parametrize(
    ("version", "head", "expected"),
    [
        ("0007", "0007", Standing.CURRENT),
        ("0006", "0007", Standing.OLDER),
        ("0001", "0009", Standing.OLDER),
        ("0009", "0007", Standing.BESIDE),
        ("2.0012", "2.0011", Standing.BESIDE),
        ("0011", "2.0012", Standing.OLDER),
    ],
)
def test_older_stores_are_brought_further_and_newer_ones_of_the_generation_are_used(
    version: str, head: str, expected: Standing
) -> None:
    assert judge(version, "here", head) is expected


@pytest.mark.parametrize(("version", "head"), [("2.0012", "0011"), ("0007", "0006"), ("3.0020", "2.0019")])
def test_the_store_of_a_newer_generation_is_left_alone_with_what_to_do(version: str, head: str) -> None:
    with pytest.raises(StoreError, match="generation") as told:
        judge(version, "gsmsend.db", head)
    assert "gsmsend.db" in str(told.value)
    assert "Install that newer version on this host too" in told.value.remedy


@pytest.mark.parametrize("version", ["", "7", "head", "0007x", "0.0007", "moved"])
def test_what_is_no_revision_is_another_program(version: str) -> None:
    with pytest.raises(StoreError, match="another version"):
        judge(version, "gsmsend.db", "0007")


def test_this_program_has_a_revision_of_its_own() -> None:
    assert Revision.of(schema.HEAD) is not None
