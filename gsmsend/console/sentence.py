"""What is so, in one sentence that is read from across the room. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gsmsend.cli.words import count, duration
from gsmsend.console.finding import Found, LineTile
from gsmsend.model import State

_OUT = (State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNCONFIRMED)


_FEW_SICK = 4
"""One line of so many that does badly is on its tile and among the alerts; more are for the sentence."""


class Level(StrEnum):
    """How a sentence looks, and how soon somebody must come."""

    NOW = "now"
    SOON = "soon"
    WELL = "well"
    QUIET = "quiet"


_MARKS = {Level.NOW: "\u25a0", Level.SOON: "\u25b2", Level.WELL: "\u25cf", Level.QUIET: "\u25cb"}
_SAID = {Level.NOW: "Act now", Level.SOON: "Look soon", Level.WELL: "All well", Level.QUIET: "Quiet"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """`words` in large letters, `more` below them."""

    level: Level
    words: str
    more: str = ""

    @property
    def spoken(self) -> str:
        """The words without what changes with every text, so that it is not read out again and again."""
        return self.words.partition(":")[0] if self.level is Level.WELL else self.words

    @property
    def mark(self) -> str:
        """A sign that differs in form, for whoever does not see the colour."""
        return _MARKS[self.level]

    @property
    def said(self) -> str:
        """The level in words."""
        return _SAID[self.level]


def sentence(found: Found) -> Sentence:
    """The most urgent thing first; only where nothing is wrong, how far it is."""
    return _wrong(found) or _halting(found) or _going(found)


def _wrong(found: Found) -> Sentence | None:
    totals = found.totals
    waiting = totals[State.QUEUED] + totals[State.SENDING]
    if found.dangers:
        return Sentence(Level.NOW, f"Danger to life? {count(found.dangers, 'reply', 'replies')} unread",
                        "Read the inbox now.")  # fmt: skip
    if found.trouble:
        return Sentence(Level.NOW, "The store cannot be read", found.trouble)
    if found.older:
        return Sentence(Level.NOW, "This is an older copy of the store", found.older)
    held_back = found.window_shut or found.all_halted
    if waiting and not found.running and not held_back:
        return Sentence(Level.NOW, f"Stopped: {count(waiting, 'text')} waiting",
                        "No run is going on. Start it: gsmsend run")  # fmt: skip
    out = [line for line in found.lines if line.kind == "out"]
    if found.running and waiting and out and not any(line.up for line in found.lines):
        return Sentence(Level.NOW, "No line can send", _first_why(out))
    people = totals[State.UNCERTAIN] + totals[State.HELD]
    if people:
        return Sentence(Level.SOON, f"{count(people, 'text')} need a person" if people > 1
                        else "1 text needs a person", _progress(found))  # fmt: skip
    if found.running and out:
        words = f"{len(out)} of {count(len(found.lines), 'line')} out of use"
        return Sentence(Level.SOON, words, _progress(found))
    sick = [line for line in found.lines if line.sick]
    if found.running and waiting and len(sick) * _FEW_SICK > len(found.lines):
        words = f"{len(sick)} of {count(len(found.lines), 'line')} in poor health"
        return Sentence(Level.SOON, words, f"{sick[0].title}: {sick[0].sick}")
    if found.missing_lines:
        return Sentence(Level.SOON, f"Line {found.missing_lines[0]} is not plugged in", _progress(found))
    return None


def _halting(found: Found) -> Sentence | None:
    totals = found.totals
    waiting = totals[State.QUEUED] + totals[State.SENDING]
    if found.paused:
        names = ", ".join(found.paused)
        return Sentence(Level.SOON, f"Paused: {names}", _progress(found))
    if waiting and found.window_shut:
        return Sentence(Level.QUIET, f"Waiting: texts may leave {found.window_until or 'never'}", _progress(found))
    return None


def _going(found: Found) -> Sentence:
    totals = found.totals
    waiting = totals[State.QUEUED] + totals[State.SENDING]
    out = sum(totals[state] for state in _OUT)
    if waiting:
        left = f", about {duration(found.left_s)} left" if found.left_s is not None else ""
        return Sentence(Level.WELL, f"Sending: {out:,} of {out + waiting:,}{left}", _delivered(found))
    if totals[State.SENT]:
        return Sentence(Level.WELL, f"All sent: {count(totals[State.SENT], 'report')} awaited", _delivered(found))
    if not sum(totals.values()):
        return Sentence(Level.QUIET, "Nothing imported yet", "gsmsend import FILE brings people in.")
    if totals[State.DRAFT]:
        return Sentence(Level.QUIET, f"{count(totals[State.DRAFT], 'text')} not released yet", _delivered(found))
    bad = totals[State.FAILED] + totals[State.UNDELIVERED]
    rest = f"{bad:,} did not arrive." if bad else ""
    return Sentence(Level.WELL, f"Done: {totals[State.DELIVERED]:,} of {out + totals[State.FAILED]:,} delivered",
                    rest)  # fmt: skip


def _delivered(found: Found) -> str:
    bad = found.totals[State.FAILED] + found.totals[State.UNDELIVERED]
    rest = f", {bad:,} did not arrive" if bad else ""
    return f"{found.totals[State.DELIVERED]:,} delivered{rest}."


def _progress(found: Found) -> str:
    going = _going(found)
    return f"{going.words}. {going.more}".strip()


def _first_why(lines: Iterable[LineTile]) -> str:
    for line in lines:
        if line.why:
            return f"{line.title}: {line.why}"
    return "Look at the lines."
