"""The URL of a store on a server as gsmsend.toml names it: libpq's, with a schema and without a password."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

SCHEMES = ("postgresql", "postgres")
SCHEMA = "gsmsend"
"""The schema of an operation whose URL names none."""
_SCHEMA_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SECRETS = ("password", "passfile", "sslpassword")
_OURS = ("options", "application_name", "client_encoding", "replication", "fallback_application_name", "service")
_EXAMPLE = '"postgresql://gsmsend@db.example.org/bench"'


class Secret(ValueError):
    """What stands there has a password in it, and must not be repeated."""


def split(url: str) -> tuple[str, str]:
    """The URL for libpq, and the operation's schema, which `?schema=NAME` in it gives.

    Raises ValueError in words that go on from `expected`; Secret if a password stands in it.
    """
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise Secret(f"a URL such as {_EXAMPLE}") from None
    if ":" in parts.netloc.rpartition("@")[0] or any(name in _SECRETS for name, _ in query):
        raise Secret(
            "a URL without a password, as this file is copied and printed: write store_password = "
            '"env:NAME" or "keyring:SERVICE/USER" beside it, or leave the password to ~/.pgpass; and choose '
            "another one, as this one stood here"
        )
    if parts.scheme not in SCHEMES or not parts.path.strip("/") or parts.fragment:
        raise ValueError(
            f'a URL that names a database, such as {_EXAMPLE}; "" for the file gsmsend.db in the folder'
        )
    schema = dict(query).get("schema", SCHEMA)
    if not _SCHEMA_NAME.fullmatch(schema) or schema.startswith("pg_"):
        raise ValueError("a schema of small letters, digits and _, such as ?schema=bench_2")
    for name, _ in query:
        if name in _OURS:
            raise ValueError(f"a URL without {name}, which gsmsend sets by itself")
    kept = urlencode([pair for pair in query if pair[0] != "schema"], quote_via=quote)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, kept, "")), schema
