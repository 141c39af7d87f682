"""Keys and passwords of accounts: never in gsmsend.toml, which is copied and printed, but named there.

`env:NAME` is an environment variable, which is taken out of the environment; `keyring:SERVICE/USER` is an entry in
the keyring of the user's login, put there with `keyring set SERVICE USER`.
"""

from __future__ import annotations

import re

from gsmsend.errors import ConfigError, GuardStop, KeyStop
from gsmsend.guarding import take
from gsmsend.keyplace import ring

FORMS = '"env:NAME" or "keyring:SERVICE/USER"'
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def secret(where: str, value: object) -> str:
    """The secret that `value` names; `where` is its place: `gsmsend.toml: driver.twilio.auth_token`.

    Raises ConfigError if it is neither form (the value is not repeated: it may be the secret itself), GuardStop if
    the secret is not there or its keyring cannot be asked.
    """
    scheme, mark, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    if mark and scheme == "env" and _NAME.fullmatch(rest):
        return _one_line(where, _from_environment(where, rest))
    service, slash, user = rest.partition("/")
    if mark and scheme == "keyring" and service and slash and user and rest.isprintable():
        return _one_line(where, _from_keyring(where, service, user))
    raise ConfigError(
        f"{where}: expected {FORMS}, which names where the secret is; a secret never stands in a config",
        remedy="If what stands there is the secret itself, take it out, and have the provider make another.",
    )


def _from_environment(where: str, name: str) -> str:
    found = take(name)
    if found is None:
        raise GuardStop(
            f"{where}: the environment variable {name} is not set",
            remedy=f"Set {name} for the program that starts gsmsend, or name a keyring's entry in its place.",
        )
    return found


def _from_keyring(where: str, service: str, user: str) -> str:
    if not ring.there():
        raise GuardStop(
            f"{where}: there is no keyring that could be asked for {service}/{user} here",
            remedy="Log in to the desktop as the user who put it there. Where there is no desktop, write "
            '"env:NAME" in its place, and set that environment variable for the program that starts gsmsend.',
        )
    remedy = f"Log in to the desktop as the user who put it there, or put it there: keyring set {service} {user}"
    try:
        found = ring.password(service, user)
    except KeyStop as stop:
        raise GuardStop(f"{where}: {stop}", remedy=remedy) from None
    if found is None:
        raise GuardStop(f"{where}: the keyring has no entry {service}/{user}", remedy=remedy)
    return found


def _one_line(where: str, found: str) -> str:
    """The secret without the line end that files and pipes leave. Raises GuardStop if it is none at all."""
    word = found.strip()
    if not word or not word.isprintable():
        kind = "empty" if not word else "more than one line"
        raise GuardStop(f"{where}: the secret that it names is {kind}", remedy="Put the right one there.")
    return word
