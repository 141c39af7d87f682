"""Faults of the network: refusals, registration, and everything that befalls status reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from gsmsend_virtual import tpdu
from gsmsend_virtual.codes import CMS_TEXTS
from gsmsend_virtual.faults import ALWAYS, Disarm, Options, Trigger, nothing, switch, together
from gsmsend_virtual.modem import Modem
from gsmsend_virtual.network import Rule, Shaped, Submission

if TYPE_CHECKING:
    from gsmsend_virtual.bench import Bench

ERROR_ALONE = -1
OTHER_SMSC = "+447700900801"


class Quiet:
    """A rule with nothing to say; the others say one thing each."""

    def __init__(self, trigger: Trigger) -> None:
        self.trigger = trigger

    def refuse(self, submission: Submission) -> int | None:
        """No refusal."""
        _ = submission
        return None

    def shape(self, submission: Submission, reports: list[Shaped]) -> list[Shaped]:
        """Reports as they are."""
        _ = submission
        return reports

    def air_s(self, submission: Submission, seconds: float) -> float | None:
        """Radio time as it is."""
        _ = submission
        return seconds

    def fires(self, submission: Submission, what: str = "") -> bool:
        """Whether the switch picks this submission."""
        modem = submission.subscriber
        return self.trigger.fires(modem if isinstance(modem, Modem) else None, what)


def _ruled(bench: Bench, rule: Rule) -> Disarm:
    bench.network.rules.append(rule)

    def remove() -> None:
        if rule in bench.network.rules:
            bench.network.rules.remove(rule)

    return remove


# -- refusals ---------------------------------------------------------------------------------------------


class Refuse(Quiet):
    """Refuse with a code; to one number only, if one is given. `sent`: it goes out all the same."""

    def __init__(self, trigger: Trigger, codes: tuple[int, ...], number: str = "", *, sent: bool = False) -> None:
        super().__init__(trigger)
        self._codes = codes
        self._number = tpdu.canonical(number) if number else ""
        self._sent = sent
        self._next = 0

    def refuse(self, submission: Submission) -> int | None:
        """The next code, where it fires."""
        if self._number and submission.submit.number != self._number:
            return None
        code = self._codes[self._next % len(self._codes)]
        if not self.fires(submission, f"+CMS ERROR: {code}" if code >= 0 else "ERROR"):
            return None
        self._next += 1
        if self._sent:
            submission.answered_with = code
            return None
        return code


@switch(
    "refuse",
    "The network refuses a text with this +CMS ERROR code; only those to one number, if given."
    " With sent=yes the text goes out all the same: the answer lies.",
    code="38", to="", sent="no",
)  # fmt: skip
def refuse(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    sent = options.text("sent", "yes", "no") == "yes"
    return _ruled(bench, Refuse(trigger, (options.whole("code"),), options.text("to"), sent=sent))


@switch("refuse-each", "Text after text is refused, with every +CMS ERROR code in turn.", count="0")
def refuse_each(bench: Bench, _options: Options, trigger: Trigger) -> Disarm:
    return _ruled(bench, Refuse(trigger, tuple(sorted(CMS_TEXTS))))


@switch("error", "A text is refused with ERROR alone; with sent=yes it goes out all the same.", to="", sent="no")
def error(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    sent = options.text("sent", "yes", "no") == "yes"
    return _ruled(bench, Refuse(trigger, (ERROR_ALONE,), options.text("to"), sent=sent))


@switch("always-refused", "One number is always refused (unassigned number, unless another code is given).",
        to="+447700900500", code="1", count="0")  # fmt: skip
def always_refused(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    return _ruled(bench, Refuse(trigger, (options.whole("code"),), options.text("to")))


@switch("credit-gone", "The credit is used up: everything is refused from the text after the first `skip` on.",
        code="50", count="0")  # fmt: skip
def credit_gone(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    return _ruled(bench, Refuse(trigger, (options.whole("code"),)))


@switch("line-barred", "The operator bars the line: everything is refused with 8 (or another code).",
        code="8", count="0")  # fmt: skip
def line_barred(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    return _ruled(bench, Refuse(trigger, (options.whole("code"),)))


class Silent(Quiet):
    """The network never answers."""

    def __init__(self, trigger: Trigger, *, lost: bool) -> None:
        super().__init__(trigger)
        self._lost = lost

    def air_s(self, submission: Submission, seconds: float) -> float | None:
        """None where it fires."""
        if not self.fires(submission, "no answer"):
            return seconds
        if self._lost:
            submission.on_air = False
        return None


@switch("lost-on-air", "A text gets lost between the modem and the network: it reaches nobody, no answer comes.")
def lost_on_air(bench: Bench, _options: Options, trigger: Trigger) -> Disarm:
    return _ruled(bench, Silent(trigger, lost=True))


class Slow(Quiet):
    """More radio time."""

    def __init__(self, trigger: Trigger, seconds: float) -> None:
        super().__init__(trigger)
        self._seconds = seconds

    def air_s(self, submission: Submission, seconds: float) -> float | None:
        """Longer where it fires."""
        return seconds + self._seconds if self.fires(submission, "slow") else seconds


@switch("slow-network", "A text takes so many seconds more on air.", s="10")
def slow_network(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    return _ruled(bench, Slow(trigger, options.number("s")))


# -- registration -----------------------------------------------------------------------------------------


def _registration(name: str, words: str, stat: int) -> None:
    @switch(name, words, **{"for": "0", "after": "0"})
    def arm(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
        lasts, after = options.number("for"), options.number("after")
        modems = list(trigger.modems)
        for modem in modems:
            trigger.log(modem, name)
        before = {modem: modem.registration for modem in modems}

        def begin() -> None:
            for modem in modems:
                modem.set_registration(stat)

        def end() -> None:
            for modem in modems:
                if modem.registration == stat:
                    modem.set_registration(before[modem])

        timers = [bench.timers.after(after, begin)]
        if lasts:
            timers.append(bench.timers.after(after + lasts, end))
        return together(*(timer.cancel for timer in timers), end)


_registration("no-network", "No network: searching; after so many seconds, for so many (0: for good).", 2)
_registration("not-searching", "No network, and not looking for one.", 0)
_registration("limited", "Limited service: registration denied, emergency calls only.", 3)
_registration("roaming", "The modem roams.", 5)


@switch("signal", "The signal is this strong, as +CSQ gives it (0 to 31, 99 unknown).", rssi="3")
def signal(_bench: Bench, options: Options, trigger: Trigger) -> Disarm:
    for modem in trigger.modems:
        modem.signal = options.whole("rssi")
    return nothing


# -- reports ----------------------------------------------------------------------------------------------


class Reshape(Quiet):
    """Change the reports of a submission."""

    def __init__(self, trigger: Trigger, name: str, options: Options, bench: Bench) -> None:
        super().__init__(trigger)
        self._name, self._options, self._bench = name, options, bench
        self._status = options.whole("status") if "status" in options.values else 0
        self._seconds = options.number("s") if "s" in options.values else 0.0

    def shape(self, submission: Submission, reports: list[Shaped]) -> list[Shaped]:
        """The reports, changed where it fires."""
        if not reports or not self.fires(submission, self._name):
            return reports
        first, seconds = reports[0], self._seconds
        changes: dict[str, Callable[[], list[Shaped]]] = {
            "report-lost": list,
            "report-late": lambda: [replace(it, after_s=it.after_s + seconds) for it in reports],
            "report-twice": lambda: [*reports, replace(first, after_s=first.after_s + seconds)],
            "report-early": lambda: [replace(it, early=True) for it in reports],
            "reports-shuffled": lambda: [self._shuffled(it) for it in reports],
            "report-clock": lambda: [replace(it, clock_s=seconds) for it in reports],
            "report-national": lambda: self._national(submission, reports),
            "report-smsc": lambda: [replace(it, smsc=self._options.text("number")) for it in reports],
            "report-status": lambda: [replace(it, status=self._status) for it in reports],
            "report-pending": lambda: self._pending(reports),
            "report-unknown": lambda: self._unknown(submission, reports),
        }
        return changes[self._name]()

    def _shuffled(self, shaped: Shaped) -> Shaped:
        return replace(shaped, after_s=shaped.after_s + self._seconds * self._bench.network.random.random())

    def _national(self, submission: Submission, reports: list[Shaped]) -> list[Shaped]:
        return [replace(it, recipient=tpdu.national(submission.submit.number)) for it in reports]

    def _unknown(self, submission: Submission, reports: list[Shaped]) -> list[Shaped]:
        return [*reports, replace(reports[0], reference=(submission.submit.reference + 97) % 256)]

    def _pending(self, reports: list[Shaped]) -> list[Shaped]:
        waiting = [replace(it, status=self._status) for it in reports]
        return [*waiting, *(replace(it, after_s=it.after_s + self._seconds) for it in reports)]


_REPORTS: dict[str, tuple[str, dict[str, str]]] = {
    "report-lost": ("The status report never comes.", {}),
    "report-late": ("The status report comes so many seconds later.", {"s": "30"}),
    "report-twice": ("The status report comes a second time so many seconds later.", {"s": "1"}),
    "report-early": ("The status report comes before the +CMGS line.", {}),
    "reports-shuffled": ("Status reports come out of order, within so many seconds.", {"s": "3", "count": "0"}),
    "report-clock": ("The network's clock is wrong by so many seconds in the report.", {"s": "86400"}),
    "report-national": ("The report names the recipient in national form.", {}),
    "report-smsc": ("The report comes from another service centre.", {"number": OTHER_SMSC}),
    "report-status": ("The report says this TP-Status instead of delivered.", {"status": "0x46"}),
    "report-pending": (
        "A temporary TP-Status first, the final report so many seconds later.", {"status": "0x30", "s": "2"}
    ),
    "report-unknown": ("A report for a part that nobody sent comes along with the right one.", {}),
}  # fmt: skip


def _report_switch(name: str, words: str, keys: dict[str, str]) -> None:
    @switch(name, words, **keys)
    def arm(bench: Bench, options: Options, trigger: Trigger) -> Disarm:
        return _ruled(bench, Reshape(trigger, name, options, bench))


for _name, (_words, _keys) in _REPORTS.items():
    _report_switch(_name, _words, _keys)


@switch("no-reports", "The network sends no status reports.", **ALWAYS)
def no_reports(bench: Bench, _options: Options, _trigger: Trigger) -> Disarm:
    conditions = bench.network.conditions
    conditions.reports = False
    return lambda: setattr(conditions, "reports", True)
