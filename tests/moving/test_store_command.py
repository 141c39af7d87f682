"""`gsmsend store` and `gsmsend store move`, as somebody at a terminal gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gsmsend import config, wiring
from gsmsend.cli import edge
from gsmsend.cli.group import main
from gsmsend.contract.leasing import Joining
from gsmsend.store import SqlStore, moving
from tests.postgres.server import Cluster

Call = Callable[..., Result]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(edge, "_folder", None)

    def run(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], prog_name="gsmsend")

    return run


@pytest.fixture
def lab(call: Call, tmp_path: Path) -> Path:
    """An operation with three people to text."""
    call("init", tmp_path / "op", "--lab")
    rows = tmp_path / "people.csv"
    rows.write_text("number,text\n" + "".join(f"0770090000{n},Help {n}\n" for n in range(3)), encoding="utf-8")
    assert call("import", rows, "--operation", tmp_path / "op").exit_code == 0
    return tmp_path / "op"


def url(postgres: Cluster) -> str:
    place = postgres.place()
    return f"{place.url}&schema={place.schema}"


def named(folder: Path, line: str) -> None:
    """Write it under [operation], as the command asks for."""
    file = folder / config.FILE
    kept = [one for one in file.read_text(encoding="utf-8").splitlines() if not one.startswith("store =")]
    kept.insert(kept.index("[operation]") + 1, line)
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")


def _cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def queued(call: Call, folder: Path) -> int:
    found = call("status", "--operation", folder, "--json")
    assert found.exit_code == 0, found.output
    return int(json.loads(found.stdout)["totals"]["queued"])


def test_there_and_back(call: Call, lab: Path, postgres: Cluster) -> None:
    there = url(postgres)
    done = call("store", "move", "--to", there, "--operation", lab)
    assert done.exit_code == 0, done.output
    assert f'store = "{there}"' in done.stdout
    refused = call("status", "--operation", lab)
    assert refused.exit_code == 5
    assert f'Write under [operation] in gsmsend.toml: store = "{there}"' in " ".join(refused.stderr.split())
    named(lab, f'store = "{there}"')
    assert queued(call, lab) == 3
    assert call("verify", "--operation", lab).exit_code == 0
    shown = json.loads(call("store", "--operation", lab, "--json").stdout)
    assert (shown["store"], shown["there"], shown["generation"]) == (there, True, 1)
    back = call("store", "move", "--to", "sqlite", "--operation", lab)
    assert back.exit_code == 0, back.output
    assert call("status", "--operation", lab).exit_code == 5
    named(lab, 'store = ""')
    assert queued(call, lab) == 3
    assert call("verify", "--operation", lab).exit_code == 0


def test_a_move_that_was_decided_and_cut_off_is_ended_by_whatever_opens_the_new_store(
    call: Call, lab: Path, postgres: Cluster
) -> None:
    there = url(postgres)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving, "finish", _cut_off)
        call("store", "move", "--to", there, "--operation", lab)
    assert call("status", "--operation", lab).exit_code == 5
    named(lab, f'store = "{there}"')
    assert queued(call, lab) == 3
    assert call("verify", "--operation", lab).exit_code == 0
    assert call("store", "move", "--to", "sqlite", "--operation", lab).exit_code == 0


def test_no_move_while_a_run_goes_on_here_or_on_another_host(call: Call, lab: Path, postgres: Cluster) -> None:
    there = url(postgres)
    with wiring.operation_lock(config.load(lab)):
        refused = call("store", "move", "--to", there, "--operation", lab)
    assert refused.exit_code == 5
    assert "in use by" in refused.stderr
    assert call("store", "move", "--to", there, "--operation", lab).exit_code == 0
    named(lab, f'store = "{there}"')
    with closing(wiring.open_store(config.load(lab))) as store:
        assert isinstance(store, SqlStore)
        store.join(Joining("bench-2", "0" * 16, "1" * 16, 60.0), 0.0)
        refused = call("store", "move", "--to", "sqlite", "--operation", lab)
        assert refused.exit_code == 5
        assert "in use by bench-2" in refused.stderr
        store.leave(0.0)
    done = call("store", "move", "--to", "sqlite", "--operation", lab)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("sqlite", "the store is there already"),
        ("mysql://x/y", "expected sqlite, or a URL that names a database"),
        ("postgresql://gsmsend:secret@127.0.0.1/bench", "a URL without a password"),
    ],
)
def test_a_place_that_is_none(call: Call, lab: Path, to: str, said: str) -> None:
    refused = call("store", "move", "--to", to, "--operation", lab)
    assert refused.exit_code == 2
    assert said in " ".join(refused.stderr.split())
    assert "secret" not in refused.output
    assert queued(call, lab) == 3


def test_before_the_first_import_there_is_nothing_to_move(call: Call, tmp_path: Path, postgres: Cluster) -> None:
    call("init", tmp_path / "new", "--lab")
    refused = call("store", "move", "--to", there := url(postgres), "--operation", tmp_path / "new")
    assert refused.exit_code == 2
    assert f'write under [operation] in gsmsend.toml: store = "{there}"' in " ".join(refused.stderr.split())
    assert json.loads(call("store", "--operation", tmp_path / "new", "--json").stdout)["there"] is False


def test_what_the_new_store_is_not_is_never_a_store(call: Call, lab: Path, postgres: Cluster) -> None:
    """Nobody takes what arrives for a store while the old one is in use."""
    there = url(postgres)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving, "_checked", _cut_off)
        call("store", "move", "--to", there, "--operation", lab)
    named(lab, f'store = "{there}"')
    refused = call("status", "--operation", lab)
    assert refused.exit_code == 5
    assert 'Write under [operation] in gsmsend.toml: store = ""' in " ".join(refused.stderr.split())
    named(lab, 'store = ""')
    assert queued(call, lab) == 3
