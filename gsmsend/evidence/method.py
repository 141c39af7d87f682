"""The method statement: what was done to SIM and handset, counted from the transcripts and the log.

Nothing in it is known beforehand but what each command means (gsmsend/data/commands.csv): a command that was sent
and is not in that table is told as such.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gsmsend.audit import Kind
from gsmsend.evidence.commands import Sent, commands, counted
from gsmsend.evidence.entries import of_kind
from gsmsend.evidence.findings import findings
from gsmsend.evidence.readings import changed_in, plain_of, storage_of
from gsmsend.evidence.story import Story
from gsmsend.evidence.tables import Sheet
from gsmsend.evidence.ways import Way, calls_only, lines_of, way_of


@dataclass(frozen=True, slots=True)
class Device:
    """A SIM and the device that held it, as they were read: `facts` by name."""

    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Method:
    """What was done, ready to be told. `findings` are sentences; `kept` is False if no dialogue was recorded.

    `ways` are what the lines' texts go over.
    """

    kept: bool
    sent: tuple[Sent, ...]
    findings: tuple[str, ...]
    devices: tuple[Device, ...]
    storage: Sheet
    changed: tuple[str, ...]
    ways: frozenset[Way] = frozenset({Way.MODEM})


def method(story: Story, transcripts: Mapping[str, str], number: Callable[[str], str]) -> Method:
    """Count what the transcripts have, and put beside it what the log says of SIM, device and storage.

    `number` is how the lines' own numbers are shown.
    """
    sent = counted(command for text in transcripts.values() for command in commands(text))
    called = sum(
        command == "(PDU)" for text in transcripts.values() if calls_only(text) for command in commands(text)
    )
    storage, lines = storage_of(story), lines_of(story)
    ways = frozenset(one.way for one in lines.values()) or frozenset({Way.MODEM})
    return Method(
        ways == {Way.ACCOUNT} or any("> " in text for text in transcripts.values()), sent,
        tuple(findings(sent, story, storage, lines, called)), _devices(story, number), storage,
        tuple(changed_in(storage)), ways,
    )  # fmt: skip


_FACTS = {
    "iccid": "ICCID of the SIM", "imsi": "IMSI of the SIM", "number": "number stored on the SIM",
    "imei": "IMEI of the device", "manufacturer": "maker", "model": "model", "revision": "software",
    "operator": "network", "smsc": "centre for texts", "device": "port", "driver": "driver",
    "account": "account or sender",
}  # fmt: skip
_OF_ACCOUNT = {
    "manufacturer": "provider", "model": "service or sender", "device": "route", "driver": "driver",
    "account": "account and sender",
}  # fmt: skip


def _devices(story: Story, number: Callable[[str], str]) -> tuple[Device, ...]:
    found = []
    for one in of_kind(story.entries, Kind.LINE):
        own = one.data.get("number")
        facts = {**one.data, "number": number(str(own))} if own else one.data
        name = f" ({one.data['name']})" if one.data.get("name") else ""
        title = f"Line {plain_of(one.data.get('line'))}{name}, read {one.at} (entry {one.number})"
        of_account = way_of(facts) is Way.ACCOUNT
        pairs = tuple(
            (words, plain_of(facts.get(key)) or "not given")
            for key, words in (_OF_ACCOUNT if of_account else _FACTS).items()
            if facts.get(key) or not (of_account or key == "account")
        )
        found.append(Device(title, pairs))
    return tuple(found)
