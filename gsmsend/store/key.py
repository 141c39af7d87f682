"""The operation's key: 32 random octets, without which neither the store's hashes nor what it seals say anything.

A list of phone numbers is short enough to try them all against a plain hash; with the key apart from the store,
who has the store alone learns nobody's number. Beside the store lies `operation.key`, an envelope that says where
the key is (gsmsend.keyplace); in demos and old operations it is the key itself.

Nothing is asked before the key is needed: `open` looks at the file, `digest` and `subkey` have the key fetched.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gsmsend.errors import KeyStop, PlaceStop, StoreError, reason
from gsmsend.keyplace import LENGTH, Envelope, Keeper, Place, cores, files, moving
from gsmsend.keyplace.envelope import LARGEST

__all__ = ["LENGTH", "NAME", "OperationKey"]

NAME = "operation.key"


class OperationKey:
    """The key of the file `path`, fetched when it is first needed and kept in memory. Thread-safe.

    `keeper` knows the places; without one a new key is made in the file itself, as in demos.
    """

    def __init__(self, path: Path, keeper: Keeper | None = None) -> None:
        self._path = path
        self._keeper = keeper
        self._lock = threading.RLock()
        self._octets: bytes | None = None
        self._envelope: Envelope | None = None
        self._prepared: tuple[str, bytes, Place, Envelope | None] | None = None
        self._expected: dict[str, str] = {}
        self.shared_in = ""
        """The store that other computers work with too, which may have the key that is not here."""

    @classmethod
    def holding(cls, path: Path, octets: bytes) -> OperationKey:
        """A key that is in hand already, such as one from a backup; the file is not looked at."""
        cores.off()
        key = cls(path)
        key._octets = octets
        return key

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self._path

    @property
    def place(self) -> Place | None:
        """Where the key is kept; None if there is none yet. Raises KeyStop for a file that is damaged."""
        if not self.open(needed=False):
            return None
        return self._envelope.place if self._envelope is not None else Place.FOLDER

    @property
    def key_id(self) -> str:
        """The id of the key by which its place finds it; nothing for one in the folder."""
        self.open(needed=True)
        return self._envelope.key_id if self._envelope is not None else ""

    @property
    def own_id(self) -> str:
        """The key's own id, the same in every place, also in the folder; "" if there is no key. Raises KeyStop."""
        with self._lock:
            if not self.open(needed=False):
                return ""
            return self._envelope.key_id if self._envelope is not None else moving.id_of(self._octets or b"")

    @property
    def envelope(self) -> Envelope | None:
        """What the file says; None for the key itself, or if there is none. Raises KeyStop."""
        return self._envelope if self.open(needed=False) else None

    def join(self, envelope: Envelope) -> None:
        """Work with the key of an operation that is there already, by the envelope that it laid there.

        Nothing if there is a file here. Raises PlaceStop.
        """
        with self._lock, suppress(FileExistsError):
            try:
                files.write_new(self._path, envelope.octets)
            except FileExistsError:
                raise
            except OSError as error:
                raise self._not_made(error) from None

    def digest(self, words: str) -> str:
        """HMAC-SHA256 of a number in E.164 (or of other words), 64 hex digits. Raises KeyStop."""
        octets = self._octets or self.unlock()
        return hmac.digest(octets, words.encode(), "sha256").hex()

    def subkey(self, purpose: str) -> bytes:
        """32 octets for one purpose: HKDF-Expand (RFC 5869, 2.3) of the key. Raises KeyStop.

        What `digest` hashes never begins with the prefix used here, so neither says anything about the other.
        """
        octets = self._octets or self.unlock()
        return hmac.new(octets, f"gsmsend key for {purpose}\x01".encode(), hashlib.sha256).digest()

    def expect(self, words: str, digest: str) -> None:
        """Hold the key to it: of this operation's, `digest(words)` is so.

        Raises KeyStop if it is another's: at once or, where it is not fetched yet, when it is.
        """
        self._expected[words] = digest
        if self._octets is not None:
            self._check(self._octets)

    def open(self, *, needed: bool) -> bool:
        """Look at the file; False if there is none and it is not `needed`. Asks nobody. Raises KeyStop."""
        with self._lock:
            if self._octets is not None or self._envelope is not None:
                return True
            found = files.read(self._path, LARGEST, trusted=True)
            if found is None:
                if needed:
                    raise self._lost("is gone") if not self.shared_in else self._not_here()
                return False
            if found.startswith(b"{") and len(found) > LENGTH:
                self._envelope = self._read(found)
                return True
            found = files.read(self._path, LENGTH) or b""  # the key itself: for nobody else to read
            if len(found) != LENGTH:
                if needed:
                    raise self._lost(f"has {len(found)} octets, not {LENGTH}")
                return False
            cores.off()
            self._octets = found
            return True

    def unlock(self) -> bytes:
        """Fetch the key from its place, asking for a passphrase if it is under one. Raises KeyStop."""
        with self._lock:
            self.open(needed=True)
            if self._octets is None:
                assert self._envelope is not None  # noqa: S101 - `open` raises if there is neither
                cores.off()
                octets = self._kept().fetch(self._envelope)
                self._check(octets)
                self._octets = octets
            return self._octets

    def at_hand(self) -> bool:
        """Whether it is here, or can be had without asking anybody or waiting for a desktop."""
        with self._lock:
            try:
                if self._octets is None and self.open(needed=False) and self._octets is None:
                    if self.place not in {Place.HOME, Place.FOLDER}:
                        return False
                    self.unlock()
            except KeyStop:
                return False
            return self._octets is not None

    def prepare(self) -> None:
        """Before there is a key: choose its place, and ask for a new passphrase if it goes under one.

        Nothing is written. Raises KeyStop, UsageError.
        """
        with self._lock:
            if self._keeper is None or self._prepared is not None or self.open(needed=False):
                return
            cores.off()
            octets, place = secrets.token_bytes(LENGTH), self._keeper.choose()
            key_id = moving.id_of(octets)
            envelope = self._keeper.put(place, key_id, octets) if place is Place.PASSPHRASE else None
            self._prepared = key_id, octets, place, envelope

    def tidy(self) -> None:
        """Take away what a move that was cut off left beside the file. Raises StoreError."""
        try:
            files.tidy(self._path)
        except OSError as error:
            raise StoreError(
                f"what is left of an earlier place of the key beside {self._path} cannot be removed: "
                f"{reason(error)}",
                remedy="Remove it yourself: it may hold the key in clear.",
            ) from None

    def make(self) -> None:
        """Make a new key: never over an old one, in its place and on disk before this returns.

        For a store in which nothing is hashed or sealed yet. Raises StoreError.
        """
        with self._lock:
            cores.off()
            with suppress(OSError):
                if not self._path.is_symlink() and self._path.stat().st_size < LENGTH:
                    self._path.unlink()  # a stop cut off its writing; nothing was hashed with it
            if self._keeper is None:
                self._octets = self._make_plain()
            else:
                self._octets = self._make_in_place(self._keeper)

    def _make_plain(self) -> bytes:
        octets = secrets.token_bytes(LENGTH)
        try:
            files.write(self._path, octets)
        except OSError as error:
            raise self._not_made(error) from None
        return octets

    def _make_in_place(self, keeper: Keeper) -> bytes:
        self.prepare()
        if self._prepared is None:
            raise StoreError(f"{self._path} is there already; no new key is made")
        key_id, octets, place, envelope = self._prepared
        if envelope is None:
            try:
                envelope = keeper.put(place, key_id, octets)
            except KeyStop as problem:
                if place is not Place.HOME or not keeper.lab:
                    raise
                # A lab needs no ceremony, not even a folder of its user's own.
                keeper.asker.tell(f"{problem}. It is kept in {self._path}, as this is a lab.")
                return self._make_plain()
        try:
            files.write_new(self._path, envelope.octets)
        except OSError as error:
            with suppress(KeyStop):
                keeper.drop(place, key_id)
            raise self._not_made(error) from None
        self._envelope = envelope
        if words := keeper.warning(place):
            keeper.asker.tell(words)
        return octets

    def move(self, to: Place, record: Callable[[], None]) -> None:
        """Keep the key in another place; `record` puts that on record. Raises KeyStop, StoreError, UsageError."""
        with self._lock:
            octets = self.unlock()
            self._envelope = moving.move(self._path, self._kept(), octets, self._envelope, to, record)

    def back_up(self, file: Path, passphrase: str) -> None:
        """Write the key into a new file, under a passphrase of its own. Raises KeyStop, UsageError."""
        octets = self.unlock()
        key_id = self._envelope.key_id if self._envelope is not None else moving.id_of(octets)
        moving.back_up(file, key_id, octets, passphrase)

    def _kept(self) -> Keeper:
        if self._keeper is None:
            raise KeyStop(f"{self._path} says that the key is kept elsewhere, and nothing here knows that place")
        return self._keeper

    def _read(self, found: bytes) -> Envelope:
        try:
            envelope = Envelope.of(found)
        except ValueError as error:
            raise self._lost(f"is damaged: {error}") from None
        if envelope.backup:
            raise self._lost("is a backup, to be put back with 'gsmsend key restore'")
        return envelope

    def _check(self, octets: bytes) -> None:
        for words, digest in self._expected.items():
            if not hmac.compare_digest(hmac.new(octets, words.encode(), hashlib.sha256).hexdigest(), digest):
                raise KeyStop(
                    f"{self._path} is the key of another operation; with it nobody can tell who must not be "
                    "texted",
                    remedy="Put this operation's own file back from a copy of its folder. Nothing is sent without "
                    "it.",
                )

    def _not_made(self, error: OSError) -> PlaceStop:
        return PlaceStop(
            f"the operation's key {self._path} cannot be made: {reason(error)}",
            remedy="Check the free space of that disk and your right to write to the folder.",
        )

    def _not_here(self) -> KeyStop:
        return KeyStop(
            f"the operation in {self.shared_in} was begun on another computer, and its key is not on this one "
            f"({self._path}): without it nobody knows who must not be texted",
            remedy="On a computer that has it: gsmsend key backup FILE. Bring that file here by hand, and type: "
            "gsmsend key restore FILE. Nothing is sent without it.",
        )

    def _lost(self, what: str) -> KeyStop:
        return KeyStop(
            f"the operation's key {self._path} {what}, and people in its store must not be texted: without the "
            "key nobody knows who they are",
            remedy="Put the file back from a copy of this folder, or type: gsmsend key restore FILE (a backup of "
            "the key). Nothing is sent without it.",
        )
