"""Guards end to end: real processes, the bench's own record as the judge of what left and when."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.run.far_end import GSMSEND, FarEnd, far_end, finished, gsmsend, lab, people, totals

BENCH_ICCID = "89440000000000000010"
"""Of the bench's first modem."""


def configured(folder: Path, words: str) -> Path:
    """A lab operation with more in its settings."""
    place = lab(folder)
    with (place / "gsmsend.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n{words}\n")
    return place


def begin(place: Path, far: FarEnd, *words: str) -> subprocess.Popen[str]:
    command = [*GSMSEND, "run", "--operation", str(place), *far.port_flags, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def until(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.01)


def submits(far: FarEnd) -> int:
    return len(far.events("submit"))


def status(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gsmsend("status", "--operation", str(place), "--json").stdout)
    return found


# -- pause, resume, cancel -----------------------------------------------------------------------------------


def test_paused_from_another_terminal_nothing_more_leaves_until_it_is_resumed(tmp_path: Path) -> None:
    with far_end(tmp_path, "--report-delay", "0.05", modems=2, radio_s=0.2) as far:
        place = lab(tmp_path)
        child = begin(place, far, "--to", str(people(tmp_path, 60)))
        until(lambda: submits(far) >= 6)
        done = gsmsend("pause", "--operation", str(place), "--because", "ask the sergeant", "--json")
        assert (done.returncode, json.loads(done.stdout)["changed"]) == (0, True)
        paused_at = submits(far)
        time.sleep(1.5)
        assert submits(far) == paused_at < 60
        assert child.poll() is None
        (campaign,) = status(place)["campaigns"]
        assert (campaign["state"], campaign["paused"].endswith("ask the sergeant")) == ("paused", True)
        again = gsmsend("resume", "--operation", str(place))
        assert (again.returncode, "goes on" in again.stdout) == (0, True)
        out, _ = child.communicate(timeout=60)
    assert (child.returncode, "paused by" in out) == (0, True)
    assert Counter(far.on_air()) == Counter(f"+447700{900_000 + index}" for index in range(60))


def test_paused_and_killed_it_stays_paused_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    with far_end(tmp_path, "--report-delay", "0.05", radio_s=0.2) as far:
        place = lab(tmp_path)
        child = begin(place, far, "--to", str(people(tmp_path, 50)))
        until(lambda: submits(far) >= 4)
        assert gsmsend("pause", "--operation", str(place)).returncode == 0
        child.kill()
        child.communicate()
        sent = submits(far)
        words = ["run", "--operation", str(place), *far.port_flags, "--wait-reports", "3", "--json"]
        stopped = gsmsend(*words)
        assert (stopped.returncode, submits(far)) == (5, sent)
        assert "paused by" in str(finished(stopped)["why"])
        assert "gsmsend resume" in str(finished(stopped)["why"])
        gsmsend("resume", "--operation", str(place))
        done = gsmsend(*words)
        counts = totals(done)
        assert sum(counts.values()) == 50
        assert set(counts) <= {"delivered", "uncertain"}
        assert max(Counter(far.on_air()).values()) == 1


@pytest.mark.parametrize("kill", [False, True])
def test_cancelled_from_another_terminal_the_rest_is_never_sent(tmp_path: Path, kill: bool) -> None:
    with far_end(tmp_path, "--report-delay", "0.05", radio_s=0.2) as far:
        place = lab(tmp_path)
        child = begin(place, far, "--to", str(people(tmp_path, 90)))
        until(lambda: submits(far) >= 4)
        asked = gsmsend("cancel", "--operation", str(place))
        assert (asked.returncode, "add --yes" in asked.stderr) == (2, True)
        assert "never be sent" in asked.stderr
        done = gsmsend("cancel", "--operation", str(place), "--yes", "--because", "the wrong list", "--json")
        sent = submits(far)
        if kill:
            child.kill()
        child.communicate(timeout=30)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["cancelled"] > 0
        last = gsmsend("run", "--operation", str(place), *far.port_flags, "--wait-reports", "3", "--json")
        counts = totals(last)
        assert submits(far) == sent
        assert sum(counts.values()) == 90
        assert counts["cancelled"] >= 90 - sent
        assert set(counts) <= {"delivered", "cancelled", "uncertain"}
        again = gsmsend("cancel", "--operation", str(place), "--yes")
        assert (again.returncode, "was cancelled before" in again.stderr) == (2, True)


def test_there_is_nothing_to_pause_resume_or_cancel_in_an_empty_operation(tmp_path: Path) -> None:
    place = lab(tmp_path)
    for command in ("pause", "resume", "cancel"):
        done = gsmsend(command, "--operation", str(place))
        assert (done.returncode, "there is no campaign main" in done.stderr) == (2, True)


# -- the window ----------------------------------------------------------------------------------------------


def hours(*, from_min: int, to_min: int) -> str:
    """A window from so many minutes after the present one until so many, where it is about noon now."""
    east = 12 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-east:+d}" if east else "Etc/GMT"
    now = datetime.now(UTC).astimezone(ZoneInfo(zone))
    opens, closes = (f"{now + timedelta(minutes=each):%H:%M}" for each in (from_min, to_min))
    days = '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    return f'[window]\ndays = {days}\nfrom = "{opens}"\nto = "{closes}"\ntimezone = "{zone}"\nholidays = ""'


