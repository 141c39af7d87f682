"""One submission, from AT+CMGS to its final result (TS 27.005 4.3). Nothing else is sent meanwhile.

    ASKED ──prompt──> PROMPT ──release──> ANSWER ──+CMGS, OK | error | silence──> ended
      │ error: ended     │
      └──silence──> ESCAPED <──escape, or the modem has restarted

Until `release` nothing can have gone out; from then on only a +CMGS or a code that proves it settles it.
"""

from __future__ import annotations

import re
from enum import Enum

from gsmsend.at.cms import CauseTable
from gsmsend.at.events import Answered, Event, Late, PromptSeen, Result, Stale
from gsmsend.at.results import answer_after_pdu, refused_before_pdu
from gsmsend.model import Outcome, OutcomeKind, Refusal

ESCAPE = b"\x1b"
CTRL_Z = b"\x1a"

ESCAPE_WAIT_S = 2.0
"""How long the modem has for its answer to ESC. Some give none."""

PREDECESSOR_WAIT_S = 15.0
"""How long to wait for a second +CMGS where the first may be the answer to an earlier, silent submission."""

SKIPPED_KEPT = 16
"""How far the TP-MR may count on before the answer to a silent submission is not expected any more."""

RESTART_WAIT_S = 5.0
"""How long an answer may still come after a sign of a restart, which may have been noise."""

_REFERENCE = re.compile(r"\+CMGS:\s*(\d{1,3})\s*(?:,.*)?")


class Stage(Enum):
    """Where a submission is; the drawing above has the moves."""

    ASKED = "asked"
    PROMPT = "prompt"
    ANSWER = "answer"
    ESCAPED = "escaped"


def reference_in(line: str) -> int | None:
    """The TP-MR of a +CMGS line, with or without blank and further fields; None if it is unreadable."""
    found = _REFERENCE.fullmatch(line)
    if found is None:
        return None
    reference = int(found[1])
    return reference if reference <= 255 else None


