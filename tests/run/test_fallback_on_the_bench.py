"""The line is cut: real processes, a bench of modems and a provider on loopback, both records as the judges."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time
from collections import Counter
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.run.fallback_bench import (
    OTHER,
    OWN,
    begin,
    gsmsend,
    messages,
    nobody_twice,
    operation,
    over,
    provider,
    run,
    status,
    tried,
    until,
)
from tests.run.far_end import far_end, finished, people, totals
from tests.unit.cloud.fake_notify import FakeNotify
from tests.unit.cloud.far_side import Asked, Reply

BENCH_ICCID = "89440000000000000010"


def in_doubt(at: int) -> list[str]:
    """The bench's text of this number goes out, is answered with a bare ERROR, and is not reported."""
    return ["--fault", f"error:sent=yes,skip={at - 1}", "--fault", f"report-lost:skip={at - 1}"]


def barred_after(count: int) -> list[str]:
    """The bench's network takes no more than so many texts."""
    return ["--fault", f"line-barred:skip={count}"]


def _carried(notify: FakeNotify, count: int) -> bool:
    return len(over(notify)) >= count


def test_the_line_is_barred_at_text_37_of_100(tmp_path: Path) -> None:
    faults = [*in_doubt(37), *barred_after(36)]
    with provider() as notify, far_end(tmp_path, "--report-delay", "0.05", *faults) as far:
        place = operation(tmp_path, notify)
        tried(place)
        done = run(place, far, "--to", str(people(tmp_path, 100)))
        assert (done.returncode, totals(done)) == (4, {"delivered": 100, "uncertain": 1}), done.stdout[-2000:]
        assert len(far.on_air()) == 37
        assert len(over(notify)) == 63
        assert {sent.text for sent in notify.sent} == {OTHER}
        nobody_twice(far, notify)
        rows = messages(place)
        (uncertain,) = [row for row in rows if row["state"] == "uncertain"]
        assert (uncertain["route"], uncertain["number"] in far.on_air()) == ("line", True)
        assert {row["number"] for row in rows if row["route"] == "fallback"} == set(over(notify))
        assert sum(row["state"] == "delivered" and row["route"] == "line" for row in rows) == 36
        (found,) = status(place)["fallbacks"]
        assert (found["carried"], found["segments"], found["cost"]) == (63, 63, "1.89")
        assert found["lines"][0]["rule"] == "barred"
        verified = gsmsend("verify", "--operation", str(place))
        assert verified.returncode == 0, verified.stdout + verified.stderr
        pack = tmp_path / "pack"
        made = gsmsend("export", "--operation", str(place), "--to", str(pack), "--without-pdf")
        assert made.returncode == 0, made.stderr
        command = [sys.executable, str(pack / "verify.py")]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout
        with (pack / "recipients.csv").open(encoding="utf-8-sig", newline="") as stream:
            rows_of = [row for row in csv.DictReader(stream) if row["campaign"] == "main"]
        assert Counter((row["route"], row["state"]) for row in rows_of) == {
            ("line", "delivered"): 36, ("line", "uncertain"): 1, ("fallback", "delivered"): 63,
        }  # fmt: skip
        assert len({row["text"] for row in rows_of if row["route"] == "fallback"}) == 1
        assert len({row["text"] for row in rows_of}) == 2


def test_killed_in_the_middle_of_the_fallback_and_run_again(tmp_path: Path) -> None:
    faults = [*in_doubt(4), *barred_after(3)]
    with provider() as notify, far_end(tmp_path, "--report-delay", "0.05", *faults) as far:
        place = operation(tmp_path, notify)
        tried(place)
        listed = ["--to", str(people(tmp_path, 40))]
        for kill in (8, 20):
            child = begin(place, far, *listed)
            until(partial(_carried, notify, kill))
            child.kill()
            child.communicate()
        done = run(place, far, *listed)
        counts = totals(done)
        assert sum(counts.values()) == 41
        assert set(counts) <= {"delivered", "uncertain"}, counts
        assert 1 <= counts["uncertain"] <= 3
        assert len(far.on_air()) == 4
        assert len(over(notify)) >= 34
        assert {sent.text for sent in notify.sent} == {OTHER}
        nobody_twice(far, notify)
        verified = gsmsend("verify", "--operation", str(place))
        assert verified.returncode == 0, verified.stdout + verified.stderr


