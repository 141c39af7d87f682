"""An operation whose store is on a server, as its own folder has it."""

from __future__ import annotations

from pathlib import Path

from tests.postgres.server import Cluster
from tests.run.far_end import lab

VARIABLE = "GSMSEND_TEST_DATABASE_PASSWORD"


def on_server(folder: Path, cluster: Cluster, schema: str) -> Path:
    """A fresh lab operation with one more line in its gsmsend.toml (and one for the password)."""
    place = lab(folder)
    stored(place, cluster.url(schema))
    return place


def stored(place: Path, url: str) -> None:
    """Put the store into an operation's gsmsend.toml."""
    config = place / "gsmsend.toml"
    text = config.read_text(encoding="utf-8")
    line = f'[operation]\nstore = "{url}"\nstore_password = "env:{VARIABLE}"\n'
    config.write_text(text.replace("[operation]\n", line, 1), encoding="utf-8")
