"""What is known of this computer's clock, on each kind of system; what is not known is said."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gsmsend.clockfacts import ClockFacts, ClockWatch, of_w32tm

IN_STEP = """Leap Indicator: 0(no warning)
Stratum: 4 (secondary reference - syncd by (S)NTP)
Precision: -23 (119.209ns per tick)
Root Delay: 0.0312500s
Root Dispersion: 0.7776280s
ReferenceId: 0x0A000001 (source IP:  192.0.2.1)
Last Successful Sync Time: 11/22/2026 8:00:00 AM
Source: time.example.org,0x9
Poll Interval: 10 (1024s)
"""
GERMAN = """Sprungindikator: 3(nicht synchronisiert)
Stratum: 0 (nicht angegeben)
Praezision: -23 (119.209ns pro Tick)
Stammverzoegerung: 0,0000000s
Stammabweichung: 0,0000000s
Referenz-ID: 0x00000000 (nicht angegeben)
Letzte erfolgr. Synchronisierungszeit: nicht angegeben
Quelle: Local CMOS Clock
Abrufintervall: 10 (1024s)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the kernel of Linux")
def test_the_kernel_and_the_services_of_linux(tmp_path: Path) -> None:
    nobody = ClockWatch(root=tmp_path).read()
    assert nobody.source == "unknown"
    assert nobody.synchronised is None or (nobody.synchronised is False) == bool(nobody.why)
    assert nobody.synchronised is not True or nobody.error_ms is not None
    (tmp_path / "run" / "chrony").mkdir(parents=True)
    (tmp_path / "run" / "systemd" / "timesync").mkdir(parents=True)
    assert ClockWatch(root=tmp_path).read().source == "chrony, systemd-timesyncd"


def test_windows_is_asked_without_waiting() -> None:
    watch = ClockWatch("win32", ask=lambda _command: IN_STEP)
    watch.read()
    watch.wait()
    assert watch.read() == ClockFacts("w32time (time.example.org)", synchronised=True, error_ms=793)


def test_windows_in_another_language_and_out_of_step() -> None:
    assert of_w32tm(GERMAN) == ClockFacts("w32time (Local CMOS Clock)", synchronised=False, error_ms=0)
    assert "not running" in of_w32tm("The following error occurred: 0x80070426\n").why


def test_a_system_that_does_not_answer_is_unknown_and_says_why() -> None:
    def refuses(_command: Sequence[str]) -> str:
        raise FileNotFoundError

    watch = ClockWatch("win32", ask=refuses)
    first = watch.read()
    watch.wait()
    assert (first.source, first.synchronised, bool(first.why)) == ("unknown", None, True)
    assert "FileNotFoundError" in watch.read().why
    assert "plan9" in ClockWatch("plan9").read().why
    mac = ClockWatch("darwin")
    mac.read()
    mac.wait()
    assert mac.read().source == "timed"


def test_the_entry_has_no_float() -> None:
    entry = json.loads(json.dumps(dict(ClockWatch().read().entry())), parse_float=pytest.fail)
    assert set(entry) == {"source", "synchronised", "error_ms", "offset_ms", "why"}
