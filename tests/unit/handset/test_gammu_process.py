"""The process apart: found by an interpreter that has python-gammu, and what an officer is told without one."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from gsmsend.contract import OpenOptions
from gsmsend.errors import ConfigError, DriverError, LinkLost, UsageError
from gsmsend.testing.clock import ManualClock
from gsmsend.testing.recording_sink import RecordingSink
from gsmsend_handset.gammu import DRIVER
from gsmsend_handset.gammu.process import SPEAKER, Apart, candidates, start
from gsmsend_handset.gammu.settings import Settings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="scripts stand for interpreters")


def script(folder: Path, body: str) -> str:
    made = folder / "python"
    made.write_text(f"#!/bin/sh\n{body}\n")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return str(made)


@pytest.mark.parametrize(
    "body",
    [f'exec "{sys.executable}" -S -E "$@"', "exit 1", "echo not json; sleep 5", "echo '[1]'", "echo '{}'"],
    ids=["without-gammu", "ends", "chatter", "a-list", "no-hello"],
)
def test_without_python_gammu_it_is_said_how_to_get_it(tmp_path: Path, body: str) -> None:
    with pytest.raises(DriverError, match="needs python-gammu") as fault:
        start(script(tmp_path, body))
    assert "apt-get install python3-gammu" in fault.value.remedy
    assert 'python = "/usr/bin/python3"' in fault.value.remedy


def test_an_interpreter_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="no-such-python"):
        start(str(tmp_path / "no-such-python"))


def test_the_usual_interpreters_are_tried_once_each() -> None:
    found = candidates("")
    assert found[0] == sys.executable
    assert len(found) == len(set(found))
    assert candidates("/opt/python") == ["/opt/python"]


def test_one_that_has_ended_says_so_however_it_is_asked(tmp_path: Path) -> None:
    apart = Apart(script(tmp_path, "exit 0"))
    apart._process.wait(5)
    with pytest.raises(LinkLost):
        apart.next(5)
    apart.wake()
    with pytest.raises(LinkLost):
        apart.next(5)
    with pytest.raises(LinkLost):
        apart.tell("identity")
    apart.close()
    apart.close()
    apart.wake()


def test_python_gammu_is_never_imported_here() -> None:
    for path in (SPEAKER.parent.parent).glob("*.py"):
        assert "import gammu" not in path.read_text(encoding="utf-8"), path
    assert "import gammu\n" not in SPEAKER.read_text(encoding="utf-8"), "not when it is only read"
    assert "import gsmsend" not in SPEAKER.read_text(encoding="utf-8"), "it runs where gsmsend is not"


# -- where it is named --------------------------------------------------------------------------------------------


def test_addresses_name_the_device_or_leave_it_to_the_config() -> None:
    assert DRIVER.discover() == ()
    assert DRIVER.endpoint("gammu").address == "gammu"
    assert not DRIVER.endpoint("gammu:/dev/ttyACM0").virtual
    assert DRIVER.endpoint("gammu:AA:BB:CC:DD:EE:FF").address == "gammu:AA:BB:CC:DD:EE:FF"


@pytest.mark.parametrize("address", ["nokia", "gammu:a;b", "gammu:/dev/x\nlogfile=/tmp/y", "gammu: x"])
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        DRIVER.endpoint(address)


def test_without_a_device_the_config_is_at_fault() -> None:
    with pytest.raises(ConfigError, match=r"driver\.gammu\.device is missing"):
        DRIVER.open(DRIVER.endpoint("gammu"), RecordingSink(), ManualClock(), OpenOptions())


def test_a_table_is_read() -> None:
    table = {"device": "/dev/ttyACM0", "connection": "fbususb", "python": "/usr/bin/python3", "check_s": 10}
    assert Settings.of(table) == Settings("/dev/ttyACM0", "fbususb", "", "/usr/bin/python3", check_s=10.0)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"port": "/dev/ttyACM0"}, r"\[driver.gammu\] port is not known; expected one of check_s, connection"),
        ({"device": ""}, "device = '': expected a port or an address"),
        ({"device": "/dev/x\nlogfile=/tmp/x"}, "expected a port or an address"),
        ({"device": "/dev/x;y"}, "expected a port or an address"),
        ({"connection": "at bus"}, "expected one word"),
        ({"model": 7}, "expected one word"),
        ({"python": " "}, "expected a Python that has python-gammu"),
        ({"submit_timeout_s": 0}, "expected a number of seconds"),
        ({"check_s": True}, "expected a number of seconds"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_what_was_expected(table: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Settings.of(table)
