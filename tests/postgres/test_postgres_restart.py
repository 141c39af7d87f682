"""The server is stopped, or crashes, in mid-run: the run waits and goes on, and nobody is texted twice."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres.scene import VARIABLE, on_server
from tests.postgres.server import PASSWORD, Cluster, cluster
from tests.run.far_end import GSMSEND, FarEnd, far_end, gsmsend, people

PEOPLE = 60
_PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server that syncs to disk: what it has confirmed is there after a crash."""
    with cluster(safe=True) as found:
        yield found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_a_run_waits_for_the_server_and_goes_on(
    how: signal.Signals, tmp_path: Path, server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    place = on_server(tmp_path, server, server.new_schema())
    words = ["--operation", str(place), "--to", str(people(tmp_path, PEOPLE)), "--json"]
    with (
        far_end(tmp_path, "--report-delay", "0.1", modems=3, radio_s=0.1) as bench,
        subprocess.Popen(
            [*GSMSEND, "run", *words, *bench.port_flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as run,
    ):
        said: list[str] = []
        reading = threading.Thread(target=lambda: said.extend(run.stdout or ()), daemon=True)
        reading.start()
        _until(bench, 1, said)
        for name in ("cmdline", "environ"):  # what any other program may be shown of it
            assert PASSWORD.encode() not in Path(f"/proc/{run.pid}/{name}").read_bytes()
        for share in (PEOPLE // 6, PEOPLE // 2):
            _until(bench, share, said)
            server.stop(how)
            time.sleep(0.7)  # a server that is away for a while: longer than a radio time
            while_away = len(bench.on_air())
            time.sleep(0.5)
            assert len(bench.on_air()) == while_away, "a text left while its attempt could not be on disk"
            server.start()
        assert run.wait(_PATIENCE_S) == 0, (run.stderr.read() if run.stderr else "") + "".join(said[-5:])
        reading.join(5)
        if run.stderr is not None:
            assert PASSWORD not in run.stderr.read()
        assert len(bench.on_air()) == len(set(bench.on_air())) == PEOPLE
    events = [json.loads(line) for line in said]
    assert events[-1]["totals"]["delivered"] == PEOPLE
    told = [event["text"] for event in events if event["event"] == "notice"]
    assert any("Nothing is handed to a modem until it answers" in text for text in told), told
    assert any("answers again" in text for text in told)
    assert PASSWORD not in "".join(said)
    checked = gsmsend("verify", "--operation", str(place))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _until(bench: FarEnd, count: int, said: list[str]) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while len(bench.on_air()) < count:
        assert time.monotonic() < until_s, f"only {len(bench.on_air())} texts left: {said[-8:]}"
        time.sleep(0.02)