def test_outside_the_window_nothing_leaves_with_or_without_stay(tmp_path: Path) -> None:
    with far_end(tmp_path, "--report-delay", "0.05") as far:
        place = configured(tmp_path, hours(from_min=5, to_min=10))
        rows = str(people(tmp_path, 3))
        done = gsmsend("run", "--operation", str(place), *far.port_flags, "--to", rows)
        assert done.returncode == 5
        assert "outside the hours for texts" in done.stdout
        assert "they may leave again" in done.stdout
        assert "Traceback" not in done.stdout + done.stderr
        child = begin(place, far, "--stay")
        said = ""
        assert child.stdout is not None
        while "outside the hours" not in said:
            said = child.stdout.readline()
        time.sleep(2)
        assert (child.poll(), far.on_air()) == (None, [])
        window = status(place)["window"]
        assert (window["open"], bool(window["opens"])) == (False, True)
        child.terminate()
        child.communicate(timeout=30)
    assert child.returncode == 130


def test_within_the_window_everything_is_as_ever(tmp_path: Path) -> None:
    with far_end(tmp_path, "--report-delay", "0.05") as far:
        place = configured(tmp_path, hours(from_min=-60, to_min=60))
        rows = str(people(tmp_path, 3))
        done = gsmsend("run", "--operation", str(place), *far.port_flags, "--to", rows, "--json")
    assert (done.returncode, totals(done)) == (0, {"delivered": 3})


# -- first texts ---------------------------------------------------------------------------------------------


def test_the_rest_follows_in_the_same_run_once_the_first_texts_are_delivered(tmp_path: Path) -> None:
    with far_end(tmp_path, "--report-delay", "1.0") as far:
        place = configured(tmp_path, "[campaign]\nfirst_texts = 3")
        rows = str(people(tmp_path, 12))
        done = gsmsend("run", "--operation", str(place), *far.port_flags, "--to", rows, "--json")
        assert (done.returncode, totals(done)) == (0, {"delivered": 12})
        order = [event["event"] for event in far.events("accepted", "report")]
    assert order[:6] == ["accepted"] * 3 + ["report"] * 3


def test_first_texts_without_reports_stop_the_run_until_a_person_says_go_on(tmp_path: Path) -> None:
    with far_end(tmp_path, "--report-delay", "600") as far:
        place = configured(tmp_path, "[campaign]\nfirst_texts = 3")
        words = ["run", "--operation", str(place), *far.port_flags, "--wait-reports", "1"]
        done = gsmsend(*words, "--to", str(people(tmp_path, 8)))
        assert done.returncode == 5
        assert "of the first 3 texts 0 are delivered, 3 without a report yet" in done.stdout
        assert (len(far.on_air()), status(place)["totals"]["draft"]) == (3, 5)
        mute = gsmsend("resume", "--operation", str(place), "--go-on")
        assert (mute.returncode, "--because is missing" in mute.stderr) == (2, True)
        child = begin(place, far, "--wait-reports", "1")
        child.kill()
        child.communicate()
        go = gsmsend("resume", "--operation", str(place), "--go-on", "--because", "they answered the phone")
        assert (go.returncode, "5 texts more" in go.stdout) == (0, True), go.stdout + go.stderr
        last = gsmsend(*words, "--json")
        assert (last.returncode, totals(last)) == (0, {"sent": 8})
        assert max(Counter(far.on_air()).values()) == 1
        (campaign,) = status(place)["campaigns"]
        assert "they answered the phone" in campaign["first_texts_passed"]


# -- lines ---------------------------------------------------------------------------------------------------


