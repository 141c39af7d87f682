"""What a pack may show: the variants, and for each sealed value whether it is in this one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gsmsend.audit import Kind
from gsmsend.evidence.entries import Entry
from gsmsend.evidence.story import Story
from gsmsend.evidence.verify import HIDDEN, Message
from gsmsend.masking import FORGOTTEN, mask_number

_NUMBER = re.compile(r"\d(?:[\s().-]{0,2}\d){6,}")
"""A telephone number in a reply: seven digits or more, however they are grouped."""
_FEWEST = 3
"""A content with fewer recipients has a digest of their numbers that could be found by trying."""


class Variant(StrEnum):
    """Whom a pack is for."""

    FULL = "full"
    REDACTED = "redacted"
    DISCLOSURE = "disclosure"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is shown. `campaigns` are the ids of those that the pack is about; `whole`: these are all."""

    variant: Variant
    campaigns: frozenset[int]
    whole: bool = True
    unmask: bool = False

    @property
    def numbers(self) -> bool:
        """Whether numbers are shown in full."""
        return self.variant is Variant.FULL or (self.variant is Variant.DISCLOSURE and self.unmask)

    @property
    def redacted(self) -> bool:
        """Whether it is for a partner: nothing that is about one person."""
        return self.variant is Variant.REDACTED

    def number(self, number: str) -> str:
        """A number as this pack shows it."""
        if number == FORGOTTEN or self.numbers:
            return number
        return HIDDEN if self.redacted else mask_number(number)

    def words(self, text: str) -> str:
        """A reply's words as this pack shows them: none of a text with a telephone number in it, if masked."""
        if self.redacted:
            return HIDDEN
        return text if self.numbers or not _NUMBER.search(text) else HIDDEN

    def alone(self, story: Story) -> frozenset[int]:
        """Wordings that are hidden because they may name the one person who has them."""
        return _texts_of_one(story.log.messages.values()) if self.redacted else frozenset()

    def shown(self, entry: Entry, alone: frozenset[int]) -> dict[str, Sequence[Any]]:
        """Salt and value of all that is shown of an entry, by name."""
        return {name: kept for name, kept in entry.salted.items() if self._shows(entry, name, alone)}

    def _shows(self, entry: Entry, name: str, alone: frozenset[int]) -> bool:
        if entry.campaign_id not in self.campaigns and not self._own(entry):
            return False
        if self.variant is Variant.FULL:
            return True
        if name in ("source", "reason") and (entry.kind == Kind.SUPPRESS or not self.numbers):
            return not self.redacted and not _NUMBER.search(str(entry.secret(name)))
        if self.numbers:
            return entry.kind != Kind.SUPPRESS  # people who must not be texted are not those of the case
        wanted = (entry.kind, name)
        if name == "texts":
            return not any(int(text_id) in alone for text_id in entry.secret(name))
        if wanted == (Kind.ANSWER, "text"):
            return True
        if self.redacted:
            return False
        if wanted == (Kind.INBOUND, "text"):
            return self.words(str(entry.secret(name))) == str(entry.secret(name))
        return wanted == (Kind.APPROVE, "content") and _people(entry.secret(name)) >= _FEWEST

    def _own(self, entry: Entry) -> bool:
        """What belongs to no campaign: all of it in a whole pack, else the settings only."""
        return entry.campaign_id == 0 and (self.whole or entry.kind == Kind.CONFIG)


def _people(content: str) -> int:
    found = re.search(r'"recipients":\{"count":(\d+)', content)
    return int(found[1]) if found else 0


def _texts_of_one(recipients: Iterable[Message]) -> frozenset[int]:
    """Wordings that one person alone has, where others have others: they may name that person."""
    uses = Counter((one.campaign, one.text) for one in recipients if one.text is not None)
    several = {campaign for campaign, text in uses for other in uses if other[0] == campaign and other[1] != text}
    return frozenset(text for (campaign, text), count in uses.items() if count == 1 and campaign in several)
