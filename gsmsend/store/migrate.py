"""Bringing an older store to the newest schema with Alembic."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from gsmsend.errors import StoreError
from gsmsend.store import wiping
from gsmsend.store.seals import Seals
from gsmsend.store.server import StorePlace
from gsmsend.store.vault import attach

_FOLDER = Path(__file__).parent / "migrations"


def configuration(connection: sa.Connection) -> Config:
    """Alembic's configuration on an open connection: its transaction is ours."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: sa.Connection, path: StorePlace, version: str, seals: Seals) -> None:
    """Upgrade within the connection's transaction, and have what the tables held before wiped from the files.

    Raises StoreError on a revision that is not known here, or if the operation's key is lost.
    """
    config = configuration(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version not in known:
        raise StoreError(
            f"the store {path} was made by another version of gsmsend (schema {version})",
            remedy="Use the newest gsmsend. The store was left as it is.",
        )
    attach(connection, seals)
    try:
        command.upgrade(config, "head")
    except BaseException:
        seals.clear()
        raise
    wiping.want(connection)
