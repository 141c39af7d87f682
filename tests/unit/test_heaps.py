"""What threads gave back is there for others: memory of a run with many lines stays flat."""

from __future__ import annotations

import re
import subprocess
import sys

from gsmsend.heaps import HEAPS

_PROBE = """
import threading
from gsmsend.heaps import share_heaps
shared = {share} and share_heaps()
def work(go_on):
    kept = [bytes(30_000) for _ in range(20)]
    go_on.wait()
go_on = threading.Event()
threads = [threading.Thread(target=work, args=(go_on,)) for _ in range(16)]
[thread.start() for thread in threads]
from pathlib import Path
maps = Path("/proc/self/maps")
print(shared, maps.read_text() if maps.exists() else "")
go_on.set()
"""


_HEAP = re.compile(r"^([0-9a-f]+)-[0-9a-f]+ rw-p 00000000 00:00 0 *$", re.MULTILINE)
"""Memory with no file behind it. A thread's heap begins at a multiple of 64 MiB."""


def _heaps(*, share: bool) -> tuple[bool, int]:
    """Whether it was done; and how many heaps threads have."""
    probe = [sys.executable, "-c", _PROBE.format(share=share)]
    done = subprocess.run(probe, capture_output=True, text=True, check=True)
    starts = [int(found, 16) for found in _HEAP.findall(done.stdout)]
    return done.stdout.startswith("True"), sum(start % (64 << 20) == 0 for start in starts)


def test_many_threads_have_few_heaps() -> None:
    shared, few = _heaps(share=True)
    _, many = _heaps(share=False)
    assert shared is sys.platform.startswith("linux")
    assert not shared or few <= HEAPS < many  # the program's own counts as one, and begins anywhere
