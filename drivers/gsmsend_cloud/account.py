"""What drivers of providers over HTTP have in common: a driver object, and a client that asks and hands over."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from gsmsend.contract import Clock, Endpoint, Link, OpenOptions, Sink, Traits
from gsmsend.errors import GsmsendError, GuardStop, LinkLost
from gsmsend.model import Facts, Outcome, OutcomeKind, Refusal
from gsmsend.requesting import Busy, Client, Heard, NeverLeft, Pulse, RequestLink, Status
from gsmsend_cloud.answers import Answer, InDoubt, NotReached
from gsmsend_cloud.provider_table import TAKEN, ProviderTable, provider_table
from gsmsend_cloud.settings import account_name, library, own

if TYPE_CHECKING:
    from gsmsend_cloud.http import Wire

NOT_THE_LINE = "texts over it bear the account's own sender, not the number that people know"
_TROUBLE_S = 30.0
"""So long a provider that has a fault of its own is not asked anything."""
_DOUBT = "it may have gone out"


class CloudDriver(ABC):
    """Satisfies gsmsend.contract.Driver; a provider's module adds its names and its client."""

    name: str
    summary: str
    label: str
    traits: Traits
    pulse = Pulse(first_s=5.0, check_s=60.0)

    def discover(self) -> Sequence[Endpoint]:
        """Nothing: an account is there when the config names it."""
        return ()

    def endpoint(self, address: str) -> Endpoint:
        """`NAME`, or `NAME:ACCOUNT` for a table of its own. Raises UsageError."""
        return Endpoint(self.name, account_name(self.name, address), description=self.label, cloud=True)

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Sign in, read who it is, sign out; sends nothing. Raises LinkLost, GuardStop, ConfigError."""
        client = self._client(endpoint, options, _SystemClock())
        try:
            return client.bring_up()
        finally:
            client.close()

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        """A link, not yet signed in. Raises ConfigError, GuardStop, DriverError."""
        return RequestLink(self._client(endpoint, options, clock), sink, self.label, self.pulse)

    def _client(self, endpoint: Endpoint, options: OpenOptions, clock: Clock) -> Client:
        library("requests", self.name)
        where, table = own(self.name, endpoint.address, options.settings)
        return self.client(endpoint.address, where, table, clock)

    def check_table(self, endpoint: Endpoint, settings: Mapping[str, object]) -> None:
        """Raise ConfigError for a key or value that cannot be; needs no library and reads no secret."""
        self.values(*own(self.name, endpoint.address, settings))

    @abstractmethod
    def values(self, where: str, table: Mapping[str, object]) -> dict[str, Any]:
        """What the table of one account says. Raises ConfigError."""

    @abstractmethod
    def client(self, address: str, where: str, table: Mapping[str, object], clock: Clock) -> Client:
        """The client of one account, with nothing asked yet. Imports the provider's library."""


class CloudClient(ABC):
    """What satisfies gsmsend.requesting.Client alike for all: one thread, nothing comes unasked."""

    label: str

    def __init__(self, wire: Wire, table: str, clock: Clock) -> None:
        self._wire, self._clock = wire, clock
        self.table: ProviderTable = provider_table(table)
        self._stop: GuardStop | None = None

    def hear(self, timeout_s: float) -> Iterable[Heard] | None:  # noqa: ARG002 - nothing ever comes unasked
        """Nothing comes unasked."""
        return None

    def wake(self) -> None:
        """There is nothing to wake."""
        return

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def check(self) -> None:
        """Is it still there, and as it was? Raises LinkLost or GuardStop."""
        if self._stop is not None:
            raise self._stop
        try:
            self.look()
        except Busy:
            return

    @abstractmethod
    def look(self) -> None:
        """Ask what costs nothing and tells that the account is there. Raises LinkLost, GuardStop, Busy."""

    def asked(self, ask: Callable[[], object]) -> Answer:
        """The answer to a question; an error of the provider's is an answer too, if it is about what was asked.

        Raises LinkLost if it is not reached, Busy if it has a fault of its own or asks to wait, GuardStop if it
        does not take the account's key.
        """
        fault: GsmsendError | Busy
        try:
            answer = self._wire.call(ask)
        except NotReached as raised:
            fault = LinkLost(f"{self.label}: {raised.why}")
        except InDoubt:
            fault = Busy(_TROUBLE_S)
        else:
            if answer.status == 429:
                fault = Busy(answer.wait_s(self._clock.now(), _TROUBLE_S))
            elif answer.status >= 500:
                fault = Busy(_TROUBLE_S)
            elif answer.status in (401, 403):
                fault = GuardStop(f"{self.label}: {self.shut_out(answer)}", remedy=self.way_in)
            else:
                return answer
        raise fault

    @property
    @abstractmethod
    def way_in(self) -> str:
        """What to do where the account's key is not taken."""

    def shut_out(self, answer: Answer) -> str:  # noqa: ARG002 - for those that say why
        """Why the account's key is not taken, in our words."""
        return "the account's key was not taken"

    def handed(self, key: str, ask: Callable[[], object]) -> Answer:
        """The answer to a text that was handed over. Raises NeverLeft on proof, Doubt if there is none."""
        fault: NeverLeft | Doubt
        self._wire.attempt = key
        try:
            return self._wire.call(ask)
        except NotReached as raised:
            kind = Refusal.RETRY if raised.lost else Refusal.MESSAGE
            fault = NeverLeft(f"{self.label}: {raised.why}", refusal=kind, lost=raised.lost)
        except InDoubt as raised:
            fault = Doubt(f"{self.label}: {raised.why}; {_DOUBT}")
        finally:
            self._wire.attempt = ""
        raise fault

    def unreadable(self, answer: Answer) -> Outcome:
        """What an answer comes to that says yes and cannot be read."""
        why = f"{self.label} took the request, and its answer cannot be read; {_DOUBT}"
        return Outcome(OutcomeKind.UNKNOWN, code=answer.status, raw=f"HTTP {answer.status}", why=why)

    @staticmethod
    def worth(status: Status) -> Iterable[Status]:
        """A status, if it says more than that the text was taken."""
        return () if status.status == TAKEN else (status,)

    def stopped(self, stop: GuardStop) -> NoReturn:
        """The text was not handed over, and none will be: `check` raises `stop`. Raises NeverLeft."""
        self._stop = stop
        raise NeverLeft(str(stop), refusal=Refusal.LINE)

    def altered(self, words: str, remedy: str) -> None:
        """What was handed over last is not what was approved: no more after it."""
        self._stop = GuardStop(f"{self.label}: {words}; nothing more is sent over it", remedy=remedy)

    def ready(self) -> None:
        """Raise NeverLeft if a guard stopped this client."""
        if self._stop is not None:
            self.stopped(self._stop)


class Doubt(Exception):
    """A text was handed over and nobody knows what became of it; `outcome` says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.outcome = Outcome(OutcomeKind.UNKNOWN, raw="no answer", why=why)


def told(**facts: Any) -> str:
    """What a provider gave, of that which names nobody: `status=delivered completed_at=...`."""
    return " ".join(f"{name}={value}" for name, value in facts.items() if value not in (None, ""))


class _SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()
