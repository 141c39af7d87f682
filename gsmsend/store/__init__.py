"""The durable queue on SQLAlchemy Core: SQLite embedded."""

from gsmsend.store.reading import SqlView
from gsmsend.store.sql import SqlStore

__all__ = ["SqlStore", "SqlView"]
