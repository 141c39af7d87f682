"""What the audit log tells, put together: campaigns, recipients and texts. Pure; states are told by verify.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gsmsend.audit import Kind
from gsmsend.evidence.entries import Entry
from gsmsend.evidence.verify import messages_of, replay
from gsmsend.masking import FORGOTTEN

OLDER = "(older than the audit log)"
"""Messages of a store that was made before there was one: the log has their states only."""


@dataclass(slots=True)
class Recipient:
    """One message, from its entries. Times are texts as in the log; `number` and `place` stay out of `repr`."""

    message: int
    campaign: int
    number: str = field(default=FORGOTTEN, repr=False)
    place: str = field(default="", repr=False)
    source: str = ""
    text: int | None = None
    state: str = ""
    why: str = ""
    line: int | None = None
    parts: set[int] = field(default_factory=set)
    attempts: int = 0
    references: list[int] = field(default_factory=list)
    first_attempt: str = ""
    accepted: str = ""
    reported: str = ""
    status: int | None = None

    @property
    def reference(self) -> str:
        """How a pack names this recipient where the number is not to be shown; the same in all packs."""
        return reference(self.message)


def reference(message: int | None) -> str:
    """`R0001` for message 1; nothing for none."""
    return "" if message is None else f"R{message:04d}"


@dataclass(frozen=True, slots=True)
class Story:
    """The log as far as a pack goes. `names` and `parents` of campaigns by id; `texts` by id, if not forgotten."""

    entries: Sequence[Entry]
    names: Mapping[int, str]
    parents: Mapping[int, int]
    recipients: Mapping[int, Recipient]
    texts: Mapping[int, str] = field(repr=False)

    def roots(self) -> list[int]:
        """Campaigns that answer no other one's replies."""
        return sorted(set(self.names) - set(self.parents))

    def family(self, root: int) -> list[int]:
        """A campaign and those that answer its replies."""
        return [root, *sorted(child for child, parent in self.parents.items() if parent == root)]


def tell(entries: Sequence[Entry]) -> Story:
    """Put it together. Raises ValueError for a log that contradicts itself."""
    telling = _Telling()
    for entry in entries:
        telling.take(entry)
    said = [{"n": one.number, "kind": one.kind, "data": one.data} for one in entries]
    for message, (campaign, state) in replay(said).items():
        telling.recipients.setdefault(message, Recipient(message, int(campaign), OLDER)).state = state
    if any(one.campaign == 0 for one in telling.recipients.values()):
        telling.names[0] = OLDER
    return Story(entries, telling.names, telling.parents, telling.recipients, telling.texts)


class _Telling:
    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.parents: dict[int, int] = {}
        self.recipients: dict[int, Recipient] = {}
        self.texts: dict[int, str] = {}
        self._sources: dict[int, str] = {}

    def take(self, entry: Entry) -> None:
        """One entry more."""
        data = entry.data
        if entry.kind == Kind.IMPORT:
            self.names[data["campaign"]] = str(data["name"])
            self._sources[data["import"]] = str(entry.secret("source") or f"list {data['import']}")
        elif entry.kind == Kind.ROWS:
            self._rows(entry)
        elif entry.kind == Kind.ANSWER:
            self._answer(entry)
        elif entry.kind == Kind.REWORD:
            self._reword(entry)
        elif entry.kind in (Kind.ATTEMPT, Kind.OUTCOME, Kind.SETTLE, Kind.REPORT):
            self._part(entry)
        if "state" in data and entry.kind not in (Kind.ROWS, Kind.ANSWER, Kind.ATTEMPT):
            for one in self._about(entry):
                one.why = str(data.get("why") or data.get("reason") or "")

    def _about(self, entry: Entry) -> Iterable[Recipient]:
        said = {"n": entry.number, "kind": entry.kind, "data": entry.data}
        return (self.recipients[one] for one in messages_of(said) if one in self.recipients)

    def _rows(self, entry: Entry) -> None:
        data = entry.data
        for message in messages_of({"n": entry.number, "kind": entry.kind, "data": data}):
            source = self._sources.get(data["import"], "")
            self.recipients[message] = Recipient(message, data["campaign"], source=source)
        self._take_texts(entry.secret("texts"))
        for place, _, number, text, message in entry.secret("rows") or ():
            one = self.recipients.get(message)
            if one is not None and one.text is None:
                one.number, one.place, one.text = str(number), str(place), int(text)

    def _answer(self, entry: Entry) -> None:
        data = entry.data
        message, campaign = data["message"], data["campaign"]
        asked = self.recipients.get(data["to"])
        if asked is not None:
            self.parents.setdefault(campaign, asked.campaign)
            root = self.names.get(asked.campaign, str(asked.campaign))
            self.names.setdefault(campaign, str(data.get("name") or f"{root}: answers to replies"))
        self.recipients[message] = Recipient(
            message, campaign, entry.secret("number") or FORGOTTEN, source=f"a reply of {reference(data['to'])}"
        )

    def _reword(self, entry: Entry) -> None:
        self._take_texts(entry.secret("texts"))
        now = {int(old): int(new) for old, new in entry.data["texts"].items()}
        for one in self._about(entry):
            one.text = now.get(one.text, one.text) if one.text is not None else None

    def _take_texts(self, texts: Mapping[str, Any] | None) -> None:
        self.texts.update({int(text_id): str(body) for text_id, body in (texts or {}).items()})

    def _part(self, entry: Entry) -> None:
        data = entry.data
        one = self.recipients.get(data.get("message") or 0)
        if one is None:
            return
        if entry.kind == Kind.ATTEMPT:
            one.attempts += 1
            one.parts.add(data["part"])
            one.line = data["line"]
            one.first_attempt = one.first_attempt or entry.at
        elif entry.kind == Kind.REPORT:
            one.reported, one.status = entry.at, data["status"]
        elif data["outcome"] == "accepted":
            one.accepted = entry.at
            if data.get("reference") is not None:
                one.references.append(data["reference"])
