"""The locks that a release is installed with."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.supply import locks
from tests.supply.__main__ import unmet

ALL = (locks.CORE, locks.EXTRAS, locks.DEV, locks.TOOLS)
SUM = "a" * 64


@pytest.mark.parametrize("lock", ALL, ids=lambda it: it.stem)
def test_every_line_is_one_version_with_hashes_and_names_no_place(lock: Path) -> None:
    assert len(locks.read(lock)) > 10
    assert "://" not in lock.read_text(encoding="utf-8")


def test_the_locks_are_what_pyproject_asks_for() -> None:
    assert unmet() == [], "run `make lock`"


def test_a_package_has_the_same_version_in_every_lock() -> None:
    core, extras, dev = (locks.read(lock) for lock in (locks.CORE, locks.EXTRAS, locks.DEV))
    assert core.keys() <= extras.keys() <= dev.keys()
    assert {name: pin.version for name, pin in core.items()} == {name: extras[name].version for name in core}
    assert {name: pin.version for name, pin in extras.items()} == {name: dev[name].version for name in extras}


def test_a_file_changed_after_locking_has_no_hash_here() -> None:
    pin = locks.read(locks.CORE)["python-gsmmodem-new"]
    assert pin.version == "0.13.0"
    assert len(set(pin.hashes)) == len(pin.hashes) >= 1


@pytest.mark.parametrize(
    "line",
    [
        "click==8.1.7",
        f"click>=8.1.7 --hash=sha256:{SUM}",
        f"click==8.1.7 --hash=md5:{'a' * 32}",
        f"click @ https://example.com/click.whl --hash=sha256:{SUM}",
        "--index-url https://example.com/simple",
        "-e .",
        f"click==8.1.7 --hash=sha256:{SUM}\nClick==8.1.8 --hash=sha256:{SUM}",
    ],
)
def test_a_line_that_proves_nothing_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"not an exact version|locked twice"):
        locks.pins(line)


def test_what_is_not_locked_as_asked_is_named() -> None:
    lock = locks.pins(f"# why\nclick==8.1.7 ; sys_platform == 'win32' \\\n    --hash=sha256:{SUM}\n    # via x\n")
    assert lock["click"].marker == "sys_platform == 'win32'"
    assert locks.unmet(lock, [Requirement("Click>=8.1")]) == []
    assert locks.unmet(lock, [Requirement("click>=9"), Requirement("rich")]) == [
        "click>=9, but locked is 8.1.7",
        "rich is not locked",
    ]
