"""How reports and texts come to us: chosen from what the modem offers (TS 27.005 3.1, 3.2.1, 3.4.1).

What is not acknowledged the network sends again; what is stored in the modem can be read after a restart;
the SIM's own memory is never used, as nothing on it may change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from gsmsend.at import replies
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.profile import Profile

NEARLY_FULL = 0.9
NO_LIMIT = 1_000_000


class Way(StrEnum):
    """The three ways, as profiles name them, and none."""

    ACKNOWLEDGED = "acknowledged"
    STORED = "stored"
    DIRECT = "direct"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Routing:
    """What was set up. `memory` and `report_memory` are the modem's own, and hold what was stored there now or
    before; `commands` sets +CNMI up again.

    `reports`: status reports come at all. `room`: how many may be stored before another way is to be taken,
    as nothing is ever deleted. `notes` are for a person.
    """

    way: Way
    commands: tuple[str, ...] = ()
    memory: str = ""
    reports: bool = False
    report_memory: str = ""
    room: int = NO_LIMIT
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """What the modem says it can do. Empty sets: it does not say. `told`: it answered AT+CNMI=? with OK."""

    modes: frozenset[int] = frozenset()
    texts: frozenset[int] = frozenset()
    reports: frozenset[int] = frozenset()
    buffers: frozenset[int] = frozenset()
    acknowledges: bool = False
    memories: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    told: bool = True


_KEEPS_NONE = ("Reports and texts that come while gsmsend is not running are lost: the modem keeps none.",)

NO_WAY = Routing(
    Way.NONE, notes=("The modem takes no delivery reports and no texts to the computer; sending works.",)
)


def read_offer(dialogue: Dialogue, profile: Profile) -> Offer:
    """Ask AT+CNMI=?, AT+CSMS=? and AT+CPMS=?. Raises LinkLost."""
    cnmi = dialogue.ask("AT+CNMI=?", profile.command_timeout_s)
    groups = [frozenset(group) for group in replies.offers(replies.value(cnmi.lines, "+CNMI:") or "")]
    groups += [frozenset()] * (5 - len(groups))
    acknowledges = False
    if profile.csms and Way.ACKNOWLEDGED in profile.routing:
        csms = dialogue.ask("AT+CSMS=?", profile.command_timeout_s)
        services = replies.offers(replies.value(csms.lines, "+CSMS:") or "")
        acknowledges = bool(services) and 1 in services[0] and _can_route(groups[1], groups[3])
    memories: list[list[str]] = []
    if not acknowledges and Way.STORED in profile.routing:
        cpms = dialogue.ask("AT+CPMS=?", profile.network_timeout_s)
        memories = replies.memories(replies.value(cpms.lines, "+CPMS:") or "")
    return Offer(
        groups[0], groups[1], groups[3], groups[4], acknowledges,
        tuple(memories[2]) if len(memories) > 2 else (),
        tuple(memories[0]) if memories else (), cnmi.ok,
    )  # fmt: skip


def _can_route(texts: frozenset[int], reports: frozenset[int]) -> bool:
    """Whether both can come straight through; reports that cannot come at all do not count."""
    return (not texts or 2 in texts) and (not reports or 1 in reports or 2 not in reports)


def candidates(offer: Offer, profile: Profile) -> list[Routing]:
    """The ways that the offer allows, in the profile's order."""
    found = []
    for name in profile.routing:
        way = Way(name)
        memory = next((each for each in profile.own_memories if each in offer.memories and each != "SR"), "")
        if (way is Way.ACKNOWLEDGED and not offer.acknowledges) or (way is Way.STORED and not memory):
            continue
        stored = way is Way.STORED
        text = 1 if stored else 2
        if offer.texts and text not in offer.texts:
            continue
        report = _report_value(offer, stored=stored)
        commands = tuple(
            f"AT+CNMI={mode},{text},0,{report}"
            + (f",{_buffer(offer)}" if offer.buffers or not offer.modes else "")
            for mode in profile.cnmi_modes
            if mode in offer.modes or not offer.modes
        )
        in_sr = report == 2 and "SR" in offer.readable and "SR" in profile.own_memories
        found.append(
            Routing(
                way,
                commands,
                memory if stored else "",
                report > 0,
                "SR" if in_sr else "",
                notes=_KEEPS_NONE if way is Way.DIRECT else (),
            )
        )
    return found


def _report_value(offer: Offer, *, stored: bool) -> int:
    wanted = (2, 1) if stored else (1, 2)
    if not offer.reports:
        return wanted[0]
    return next((value for value in wanted if value in offer.reports), 0)


def _buffer(offer: Offer) -> int:
    # 0 flushes what was buffered to us, 1 throws it away (TS 27.005 3.4.1, <bfr>).
    return 0 if 0 in offer.buffers or not offer.buffers else min(offer.buffers)


def set_up(dialogue: Dialogue, profile: Profile, *, exhibit: bool = False) -> Routing:
    """Set the best way that the modem accepts; on an exhibit none that stores. Raises LinkLost."""
    notes: list[str] = []
    left = Routing(Way.NONE)
    for routing in candidates(read_offer(dialogue, profile), profile):
        room = NO_LIMIT
        if routing.way is Way.STORED and exhibit:
            continue
        if routing.way is Way.STORED:
            room, full = _select_memories(dialogue, profile, routing)
            notes += full
            if room <= 0 and (Way.DIRECT in profile.routing or not full):
                left = routing if full else left
                continue
        elif not _select_service(dialogue, profile, routing.way):
            continue
        for command in routing.commands:
            if dialogue.ask(command, profile.command_timeout_s).ok:
                notes += routing.notes
                if not routing.reports:
                    notes.append("The modem passes no delivery reports on.")
                made = replace(routing, commands=(command,), room=room, notes=tuple(notes))
                return made if made.memory else replace(made, memory=left.memory, report_memory=left.report_memory)
    return NO_WAY


def _select_service(dialogue: Dialogue, profile: Profile, way: Way) -> bool:
    if way is Way.ACKNOWLEDGED:
        return dialogue.ask("AT+CSMS=1", profile.command_timeout_s).ok
    if profile.csms:
        dialogue.ask("AT+CSMS=0", profile.command_timeout_s)
    return True


def _select_memories(dialogue: Dialogue, profile: Profile, routing: Routing) -> tuple[int, list[str]]:
    """How many more may be stored, 0 if the modem does not have it so; and what is nearly full, in words."""
    rooms, notes = [], []
    own = routing.memory
    for memory, command in (
        (routing.report_memory, f'AT+CPMS="{routing.report_memory}"'),
        (own, f'AT+CPMS="{own}","{own}","{own}"'),
    ):
        if not memory:
            continue
        reply = dialogue.ask(command, profile.network_timeout_s)
        if not reply.ok and memory == own:
            return 0, []
        numbers = [
            int(each) for each in replies.fields(replies.value(reply.lines, "+CPMS:") or "") if each.isdigit()
        ]
        used, slots = (numbers[4:6] if memory == own else numbers[:2]) if len(numbers) >= 6 else (0, 10)
        rooms.append(int(NEARLY_FULL * slots) - used)
        if rooms[-1] <= 0:
            notes.append(
                f"The modem's own memory ({memory}) is nearly full, {used} of {slots}; nothing is deleted."
            )
    return min(rooms), notes
