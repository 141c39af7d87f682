"""How well a line does: a score from 0 to 100 with its reasons in plain words. Pure: the clock is an argument.

Only what says something of the line counts. A number that cannot be, a text that the network does not like, or
what gsmsend itself held back, are no fault of it. Each try counts less the older it is, so that a line that is
left alone becomes well again by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import assert_never

from gsmsend.model import Outcome, OutcomeKind, Refusal

MOST_TRIES = 20
"""So many of a line's last tries count."""
MEMORY_S = 7200.0
"""What is older than this has no weight left that could be seen."""
_HALF_S = 300.0
"""After so long a try, or a loss, counts half."""
_DOUBT = 4.0
"""Tries, as it were, that speak for a line of which little is known: one refusal condemns nobody."""
_MOST_FAILING, _PER_FAILING = 90.0, 150.0
_MOST_SLOW, _SLOW_FROM_S, _SLOW_TO_S = 40.0, 8.0, 60.0
"""Seconds from handing a part over to its answer; a real radio takes 2 to 6 (docs/health.md)."""
_MOST_LOST, _PER_LOSS = 40.0, 12.0
_MOST_WEAK, _WEAK_FROM_DBM, _WEAK_TO_DBM = 15.0, -97.0, -113.0
"""dBm of +CSQ (TS 27.007 8.5), whose least value is -113."""
_MOST_HOT, _HOT_FROM_C, _HOT_TO_C = 30.0, 70.0, 95.0
"""Degrees Celsius inside; makers give 70 to 85 as the most that a module is meant to work at."""
_WELL, _WEAK = 70, 40
_FAR_END = frozenset({27, 127})
"""+CMS ERROR codes that speak of the recipient's side (TS 24.011 annex E-2)."""
_NO_NETWORK = frozenset({331, 332})
"""+CMS ERROR codes of a line that has no network (TS 27.005 3.2.5): its state tells that, and it passes."""
_OURS = frozenset({"held back", "SIM in doubt"})
"""What gsmsend itself kept from going out (Outcome.raw)."""
_SPARED = _FAR_END | _NO_NETWORK
_STOPPED = "gsmsend was stopped"
"""How the words of an attempt begin that a stop of the program left open."""
_SLIGHT = 1.0
"""Points below which a reason is not worth its words."""


