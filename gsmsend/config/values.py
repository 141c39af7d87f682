"""Frozen settings of one operation, a dataclass a section of gsmsend.toml."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from gsmsend import guarding
from gsmsend.config.monitoring import AlertTerms, LogTerms, MetricsTerms
from gsmsend.window import Window


@dataclass(frozen=True, slots=True)
class Pace:
    """Most segments a line may send in any such stretch of time; None for no limit.

    `jitter` lengthens the wait between two texts by up to this share of it, so that they leave unlike clockwork.
    """

    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    jitter: float = 0.0

    @property
    def looks_back_s(self) -> float:
        """How long ago a segment may have left that still counts; 0 without any limit."""
        stretches = ((self.per_minute, 60.0), (self.per_hour, 3600.0), (self.per_day, 86_400.0))
        return max((stretch_s for most, stretch_s in stretches if most is not None), default=0.0)


@dataclass(frozen=True, slots=True)
class Retry:
    """How refused parts are tried again. Waits in seconds, doubling from `first` up to `longest`, with jitter."""

    soon_first_s: float = 2.0
    soon_longest_s: float = 60.0
    soon_tries: int = 6
    later_first_s: float = 60.0
    later_longest_s: float = 900.0
    later_tries: int = 6
    barred_after: int = 3


@dataclass(frozen=True, slots=True)
class Pin:
    """Where the PIN of one SIM comes from, and which approval to type it this is. The PIN itself is never kept."""

    variable: str
    approval: int = 1

    def value(self) -> str | None:
        """The PIN that came in the environment variable, None if none did; the environment no longer has it."""
        return guarding.take(self.variable)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What may be done to a modem that does not come back by itself; never on an exhibit."""

    radio_cycle: bool | None = None
    usb_reset: bool | None = None
    hub_power: bool = False
    quarantine_s: float = 300.0


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """How many different officers must approve a campaign; `independent`: one of them did not prepare it."""

    required: bool = True
    officers: int = 2
    independent: bool = True


@dataclass(frozen=True, slots=True)
class LineTerms:
    """What people know of a line before its SIM was ever plugged in: `[line.NAME]`.

    `number` is E.164. From `closes` on nothing leaves over it (a court order, a contract that ends).
    """

    name: str
    iccid: str | None = None
    imsi: str | None = None
    number: str | None = None
    closes: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """What is asked of a campaign's text; an empty value asks nothing.

    `names`: one of these must stand in it (the force, as people know it). `opt_out`: so must one of these.
    `domains`: where its links may lead. `never`: none of these may stand in it.
    """

    names: tuple[str, ...] = ()
    link: bool = True
    phone: bool = True
    opt_out: tuple[str, ...] = ("STOP",)
    domains: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    most_segments: int = 3


@dataclass(frozen=True, slots=True)
class Prices:
    """What a segment costs, by default and by line; `budget` is the most a campaign may cost, None for any."""

    segment: Decimal = Decimal(0)
    currency: str = "GBP"
    lines: Mapping[str, Decimal] = field(default_factory=dict)
    budget: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Replies:
    """Words beyond the built-in ones that stop further texts, or call for a person; and acknowledgements.

    `acknowledge` answers any reply, `acknowledge_stop` an opt-out, each once for a person; empty for none.
    """

    stop_words: tuple[str, ...] = ()
    danger_words: tuple[str, ...] = ()
    acknowledge: str = ""
    acknowledge_stop: str = ""


class Keep(StrEnum):
    """Where the operation's key is kept: `AUTO` is the best place that this login has (gsmsend.keyplace)."""

    AUTO = "auto"
    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105 # nosec B105 # a place, not a secret
    HOME = "home"


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """Where the operation's key is kept, never beside the store in clear.

    `passphrase_file` holds the passphrase, "" for asking a person; `folder` stands for the user's own, "" for
    that.
    """

    keep: Keep = Keep.AUTO
    passphrase_file: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class AccessTerms:
    """Who may do what: with `roles` officers sign in, for `sign_in_hours`, and each does what the role allows."""

    roles: bool = False
    sign_in_hours: int = 12


class Rule(StrEnum):
    """What lets a campaign's texts go over its fallback; `on` of `[fallback.CAMPAIGN]` names those that do."""

    CLOSED = "closed"
    BARRED = "barred"
    QUARANTINED = "quarantined"
    NO_NETWORK = "no network"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FallbackTerms:
    """Another way out for one campaign: `[fallback.CAMPAIGN]`.

    `route` is a driver with a table `[driver.ROUTE]`; `text` is the wording that goes over it, `sender` who people
    see as its sender. `after_s`: so long must a line have been out of use. `segment` is the price of one there and
    `budget` the most that may be spent, in the operation's currency. `trial` is an officer's phone, E.164.
    """

    campaign: str
    route: str
    text: str = field(repr=False)
    sender: str
    trial: str = field(repr=False)
    segment: Decimal
    budget: Decimal
    after_s: float = 1800.0
    on: frozenset[Rule] = frozenset(Rule)


