"""Questions that change nothing: who the modem and the SIM are, where they are registered, what they hear.

Every step is tolerant: ERROR or silence means "not known". All raise LinkLost if the port is gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from gsmsend.at import Final, Reply, replies
from gsmsend.errors import GuardStop, SimStop
from gsmsend.model import Device, Facts, Registration, Sim
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.profile import Profile, Profiles

SIM_WAIT_S = 10.0
SIM_BUSY = {14, 515}
"""+CME ERROR: SIM busy (TS 27.007 9.2.1); 515 "please wait, initialising" (Huawei, Telit)."""

_COLDEST_C, _HOTTEST_C = -40.0, 150.0
"""What a sensor cannot read is told as a number far off, 255 or 6553.5 among them."""

_EF_ICCID = "AT+CRSM=176,12258,0,0,10"  # READ BINARY of EF-ICCID, 2FE2 (TS 27.007 8.18, TS 51.011 10.1.1)
_EF_SMSS = "AT+CRSM=176,28483,0,0,2"  # READ BINARY of EF-SMSS, 6F43 (TS 31.102 4.2.9): last TP-MR, flags
_COUNT = re.compile(r'(?:144|145)\s*,\s*\d+\s*,\s*"?([0-9A-Fa-f]{2})[0-9A-Fa-f]{2}"?')  # SW1 of success
_PLAIN = re.compile(r"[A-Z0-9 -]+")
_STATE_WORDS = {"SIM", "PIN", "PUK", "PIN2", "PUK2", "NOT", "INSERTED", "BUSY", "FAILURE", "BLOCKED", "WRONG"}
_SIM_STATE_OF_ERROR = {10: "NOT INSERTED", 11: "SIM PIN", 12: "SIM PUK", 13: "FAILURE", 15: "WRONG"}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being asked: the device as far as it is known, and its profile."""

    device: Device
    profile: Profile


def identify(dialogue: Dialogue, subject: Subject, profiles: Profiles) -> Subject:
    """Ask maker, model, revision and IMEI, and choose the profile."""
    maker = replies.plain(dialogue.ask("AT+CGMI", subject.profile.command_timeout_s).lines, "+CGMI:")
    model = replies.plain(dialogue.ask("AT+CGMM", subject.profile.command_timeout_s).lines, "+CGMM:")
    profile = profiles.by_answers(maker, model) or subject.profile
    dialogue.adopt(profile)
    revision = replies.plain(dialogue.ask("AT+CGMR", profile.command_timeout_s).lines, "+CGMR:")
    imei = None
    for command in profile.imei:
        imei = replies.longest_digits(dialogue.ask(command, profile.command_timeout_s).lines, 14, 17)
        if imei is not None:
            break
    if dialogue.transcript is not None:
        dialogue.transcript.imei = imei
    device = replace(
        subject.device,
        imei=imei,
        manufacturer=maker,
        model=model,
        revision=revision.removeprefix("Revision:").strip(),
        profile=profile.name,
    )
    for command in profile.init:
        dialogue.ask(command, profile.command_timeout_s)
    return Subject(device, profile)


def sim_state(dialogue: Dialogue, profile: Profile, *, starting: bool = False) -> str:
    """+CPIN? in the standard's words, waiting while the SIM is busy; "" if the modem cannot say.

    `starting`: the modem has just restarted and may not have found its SIM yet.
    """
    until = dialogue.now() + SIM_WAIT_S
    transient = SIM_BUSY | {10, 13} if starting else SIM_BUSY
    while True:
        reply = dialogue.ask("AT+CPIN?", profile.command_timeout_s)
        state = replies.value(reply.lines, "+CPIN:")
        if state is not None:
            return state.strip('"').upper()
        if reply.result.code not in transient or dialogue.now() >= until:
            return _state_of_error(reply)
        dialogue.rest(0.5)


def _state_of_error(reply: Reply) -> str:
    result = reply.result
    if result.final is not Final.CME:
        return ""
    if result.code is not None:
        return _SIM_STATE_OF_ERROR.get(result.code, "")
    words = result.text.upper()
    return next((state for state in ("NOT INSERTED", "SIM PIN", "SIM PUK", "FAILURE") if state in words), "")


def known_state(state: str) -> bool:
    """Whether it is a <code> of +CPIN (TS 27.007 8.3), or a maker's in its likeness."""
    words = set(re.split("[ -]", state))
    return state in {"", "READY"} or bool(_PLAIN.fullmatch(state) and words & _STATE_WORDS)


def guard_sim_state(state: str, device: Device) -> None:
    """Raise GuardStop for a SIM that cannot send until a person has acted."""
    where = f"the modem on {device.address}" + (f" (IMEI {device.imei})" if device.imei else "")
    if state in {"", "READY"}:
        return
    if state == "NOT INSERTED":
        raise SimStop(f"There is no SIM in {where}.", remedy="Put the SIM in and start again.")
    if "PUK" in state:
        raise GuardStop(
            f"The SIM in {where} is blocked and asks for its {state.removeprefix('SIM ')}.",
            remedy="Ask the operator for the PUK and enter it in a phone. gsmsend never types a PUK.",
        )
    if "PIN" in state:
        raise GuardStop(
            f"The SIM in {where} asks for a code: {state}.",
            remedy="Enter it in a phone and switch the PIN request off there. gsmsend types no PIN by itself.",
        )
    raise SimStop(f"The SIM in {where} cannot be used: {state}.", remedy="Try the SIM in a phone.")


