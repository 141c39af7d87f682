"""Typing the SIM's PIN, where it may be typed: once, and told in no transcript, error or note (invariant 6).

Who decides is the PinDesk. Nothing but `SIM PIN` is ever answered: a PUK never is (TS 27.007 8.3).
"""

from __future__ import annotations

import re

from gsmsend.at import Final
from gsmsend.contract import PinDesk
from gsmsend.errors import GuardStop
from gsmsend.model import Facts, Sim
from gsmsend_atmodem import survey
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.profile import Profile

WANTED = "SIM PIN"

READY_WAIT_S = 20.0
"""From the PIN to READY: the card is read anew, some modems say SIM busy or FAILURE meanwhile."""

_MOST_TRIES = 10
"""A PIN has three tries and a PUK ten (TS 31.101 9.5.1); more than that is no count."""


def unlock(dialogue: Dialogue, profile: Profile, facts: Facts, pins: PinDesk) -> str:
    """Type the PIN that `pins` hands out for the SIM; +CPIN? afterwards, in the standard's words.

    Raises GuardStop if it may not be typed, was refused, or another SIM is in than `facts` knows; LinkLost.
    """
    sim = Sim(iccid=survey.read_iccid(dialogue, profile))
    if sim.iccid and facts.sim.iccid:
        survey.guard_same_sim(facts.sim, sim, facts.device)
    pin = pins.pin(sim, tries_left(dialogue, profile))
    reply = dialogue.ask(f'AT+CPIN="{pin}"', profile.network_timeout_s, secret=True)
    taken = reply.ok or reply.result.final is Final.SILENCE
    state = _state_after(dialogue, profile, READY_WAIT_S if taken else 0.0)
    if state != WANTED and (reply.ok or state == "READY"):
        if taken:
            pins.accepted(sim)
        return state
    what = "gave no answer to its PIN" if taken else "refused its PIN"
    who = f"the SIM {sim.iccid} in {facts.device.address} {what}"
    raise _refused(who, state, tries_left(dialogue, profile))


def tries_left(dialogue: Dialogue, profile: Profile) -> int | None:
    """How often the PIN may still be typed wrongly or not; None if the modem does not say. Raises LinkLost."""
    for command, pattern in zip(profile.pin_tries[::2], profile.pin_tries[1::2], strict=True):
        for line in dialogue.ask(command, profile.command_timeout_s).lines:
            found = re.search(pattern, line)
            if found is not None and int(found[1]) <= _MOST_TRIES:
                return int(found[1])
    return None


def _state_after(dialogue: Dialogue, profile: Profile, wait_s: float) -> str:
    until = dialogue.now() + wait_s
    while True:
        state = survey.sim_state(dialogue, profile, starting=wait_s > 0)
        if state not in {WANTED, "FAILURE", "NOT INSERTED", "NOT READY"} or dialogue.now() >= until:
            return state
        dialogue.rest(0.5)


def _refused(what: str, state: str, left: int | None) -> GuardStop:
    if "PUK" in state:
        return GuardStop(
            f"{what} and is blocked now: it asks for its PUK; nothing was sent",
            remedy="Ask the operator for the PUK and enter it in a phone. gsmsend never types a PUK.",
        )
    if left is None:
        tries = "it does not say how many tries are left"
    else:
        tries = "1 try is left" if left == 1 else f"{left} tries are left"
    return GuardStop(
        f"{what}, and {tries}; it is not typed again, and nothing was sent",
        remedy="Find out the right PIN first; then set it and raise the number of its approval in gsmsend.toml.",
    )
