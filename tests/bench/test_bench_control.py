"""`--control -` whatever standard input is: a pipe is served as it comes, a file or nothing is read to its end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.running import PATIENCE_S, START


def bench(directory: Path) -> list[str]:
    return [sys.executable, "-c", START, "--dir", str(directory / "ports"), "--control", "-", "--json"]


@pytest.mark.parametrize("end", ["\n", ""], ids=["whole last line", "last line without its end"])
def test_a_plain_file_is_answered_line_by_line(tmp_path: Path, end: str) -> None:
    asked = tmp_path / "requests"
    fault = '{"do": "fault", "fault": "refuse:code=42,count=0"}'
    asked.write_text(f'{fault}\n\n{{"do": "faults"}}\n{{"do": "stop"}}{end}')
    with asked.open() as stream:
        ended = subprocess.run(
            bench(tmp_path), stdin=stream, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    assert (ended.returncode, ended.stderr) == (0, "")
    ready, _, faults, stopped = map(json.loads, ended.stdout.splitlines())
    assert ready["event"] == "ready"
    assert faults["faults"][0]["fault"] == "refuse:code=42,count=0"
    assert stopped == {"ok": True}


def test_with_nothing_on_standard_input_the_bench_goes_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        bench(tmp_path), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline() or "{}").get("event") == "ready"
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.terminate()
    assert process.communicate(timeout=PATIENCE_S) == ("", "")
    assert process.returncode == 0
