"""Nobody's number, no text and no reply is in anything that a whole campaign wrote, but where it was asked for."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.leak_campaign import NUMBERS, REPLIES, STRANGER, TEXTS, Campaign, work
from tests.security.leak_scan import Found, Scanner, Secret

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="the bench needs POSIX pseudo-terminals"),
    pytest.mark.slow,
]

NUMBER, TEXT, REPLY = Secret.NUMBER, Secret.TEXT, Secret.REPLY
HOLDS: dict[str, frozenset[Secret]] = {
    # What the test itself wrote: the lists, the text, and the far side's own record of what went on air.
    "given/people.csv": frozenset({NUMBER}),
    "given/people.xlsx": frozenset({NUMBER, TEXT}),
    "given/message.txt": frozenset({TEXT}),
    "bench.jsonl": frozenset({NUMBER, TEXT, REPLY}),
    # What people asked to be shown: the text before it is approved, replies in the inbox, numbers in full.
    "preview.html": frozenset({TEXT}),
    "said/preview": frozenset({TEXT}),
    "said/preview json": frozenset({TEXT}),
    "said/approve": frozenset({TEXT}),
    "said/inbox": frozenset({REPLY}),
    "said/inbox json": frozenset({REPLY}),
    "said/screen of inbox": frozenset({REPLY}),
    "said/messages unmasked": frozenset({NUMBER}),
    # Packs, as docs/evidence.md says what each has in it: what stands in a folder may stand in any file of it.
    "pack full/": frozenset({NUMBER, TEXT, REPLY}),
    "pack disclosure/": frozenset({TEXT, REPLY}),
    "pack redacted/": frozenset({TEXT}),
}
"""The only places that may hold secrets, and which. Each is held to have them, so that none stays needlessly."""


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    """A campaign that has gone through everything."""
    root = tmp_path_factory.mktemp("leaks")
    root.chmod(0o700)
    return work(root)


@pytest.fixture(scope="module")
def found(campaign: Campaign) -> list[Found]:
    """All that was found, wherever it may be."""
    return Scanner.of([*NUMBERS, STRANGER], TEXTS, REPLIES).scan_all(campaign.root, {})


def place_of(one: Found) -> str:
    """The place, or its folder where that is named as a whole."""
    return next((place for place in HOLDS if place.endswith("/") and one.place.startswith(place)), one.place)


def told(found: Iterator[Found] | list[Found]) -> list[str]:
    """Where, and in what form; a failing test need not show more."""
    return sorted({f"{one.place}: {one.secret} as {one.form}" for one in found})


def test_nothing_is_where_it_was_not_asked_for(found: list[Found]) -> None:
    assert told(one for one in found if one.secret not in HOLDS.get(place_of(one), ())) == []


def test_the_scan_saw_what_is_there(found: list[Found]) -> None:
    seen = {(place_of(one), one.secret) for one in found}
    wanted = {(place, secret) for place, secrets in HOLDS.items() for secret in secrets}
    assert wanted - seen == set()
    assert {one.what for one in found if one.place == "bench.jsonl"} >= {*NUMBERS, *TEXTS, *REPLIES}


def test_everything_happened(campaign: Campaign) -> None:
    states = (campaign.said / "status json").read_text(encoding="utf-8")
    assert '"delivered": 0' not in states
    assert (campaign.said / "screen of run").read_bytes().count(b"DANGER TO LIFE") > 0
    written = {place.relative_to(campaign.root).parts[:2] for place in campaign.root.rglob("*") if place.is_file()}
    assert {("op", "transcripts"), ("op", "faults"), ("op", "gsmsend.db"), ("home", "state")} <= written
    assert len(list((campaign.operation / "faults").iterdir())) == 3
    assert (campaign.root / "while it ran-wal").stat().st_size > 0


def test_a_crash_tells_where_and_not_with_what(campaign: Campaign) -> None:
    said = (campaign.said / "crash").read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert "cannot do" not in said
    kept = "".join(file.read_text(encoding="utf-8") for file in (campaign.operation / "faults").iterdir())
    assert "in fail" in kept
    assert "in in_thread" in kept
    assert "cannot do" not in kept


def test_nothing_is_left_in_the_temporary_folder(campaign: Campaign) -> None:
    assert list((campaign.root / "temporary").rglob("*")) == []


@pytest.mark.parametrize("place", ["op", "home", "preview.html", "report.html", "pack full"])
def test_all_is_for_its_owner_only(campaign: Campaign, place: str) -> None:
    """The programs ran with a umask of 0."""
    root = campaign.root / place
    for file in (root, *root.rglob("*")):
        if not file.is_symlink():
            mode = stat.S_IMODE(file.stat().st_mode)
            assert mode == (0o700 if file.is_dir() else 0o600), (file, oct(mode))
            assert file.stat().st_uid == os.geteuid()


def test_a_number_that_is_planted_is_found(campaign: Campaign, tmp_path: Path) -> None:
    scanner = Scanner.of([*NUMBERS, STRANGER], TEXTS, REPLIES)
    for file in sorted(campaign.operation.rglob("*")):
        if file.is_file():
            planted = file.read_bytes()[:4096] + NUMBERS[3].encode() + f" {TEXTS[1]}".encode()
            assert {NUMBER, TEXT} <= {one.secret for one in scanner.scan(file.name, planted)}
