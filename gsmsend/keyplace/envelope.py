"""The file `operation.key`: which key an operation has and where it is kept, as JSON. No secret by itself.

    {"format": "gsmsend key 1", "id": "<32 hex>", "place": "keyring", "check": "<32 hex>"}

Under a passphrase there is `sealed` too; a backup has `"format": "gsmsend key backup 1"`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from enum import StrEnum

from gsmsend.keyplace.sealing import Sealed, seal, unseal

LENGTH = 32
"""Octets of a key, as many as SHA-256 gives (RFC 2104, section 3)."""
LARGEST = 8192
"""Octets of an envelope; one takes some hundreds."""
_FORMAT = "gsmsend key 1"
_BACKUP = "gsmsend key backup 1"
_HEX = re.compile(r"[0-9a-f]{32}")


class Place(StrEnum):
    """Where a key is. FOLDER: its 32 octets as they are, beside the store, as in demos and old operations."""

    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105 # nosec B105 # a place, not a secret
    HOME = "home"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the file says. `check` tells the right key from any other; `sealed` is there under a passphrase."""

    key_id: str
    place: Place
    check: str
    sealed: Sealed | None = None
    backup: bool = False

    @property
    def octets(self) -> bytes:
        """The file."""
        fields: dict[str, object] = {
            "format": _BACKUP if self.backup else _FORMAT,
            "id": self.key_id,
            "place": self.place.value,
            "check": self.check,
        }
        if self.sealed is not None:
            fields["sealed"] = self.sealed.fields()
        return (json.dumps(fields, indent=1) + "\n").encode("ascii")

    @classmethod
    def of(cls, octets: bytes) -> Envelope:
        """Read a file. Raises ValueError naming the first field that is not as it must be."""
        try:
            fields = json.loads(octets.decode("ascii"))
        except (ValueError, RecursionError):
            raise ValueError("it is no JSON") from None
        if not isinstance(fields, dict) or fields.get("format") not in (_FORMAT, _BACKUP):
            raise ValueError("its format is not known")
        key_id, check = fields.get("id"), fields.get("check")
        if not all(isinstance(one, str) and _HEX.fullmatch(one) for one in (key_id, check)):
            raise ValueError("its id or check is missing or malformed")
        backup = fields["format"] == _BACKUP
        if fields.get("place") not in (Place.KEYRING, Place.PASSPHRASE, Place.HOME):
            raise ValueError("its place is not known")
        place = Place(fields["place"])
        if backup and place is not Place.PASSPHRASE:
            raise ValueError("a backup is always under a passphrase")
        try:
            sealed = Sealed.of(fields.get("sealed")) if place is Place.PASSPHRASE else None
        except ValueError as error:
            raise ValueError(f"what seals the key in it is malformed or not allowed ({error})") from None
        return cls(str(key_id), place, str(check), sealed, backup)

    @classmethod
    def under(cls, passphrase: str, key_id: str, octets: bytes, *, backup: bool = False) -> Envelope:
        """An envelope with the key in it, sealed."""
        check = check_of(octets, key_id)
        sealed = seal(octets, passphrase, _about(key_id, check, backup=backup))
        return cls(key_id, Place.PASSPHRASE, check, sealed, backup)

    def opened(self, passphrase: str) -> bytes | None:
        """The key in it; None for another passphrase, or if something in it was changed."""
        if self.sealed is None:
            return None
        found = unseal(self.sealed, passphrase, _about(self.key_id, self.check, backup=self.backup))
        return found if found is not None and self.fits(found) else None

    def fits(self, octets: bytes) -> bool:
        """Whether this is the key."""
        return len(octets) == LENGTH and hmac.compare_digest(check_of(octets, self.key_id), self.check)


def check_of(octets: bytes, key_id: str) -> str:
    """128 bits that tell a key from others and say nothing else about it.

    What else is hashed with a key (numbers, purposes of subkeys) never begins like this.
    """
    return hmac.new(octets, f"gsmsend key check 1\n{key_id}".encode(), hashlib.sha256).hexdigest()[:32]


def _about(key_id: str, check: str, *, backup: bool) -> str:
    return f"{_BACKUP if backup else _FORMAT}\n{key_id}\n{check}"
