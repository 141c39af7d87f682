"""What more can be done to a modem than to open it again: its radio, its USB port, its power at the hub.

Never AT&F, ATZ or any other reset to the factory's settings: that would change what the modem keeps.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gsmsend.at import Final
from gsmsend.errors import LinkLost
from gsmsend_atmodem import survey
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.profile import Profile

CFUN_TIMEOUT_S = 10.0
"""A modem that takes longer to detach does it all the same; the whole step ends within a minute."""

BACK_WAIT_S = 20.0
"""For a modem to be there again after its step."""

PORT_IS_GONE_S = 0.1
"""Waking a modem that is silent takes longer; on a port that is not there any more it fails at once."""

HUB_TIMEOUT_S = 30.0

SYS_USB = Path("/sys/bus/usb/devices")

_LOCATION = re.compile(r"(\d+(?:-\d+(?:\.\d+)*)?)[-.](\d+)")
"""Hub and port: `1-1.2` is port 2 of hub 1-1, `1-1` is port 1 of the root hub 1 (Linux, and uhubctl)."""

_BLOCKING = {"FAILURE", "NOT READY", "NOT INSERTED"}
"""What +CPIN? may say of a SIM that is only just being read again."""

Run = Callable[[Sequence[str]], int]
"""Runs a program to its end; its exit code."""


# -- the radio ------------------------------------------------------------------------------------------


def cycle_radio(dialogue: Dialogue, profile: Profile) -> bool:
    """Switch the radio off and on (TS 27.007 8.2) and wait until the SIM is there again, at most 20 s.

    False if the modem refuses to switch it off. Raises LinkLost if it does not answer before.
    """
    dialogue.wake()
    for off in ("AT+CFUN=4", "AT+CFUN=0"):
        answer = dialogue.ask(off, CFUN_TIMEOUT_S).result.final
        if answer in {Final.OK, Final.SILENCE}:
            break
    else:
        return False
    on = _switch_on(dialogue)
    _await_sim(dialogue, profile)
    if not on:  # it was busy with switching off; it must not be left so
        _switch_on(dialogue)
    return True


def _switch_on(dialogue: Dialogue) -> bool:
    try:
        return dialogue.ask("AT+CFUN=1", CFUN_TIMEOUT_S).ok
    except LinkLost:
        dialogue.session.disconnected()
        return False


def _await_sim(dialogue: Dialogue, profile: Profile) -> None:
    """Until the modem answers and has read its SIM, or its port is gone: the next opening finds it."""
    until = dialogue.now() + BACK_WAIT_S
    while (began := dialogue.now()) < until:
        try:
            dialogue.wake()
            if survey.sim_state(dialogue, profile) not in _BLOCKING:
                return
            dialogue.rest(0.5)
        except LinkLost:
            dialogue.session.disconnected()
            if dialogue.now() - began < PORT_IS_GONE_S:
                return


# -- the USB port ---------------------------------------------------------------------------------------


def reset_usb(location: str | None, *, root: Path = SYS_USB, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Take the kernel's permission from the device at a USB location and give it again: it starts anew.

    Linux only (Documentation/usb/authorization.rst). False if the system does not allow it. Raises LinkLost if
    the device could not be switched on again.
    """
    if not sys.platform.startswith("linux") or location is None or not _LOCATION.fullmatch(location):
        return False
    switch = root / location / "authorized"
    if not switch.is_file() or not os.access(switch, os.W_OK):
        return False
    try:
        switch.write_text("0")
    except OSError:
        return False
    sleep(1.0)
    try:
        switch.write_text("1")
    except OSError as error:
        raise LinkLost(
            f"the modem in USB socket {location} could not be switched on again",
            remedy="Unplug it and plug it in again.",
        ) from error
    _await_ports(root / location, sleep)
    return True


def _await_ports(device: Path, sleep: Callable[[float], None]) -> None:
    """Until the device has a serial port again (`1-1:1.0/ttyUSB0`, `1-1:1.0/tty/ttyACM0`)."""
    for _ in range(int(BACK_WAIT_S / 0.5)):
        if any(device.glob(f"{device.name}:*/tty*")):
            return
        sleep(0.5)


# -- its power ------------------------------------------------------------------------------------------


def run_program(command: Sequence[str]) -> int:
    """Run a program quietly; its exit code, 126 if it cannot be run. Raises LinkLost if it does not end."""
    try:
        # No shell: the words are uhubctl and the place on the bus, digits, dots and a hyphen.
        done = subprocess.run(command, capture_output=True, timeout=HUB_TIMEOUT_S, check=False)  # nosec B603
    except OSError:
        return 126
    except subprocess.TimeoutExpired as error:
        raise LinkLost(
            f"the program {command[0]} did not end; the modem may be without power",
            remedy="Switch its socket of the hub on again, or unplug the hub and plug it in again.",
        ) from error
    return done.returncode


def cycle_power(
    location: str | None,
    *,
    run: Run = run_program,
    find: Callable[[str], str | None] = shutil.which,
    root: Path = SYS_USB,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Cut the power of the hub's socket for 5 s with uhubctl. False without it, or if the hub cannot do it.

    Raises LinkLost if uhubctl hangs.
    """
    found = _LOCATION.fullmatch(location or "")
    program = find("uhubctl")
    if found is None or program is None:
        return False
    if run((program, "-l", found[1], "-p", found[2], "-a", "cycle", "-d", "5")) != 0:
        return False
    _await_ports(root / found[0], sleep)
    return True