def read_sim(dialogue: Dialogue, profile: Profile) -> Sim:
    """IMSI and ICCID."""
    imsi = replies.longest_digits(dialogue.ask("AT+CIMI", profile.network_timeout_s).lines, 14, 15)
    return Sim(read_iccid(dialogue, profile), imsi)


def read_iccid(dialogue: Dialogue, profile: Profile) -> str | None:
    """The ICCID, which a locked SIM tells too (EF-ICCID, ETSI TS 102 221 13.2)."""
    for command in (*profile.iccid, _EF_ICCID):
        iccid = replies.iccid(dialogue.ask(command, profile.command_timeout_s).lines)
        if iccid is not None:
            return iccid
    return None


def read_count(dialogue: Dialogue, profile: Profile) -> int | None:
    """The last TP-MR that the SIM was told of; None if the modem does not let it be read."""
    reply = dialogue.ask(_EF_SMSS, profile.command_timeout_s)
    found = _COUNT.match(replies.value(reply.lines, "+CRSM:") or "")
    return int(found[1], 16) if found is not None else None


def differs(before: Sim, now: Sim) -> bool:
    """Whether the SIM is another than before, or can no longer be told."""
    if not before.known:
        return False
    if before.iccid and now.iccid:
        return before.iccid != now.iccid
    return not before.imsi or before.imsi != now.imsi


def read_mark(dialogue: Dialogue, profile: Profile) -> int | None:
    """What register S7 holds, None if the modem does not say."""
    for line in dialogue.ask("ATS7?", profile.command_timeout_s).lines:
        if line.strip().isdecimal():
            return int(line)
    return None


def write_mark(dialogue: Dialogue, profile: Profile, mark: int) -> bool:
    """Set register S7, how long a voice or data call may take to connect (V.250 6.3.7): nothing to a text.

    It is gone when the modem restarts. Whether the modem keeps it now.
    """
    return dialogue.ask(f"ATS7={mark}", profile.command_timeout_s).ok and read_mark(dialogue, profile) == mark


def guard_same_sim(before: Sim, now: Sim, device: Device) -> None:
    """Raise GuardStop if the SIM is another than before, or can no longer be told."""
    if not differs(before, now):
        return
    found = f"another SIM ({_name(now)})" if now.known else "a SIM that does not tell who it is"
    raise SimStop(
        f"In the modem on {device.address} there is {found}; expected the one that was there before "
        f"({_name(before)}). Nothing is sent from it.",
        remedy="Put the right SIM back and start again.",
    )


def _name(sim: Sim) -> str:
    return f"ICCID {sim.iccid}" if sim.iccid else f"IMSI {sim.imsi}"


def read_registration(dialogue: Dialogue, profile: Profile, *, switch_on: bool) -> Registration:
    """The first usable of CS, EPS and GPRS registration, else the first known. `switch_on` their reports."""
    best = Registration.UNKNOWN
    for command in profile.registration:
        if switch_on:
            dialogue.ask(f"{command}=1", profile.command_timeout_s)
        for line in dialogue.ask(f"{command}?", profile.command_timeout_s).lines:
            if not line.startswith(command[2:] + ":"):
                continue
            state = replies.registration(line, read=True)
            if state is not None and state.usable:
                return state
            if state is not None and best in {Registration.UNKNOWN, Registration.NOT_SEARCHING}:
                best = state
    return best


def read_network(dialogue: Dialogue, profile: Profile, facts: Facts, *, switch_on: bool) -> Facts:
    """Registration, operator, signal."""
    state = read_registration(dialogue, profile, switch_on=switch_on)
    name = ""
    if state.usable:
        name = replies.operator(dialogue.ask("AT+COPS?", profile.network_timeout_s).lines)
    dbm = replies.signal_dbm(dialogue.ask("AT+CSQ", profile.command_timeout_s).lines)
    return replace(facts, registration=state, operator=name, signal_dbm=dbm)


def read_temperature(dialogue: Dialogue, profile: Profile) -> float | None:
    """The highest temperature that the modem tells of itself, in degrees Celsius; None if it tells none.

    A pattern's group that is called `tenths` has tenths of a degree.
    """
    for command, pattern in zip(profile.temperature[::2], profile.temperature[1::2], strict=True):
        lines = dialogue.ask(command, profile.command_timeout_s).lines
        scale = 0.1 if "tenths" in re.compile(pattern).groupindex else 1.0
        told = [float(found[1]) * scale for line in lines for found in re.finditer(pattern, line)]
        likely = [degrees for degrees in told if _COLDEST_C < degrees < _HOTTEST_C]
        if likely:
            return max(likely)
    return None


def read_settings_of_sim(dialogue: Dialogue, profile: Profile, facts: Facts) -> Facts:
    """The message centre's number and the own number, where the SIM has them. Neither is ever written."""
    smsc = replies.value(dialogue.ask("AT+CSCA?", profile.command_timeout_s).lines, "+CSCA:")
    number = replies.own_number(dialogue.ask("AT+CNUM", profile.network_timeout_s).lines)
    centre = replies.fields(smsc)[0] if smsc else ""
    notes = facts.notes
    if not centre:
        notes = (*notes, "The SIM has no message centre number: sending will fail. Set it in a phone.")
    return replace(facts, smsc=centre, sim=replace(facts.sim, number=number), notes=notes)
