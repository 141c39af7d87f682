"""What the modem's own memories hold when it is set up: reports and texts that nobody was there to hear.

However they are routed now, until +CNMI was set they were not: with <mt> and <ds> at 0, where a restart leaves
them, a text is stored without a word, and so is a report on many modems (TS 27.005 3.4.1).
The SIM's memory (SM, and MT, which has it in it) is never read.
"""

from __future__ import annotations

from dataclasses import dataclass

from gsmsend.at import Final, Reply, replies
from gsmsend.model import fingerprint
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.inbox import Inbox
from gsmsend_atmodem.profile import Profile

_ON_THE_SIM = {"SM", "MT", "SM_P", "MT_P"}


@dataclass(frozen=True, slots=True)
class Swept:
    """`holds` is what all of the modem's own memories hold, as `Device.holds` has it; `notes` are for a person."""

    holds: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


def sweep(dialogue: Dialogue, inbox: Inbox, profile: Profile, *, exhibit: bool) -> Swept:
    """Hand over what the modem's own memories hold, +CPMS being as before afterwards.

    On an exhibit only with commands that leave 'unread' as it is. Raises LinkLost.
    """
    held = _held(dialogue, profile) or _held(dialogue, profile)  # twice: noise may have been in the answer
    home = inbox.routing.memory or next(iter(held), "")
    if not home:
        return Swept()  # it does not say where it reads from, so nobody could set that back
    if exhibit and not profile.keeps_unread:
        notes = tuple(_left_alone(name, count) for name, count in held.items() if count and _own(name, profile))
        return Swept(notes=notes)
    at, whole, found = home, True, list[str]()
    for memory in _readable(dialogue, profile, home):
        count = held.get(memory)
        if count == 0:
            continue
        if memory != at:
            count = _select(dialogue, profile, memory)
            if count is None:
                whole = False
                continue
            at = memory
        if count != 0:
            reply = _ask(dialogue, profile.list_command, 3 * profile.network_timeout_s)
            whole = whole and reply.ok
            found += inbox.take_stored(reply, "sweep")
    if at != home:
        _select(dialogue, profile, home)
    return Swept(tuple(map(fingerprint, found)) if whole else None)


def _held(dialogue: Dialogue, profile: Profile) -> dict[str, int]:
    """How much each memory of AT+CPMS? holds, the one that is read from first (TS 27.005 3.2.2)."""
    answer = replies.value(dialogue.ask("AT+CPMS?", profile.network_timeout_s).lines, "+CPMS:")
    parts = replies.fields(answer or "")
    held: dict[str, int] = {}
    for name, used in zip(parts[::3], parts[1::3], strict=False):
        if used.isdigit():
            held.setdefault(name, int(used))
    return held


def _readable(dialogue: Dialogue, profile: Profile, home: str) -> list[str]:
    """The modem's own memories that can be read, the one that is read from as it is last."""
    answer = replies.value(dialogue.ask("AT+CPMS=?", profile.network_timeout_s).lines, "+CPMS:")
    offered = replies.memories(answer or "")
    names = [name for name in (offered[0] if offered else [home]) if _own(name, profile)]
    return sorted(dict.fromkeys(names), key=lambda name: name == home)


def _own(name: str, profile: Profile) -> bool:
    return name in profile.own_memories and name not in _ON_THE_SIM


def _select(dialogue: Dialogue, profile: Profile, memory: str) -> int | None:
    """Read from this memory; how much it holds (1 where it does not say), None if it cannot be."""
    reply = _ask(dialogue, f'AT+CPMS="{memory}"', profile.network_timeout_s)
    used = replies.fields(replies.value(reply.lines, "+CPMS:") or "")[0]
    return (int(used) if used.isdigit() else 1) if reply.ok else None


def _ask(dialogue: Dialogue, command: str, timeout_s: float) -> Reply:
    """Ask, and once more if the end of the answer never came: a report behind it would not be found again."""
    reply = dialogue.ask(command, timeout_s)
    return dialogue.ask(command, timeout_s) if reply.result.final is Final.SILENCE else reply


def _left_alone(memory: str, count: int) -> str:
    what = "1 text or report" if count == 1 else f"{count} texts or reports"
    return (
        f"The modem's own memory ({memory}) holds {what}, left unread: on this modem reading marks as read, and "
        "nothing on an exhibit may change."
    )
