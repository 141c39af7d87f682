"""Where a store on PostgreSQL is: the server and database by a URL, the operation by its schema in there.

The password is never in the URL. Who connects asks for it each time, so it is in no object that may be printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from gsmsend.config.store_url import SCHEMA, split


def _no_password() -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Server:
    """One operation's schema in a PostgreSQL database.

    `url` is libpq's (PostgreSQL's manual, 34.1.1.2), of one or several hosts, with no password. `password` gives
    one, None where libpq finds it (~/.pgpass) or none is needed. `lab` lets a server be used that may lose what it
    has confirmed (fsync off): it is told, not refused.
    """

    url: str
    schema: str = SCHEMA
    lab: bool = False
    password: Callable[[], str | None] = field(default=_no_password, repr=False, compare=False)

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        named = f" (schema {self.schema})" if self.schema != SCHEMA else ""
        return f"{parts.scheme}://{parts.netloc.rpartition('/')[2]}{parts.path}{named}"


StorePlace = Path | Server
"""Where a store is: the file of the embedded one, or a database on a server."""


def parse(url: str) -> Server:
    """The server of a URL; `?schema=NAME` in it names the operation's schema. Raises ValueError as `split`."""
    return Server(*split(url))
