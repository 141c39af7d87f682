"""The driver `virtual`: modems without hardware, ports or AT, in this process. Address form `virtual:1`.

Settings (`[driver.virtual]`): `radio_s`, `radio_jitter_s`, `report_delay_s`, `reports`, `redelivery_s` as
`gsmsend bench` has them, `seed`, and `submit_timeout_s`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields

from gsmsend.at import standard_causes
from gsmsend.contract import (
    Clock,
    Endpoint,
    Link,
    OpenOptions,
    Receipt,
    Sink,
    StorageState,
    Stored,
    Submission,
    Traits,
)
from gsmsend.errors import ConfigError, LinkLost, SimStop, SmsError, UsageError
from gsmsend.model import Device, Facts, Inbound, Outcome, OutcomeKind, Refusal, Registration, Report, Sim
from gsmsend.sms import Deliver, StatusReport, encode_submit, to_pdu
from gsmsend_virtual import stored
from gsmsend_virtual.network import Conditions, Mt
from gsmsend_virtual.world import MOST_STATIONS, Station, World, unknown

NAME = "virtual"
SUBMIT_TIMEOUT_S = 60.0
LOOK_S = 0.005  # how often a receipt that is not durable yet is looked at
SIGNAL_DBM = -65


class VirtualDriver:
    """Satisfies gsmsend.contract.Driver and Readable. All links of one driver object share one network."""

    name = NAME
    summary = "virtual modems in this process: no hardware, reaches nobody"
    traits = Traits("virtual modem", reports="status reports, as a network's", replies="as they come")

    def __init__(self, world: World | None = None) -> None:
        self.world = world

    def discover(self) -> Sequence[Endpoint]:
        """Nothing: a virtual modem is there when it is named."""
        return ()

    def endpoint(self, address: str) -> Endpoint:
        """`virtual:1` to `virtual:400`. Raises UsageError."""
        name, _, number = address.partition(":")
        if name != NAME or not number.isdecimal() or not 1 <= int(number) <= MOST_STATIONS:
            raise UsageError(
                f"{address!r} is no virtual modem", remedy=f"write virtual:1, up to virtual:{MOST_STATIONS}"
            )
        return Endpoint(NAME, f"{NAME}:{int(number)}", description="virtual modem", virtual=True)

    def inspect(self, endpoint: Endpoint, options: OpenOptions) -> Facts:
        """Who it is."""
        world = self.world or World(_SystemClock(), _conditions(options.settings))
        return facts_of(endpoint, world.station(_index(endpoint)))

    def read_stored(self, endpoint: Endpoint, options: OpenOptions) -> Stored:
        """What its SIM holds. Raises GuardStop while that wants its PIN."""
        world = self.world or World(_SystemClock(), _conditions(options.settings))
        return stored.read(world.station(_index(endpoint)).sim)

    def open(self, endpoint: Endpoint, sink: Sink, clock: Clock, options: OpenOptions) -> Link:
        """Open a link. Raises LinkLost if the modem is unplugged, ConfigError for a wrong setting."""
        if self.world is None:
            seed = options.settings.get("seed", 0)
            self.world = World(clock, _conditions(options.settings), seed=int(str(seed)))
        timeout = options.settings.get("submit_timeout_s", SUBMIT_TIMEOUT_S)
        return VirtualLink(self.world, endpoint, sink, submit_timeout_s=float(str(timeout)))


class _SystemClock:
    def now(self) -> float:
        import time  # noqa: PLC0415 - only `inspect` is given no clock

        return time.time()

    def monotonic(self) -> float:
        import time  # noqa: PLC0415 - only `inspect` is given no clock

        return time.monotonic()


def _index(endpoint: Endpoint) -> int:
    return int(endpoint.address.partition(":")[2])


def _conditions(settings: Mapping[str, object]) -> Conditions:
    made = Conditions()
    for known in fields(Conditions):
        if known.name in settings:
            value = settings[known.name]
            kind = type(getattr(made, known.name))
            if isinstance(value, bool) is not (kind is bool) or not isinstance(value, (int, float)):
                raise ConfigError(f"[driver.virtual] {known.name} is {value!r}; expected a {kind.__name__}")
            setattr(made, known.name, kind(value))
    return made


def facts_of(endpoint: Endpoint, station: Station) -> Facts:
    """What `gsmsend modems` shows."""
    sim = station.sim
    return Facts(
        Device(NAME, endpoint.address, station.imei, "gsmsend", "Virtual modem", "1", virtual=True),
        Sim(sim.iccid, sim.imsi, sim.number),
        Registration.HOME if station.registered else Registration.SEARCHING,
        sim.operator_name if station.registered else "",
        SIGNAL_DBM if station.registered else None,
        sim.smsc,
    )


class VirtualLink:
    """Satisfies gsmsend.contract.Link and Countable."""

    def __init__(self, world: World, endpoint: Endpoint, sink: Sink, *, submit_timeout_s: float) -> None:
        self._world = world
        self._endpoint = endpoint
        self._sink = sink
        self._timeout_s = submit_timeout_s
        self._station = world.station(_index(endpoint))
        self._sim = self._station.sim
        # Serial and TP-MR of the submission whose answer may still come.
        self._awaited: tuple[int, int] | None = None
        self._receipt: tuple[Mt, Receipt] | None = None
        self._woken = False
        self._closed = False
        self._check()

    def bring_up(self) -> Facts:
        """Who it is. Raises LinkLost."""
        self._check()
        self._sim = self._station.sim
        self._world.listen(self._station, on=True)
        facts = facts_of(self._endpoint, self._station)
        self._sink.changed(facts)
        return facts

    def raw(self, submission: Submission) -> str:
        """The PDU as a modem on a port is given it; the network numbers it (TP-MR)."""
        try:
            return to_pdu(_coded(submission))
        except SmsError:
            return ""

    def submit(self, submission: Submission, commit: Callable[[str], None]) -> Outcome:
        """Hand one part over and wait for the network's answer. Raises LinkLost, GuardStop before `commit`."""
        self._check()
        self._turn()
        if not self._station.registered:
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, code=331, why="The modem has no network.")
        try:
            octets = _coded(submission)
        except SmsError as error:
            why = f"The text cannot be coded: {error.field}."
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.MESSAGE, why=why)
        commit(to_pdu(octets))
        if self._gone():
            return unknown("The modem went away while it was being sent.")
        sent = self._world.submit(self._station, octets)
        serial = sent.serial
        self._awaited = (serial, sent.submit.reference)
        end = self._world.clock.monotonic() + self._timeout_s
        while True:
            self._turn()
            outcome = self._answered(serial)
            if outcome is not None:
                return outcome
            left = end - self._world.clock.monotonic()
            if self._gone():
                return unknown("The modem went away before the network answered.")
            if left <= 0:
                return unknown("The network did not answer in time.")
            self._wait(left)

    def _answered(self, serial: int) -> Outcome | None:
        answers = self._station.answers
        while answers:
            number, code = answers.popleft()
            if self._awaited is not None and number == self._awaited[0]:
                outcome = _outcome(code, self._awaited[1])
                self._awaited = None
                if number == serial:
                    return outcome
                self._sink.late_outcome(outcome)
        return None

    def listen(self, timeout_s: float) -> None:
        """Tell the sink what comes, for `timeout_s` seconds or until `wake`. Raises LinkLost, GuardStop."""
        end = self._world.clock.monotonic() + timeout_s
        while True:
            self._check()
            self._turn()
            self._answered(-1)
            left = end - self._world.clock.monotonic()
            if self._woken or left <= 0:
                self._woken = False
                return
            self._wait(left)

    def counter(self) -> int | None:
        """EF-SMSS of the virtual SIM. Raises LinkLost."""
        self._check()
        return self._station.sim.smss

    def storage(self, within_s: float) -> StorageState:  # noqa: ARG002 - it takes no time
        """What its SIM holds; there is no device to hold anything. Raises LinkLost."""
        self._check()
        return stored.count(self._station.sim)

    def wake(self) -> None:
        """Make `listen` return soon."""
        self._woken = True
        self._station.stirred.set()

    def close(self) -> None:
        """Let go of it."""
        if not self._closed:
            self._closed = True
            if self._receipt is not None:
                self._station.inbox.appendleft(self._receipt[0])
                self._receipt = None
            self._world.listen(self._station, on=False)

    # -- turning the crank --------------------------------------------------------------------------------

    def _gone(self) -> bool:
        return not self._station.plugged

    def _check(self) -> None:
        if self._closed or self._gone():
            raise LinkLost(f"{self._endpoint.address} is not there", remedy="plug it in again")
        if self._station.sim is not self._sim:
            found, expected = self._station.sim.iccid, self._sim.iccid
            raise SimStop(
                f"another SIM is in {self._endpoint.address}: {found} in place of {expected}",
                remedy=f"put SIM {expected} back",
            )

    def _turn(self) -> None:
        """Let the network work, and pass on what it has for us."""
        self._world.advance()
        while True:
            if self._receipt is not None:
                if not self._receipt[1].durable:
                    return
                self._world.acknowledge(self._station, self._receipt[0])
                self._receipt = None
            with self._world.lock:
                mt = self._station.inbox.popleft() if self._station.inbox else None
            if mt is None:
                return
            self._receipt = (mt, self._tell(mt))

    def _tell(self, mt: Mt) -> Receipt:
        raw = (mt.sca + mt.tpdu).hex().upper()
        if mt.kind == "report":
            report = StatusReport.decode(mt.tpdu)
            return self._sink.report(
                Report(
                    report.reference, report.recipient.text, report.status, report.service_centre_time.epoch_s,
                    report.discharge_time.epoch_s, raw, "CDS",
                )
            )  # fmt: skip
        deliver = Deliver.decode(mt.tpdu)
        header = deliver.user_data.header
        joined = header.concatenation if header is not None else None
        return self._sink.inbound(
            Inbound(
                deliver.originator.text, deliver.text, deliver.service_centre_time.epoch_s,
                (joined.reference, joined.total, joined.seq) if joined is not None else None, raw, "CMT",
            )
        )  # fmt: skip

    def _wait(self, left: float) -> None:
        due = self._world.advance()
        if self._receipt is not None:
            left = min(left, LOOK_S)
        self._station.stirred.wait(left if due is None else min(left, due))
        self._station.stirred.clear()


def _coded(submission: Submission) -> bytes:
    return encode_submit(
        submission.destination, submission.segment, seq=submission.seq, total=submission.total,
        concat_reference=submission.concat_reference, report=submission.report,
        validity_s=submission.validity_s,
    )  # fmt: skip


def _outcome(code: int | None, reference: int) -> Outcome:
    if code is None:
        return Outcome(OutcomeKind.ACCEPTED, reference=reference)
    if code < 0:
        return unknown("The modem answered ERROR and no more.")
    return standard_causes().cause(code).after_pdu(f"+CMS ERROR: {code}")