@dataclass(frozen=True, slots=True)
class EvidenceTerms:
    """The time-stamping service (RFC 3161) that heads of the audit log are shown to; "" for none.

    `timestamp_ca` is the PEM file of the authority that its stamps are checked against, from the operation's
    folder unless it is absolute; it is there whenever there is a service.
    """

    timestamp_url: str = ""
    timestamp_ca: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleTerms:
    """Where the web console listens: `address` and `port`, by TLS with `certificate` and its `key` (PEM files).

    Files are from the operation's folder unless they are absolute, "" for none. `names` are further names by which
    browsers reach it. With `hooks` it takes the webhooks of providers, each proven by a secret that `hook_secrets`
    names; `hook_url` is how their addresses begin, "" for the console's own.
    """

    address: str = "127.0.0.1"
    port: int = 8700
    certificate: str = ""
    key: str = ""
    names: tuple[str, ...] = ()
    hooks: bool = False
    hook_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    hook_url: str = ""


@dataclass(frozen=True, slots=True)
class AuthorityTerms:
    """By what right equipment is held that can use five or more SIMs: a reference, who holds it, its last day."""

    reference: str = ""
    held_by: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One operation's settings. `drivers` holds the tables `[driver.NAME]` as they stand.

    Bare settings guard nothing; `parse` gives the guards of an operation that is no lab.
    `store` is the URL of a store on a server, "" for the file in the folder; `store_password` names where its
    password is. `host` is this host's name among those on such a store, "" for the computer's; one that was silent
    for `lease_s` loses its lines.
    `window` is None where texts may leave at any time. `gap_s` is the least time between two texts to one person
    over all campaigns of the store. `canary` is how many first texts must be delivered before the rest leave.
    `retention_days` is how long a campaign's data is kept after its last send, report or cancellation, 0 for no
    such date.
    """

    folder: Path
    name: str
    lab: bool = False
    region: str = "GB"
    store: str = ""
    store_password: str = ""
    host: str = ""
    lease_s: float = 30.0
    ports: tuple[str, ...] = ()
    sims: tuple[str, ...] = ()
    discover: bool = True
    transcripts: bool = True
    listen_first_s: float = 20.0
    pace: Pace = field(default_factory=Pace)
    retry: Retry = field(default_factory=Retry)
    recovery: Recovery = field(default_factory=Recovery)
    pins: Mapping[str, Pin] = field(default_factory=dict)
    wait_reports_s: float = 120.0
    unconfirmed_after_s: float = 86_400.0
    validity_s: float = 86_400.0
    national_tables: bool = True
    approval: ApprovalPolicy = field(default_factory=lambda: ApprovalPolicy(required=False))
    window: Window | None = None
    canary: int = 0
    gap_s: float = 0.0
    lines: Mapping[str, LineTerms] = field(default_factory=dict)
    wording: Wording = field(default_factory=Wording)
    prices: Prices = field(default_factory=Prices)
    replies: Replies = field(default_factory=Replies)
    key: KeyTerms = field(default_factory=KeyTerms)
    access: AccessTerms = field(default_factory=AccessTerms)
    evidence: EvidenceTerms = field(default_factory=EvidenceTerms)
    authority: AuthorityTerms = field(default_factory=AuthorityTerms)
    console: ConsoleTerms = field(default_factory=ConsoleTerms)
    metrics: MetricsTerms = field(default_factory=MetricsTerms)
    logs: LogTerms = field(default_factory=LogTerms)
    alerts: AlertTerms = field(default_factory=AlertTerms)
    retention_days: int = 0
    fallbacks: Mapping[str, FallbackTerms] = field(default_factory=dict)
    drivers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def store_path(self) -> Path:
        """The embedded store's file; `store` names another store if it is not empty."""
        return self.folder / "gsmsend.db"

    @property
    def store_named(self) -> str:
        """The store as people are told of it."""
        return self.store or str(self.store_path)

    @property
    def may_have_store(self) -> bool:
        """Whether there is something to open: the file, or a server, which alone knows."""
        return bool(self.store) or self.store_path.exists()

    @property
    def store_is_writable(self) -> bool:
        """Whether this login may write to the embedded store's file; a server says so when it is asked."""
        return bool(self.store) or os.access(self.store_path, os.W_OK)

    @property
    def transcript_folder(self) -> Path:
        """Where the masked dialogues with the modems go."""
        return self.folder / "transcripts"
