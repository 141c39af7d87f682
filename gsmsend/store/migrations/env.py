"""Alembic's entry: always online, always on the connection that gsmsend.store.migrate hands over."""

from alembic import context

from gsmsend.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
context.run_migrations()
