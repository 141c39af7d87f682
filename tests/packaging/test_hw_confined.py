"""gsmsend under the very system calls, sockets and memory that its units allow: it does all its work so."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.packaging.units import RUN, SERVE, Unit, under
from tests.run.far_end import far_end, lab, people, totals

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")


def confined(unit: Unit, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        under(unit, *words), cwd=ROOT, input=stdin, capture_output=True, text=True, check=False, timeout=90
    )


def test_a_run_sends_and_collects_reports(tmp_path: Path) -> None:
    with far_end(tmp_path, "--report-delay", "0.05", modems=2) as far:
        place = lab(tmp_path)
        done = confined(
            Unit.read(RUN), "-m", "gsmsend", "run", "--operation", str(place), *far.port_flags,
            "--to", str(people(tmp_path, 6)), "--json",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert totals(done) == {"delivered": 6}
        assert len(far.on_air()) == 6


def test_it_still_tells_how_far_off_the_clock_may_be() -> None:
    done = confined(Unit.read(RUN), "-c", "from gsmsend.clockfacts import ClockWatch; print(ClockWatch().read())")
    assert done.returncode == 0, done.stderr
    assert "does not let its clock be asked" not in done.stdout


def test_the_console_answers(tmp_path: Path) -> None:
    words = ["-m", "gsmsend", "serve", "--operation", str(lab(tmp_path)), "--port", "0", "--json"]
    with subprocess.Popen(under(Unit.read(SERVE), *words), cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            url = json.loads(child.stdout.readline())["url"]
            assert httpx.get(f"{url}/", follow_redirects=True).status_code == 200
        finally:
            child.send_signal(signal.SIGINT)
        assert child.wait(30) == 0


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | 4)",
        "import os; os.nice(1)",
        "import os; os.chroot('/')",
        "import time; time.clock_settime(time.CLOCK_REALTIME, time.time())",
    ],
)
@pytest.mark.parametrize("unit", [RUN, SERVE], ids=lambda path: path.name)
def test_what_is_not_allowed_fails(unit: Path, code: str) -> None:
    done = confined(Unit.read(unit), "-c", code)
    assert done.returncode == 1
    assert "PermissionError" in done.stderr


def test_a_call_that_the_unit_takes_away_again_fails() -> None:
    code = "import os; os.fsync(os.open('/', os.O_RDONLY))"
    unit = Unit.read(RUN)
    assert confined(unit, "-c", code).returncode == 0
    unit.values["Service", "SystemCallFilter"].append("~fsync")
    assert "PermissionError" in confined(unit, "-c", code).stderr
