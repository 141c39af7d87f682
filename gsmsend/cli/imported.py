"""What became of an import, in lines for people and as an object for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gsmsend.cli.intake import QUEUED, Imported
from gsmsend.cli.refusals import shown
from gsmsend.contract import ImportResult, Refused
from gsmsend.inert import line

_GROUPS = 10
"""Reasons that are counted on the screen."""

AGAIN = "To text them as well: the same command with --again."


def describe(imported: Imported) -> Iterator[str]:
    """Lines for people: what became of the source, and its refused rows; names of sheets are strangers' words."""
    return map(line, _lines(imported))


def _lines(imported: Imported) -> Iterator[str]:
    result, refusals = imported.result, imported.refusals
    name = imported.source.name
    if result.repeated:
        yield f"{name}: imported before; nothing is queued twice."
        return
    same = result.duplicates
    yield (
        f"{name}: {result.accepted - result.suppressed:,} {imported.state}"
        + (f", {same:,} {_before(imported)}" if same else "")
        + (f", {result.suppressed:,} suppressed" if result.suppressed else "")
        + (f", {result.refused:,} refused" if result.refused else "")
        + (f", {left:,} left out" if (left := refusals.left_out.total()) else "")
        + "."
    )
    for words in imported.source.read_as:
        yield f"  {words}"
    yield from _by_place(imported)
    yield from _people(result)
    if refusals.left_out:
        yield "  Left out, as asked for:"
        for why, count in refusals.left_out.most_common(_GROUPS):
            yield f"    {count:>6,}  {why}"
    if 1 < len(refusals.whys) < refusals.count:
        yield "  Refused:"
        for why, count in refusals.whys.most_common(_GROUPS):
            yield f"    {count:>6,}  {why}"
    for row in refusals.first:
        yield f"  {_where(row)}: {shown(row.value)}: {row.why}"
    rest = result.refused - len(refusals.first)
    if rest > 0:
        yield f"  and {rest:,} more: see {refusals.path}"
    elif result.refused:
        yield f"  The refused rows are also in {refusals.path}"
    if result.other_text:
        yield f"  {others(result.other_text)} {AGAIN}"
    yield from _nobody(imported)


def _nobody(imported: Imported) -> Iterator[str]:
    if imported.barren:
        yield "  No row stands below its header: is it the right file, and the right sheet?"
    elif imported.fruitless:
        yield "  No row was accepted, so nothing was queued."


def _before(imported: Imported) -> str:
    """What duplicates are: rows of people who are there already. A draft has one text for each of them."""
    if imported.result.earlier:
        return "of people who are there already"
    if imported.state == QUEUED:
        return "queued before (same number and text)"
    return "in the lists before (same number)"


def _where(row: Refused) -> str:
    return f"{row.place}, row {row.row}" if row.place else f"row {row.row}"


def _by_place(imported: Imported) -> Iterator[str]:
    """A table of sheets or sections, where there is more than one."""
    places = imported.refusals.places
    if len(places) < 2:
        return
    wide = min(max(len(place) for place in places), 30)
    yield f"  {'':<{wide}}  {'used':>8}  {'left out':>8}  {'refused':>8}"
    for place, found in places.items():
        yield f"  {place[:wide]:<{wide}}  {found.used:>8,}  {found.left_out:>8,}  {found.refused:>8,}"


def _people(result: ImportResult) -> Iterator[str]:
    """Who was there already, in people."""
    if result.on_both:
        yield f"  On both phones: {result.on_both:,}. They are texted once, from the line that was imported first."
    if result.elsewhere:
        yield f"  In another file as well: {result.elsewhere:,}. They are texted once."
    if result.earlier:
        yield f"  In an earlier campaign: {result.earlier:,}. They are not texted again. {AGAIN}"
    if result.suppressed:
        yield f"  Not to be texted (never-contact list, opted out): {result.suppressed:,}. They are suppressed."


def others(number: int) -> str:
    """That so many rows were for people who have another text."""
    who = "1 row is for a person who has" if number == 1 else f"{number:,} rows are for people who have"
    return f"{who} another text in this operation."


def as_object(imported: Imported) -> dict[str, Any]:
    """The same for scripts."""
    result, refusals = imported.result, imported.refusals
    return {
        "file": imported.source.name,
        "accepted": result.accepted,
        "duplicates": result.duplicates,
        "refused": result.refused,
        "other_text": result.other_text,
        "suppressed": result.suppressed,
        "on_both": result.on_both,
        "elsewhere": result.elsewhere,
        "earlier": result.earlier,
        "left_out": refusals.left_out.total(),
        "repeated": result.repeated,
        "read_as": "; ".join(imported.source.read_as),
        "line": imported.line or None,
        "places": [
            {"place": place, "used": found.used, "left_out": found.left_out, "refused": found.refused}
            for place, found in refusals.places.items()
        ],
        "left_out_why": dict(refusals.left_out),
        "refused_why": dict(refusals.whys),
        "refused_rows": [
            {"place": row.place, "row": row.row, "value": shown(row.value), "why": row.why}
            for row in refusals.first
        ],
        "refused_file": str(refusals.path) if refusals.count else None,
    }
