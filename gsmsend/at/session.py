"""The AT dialogue without I/O: octets in, events and octets out (V.250, TS 27.007, TS 27.005).

One command at a time: `send` a plain one and wait for its Reply, or `submit`, wait for PromptSeen, `release`
and wait for Answered. Unsolicited lines come as events at any time. The owner writes `data_to_send()` after
every call and calls `expire` when `deadline` has passed. Times are seconds on the owner's monotonic clock.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from gsmsend.at.cms import CauseTable, standard_causes
from gsmsend.at.events import (
    Answered,
    Event,
    Final,
    Late,
    PromptSeen,
    Reply,
    Restarted,
    Result,
    SimChanged,
    Stale,
    Unsolicited,
)
from gsmsend.at.exchange import Exchange, Stage, reference_in
from gsmsend.at.lexer import Lexer, Mark, Token
from gsmsend.at.results import SILENCE, answer_after_pdu, final_result
from gsmsend.at.unsolicited import Rule, RuleTable, answers, fits_body, in_text_mode, wants_body
from gsmsend.model import Outcome, OutcomeKind, Refusal

MOST_REPLY_LINES = 5000
"""Of one reply; what comes beyond is dropped. A full memory of texts is two lines each, 255 at most."""

Trace = Callable[[str, str, str], None]
"""Called with direction (`>` sent, `<` received), kind and text of each line, for transcripts."""


class Phase(Enum):
    """What the session is waiting for."""

    IDLE = "idle"
    COMMAND = "command"
    SUBMISSION = "submission"


class Session:
    """The state of one dialogue.

    `unanswered` counts submissions that ended in silence: while it is 1, a +CMGS outside any submission is
    the answer to that one (Late). A new session starts with 1, for what an earlier program may have left.
    """

    def __init__(
        self, rules: RuleTable | None = None, causes: CauseTable | None = None, trace: Trace | None = None
    ) -> None:
        self.rules = rules or RuleTable()
        self.causes = causes or standard_causes()
        self.trace = trace
        self.phase = Phase.IDLE
        self.unanswered = 1
        self.last_reference: int | None = None
        self.echo: bool | None = None
        self._digits = True
        self._unset = False
        self._lexer = Lexer()
        self._out = bytearray()
        self._command = ""
        self._secret = ""  # nosec B105 # there is none now
        self._awaited = ""
        self._lines: list[str] = []
        self._deadline: float | None = None
        self._exchange: Exchange | None = None
        self._header: tuple[Rule, str] | None = None
        self._late_ok = False
        self._asked_since = False
        self._asked_until = 0.0
        self._skipped: frozenset[int] = frozenset()

    # -- what the owner asks for ------------------------------------------------------------------

    @property
    def deadline(self) -> float | None:
        """When `expire` is due, None if nothing is waited for."""
        return self._exchange.deadline if self._exchange is not None else self._deadline

    @property
    def stage(self) -> Stage | None:
        """Where the submission is, None if there is none."""
        return self._exchange.stage if self._exchange is not None else None

    @property
    def prompt_left_over(self) -> bool:
        """Whether the last octets look like a prompt that nobody asked for."""
        return self._lexer.rest.strip() == ">"

    def data_to_send(self) -> bytes:
        """What is to be written now; empties it."""
        if not self._out:
            return b""
        data = bytes(self._out)
        self._out.clear()
        return data

    def send(self, command: str, timeout_s: float, now: float, *, awaited: str = "", secret: bool = False) -> None:
        """Send a plain command. With `awaited`, only a reply that has a line beginning so counts: the rest
        is what an earlier command left behind. What a `secret` one sets is shown nowhere, its echo included.
        Raises ValueError if one is under way.
        """
        self._must_be_idle()
        self.phase, self._command, self._awaited = Phase.COMMAND, command, awaited
        self._secret = command.partition("=")[2].strip('"') if secret else ""
        self._lines, self._asked_since = [], True
        self._deadline = now + timeout_s
        self._write_line(command)

    def submit(self, octets: int, timeout_s: float, now: float) -> None:
        """Begin a submission of a TPDU of that many octets. `timeout_s` is for the prompt (TS 27.005 4.3).

        Since the modem was `Restarted` it must have been asked for PDU mode, or the prompt is left at once: in
        text mode the PDU would go out as a text, to the number that its length makes.
        Raises ValueError if a command is under way.
        """
        self._must_be_idle()
        self.phase, self._command, self._asked_since = Phase.SUBMISSION, f"AT+CMGS={octets}", True
        self._asked_until = now + timeout_s
        self._exchange = Exchange(
            self._asked_until, self.causes, before=self.unanswered, last_reference=self.last_reference,
            skipped=self._skipped,
        )  # fmt: skip
        self._exchange.restarted = self._unset
        self._lexer.expect_prompt = True
        self._write_line(self._command)

    def release(self, pdu: str, timeout_s: float, now: float) -> None:
        """Hand the PDU over (hexadecimal, with the SMSC's octets) and press Ctrl-Z. From here on it may go out.

        Raises ValueError unless the prompt is there.
        """
        if self._exchange is None or self._exchange.stage is not Stage.PROMPT:
            raise ValueError("the modem is not waiting for a PDU")
        self._late_ok = False
        self._lexer.divide()
        self._out += self._exchange.release(pdu, timeout_s, now)
        if self.trace is not None:
            self.trace(">", "pdu", pdu)

    def escape(self, now: float) -> None:
        """Leave the prompt with nothing sent. Raises ValueError unless the prompt is there."""
        if self._exchange is None or self._exchange.stage is not Stage.PROMPT:
            raise ValueError("the modem is not waiting for a PDU")
        why = "It was given up before it was handed over."
        verdict = Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, raw="escaped", why=why)
        self._put(self._exchange.escape(verdict, now))

    def cancel_prompt(self) -> None:
        """ESC with no submission under way, for a modem that may be stuck at a prompt. Never Ctrl-Z."""
        self._must_be_idle()
        self._put(b"\x1b")

    def settled(self) -> None:
        """The owner has listened long enough: no answer to an earlier submission is waited for any more."""
        self.unanswered, self._late_ok = 0, False

    def _must_be_idle(self) -> None:
        if self.phase is not Phase.IDLE:
            raise ValueError(f"{self._hide(self._command)} is still under way")

    def _hide(self, line: str) -> str:
        """A line, whole or broken, with nothing in it of what a secret command sets."""
        return line.replace(self._secret, "***") if self._secret else line

    def _write_line(self, command: str) -> None:
        self._out += command.encode("ascii") + b"\r"
        if self.trace is not None:
            self.trace(">", "command", self._hide(command))

    def _put(self, octets: bytes) -> None:
        self._out += octets
        if octets and self.trace is not None:
            self.trace(">", "escape", "")

    # -- what the modem says -----------------------------------------------------------------------

    def receive(self, octets: bytes, now: float) -> list[Event]:
        """Take in what was read. Any octets at all are fine."""
        events: list[Event] = []
        for token in self._lexer.feed(octets):
            if token.mark is Mark.PROMPT:
                self._prompt(now, events)
            else:
                self._line(token, now, events)
        return events

    def expire(self, now: float) -> list[Event]:
        """Give up what was due by `now`; nothing if `deadline` is still ahead."""
        deadline = self.deadline
        if deadline is None or now < deadline:
            return []
        if self._exchange is None:
            return [self._finish_command(SILENCE)]
        events, octets = self._exchange.expired(now)
        self._put(octets)
        return self._after_exchange(events)

    def disconnected(self) -> list[Event]:
        """The port is gone: end whatever is under way."""
        if self._exchange is not None:
            ended = self._exchange.broken("The connection to the modem was lost", Refusal.MODEM)
            return self._after_exchange(ended)
        return [self._finish_command(SILENCE)] if self.phase is Phase.COMMAND else []

    def _prompt(self, now: float, events: list[Event]) -> None:
        if self.trace is not None:
            self.trace("<", "prompt", "")
        if self._exchange is None:
            self._lexer.expect_prompt = False
            return
        more, octets = self._exchange.prompt(now)
        self._lexer.expect_prompt = self._exchange.stage is Stage.ESCAPED
        self._put(octets)
        events += more

    def _line(self, token: Token, now: float, events: list[Event]) -> None:
        line, tail = token.text, token.mark is Mark.TAIL
        if self._header is not None and self._take_body(line, events):
            return
        if self._is_echo(line, now, events):
            return
        rule = self.rules.find(line)
        if rule is not None and not (self.phase is Phase.COMMAND and answers(line, self._command)):
            self._unsolicited(rule, line, now, events)
            return
        line = self._hide(line)
        if self.trace is not None:
            self.trace("<", "line", line)
        if tail and self.stage is Stage.PROMPT:
            self._withdraw_prompt(events)
        result = final_result(line, self.causes, digits=self._digits)
        given = line.startswith("+CMGS")
        if token.old and (given or result is not None):
            events.append(Stale(line))  # it began before Ctrl-Z: it says nothing about what followed
        elif result is not None:
            self._final(result, now, events)
        elif given:
            self._cmgs(line, events)
        elif self.phase is Phase.COMMAND:
            if len(self._lines) < MOST_REPLY_LINES:
                self._lines.append(line)
        elif self.stage is not Stage.ANSWER or not tail:
            events.append(Unsolicited("", line))

    def _take_body(self, line: str, events: list[Event]) -> bool:
        if self._header is None:
            return False
        (rule, header), self._header = self._header, None
        fits = fits_body(header, line)
        if fits and self.trace is not None:
            self.trace("<", "body", line)
        events.append(Unsolicited(rule.prefix, header, line if fits else None))
        return fits

    def _is_echo(self, line: str, now: float, events: list[Event]) -> bool:
        if self.phase is Phase.IDLE:
            return False
        # Noise may stand in front of it, above all when the modem has just restarted.
        echoed = line == self._command or (
            line.endswith(self._command) and (self.echo is not False or self.phase is Phase.SUBMISSION)
        )
        if not echoed:
            pdu = self._exchange.pdu if self._exchange is not None else ""
            return bool(pdu) and line == pdu
        if self.trace is not None:
            self.trace("<", "echo", self._hide(line))
        if self.echo is False:
            self._restarted("echo is on again", now, events)
        return True

    def _unsolicited(self, rule: Rule, line: str, now: float, events: list[Event]) -> None:
        if self.trace is not None:
            self.trace("<", "line", line)
        if wants_body(rule, line):
            self._header = (rule, line)
            if in_text_mode(line):
                self._restarted("it is back in text mode", now, events)
            return
        events.append(Unsolicited(rule.prefix, line))
        if rule.sim:
            events.append(SimChanged(line))
        if rule.reset:
            if self._exchange is not None:
                events += self._after_exchange(self._exchange.cut_short(now))
            self._restarted(line, now, events)

    def _restarted(self, sign: str, now: float, events: list[Event]) -> None:
        self.echo, self._digits, self._unset, self._skipped = None, True, True, frozenset()
        if self._exchange is not None:
            self._put(self._exchange.restart(now))
        events.append(Restarted(sign))

    def _withdraw_prompt(self, events: list[Event]) -> None:
        if self._exchange is None:
            return
        self._exchange.withdraw_prompt(self._asked_until)
        self._lexer.expect_prompt = True
        for at in range(len(events) - 1, -1, -1):
            if isinstance(events[at], PromptSeen):
                del events[at]
                break

    def _final(self, result: Result, now: float, events: list[Event]) -> None:
        if self._late_ok and result.ok:
            self._late_ok = False  # it completes the late +CMGS before it
        elif self._exchange is not None:
            events += self._after_exchange(self._exchange.final(result, now))
        elif self.phase is Phase.COMMAND and not self._is_left_over():
            self._learn_mode(result, events)
            events.append(self._finish_command(result))
        else:
            events.append(self._late_or_stale(result))

    def _learn_mode(self, result: Result, events: list[Event]) -> None:
        said = {line.replace(" ", "") for line in self._lines} if self._command == "AT+CMGF?" else set()
        if "+CMGF:1" in said:
            self._unset = True
            events.append(Restarted("it is in text mode"))
        elif result.ok and (self._command == "AT+CMGF=0" or "+CMGF:0" in said):
            self._unset = False

    def _is_left_over(self) -> bool:
        return bool(self._awaited) and not any(line.startswith(self._awaited) for line in self._lines)

    def _late_or_stale(self, result: Result) -> Event:
        # Only if no command was sent since, as it may be one's late answer: a refusal would be sent again.
        unasked = self.unanswered == 1 and not self._asked_since
        if unasked and result.final is Final.CMS and result.code is not None:
            self.settled()
            return Late(answer_after_pdu(result, self.causes))
        return Stale(result.text)

    def _cmgs(self, line: str, events: list[Event]) -> None:
        if self._exchange is not None:
            more = self._exchange.cmgs(line)
            if any(isinstance(event, Late) for event in more):
                self._credit_late(more)
            events += more
            return
        reference = reference_in(line)
        if self.unanswered != 1 or reference is None:
            events.append(Stale(line))
            return
        late = Late(Outcome(OutcomeKind.ACCEPTED, reference=reference, raw=line))
        self._credit_late([late])
        events.append(late)

    def _credit_late(self, events: list[Event]) -> None:
        self.settled()
        for event in events:
            if isinstance(event, Late):
                self.last_reference = event.outcome.reference
        self._late_ok = self.stage is not Stage.ANSWER

    def _finish_command(self, result: Result) -> Reply:
        command, lines = self._hide(self._command), tuple(self._lines)
        self.phase, self._command, self._lines, self._deadline = Phase.IDLE, "", [], None
        self._secret = ""  # nosec B105 # there is none now
        if result.ok and command in {"ATE0", "ATE1"}:
            self.echo = command == "ATE1"
        if command == "ATV1" and result.text in {"OK", "ERROR"}:
            self._digits = False
        return Reply(command, lines, result)

    def _after_exchange(self, events: list[Event]) -> list[Event]:
        exchange = self._exchange
        for event in events:
            if isinstance(event, Answered) and exchange is not None:
                self.phase, self._command, self._exchange = Phase.IDLE, "", None
                self._lexer.expect_prompt = False
                self._keep_count(exchange, event.outcome)
        return events

    def _keep_count(self, exchange: Exchange, outcome: Outcome) -> None:
        self._skipped = frozenset() if exchange.restarted else exchange.skipped
        if outcome.kind is OutcomeKind.UNKNOWN and outcome.raw == "no answer":
            self.unanswered += 1
            self._asked_since = False
        elif exchange.stage is Stage.ANSWER:
            # An error that may have been the earlier text's leaves this one without its answer.
            self.unanswered = exchange.before if outcome.kind is OutcomeKind.UNKNOWN else 0
        if outcome.reference is not None:
            self.last_reference = outcome.reference
