"""Where a store on PostgreSQL is: the server and database by a URL, the operation by its schema in there.

The password is never in the URL. Who connects asks for it each time, so it is in no object that may be printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

SCHEMES = ("postgresql", "postgres")
SCHEMA = "gsmsend"
"""The schema of an operation whose URL names none."""
_SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SECRETS = ("password", "passfile", "sslpassword")
_OURS = ("options", "application_name", "client_encoding", "replication")


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


def is_url(words: str) -> bool:
    """Whether this is meant for a server."""
    return "://" in words


def parse(url: str) -> Server:
    """The server of a URL; `?schema=NAME` in it names the operation's schema.

    Raises ValueError, in words that go on from `expected`; the URL is not repeated, as it may hold a secret.
    """
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise ValueError('a URL such as "postgresql://gsmsend@db.example.org/bench"') from None
    if parts.scheme not in SCHEMES or not parts.path.strip("/") or parts.fragment:
        raise ValueError(
            'a URL that names a database, such as "postgresql://gsmsend@db.example.org/bench", or "" for the file '
            "gsmsend.db in the operation's folder"
        )
    user = parts.netloc.rpartition("@")[0]
    if ":" in user or any(name in _SECRETS for name, _ in query):
        raise ValueError(
            "a URL without a password: this file is copied and printed. Write store_password = "
            '"env:NAME" or "keyring:SERVICE/USER" beside it, or keep the password in ~/.pgpass '
            "(and change it, as it stood here)"
        )
    schema = dict(query).get("schema", SCHEMA)
    if not _SCHEMA_NAME.fullmatch(schema) or schema.startswith("pg_"):
        raise ValueError("a schema of small letters, digits and _, such as ?schema=bench_2")
    for name, _ in query:
        if name in _OURS:
            raise ValueError(f"a URL without {name}, which gsmsend sets by itself")
    kept = urlencode([pair for pair in query if pair[0] != "schema"], quote_via=quote)
    return Server(urlunsplit((parts.scheme, parts.netloc, parts.path, kept, "")), schema)
