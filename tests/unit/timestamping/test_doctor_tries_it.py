"""`gsmsend doctor` tries the time-stamping service out before it matters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gsmsend.cli.checks import Finding, Level
from gsmsend.cli.checks.evidence import timestamps
from gsmsend.config import EvidenceTerms, Settings

from .tsa import Answer, Authority, serving


def findings(settings: Settings) -> list[Finding]:
    return list(timestamps(settings))


def test_a_service_that_stamps_rightly_is_in_order(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    with serving(authority.reply) as url:
        (found,) = findings(Settings(tmp_path, "op", evidence=EvidenceTerms(url, str(authority.ca))))
    assert (found.level, found.says) == (Level.OK, f"{url} gives time stamps, and they are right")


def test_one_that_does_not_is_bad_but_stops_no_text(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    with serving(lambda _: Answer(b"<html>", content_type="text/html")) as url:
        (found,) = findings(Settings(tmp_path, "op", evidence=EvidenceTerms(url, str(authority.ca))))
    assert (found.level, found.exit_code) == (Level.BAD, 0)
    assert found.says == f"no time stamp from {url}: the service's answer is no application/timestamp-reply"


def test_without_a_service_officers_are_told_and_a_lab_is_not(tmp_path: Path) -> None:
    settings = Settings(tmp_path, "op")
    (found,) = findings(settings)
    assert (found.level, found.says) == (Level.NOTE, "no time-stamping service is set: the log has no time stamps")
    assert "notebook" in found.do
    assert findings(replace(settings, lab=True)) == []
