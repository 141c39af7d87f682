"""One modem that ModemManager holds, as a `gsmsend.requesting.Client`.

A text is an object of ModemManager: made by Messaging.Create(), handed over by Sms.Send(), let go of by
Messaging.Delete() once its end is known. It is never stored (Sms.Store), so nothing of it is on the SIM or in the
modem's memory, and deleting it touches neither. Objects that are not ours are left as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from gsmsend.contract import Submission
from gsmsend.errors import DeviceGone, GuardStop, LinkLost
from gsmsend.model import Facts, Inbound, Outcome, OutcomeKind, Refusal, fingerprint
from gsmsend.requesting import Heard, NeverLeft, Status
from gsmsend.sms import split
from gsmsend_handset import modemmanager_facts as mm
from gsmsend_handset.bus import Address, Bus, BusError, BusGone, NoAnswer, Pending, Signal
from gsmsend_handset.bus_errors import outcome_of
from gsmsend_handset.bus_record import BusRecord
from gsmsend_handset.bus_settings import DIALLED, Buses
from gsmsend_handset.modemmanager_reports import Handle, Reports, epoch_s

SMS = f"{mm.SERVICE}.Sms"
TABLE = "modemmanager.csv"
_PROPERTIES_CHANGED, _INTERFACES_REMOVED, _OWNER_CHANGED = (
    "PropertiesChanged",
    "InterfacesRemoved",
    "NameOwnerChanged",
)
_DELIVER, _STATUS_REPORT = 1, 3
_RECEIVED, _SENT = 3, 5
_ON_THE_SIM = {1, 3}
"""MMSmsStorage: SM, and MT, which has it in it."""
_RELATIVE = 1
_ENABLE_S, _ON = 90.0, True


@dataclass(slots=True)
class _Sending:
    """A text that was handed over: its object, and the reply to Send() that is still to come."""

    path: str
    key: str
    destination: str
    parts: int
    total: int
    reply: Pending | None = None


class ModemClient:
    """Satisfies `gsmsend.requesting.Client`. `wanted` says which modem."""

    def __init__(self, buses: Buses, wanted: mm.Wanted, submit_timeout_s: float, record: BusRecord) -> None:
        self._bus = Bus(buses.system, mm.NAME)
        self._record, self._bus.told = record, record.called
        self._virtual, self._wanted, self._timeout_s = buses.private, wanted, submit_timeout_s
        self._path, self._owner = "", ""
        self._facts: Facts | None = None
        self._reports = Reports()
        self._doubtful: dict[str, _Sending] = {}
        self._last: _Sending | None = None
        self._incomplete: set[str] = set()
        self._waiting: list[Heard] = []
        self._lost: LinkLost | None = None

    def bring_up(self) -> Facts:
        """Find the modem and say who it is; one that is switched off in ModemManager is switched on."""
        try:
            self._bus.watch(mm.SERVICE)
            objects = self._bus.objects(mm.SERVICE, mm.ROOT, within_s=mm.CALL_S)
            self._owner = self._bus.owner(mm.SERVICE)
            self._path = mm.choose(objects, self._wanted)
            facts = mm.read_facts(self._bus, self._path, virtual=self._virtual)
            mm.ready(facts)
            self._record.device = facts.device.imei
            if mm.modems(objects)[self._path].get("State") == mm.DISABLED:
                self._bus.call(self._at(mm.MODEM), "Enable", "b", _ON, within_s=_ENABLE_S)
                facts = mm.read_facts(self._bus, self._path, virtual=self._virtual)
            facts = self._sweep(facts)
        except (BusError, NoAnswer, BusGone) as fault:
            raise mm.lost(fault) from None
        self._facts = facts
        return facts

    def _at(self, interface: str, path: str = "") -> Address:
        return Address(mm.SERVICE, path or self._path, interface)

    def _sweep(self, facts: Facts) -> Facts:
        """Take what came while nobody listened, but from the SIM: reports, and texts that the modem holds."""
        swept: list[Inbound] = []
        messaging = self._bus.properties(self._at(mm.MESSAGING), within_s=mm.CALL_S)
        for path in messaging.get("Messages", ()):
            with suppress(BusError):  # gone meanwhile
                text = self._bus.properties(self._at(SMS, path), within_s=mm.CALL_S)
                if text.get("PduType") == _STATUS_REPORT:
                    self._reports.keep(path, text)
                elif _complete(text) and text.get("Storage") not in _ON_THE_SIM:
                    swept.append(_inbound(text, "sweep"))
        self._waiting += swept
        held = tuple(fingerprint(one.raw) for one in swept)
        return replace(facts, device=replace(facts.device, holds=held))

    def wire(self, submission: Submission) -> str:
        """The properties that the text is made with, as JSON; empty for what is no number."""
        if not DIALLED.fullmatch(submission.destination):
            return ""
        return f"Messaging.Create {json.dumps(_properties(submission), sort_keys=True)}"

    def send(self, submission: Submission) -> Outcome:
        """Make the text and send it; REFUSED only where the error proves that nothing went out."""
        self._last = None
        path = self._create(submission)
        parts = len(split(submission.text, national=False).segments)
        sending = _Sending(path, submission.key, submission.destination, parts, submission.total)
        self._record.handed_over(submission.total, len(submission.text.encode()))
        try:
            sending.reply = self._bus.begin(self._at(SMS, path), "Send")
        except BusGone:
            raise NeverLeft("the message bus is gone", refusal=Refusal.MODEM, lost=True) from None
        self._bus.wait(self._timeout_s, lambda: sending.reply is not None and sending.reply.done)
        if not sending.reply.done:
            self._doubtful[sending.key] = self._last = sending
            why = f"ModemManager did not answer in {self._timeout_s:g} s; the text may have gone out"
            outcome = Outcome(OutcomeKind.UNKNOWN, raw="no answer to Send()", why=why)
        else:
            outcome = self._settle(sending)
        self._record.outcome(outcome)
        return outcome

    def _create(self, submission: Submission) -> str:
        from dbus_fast import Variant  # noqa: PLC0415 - an extra: only those who use it have it

        asked = _properties(submission)
        values = {"number": Variant("s", asked["number"]), "text": Variant("s", asked["text"])}
        values["delivery-report-request"] = Variant("b", asked["delivery-report-request"])
        if "validity" in asked:
            kind, minutes = asked["validity"]
            values["validity"] = Variant("(uv)", [kind, Variant("u", minutes)])
        try:
            made = self._bus.call(self._at(mm.MESSAGING), "Create", "a{sv}", values, within_s=mm.CALL_S)
        except BusError as error:
            told = outcome_of(TABLE, error.name.removeprefix(mm.ERROR), error.text)
            why = f"ModemManager did not take the text: {told.why}" if told.refusal else "ModemManager refused it"
            raise NeverLeft(why, refusal=told.refusal or Refusal.MODEM, raw=error.name, code=told.code) from None
        except NoAnswer:
            why = "ModemManager does not answer; it was not told to send"
            raise NeverLeft(why, refusal=Refusal.MODEM) from None
        except BusGone:
            raise NeverLeft("the message bus is gone", refusal=Refusal.MODEM, lost=True) from None
        return str(made[0])

    def _settle(self, sending: _Sending) -> Outcome:
        """The outcome, the reply being there; the object is let go of, unless its end is not known."""
        assert sending.reply is not None  # noqa: S101 - asked for only then
        try:
            sending.reply.result()
        except BusError as error:
            outcome = outcome_of(TABLE, error.name.removeprefix(mm.ERROR), error.text, parts=sending.parts)
            if outcome.kind is OutcomeKind.UNKNOWN:
                self._doubtful[sending.key] = sending
            else:
                self._let_go(sending)
            return outcome
        except BusGone:
            self._lost = mm.lost(BusGone())
            why = "the message bus went away while the text was being sent; it may have gone out"
            return Outcome(OutcomeKind.UNKNOWN, raw="bus gone", why=why)
        return self._accepted(sending)

    def _accepted(self, sending: _Sending) -> Outcome:
        reference = -1
        with suppress(BusError, NoAnswer, BusGone):
            text = self._bus.properties(self._at(SMS, sending.path), within_s=mm.CALL_S)
            reference = int(text.get("MessageReference", -1))
        if reference < 0:
            return Outcome(OutcomeKind.ACCEPTED, raw="sent, with no reference", handle=sending.key)
        handle = Handle.of(sending.key, reference, sending.parts, sending.total)
        self._reports.sent(handle, sending.destination)
        self._doubtful.pop(sending.key, None)
        self._let_go(sending)
        return Outcome(OutcomeKind.ACCEPTED, raw=f"MessageReference {reference}", handle=str(handle))

    def _let_go(self, sending: _Sending) -> None:
        """Have ModemManager forget the text, if it is stored nowhere."""
        with suppress(BusError, NoAnswer, BusGone):
            text = self._bus.properties(self._at(SMS, sending.path), within_s=mm.CALL_S)
            if text.get("Storage") == 0:
                self._bus.call(self._at(mm.MESSAGING), "Delete", "o", sending.path, within_s=mm.CALL_S)

    def ask(self, handles: Sequence[str]) -> Iterable[Status]:
        """Reports that are there already and were not known to be of these."""
        return list(self._reports.expect(handles))

    def lookup(self, key: str) -> Outcome | None:
        """What ModemManager's object of the text says, as long as both are there."""
        sending = self._doubtful.get(key)
        if sending is None:
            return None
        try:
            text = self._bus.properties(self._at(SMS, sending.path), within_s=mm.CALL_S)
        except BusError:
            return None
        except (NoAnswer, BusGone) as fault:
            raise mm.lost(fault) from None
        return self._accepted(sending) if text.get("State") == _SENT else None

    def hear(self, timeout_s: float) -> Iterable[Heard]:
        """Reports, texts, changes, and the late answer to the last text."""
        found, self._waiting = self._waiting, []
        if self._lost is not None:
            raise self._lost
        try:
            for signal in self._bus.hear(0.0 if found else timeout_s):
                found += self._take(signal)
            found += self._reports.unmatched(monotonic())
            found += self._late()
        except (NoAnswer, BusGone) as fault:
            raise mm.lost(fault) from None
        if not self._bus.connected:
            self._lost = mm.lost(BusGone())
        if self._lost is not None and not found:
            raise self._lost
        return found

    def _late(self) -> Iterator[Outcome]:
        last = self._last
        if last is not None and last.reply is not None and last.reply.done:
            self._last = None
            outcome = self._settle(last)
            if outcome.kind is not OutcomeKind.UNKNOWN:
                self._doubtful.pop(last.key, None)
                self._record.outcome(outcome, late=True)
                yield outcome

    def _take(self, signal: Signal) -> Iterator[Heard]:
        if signal.member == _OWNER_CHANGED and signal.body[:1] == (mm.SERVICE,) and signal.body[2] != self._owner:
            self._lost = LinkLost("ModemManager ended or was started anew", remedy="See that it runs.")
        elif signal.member == _INTERFACES_REMOVED and signal.body[0] == self._path:
            self._lost = DeviceGone(f"{self._words} was unplugged, or restarted", remedy="Plug it in again.")
        elif signal.member == "Added" and signal.path == self._path and signal.body[1]:
            yield from self._received(signal.body[0])
        elif signal.member == _PROPERTIES_CHANGED:
            if signal.path in self._incomplete:
                yield from self._received(signal.path)
            elif signal.path == self._path or signal.body[0] == mm.SIM:
                yield from self._changed()

    def _received(self, path: str) -> Iterator[Heard]:
        """What came from the network: a report, or a text if all of its parts are there."""
        try:
            text = self._bus.properties(self._at(SMS, path), within_s=mm.CALL_S)
        except BusError:
            return  # another program deleted it
        if text.get("PduType") == _STATUS_REPORT:
            yield from self._reports.take(path, text, monotonic())
        elif _complete(text):
            self._incomplete.discard(path)
            yield _inbound(text, "event")
        elif text.get("PduType") == _DELIVER:
            self._incomplete.add(path)

    def _changed(self) -> Iterator[Facts]:
        """The facts, if they are others now. Raises GuardStop if another SIM, or none, is in the modem."""
        known = self._facts
        if known is None:
            return
        try:
            facts = mm.read_facts(self._bus, self._path, virtual=self._virtual)
        except BusError:
            self._lost = DeviceGone(f"{self._words} is gone from ModemManager", remedy="Plug it in again.")
            return
        now, before = facts.sim, known.sim
        same = now.iccid == before.iccid and now.imsi == before.imsi
        if not same:
            was, is_now = before.iccid or before.imsi, now.iccid or now.imsi
            found = f"the SIM {is_now}" if is_now else "no SIM that can be read"
            raise GuardStop(
                f"the SIM {was} is not in {self._words} any more: there is {found}; nothing more is sent",
                remedy=f"Put the SIM {was} back, or start an operation of its own for the other.",
            )
        mm.ready(facts)
        facts = replace(facts, device=known.device, sim=known.sim)
        if facts != known:
            self._facts = facts
            yield facts

    def check(self) -> None:
        """Whether ModemManager is the same, and has the same modem with the same SIM."""
        try:
            if self._bus.owner(mm.SERVICE) != self._owner:
                raise LinkLost("ModemManager ended or was started anew", remedy="See that it runs.")
            self._waiting += self._changed()
        except (NoAnswer, BusGone) as fault:
            raise mm.lost(fault) from None
        if self._lost is not None:
            raise self._lost

    @property
    def _words(self) -> str:
        known = self._facts
        return f"the modem {known.device.address}" if known is not None else "the modem"

    def wake(self) -> None:
        """Make a blocked `hear` return soon."""
        self._bus.wake()

    def close(self) -> None:
        """Let go."""
        self._bus.close()
        self._record.close()


def _properties(submission: Submission) -> dict[str, Any]:
    """What Create() is asked for. A validity period is in whole minutes."""
    asked: dict[str, Any] = {
        "number": submission.destination, "text": submission.text, "delivery-report-request": submission.report,
    }  # fmt: skip
    if submission.validity_s is not None:
        asked["validity"] = [_RELATIVE, max(1, round(submission.validity_s / 60))]
    return asked


def _complete(text: dict[str, Any]) -> bool:
    return text.get("PduType") == _DELIVER and text.get("State") == _RECEIVED


def _inbound(text: dict[str, Any], how: str) -> Inbound:
    """A received text; `raw` is the same whenever the same one is read."""
    names = ("Number", "Text", "Data", "SMSC", "Timestamp")
    known = {name: text[name].hex() if isinstance(text.get(name), bytes) else text.get(name) for name in names}
    return Inbound(
        str(text.get("Number", "")), str(text.get("Text", "")), epoch_s(text.get("Timestamp")),
        raw=json.dumps(known, sort_keys=True), how=how,
    )  # fmt: skip
