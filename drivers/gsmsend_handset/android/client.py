"""The gateway app as `gsmsend.requesting` asks it: one text to one person a request, under our own id."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from gsmsend.contract import Clock, Submission
from gsmsend.errors import GuardStop, LinkLost
from gsmsend.model import Facts, Outcome, OutcomeKind, Refusal
from gsmsend.requesting import Heard, NeverLeft, Status
from gsmsend_handset.android import conduct, identity, telling, words
from gsmsend_handset.android.app import App, TextState
from gsmsend_handset.android.identity import Look
from gsmsend_handset.android.parts import PartReports
from gsmsend_handset.android.record import BrokenRequests
from gsmsend_handset.android.replies import Replies
from gsmsend_handset.android.settings import Settings
from gsmsend_handset.android.tether import Tether
from gsmsend_handset.android.transcript import Transcript
from gsmsend_handset.android.wire import Answered, NoAnswer, NotReached

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 2.0
_LOOKED_LATELY_S = 10.0
"""A SIM tray cannot be taken out and put back, and the new SIM be registered, in less."""

_APP_OFF = (
    "Open the app SMS Gateway for Android on the handset (install it if it is not there), switch 'Local server' "
    "on and press 'Offline' so that it says 'Online'."
)
_Fault = (NotReached, NoAnswer)


class AndroidClient:
    """Satisfies `gsmsend.requesting.Client`. `broken` outlives it: requests of this process without an answer."""

    def __init__(
        self,
        tether: Tether,
        app: App,
        settings: Settings,
        clock: Clock,
        broken: BrokenRequests,
        transcript: Transcript,
    ) -> None:
        self._tether, self._app, self._settings, self._clock, self._broken = tether, app, settings, clock, broken
        self._transcript = transcript
        self._replies = Replies(app, settings, clock)
        self._part_reports = PartReports(app, clock)
        self._look: Look | None = None
        self._looked_s = float("-inf")
        self._stop: GuardStop | None = None
        self._news: list[Heard] = []
        self._parts: dict[str, int] = {}
        self._woken = threading.Event()

    def bring_up(self) -> Facts:
        """Who handset and SIM are, whether its app answers, whether it takes the password.

        Raises GuardStop (a person must act at the handset or correct the config) or LinkLost.
        """
        self._look = seen = self._see()
        facts = seen.facts
        if facts.sim_state != "READY":
            raise GuardStop(
                f"the SIM in slot {seen.slot} of the handset {facts.device.address} is not ready "
                f"({facts.sim_state}); nothing was sent",
                remedy="Enter its PIN on the handset, or put a SIM in.",
            )
        try:
            facts = replace(facts, notes=(*facts.notes, *conduct.check(self._app)))
        except Answered as answered:
            raise self._denied(answered.status) from answered
        except _Fault as fault:
            raise self._lost(fault) from fault
        self._poll()
        if self._replies.why_not:
            facts = replace(facts, notes=(*facts.notes, self._replies.why_not))
        self._look = replace(seen, facts=facts)
        return facts

    def wire(self, submission: Submission) -> str:
        """The request's body, octet for octet; empty without an id of our own: it could be taken twice."""
        if not submission.key:
            return ""
        return json.dumps(self._app.message(submission, self._slot).asdict())

    def send(self, submission: Submission) -> Outcome:
        """Hand it over, and wait for what the app says of it: the network has it, or it failed and why.

        One of which the app says neither within `processed_unknown_after_s` is unknown.
        """
        outcome = self._send(submission)
        self._transcript.came(outcome)
        return outcome

    def _send(self, submission: Submission) -> Outcome:
        key = submission.key
        self._parts[key] = submission.total
        self._look_again()
        if self._before(key) is None:
            try:
                self._app.hand_over(submission, self._slot)
            except Answered as answered:
                refused = self._refused(key, answered)
                if refused is not None:
                    return refused
            except _Fault as fault:
                self._broke_off(key)
                if isinstance(fault, NoAnswer) and fault.silent:
                    within = f"{self._settings.request_timeout_s:g} s"
                    why = f"the app did not answer within {within} of being handed the text; it may go out"
                    return Outcome(OutcomeKind.UNKNOWN, raw=str(fault), why=why)
                raise LinkLost(f"the connection to the handset broke ({fault})") from fault
        return self._outcome(key)

    def ask(self, handles: Sequence[str]) -> Iterator[Status]:
        """What has become of these."""
        for handle in handles:
            try:
                known = self._app.state(handle)
                status = self._status(handle, known) if known is not None else None
            except Answered:
                continue
            except _Fault as fault:
                raise self._lost(fault) from fault
            if status is not None:
                yield status

    def lookup(self, key: str) -> Outcome | None:
        """What the app's record has under our id. Not having it is proof only as `BrokenRequests` says."""
        proof = self._broken.proves(key, self._record, self._clock.monotonic())
        try:
            known = self._app.state(key)
            if known is None and proof:
                self._app.close()
                known = self._app.state(key)
        except Answered:
            return None
        except _Fault as fault:
            raise self._lost(fault) from fault
        if known is None:
            if not proof:
                return None
            self._broken.settled(key)
            why = "the app's own record never had the text: the request was broken off before the app took it"
            return Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, raw="404", why=why)
        outcome = telling.outcome_of(key, known, self._parts.get(key, 0))
        if outcome is None or outcome.kind is OutcomeKind.UNKNOWN:
            return None
        self._broken.settled(key)
        return outcome

    def hear(self, timeout_s: float) -> Iterable[Heard] | None:
        """Received texts, and news of registration and signal. Raises GuardStop or LinkLost."""
        if self._stop is not None:
            raise self._stop
        wait_s = min(timeout_s, self._replies.due_in_s())
        if not self._news and wait_s > 0:
            self._woken.wait(wait_s)
        self._woken.clear()
        if not self._replies.due_in_s():
            self._poll()
        news, self._news = self._news, []
        return news

    def check(self) -> None:
        """Is it there, is it the same handset with the same SIM, does its app answer?"""
        if self._stop is not None:
            raise self._stop
        before, now = self._look, self._see()
        if before is None:
            return
        try:
            identity.check_same(before, now)
        except GuardStop as stop:
            self._stop = stop
            raise
        facts = replace(now.facts, sim=before.facts.sim, notes=before.facts.notes)
        if facts != before.facts:
            self._news.append(facts)
        self._look = replace(before, facts=facts)

    def wake(self) -> None:
        """End a wait."""
        self._woken.set()

    def close(self) -> None:
        """Close the connection and take the forwarded port away."""
        with suppress(Exception):
            self._app.close()
        self._tether.close()
        self._transcript.close()

    @property
    def _slot(self) -> int:
        return self._look.slot if self._look is not None else self._settings.sim or 1

    @property
    def _record(self) -> str:
        return f"{self._tether.serial} {self._look.record}" if self._look is not None and self._look.record else ""

    def _see(self) -> Look:
        """Look at the handset and its app. Raises GuardStop or LinkLost."""
        self._tether.there()
        try:
            install = self._app.install()
        except Answered as answered:
            raise self._denied(answered.status) from answered
        except _Fault as fault:
            raise self._lost(fault) from fault
        seen = identity.look(self._tether, install, self._settings.sim, self._look)
        self._looked_s = self._clock.monotonic()
        self._transcript.imei = seen.facts.device.imei
        return seen

    def _look_again(self) -> None:
        """Just before a text: another SIM must not send it. Raises NeverLeft."""
        if self._clock.monotonic() - self._looked_s < min(_LOOKED_LATELY_S, self._settings.check_s):
            return
        try:
            self.check()
        except GuardStop as stop:
            self._stop = stop
            raise NeverLeft(str(stop)) from stop
        except LinkLost as lost:
            raise NeverLeft(str(lost), lost=True) from lost

    def _before(self, key: str) -> TextState | None:
        """Ask for our id before it is used: the app answers, takes the password, and does not have it.

        So an app that is switched off is proof: nothing was handed over. Raises NeverLeft.
        """
        try:
            return self._app.state(key)
        except Answered as answered:
            denied = self._denied(answered.status)
            raise NeverLeft(str(denied), lost=self._stop is None, code=answered.status) from answered
        except _Fault as fault:
            raise NeverLeft(str(self._lost(fault)), lost=True, raw=str(fault)) from fault

    def _refused(self, key: str, answered: Answered) -> Outcome | None:
        """What an answer that is no success says of a text; None if the app has it. Raises LinkLost."""
        outcome = words.http_failure(answered.status).outcome(parts=1)
        if isinstance(self._denied(answered.status), LinkLost):
            # 409, or it failed only in its answer: what counts is its record.
            self._broke_off(key)
            if self._state(key) is not None:
                return None
        return outcome

    def _broke_off(self, key: str) -> None:
        self._app.close()
        self._broken.broken(key, self._record, self._clock.monotonic())

    def _outcome(self, key: str) -> Outcome:
        """Wait until the app says what came of it. Raises LinkLost: then it is unknown."""
        clock, within_s = self._clock, self._settings.processed_unknown_after_s
        until_s, wait_s, word = clock.monotonic() + within_s, _FIRST_WAIT_S, ""
        while True:
            known = self._state(key)
            if known is not None:
                outcome = telling.outcome_of(key, known, self._parts.get(key, 0))
                if outcome is not None:
                    return outcome
                word = known.word
            left_s = until_s - clock.monotonic()
            if left_s <= 0:
                return telling.no_word(word, within_s)
            threading.Event().wait(min(wait_s, left_s))
            wait_s = min(wait_s * 1.5, _LONGEST_WAIT_S)

    def _state(self, key: str) -> TextState | None:
        """The app's record now; None if it has none or cannot tell. Raises LinkLost."""
        try:
            return self._app.state(key)
        except Answered:
            return None
        except _Fault as fault:
            raise self._lost(fault) from fault

    def _status(self, handle: str, known: TextState) -> Status | None:
        parts = max(self._parts.get(handle, 0), known.parts)
        status = telling.status_of(handle, known, parts)
        if status is not None and status.status == telling.IN_PART:
            return self._part_reports.all_of(status, known, parts)
        return status

    def _poll(self) -> None:
        """Take in what came in. Raises LinkLost."""
        before = self._replies.why_not
        try:
            self._news += self._replies.poll(self._slot) if not before else []
        except _Fault as fault:
            raise self._lost(fault) from fault
        if self._replies.why_not != before and self._look is not None:
            facts = self._look.facts
            facts = replace(facts, notes=(*facts.notes, self._replies.why_not))
            self._news.append(facts)

    def _denied(self, status: int) -> GuardStop | LinkLost:
        """What an error says of the whole route; a wrong password stops it until a person acts."""
        address = self._tether.serial
        if status in {401, 403}:
            self._stop = GuardStop(
                f"the app on {address} does not take the user and password of driver.android; nothing was sent",
                remedy="They are shown in the app, under 'Local server'.",
            )
            return self._stop
        return LinkLost(f"the app on {address} answers with an error (HTTP {status})", remedy=_APP_OFF)

    def _lost(self, fault: Exception) -> LinkLost:
        silent = isinstance(fault, NoAnswer) and fault.silent
        how = "does not answer in time" if silent else "is not there"
        where = f"the app on {self._tether.serial} {how} (its port {self._settings.port})"
        return LinkLost(where, remedy=_APP_OFF)
