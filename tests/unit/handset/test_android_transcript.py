"""The record of what was said to a handset: complete, and with nothing of a recipient in it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gsmsend.contract import OpenOptions
from gsmsend.evidence.commands import Changes, commands, counted
from gsmsend.testing.driver_bench import Commit, part
from gsmsend.testing.recording_sink import RecordingSink
from tests.unit.handset.android_bench import IMEI, PASSWORD_VARIABLE, SECRET, SERIAL, AndroidBench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[AndroidBench]:
    monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    made = AndroidBench()
    yield made
    made.dispose()


def test_all_that_was_asked_is_in_it_and_no_number_text_or_password(bench: AndroidBench, tmp_path: Path) -> None:
    path = tmp_path / "emulator.transcript"
    bench.gateway.come_in("+447700900124", "Thank you")
    bench.gateway.ends_as = "Delivered"
    options = OpenOptions(path, bench.table())
    link = bench.driver.open(bench.driver.endpoint(SERIAL), RecordingSink(), bench.clock, options)
    link.bring_up()
    asked = replace(part(text="Help is ", total=2), text="Help is there. " * 20)
    link.submit(asked, Commit(bench))
    bench.gateway.fail_with = "Send result: RESULT_NETWORK_REJECT (...)"
    link.submit(part(), Commit(bench))
    for _ in range(5):
        link.listen(0.1)
    link.close()
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# gsmsend transcript 2\n# android {SERIAL} ")
    for hidden in ("900123", "900124", "Help is", "Thank you", SECRET):
        assert hidden not in text
    asked_for = [*bench.handset.asked, *(words for words in bench.gateway.asked if words.startswith("GET"))]
    lines = list(commands(text))
    shell = [line.removeprefix("adb shell ") for line in lines if line.startswith("adb shell")]
    app = [line.removeprefix("app ").partition("?")[0] for line in lines if line.startswith("app GET")]
    assert shell + app == asked_for
    assert lines.count("(PDU)") == 3
    assert lines.count("app POST /messages") == 2
    assert f" {IMEI} = refused line code=10" in text
    assert f" {IMEI} = accepted {asked.key}" in text
    assert "< HTTP 202" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_method_statement_knows_each_line_of_it(bench: AndroidBench, tmp_path: Path) -> None:
    path = tmp_path / "emulator.transcript"
    options = OpenOptions(path, bench.table())
    bench.driver.inspect(bench.driver.endpoint(SERIAL), options)
    link = bench.driver.open(bench.driver.endpoint(SERIAL), RecordingSink(), bench.clock, options)
    link.bring_up()
    link.submit(part(), Commit(bench))
    link.close()
    told = counted(commands(path.read_text(encoding="utf-8")))
    assert not [one.command for one in told if one.changes is Changes.UNKNOWN]
    assert {one.command for one in told if one.changes not in {Changes.NOTHING, Changes.SESSION}} == {
        "(PDU)",
        "APP POST /MESSAGES",
    }


def test_a_record_that_cannot_be_written_stops_nothing(bench: AndroidBench, tmp_path: Path) -> None:
    options = OpenOptions(tmp_path / "nowhere" / "a.transcript", bench.table())
    assert bench.driver.inspect(bench.driver.endpoint(SERIAL), options).sim.known