def test_the_line_comes_back_half_way(tmp_path: Path) -> None:
    """Registration is denied at first; the provider holds its seventh text until the line has sent one."""
    with provider() as notify, far_end(tmp_path, "--report-delay", "0.05", "--fault", "limited:for=30") as far:
        place = operation(tmp_path, notify)
        answer = notify._sms

        def held(asked: Asked) -> Reply:
            until_s = time.monotonic() + 60
            while len(notify.sent) >= 7 and not far.on_air() and time.monotonic() < until_s:
                time.sleep(0.05)
            return answer(asked)

        notify._sms = held  # type: ignore[method-assign]  # the far end is slow
        tried(place)
        done = run(place, far, "--to", str(people(tmp_path, 30)))
        assert (done.returncode, totals(done)) == (0, {"delivered": 31}), done.stdout[-2000:]
        assert 7 <= len(over(notify)) <= 15
        assert len(far.on_air()) == 30 - len(over(notify))
        nobody_twice(far, notify)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        said = [event["text"] for event in told if event["event"] == "notice"]
        assert any("goes over its fallback" in words and "has no network" in words for words in said)


def test_the_closing_day(tmp_path: Path) -> None:
    closed = date.today() - timedelta(days=1)  # noqa: DTZ011 - a day, as people write it
    line = f'\n[line.red-phone]\niccid = "{BENCH_ICCID}"\ncloses = {closed.isoformat()}\n'
    with provider() as notify, far_end(tmp_path, "--report-delay", "0.05") as far:
        place = operation(tmp_path, notify, line)
        rows = str(people(tmp_path, 8))
        made = gsmsend("import", "--operation", str(place), "--line", "red-phone", rows)
        assert made.returncode == 0, made.stderr
        tried(place)
        done = run(place, far)
        assert (done.returncode, totals(done)) == (0, {"delivered": 9}), done.stdout[-2000:]
        assert far.on_air() == []
        assert len(over(notify)) == 8


def test_the_budget_and_a_trial_that_was_not_delivered(tmp_path: Path) -> None:
    with provider("permanent-failure") as notify, far_end(tmp_path, *barred_after(2)) as far:
        place = operation(tmp_path, notify, budget=0.1)
        done = run(place, far, "--to", str(people(tmp_path, 10)))
        assert done.returncode == 5
        assert "no trial text was sent over it yet" in str(finished(done)["why"])
        tried(place)
        done = run(place, far)
        assert done.returncode == 5
        assert "its trial text is undelivered" in str(finished(done)["why"])
        assert over(notify) == []
        assert totals(done) == {"delivered": 2, "queued": 8, "undelivered": 1}
    with provider() as notify, far_end(tmp_path, "--report-delay", "0.05", *barred_after(0)) as far:
        config = place / "gsmsend.toml"
        text = config.read_text(encoding="utf-8")
        config.write_text(re.sub('(?m)^url = ".*"$', f'url = "{notify.url}"', text), encoding="utf-8")
        tried(place)
        done = run(place, far)
        assert done.returncode == 5
        assert "its budget is spent (0.1 for 3 segments)" in str(finished(done)["why"])
        assert len(over(notify)) == 3
        assert totals(done)["queued"] == 5
        assert [row["why"] for row in messages(place) if row["route"] == "fallback"] == [""] * 3


@pytest.mark.parametrize("word", ["temporary-failure"])
def test_the_preview_and_the_command_say_what_is_set(tmp_path: Path, word: str) -> None:
    with provider(word) as notify:
        place = operation(tmp_path, notify, after_minutes=30)
        made = gsmsend("import", "--operation", str(place), str(people(tmp_path, 5)))
        assert made.returncode == 0, made.stderr
        shown = gsmsend("preview", "--operation", str(place)).stdout
        assert "texts that were not sent go over notify, from ExamplePol:" in shown
        assert "for more than 30 minutes" in shown
        assert "It costs at most 0.15 GBP (all 5 texts at 0.03 a segment, budget 50.00)" in shown
        assert "It carries nothing yet: no trial text was sent to" in shown
        assert OTHER.split()[0] in shown
        found = json.loads(gsmsend("fallback", "--operation", str(place), "--json").stdout)["fallbacks"][0]
        assert (found["state"], found["budget"], found["left"]["queued"]) == ("not ready", "50.00", 5)
        assert OWN in shown
