"""A run's end: the head is stamped, or the person at the terminal is told that it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend import config, wiring
from gsmsend.cli.init import make
from gsmsend.config import EvidenceTerms, Settings
from gsmsend.contract import ImportSource, NewMessage
from gsmsend.testing.store_desk import NOW_S, number
from gsmsend.wiring.remembering import remember_heads

from .tsa import Answer, Answering, Authority, serving


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    make(tmp_path / "op", lab=True)
    return config.load(tmp_path / "op")


def told(settings: Settings) -> tuple[list[str], str]:
    """What people are told when a run ends, and the time that is on record for its head."""
    store = wiring.open_store(settings)
    try:
        store.add(ImportSource("a.csv", "a", "main", NOW_S), [NewMessage(number(1), "Help is here.", 1, 1)])
        words = remember_heads(settings, store)(store.sign_head(NOW_S), NOW_S)
        found = store.last_stamp()
        assert found is not None
        return words, found.time
    finally:
        store.close()


def served(settings: Settings, authority: Authority, answer: Answering) -> tuple[list[str], str]:
    with serving(answer) as url:
        return told(replace(settings, evidence=EvidenceTerms(url, str(authority.ca))))


def test_a_stamp_that_came_needs_no_word(settings: Settings, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    words, time = served(settings, authority, authority.reply)
    assert words == []
    assert time


def test_one_that_did_not_come_is_told(settings: Settings, tmp_path: Path) -> None:
    words, time = served(settings, Authority(tmp_path / "tsa"), lambda _: Answer(b"", status=503))
    assert words == ["the log's head has no time stamp: the service answered with HTTP 503"]
    assert time == ""


def test_without_a_service_nobody_is_bothered(settings: Settings) -> None:
    assert told(settings) == ([], "")
