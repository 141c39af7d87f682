"""The command line as a user meets it: arguments in; exit code, stdout and stderr out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from gsmsend import wiring
from gsmsend.cli import edge
from gsmsend.cli.group import main
from gsmsend.cli.init import make
from gsmsend.testing.scripted import ScriptedDriver

if TYPE_CHECKING:
    from . import approval_desk

Call = Callable[..., Result]
People = Callable[..., Path]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Run `gsmsend ARGS` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(edge, "_folder", None)

    def run(*args: object) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args], prog_name="gsmsend")

    return run


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    """A lab operation."""
    folder = tmp_path / "op"
    make(folder, lab=True)
    return folder


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> ScriptedDriver:
    """The only modem there is."""
    scripted = ScriptedDriver()

    def endpoints(_settings: object, ports: Any = ()) -> list[Any]:
        return [(scripted, scripted.endpoint(port)) for port in ports or ("fake1",)]

    monkeypatch.setattr(wiring, "endpoints", endpoints)
    return scripted


@pytest.fixture
def people(tmp_path: Path) -> People:
    """A CSV file of so many recipients in the drama range."""

    def write(count: int, *more: str) -> Path:
        path = tmp_path / "people.csv"
        lines = ["number,text", *(f"07700 900{n:03},Help is here {n}" for n in range(count)), *more]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def objects(result: Result) -> list[dict[str, Any]]:
    """The JSON lines of stdout."""
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def desk(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> approval_desk.Desk:
    """An operation of officers; `pc1` sits at the machine."""
    from gsmsend.campaign import signing
    from gsmsend.cli import approve as cli_approve
    from gsmsend.cli import keys, officer

    from . import approval_desk

    monkeypatch.setattr(signing, "_ROUNDS", 1000)
    monkeypatch.setattr(keys, "folder", lambda: tmp_path / "config" / "gsmsend" / "keys")
    for module in (officer, cli_approve):
        monkeypatch.setattr(module, "person", lambda: "pc1")
    monkeypatch.setattr("gsmsend.cli.operation.person", lambda: "pc1")
    monkeypatch.setattr("gsmsend.cli.operation.account", lambda: "pc1")
    folder = tmp_path / "op"
    make(folder, lab=False)
    found = approval_desk.Desk(call, folder)
    found.settle("names = []", 'names = ["Example Police"]')
    return found
