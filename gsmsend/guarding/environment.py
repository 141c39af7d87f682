"""Secrets that came in environment variables, taken out of the environment before anything else can see them."""

from __future__ import annotations

import os

_taken: dict[str, str] = {}


def take(name: str) -> str | None:
    """The value of a variable, None if it was never set; from then on the environment does not have it.

    Child processes do not inherit it, and what the system shows of this process's environment has zeros there.
    """
    value = os.environ.get(name)
    if value is not None:
        _taken[name] = value
        _wipe(name)
        del os.environ[name]
    return _taken.get(name)


def _wipe(name: str) -> None:
    """Overwrite the value where this process began with it: /proc/PID/environ is that very memory."""
    if os.name != "posix":
        return
    import ctypes  # noqa: PLC0415 - ten milliseconds that only operations with a PIN need

    try:
        getenv = ctypes.CDLL(None).getenv
    except (OSError, AttributeError):  # a C library that cannot be asked: it is still unset
        return
    getenv.restype, getenv.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    place = getenv(os.fsencode(name))
    if place:
        ctypes.memset(place, 0, len(ctypes.string_at(place)))
