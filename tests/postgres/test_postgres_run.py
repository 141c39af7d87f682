"""The whole way through the command line, on a server that asks for a password."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres.scene import VARIABLE, on_server
from tests.postgres.server import PASSWORD, Cluster
from tests.run.far_end import far_end, gsmsend, people


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)


def test_import_run_messages_verify_and_export(tmp_path: Path, postgres: Cluster) -> None:
    place = on_server(tmp_path, postgres, postgres.new_schema())
    texts = people(tmp_path, 12)
    done = gsmsend("import", "--operation", str(place), str(texts))
    assert done.returncode == 0, done.stderr
    with far_end(tmp_path, "--report-delay", "0.1", modems=2) as bench:
        run = gsmsend("run", "--operation", str(place), *bench.port_flags, "--json")
        assert run.returncode == 0, run.stderr + run.stdout[-2000:]
        assert json.loads(run.stdout.splitlines()[-1])["totals"]["delivered"] == 12
        assert "the store's server has fsync = off" in run.stdout, "a lab is told, and goes on"
        assert len(set(bench.on_air())) == len(bench.on_air()) == 12
    assert not (place / "gsmsend.db").exists()
    told = gsmsend("messages", "--operation", str(place), "--json").stdout
    rows = [json.loads(line) for line in told.splitlines()]
    assert {row["state"] for row in rows} == {"delivered"}
    checked = gsmsend("verify", "--operation", str(place))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    pack = tmp_path / "pack"
    exported = gsmsend("export", "--operation", str(place), "--to", str(pack))
    assert exported.returncode == 0, exported.stdout + exported.stderr
    (own,) = pack.rglob("verify.py")
    judged = subprocess.run(
        [sys.executable, str(own)], cwd=own.parent, capture_output=True, text=True, check=False
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr
