"""Target `session`: what a modem says, with our own calls anywhere in between. See `Action`.

Judged by `evidence`, which knows nothing of the session: no outcome without a line that proves it, none twice,
none left out; only the declared errors; nothing written that could go on air but by `release`; bounded memory;
and however the octets are cut, the same events and the same octets sent.
"""

from __future__ import annotations

import contextlib
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum
from typing import NamedTuple

from gsmsend.at import (
    STANDARD_RULES,
    Answered,
    Event,
    Final,
    Late,
    Phase,
    PromptSeen,
    Reply,
    Rule,
    RuleTable,
    Session,
    Stage,
    standard_causes,
)
from gsmsend.model import OutcomeKind
from gsmsend.sms import Segment, encode_submit, to_pdu
from tests.fuzz.evidence import Stream, accepted_with, behind_prompt, is_final, proves
from tests.fuzz.footprint import footprint
from tests.fuzz.limits import LONGEST_LINE, MOST_FLOOD, MOST_REPLY_LINES, small

PDU = to_pdu(encode_submit("+447700900123", Segment("hellohello", units=10)))
COMMANDS = ("AT", "AT+CMGF?", "AT+CREG?", "ATE0", "ATV1", "AT+CMGL=4", "AT+CPIN?", "AT+CNMI=2,1,0,2,0", "ATE1")
RESETS = (Rule("RDY", reset=True), Rule("^SYSSTART", reset=True))
RULES = (RuleTable(), RuleTable([*STANDARD_RULES, *RESETS]))
SHARED = (*RULES, standard_causes())
CTRL_Z = 0x1A
MOST_EXPIRIES = 12
"""Of one dialogue that only silence answers: each ends a stage, and there are four."""


class Action(IntEnum):
    """Octets of the input that are our own doing; all others are received. LITERAL: the next one too."""

    CUT = 0xE0  # what was received so far comes in one read
    SEND = 0xE1  # the next octet chooses the command
    AWAIT = 0xE2  # AT+CMGF? that only +CMGF: answers
    SUBMIT = 0xE3
    RELEASE = 0xE4
    ESCAPE = 0xE5
    EXPIRE = 0xE6  # at the deadline
    TICK = 0xE7  # a second passes
    LOST = 0xE8
    CANCEL = 0xE9
    SETTLED = 0xEA
    FLOOD = 0xEB  # what was received so far comes again and again
    LITERAL = 0xEF


_ACTIONS = frozenset(Action)


class Step(NamedTuple):
    """An action and its argument, or octets received (`action` None)."""

    action: Action | None
    argument: int = 0
    octets: bytes = b""


def fuzz(data: bytes) -> None:
    """`data[0]` is the session to begin with, the rest what happens to it."""
    if len(data) < 2:
        return
    whole, cut = Dialogue(data[0], None), Dialogue(data[0], random.Random(zlib.crc32(data)))
    with small():
        for step in steps(data[1:]):
            whole.take(step)
            cut.take(step)
            whole.compare(cut)
        whole.end()
        cut.end()
        whole.compare(cut)


