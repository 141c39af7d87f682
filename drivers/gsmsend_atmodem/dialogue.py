"""The sans-IO session joined to a port: ask and wait, or hear what comes. Blocks; owned by one thread."""

from __future__ import annotations

from collections.abc import Callable

from gsmsend.at import Answered, Event, Final, PromptSeen, Reply, Session, Stage, Stale, replies
from gsmsend.contract import Clock
from gsmsend.errors import LinkLost
from gsmsend.model import Outcome
from gsmsend_atmodem.port import Port
from gsmsend_atmodem.profile import Profile
from gsmsend_atmodem.transcript import Transcript

LONGEST_WAIT_S = 3600.0
WAKE_TIMEOUTS_S = (0.4, 0.6, 1.0, 2.0, 2.0)
SYNC_TIMEOUT_S = 2.0
SYNC_TRIES = 3
DRAIN_S = 0.3
_PUT_OFF = (b"AT+CMGS=", b"AT+CNMA")
"""Written out to the transcript with the PDU that follows, or when nothing more is to do: they change nothing."""
MOST_READS = 50
"""Before the next text, of a modem that never stops talking."""


class Dialogue:
    """One command at a time over one port. `hear` is told of every event that answers nothing we asked.

    `in_step`: the next answer will belong to the next question. After a silence, or an answer that nobody
    asked for, it is not, and `ask` first brings it about again. `answered_at`: when it last answered.
    """

    def __init__(self, port: Port, profile: Profile, clock: Clock, transcript: Transcript | None = None) -> None:
        self.port = port
        self.clock = clock
        self.transcript = transcript
        trace = transcript.trace if transcript is not None else None
        self.session = Session(profile.rule_table(), profile.cause_table(), trace)
        self.hear: Callable[[Event], None] = lambda _: None
        self.in_step = False
        self.answered_at = 0.0
        self.lost: LinkLost | None = None
        self._reply: Reply | None = None
        self._answer: Outcome | None = None

    def adopt(self, profile: Profile) -> None:
        """Take the profile's unsolicited lines and codes, once it is known which it is."""
        self.session.rules, self.session.causes = profile.rule_table(), profile.cause_table()

    # -- plain commands ------------------------------------------------------------------------------

    def wake(self) -> None:
        """Get an answer to AT; then echo off, results in words, errors with numbers. Raises LinkLost.

        ESC goes first, in case the modem is stuck at a prompt with half a PDU: never Ctrl-Z.
        """
        if not any(self._escape_and_ask("AT", timeout_s).ok for timeout_s in WAKE_TIMEOUTS_S):
            raise LinkLost(
                f"nothing on {self.port.address} answers AT",
                remedy="Is it the right port? `gsmsend modems` lists them. Unplug the modem and plug it in again.",
            )
        self._exchange("ATE0", SYNC_TIMEOUT_S)
        self._exchange("ATV1", SYNC_TIMEOUT_S)
        if not self._exchange("AT+CMGF?", SYNC_TIMEOUT_S, awaited="+CMGF:").ok:
            self._drain()
        self.in_step = True
        self.ask("AT+CMEE=1", SYNC_TIMEOUT_S)
        if self.session.echo is None:
            self.session.echo = True  # it says OK to ATE0 and goes on echoing: no sign of a restart then

    def ask(self, command: str, timeout_s: float, *, secret: bool = False) -> Reply:
        """Send a plain command and wait for its end; silence is a reply too. Raises LinkLost.

        What a `secret` one sets is in no transcript, reply or error.
        """
        if not self.in_step:
            self.synchronise()
        reply = self._exchange(command, timeout_s, secret=secret)
        if reply.result.final is Final.SILENCE:
            self.in_step = False
        return reply

    def synchronise(self) -> bool:
        """Make sure that the next answer belongs to the next question; whether the modem is in PDU mode.

        It asks what no other question is answered with. Raises LinkLost if the modem stays out of step.
        """
        for _ in range(SYNC_TRIES):
            self.session.cancel_prompt()
            reply = self._exchange("AT+CMGF?", SYNC_TIMEOUT_S, awaited="+CMGF:")
            if reply.ok:
                self.in_step = True
                return (replies.value(reply.lines, "+CMGF:") or "").startswith("0")
        self._drain()
        self.in_step = True
        return False

    def _drain(self) -> None:
        """For a modem that does not say its mode: it passes if it falls silent and then answers AT."""
        self.session.cancel_prompt()
        self.rest(DRAIN_S)
        if not self._exchange("AT", SYNC_TIMEOUT_S).ok:
            raise LinkLost(
                f"the modem on {self.port.address} has stopped answering",
                remedy="gsmsend tries it again by itself; if it stays so, unplug the modem and plug it in again.",
            )
        self.rest(DRAIN_S)

    def _escape_and_ask(self, command: str, timeout_s: float) -> Reply:
        self.session.cancel_prompt()
        return self._exchange(command, timeout_s)

    def _exchange(self, command: str, timeout_s: float, *, awaited: str = "", secret: bool = False) -> Reply:
        self._forget()
        self.session.send(command, timeout_s, self.now(), awaited=awaited, secret=secret)
        self.flush()
        while self._reply is None:
            self.step(LONGEST_WAIT_S)
        return self._reply

    # -- submissions -----------------------------------------------------------------------------------

    def submit(self, octets: int, timeout_s: float) -> Outcome | None:
        """Send AT+CMGS and wait for the prompt: None if it is there, else the outcome. Raises LinkLost."""
        self._forget()
        self.session.submit(octets, timeout_s, self.now())
        self.flush()
        return self._await_prompt()

    def confirm_prompt(self, wait_s: float) -> Outcome | None:
        """Hear what came meanwhile, for `wait_s`: None if the prompt is still there. Raises LinkLost."""
        until = self.now() + wait_s
        while self.step(until - self.now()) or self.now() < until:
            pass
        return self._await_prompt()

    def release(self, pdu: str, timeout_s: float) -> Outcome:
        """Hand the PDU over and wait for what comes of it. A port that is lost is told by `lost`."""
        try:
            self.session.release(pdu, timeout_s, self.now())
            self.flush()
            return self._outcome()
        except LinkLost as lost:
            return self.break_off(lost)

    def escape(self) -> None:
        """Leave the prompt with nothing sent, and wait until the modem has. Raises LinkLost."""
        if self.session.stage is Stage.PROMPT:
            self.session.escape(self.now())
            self.flush()
        self._outcome()

    def break_off(self, lost: LinkLost) -> Outcome:
        """The port is gone: the outcome of the submission that was under way. Raises `lost` if none was."""
        self.lost = lost
        self._dispatch(self.session.disconnected())
        if self._answer is None:
            raise lost
        return self._answer

    def _await_prompt(self) -> Outcome | None:
        while self._answer is None and self.session.stage is not Stage.PROMPT:
            self.step(LONGEST_WAIT_S)
        return self._answer

    def _outcome(self) -> Outcome:
        while self._answer is None:
            self.step(LONGEST_WAIT_S)
        return self._answer

    # -- the port ----------------------------------------------------------------------------------------

    def step(self, wait_s: float) -> bool:
        """Read once, for at most `wait_s` and never past the session's deadline; whether anything came.

        Raises LinkLost.
        """
        now = self.now()
        deadline = self.session.deadline
        if deadline is not None:
            if deadline <= now:
                self._dispatch(self.session.expire(now))
                self.flush()
                return False
            wait_s = min(wait_s, deadline - now)
        octets = self.port.read(wait_s)
        if not octets:
            return False
        self._dispatch(self.session.receive(octets, self.now()))
        self.flush()
        return True

    def catch_up(self) -> None:
        """Hear what has already come. Raises LinkLost."""
        for _ in range(MOST_READS):
            if not self.step(0):
                return

    def rest(self, seconds: float) -> None:
        """Hear what comes for so long. Raises LinkLost."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            self.step(left)

    def flush(self) -> None:
        """Write what the session wants written. Raises LinkLost."""
        octets = self.session.data_to_send()
        if octets:
            if self.transcript is not None and not octets.startswith(_PUT_OFF):
                self.transcript.flush()  # what is about to act is on record, also if this process is killed then
            self.port.write(octets)

    def now(self) -> float:
        """The clock, and the transcript's with it."""
        now = self.clock.monotonic()
        if self.transcript is not None:
            self.transcript.now = now
        return now

    def _forget(self) -> None:
        self._reply, self._answer = None, None

    def _dispatch(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Reply):
                self._reply = event
                if event.result.final is not Final.SILENCE:
                    self.answered_at = self.clock.monotonic()
            elif isinstance(event, Answered):
                self._answer = event.outcome
                if event.clean:
                    self.answered_at = self.clock.monotonic()
                self.in_step = self.in_step and event.clean
            elif not isinstance(event, PromptSeen):
                if isinstance(event, Stale):
                    self.in_step = False
                self.hear(event)
