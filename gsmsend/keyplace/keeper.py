"""Keeps and fetches the key of one operation, wherever its terms say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from gsmsend.errors import KeyStop
from gsmsend.keyplace import ring
from gsmsend.keyplace.asking import NOBODY, Asker, no_new, no_way
from gsmsend.keyplace.envelope import Envelope, Place, check_of
from gsmsend.keyplace.home import Home

_HOW_TO_CHANGE = "To change that: gsmsend key move passphrase   (or keyring, on a computer whose login has one)"


@dataclass(frozen=True, slots=True)
class Keeper:
    """`keep` is the place that the settings name, None for the best one; `what` names the operation in words."""

    what: str
    home: Home
    keep: Place | None = None
    lab: bool = False
    asker: Asker = field(default_factory=NOBODY)

    def choose(self) -> Place:
        """Where a new key goes. Raises KeyStop if the settings name a place that cannot be used."""
        if self.keep is Place.KEYRING and not ring.usable():
            raise KeyStop(
                'gsmsend.toml says keep = "keyring" under [key], and this login has no keyring that can be used',
                remedy='Log in to the desktop, or choose another place there: keep = "passphrase" or "home".',
            )
        if self.keep is Place.PASSPHRASE and not self.asker.able:
            raise no_new(f"the key of {self.what}")
        if self.keep is not None:
            return self.keep
        if self.lab:
            return Place.HOME
        if ring.usable():
            return Place.KEYRING
        return Place.PASSPHRASE if self.asker.able else Place.HOME

    def fetch(self, envelope: Envelope) -> bytes:
        """The key. Raises KeyStop: it is not there, it is another's, or the passphrase cannot be had."""
        if (known := self.asker.opened.get(envelope.key_id)) is not None and envelope.fits(known):
            return known
        match envelope.place:
            case Place.KEYRING:
                octets = ring.get(envelope.key_id)
                if octets is None:
                    raise self._lost(
                        envelope,
                        f"is not in the keyring of this login ({ring.there()})",
                        "Log in as the user who made this operation.",
                    )
            case Place.PASSPHRASE:
                octets = self._asked(envelope)
            case Place.HOME:
                octets = self.home.get(envelope.key_id)
                if octets is None:
                    raise self._lost(
                        envelope,
                        f"is gone: it was in the user's own folder, and is not in {self.home.folder}",
                        f"Put {self.home.file(envelope.key_id).name} back there from a copy.",
                    )
            case Place.FOLDER:
                raise ValueError("an envelope never says folder")
            case _:
                assert_never(envelope.place)
        if not envelope.fits(octets):
            raise KeyStop(
                f"what is kept as the key of {self.what} ({envelope.place.value}, {envelope.key_id[:8]}) "
                "is another",
                remedy="Put the right one back, or type: gsmsend key restore FILE. Nothing is sent without it.",
            )
        self.asker.opened[envelope.key_id] = octets
        return octets

    def put(self, place: Place, key_id: str, octets: bytes) -> Envelope:
        """Keep a key there, see that it comes back, and say what its file must say. Raises KeyStop, UsageError."""
        envelope = Envelope(key_id, place, check_of(octets, key_id))
        match place:
            case Place.KEYRING:
                if not ring.usable():
                    raise KeyStop(
                        "this login has no keyring that can be used",
                        remedy="Log in to the desktop, or choose another place: passphrase or home.",
                    )
                ring.put(key_id, octets)
                back = ring.get(key_id)
            case Place.PASSPHRASE:
                passphrase = self.asker.new(f"the key of {self.what}")
                envelope = Envelope.under(passphrase, key_id, octets)
                back = Envelope.of(envelope.octets).opened(passphrase)
            case Place.HOME:
                self.home.put(key_id, octets)
                back = self.home.get(key_id)
            case Place.FOLDER:
                raise ValueError("in the operation's folder there is no envelope")
            case _:
                assert_never(place)
        if back != octets:
            raise KeyStop(f"the key was put into the {place.value} place, and did not come back as it was")
        self.asker.opened[key_id] = octets
        return envelope

    def drop(self, place: Place, key_id: str) -> None:
        """Take a key away from a place that it was moved from. Raises KeyStop."""
        if place is Place.KEYRING:
            ring.drop(key_id)
        elif place is Place.HOME:
            self.home.drop(key_id)

    def where(self, place: Place, key_id: str = "") -> str:
        """A place in plain English, to stand after "is" or "will be"."""
        match place:
            case Place.KEYRING:
                return f"in the keyring of this login ({ring.there() or 'there is none here'})"
            case Place.PASSPHRASE:
                return "under a passphrase, which is asked for"
            case Place.HOME:
                found = self.home.found(key_id) if key_id else None
                return f"in a file of this user's own: {found or self.home.folder}"
            case Place.FOLDER:
                return "in the operation's own folder, beside the store, in clear"
            case _:
                assert_never(place)

    def warning(self, place: Place) -> str:
        """What must be said of a place where others who have the disk find the key; nothing for the others."""
        if place is not Place.HOME or self.lab or self.keep is Place.HOME:
            return ""
        return (
            f"The key that opens the numbers and texts of {self.what} is {self.where(place)}. Whoever has this "
            "user's disk can read it: there is no keyring here, and nobody who could be asked for a passphrase.\n"
            f"{_HOW_TO_CHANGE}"
        )

    def _asked(self, envelope: Envelope) -> bytes:
        what = f"the key of {self.what}"
        if not self.asker.able:
            raise no_way(what)
        tries = self.asker.tries
        for more in reversed(range(tries)):
            octets = envelope.opened(self.asker.known(what))
            if octets is not None:
                return octets
            if more:
                self.asker.tell(f"That is not the passphrase; {more} more {'try' if more == 1 else 'tries'}.")
        raise KeyStop(
            f"that is not the passphrase of {what}, or its file was changed",
            remedy="Give the same command again. Nobody can recover a lost passphrase; with a backup of the key: "
            "gsmsend key restore FILE",
        )

    def _lost(self, envelope: Envelope, how: str, remedy: str) -> KeyStop:
        return KeyStop(
            f"the key of {self.what} ({envelope.key_id[:8]}) {how}",
            remedy=f"{remedy} With a backup of the key: gsmsend key restore FILE. Nothing is sent without it.",
        )
