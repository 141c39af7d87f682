"""Before a run: what officers accepted of changes on devices bears their signatures, or nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend.campaign.signing import Acceptance, new_key, public_hex, sign
from gsmsend.config import Settings
from gsmsend.contract import changes_there
from gsmsend.engine.rules import EngineRules
from gsmsend.errors import GuardStop
from gsmsend.store import SqlStore
from gsmsend.testing.store_desk import NOW_S
from gsmsend.wiring.clearing import clear_to_send

DEVICE, WORDS = ("android", "serial1"), ("A row stays in its sent folder.",)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path, "Operation Blackbird")


@pytest.fixture
def store(settings: Settings) -> Iterator[SqlStore]:
    with closing(SqlStore(settings.store_path, EngineRules())) as store:
        yield store


KEY, OTHER = new_key(), new_key()


def accept(store: SqlStore, change: str = "") -> None:
    """An officer accepts it, or what looks so."""
    store.add_officer("DC Example", public_hex(KEY), "pc1", "pc9", NOW_S)
    said = Acceptance(store.operation_id(), "DC Example", changes_there(*DEVICE, WORDS), round(NOW_S * 1000))
    changed = {
        "another operation": replace(said, operation="0" * 32),
        "another device": replace(said, what=changes_there("android", "serial2", WORDS)),
        "another time": replace(said, at_ms=said.at_ms + 1),
    }.get(change, said)
    signature = "" if change == "no signature" else sign(OTHER if change == "another key" else KEY, changed)
    store.accept_changes("DC Example", *DEVICE, WORDS, "12/26", NOW_S, signature)


def test_what_an_officer_signed_counts(settings: Settings, store: SqlStore) -> None:
    accept(store)
    clear_to_send(settings, store, NOW_S)
    assert store.accepted_changes(*DEVICE, WORDS) is not None


@pytest.mark.parametrize(
    "change", ["no signature", "another key", "another operation", "another device", "another time"]
)
def test_what_they_did_not_sign_stops_a_run(settings: Settings, store: SqlStore, change: str) -> None:
    accept(store, change)
    with pytest.raises(GuardStop, match="not under their signature"):
        clear_to_send(settings, store, NOW_S)
    clear_to_send(replace(settings, lab=True), store, NOW_S)


def test_one_who_is_no_officer_any_more_stops_no_run_and_accepts_nothing(
    settings: Settings, store: SqlStore
) -> None:
    accept(store, "no signature")
    store.add_officer("DS Other", public_hex(OTHER), "pc2", "pc9", NOW_S)
    store.remove_officer("DC Example", "pc9", NOW_S)
    clear_to_send(settings, store, NOW_S)
    assert store.accepted_changes(*DEVICE, WORDS) is None
