"""A small audit log with all that a pack tells, made with gsmsend.audit, and packs of it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gsmsend.audit import FIRST, Kind, canonical, commitment, digest, entry
from gsmsend.campaign.content import digest_of
from gsmsend.campaign.signing import Statement, public_hex, sign
from gsmsend.config import Prices
from gsmsend.contract.chronicle import AuditRow
from gsmsend.contract.results import Answer, Results, TextUsed
from gsmsend.evidence.entries import Entry, last_of
from gsmsend.evidence.pack import Material, make
from gsmsend.evidence.placing import Folder
from gsmsend.evidence.story import Story, tell
from gsmsend.evidence.terms import Terms, Variant
from gsmsend.evidence.verify import Findings, Pack, check, open_pack, sha256
from gsmsend.model import State

OPERATION = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
OFFICER = Ed25519PrivateKey.from_private_bytes(b"f" * 32)
ID = "0" * 31 + "1"
TEXT = "Help is at hand: https://example.org/help"
OWN_TEXT = "=Sam, help is at hand"
REPLY, REPLY_WITH_NUMBER = "thank you", "call me on 07700 900 555"
NUMBERS = ("+447700900101", "+447700900102", "+447700900103")
SUBMIT = "0021000C91447700091010000005E8329BFD06"
SALT = "5a" * 32
SOURCE = "people of Sam.csv"
START_S = 1_790_000_000.25


@dataclass
class SmallLog:
    """A log that grows; `at_s` moves on a second with each entry."""

    rows: list[AuditRow] = field(default_factory=list)
    at_s: float = START_S
    salts: int = 0
    session: int = 2

    def add(
        self, kind: Kind, data: Mapping[str, Any], sealed: Mapping[str, Any] | None = None, campaign: int = 0
    ) -> int:
        """One entry more; its number."""
        number = len(self.rows) + 1
        salted: dict[str, Any] = {}
        for name, value in (sealed or {}).items():
            self.salts += 1
            salted[name] = [f"{self.salts:032x}", value]
        commitments = {name: commitment(salt, value) for name, (salt, value) in salted.items()}
        prev = digest(self.rows[-1].line) if self.rows else FIRST
        session = None if number == 1 else self.session
        line = entry(number, prev, kind, self.at_s, data, session=session, sealed=commitments or None)
        self.rows.append(AuditRow(number, kind.value, campaign, line, salted or None))
        self.at_s += 1
        return number

    def head(self, key: Ed25519PrivateKey = OPERATION) -> int:
        """Sign the head."""
        number, found = len(self.rows), digest(self.rows[-1].line)
        signature = key.sign(f"gsmsend head 1\n{ID}\n{number}\n{found}".encode()).hex()
        return self.add(Kind.HEAD, {"head": number, "hash": found, "signature": signature})

    def approve(
        self, content: Mapping[str, Any], key: Ed25519PrivateKey = OFFICER, officer: str = "DC Example"
    ) -> int:
        """An officer approves campaign 1."""
        text = canonical(content)
        said = Statement(digest_of(text), officer, "dc", round(self.at_s * 1000))
        data = {"campaign": 1, "officer": said.officer, "login": said.login, "digest": said.digest,
                "signature": sign(key, said), "at_ms": said.at_ms}  # fmt: skip
        return self.add(Kind.APPROVE, data, {"content": text, "salt": SALT}, 1)

    def begin(self) -> None:
        """The operation, a session, and an officer."""
        public = public_hex(OPERATION)
        self.add(Kind.OPERATION, {"format": 1, "id": ID, "public_key": public})
        self.add(Kind.SESSION, {"program": "gsmsend", "version": "0.1.0", "login": "dc", "command": "import"})
        officer = {
            "name": "DC Example",
            "public_key": public_hex(OFFICER),
            "login": "dc",
            "role": "approver",
            "by": "dc",
        }
        self.add(Kind.OFFICER, officer)

    def list_of(self, *people: tuple[str, str], campaign: int = 1, name: str = "main") -> list[int]:
        """Import (number, text) into a campaign; the ids of the messages."""
        first = 1 + sum(one.kind == Kind.ROWS and len(one.secrets["rows"][1]) for one in self.rows if one.secrets)
        ids = list(range(first, first + len(people)))
        number = sum(one.kind == Kind.IMPORT for one in self.rows) + 1
        about = {"import": number, "campaign": campaign}
        self.add(
            Kind.IMPORT,
            {**about, "name": name, "line": "", "person": "dc"},
            {"digest": "ab" * 32, "source": SOURCE},
            campaign,
        )
        texts = {
            text: campaign * 10 + index for index, text in enumerate(dict.fromkeys(text for _, text in people))
        }
        rows = [
            [f"row {at}", "Sam " + who, who, texts[text], at] for at, (who, text) in zip(ids, people, strict=True)
        ]
        self.add(
            Kind.ROWS,
            {**about, "count": len(ids), "messages": [ids[0], ids[-1]], "state": "draft", "sightings": len(ids)},
            {"rows": rows, "texts": {str(text_id): text for text, text_id in texts.items()}}, campaign,
        )  # fmt: skip
        return ids

    def sent(self, message: int, *, campaign: int = 1, reference: int = 7, pdu: str = SUBMIT) -> None:
        """One part handed over and taken by the network."""
        self.add(
            Kind.ATTEMPT, {"attempt": message, "message": message, "part": 1, "line": 1}, {"pdu": pdu}, campaign
        )
        self.add(
            Kind.OUTCOME,
            {
                "attempt": message, "message": message, "part": 1, "outcome": "accepted", "refusal": None,
                "reference": reference, "code": None, "raw": f"+CMGS: {reference}", "state": "sent", "why": "",
            },
        )  # fmt: skip


def whole() -> SmallLog:
    """All that a pack tells: three people, two wordings, an approval, one text delivered, one reply, storage."""
    log = SmallLog()
    log.begin()
    log.add(Kind.CONFIG, {"config": "cd", "was": None, "settings": {}}, {"toml": "lab = false\n"})
    log.list_of((NUMBERS[0], TEXT), (NUMBERS[1], TEXT), (NUMBERS[2], OWN_TEXT))
    log.approve(approved(*NUMBERS, texts=dict(zip(NUMBERS, (TEXT, TEXT, OWN_TEXT), strict=True))))
    log.add(Kind.RELEASE, {"campaign": 1, "messages": [[1, 3]], "state": "queued", "why": "approved"})
    log.add(
        Kind.START,
        {"clock": {"source": "ntp", "synchronised": True, "error_ms": 3}, "recipients": 3, "uncertain": 0},
    )
    line = {"line": 1, "name": "sim-1", "iccid": "89440000000000000010", "imsi": "001010000000001",
            "number": "+447700900901", "imei": "001017000000011", "model": "Virtual <b>Modem</b>"}  # fmt: skip
    log.add(Kind.LINE, line)
    log.add(Kind.STORAGE, {"line": 1, "when": "before", "texts": {"SM": [3, 20]}, "found": {"CNMI": "1"}})
    log.sent(1)
    report = {
        "report": 1,
        "line": 1,
        "reference": 7,
        "status": 0,
        "how": "CDS",
        "message": 1,
        "part": 1,
        "state": "delivered",
    }
    log.add(Kind.REPORT, report, {"pdu": "00", "recipient": NUMBERS[0]}, 1)
    log.sent(3, reference=8)
    inbound = {
        "reply": 1,
        "line": 1,
        "how": "CMT",
        "message": 1,
        "flags": [],
        "arrived": "2026-09-21T14:13:40.000000Z",
    }
    log.add(Kind.INBOUND, inbound, {"sender": NUMBERS[0], "text": REPLY, "pdu": "00"}, 1)
    log.add(
        Kind.INBOUND, inbound | {"reply": 2}, {"sender": NUMBERS[0], "text": REPLY_WITH_NUMBER, "pdu": "00"}, 1
    )
    log.add(
        Kind.STORAGE,
        {"line": 1, "when": "after", "texts": {"SM": [4, 20]}, "found": {"CNMI": "1"}, "now": {"CNMI": "2"}},
    )
    log.add(Kind.STOP, {"totals": {}, "exit": 0, "why": ""})
    log.head()
    return log


def entries_of(log: SmallLog) -> list[Entry]:
    """The entries that a pack has."""
    last = last_of((row.number, row.kind) for row in log.rows)
    assert last is not None
    return [Entry.of(row) for row in log.rows[:last]]


def story_of(log: SmallLog) -> Story:
    """The log as a pack has it."""
    return tell(entries_of(log))


def material(
    log: SmallLog, variant: Variant = Variant.FULL, *, unmask: bool = False,
    transcripts: Mapping[str, Path] | None = None,
) -> Material:  # fmt: skip
    """What a pack of it is made from, with a report of no more than it needs."""
    story = story_of(log)
    replies = tuple(Answer(START_S, NUMBERS[0], text, frozenset(), "", "") for text in (REPLY, REPLY_WITH_NUMBER))
    totals = dict.fromkeys(State, 0) | {State.SENT: 1, State.DELIVERED: 1, State.QUEUED: 1}
    results = Results("main", START_S, None, 0, "", "", "", totals, texts=(TextUsed(TEXT, 1, 2),), replies=replies)
    terms = Terms(variant, frozenset(story.names), unmask=unmask)
    return Material(
        story, lambda: entries_of(log), terms, "Operation Example", "gsmsend 0.1.0", "Europe/London", Prices(),
        {1: results}, transcripts or {}, pdf=False,
    )  # fmt: skip


def signature(statement: bytes) -> str:
    """The operation's signature."""
    return OPERATION.sign(statement).hex()


