"""Which programs may work on which stores: by the schema's revision, and the generation that it is of.

A revision is `NNNN`, or `G.NNNN` with its generation. Those without one are of generation 1, but the first six,
which knew no other program beside theirs, of 0. Within a generation migrations only add (ADR 24): so a program
works beside newer ones on a store that they have brought further, as long as the generation is its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from gsmsend import __version__
from gsmsend.errors import StoreError
from gsmsend.store.schema import HEAD

_REVISION = re.compile(r"(?:([1-9][0-9]*)\.)?([0-9]{4})")
_ALONE = 6
"""The last revision of generation 0."""


class Standing(Enum):
    """A store's schema as this program sees it."""

    CURRENT = "current"
    OLDER = "older"
    """It is to be brought further."""
    BESIDE = "beside"
    """A newer program brought it further within the generation: it is used as it is."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of the schema: its number, which grows over all generations, and its generation."""

    generation: int
    number: int

    @classmethod
    def of(cls, version: str) -> Revision | None:
        """As `alembic_version.version_num` has it; None for what is no revision."""
        found = _REVISION.fullmatch(version)
        if found is None:
            return None
        number = int(found[2])
        return cls(int(found[1]) if found[1] else int(number > _ALONE), number)


def judge(version: str, place: object, head: str = HEAD) -> Standing:
    """How a store of this schema is to be used by a program whose newest revision is `head`.

    Raises StoreError for one that another generation of programs has made.
    """
    own, found = Revision.of(head), Revision.of(version)
    if own is None or found is None:
        raise StoreError(
            f"the store {place} was made by another version of gsmsend (schema {version})",
            remedy="Use the newest gsmsend. The store was left as it is.",
        )
    if found == own:
        return Standing.CURRENT
    if found.number < own.number and found.generation <= own.generation:
        return Standing.OLDER
    if found.generation == own.generation:
        return Standing.BESIDE
    raise StoreError(
        f"the store {place} was brought further by a newer gsmsend: its schema is of generation "
        f"{found.generation}, and this one (version {__version__}) knows generation {own.generation}",
        remedy="Install that newer version on this host too, then give the same command again. The store was left "
        "as it is, and hosts that have the newer one go on.",
    )
