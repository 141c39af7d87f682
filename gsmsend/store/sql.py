"""contract.Store on SQLAlchemy Core: joins the transactions of this package behind one writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from itertools import islice

import sqlalchemy as sa

from gsmsend.contract import (
    Advanced,
    Arrival,
    AttemptClose,
    AttemptOpen,
    Claimed,
    ConfigFacts,
    Decision,
    ImportResult,
    ImportSource,
    LineRow,
    NewMessage,
    OpenEnd,
    Received,
    Recovered,
    Refused,
    Rules,
    Suppression,
)
from gsmsend.errors import StoreError
from gsmsend.model import Device, Evidence, Inbound, Outcome, OutcomeKind, Report, Sim, State
from gsmsend.store import (
    claiming,
    evidence,
    gates,
    identity,
    importing,
    leasing,
    queueing,
    replies,
    reporting,
    sending,
    settling,
    suppression,
    views,
)
from gsmsend.store.approvals import ApprovalChanges
from gsmsend.store.campaigns import CampaignChanges
from gsmsend.store.engine import connect, risks
from gsmsend.store.fallbacks import FallbackChanges
from gsmsend.store.forgetting import ForgettingChanges
from gsmsend.store.heads import Heads
from gsmsend.store.journal import Journal
from gsmsend.store.key import OperationKey
from gsmsend.store.lanes import Lanes
from gsmsend.store.late import settled_late
from gsmsend.store.leasing import Held, LeaseChanges
from gsmsend.store.patience import Patience, ask_again
from gsmsend.store.reading import Views, key_beside
from gsmsend.store.recording import Recordings
from gsmsend.store.replies import ReplyChanges
from gsmsend.store.results import ResultsChanges
from gsmsend.store.routes import RouteChanges
from gsmsend.store.schema import attempts
from gsmsend.store.seals import Seals
from gsmsend.store.server import Server, StorePlace
from gsmsend.store.suppression import SuppressionChanges
from gsmsend.store.trail import Trails


class SqlStore(
    Views,
    Trails,
    RouteChanges,
    FallbackChanges,
    CampaignChanges,
    ResultsChanges,
    SuppressionChanges,
    ReplyChanges,
    ApprovalChanges,
    Recordings,
    ForgettingChanges,
    LeaseChanges,
    Heads,
):
    """The store of one operation, in a file or on a server. Thread-safe.

    `key` is the operation's, by default in the file beside the store; `about` says who opens it, for the audit log
    (texts and whole numbers by name, no recipient data), and `config` with which settings. `locked` leaves the key
    alone until something needs it: a stop waits for no passphrase. Raises StoreError if the store cannot be
    opened, or if its key is lost and people are in the store.
    """

    def __init__(
        self,
        path: StorePlace,
        rules: Rules,
        *,
        key: OperationKey | None = None,
        about: Callable[[], Mapping[str, object]] = dict,
        locked: bool = False,
        config: Callable[[], ConfigFacts | None] = lambda: None,
        lease_clock: Callable[[], float] | None = None,
    ) -> None:
        self._path = path
        self._held = Held()
        self._lease_clock = lease_clock
        self._key = key or key_beside(path)
        self._seals = Seals(self._key)
        self._engine = connect(path, self._seals)
        self._rules = rules
        try:
            with self._reading() as connection:
                if not locked:
                    self._seals.unlock(connection)
                self._unmatched = reporting.unmatched(connection)
        except StoreError:
            self._engine.dispose()
            raise
        self.patience = Patience()
        if isinstance(path, Server):
            more = (
                "last_unknown", "keeps_counter", "uncertain_since", "next_due_s", "awaited_handles", "in_doubt",
                "silent", "other_lines", "line_row", "mark", "unsettled",
            )  # fmt: skip
            ask_again(self, Views, more, self.patience)
        self._writer = Lanes(
            self._engine, path, lambda: Journal(self._key, self._seals, about, config), self.patience
        )

    def add(
        self,
        source: ImportSource,
        rows: Iterable[NewMessage | Refused],
        *,
        one_text_each: bool = False,
        refuse: Callable[[Refused], None] | None = None,
    ) -> ImportResult:
        """Queue the rows of one import, a batch a transaction; taken up again where a stop cut it off."""
        begun = self._writer.submit(lambda c: importing.begin(c, source)).result()
        if isinstance(begun, ImportResult):
            return begun
        progress: importing.Progress = begun
        stream = iter(rows)
        while batch := list(islice(stream, importing.BATCH)):
            body = self._batch(progress, batch, source, one_text_each=one_text_each)
            progress = self._writer.submit(body).result()
            if refuse is not None:
                for row in progress.turned_away:
                    refuse(row)
        result: ImportResult = self._writer.submit(lambda c: importing.finish(c, progress)).result()
        return result

    def _batch(
        self,
        before: importing.Progress,
        batch: list[NewMessage | Refused],
        source: ImportSource,
        *,
        one_text_each: bool,
    ) -> Callable[[sa.Connection], importing.Progress]:
        def suppressed(connection: sa.Connection, numbers: Sequence[str]) -> dict[str, Suppression]:
            return suppression.kinds(connection, numbers)

        def body(connection: sa.Connection) -> importing.Progress:
            return importing.add(connection, before, batch, source, suppressed, one_text_each=one_text_each)

        return body

    def claim(
        self, line_id: int, limit: int, now_s: float, without: Sequence[int] = (), *, bound_only: bool = False
    ) -> Future[list[Claimed]]:
        """Take due messages for a line."""

        def body(connection: sa.Connection) -> list[Claimed]:
            return claiming.claim(connection, self._held, line_id, limit, now_s, without, bound_only=bound_only)

        return self._writer.claim(body)

    def release(self, message_ids: Sequence[int], now_s: float, line_id: int | None = None) -> Future[None]:
        """Give claimed messages back."""
        ids = list(message_ids)

        def body(connection: sa.Connection) -> None:
            if line_id is None or leasing.holds(connection, self._held, line_id):
                settling.give_back(connection, self._rules, ids, now_s)

        return self._writer.give_back(body)

    def advance(self, close: AttemptClose | None, intent: AttemptOpen | None) -> Future[Advanced]:
        """Close one attempt and open the next, in one transaction."""

        def body(connection: sa.Connection) -> Advanced:
            state = self._close(connection, close) if close is not None else None
            if intent is None:
                return Advanced(None, state)
            if not leasing.holds(connection, self._held, intent.line_id):
                return Advanced(None, state, State.QUEUED, leasing.LOST, fenced=True)
            held = gates.withheld(connection, self._rules, intent.message_id, intent.line_id, intent.at_s)
            if isinstance(held, gates.Withheld):
                return Advanced(None, state, held.state, held.why)
            return Advanced(sending.open_attempt(connection, intent, held), state)

        return self._writer.narrow(body)

    def _close(self, connection: sa.Connection, close: AttemptClose) -> State:
        try:
            state = sending.close_attempt(connection, self._rules, close)
        except sending.NotOpen:
            late = settled_late(connection, self._rules, close)
            if late is None:
                raise
            return late
        if close.outcome.kind is OutcomeKind.UNKNOWN:
            since_s = self._opened_at_s(connection, close.attempt_id)
            evidence.reconsider(connection, self._rules, close.line_id, since_s, close.at_s)
            return sending.state_of(connection, close.message_id) or state
        if close.outcome.handle and reporting.adopt_handles(connection, self._rules, close.message_id, close.at_s):
            return sending.state_of(connection, close.message_id) or state
        reference = close.outcome.reference
        if reference is not None and (close.line_id, reference) in self._unmatched:
            opened_at_s = self._opened_at_s(connection, close.attempt_id)
            if reporting.adopt(connection, self._rules, close.line_id, reference, opened_at_s, close.at_s):
                return sending.state_of(connection, close.message_id) or state
        if state is State.SENT and close.total > 1:
            return reporting.settle_sent(connection, self._rules, close.message_id, close.at_s)
        return state

    @staticmethod
    def _opened_at_s(connection: sa.Connection, attempt_id: int) -> float:
        query = sa.select(attempts.c.opened_at_s).where(attempts.c.id == attempt_id)
        return float(connection.execute(query).scalar_one())

    def drop(self, message_id: int, why: str, now_s: float, line_id: int | None = None) -> Future[None]:
        """A claimed message that cannot be sent at all."""

        def body(connection: sa.Connection) -> None:
            if line_id is not None:
                leasing.require(connection, self._held, line_id)
            sending.drop(connection, self._rules, message_id, why, now_s)

        return self._writer.narrow(body)

    def settle_last(self, line_id: int, outcome: Outcome, by: Evidence, now_s: float) -> Future[int | None]:
        """Evidence of what came of this line's last attempt, if that is unknown."""

        def body(connection: sa.Connection) -> int | None:
            last = evidence.last_attempt(connection, line_id)
            if last is None or last.outcome != OutcomeKind.UNKNOWN.value:
                return None
            evidence.settle(connection, self._rules, last, outcome, by, now_s)
            if outcome.handle:
                reporting.adopt_handles(connection, self._rules, last.message_id, now_s)
            return last.message_id

        return self._writer.submit(body)

    def record_report(self, line_id: int, report: Report, now_s: float) -> Future[Arrival]:
        """Keep a report and match it to its part."""

        def body(connection: sa.Connection) -> Arrival:
            arrival = reporting.record(connection, self._rules, line_id, report, now_s)
            if arrival.repeated and not report.handle:
                # Heard before, perhaps when nothing was unknown yet: the network says it again.
                found = evidence.reconsider(connection, self._rules, line_id, 0.0, now_s)
                return found[-1] if found else arrival
            if arrival.message_id is not None or not (report.handle or report.reference is not None):
                return arrival
            if evidence.by_report(connection, self._rules, line_id, report, now_s, now_s):
                adopted = evidence.adopt(connection, self._rules, line_id, report, now_s, now_s)
                if adopted:
                    return adopted[-1]
            if report.reference is not None and not report.handle:
                self._unmatched.add((line_id, report.reference))
            return arrival

        return self._writer.narrow(body)

    def record_inbound(self, line_id: int, inbound: Inbound, now_s: float) -> Future[Received]:
        """Keep a received part, and do what follows from what it says."""
        return self._writer.submit(lambda c: replies.keep(c, self._rules, line_id, inbound, now_s))

    def line(self, sim: Sim, device: Device, now_s: float, *, cloud: bool = False) -> LineRow:
        """The line for this SIM or account, made if it is new; with its lease, where hosts have such."""
        held = self._held

        def body(connection: sa.Connection) -> tuple[int, int, set[tuple[int, int]]]:
            if not held.host:
                return identity.line_id(connection, sim, device, now_s, cloud=cloud), 0, set()
            leasing.refuse(connection, held, identity.identity_of(sim, device))
            found = identity.line_id(connection, sim, device, now_s, cloud=cloud)
            fence = leasing.take(connection, self._rules, held, found, now_s)
            return found, fence, reporting.unmatched(connection, found)

        line_id, fence, unmatched = self._writer.submit(body).result()
        if fence:
            held.lines[line_id] = fence
            self._unmatched |= unmatched
        return self.line_row(line_id)

    def line_row(self, line_id: int) -> LineRow:
        """A line that this store has."""
        with self._reading() as connection:
            return views.line_rows(connection, line_id)[0]

    def line_state(self, line_id: int, state: str, why: str, signal_dbm: int | None, operator: str) -> None:
        """What a line is doing, for `status` in another process. Not waited for."""
        self._writer.narrow(lambda c: identity.set_state(c, line_id, state, why, signal_dbm, operator))

    def last_unknown(self, line_id: int) -> OpenEnd | None:
        """The line's last attempt, if it is unknown."""
        with self._reading() as connection:
            return evidence.last_known(connection, line_id)

    def counter_seen(self, line_id: int, imei: str) -> None:
        """The SIM's own count of texts was seen to advance in this device. Not waited for."""
        self._writer.narrow(lambda c: identity.set_counter_seen(c, line_id, imei))

    def keeps_counter(self, line_id: int, imei: str | None) -> bool:
        """Whether this device was seen to keep the SIM's own count."""
        with self._reading() as connection:
            return identity.keeps_counter(connection, line_id, imei)

    def counter_read(self, line_id: int, value: int) -> None:
        """The SIM's count as just read. Not waited for: the next intent queues up behind it."""
        self._writer.narrow(lambda c: identity.set_counter(c, line_id, value))

    def explain(self, message_id: int, why: str) -> Future[None]:
        """Say what is known of an uncertain message."""
        return self._writer.submit(lambda c: evidence.explain(c, message_id, why))

    def recover(self, now_s: float) -> Recovered:
        """Open attempts become unknown, claimed messages free; lines are down until they come up."""
        held = self._held

        def body(connection: sa.Connection) -> Recovered:
            others = leasing.of_others(connection, held) if held.host and self.leases_expire else ()
            return settling.recover(connection, self._rules, now_s, others)

        result: Recovered = self._writer.submit(body).result()
        return result

    def clock_set_back(self, now_s: float) -> int:
        """Waits reckoned from a clock that was set back since begin now."""
        count: int = self._writer.submit(lambda c: queueing.clock_set_back(c, now_s)).result()
        return count

    def expire(self, before_s: float, now_s: float) -> int:
        """Messages that waited too long for their reports become unconfirmed."""
        count: int = self._writer.submit(lambda c: reporting.expire(c, before_s, now_s)).result()
        return count

    def resolve(self, decision: Decision) -> State:
        """A named person settles an uncertain message."""
        state: State = self._writer.submit(lambda c: settling.resolve(c, self._rules, decision)).result()
        return state

    def note(self, person: str, what: str, reason: str, now_s: float) -> None:
        """Keep a decision that is not about one message, such as showing numbers in full."""
        self._writer.submit(lambda c: settling.noted(c, person, what, reason, now_s)).result()

    def pin_try(self, sim: str, approval: int, now_s: float) -> bool:
        """Write down that a PIN is about to be typed into this SIM."""
        allowed: bool = self._writer.submit(lambda c: identity.pin_try(c, sim, approval, now_s)).result()
        return allowed

    def pin_accepted(self, sim: str, approval: int, now_s: float) -> None:
        """The SIM took the PIN."""
        self._writer.submit(lambda c: identity.pin_accepted(c, sim, approval, now_s)).result()

    def uncertain_since(self, since_s: float) -> int:
        """Uncertain messages that became so since then."""
        with self._reading() as connection:
            return views.uncertain_since(connection, since_s)

    def next_due_s(self) -> float | None:
        """When the next queued message may be tried."""
        with self._reading() as connection:
            return queueing.next_due_s(connection)

    def hear(self, wake: Callable[[], None]) -> None:
        """Call `wake`, on any thread, when another process changed what is queued, or whether it may leave.

        A store on a server tells it at once. The embedded one does not: who waits there looks now and then.
        """
        self._writer.hear(wake)

    def risk(self) -> str:
        """Why the store's server may lose what it has confirmed, in words; "" for one that keeps it."""
        with self._reading() as connection:
            unsafe = risks(connection)
        return f"the store's server has {unsafe[0]} = off: what it confirms may be lost" if unsafe else ""

    def close(self) -> None:
        """Finish what is queued and let go of the file."""
        self._writer.close()
        self._engine.dispose()
