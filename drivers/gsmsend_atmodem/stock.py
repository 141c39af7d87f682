"""How much the SIM and the modem hold, and how the modem is set: nothing is changed, selections are set back.

Memories of texts by +CPMS (TS 27.005 3.2.2), phonebooks by +CPBS (TS 27.007 8.11), the SIM's count of texts from
EF-SMSS. A memory is selected to be counted; that is a setting of the session, and it is set back at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gsmsend.at import Final, replies
from gsmsend.contract import Places, StorageState
from gsmsend_atmodem import survey
from gsmsend_atmodem.dialogue import Dialogue
from gsmsend_atmodem.profile import Profile

SETTINGS = ("CMGF", "CSMS", "CNMI", "CPMS", "CSMP")
"""Asked by their read command: mode, service, routing, memories, parameters of text mode (TS 27.005 3)."""
_PHONEBOOKS = ("SM", "ME")
_MOST_MEMORIES = 6
_NAME = re.compile(r"\w{2,6}")
_LATE = "not asked: the modem is slow to answer"


class _SilentError(Exception):
    """The modem has left a question unanswered: it is asked nothing more."""


@dataclass(slots=True)
class _Count:
    dialogue: Dialogue
    profile: Profile
    until: float
    not_read: list[str] = field(default_factory=list)
    intact: bool = True

    def ask(self, command: str) -> Sequence[str] | None:
        """The lines of its answer, None for a refusal, which is noted."""
        left_s = self.until - self.dialogue.now()
        if left_s <= 0:
            raise _SilentError
        reply = self.dialogue.ask(command, min(left_s, self.profile.network_timeout_s))
        if reply.ok:
            return reply.lines
        name = command.removeprefix("AT")
        if reply.result.final is Final.SILENCE:
            self.not_read.append(f"{name}: no answer")
            raise _SilentError
        self.not_read.append(f"{name}: refused")
        return None

    def value(self, command: str, prefix: str) -> str | None:
        lines = self.ask(command)
        return replies.value(lines, prefix) if lines is not None else None

    def back(self, command: str) -> None:
        """Set a selection back, however late it is."""
        self.intact = self.dialogue.ask(command, self.profile.network_timeout_s).ok and self.intact


def read_settings(dialogue: Dialogue, profile: Profile) -> dict[str, str]:
    """How the modem is set. What it does not tell is missing; after a silence nothing more is asked.

    Raises LinkLost.
    """
    found: dict[str, str] = {}
    for name in SETTINGS:
        reply = dialogue.ask(f"AT+{name}?", profile.command_timeout_s)
        value = replies.value(reply.lines, f"+{name}:") if reply.ok else None
        if value is not None:
            found[name] = value
        if reply.result.final is Final.SILENCE:
            break
    return found


def count(
    dialogue: Dialogue, profile: Profile, found: dict[str, str], within_s: float, *, select: bool
) -> tuple[StorageState, bool]:
    """What is held; and whether every selection stands as before. Raises LinkLost.

    Without `select` only what is told with no memory selected: those in use.
    """
    work = _Count(dialogue, profile, dialogue.now() + within_s)
    texts: dict[str, Places] = {}
    books: dict[str, Places] = {}
    counter: int | None = None
    settings: dict[str, str] = {}
    try:
        _texts(work, texts, select=select)
        if select:
            _phonebooks(work, books)
        counter = survey.read_count(dialogue, profile)
        settings = read_settings(dialogue, profile)
    except _SilentError:
        work.not_read.append(_LATE)
    return StorageState(texts, books, counter, settings, found, tuple(work.not_read)), work.intact


def _texts(work: _Count, found: dict[str, Places], *, select: bool) -> None:
    fields = replies.fields(work.value("AT+CPMS?", "+CPMS:") or "")
    for name, used, total in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        _note(found, name, used, total)
    home = fields[0]
    if not select or not _NAME.fullmatch(home):
        return
    offered = replies.memories(work.value("AT+CPMS=?", "+CPMS:") or "")
    others = [name for name in (offered[0] if offered else ()) if name not in found and _NAME.fullmatch(name)]
    if not others:
        return
    try:
        for name in others[:_MOST_MEMORIES]:
            counted = replies.fields(work.value(f'AT+CPMS="{name}"', "+CPMS:") or "")
            if len(counted) >= 2:
                _note(found, name, counted[0], counted[1])
    finally:
        work.back(f'AT+CPMS="{home}"')


def _phonebooks(work: _Count, found: dict[str, Places]) -> None:
    fields = replies.fields(work.value("AT+CPBS?", "+CPBS:") or "")
    home = fields[0]
    _note(found, *fields[:3])
    if not _NAME.fullmatch(home):
        return
    try:
        for name in _PHONEBOOKS:
            if name not in found and work.ask(f'AT+CPBS="{name}"') is not None:
                _note(found, *replies.fields(work.value("AT+CPBS?", "+CPBS:") or "")[:3])
    finally:
        work.back(f'AT+CPBS="{home}"')


def _note(found: dict[str, Places], name: str, used: str = "", total: str = "") -> None:
    if _NAME.fullmatch(name) and used.isdecimal() and total.isdecimal():
        found[name] = int(used), int(total)
