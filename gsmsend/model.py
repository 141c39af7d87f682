"""Frozen values that every layer shares: Sim, Device, Submission, Outcome, Report, Inbound, State.

Times are seconds since the epoch, UTC, as floats, and end in `_s`. Numbers are E.164 with `+` unless said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256


class State(StrEnum):
    """Of a message. `gsmsend.engine.lifecycle` lists the legal moves between them."""

    DRAFT = "draft"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    HELD = "held"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


class OutcomeKind(StrEnum):
    """What came of one attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Refusal(StrEnum):
    """Why a refusal was given, in the terms that decide what happens next (cms-errors.csv, `class`)."""

    RETRY = "retry"  # try again soon, same line
    LATER = "later"  # the network or far end is in trouble: minutes
    RECIPIENT = "recipient"  # this number can never work
    MESSAGE = "message"  # the text or PDU is at fault
    LINE = "line"  # the SIM is barred, out of credit or unsubscribed
    MODEM = "modem"  # the hardware or SIM is at fault


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt to hand one part to one route.

    ACCEPTED: `reference` is the TP-MR that the route gave (0..255), None where the route has none; `handle` is
    what the route itself calls the part (a provider's message id), empty where it has a TP-MR.
    `wait_s` with REFUSED: the route asks to be left alone for so long; it says nothing against the text.
    REFUSED: proven not sent; `refusal` says what to do next. UNKNOWN: it may have gone out.
    `code` is the raw +CMS ERROR (or provider) code; `raw` the route's own words with no recipient data;
    `why` is plain English for an officer.
    """

    kind: OutcomeKind
    reference: int | None = None
    refusal: Refusal | None = None
    code: int | None = None
    raw: str = ""
    why: str = ""
    handle: str = ""
    wait_s: float | None = None


class Evidence(StrEnum):
    """By what an unknown attempt became known."""

    LATE_ANSWER = "late answer"
    HELD_BACK = "held back"
    REPORT = "delivery report"
    COUNTER = "SIM counter"
    NEXT = "next text's number"
    LOOKUP = "the route's own record"
    PERSON = "person"


class ReportOutcome(StrEnum):
    """What a status report says (tp-status.csv, `outcome`)."""

    DELIVERED = "delivered"
    FORWARDED = "forwarded"
    REPLACED = "replaced"
    PENDING = "pending"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Report:
    """A status report about one part, from a modem, a handset or a cloud (TS 23.040 9.2.2.3).

    `recipient` is as the report gives it (international or national form); `status` is the raw TP-Status,
    0..255; `raw` the PDU in hex; `how` the way it came (`CDS`, `CDSI`, `sweep`, `poll`, `event`).
    Where the route has no TP-MR, `reference` is None and `handle` is that of the part's outcome; `status` is then
    the TP-Status (TS 23.040 9.2.3.15) that says the same as the route's own word, which is in `said`, and `raw` is
    what the route gave.
    """

    reference: int | None
    recipient: str
    status: int
    submitted_at_s: float | None = None
    discharged_at_s: float | None = None
    raw: str = ""
    how: str = ""
    handle: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One received part (SMS-DELIVER). `sender` may be alphanumeric; `concat` is (reference, total, seq)."""

    sender: str
    text: str
    sent_at_s: float | None = None
    concat: tuple[int, int, int] | None = None
    raw: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Sim:
    """What makes a line: the SIM's own identities, digits only. Either may be missing, never both guessed."""

    iccid: str | None = None
    imsi: str | None = None
    number: str | None = None

    @property
    def known(self) -> bool:
        """Whether the SIM told who it is at all."""
        return bool(self.iccid or self.imsi)


def fingerprint(pdu: str) -> str:
    """What a stored PDU (hex) is known by without keeping it: SHA-256 in hex."""
    return sha256(pdu.upper().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Device:
    """The modem or handset that holds the SIM now. `virtual` modems have no radio and reach no person.

    `holds`: what its own memories held when it was set up, each PDU by its `fingerprint`; None if it was not read
    from end to end. `account` is what makes the line where there is no SIM to read: a provider's account with the
    sender that its texts bear, or a handset's serial number; no secret.
    """

    driver: str
    address: str
    imei: str | None = None
    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    usb: str | None = None  # "vid:pid serial location" where USB tells
    profile: str = ""
    virtual: bool = False
    holds: tuple[str, ...] | None = None
    account: str = ""


class Registration(StrEnum):
    """Network registration (+CREG/+CEREG/+CGREG <stat>, TS 27.007 7.2)."""

    HOME = "home"
    ROAMING = "roaming"
    SEARCHING = "searching"
    DENIED = "denied"
    NOT_SEARCHING = "not searching"
    UNKNOWN = "unknown"

    @property
    def usable(self) -> bool:
        """Whether texts can be sent."""
        return self in (Registration.HOME, Registration.ROAMING)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a driver read about a route without changing anything on it.

    `signal_dbm` is None where unknown; `reports` says whether delivery reports can come back, `notes` what
    a person should know (plain English, no recipient data). `sends`: False where it answers and takes no texts.
    `temperature_c` is the highest that the device tells of itself, in degrees Celsius.
    """

    device: Device
    sim: Sim = field(default_factory=Sim)
    registration: Registration = Registration.UNKNOWN
    operator: str = ""
    signal_dbm: int | None = None
    smsc: str = ""
    reports: bool = True
    sim_state: str = "READY"  # +CPIN: READY, SIM PIN, SIM PUK, NOT INSERTED, ...
    notes: tuple[str, ...] = ()
    sends: bool = True
    temperature_c: float | None = None
