"""Three processes as three hosts: each has a folder and modems of its own, and one store on one server."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql

from tests.postgres.scene import stored
from tests.postgres.server import DATABASE, PERSON, Cluster
from tests.run.far_end import GSMSEND, FarEnd, far_end, gsmsend, lab, people

LEASE_S = 3.0
PATIENCE_S = 90.0
NAMES = ("bench-1", "bench-2", "bench-3")


class Host:
    """One run. What it says is read all the time."""

    def __init__(self, name: str, place: Path, ports: Sequence[str], within: Sequence[str] = ()) -> None:
        self.name = name
        self.place = place
        self._ports = ports
        self._within = within
        self.events: list[dict[str, object]] = []
        self._child: subprocess.Popen[str] | None = None
        self._reading: threading.Thread | None = None

    def start(self) -> None:
        """Begin a run, which stays."""
        words = ["run", "--operation", str(self.place), "--stay", "--json"]
        flags = [word for port in self._ports for word in ("--port", port)]
        with (self.place.parent / f"{self.name}.err").open("a") as errors:
            self._child = child = subprocess.Popen(
                [*self._within, *GSMSEND, *words, *flags], stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self._reading = threading.Thread(target=self._read, args=(child,), daemon=True)
        self._reading.start()

    def _read(self, child: subprocess.Popen[str]) -> None:
        for line in child.stdout or ():
            self.events.append(json.loads(line))

    def signal(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        assert self._child is not None
        self._child.send_signal(number)

    def ended(self) -> int:
        """Wait for its end; its exit code."""
        assert self._child is not None
        assert self._reading is not None
        code = self._child.wait(PATIENCE_S)
        self._reading.join(5)
        if self._child.stdout is not None:
            self._child.stdout.close()
        return code

    def stop(self) -> int:
        """End it in order, if it runs."""
        if self._child is None or self._child.poll() is not None:
            return -1
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGINT)
        return self.ended()

    def told(self) -> list[str]:
        """All that it told people."""
        return [str(event["text"]) for event in self.events if event["event"] == "notice"]

    def complaints(self) -> str:
        """What it wrote on stderr."""
        return (self.place.parent / f"{self.name}.err").read_text(encoding="utf-8")


class Bench:
    """The three of them, and the virtual network's own record of what went on air."""

    def __init__(self, hosts: Sequence[Host], air: FarEnd, servers: Sequence[Cluster], schema: str) -> None:
        self.hosts = hosts
        self.air = air
        self._servers = servers
        self._schema = schema

    def sum(self) -> dict[str, int]:
        """The states that are not empty, as the store has them; asked of the first server that answers."""
        query = sql.SQL("SELECT state, count(*) FROM {}.messages GROUP BY state")
        for server in self._servers:
            with suppress(psycopg.Error), server.owner() as connection:
                rows = connection.execute(query.format(sql.Identifier(self._schema))).fetchall()
                return {str(state): int(count) for state, count in rows}
        return {}

    def until(self, what: Callable[[], bool], why: str) -> None:
        """Wait for it."""
        until_s = time.monotonic() + PATIENCE_S
        while not what():
            said = {host.name: host.told()[-3:] for host in self.hosts}
            assert time.monotonic() < until_s, f"{why}: {len(self.air.on_air())} on air, {self.sum()}, {said}"
            time.sleep(0.1)

    def on_air(self, count: int) -> None:
        """Wait until so many texts have left."""
        self.until(lambda: len(self.air.on_air()) >= count, f"{count} texts should have left")

    def done(self, *moving: str) -> dict[str, int]:
        """Wait until nothing is on its way; the totals. `moving`: the states that count as that."""
        moving = moving or ("queued", "sending", "sent")
        found: dict[str, int] = {}

        def quiet() -> bool:
            nonlocal found
            found = self.sum()
            return bool(found) and not any(found.get(state) for state in moving)

        self.until(quiet, "texts should not be on their way any more")
        return found

    def each_once(self, count: int, totals: dict[str, int]) -> None:
        """Nobody was texted twice, nothing is lost, and the store says of no text what is not so."""
        air = self.air.on_air()
        assert len(air) == len(set(air)), "somebody was texted twice"
        assert sum(totals.values()) == count
        assert set(totals) <= {"delivered", "uncertain"}, totals
        done = gsmsend("messages", "--operation", str(self.hosts[-1].place), "--json", "--unmask")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        delivered = {row["number"] for row in rows if row["state"] == "delivered"}
        assert delivered <= set(air)
        assert set(air) - delivered <= {row["number"] for row in rows if row["state"] == "uncertain"}
        checked = gsmsend("verify", "--operation", str(self.hosts[-1].place))
        assert checked.returncode == 0, checked.stdout + checked.stderr


@contextmanager
def three_hosts(
    folder: Path, servers: Sequence[Cluster], count: int, *, each: int = 2, radio_s: float = 0.25,
    within: Sequence[str] = (), first_by: tuple[str, int] | None = None,
) -> Iterator[Bench]:  # fmt: skip
    """Three hosts with `each` modems on a queue of so many texts, running, on any of these servers.

    The first runs `within` these words, and reaches the store by this address and port.
    """
    schema = servers[0].new_schema()
    either = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    url = f"postgresql://{PERSON}@{either}/{DATABASE}?schema={schema}"
    first_url = servers[0].url(schema, host=first_by[0], port=first_by[1]) if first_by else ""
    first = lab(folder)
    stored(first, url)
    done = gsmsend("import", "--operation", str(first), str(people(folder, count)))
    assert done.returncode == 0, done.stderr
    places: list[Path] = []
    for name in NAMES:
        place = folder / name
        shutil.copytree(first, place)
        config = place / "gsmsend.toml"
        text = config.read_text(encoding="utf-8")
        own = f'[operation]\nhost = "{name}"\nlease_seconds = {LEASE_S:g}\n'
        text = text.replace("[operation]\n", own, 1)
        config.write_text(text if places or not first_url else text.replace(url, first_url), encoding="utf-8")
        places.append(place)
    with far_end(folder, "--report-delay", "0.2", modems=3 * each, radio_s=radio_s) as air:
        hosts = [
            Host(name, place, air.ports[each * index : each * index + each], within if index == 0 else ())
            for index, (name, place) in enumerate(zip(NAMES, places, strict=True))
        ]
        try:
            for host in hosts:
                host.start()
            yield Bench(hosts, air, servers, schema)
        finally:
            for host in hosts:
                host.stop()
