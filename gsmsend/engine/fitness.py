"""Whether a text can be sent as it was queued, and whether a line can send at all. Pure."""

from __future__ import annotations

from gsmsend.contract import Claimed
from gsmsend.model import Registration
from gsmsend.sms import Segment, split

NO_NETWORK = {
    Registration.SEARCHING: "it looks for a network; if it finds none, try another place or another aerial",
    Registration.DENIED: "the network refuses this SIM; ask its operator, or try it in a phone",
    Registration.NOT_SEARCHING: "it has no network and looks for none; check its aerial, then plug it in again",
}
"""Why a line has no network, by its registration."""
_IN_PART = (
    "it went out part by part, and this route takes only whole texts: it cannot carry the rest, and the whole "
    "text would come on top of what was read"
)
_DRAMA = ("+447700900", 13)


def is_drama(number: str) -> bool:
    """Whether a number is of Ofcom's range for drama, +447700900000 to +447700900999: nobody has it."""
    return number.startswith(_DRAMA[0]) and len(number) == _DRAMA[1]


def segments_of(text: str, total: int, *, national: bool) -> tuple[Segment, ...]:
    """The segments of a text that was counted as `total`; empty if it cannot be split so any more."""
    for tables in (national, not national):
        segments = split(text, national=tables).segments
        if len(segments) == total:
            return segments
    return ()


def fit(
    message: Claimed, *, national: bool, virtual: bool, whole: bool = False
) -> tuple[tuple[Segment, ...], str]:
    """The segments of a claimed text; or none, and why it cannot be sent. `whole`: the route takes whole texts."""
    segments = segments_of(message.text, message.total, national=national)
    if is_drama(message.number) and not virtual:
        return (), "numbers of the drama range (07700 900000 to 900999) can be used with virtual modems only"
    if not segments or not message.parts:
        return (), "the text cannot be split as it was when it was imported; import it again"
    if whole and len(message.parts) < message.total:
        return (), _IN_PART
    return segments, ""
