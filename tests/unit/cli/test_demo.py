"""`gsmsend run --demo`: whom it texts, what, and that it cleans up; on a network that takes no time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from gsmsend.cli import demo
from gsmsend.cli.demo_texts import RECIPIENTS, texts
from gsmsend.errors import NoRoute
from gsmsend.sms import Encoding, split

from .conftest import Call, objects

needs_ptys = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")


def test_it_texts_40_numbers_that_nobody_has() -> None:
    numbers = [number.replace(" ", "") for number, _ in texts()]
    assert len(set(numbers)) == len(numbers) == RECIPIENTS == 40
    assert all(re.fullmatch(r"07700900\d{3}", number) for number in numbers)


def test_its_texts_show_every_kind_and_name_nobody_real() -> None:
    kinds = {(split(text).encoding, len(split(text).segments)) for _, text in texts()}
    assert {(Encoding.GSM7, 1), (Encoding.GSM7, 2), (Encoding.GSM7, 3), (Encoding.UCS2, 2)} <= kinds
    whole = " ".join(text for _, text in texts())
    assert any(ord(c) > 0xFFFF for c in whole)
    assert "é" in whole
    assert set(re.findall(r"https?://[\w./]*\w", whole)) == {"https://example.org/help"}
    assert set(re.findall(r"08\d\d \d{3} \d{4}", whole)) == {"0808 157 0123"}


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_RADIO_S", 0.005)
    monkeypatch.setattr(demo, "_JITTER_S", 0.0)
    monkeypatch.setattr(demo, "_REPORT_S", 0.05)


@needs_ptys
def test_it_delivers_everything_and_leaves_no_process_behind(
    call: Call, fast: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[str]] = []
    real: Any = subprocess.Popen

    def popen(*args: object, **options: object) -> Any:
        started.append(real(*args, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    result = call("run", "--demo", "--operation", tmp_path / "demo", "--json")
    assert result.exit_code == 0, result.output
    last = objects(result)[-1]
    assert (last["event"], last["exit"], last["totals"]["delivered"]) == ("finished", 0, 40)
    modems = [child for child in started if isinstance(child.args, list) and "bench" in child.args]
    assert len(modems) == 1
    assert all(child.poll() is not None for child in started), "also what asks this computer about its clock"
    on_air = [json.loads(line) for line in (tmp_path / "demo" / "bench.jsonl").read_text().splitlines()]
    parts = sum(len(split(text).segments) for _, text in texts())
    assert sum(event["event"] == "submit" for event in on_air) == parts


@needs_ptys
def test_it_sums_up_for_a_person_and_says_where_it_is(call: Call, fast: None, tmp_path: Path) -> None:
    result = call("run", "--demo", "--operation", tmp_path / "demo")
    assert result.exit_code == 0
    assert "All 40 texts delivered in" in result.stdout
    assert f"gsmsend status --operation {tmp_path / 'demo'}" in result.stderr


@needs_ptys
def test_without_a_folder_it_takes_a_fresh_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = demo._fresh(Path())
    assert folder.name.startswith("gsmsend-demo-")
    assert not any(folder.iterdir())


def test_it_never_touches_a_folder_with_something_in_it(call: Call, operation: Path) -> None:
    result = call("run", "--demo", "--operation", operation)
    assert result.exit_code == 2
    assert "is not empty" in result.stderr
    assert sorted(path.name for path in operation.iterdir()) == ["gsmsend.toml"]


@needs_ptys
def test_modems_that_do_not_start_are_named_and_cleaned_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(NoRoute, match="virtual modems did not start"), demo.virtual_modems(tmp_path):
        pytest.fail("they started")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found by /proc")
def test_killed_it_leaves_no_modems_behind(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "gsmsend", "run", "--demo", "--operation", str(tmp_path / "demo"), "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert json.loads(run.stdout.readline())["event"] == "imported"
        (modems,) = map(int, Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split())
        assert _lives(modems)
        run.kill()
    until_s = time.monotonic() + 30
    while _lives(modems) and time.monotonic() < until_s:
        time.sleep(0.02)
    assert not _lives(modems)
    assert not any((tmp_path / "demo" / "ports").iterdir())


def _lives(process: int) -> bool:
    """Whether it still runs; one that has ended may stay in the table until its new parent asks."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