def steps(data: bytes) -> list[Step]:
    """The input, taken apart."""
    found: list[Step] = []
    heard = bytearray()
    flooded = False  # once is enough, and slow
    octets = iter(data)
    for octet in octets:
        if octet not in _ACTIONS or octet == Action.LITERAL:
            heard.append(next(octets, 0) if octet == Action.LITERAL else octet)
            continue
        action = Action(octet)
        if heard:
            found.append(Step(None, 0, bytes(heard)))
            if action is Action.FLOOD and not flooded:
                found[-1] = Step(None, 0, bytes(heard) * max(MOST_FLOOD // len(heard), 1))
                flooded = True
            heard.clear()
        if action not in (Action.CUT, Action.FLOOD):
            found.append(Step(action, next(octets, 0) if action is Action.SEND else 0))
    if heard:
        found.append(Step(None, 0, bytes(heard)))
    return found


class Dialogue:
    """One session, its owner and its judge. `rng`: the octets of a read come in pieces."""

    def __init__(self, start: int, rng: random.Random | None) -> None:
        self.session = Session(RULES[start & 1], standard_causes())
        self.session.echo = (None, True, False, None)[start >> 1 & 3]
        self.session.unanswered = (1, 0, 2, 1)[start >> 3 & 3]
        self.session.last_reference = (None, 11, 255, 0)[start >> 5 & 3]
        self.footprint = footprint(self.session, SHARED)
        self.rng = rng
        self.now = 100.0
        self.stream = Stream(LONGEST_LINE)
        self.told: list[Event] = []
        self.sent = b""
        self.commands = self.submissions = self.replies = self.answers = 0
        self.sent_at = self.released_at = 0
        self.released = self.owed = False
        self.unanswered = self.session.unanswered
        self.asked_since = False

    # -- one step --------------------------------------------------------------------------------------

    def take(self, step: Step) -> None:
        """Do it, and judge what comes of it."""
        self.told, self.sent = [], b""
        if step.action is None:
            self._hear(step.octets)
        else:
            getattr(self, f"_{step.action.name.lower()}")(step.argument)
        self._bounded()

    def compare(self, other: Dialogue) -> None:
        """The same has been told and sent, and the state is the same."""
        one, two = self.session, other.session
        # A prompt may be told and withdrawn, or never told, by how its octets come.
        assert [event for event in self.told if not isinstance(event, PromptSeen)] == [
            event for event in other.told if not isinstance(event, PromptSeen)
        ]
        assert self.sent == other.sent
        for name in ("phase", "stage", "deadline", "unanswered", "last_reference", "echo", "prompt_left_over"):
            assert getattr(one, name) == getattr(two, name), name

    def _hear(self, octets: bytes) -> None:
        self.stream.octets += octets
        for piece in self._pieces(octets):
            self.told += self.session.receive(piece, self.now)
        self.sent += self.session.data_to_send()
        assert set(self.sent) <= {0x1B}, "only ESC may answer what is heard"
        self._judge(self.told, silence=False)

    def _pieces(self, octets: bytes) -> list[bytes]:
        if self.rng is None:
            return [octets]
        most = 1 if len(octets) < 200 and self.rng.random() < 0.5 else 1 + len(octets) // 8
        pieces, at = [], 0
        while at < len(octets):
            length = self.rng.randint(1, most)
            pieces.append(octets[at : at + length])
            at += length
        return pieces

    # -- our own calls ---------------------------------------------------------------------------------

    def _send(self, argument: int) -> None:
        command = COMMANDS[argument % len(COMMANDS)]
        if self._allowed(lambda: self.session.send(command, 5, self.now), self.session.phase is Phase.IDLE):
            self._began(command)

    def _await(self, _: int) -> None:
        idle = self.session.phase is Phase.IDLE
        if self._allowed(lambda: self.session.send("AT+CMGF?", 2, self.now, awaited="+CMGF:"), idle):
            self._began("AT+CMGF?")

    def _began(self, command: str) -> None:
        self.commands += 1
        self.sent_at, self.asked_since = len(self.stream), True
        assert self.sent == command.encode() + b"\r"

    def _submit(self, _: int) -> None:
        owed = self.unanswered > 0
        length = len(PDU) // 2 - 1
        if self._allowed(lambda: self.session.submit(length, 10, self.now), self.session.phase is Phase.IDLE):
            self.submissions += 1
            self.owed, self.released, self.asked_since = owed, False, True
            assert self.sent == f"AT+CMGS={length}\r".encode()

    def _release(self, _: int) -> None:
        at_prompt = self.session.stage is Stage.PROMPT
        if self._allowed(lambda: self.session.release(PDU, 60, self.now), at_prompt):
            self.released, self.released_at = True, len(self.stream)
            assert self.sent == PDU.encode() + bytes((CTRL_Z,))

    def _escape(self, _: int) -> None:
        if self._allowed(lambda: self.session.escape(self.now), self.session.stage is Stage.PROMPT):
            assert self.sent == b"\x1b"

    def _cancel(self, _: int) -> None:
        if self._allowed(self.session.cancel_prompt, self.session.phase is Phase.IDLE):
            assert self.sent == b"\x1b"

    def _settled(self, _: int) -> None:
        if self.session.phase is not Phase.SUBMISSION:
            self.session.settled()
            self.unanswered = 0

    def _expire(self, _: int) -> None:
        self.now = max(self.session.deadline or self.now, self.now)
        self._pass()

    def _tick(self, _: int) -> None:
        self.now += 1
        self._pass()

    def _pass(self) -> None:
        due = self.session.deadline
        self.told = self.session.expire(self.now)
        self.sent = self.session.data_to_send()
        assert set(self.sent) <= {0x1B}
        if due is None or due > self.now:
            assert (self.told, self.sent) == ([], b""), "nothing ends before its time"
        self._judge(self.told, silence=True)

    def _lost(self, _: int) -> None:
        self.told = self.session.disconnected()
        assert not self.session.data_to_send()
        assert self.session.phase is Phase.IDLE
        self._judge(self.told, silence=True)

    def _allowed(self, call: Callable[[], None], allowed: bool) -> bool:
        state = (self.session.phase, self.session.stage, self.session.deadline)
        try:
            call()
        except ValueError:
            assert not allowed, "refused although nothing stood against it"
            assert state == (self.session.phase, self.session.stage, self.session.deadline)
            assert not self.session.data_to_send()
            return False
        assert allowed, "misuse is a ValueError"
        self.sent = self.session.data_to_send()
        return True

    # -- the judge -------------------------------------------------------------------------------------

    def _judge(self, events: list[Event], *, silence: bool) -> None:
        for event in events:
            if isinstance(event, Reply):
                self._judge_reply(event, silence=silence)
            elif isinstance(event, Answered):
                self._judge_answer(event)
            elif isinstance(event, Late):
                assert self.unanswered, "a late answer has an earlier submission to belong to"
                self._judge_late(event)
                self.unanswered, self.owed = 0, False

    def _judge_reply(self, reply: Reply, *, silence: bool) -> None:
        self.replies += 1
        assert (reply.result.final is Final.SILENCE) == silence
        said = self.stream.lines(0)
        if not silence:
            assert any(line.end > self.sent_at and is_final(line.text) for line in said)

    def _judge_answer(self, answer: Answered) -> None:
        outcome = answer.outcome
        self.answers += 1
        assert outcome.reference is None or 0 <= outcome.reference <= 255
        assert (outcome.kind is OutcomeKind.REFUSED) == (outcome.refusal is not None)
        if not self.released:
            assert outcome.kind is OutcomeKind.REFUSED, "before Ctrl-Z nothing has gone out"
            return
        assert proves(outcome, self.stream.lines(self.released_at)), outcome
        if self.owed:
            assert outcome.kind is not OutcomeKind.REFUSED, "it may be the answer to the text before"
        silent = outcome.kind is OutcomeKind.UNKNOWN and outcome.raw == "no answer"
        self.asked_since = self.asked_since and not silent
        if silent:
            self.unanswered += 1
        elif not (self.owed and outcome.kind is OutcomeKind.UNKNOWN):
            self.unanswered = 0
        self.released = False

    def _judge_late(self, late: Late) -> None:
        outcome = late.outcome
        said = [replace(line, text=behind_prompt(line.text)) for line in self.stream.lines(0)]
        if outcome.reference is not None:
            assert outcome.kind is OutcomeKind.ACCEPTED
            assert accepted_with(outcome.reference, said)
        else:
            assert not self.asked_since, "the error may be the answer to what was asked since"
            assert outcome.kind is OutcomeKind.UNKNOWN or any(proves(outcome, [line]) for line in said)

    def _bounded(self) -> None:
        assert len(self.session._lexer.rest) <= LONGEST_LINE
        assert len(self.session._lines) <= MOST_REPLY_LINES
        if len(self.stream) > MOST_FLOOD // 2:
            kept = sum(len(line) + 90 for line in self.session._lines)
            most = self.footprint + 2 * LONGEST_LINE + 2200 + kept  # a line begun, a header, a submission
            assert footprint(self.session, SHARED) < most, "memory stays bounded"

    def end(self) -> None:
        """Silence, from here on: everything that was begun ends, once."""
        self.told, self.sent = [], b""
        for _ in range(MOST_EXPIRIES):
            if self.session.stage is Stage.PROMPT:
                with contextlib.suppress(ValueError):
                    self.session.escape(self.now)
            if self.session.deadline is None:
                break
            self._expire(0)
        assert self.session.phase is Phase.IDLE
        assert self.session.deadline is None
        assert (self.replies, self.answers) == (self.commands, self.submissions)
