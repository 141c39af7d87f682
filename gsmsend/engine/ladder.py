"""The recovery ladder of one line: what to do next to a device that was lost. Pure; the waits are tenacity's.

Asking again, ESC and AT, opening the port again and setting the modem up again are what every opening does.
Only what comes after is a step here; on an exhibit (any operation that is not a lab) there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from tenacity import RetryCallState, wait_exponential

from gsmsend.config import Settings
from gsmsend.contract import Step

_BACK_OFF = wait_exponential(multiplier=0.5, max=30.0)
_BACK_OFF_S = 1.0
_QUARANTINE_S = 15.0
"""The first wait in quarantine. It doubles up to the configured one: what hangs is mostly back before long."""
_TRIES_A_STEP = 3
"""Openings before the first step, and between two."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What comes next: a step (or only another opening), the wait before it, whether the line is quarantined."""

    step: Step | None
    wait_s: float
    quarantined: bool = False


def steps(settings: Settings) -> tuple[Step, ...]:
    """The steps that may be done to a device of this operation, mildest first."""
    if not settings.lab:
        return ()
    wanted = settings.recovery
    allowed = (
        (Step.RADIO, wanted.radio_cycle is not False),
        (Step.USB, wanted.usb_reset is not False),
        (Step.POWER, wanted.hub_power),
    )
    return tuple(step for step, may in allowed if may)


def rung(failures: int, settings: Settings) -> Rung:
    """What comes after so many openings in a row that failed (1 or more)."""
    within = (failures - 1) % _TRIES_A_STEP + 1
    state = RetryCallState(None, None, (), {})  # type: ignore[arg-type]  # only its attempt number is read
    state.attempt_number = within
    allowed = steps(settings)
    number = failures // _TRIES_A_STEP
    if failures % _TRIES_A_STEP == 0 and number <= len(allowed):
        return Rung(allowed[number - 1], _BACK_OFF(state))
    if failures >= _TRIES_A_STEP * (len(allowed) + 1):
        return Rung(None, _quarantine_s(failures - _TRIES_A_STEP * (len(allowed) + 1), settings), quarantined=True)
    return Rung(None, _BACK_OFF(state))


def _quarantine_s(tries: int, settings: Settings) -> float:
    """How long to leave it alone after so many tries in quarantine. An exhibit is never asked more often."""
    longest_s = settings.recovery.quarantine_s
    return min(longest_s, _QUARANTINE_S * 2.0 ** min(tries, 10)) if settings.lab else longest_s


def first(failures: int, settings: Settings) -> Rung | None:
    """The same for a device that never came up in this run: each step once, then None: it is given up."""
    if failures < _TRIES_A_STEP:
        return rung(failures, settings)
    allowed = steps(settings)
    number = failures - _TRIES_A_STEP
    return Rung(allowed[number], _BACK_OFF_S) if number < len(allowed) else None