def test_a_line_past_its_closing_day_sends_nothing(tmp_path: Path) -> None:
    with far_end(tmp_path, "--report-delay", "0.05") as far:
        place = configured(tmp_path, f'[line.red-phone]\niccid = "{BENCH_ICCID}"\ncloses = 2020-01-02')
        rows = str(people(tmp_path, 3))
        done = gsmsend("run", "--operation", str(place), *far.port_flags, "--to", rows, "--json")
        assert (done.returncode, totals(done), far.on_air()) == (5, {"queued": 3}, [])
        assert "closed since Thu 2 Jan 00:00 2020, by [line.red-phone] closes" in str(finished(done)["why"])


@pytest.mark.parametrize("here", [True, False])
def test_people_of_a_line_are_texted_from_it_or_not_at_all(tmp_path: Path, here: bool) -> None:
    iccid = BENCH_ICCID if here else "8944999999999999999"
    with far_end(tmp_path, "--report-delay", "0.05", modems=2) as far:
        place = configured(tmp_path, f'[line.red-phone]\niccid = "{iccid}"')
        rows = str(people(tmp_path, 4))
        brought = gsmsend("import", rows, "--operation", str(place), "--line", "red-phone")
        assert brought.returncode == 0, brought.stderr
        done = gsmsend("run", "--operation", str(place), *far.port_flags, "--json")
        modems = {event["modem"] for event in far.events("accepted")}
    if here:
        assert (done.returncode, totals(done), modems) == (0, {"delivered": 4}, {1})
    else:
        assert (done.returncode, totals(done), modems) == (5, {"queued": 4}, set())
        assert "[line.red-phone]" in str(finished(done)["why"])


# -- approvals -----------------------------------------------------------------------------------------------


def test_outside_a_lab_nothing_is_sent_without_approval(tmp_path: Path) -> None:
    with far_end(tmp_path) as far:
        place = tmp_path / "op"
        assert gsmsend("init", str(place)).returncode == 0
        one = gsmsend("send", "07700900001", "Hello.", "--operation", str(place), "--port", far.ports[0])
        assert (one.returncode, "approval missing" in one.stderr) == (5, True)
        words = ["run", "--operation", str(place), "--port", far.ports[0], "--to", str(people(tmp_path, 3))]
        done = gsmsend(*words)
        assert done.returncode == 5
        assert "approve" in done.stdout + done.stderr
        assert far.on_air() == []
        assert status(place)["totals"]["draft"] == 3


@pytest.mark.skipif(os.name != "posix", reason="the bench needs POSIX pseudo-terminals")
def test_settings_that_change_during_a_run_stop_it_and_void_no_approval_by_the_old_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "keys"))
    place = tmp_path / "op"
    assert gsmsend("init", str(place)).returncode == 0
    config = place / "gsmsend.toml"
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse battery staple\n", encoding="utf-8")
    secret.chmod(0o600)

    def typed(*words: str) -> None:
        done = gsmsend(*words, "--operation", str(place))
        assert done.returncode == 0, done.stdout + done.stderr

    def approve() -> None:
        typed("approve", "--officer", "DC Example", "--passphrase-file", str(secret))

    with far_end(tmp_path, "--report-delay", "0.05", radio_s=0.3) as far:
        plain = (
            f'[operation]\nname = "Op"\n[modems]\nports = ["{far.ports[0]}"]\n[approval]\nofficers = 1\n'
            'independent = false\n[window]\nfrom = "00:00"\nto = "24:00"\nholidays = ""\n'
            'days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n[campaign]\nfirst_texts = 0\n'
            "[wording]\nlink = false\nphone = false\nopt_out = []\n"
        )
        config.write_text(plain, encoding="utf-8")
        typed("import", str(people(tmp_path, 60)), "--text", "Help is here.")
        typed("officer", "add", "DC Example", "--passphrase-file", str(secret))
        approve()
        child = begin(place, far, "--stay")
        try:
            until(lambda: submits(far) >= 4)
            config.write_text(plain + "most_segments = 2\n[pace]\nper_minute = 600\n", encoding="utf-8")
            time.sleep(2.0)  # more than one look, and the text on air
            before = submits(far)
            approve()
            time.sleep(2.0)
            assert submits(far) == before < 60
        finally:
            child.terminate()
            said, _ = child.communicate(timeout=30)
        assert "gsmsend.toml was changed" in said
        words = ["run", "--operation", str(place), "--wait-reports", "20", "--json"]
        done = gsmsend(*words)
        assert totals(done)["delivered"] == 60, done.stdout[-2000:] + done.stderr
        assert Counter(far.on_air()).most_common(1)[0][1] == 1
