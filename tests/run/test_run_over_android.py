"""A run over a handset, end to end: gsmsend as a process, adb and the app as servers, the app's record the judge.

The handset is an emulator, as adb has it: it reaches nobody, so numbers of the drama range may be texted.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gsmsend_handset.android import reading
from tests.run.far_end import GSMSEND, gsmsend
from tests.unit.handset.android_adb import AdbServer
from tests.unit.handset.android_bench import PASSWORD_VARIABLE, PROPERTIES, SECRET, handset
from tests.unit.handset.android_gateway import Gateway

pytest.importorskip("adbutils")
pytest.importorskip("android_sms_gateway")

SERIAL = "emulator-5554"
PORT = f"android:{SERIAL}"
TABLE = f"""
[driver.android]
password = "env:{PASSWORD_VARIABLE}"
processed_unknown_after_s = 1
request_timeout_s = 2
check_s = 1
"""


class Phone:
    """The handset, and an operation that texts through it."""

    def __init__(self, folder: Path) -> None:
        self.gateway = Gateway()
        self.gateway.ends_as = "Delivered"
        emulator = handset(self.gateway, SERIAL)
        emulator.answers[reading.PROPERTIES] = PROPERTIES + "[ro.boot.qemu]: [1]\n"
        self.adb = AdbServer(emulator)
        self.place = folder / "operation"
        os.environ["ANDROID_ADB_SERVER_PORT"] = str(self.adb.port)
        assert gsmsend("init", str(self.place), "--lab").returncode == 0
        config = self.place / "gsmsend.toml"
        config.write_text(config.read_text(encoding="utf-8") + TABLE, encoding="utf-8")

    def people(self, count: int) -> Path:
        path = self.place / "people.csv"
        numbers = "".join(f"07700900{number:03}\n" for number in range(count))
        path.write_text("number\n" + numbers, encoding="utf-8")
        return path

    def words(self, *more: str) -> list[str]:
        return ["run", "--operation", str(self.place), "--port", PORT, "--wait-reports", "30", *more]

    def states(self) -> Counter[str]:
        out = gsmsend("messages", "--operation", str(self.place)).stdout
        return Counter(line.split()[2] for line in out.splitlines() if "+447" in line)

    def on_air(self) -> list[str]:
        return [each["phoneNumbers"][0] for each in self.gateway.on_air]

    def close(self) -> None:
        self.adb.close()
        self.gateway.close()


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Phone]:
    monkeypatch.setenv(PASSWORD_VARIABLE, SECRET)
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", "0")
    made = Phone(tmp_path)
    yield made
    made.close()


def until(so: Callable[[], bool], within_s: float = 60.0) -> None:
    ends_s = time.monotonic() + within_s
    while not so():
        assert time.monotonic() < ends_s, "it did not come to that"
        time.sleep(0.01)


@pytest.mark.slow
def test_texts_in_doubt_are_settled_by_the_record_of_the_app_and_nobody_is_texted_twice(phone: Phone) -> None:
    posts = 0

    def trouble(_: str) -> None:
        nonlocal posts
        posts += 1
        phone.gateway.stay = "Processed" if posts == 2 else ""
        phone.gateway.mute = posts == 4
        phone.gateway.fail_with = "Send result: RESULT_NO_RESOURCES (...)" if posts == 6 else ""

    phone.gateway.on_post = trouble
    with subprocess.Popen(
        [*GSMSEND, *phone.words("--to", str(phone.people(8)), "--text", "Help is there")], stdout=subprocess.PIPE
    ) as run:
        until(lambda: posts > 2)
        second = next(key for key, text in phone.gateway.texts.items() if text["state"] == "Processed")
        phone.gateway.tell(second, "Delivered")
        out, _ = run.communicate(timeout=120)
    assert run.returncode == 0, out
    assert phone.states() == {"delivered": 8}
    assert sorted(phone.on_air()) == [f"+447700900{number:03}" for number in range(8)]


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_and_nobody_is_texted_twice(phone: Phone) -> None:
    with subprocess.Popen(
        [*GSMSEND, *phone.words("--to", str(phone.people(10)), "--text", "Help is there")], stdout=subprocess.PIPE
    ) as run:
        until(lambda: len(phone.on_air()) > 3)
        run.send_signal(signal.SIGKILL)
    again = gsmsend(*phone.words())
    states = phone.states()
    twice = [number for number, times in Counter(phone.on_air()).items() if times > 1]
    assert not twice
    # Killed between its intent and its request a text stays in doubt: then only a person knows.
    assert states["delivered"] >= 9, again.stdout
    assert states["delivered"] + states["uncertain"] == 10
    assert len(phone.on_air()) == states["delivered"]
    assert len(phone.adb.forwards) <= 1, "but for that of the run that was killed, no port stays open"
