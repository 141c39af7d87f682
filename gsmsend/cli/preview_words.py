"""The preview in lines of at most 80 columns, for terminals of any kind."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from typing import Any

from gsmsend.cli import options
from gsmsend.cli.words import STATE_WORDS, count
from gsmsend.inert import line as one_line
from gsmsend.inert import plain
from gsmsend.model import State

_WIDTH = 79
_SHOWN_PLACES = 3


def lines_of(found: dict[str, Any], where: str) -> Iterator[str]:
    """All of it; `where` is what suggested commands need to find the operation."""
    for line in _lines(found, where):
        yield from fitted(line)


def _lines(found: dict[str, Any], where: str) -> Iterator[str]:
    yield (
        f"{found['operation']}, campaign {found['campaign']}: {count(found['texts'], 'text')}, "
        f"{count(found['segments'], 'segment')}, {found['cost']} {found['currency']}"
    )
    for state in State:
        if found["totals"][state.value]:
            yield f"  {found['totals'][state.value]:>7,}  {state.value:<11} {STATE_WORDS[state]}"
    yield from _sources(found["sources"])
    for kind in found["kinds"]:
        yield ""
        line = f", from the line {kind['line']}" if kind["line"] else ""
        yield f"What {people(kind['texts'])}{line} (such as {', '.join(kind['examples'])}):"
        yield from _bubble(kind)
    if found["more_kinds"]:
        yield f"and {count(found['more_kinds'], 'more text')}: see gsmsend messages{where}"
    for answer in found["answers"]:
        yield ""
        yield f"The answer to {answer['to']}, once for each person:"
        yield from _bubble(answer)
    if found["fallback"] is not None:
        yield ""
        yield from fallback_words(found["fallback"], found["campaign"], where)
    yield ""
    yield from _costs(found)
    yield ""
    yield from _times(found)
    yield ""
    yield from _checks(found["checks"])
    yield from _next(found, where)


def fallback_words(one: dict[str, Any], campaign: str, where: str) -> Iterator[str]:
    """Its text, sender, rules, cost and trial, as preview and approve show them."""
    yield f"If the line is cut, texts that were not sent go over {one['route']}, from {one['sender']}:"
    yield from _bubble(one)
    if one["unnumbered_line"]:
        told = f"That may be the number of the line {one['unnumbered_line']}, which is not known"
        yield options.loud(f"  {told}: say it in gsmsend.toml")
    yield "  That is so when"
    yield from (f"    {rule}" for rule in one["rules"])
    yield (
        f"  It costs at most {one['cost']} {one['currency']} ({_paid(one)} at "
        f"{one['price']} a segment, budget {one['budget']})"
    )
    trial = one["trial"]
    yield f"  {trial_words(one)}" + (
        "" if trial["delivered"] else f" To send one: gsmsend fallback trial{where}{options.of(campaign)}"
        if trial["state"] is None else ""
    )  # fmt: skip


def _paid(one: dict[str, Any]) -> str:
    """How many of the texts that are left its budget pays for."""
    most = one["most_texts"]
    texts = count(one["texts"], "text")
    return f"all {texts}" if most is None or most >= one["texts"] else f"only {most:,} of {texts}"


def trial_words(one: dict[str, Any]) -> str:
    """What became of its trial text: without one that was delivered it carries nothing."""
    trial = one["trial"]
    if trial["delivered"]:
        return f"Its trial text to {trial['number']} was delivered on {trial['at']}."
    if trial["state"] is None:
        return f"It carries nothing yet: no trial text was sent to {trial['number']}."
    return f"It carries nothing yet: its trial text to {trial['number']} is {trial['state']}."


def people(number: int) -> str:
    """`1 person sees`, `312 people see`."""
    return "1 person sees" if number == 1 else f"{number:,} people see"


def _sources(sources: list[dict[str, Any]]) -> Iterator[str]:
    for one in sources:
        parts = [f"{one['accepted']:,} taken"]
        parts += [f"{one['duplicates']:,} seen before"] if one["duplicates"] else []
        parts += [f"{one['refused']:,} refused"] if one["refused"] else []
        line = f", for the line {one['line']}" if one["line"] else ""
        by = f", by {one['person']}" if one["person"] else ""
        yield f"  {one_line(one['source'])}: {', '.join(parts)}{line}{by}"


def _bubble(reading: dict[str, Any]) -> Iterator[str]:
    pieces = reading["segments"]
    for seq, piece in enumerate(pieces, 1):
        label = f"{seq}/{len(pieces)}" if len(pieces) > 1 else ""
        for at, row in enumerate(quoted(piece)):
            yield f"  {label if at == 0 else '':>6} | {row}"
    left = f", room for {count(reading['room'], 'more character')}" if reading["room"] else ", full"
    yield f"  {count(len(pieces), 'segment')}{left}. {reading['encoded']}"
    for dear in reading["dear"]:
        yield "    " + dear_words(dear)
    if reading["swapped"] is not None:
        yield (
            f"  With the swaps it takes {count(reading['swapped']['segments'], 'segment')}. "
            "They are never made by themselves: gsmsend reword --swap makes them"
        )


def dear_words(dear: dict[str, Any]) -> str:
    """One character: what it is, where it stands, what would do instead."""
    char = dear["character"]
    shown = f"{char} " if char.isprintable() and not unicodedata.combining(char) and not char.isspace() else ""
    places = [f"line {place['line']}, character {place['character']}" for place in dear["places"]]
    more = f" and {len(places) - _SHOWN_PLACES} more" if len(places) > _SHOWN_PLACES else ""
    where = "; ".join(places[:_SHOWN_PLACES]) + more
    return f"{shown}{dear['name']} at {where}: {_what_of_it(dear)}"


def _what_of_it(dear: dict[str, Any]) -> str:
    if dear["swap"] is not None:
        instead = {"": "leave it out", " ": "a plain blank", "\n": "a line end"}.get(dear["swap"], dear["swap"])
        return f"swap offered: {instead}"
    return "takes two places" if dear["takes"] == "two places" else "plain texts lack it"


def _costs(found: dict[str, Any]) -> Iterator[str]:
    yield f"  {'Line':<24}{'Texts':>9}{'Segments':>11}{'Price':>10}{'Cost':>13}"
    for row in found["lines"]:
        name = row["line"] or "any line"
        yield f"  {name:<24.24}{row['texts']:>9,}{row['segments']:>11,}{row['price']:>10}{row['cost']:>13}"
    budget = f" (budget {found['budget']} {found['currency']})" if found["budget"] is not None else ""
    yield (
        f"  {'All':<24}{found['texts']:>9,}{found['segments']:>11,}{'':>10}{found['cost']:>13} "
        f"{found['currency']}{budget}"
    )


def _times(found: dict[str, Any]) -> Iterator[str]:
    yield f"Texts leave: {found['window']}"
    yield f"Pace of each line, in segments: {found['pace']}"
    if found["first_texts"]:
        yield f"First {count(found['first_texts'], 'text')}; the rest once these are reported delivered"
    for one in found["finish"]:
        name = one["line"] or "any line"
        closes = f"; it closes on {one['closes']}" if one["closes"] else ""
        if one["begins"] is None:
            yield f"  {name}: none of {count(one['texts'], 'text')} can leave{closes}"
        else:
            yield f"  {name}: begun now, from {one['begins']} to {one['ends']}{closes}"
    if found["late"]:
        yield f"Begun now, {count(found['late'], 'text')} would be too late for their line: see below."
    elif found["ends"]:
        yield f"Begun now, it is done on {found['ends']} at the earliest."


def _checks(checks: list[dict[str, Any]]) -> Iterator[str]:
    if not checks:
        yield "Checks: nothing found that is wrong."
        return
    yield "Checks:"
    for one in checks:
        yield f"  {'FAILED ' if one['blocks'] else 'warning'}  {one['name']}: {plain(one['words'])}"
        if one["remedy"]:
            yield f"           {one['remedy']}"


def _next(found: dict[str, Any], where: str) -> Iterator[str]:
    approval, named = found["approval"], options.of(found["campaign"])
    if approval["required"]:
        given = "".join(f" {row['officer']} ({row['at'][:10]})," for row in approval["given"]).removesuffix(",")
        yield f"Approval: {approval['words']}" + (f":{given}" if approval["stands"] else "")
    if found["blocked_by"]:
        yield (
            "It cannot be approved like this. Correct it, or approve it all the same with: "
            + " ".join(f"--accept {name}" for name in found["blocked_by"])
        )
        blocking = [one for one in found["checks"] if one["blocks"]]
        if all(one["name"] == "fallback" for one in blocking):
            yield f"Next: {blocking[0]['remedy']} Then: gsmsend preview{where}{named}"
        else:
            yield f"Next: gsmsend reword{where}{named} --text-file message.txt"
        return
    command = "run" if approval["stands"] else "approve"
    yield f"Next: gsmsend {command}{where}{named if command == 'approve' else ''}"


def fitted(line: str) -> Iterator[str]:
    """A line in lines of at most 79 columns, the next ones further in; a line of a text is left as it is."""
    if len(line) <= _WIDTH or " | " in line[:12]:
        yield line
        return
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    yield from textwrap.wrap(
        line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def quoted(text: str) -> Iterator[str]:
    """A text in short lines as a phone would break it: between words, and long words anywhere."""
    for line in plain(text).split("\n"):
        yield from textwrap.wrap(line, _WIDTH - 11, drop_whitespace=False, replace_whitespace=False) or [""]
