"""The operation's key: a file of 32 random octets, without which the store's hashes of numbers say nothing.

A list of phone numbers is short enough to try them all against a plain hash; with the key apart from the store,
who has the store alone learns nobody's number.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from gsmsend.errors import StoreError, reason
from gsmsend.store import folder

NAME = "operation.key"
LENGTH = 32
"""Octets, as many as SHA-256 gives (RFC 2104, section 3)."""

_FOLLOW_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


class OperationKey:
    """The key at `path`, read when it is first needed and kept in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._octets: bytes | None = None

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self._path

    def digest(self, words: str) -> str:
        """HMAC-SHA256 of a number in E.164 (or of other words), 64 hex digits. Raises StoreError: not opened."""
        if self._octets is None:
            raise StoreError(f"{self._path} was not opened")
        return hmac.new(self._octets, words.encode(), hashlib.sha256).hexdigest()

    def subkey(self, purpose: str) -> bytes:
        """32 octets for one purpose: HKDF-Expand (RFC 5869, 2.3) of the key. Raises StoreError: not opened.

        What `digest` hashes never begins with the prefix used here, so neither says anything about the other.
        """
        if self._octets is None:
            raise StoreError(f"{self._path} was not opened")
        return hmac.new(self._octets, f"gsmsend key for {purpose}\x01".encode(), hashlib.sha256).digest()

    def open(self, *, needed: bool) -> bool:
        """Read the file; False if there is none and it is not `needed`. Raises StoreError."""
        if self._octets is not None:
            return True
        found = self._read()
        if found is not None and len(found) != LENGTH:
            if needed:
                raise self._lost(f"has {len(found)} octets, not {LENGTH}")
            return False
        if found is None and needed:
            raise self._lost("is gone")
        self._octets = found
        return found is not None

    def make(self) -> None:
        """Write a new key: readable by its owner only, never over an old one, on disk before this returns.

        For a store in which nothing is hashed yet. Raises StoreError.
        """
        octets = secrets.token_bytes(LENGTH)
        with suppress(OSError):
            if not self._path.is_symlink() and self._path.stat().st_size < LENGTH:
                self._path.unlink()  # a stop cut off its writing; nothing was hashed with it
        try:
            handle = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _FOLLOW_NO_LINK | _BINARY, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(octets)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise StoreError(
                f"the operation's key {self._path} cannot be made: {reason(error)}",
                remedy="Check the free space of that disk and your right to write to the folder.",
            ) from None
        folder.sync(self._path.parent)
        self._octets = octets

    def _read(self) -> bytes | None:
        if self._path.is_symlink():
            raise StoreError(
                f"{self._path} is a link to another file; the operation's key must lie in its folder",
                remedy="Put the file itself there, and see who made the link.",
            )
        if self._path.exists() and not self._path.is_file():
            raise StoreError(f"{self._path} is not a file; expected the operation's key")
        try:
            handle = os.open(self._path, os.O_RDONLY | _FOLLOW_NO_LINK | _BINARY)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(
                f"the operation's key {self._path} cannot be read: {reason(error)}",
                remedy="Ask whoever made the operation for the right to read it.",
            ) from None
        with os.fdopen(handle, "rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if os.name == "posix" and mode & 0o077:
                raise StoreError(
                    f"the operation's key {self._path} can be read by others (its mode is {mode & 0o777:04o})",
                    remedy=f"Allow it to its owner only: chmod 600 {self._path}",
                )
            return stream.read(LENGTH + 1)

    def _lost(self, what: str) -> StoreError:
        return StoreError(
            f"the operation's key {self._path} {what}, and people in its store must not be texted: without the "
            "key nobody knows who they are",
            remedy="Put the file back from a copy of this folder. Nothing is sent without it.",
        )
