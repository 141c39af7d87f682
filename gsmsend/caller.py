"""What the command line says of itself, for the audit log: one process is one command."""

from __future__ import annotations

from collections.abc import Callable


class Caller:
    """Asked when a store is opened: the command's words, never its options; the officer who signed in, or ""."""

    command: Callable[[], str] = staticmethod(lambda: "")
    officer: Callable[[], str] = staticmethod(lambda: "")
