"""Each modem: does it answer, is its SIM ready, is it on a network, can reports come back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gsmsend.cli.checks import Finding, Level
from gsmsend.cli.inspection import Seen, look, same_sim
from gsmsend.cli.words import level
from gsmsend.config import Settings
from gsmsend.contract import Driver, Endpoint
from gsmsend.errors import GuardStop, NoRoute, UsageError
from gsmsend.model import Facts, Registration

_SIM = {
    "SIM PIN": "Its PIN is on. Take the SIM out, put it into a phone and switch the PIN off, if that is lawful\n"
    "for this SIM; gsmsend never guesses a PIN.",
    "SIM PUK": "It is blocked by wrong PINs. Its operator has the PUK; gsmsend never types one.",
    "NOT INSERTED": "Put a SIM in and plug the modem in again.",
}
_NO_ANSWER = "Unplug it, wait five seconds, plug it in again. A stick has several ports: try the others."
_NO_ANSWER_OF_AN_ACCOUNT = (
    "See that this computer is in a network that reaches the provider, and what its table in gsmsend.toml says\n"
    "of proxy, host and url. If that is in order, see the provider's status page and try again later."
)
_ASKED = "atmodem"
"""The driver that reads where the message centre is; others do not tell."""
_REGISTRATION = {
    Registration.SEARCHING: "Wait a minute; then try another place, an aerial, or check that the SIM is active.",
    Registration.DENIED: "The network refuses this SIM: it may be barred or expired. Ask its operator.",
    Registration.NOT_SEARCHING: "The modem has its radio off or finds no network: try another place or aerial.",
    Registration.UNKNOWN: "The modem does not say. Sending may work all the same.",
}


def all_of(settings: Settings, places: Sequence[tuple[Driver, Endpoint]]) -> Iterator[Finding]:
    """The findings of every modem; the last says so if none can be used."""
    usable = guarded = 0
    answered: list[Seen] = []
    for seen in look(settings, places):
        findings = list(one(seen))
        findings += [_twice(other, seen) for other in answered if same_sim(other, seen)]
        answered.append(seen)
        yield from findings
        usable += all(finding.level is not Level.BAD for finding in findings)
        guarded += any(finding.exit_code == GuardStop.exit_code for finding in findings)
    if places and not usable:
        code = GuardStop.exit_code if guarded else NoRoute.exit_code
        yield Finding(Level.BAD, "modems", "no modem can be used now", exit_code=code)


def _twice(first: Seen, second: Seen) -> Finding:
    """One SIM by two routes: a run takes the first that is up, and stops the other."""
    words = f"{first.endpoint.address} and {second.endpoint.address} lead to one SIM: only one of them can be used"
    return Finding(Level.BAD, "sim", words, "Take one of them out of [modems] ports in gsmsend.toml.")


def one(seen: Seen) -> Iterator[Finding]:
    """The findings of one modem."""
    place, facts = seen.endpoint.address, seen.facts
    if facts is None:
        answer = "cannot be used" if seen.guard or seen.misconfigured else "gives no answer"
        code = GuardStop.exit_code if seen.guard else UsageError.exit_code if seen.misconfigured else 0
        again = _NO_ANSWER_OF_AN_ACCOUNT if seen.endpoint.cloud else _NO_ANSWER
        do = seen.remedy or ("" if seen.misconfigured else again)
        yield Finding(Level.BAD, "modem", f"{place} {answer}: {seen.problem}", do, code)
        return
    device = facts.device
    name = " ".join(word for word in (device.manufacturer, device.model) if word) or "a modem"
    if device.account and not facts.sim.known:
        yield Finding(Level.OK, "modem", f"{place} answers: {name}, {device.account}")
        yield from _account(place, facts)
    else:
        yield Finding(Level.OK, "modem", f"{place} answers: {name}, IMEI {device.imei or 'unknown'}")
        yield from _sim(place, facts)
        if facts.sim_state == "READY":
            yield from _network(place, facts)
    for note in facts.notes:
        yield Finding(Level.NOTE, "modem", f"{place}: {note}")


def _account(place: str, facts: Facts) -> Iterator[Finding]:
    """What is a line by its account, or its serial number: there is no SIM that gsmsend could read."""
    if facts.sim_state != "READY":
        do = _SIM.get(facts.sim_state, "Look at it, and put it right there.")
        yield Finding(Level.BAD, "sim", f"{place} is not ready ({facts.sim_state})", do, GuardStop.exit_code)
    elif facts.registration not in (Registration.UNKNOWN, Registration.HOME, Registration.ROAMING):
        words = f"{place}: not on a network ({facts.registration.value})"
        yield Finding(Level.BAD, "network", words, _REGISTRATION[facts.registration])
    if not facts.reports:
        words = f"{place}: no delivery reports come back over it"
        yield Finding(Level.NOTE, "reports", words, "Its texts stay unconfirmed.")


def _sim(place: str, facts: Facts) -> Iterator[Finding]:
    if facts.sim_state != "READY":
        do = _SIM.get(facts.sim_state, "Check the SIM in a phone.")
        yield Finding(
            Level.BAD, "sim", f"{place}: the SIM is not ready ({facts.sim_state})", do, GuardStop.exit_code
        )
    elif not facts.sim.known:
        yield Finding(
            Level.BAD,
            "sim",
            f"{place}: the SIM does not say who it is",
            "Plug the modem in again.",
            GuardStop.exit_code,
        )
    else:
        yield Finding(Level.OK, "sim", f"{place}: SIM {facts.sim.iccid or facts.sim.imsi} is ready")


def _network(place: str, facts: Facts) -> Iterator[Finding]:
    if not facts.registration.usable:
        bad = facts.registration is not Registration.UNKNOWN
        yield Finding(
            Level.BAD if bad else Level.NOTE,
            "network",
            f"{place}: not on a network ({facts.registration.value})",
            _REGISTRATION[facts.registration],
        )
    else:
        roaming = " (roaming: texts may cost more)" if facts.registration is Registration.ROAMING else ""
        yield Finding(Level.OK, "network", f"{place}: on {facts.operator or 'a network'}{roaming}")
    if facts.signal_dbm is not None and level(facts.signal_dbm) <= 1:
        yield Finding(
            Level.NOTE,
            "signal",
            f"{place}: weak signal ({facts.signal_dbm} dBm)",
            "Try a window or an outside aerial.",
        )
    if not facts.smsc and facts.device.driver == _ASKED:
        yield Finding(
            Level.NOTE,
            "smsc",
            f"{place}: the SIM names no message centre (SMSC)",
            "If sending fails, ask its operator for the number of the message centre.",
        )
    if not facts.sends:
        yield Finding(
            Level.BAD,
            "sending",
            f"{place}: it answers, but sends no texts",
            "Put its SIM into a modem, or reach it another way: 'gsmsend drivers' lists them.",
        )
    elif not facts.reports:
        yield Finding(
            Level.NOTE,
            "reports",
            f"{place}: this modem cannot hand over delivery reports",
            "Texts go out, but stay at 'sent'; use another modem if delivery must be known.",
        )
