"""What the audit log tells, put together by the very lines with which verify.py tells it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gsmsend.audit import Kind
from gsmsend.contract.chronicle import StoredMessage
from gsmsend.evidence.entries import Entry
from gsmsend.evidence.verify import Log, sha256

MANY = frozenset({
    Kind.ROWS, Kind.ATTEMPT, Kind.OUTCOME, Kind.SETTLE, Kind.REPORT, Kind.ADOPT, Kind.INBOUND, Kind.ANSWER,
    Kind.MOVE, Kind.REWORD, Kind.FALLBACK, Kind.SUPPRESS, Kind.REPLY_SEEN,
})  # fmt: skip
"""Kinds with an entry for each person: of those no more is kept than the method statement counts."""


@dataclass(frozen=True, slots=True)
class Story:
    """The log as far as a pack goes: what it comes to, and its entries but for those of MANY.

    `older` are wordings of messages that are older than the log, by the text's id, from the store's tables.
    """

    log: Log
    entries: Sequence[Entry]
    names: Mapping[int, str]
    older: Mapping[int, str]

    @property
    def counts(self) -> Counter[str]:
        """How many entries there are of each kind."""
        return self.log.counts

    def roots(self) -> list[int]:
        """Campaigns that answer no other one's replies."""
        return sorted(set(self.names) - set(self.log.parents))

    def family(self, root: int) -> list[int]:
        """A campaign and those that answer its replies."""
        return [root, *sorted(child for child, parent in self.log.parents.items() if parent == root)]


def tell(entries: Iterable[Entry], older: Iterable[StoredMessage] = ()) -> Story:
    """Put it together. What is wrong with it is in `log.faults`, as verify.py will say."""
    log, few = Log(), []
    for entry in entries:
        log.take(entry.said, entry.secrets)
        log.hash = sha256(entry.line.encode("ascii"))
        if entry.kind not in MANY:
            few.append(entry)
        elif entry.kind == Kind.ATTEMPT or entry.data.get("outcome") == "refused":
            slim = {name: entry.data[name] for name in ("attempt", "line", "outcome") if name in entry.data}
            few.append(Entry(entry.number, entry.kind, entry.at, "", slim))
    names, texts = dict(log.names), dict[int, str]()
    for row in older if log.older else ():
        one = log.messages.get(row.message_id)
        if one is not None and row.message_id in log.older:
            one.campaign = one.campaign or row.campaign_id
            one.number, one.text, one.place = row.number, row.text_id, ""
            names.setdefault(row.campaign_id, row.campaign)
            texts[row.text_id] = row.text
    return Story(log, few, names, texts)
