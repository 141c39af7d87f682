"""What is wrong with an operation now, for a person: one function, for the wall, the alerts and the metrics.

Nothing in it tells of a recipient: names of lines and campaigns, counts, and words of our own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gsmsend.config import Alarm
from gsmsend.model import State


class Urgency(StrEnum):
    """How soon a person is needed."""

    NOW = "now"  # somebody's life, or nothing works: at any hour
    SOON = "soon"
    QUIET = "quiet"  # to be known, not to be woken for


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something for a person. `subject` tells one from another of its kind; `size` is how many or how much.

    `spoken` are the words where they stand alone, far from a screen; `words` where the screen says the rest.
    """

    kind: Alarm
    urgency: Urgency
    words: str
    subject: str = ""
    size: int = 1
    spoken: str = ""

    @property
    def told(self) -> str:
        """In a message."""
        return self.spoken or self.words


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A line as whoever asks sees it. `out`: it should work and does not; `why` says why, or its state.

    `sick`: it works badly; these are the reasons.
    """

    title: str
    out: bool
    why: str = ""
    sick: str = ""


@dataclass(frozen=True, slots=True)
class FallSeen:
    """The fallback of a campaign. `why` it is not ready; `spent`: that is its budget."""

    campaign: str
    carrying: bool = False
    lines_out: bool = False
    why: str = ""
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known now. What was not asked is left empty, and then nothing is wrong with it.

    `stopped`: why a run ended that should not have; `still`: why it seems to do nothing any more; `store`: why
    the store cannot be read or written; `lost_hosts`: names. `disk_free`: octets free where the store is, and the
    least that there should be. `clock`: what is wrong with this computer's clock. `done`: campaigns that are
    through.
    """

    totals: Mapping[State, int] = field(default_factory=dict)
    lines: Sequence[LineSeen] = ()
    dangers: int = 0
    missing: Sequence[str] = ()
    falls: Sequence[FallSeen] = ()
    stopped: str = ""
    still: str = ""
    store: str = ""
    lost_hosts: Sequence[str] = ()
    disk_free: tuple[float, float] | None = None
    clock: str = ""
    done: Sequence[str] = ()


def troubles(scene: Scene) -> list[Trouble]:
    """All that is wrong, the most urgent first."""
    found = [*_people(scene), *_works(scene), *_routes(scene), *_computer(scene), *_told(scene)]
    order = list(Urgency)
    return sorted(found, key=lambda one: order.index(one.urgency))


def _people(scene: Scene) -> Iterator[Trouble]:
    if scene.dangers:
        many = "reply" if scene.dangers == 1 else "replies"
        yield Trouble(
            Alarm.DANGER, Urgency.NOW, f"{scene.dangers:,} unread with words of danger", size=scene.dangers,
            spoken=f"Danger to life? {scene.dangers:,} {many} that nobody has looked at. Read now: "
            "gsmsend inbox --flagged",
        )  # fmt: skip
    uncertain, held = scene.totals.get(State.UNCERTAIN, 0), scene.totals.get(State.HELD, 0)
    if uncertain:
        yield Trouble(
            Alarm.UNCERTAIN, Urgency.SOON, f"{uncertain:,} may or may not have gone out", size=uncertain,
            spoken=f"{_texts(uncertain)} may or may not have gone out: a person must find out and say so",
        )  # fmt: skip
    if held:
        yield Trouble(
            Alarm.HELD, Urgency.SOON, f"{held:,} held for a decision", size=held,
            spoken=f"{_texts(held)} held for a person's decision",
        )  # fmt: skip


def _works(scene: Scene) -> Iterator[Trouble]:
    if scene.stopped:
        yield Trouble(Alarm.STOPPED, Urgency.NOW, f"The run has stopped: {scene.stopped}")
    if scene.still:
        yield Trouble(Alarm.STILL, Urgency.NOW, f"The run stands still: {scene.still}")
    if scene.store:
        yield Trouble(Alarm.STORE, Urgency.NOW, scene.store)
    for host in scene.lost_hosts:
        yield Trouble(Alarm.HOST, Urgency.NOW, f"Host {host} is not heard of any more", subject=host)


def _routes(scene: Scene) -> Iterator[Trouble]:
    if scene.lines and all(line.out for line in scene.lines):
        first = scene.lines[0]
        which = f"all {len(scene.lines)} are" if len(scene.lines) > 1 else f"{first.title} is"
        words = f"No line can send: {which} out of use" + (f" ({first.why})" if first.why else "")
        yield Trouble(Alarm.ALL_LINES, Urgency.NOW, words)
    for line in scene.lines:
        if line.out:
            why = f": {line.why}" if line.why else ""
            yield Trouble(
                Alarm.LINE, Urgency.SOON, f"{line.title}{why}", subject=line.title,
                spoken=f"Line {line.title} is out of use{why}",
            )  # fmt: skip
        elif line.sick:
            words = f"Line {line.title} works badly: {line.sick}"
            yield Trouble(Alarm.SICK, Urgency.SOON, words, subject=line.title)
    for name in scene.missing:
        yield Trouble(Alarm.MISSING, Urgency.SOON, f"Line {name} was not plugged in yet", subject=name)
    for fall in scene.falls:
        if fall.spent:
            words = f"The budget of the fallback of {fall.campaign} is spent"
            yield Trouble(Alarm.BUDGET, Urgency.SOON, words, subject=fall.campaign)
        elif fall.carrying:
            words = f"The fallback carries texts of {fall.campaign}"
            yield Trouble(Alarm.FALLBACK, Urgency.SOON, words, subject=fall.campaign)
        elif fall.lines_out and fall.why:
            words = f"The fallback of {fall.campaign} is not ready: {fall.why}"
            yield Trouble(Alarm.FALLBACK, Urgency.SOON, words, subject=fall.campaign)


def _computer(scene: Scene) -> Iterator[Trouble]:
    if scene.disk_free is not None and scene.disk_free[0] < scene.disk_free[1]:
        free = scene.disk_free[0] / 1e6
        yield Trouble(
            Alarm.DISK, Urgency.SOON, f"The disk is nearly full: {free:,.0f} MB left",
            spoken=f"The disk with the operation is nearly full: {free:,.0f} MB left. When it is full, "
            "nothing more is sent",
        )  # fmt: skip
    if scene.clock:
        yield Trouble(Alarm.CLOCK, Urgency.SOON, f"This computer's clock is wrong: {scene.clock}")


def _told(scene: Scene) -> Iterator[Trouble]:
    failed = scene.totals.get(State.FAILED, 0)
    if failed:
        yield Trouble(
            Alarm.FAILED, Urgency.QUIET, f"{failed:,} failed", size=failed, spoken=f"{_texts(failed)} not sent",
        )  # fmt: skip
    for name in scene.done:
        yield Trouble(Alarm.DONE, Urgency.QUIET, f"Campaign {name} has nothing left to send", subject=name)


def _texts(count: int) -> str:
    return f"{count:,} text" + ("" if count == 1 else "s")
