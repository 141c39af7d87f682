"""`gsmsend init --example`: an operation that can be tried at once, and nothing overwritten."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gsmsend import config
from gsmsend.cli.group import main
from gsmsend_virtual.sim import make_sim


def typed(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_its_settings_are_those_of_an_operation_with_two_virtual_sims(tmp_path: Path) -> None:
    folder = tmp_path / "example"
    assert typed("init", str(folder), "--example") == 0
    settings = config.load(folder)
    assert not settings.lab
    assert (settings.approval.required, settings.approval.officers, settings.approval.independent) == (
        True,
        2,
        True,
    )
    assert settings.canary == 5
    assert {terms.iccid for terms in settings.lines.values()} == {make_sim(1).iccid, make_sim(2).iccid}
    assert {terms.number for terms in settings.lines.values()} == {make_sim(1).number, make_sim(2).number}
    assert settings.window is not None
    christmas_s = datetime(2026, 12, 25, 3, 0, tzinfo=UTC).timestamp()
    opening = settings.window.opening(christmas_s)
    assert opening is not None
    assert opening.opens_s <= christmas_s < opening.closes_s


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "example"
    assert typed("init", str(folder), "--example") == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("name", ["gsmsend.toml", "message.txt"])
def test_nothing_is_overwritten(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    assert typed("init", str(tmp_path), "--example") == 2
    assert "it was left as it is" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


def test_it_is_no_lab(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("init", str(tmp_path / "x"), "--example", "--lab") == 2
    assert "both given" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
