"""The computer's disk: full, protected, or with a damaged store on it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.case import case
from tests.faults.scene import Scene


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of that size; needs root."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _may_mount() -> bool:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


@case("host", "disk full", "no file may grow")
def no_file_may_grow(on: Scene, _: object) -> None:
    on.bench(radio_s=0.01, report_s=0.05)
    on.people(150)
    on.run(file_limit=450_000)
    assert on.runs[-1].finish() == 1
    on.told("disk error")
    assert 0 < len(on.far.events("submit")) < 150, "the disk was to be full in mid-run"
    on.run(wait_reports_s=10)
    on.ends({0, 4})
    _few_in_doubt(on, 1)


if _may_mount():

    @case("host", "disk full", "in mid-run", "at the import")
    def disk_full(on: Scene, when: str) -> None:
        with small_disk(on.folder / "disk", "220k" if "import" in when else "700k") as disk:
            try:
                on.place = disk / "op"
                on.bench(radio_s=0.01, report_s=0.05)
                on.people(900 if "import" in when else 200)
                on.run()
                assert on.runs[-1].finish() == 1
                on.told("disk full")
                subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
                on.run("--wait-reports", "0" if "import" in when else "10")
                if "import" in when:
                    on.far.wait_for("accepted", 20)
                    on.runs[-1].stop()
                    on.ends(130)
                else:
                    on.ends({0, 4})
                    _few_in_doubt(on, 1)
            finally:
                on.end_runs()


@case("host", "store may not be written", "the file", "the folder")
def read_only(on: Scene, what: str) -> None:
    on.bench()
    on.people(4)
    on.run()
    on.ends(0, {"delivered": 4})
    on.people(4, first=50, name="people2.csv")
    for file in on.place.glob("gsmsend.db*"):
        file.chmod(0o444)
    if what == "the folder":
        on.place.chmod(0o555)
    on.run(plain_user=True)
    assert on.runs[-1].finish() == (5 if what == "the folder" else 1)
    on.told("read-only store" if what == "the file" else "read-only folder")
    assert len(on.far.events("submit")) == 4, "a text went out that could not be put on record"
    on.place.chmod(0o700)
    for file in on.place.glob("gsmsend.db*"):
        file.chmod(0o600)
    on.run()
    on.ends(0, {"delivered": 8})


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "its head": lambda data: bytes(100) + data[100:],
    "a page": lambda data: data[:8192] + b"\xa5" * 4096 + data[12288:],
    "its last page": lambda data: data[:-4096] + b"\xa5" * 4096,
    "its second half": lambda data: data[: len(data) // 8192 * 4096],
    "all of it": lambda data: b"\xa5" * len(data),
    "emptied": lambda _: b"",
    "gone": lambda _: None,
}
SAYS = {"emptied": "store emptied", "gone": "store gone"}


@case(
    "host",
    "store damaged",
    "a page",
    "its last page",
    "emptied",
    "gone",
    long=("its head", "its second half", "all of it"),
)
def damaged(on: Scene, what: str) -> None:
    """It is said, nothing is sent, the file stays as it is; with the copy put back the work goes on."""
    on.bench(radio_s=0.02)
    on.people(30)
    on.run()
    on.ends(0, {"delivered": 30})
    store, copy = on.place / "gsmsend.db", on.folder / "copy.db"
    shutil.copy(store, copy)
    spoiled = DAMAGES[what](store.read_bytes())
    if spoiled is None:
        store.unlink()
    else:
        store.write_bytes(spoiled)
    on.people(5, first=100, name="people2.csv")
    for words in (["run"], ["status"], ["doctor"]):
        if words == ["run"]:
            on.run()
            assert on.runs[-1].finish() == 1
        else:
            assert on.command(*words, "--operation", str(on.place)) == 1, f"gsmsend {words[0]} took it for a store"
    on.told(SAYS.get(what, "store damaged"))
    assert len(on.far.events("submit")) == 30, "texts went out although nobody knew to whom"
    assert (store.read_bytes() if store.exists() else None) == spoiled, "the damaged file was written to"
    shutil.copy(copy, store)
    on.run()
    on.ends(0, {"delivered": 35})


def _few_in_doubt(on: Scene, most: int) -> None:
    doubtful = sum(row.state.value == "uncertain" for row in on.messages())
    assert doubtful <= most, f"{doubtful} texts are in doubt"
