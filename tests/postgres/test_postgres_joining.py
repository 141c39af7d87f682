"""A second computer joins an operation: one line of config, and the key by its passphrase or from a backup."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.postgres.scene import VARIABLE
from tests.postgres.server import PASSWORD, Cluster
from tests.run.far_end import GSMSEND, people

Host = Callable[..., subprocess.CompletedProcess[str]]
WORDS = "correct horse battery staple"


def host(folder: Path) -> Host:
    """Commands of one computer: its user has folders of their own for keys and for what is remembered."""
    folder.mkdir()
    own = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state"), VARIABLE: PASSWORD}

    def gsmsend(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*GSMSEND, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=90,
            env={**os.environ, **own, "COLUMNS": "100"},
        )  # fmt: skip

    return gsmsend


@pytest.fixture
def words(tmp_path: Path) -> str:
    """A file with a passphrase."""
    place = tmp_path / "words"
    place.write_text(WORDS + "\n", encoding="utf-8")
    place.chmod(0o600)
    return str(place)


def joining(tmp_path: Path, cluster: Cluster) -> tuple[Host, Host, list[str]]:
    """The computer where an operation was begun, with three texts queued, another one, and how it joins."""
    first, second = host(tmp_path / "first"), host(tmp_path / "second")
    url = cluster.url(cluster.new_schema())
    init = ["init", "op", "--lab", "--store", url, "--store-password", f"env:{VARIABLE}"]
    made = first(*init)
    assert made.returncode == 0, made.stderr
    assert "joined" not in made.stdout
    return first, second, init


def test_with_the_key_under_a_passphrase_that_is_all_it_needs(
    tmp_path: Path, postgres: Cluster, words: str
) -> None:
    first, second, init = joining(tmp_path, postgres)
    opened = ["--operation", "op", "--passphrase-file", words]
    texts = str(people(tmp_path, 3))
    assert first("import", texts, "--operation", "op").returncode == 0
    moved = first("key", "move", "passphrase", "--operation", "op", "--new-passphrase-file", words)
    assert moved.returncode == 0, moved.stderr
    joined = second(*init)
    assert joined.returncode == 0, joined.stderr
    assert "This computer joined the operation in postgresql://" in joined.stdout
    assert "Its key is under the passphrase" in joined.stdout
    assert PASSWORD not in joined.stdout + joined.stderr
    again = second("import", texts, *opened)
    assert again.returncode == 0, again.stderr
    told = second("messages", *opened, "--json")
    assert told.returncode == 0, told.stderr
    assert len([json.loads(line) for line in told.stdout.splitlines()]) == 3, "the same list, seen from there"
    assert second("verify", *opened).returncode == 0


def test_where_the_key_is_not_in_the_database_it_says_how_it_comes(
    tmp_path: Path, postgres: Cluster, words: str
) -> None:
    first, second, init = joining(tmp_path, postgres)
    texts = str(people(tmp_path, 3))
    assert first("import", texts, "--operation", "op").returncode == 0
    joined = second(*init)
    assert joined.returncode == 0, joined.stderr
    said = " ".join(joined.stdout.split())
    assert "its key is not on this one" in said
    assert "gsmsend key backup FILE" in said
    stopped = second("import", texts, "--operation", "op")
    assert stopped.returncode == 5
    assert "its key is not on this one" in " ".join(stopped.stderr.split())
    backup = str(tmp_path / "stick")
    kept = first("key", "backup", backup, "--operation", "op", "--new-passphrase-file", words)
    assert kept.returncode == 0, kept.stderr
    restored = second("key", "restore", backup, "--operation", "op", "--passphrase-file", words)
    assert restored.returncode == 0, restored.stderr
    told = second("messages", "--operation", "op", "--json")
    assert told.returncode == 0, told.stderr
    assert len(told.stdout.splitlines()) == 3


def test_the_key_of_another_operation_is_refused(tmp_path: Path, postgres: Cluster) -> None:
    first, second, init = joining(tmp_path, postgres)
    assert first("import", str(people(tmp_path, 1)), "--operation", "op").returncode == 0
    assert second("init", "op", "--lab").returncode == 0
    assert second("import", str(people(tmp_path, 1)), "--operation", "op").returncode == 0
    config = tmp_path / "second" / "op" / "gsmsend.toml"
    line = f'[operation]\nstore = "{init[4]}"\nstore_password = "env:{VARIABLE}"\n'
    config.write_text(config.read_text(encoding="utf-8").replace("[operation]\n", line), encoding="utf-8")
    refused = second("import", str(people(tmp_path, 2)), "--operation", "op")
    assert refused.returncode == 5
    assert "is the key of another operation" in " ".join(refused.stderr.split())
