"""The units of hw/systemd: what systemd itself says of them, and what gsmsend relies on in them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gsmsend.cli import run as run_command
from gsmsend.cli.group import main
from gsmsend.engine import ending as engine
from gsmsend.errors import ConfigError, GsmsendError, GuardStop, NoRoute, UsageError
from gsmsend.supervised import Supervisor
from gsmsend_atmodem.profile_file import standard_profiles
from tests.packaging.units import FOLDER, PROGRAM, RUN, SERVE, Unit, analysed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")

BOUNDS = {RUN.name: 2.0, SERVE.name: 1.3}
"""The exposure that `systemd-analyze security` finds, of 10: 1.9 and 1.1 with systemd 252."""
DROP_INS = sorted((FOLDER / "drop-ins").glob("*.conf"))
UNITS = {"run": RUN, "serve": SERVE}


def unit_of(drop_in: Path) -> Path:
    """The unit that a drop-in belongs to, by the beginning of its name."""
    return UNITS[drop_in.name.split("-")[0]]


def tool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)


def with_drop_in(place: Path, drop_in: Path) -> Path:
    """The unit with its drop-in where systemd-analyze looks for both."""
    (unit,) = analysed(place, unit_of(drop_in))
    folder = place / f"{unit.name}.d"
    folder.mkdir()
    (folder / drop_in.name).write_text(drop_in.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true"))
    return unit


# -- what systemd says -------------------------------------------------------------------------------------


def test_systemd_takes_both_units(tmp_path: Path) -> None:
    done = tool("systemd-analyze", "verify", "--man=no", *analysed(tmp_path / "u", RUN, SERVE))
    assert (done.returncode, done.stderr) == (0, "")


def test_that_test_would_notice_a_word_that_systemd_does_not_know(tmp_path: Path) -> None:
    (copy,) = analysed(tmp_path / "u", RUN)
    copy.write_text(copy.read_text().replace("WatchdogSec=", "WatchdogSeconds="))
    assert "'WatchdogSeconds'" in tool("systemd-analyze", "verify", "--man=no", copy).stderr


@pytest.mark.parametrize("drop_in", DROP_INS, ids=lambda path: path.name)
def test_systemd_takes_each_drop_in(tmp_path: Path, drop_in: Path) -> None:
    done = tool("systemd-analyze", "verify", "--man=no", with_drop_in(tmp_path / "u", drop_in))
    assert (done.returncode, done.stderr) == (0, "")


def exposure(*words: str | Path) -> float:
    done = tool("systemd-analyze", "security", "--offline=true", "--no-pager", *words)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    return float(found[1])


@pytest.mark.parametrize("unit", [RUN, SERVE], ids=lambda path: path.name)
def test_it_exposes_no_more_than_it_must(tmp_path: Path, unit: Path) -> None:
    assert exposure(*analysed(tmp_path / "u", unit)) <= BOUNDS[unit.name]


@pytest.mark.parametrize("drop_in", DROP_INS, ids=lambda path: path.name)
def test_a_drop_in_opens_little(tmp_path: Path, drop_in: Path) -> None:
    unit = with_drop_in(tmp_path / "u", drop_in)
    assert exposure(unit) <= BOUNDS[unit.name] + 0.3


def test_the_user_and_the_folders_are_made(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    made = tool("systemd-sysusers", f"--root={root}", "--dry-run", FOLDER / "sysusers.conf")
    assert made.returncode == 0, made.stderr
    assert "gsmsend" in made.stdout + made.stderr
    unit, tmpfiles = Unit.read(RUN), (FOLDER / "tmpfiles.conf").read_text(encoding="utf-8")
    folders = {words[1]: words[2:5] for line in tmpfiles.splitlines() if (words := line.split())[:1] == ["d"]}
    assert folders["/var/lib/gsmsend"] == folders["/var/lib/gsmsend-own"] == ["0700", "gsmsend", "gsmsend"]
    assert folders["/etc/gsmsend"] == ["0700", "root", "root"]
    users = (FOLDER / "sysusers.conf").read_text(encoding="utf-8")
    assert f"u {unit.last('User')} - " in users
    assert f"m {unit.last('User')} {unit.last('SupplementaryGroups')}" in users
    assert unit.last("ReadWritePaths") in folders
    assert f'" {unit.last("ReadWritePaths")} ' in users


# -- what gsmsend relies on --------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [RUN, SERVE], ids=lambda path: path.name)
def test_the_command_is_one_that_gsmsend_takes(unit: Path) -> None:
    name, *words = Unit.read(unit).command
    with click.Context(main) as context:
        command = main.get_command(context, name)
        assert command is not None
        command.make_context(name, words, parent=context)


@pytest.mark.parametrize("drop_in", [path for path in DROP_INS if "passphrase" in path.name], ids=lambda p: p.name)
def test_the_command_with_a_passphrase_is_the_same_but_for_that(drop_in: Path) -> None:
    unit = Unit.read(unit_of(drop_in), drop_in)
    assert unit.command == [*Unit.read(unit_of(drop_in)).command, "--passphrase-file", "%d/passphrase"]
    assert unit.last("LoadCredential") == "passphrase:/etc/gsmsend/%i.passphrase"


def test_what_a_person_must_mend_is_not_started_again() -> None:
    never = {int(word) for word in Unit.read(RUN).words("RestartPreventExitStatus")}
    asked = {int(word) for word in Unit.read(RUN).words("SuccessExitStatus")}
    assert never == {ConfigError.exit_code, UsageError.exit_code, GuardStop.exit_code} == {2, 5}
    assert asked == {engine.EXIT_FAILED, engine.EXIT_UNCERTAIN, engine.EXIT_INTERRUPTED}
    started_again = {1, 6} - never - asked
    assert started_again == {GsmsendError.exit_code, NoRoute.exit_code}
    assert Unit.read(RUN).last("Restart") == Unit.read(SERVE).last("Restart") == "on-failure"


def test_a_crash_loop_comes_to_an_end() -> None:
    unit = Unit.read(RUN)
    burst, within_s = int(unit.last("StartLimitBurst", "Unit")), unit.seconds("StartLimitIntervalSec", "Unit")
    assert 2 <= burst <= 10
    assert burst * (unit.seconds("RestartSec") + 60) < within_s, "a run that lives a minute would go on for ever"


def test_a_stop_has_time_for_the_texts_that_are_being_sent() -> None:
    longest_s = max(profile.submit_timeout_s for profile in standard_profiles().all)
    assert Unit.read(RUN).seconds("TimeoutStopSec") >= 1.5 * longest_s


def test_the_watchdog_waits_longer_than_a_run_may_stand_still() -> None:
    for file in (RUN, SERVE):
        unit = Unit.read(file)
        watchdog_s = unit.seconds("WatchdogSec")
        assert (unit.last("Type"), unit.last("NotifyAccess")) == ("notify", "main")
        assert watchdog_s >= 2 * 60
        supervisor = Supervisor.of({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": str(int(watchdog_s * 1e6))})
        assert supervisor.watchdog_s == watchdog_s


def test_only_modem_ports_are_open_to_it_and_their_drivers_are_loaded_first() -> None:
    unit = Unit.read(RUN)
    assert unit.last("DevicePolicy") == "closed"
    assert unit.values["Service", "DeviceAllow"] == ["char-ttyUSB rw", "char-ttyACM rw"]
    for key in ("Wants", "After"):
        assert {"modprobe@usbserial.service", "modprobe@cdc_acm.service"} <= set(unit.words(key, "Unit"))
    assert Unit.read(SERVE).last("PrivateDevices") == "yes"


def test_secrets_come_from_a_folder_of_roots_and_the_console_gets_no_pins() -> None:
    assert Unit.read(RUN).last("EnvironmentFile") == "-/etc/gsmsend/%i.env"
    assert Unit.read(SERVE).last("EnvironmentFile") == "-/etc/gsmsend/%i.serve.env"


def test_nothing_of_a_recipient_is_left_in_a_core_or_a_token_in_the_journal() -> None:
    assert Unit.read(RUN).last("LimitCORE") == Unit.read(SERVE).last("LimitCORE") == "0"
    assert Unit.read(SERVE).last("RuntimeDirectory")
    assert Unit.read(SERVE).last("RuntimeDirectoryMode") == "0700"


def test_a_unit_stays_with_its_operation() -> None:
    for file in (RUN, SERVE):
        unit = Unit.read(file)
        assert unit.last("WorkingDirectory") == "/var/lib/gsmsend/%i"
        assert unit.last("AssertPathExists", "Unit") == "/var/lib/gsmsend/%i/gsmsend.toml"
        assert unit.last("StateDirectory") == "gsmsend/%i"
    assert run_command.Wish(Path()).folder == Path()


def test_the_console_speaks_to_this_computer_only() -> None:
    unit = Unit.read(SERVE)
    assert (unit.last("IPAddressDeny"), unit.last("IPAddressAllow")) == ("any", "localhost")


def test_a_line_that_is_no_assignment_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "x.service"
    file.write_text("[Service]\nNoNewPrivileges = yes\n")
    with pytest.raises(ValueError, match="line 2"):
        Unit.read(file)
