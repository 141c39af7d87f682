"""What the method statement says in short: what did change, what was sent, and where two counts differ and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from gsmsend.audit import Kind
from gsmsend.evidence.commands import Changes, Sent
from gsmsend.evidence.entries import of_kind
from gsmsend.evidence.readings import COUNTER, NOT_READ, SETTING, UNREAD, plain_of
from gsmsend.evidence.story import Story
from gsmsend.evidence.tables import Sheet
from gsmsend.evidence.ways import Line, Way, accepted, told

_MOST_NAMED = 20
_NO_ENTRY = (
    "no entry says why; transcripts may have been switched off for a time, left out or changed: the `stop` "
    "entries say how long each was"
)


def findings(
    sent: tuple[Sent, ...], story: Story, storage: Sheet, lines: Mapping[Any, Line], called: int
) -> Iterator[str]:
    """Sentences, what did change first. Of the texts in transcripts `called` were handed to other programs."""
    by = Counter({kind: sum(one.count for one in sent if one.changes is kind) for kind in Changes})
    ours = {line for line, one in lines.items() if one.way is Way.MODEM}
    yield from _did_change(by[Changes.SENDS] - called, story, storage, ours)
    yield from accepted(story)
    other = "other " if by[Changes.SENDS] else ""
    yield _none(by[Changes.SIM], f"{other}command", "may write to the SIM")
    yield _none(by[Changes.MEMORY], "command", "may delete a stored text or mark it as read")
    yield _none(by[Changes.KEPT], "command", "is there to set what a device keeps when it is switched off")
    yield (
        f"{by.total():,} commands were sent to modems and handsets, of {len(sent)} kinds, by the transcripts: "
        "all of them are listed below."
    )
    if ours or len(lines) == 0 or by[Changes.SENDS] > called:
        yield from _handed_over(by[Changes.SENDS] - called, story, ours)
    yield from told(lines.values(), called)
    for one in of_kind(story.entries, Kind.NOTE):
        if one.data.get("what") == "recovery":
            yield f"To bring a modem back (never done to an exhibit): {one.data.get('reason')}, {one.at}."
    if by[Changes.UNKNOWN]:
        yield (
            f"{by[Changes.UNKNOWN]:,} of the commands sent are not in gsmsend's table of commands: what they "
            "change is for an expert to say. They are listed first."
        )


def _did_change(count: int, story: Story, storage: Sheet, ours: AbstractSet[Any]) -> Iterator[str]:
    """What is another than it was: of itself when a text is sent, and settings that were not put back."""
    attempts = {one.data.get("line") for one in of_kind(story.entries, Kind.ATTEMPT)} & ours
    if count or attempts:
        lines = "; ".join(
            f"line {plain_of(line)}: {_counter(storage, plain_of(line))}" for line in sorted(attempts, key=str)
        )
        counted = f"; {lines}" if lines else ""
        yield (
            "What did change on the SIM: with each text that a device sends, it has the SIM count on (EF-SMSS, "
            f"the number of the last text sent{counted}). And whenever a device joins a network, it writes onto "
            "the SIM where it is, and fresh keys: see the end."
        )
    rows = [row for row in storage.rows if row[2] != row[3] and UNREAD not in row[2:]]
    held = [row for row in rows if row[1] not in (COUNTER, NOT_READ) and not str(row[1]).startswith(SETTING)]
    if held:
        yield f"What is held otherwise than before: {_differ(held)}."
    left = [row for row in rows if str(row[1]).startswith(SETTING)]
    if left:
        yield (
            f"Settings of the device that were left other than they were found: {_differ(left)}. By the standard "
            "they last until the device restarts or is set again."
        )


def _differ(rows: Iterable[Sequence[Any]]) -> str:
    return "; ".join(
        f"line {line}, {str(what).removeprefix(SETTING)}: {before} before, {after} after"
        for line, what, before, after in rows
    )


def _counter(storage: Sheet, line: str) -> str:
    for row in storage.rows:
        if row[0] == line and row[1] == COUNTER:
            return f"{row[2]} before, {row[3]} after"
    return "it could not be read"


def _handed_over(count: int, story: Story, ours: AbstractSet[Any]) -> Iterator[str]:
    """How many texts the transcripts have, against the log; where they differ, by which entries."""
    every = of_kind(story.entries, Kind.ATTEMPT)
    attempts = [one for one in every if one.data.get("line") in ours]
    to_others = {one.data.get("attempt") for one in every if one.data.get("line") not in ours}
    to = " over modems" if to_others else ""
    yield (
        f"Texts (or parts of long ones) that were handed over to be sent{to}, by the transcripts: {count:,}. The "
        f"audit log has {len(attempts):,} attempts to do so, each of them put on record before it was made."
    )
    if count == len(attempts):
        return
    withdrawn = [
        one.number
        for one in of_kind(story.entries, Kind.OUTCOME)
        if one.data.get("outcome") == "refused" and one.data.get("attempt") not in to_others
    ]
    cut = _without_end(story)
    why = []
    if count < len(attempts):
        if withdrawn:
            why.append(
                "a device may refuse a text at its prompt, before it is handed over: attempts that ended as "
                f"refused have their outcome in {_entries(withdrawn)}"
            )
        if cut:
            why.append(
                "the program was killed, or the computer lost its power, in the run that began with "
                f"{_entries(cut)}, which has no `stop`: what was done at that moment may be in no transcript"
            )
        if len(withdrawn) < len(attempts) - count and not cut:
            why.append(_NO_ENTRY)
    elif any(one.data.get("before") for one in of_kind(story.entries, Kind.OPERATION)):
        why.append(
            "entry 1 says that texts were sent before the audit log was begun; their attempts are not in it"
        )
    said = "; and ".join(why) or _NO_ENTRY
    yield f"The two numbers differ by {abs(count - len(attempts)):,}: {said}."


def _without_end(story: Story) -> list[int]:
    """Entries of runs that began and have no end; the newest may be going on. Those of several hosts overlap."""
    began: dict[int | None, int] = {}
    found = []
    for one in of_kind(story.entries, Kind.START, Kind.STOP):
        before = began.pop(one.session, None)
        if one.kind == Kind.START:
            found += [before] if before is not None else []
            began[one.session] = one.number
    return sorted([*found, *began.values()])


def _entries(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_MOST_NAMED]))
    more = f" and {len(numbers) - _MOST_NAMED:,} more" if len(numbers) > _MOST_NAMED else ""
    return f"entr{'y' if len(numbers) == 1 else 'ies'} {shown}{more}"


def _none(count: int, what: str, words: str) -> str:
    if not count:
        return f"No {what} was sent that {words}."
    return f"{count:,} {what}{' was' if count == 1 else 's were'} sent of a kind that {words}: see the list."