class Verdict(StrEnum):
    """What a try says of its line."""

    GOOD = "good"
    REFUSED = "refused"
    SILENT = "silent"  # it may have gone out: nobody knows
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Try:
    """A closed attempt of a line: when it was closed, how long it took, what it says, with the +CMS code."""

    at_s: float
    took_s: float | None
    verdict: Verdict
    code: int | None = None
    modem: bool = False  # the modem, not the network, was at fault


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a line: its tries oldest first, when its modem was lost, signal and temperature."""

    tries: Sequence[Try] = ()
    lost_s: Sequence[float] = ()
    signal_dbm: int | None = None
    temperature_c: float | None = None
    account: bool = False  # a provider's, not a modem


class Grade(StrEnum):
    """A score in a word."""

    WELL = "well"
    WEAK = "weak"
    SICK = "sick"


@dataclass(frozen=True, slots=True)
class Reason:
    """What costs a line points, for people."""

    points: float
    words: str


@dataclass(frozen=True, slots=True)
class Health:
    """`score` from 0 (nothing works) to 100; `reasons` with what costs most first.

    `tried`: how many tries it was judged by; `streak`: how many of them, up to the last one, went well.
    """

    score: int = 100
    reasons: tuple[Reason, ...] = ()
    tried: int = 0
    streak: int = 0

    @property
    def grade(self) -> Grade:
        """What follows from the score."""
        return Grade.WELL if self.score >= _WELL else Grade.WEAK if self.score >= _WEAK else Grade.SICK

    @property
    def why(self) -> str:
        """The reasons in one line; empty for a line that has none."""
        return "; ".join(reason.words for reason in self.reasons)

    @property
    def words(self) -> str:
        """Score and reasons: `70: 3 of the last 20 texts were refused by the network (CMS 38)`."""
        return f"{self.score}: {self.why}" if self.reasons else f"{self.score}"


def try_of(outcome: Outcome, at_s: float, took_s: float | None, *, denied: bool = False) -> Try:
    """An outcome as a sign of its line's health, whoever the text was for.

    `denied`: the modem said that it has no network, though it is registered.
    """
    modem = outcome.refusal is Refusal.MODEM or outcome.code is None
    verdict = Verdict.REFUSED if denied else _verdict(outcome)
    return Try(at_s, took_s, verdict, outcome.code, modem)


def _verdict(outcome: Outcome) -> Verdict:
    match outcome.kind:
        case OutcomeKind.ACCEPTED:
            return Verdict.GOOD
        case OutcomeKind.UNKNOWN:
            return Verdict.NOTHING if outcome.why.startswith(_STOPPED) else Verdict.SILENT
        case OutcomeKind.REFUSED:
            theirs = outcome.refusal in (Refusal.RECIPIENT, Refusal.MESSAGE) or outcome.code in _SPARED
            spared = theirs or outcome.wait_s is not None or outcome.raw in _OURS
            return Verdict.NOTHING if spared else Verdict.REFUSED
        case _:
            assert_never(outcome.kind)


def judge(signs: Signs, now_s: float) -> Health:
    """The score of a line and why it is so."""
    tries = [one for one in signs.tries if one.verdict is not Verdict.NOTHING][-MOST_TRIES:]
    weights = [_weight(one.at_s, now_s) for one in tries]
    whole = sum(weights) + _DOUBT
    failing = sum(weight for weight, one in zip(weights, tries, strict=True) if one.verdict is not Verdict.GOOD)
    slow = sum(weight * _slow(one.took_s) for weight, one in zip(weights, tries, strict=True))
    lost = sum(_weight(at_s, now_s) for at_s in signs.lost_s)
    found: tuple[tuple[float, Callable[[], str]], ...] = (
        (min(_MOST_FAILING, _PER_FAILING * failing / whole), lambda: _failing_words(tries, account=signs.account)),
        (_MOST_SLOW * slow / whole, lambda: _slow_words(tries)),
        (min(_MOST_LOST, _PER_LOSS * lost), lambda: _lost_words(signs.lost_s, now_s)),
        (_weak(signs.signal_dbm), lambda: f"signal weak ({signs.signal_dbm} dBm)"),
        (_hot(signs.temperature_c), lambda: f"hot ({signs.temperature_c:.0f} \u00b0C)"),
    )
    score = max(0, round(100 - sum(points for points, _ in found)))
    told = sorted(
        (Reason(points, words()) for points, words in found if points >= _SLIGHT), key=lambda one: -one.points
    )
    good = takewhile(lambda one: one.verdict is Verdict.GOOD, reversed(tries))
    return Health(score, tuple(told), len(tries), sum(1 for _ in good))


def _weight(at_s: float, now_s: float) -> float:
    # A clock that was set back makes nothing count more than what is now.
    return float(0.5 ** (max(0.0, now_s - at_s) / _HALF_S))


def _slow(took_s: float | None) -> float:
    return 0.0 if took_s is None else _between(took_s, _SLOW_FROM_S, _SLOW_TO_S)


def _between(value: float, none: float, all_of_it: float) -> float:
    return min(1.0, max(0.0, (value - none) / (all_of_it - none)))


def _failing_words(tries: Sequence[Try], *, account: bool) -> str:
    whose, code = ("the provider", "code") if account else ("the network", "CMS")
    of = f"of the last {len(tries)} texts" if len(tries) > 1 else "text, its last,"
    refused = [one for one in tries if one.verdict is Verdict.REFUSED]
    said = []
    for modem, whom in ((False, whose), (True, "the modem")):
        mine = [one for one in refused if one.modem is modem]
        if mine:
            said.append(_some(len(mine), of, f"refused by {whom}{_codes(mine, code)}"))
            of = ""
    silent = sum(one.verdict is Verdict.SILENT for one in tries)
    if silent:
        said.append(_some(silent, of, "left without an answer"))
    return " and ".join(said)


def _some(number: int, of: str, what: str) -> str:
    return f"{number} {of + ' ' if of else ''}{'was' if number == 1 else 'were'} {what}"


def _codes(tries: Iterable[Try], name: str) -> str:
    codes = Counter(one.code for one in tries if one.code is not None)
    return f" ({name} {', '.join(str(code) for code, _ in codes.most_common(3))})" if codes else ""


def _slow_words(tries: Sequence[Try]) -> str:
    took = sorted(one.took_s for one in tries if one.took_s is not None)
    return f"texts take {took[len(took) // 2]:.0f} s, at worst {took[-1]:.0f} s" if took else ""


def _lost_words(lost_s: Sequence[float], now_s: float) -> str:
    recent = [at_s for at_s in lost_s if now_s - at_s < MEMORY_S]
    if not recent:
        return ""
    ago = max(0.0, now_s - max(recent))
    when = "just now" if ago < 60 else f"{ago / 60:.0f} min ago"
    often = "" if len(recent) == 1 else f"{len(recent)} times, last "
    return f"its modem was lost {often}{when}"


def _weak(signal_dbm: int | None) -> float:
    return 0.0 if signal_dbm is None else _MOST_WEAK * _between(signal_dbm, _WEAK_FROM_DBM, _WEAK_TO_DBM)


def _hot(temperature_c: float | None) -> float:
    return 0.0 if temperature_c is None else _MOST_HOT * _between(temperature_c, _HOT_FROM_C, _HOT_TO_C)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What work a line gets: `ahead`: claim more than the next text; rest `pause_s` seconds after each one.

    `shared`: also texts that any line may take; else only those that are meant for this one.
    """

    ahead: bool = True
    pause_s: float = 0.0
    shared: bool = True


LONGEST_PAUSE_S = 30.0
"""Only while another line is well: somebody has to do the work."""
_CURED = 10
"""Each text that goes well halves the pause: what was wrong with all lines at once is soon over for all."""
SHARED_EVERY_S = 60.0
"""However sick, a line tries a text that any line may take so often; after one that goes well, the next."""


def allowance(health: Health, *, others_well: bool, shared_ago_s: float) -> Allowance:
    """How much work a line gets. `shared_ago_s`: since it last asked for a text that any line may take."""
    match health.grade:
        case Grade.WELL:
            return Allowance()
        case Grade.WEAK:
            return Allowance(ahead=False)
        case Grade.SICK:
            longest_s = LONGEST_PAUSE_S if others_well else 0.0
            pause_s = longest_s * (_WEAK - health.score) / _WEAK * 0.5 ** min(health.streak, _CURED)
            shared = not others_well or shared_ago_s >= SHARED_EVERY_S or health.streak > 0
            return Allowance(ahead=False, pause_s=pause_s, shared=shared)
        case _:
            assert_never(health.grade)
