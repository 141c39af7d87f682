"""Concatenated inbound parts joined into texts, in any order of arrival (TS 23.040 9.2.3.24.1 and .8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from gsmsend.sms.header import Concatenation
from gsmsend.sms.tpdu import Deliver
from gsmsend.sms.userdata import UserData, decode_text
from gsmsend.sms.values import Encoding, Language

_Key = tuple[str, int, int]

KEEP_S = 7 * 86400.0
"""How long parts wait for the others, unless said otherwise: service centres try for days, a week at most."""

APART_S = 86400.0
"""Parts that the service centre took in further apart than this are of two texts under one reference."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One text of one sender, whole or with gaps. `parts[seq - 1]` is None where part `seq` is missing.

    `first_s` and `last_s`: when its first and its latest part were added, on the caller's clock.
    """

    sender: str = field(repr=False)
    reference: int
    total: int
    parts: tuple[Deliver | None, ...]
    first_s: float
    last_s: float

    @property
    def missing(self) -> tuple[int, ...]:
        """Sequence numbers of the parts that have not come."""
        return tuple(seq for seq, part in enumerate(self.parts, 1) if part is None)

    @property
    def whole(self) -> bool:
        """Whether every part is there."""
        return None not in self.parts

    @property
    def text(self) -> str:
        """The text; a gap is shown as `[part 2 of 3 is missing]`."""
        shown = []
        at = 0
        for present, run in groupby(self.parts, key=lambda part: part is not None):
            parts = list(run)
            if present:
                shown.append(_text([part.user_data for part in parts if part is not None]))
            else:
                gaps = range(at + 1, at + len(parts) + 1)
                shown.append("".join(f"[part {seq} of {self.total} is missing]" for seq in gaps))
            at += len(parts)
        return "".join(shown)


@dataclass(slots=True)
class _Group:
    parts: list[Deliver | None]
    first_s: float
    last_s: float

    def view(self, key: _Key) -> Joined:
        sender, reference, total = key
        return Joined(sender, reference, total, tuple(self.parts), self.first_s, self.last_s)


class Joiner:
    """Joins parts by sender, reference and total. Pure but for its memory; the time is an argument.

    A part that came before is ignored, also once its text was joined, if it has the same service centre time.
    A part that differs from the one of the same place, or was sent a day apart from the others, starts a new
    text, as references come round again; the interrupted one is kept among the gaps until it expires. Call
    `expire` now and then, or memory grows.
    """

    def __init__(self, keep_s: float = KEEP_S) -> None:
        self._keep_s = keep_s
        self._open: dict[_Key, _Group] = {}
        self._joined: dict[_Key, _Group] = {}
        self._interrupted: list[Joined] = []

    def add(self, deliver: Deliver, now_s: float) -> Joined | None:
        """Take one received part, at `now_s` on a clock of seconds; the text if this part completes it.

        A message that is no part of a longer one is whole at once. None: parts are missing, or a duplicate.
        """
        sender = deliver.originator.text
        place = _place(deliver)
        if place is None:
            return Joined(sender, 0, 1, (deliver,), now_s, now_s)
        key = (sender, place.reference, place.total)
        done = self._joined.get(key)
        if done is not None and _delivered_again(done.parts[place.seq - 1], deliver):
            return None
        group = self._open.get(key)
        if group is not None:
            held = group.parts[place.seq - 1]
            if held is not None and held.user_data == deliver.user_data:
                return None
            if held is not None or _far_apart(group.parts, deliver):
                self._interrupted.append(group.view(key))
                group = None
        if group is None:
            group = self._open[key] = _Group([None] * place.total, now_s, now_s)
        group.parts[place.seq - 1] = deliver
        group.last_s = now_s
        if None in group.parts:
            return None
        del self._open[key]
        self._joined[key] = group
        return group.view(key)

    def gaps(self) -> tuple[Joined, ...]:
        """The texts that are not whole yet, oldest first."""
        waiting = [*self._interrupted, *(group.view(key) for key, group in self._open.items())]
        return tuple(sorted(waiting, key=lambda joined: joined.first_s))

    def expire(self, now_s: float) -> tuple[Joined, ...]:
        """Give up the texts whose latest part is older than is kept, and return them, oldest first."""
        given_up = tuple(joined for joined in self.gaps() if now_s - joined.last_s > self._keep_s)
        self._interrupted = [joined for joined in self._interrupted if joined not in given_up]
        self._open = self._recent(self._open, now_s)
        self._joined = self._recent(self._joined, now_s)
        return given_up

    def _recent(self, groups: dict[_Key, _Group], now_s: float) -> dict[_Key, _Group]:
        return {key: group for key, group in groups.items() if now_s - group.last_s <= self._keep_s}


def _place(deliver: Deliver) -> Concatenation | None:
    header = deliver.user_data.header
    return None if header is None else header.concatenation


def _delivered_again(held: Deliver | None, deliver: Deliver) -> bool:
    # A service centre that delivers twice keeps its stamp; the same words with another stamp are a new text.
    return (
        held is not None
        and held.user_data == deliver.user_data
        and held.service_centre_time == deliver.service_centre_time
    )


def _far_apart(parts: Sequence[Deliver | None], deliver: Deliver) -> bool:
    stamp = deliver.service_centre_time.epoch_s
    stamps = [part.service_centre_time.epoch_s for part in parts if part is not None]
    return stamp is not None and any(other is not None and abs(stamp - other) > APART_S for other in stamps)


def _text(parts: Sequence[UserData]) -> str:
    """Text of parts in a row. Joined before decoding: some senders cut through a surrogate or escape pair."""
    return "".join(
        decode_text(b"".join(part.payload for part in run), *alphabet)
        for alphabet, run in groupby(parts, key=_alphabet)
    )


def _alphabet(part: UserData) -> tuple[Encoding, Language, Language]:
    header = part.header
    if header is None:
        return part.encoding, Language.DEFAULT, Language.DEFAULT
    return part.encoding, header.locking, header.single