def files_of(place: Path) -> dict[str, bytes]:
    """All octets of a pack, by name."""
    found = {}
    for name, opener in open_pack(place).items():
        with opener() as stream:
            found[name] = stream.read()
    return found


def opened(files: Mapping[str, bytes]) -> Pack:
    """A pack in memory, as the check reads it."""
    return {name: partial(io.BytesIO, octets) for name, octets in files.items()}


def checked(files: Mapping[str, bytes], head: str = "") -> Findings:
    """What verify.py finds."""
    return check(opened(files), head)


def made(wanted: Material) -> dict[str, bytes]:
    """A pack of it, in memory."""
    with tempfile.TemporaryDirectory() as name:
        make(wanted, signature, Folder(Path(name)))
        return files_of(Path(name))


def pack(log: SmallLog, variant: Variant = Variant.FULL, *, unmask: bool = False) -> dict[str, bytes]:
    """A pack of it, with no PDF."""
    return made(material(log, variant, unmask=unmask))


def approved(*numbers: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """A content that officers approve: these people, each with a text."""
    rows = [[number, sha256(texts[number].encode()), ""] for number in sorted(numbers)]
    people = {
        "count": len(rows), "numbers": sha256(f"{SALT}:{chr(10).join(sorted(numbers))}".encode()),
        "rows": sha256(f"{SALT}:{canonical(rows)}".encode()),
    }  # fmt: skip
    return {"texts": sorted(set(texts.values())), "recipients": people}
