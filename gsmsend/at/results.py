"""Final results: OK, ERROR, +CME ERROR, +CMS ERROR, in words and as digits (V.250 5.7.1, TS 27.007 9.1)."""

from __future__ import annotations

import re

from gsmsend.at.cms import CauseTable
from gsmsend.at.events import Final, Result
from gsmsend.model import Outcome, OutcomeKind, Refusal

OK = Result(Final.OK, text="OK")
SILENCE = Result(Final.SILENCE)

_EXTENDED = re.compile(r"\+(CM[ES]) ERROR\b:?\s*(.*)", re.IGNORECASE)
_BARE_ERRORS = {"ERROR", "COMMAND NOT SUPPORT", "COMMAND NOT SUPPORTED", "TOO MANY PARAMETERS", "ABORTED"}
_DIGITS = {"0": Result(Final.OK, text="0"), "4": Result(Final.ERROR, text="4")}
_BEGINNINGS = frozenset("OEACT+04")

# TS 27.007 9.2.1, of those that can meet AT+CMGS before its prompt.
_CME_REFUSALS = {
    10: Refusal.MODEM,  # SIM not inserted
    11: Refusal.LINE,  # SIM PIN required
    12: Refusal.LINE,  # SIM PUK required
    13: Refusal.MODEM,  # SIM failure
    14: Refusal.RETRY,  # SIM busy
    15: Refusal.LINE,  # SIM wrong
    30: Refusal.LATER,  # no network service
    31: Refusal.LATER,  # network timeout
    32: Refusal.LATER,  # network not allowed, emergency calls only
}


def final_result(line: str, causes: CauseTable, *, digits: bool) -> Result | None:
    """The final result that `line` is, None if it is none. `digits`: the modem may still be in ATV0."""
    if line == "OK":
        return OK
    if line[0] not in _BEGINNINGS:
        return None
    if digits and len(line) == 1:
        return _DIGITS.get(line)
    if line in _BARE_ERRORS:
        return Result(Final.ERROR, text=line)
    if line[0] != "+":
        return None
    extended = _EXTENDED.fullmatch(line)
    if extended is None:
        return None
    text = extended[2].strip()
    if extended[1].upper() == "CMS":
        return Result(Final.CMS, causes.code_of(text), line)
    return Result(Final.CME, int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None, line)


def refused_before_pdu(result: Result, causes: CauseTable) -> Outcome:
    """The outcome of an error that came in the prompt's place: no PDU was given, so nothing was sent."""
    if result.final is Final.CMS and result.code is not None:
        return causes.cause(result.code).before_pdu(result.text)
    refusal = Refusal.RETRY
    if result.final is Final.CME and result.code is not None:
        refusal = _CME_REFUSALS.get(result.code, Refusal.RETRY)
    why = "The modem refused the text before it was handed over."
    return Outcome(OutcomeKind.REFUSED, refusal=refusal, raw=result.text, why=why)


def answer_after_pdu(result: Result, causes: CauseTable) -> Outcome:
    """The outcome of a final result after Ctrl-Z that no +CMGS came before."""
    if result.final is Final.CMS and result.code is not None:
        return causes.cause(result.code).after_pdu(result.text)
    if result.final is Final.OK:
        why = "The modem said OK and gave no reference; the text may have gone out."
    else:
        why = "The modem gave an error that does not say whether the text went out."
    return Outcome(OutcomeKind.UNKNOWN, raw=result.text, why=why)
