"""Which campaign each message is of, told from the log alone: by ranges, as imports make them. Pure."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter


class Owners:
    """Message ids and their campaigns; a campaign that answers replies belongs to the one that they answer."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int, int]] = []
        """First, last, campaign."""
        self._in_order = True
        self._parents: dict[int, int] = {}

    def put(self, first: int, last: int, campaign_id: int) -> None:
        """These messages are of this campaign."""
        if self._spans and self._spans[-1][1:] == (first - 1, campaign_id):
            first = self._spans.pop()[0]
        elif self._spans and first < self._spans[-1][0]:
            self._in_order = False
        self._spans.append((first, last, campaign_id))

    def answers(self, campaign_id: int, parent_id: int) -> None:
        """One campaign answers the replies to another."""
        self._parents[campaign_id] = parent_id

    def root(self, campaign_id: int) -> int:
        """The campaign whose key seals what belongs to this one."""
        return self._parents.get(campaign_id, campaign_id)

    def of(self, message_id: int) -> int | None:
        """The campaign (a root one) of a message; None if no entry says."""
        if not self._in_order:
            self._spans.sort()
            self._in_order = True
        at = bisect_right(self._spans, message_id, key=itemgetter(0)) - 1
        if at < 0 or message_id > self._spans[at][1]:
            return None
        return self.root(self._spans[at][2])