class Exchange:
    """The state of one submission. `before`: how many earlier ones are still without their answer.

    `last_reference` is the newest TP-MR known on this modem, to tell the earlier answers from this one's.
    `skipped` are TP-MRs that the modem has counted over: silent submissions took them, and their answers may
    come yet. It is read anew when the submission has ended.
    """

    def __init__(
        self,
        deadline: float,
        causes: CauseTable,
        *,
        before: int,
        last_reference: int | None,
        skipped: frozenset[int] = frozenset(),
    ) -> None:
        self.stage = Stage.ASKED
        self.deadline: float | None = deadline
        self.before = before
        self._one_before = before == 1
        self.pdu = ""
        self.reference: int | None = None
        self.restarted = False
        self.skipped = skipped
        self._foreign_ok = False
        self._causes = causes
        self._last_reference = last_reference
        self._readable = True
        self._doubtful = False
        self._timeout_s = 0.0
        self._verdict: Outcome | None = None

    def prompt(self, now: float) -> tuple[list[Event], bytes]:
        """The prompt has come. Returns events and what to send."""
        if self.stage is Stage.ESCAPED:
            self.deadline = now + ESCAPE_WAIT_S
            return [], ESCAPE
        if self.restarted:
            return [], self._retreat(now)
        self.stage, self.deadline = Stage.PROMPT, None
        return [PromptSeen()], b""

    def restart(self, now: float) -> bytes:
        """The modem has lost its settings: a prompt may be of text mode. Returns what to send."""
        self.restarted = True
        return self._retreat(now) if self.stage is Stage.PROMPT else b""

    def _retreat(self, now: float) -> bytes:
        why = "The modem restarted by itself before the text was handed over."
        return self.escape(Outcome(OutcomeKind.REFUSED, refusal=Refusal.RETRY, raw="restarted", why=why), now)

    def withdraw_prompt(self, deadline: float) -> None:
        """What looked like the prompt was the beginning of a line."""
        self.stage, self.deadline = Stage.ASKED, deadline

    def escape(self, verdict: Outcome, now: float) -> bytes:
        """Give the prompt up. Returns what to send; `verdict` comes when the modem has answered."""
        self.stage, self.deadline, self._verdict = Stage.ESCAPED, now + ESCAPE_WAIT_S, verdict
        return ESCAPE

    def release(self, pdu: str, timeout_s: float, now: float) -> bytes:
        """The PDU and its Ctrl-Z, in one piece."""
        self.stage, self.pdu, self._timeout_s = Stage.ANSWER, pdu, timeout_s
        self.deadline = now + timeout_s
        return pdu.encode("ascii") + CTRL_Z

    def cmgs(self, line: str) -> list[Event]:
        """A +CMGS line has come."""
        reference = reference_in(line)
        if self.stage is not Stage.ANSWER:
            return self._not_ours(line, reference)
        if reference is None:
            self._readable = False
            return []
        if reference in self.skipped and reference != self.reference:
            self.skipped -= {reference}
            self._foreign_ok = True
            return [Stale(line)]
        if self.reference is None:
            self._take(reference)
            return []
        if self._doubtful:
            earlier = self._earlier(self.reference, f"+CMGS: {self.reference}")
            self.before, self._last_reference = self.before - 1, self.reference
            self._take(reference)
            return [earlier]
        self._readable = self._readable and reference == self.reference
        return []

    def _take(self, reference: int) -> None:
        self.reference = reference
        # So many on from the last known reference: the silent submissions took those between.
        own = None if self._last_reference is None else (self._last_reference + self.before + 1) % 256
        self._doubtful = self.before > 0 and reference != own
        if self._doubtful:
            return
        self.skipped = frozenset(each for each in self.skipped if (reference - each) % 256 <= SKIPPED_KEPT)
        self.skipped |= {(reference - step) % 256 for step in range(1, self.before + 1)}
        self.before = 0

    def _not_ours(self, line: str, reference: int | None) -> list[Event]:
        if not self.before or reference is None or not self._one_before:
            return [Stale(line)]  # of several, one answer may come twice: none of them is off the list by it
        self.before -= 1
        return [self._earlier(reference, line)]

    def _earlier(self, reference: int, line: str) -> Event:
        """The answer to an earlier submission; of several nobody can say to which."""
        if not self._one_before:
            return Stale(line)
        return Late(Outcome(OutcomeKind.ACCEPTED, reference=reference, raw=line))

    def final(self, result: Result, now: float) -> list[Event]:
        """A final result has come."""
        if self.stage is Stage.ESCAPED and self._verdict is not None:
            return [Answered(self._verdict, clean=False)]
        if self.stage is Stage.ASKED and result.ok:
            return [Stale(result.text)]  # of a command that was given up: AT+CMGS has a prompt first
        if self.stage is not Stage.ANSWER:
            return [Answered(refused_before_pdu(result, self._causes), clean=False)]
        if self._foreign_ok:  # the +CMGS of a silent submission, just told, has its own OK
            self._foreign_ok = False
            if result.ok:
                return [Stale(result.text)]
            self.before = max(self.before, 1)
        if self._doubtful and result.ok:
            self.deadline = now + min(PREDECESSOR_WAIT_S, self._timeout_s)
            return []
        outcome = self._settle(result)
        clean = outcome.kind is not OutcomeKind.UNKNOWN or result.code is not None
        return [Answered(outcome, clean=clean)]

    def _settle(self, result: Result) -> Outcome:
        if not self._readable:
            why = "The modem's answer could not be read; the text may have gone out."
            return Outcome(OutcomeKind.UNKNOWN, raw=result.text, why=why)
        if self.reference is not None:
            if result.ok:
                return self._accepted()
            why = "The modem gave a reference and then an error; the text may have gone out."
            return Outcome(
                OutcomeKind.UNKNOWN, reference=self.reference, code=result.code, raw=result.text, why=why
            )
        outcome = answer_after_pdu(result, self._causes)
        if self.before and outcome.kind is not OutcomeKind.UNKNOWN:
            why = "An error came that may be the answer to the text before; this one may have gone out."
            return Outcome(OutcomeKind.UNKNOWN, code=result.code, raw=result.text, why=why)
        return outcome

    def _accepted(self) -> Outcome:
        return Outcome(OutcomeKind.ACCEPTED, reference=self.reference, raw=f"+CMGS: {self.reference}")

    def expired(self, now: float) -> tuple[list[Event], bytes]:
        """The deadline has passed. Returns events and what to send."""
        if self.stage is Stage.ASKED:
            why = "The modem did not ask for the text; nothing was sent."
            verdict = Outcome(OutcomeKind.REFUSED, refusal=Refusal.MODEM, raw="no prompt", why=why)
            return [], self.escape(verdict, now)
        if self.stage is Stage.ESCAPED and self._verdict is not None:
            return [Answered(self._verdict, clean=False)], b""
        why = "The modem restarted by itself" if self.restarted else "The modem gave no answer in time"
        return [Answered(self._unanswered(why), clean=False)], b""

    def cut_short(self, now: float) -> list[Event]:
        """The modem says that it has started. After Ctrl-Z an answer is given a little time all the same."""
        if self.stage is not Stage.ANSWER or self.deadline is None:
            return self.broken("The modem restarted by itself", Refusal.RETRY)
        self.deadline = min(self.deadline, now + RESTART_WAIT_S)
        return []

    def broken(self, why: str, refusal: Refusal) -> list[Event]:
        """The connection is gone or the modem has restarted; `why` is the beginning of a sentence.

        `refusal` is for a text that was not handed over yet.
        """
        if self.stage is Stage.ANSWER:
            return [Answered(self._unanswered(why), clean=False)]
        verdict = self._verdict or Outcome(
            OutcomeKind.REFUSED,
            refusal=refusal,
            raw="broken off",
            why=f"{why} before the text was handed over.",
        )
        return [Answered(verdict, clean=False)]

    def _unanswered(self, why: str) -> Outcome:
        if self.reference is not None and self._readable:
            return self._accepted()
        return Outcome(OutcomeKind.UNKNOWN, raw="no answer", why=f"{why}; the text may have gone out.")
