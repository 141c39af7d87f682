"""promtool, of Debian's package `prometheus`: what Prometheus itself says of metrics, rules and expressions."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bench.programs import need


def promtool(*words: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run it."""
    found = need("promtool", "prometheus")
    return subprocess.run([found, *map(str, words)], input=given, capture_output=True, check=False, timeout=60)


def accepted(*words: str | Path, given: bytes = b"") -> None:
    """The same; it must find nothing."""
    done = promtool(*words, given=given)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    assert done.stderr == b"", done.stderr.decode()
