"""Words for a text of several parts of which some went out and the rest never will."""

from __future__ import annotations

from collections.abc import Sequence


def sent_in_part(out: Sequence[int], total: int, why: str) -> str:
    """`why` after which parts went out: `out` are their numbers, from 1, of `total`. Only `why` if none did."""
    if not out:
        return why
    first, last = list(out[:-1]), out[-1]
    named = f"parts {', '.join(map(str, first))} and {last}" if first else f"part {last}"
    words = f"{named} of {total} went out and cannot be called back, the rest did not"
    return f"{words}: {why}" if why else words
