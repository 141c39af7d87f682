"""The keyring of the user's login, by the package keyring: Secret Service, KWallet, Keychain, Windows' vault.

Only backends that keep what they hold from others: `fail`, `null` and the plaintext ones rank themselves below 1
and are passed over, and so are those of keyrings.alt (files that ask for a passphrase in the midst of a run).
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from gsmsend.errors import KeyStop

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "gsmsend"
ANSWERS_WITHIN_S = 10.0
"""A keyring service that nobody can unlock may never answer."""
PERSON_WITHIN_S = 120.0
"""The desktop may ask for the login's password first."""
_LEAST_PRIORITY = 1
_NEVER = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
_WAYS_OUT = (
    "Log in to the desktop as the user who made this operation, and try again. On another computer, or if it is "
    "gone: gsmsend key restore FILE"
)
T = TypeVar("T")


def usable() -> str:
    """The name of a keyring that takes something, gives it back and lets it go; nothing if there is none."""
    backend = _backend()
    if backend is None:
        return ""
    name, word = f"probe-{secrets.token_hex(8)}", secrets.token_hex(8)

    def probe() -> bool:
        backend.set_password(SERVICE, name, word)
        same = backend.get_password(SERVICE, name) == word
        backend.delete_password(SERVICE, name)
        return same

    try:
        return name_of(backend) if _within(probe) else ""
    except KeyStop:
        return ""


def there() -> str:
    """The name of the keyring, without asking anything of it; nothing if there is none."""
    backend = _backend()
    return name_of(backend) if backend is not None else ""


def get(key_id: str) -> bytes | None:
    """The key of this id, None if the keyring has none. Raises KeyStop if there is no keyring to ask."""
    backend = _required()
    found = _within(lambda: backend.get_password(SERVICE, key_id))
    try:
        return bytes.fromhex(found) if found is not None else None
    except ValueError:
        return b""


def password(service: str, user: str) -> str | None:
    """What the user has put there under another service, None if nothing. Raises KeyStop."""
    backend = _required()
    return _within(lambda: backend.get_password(service, user))


def put(key_id: str, octets: bytes) -> None:
    """Keep a key. Raises KeyStop."""
    backend = _required()
    _within(lambda: backend.set_password(SERVICE, key_id, octets.hex()))


def drop(key_id: str) -> None:
    """Take a key away, if it is there. Raises KeyStop."""
    backend = _required()

    def gone() -> None:
        if backend.get_password(SERVICE, key_id) is not None:
            backend.delete_password(SERVICE, key_id)

    _within(gone)


def name_of(backend: KeyringBackend) -> str:
    """As its users know it."""
    return str(backend.name)


def _backend() -> KeyringBackend | None:
    # Most commands touch no keyring, and to look for one takes a tenth of a second.
    try:
        import keyring  # noqa: PLC0415

        chosen = keyring.get_keyring()
        # A chainer writes to the first and reads from all: one of them is enough, and known.
        every: Iterable[Any] = getattr(chosen, "backends", None) or [chosen]
        return next((one for one in every if _safe(one)), None)
    except Exception:  # noqa: BLE001 - plug-ins of others, and a setting that names one which is not there
        return None


def _safe(backend: KeyringBackend) -> bool:
    module = type(backend).__module__
    return backend.priority >= _LEAST_PRIORITY and not module.startswith(_NEVER)


def _required() -> KeyringBackend:
    backend = _backend()
    if backend is None:
        raise KeyStop(
            "the operation's key is in the keyring of a login, and there is no keyring that could be asked here",
            remedy=_WAYS_OUT,
        )
    return backend


def _within(call: Callable[[], T]) -> T:
    """What a keyring answers, in time. Raises KeyStop with its own words."""
    results: list[T] = []
    faults: list[BaseException] = []

    def ask() -> None:
        try:
            results.append(call())
        except Exception as fault:  # noqa: BLE001 - each backend has errors of its own
            faults.append(fault)

    asking = threading.Thread(target=ask, name="keyring", daemon=True)
    asking.start()
    patience_s = PERSON_WITHIN_S if _somebody() else ANSWERS_WITHIN_S
    asking.join(patience_s)
    if results:
        return results[0]
    if not faults:
        raise KeyStop(f"the keyring did not answer within {patience_s:.0f} seconds", remedy=_WAYS_OUT)
    words = str(faults[0]).strip().rstrip(".") or type(faults[0]).__name__
    raise KeyStop(f"the keyring refused: {words}", remedy=_WAYS_OUT)


def _somebody() -> bool:
    """Whether the desktop could ask a person."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
