"""`gsmsend verify`: whether the audit log is as it was written, and tells what the store holds."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from gsmsend import wiring
from gsmsend.alerting import Trouble, Urgency
from gsmsend.audit import Kind
from gsmsend.audit.short import Noted, read_short, short
from gsmsend.cli import options, retention, unlocking
from gsmsend.cli.alert import tell_at_once
from gsmsend.cli.operation import looked_at, opened_anyway, person, tell_older
from gsmsend.cli.reasons import checked
from gsmsend.cli.words import count, plain
from gsmsend.config import Alarm
from gsmsend.contract.heads import HeadRow, Verdict
from gsmsend.errors import GuardStop, UsageError
from gsmsend.store.witness import Seen


@click.command()
@click.argument("pack", required=False, metavar="[PACK]", type=click.Path(exists=True, path_type=Path))
@click.option("--head", "head", metavar='"1042 7KQX-..."', help="A head that somebody wrote down at the time.")
@click.option("--accept-older", is_flag=True, help="Go on with a store that is older than it was.")
@click.option(
    "--because", "reason", metavar="TEXT", callback=checked, help="Why it is accepted: it goes on record."
)
@click.option("--person", "who", help="Who accepts it.  [default: your user name]")
@options.operation
@unlocking.may_unlock
@options.as_json
def verify(
    pack: Path | None,
    head: str | None,
    reason: str | None,
    who: str | None,
    folder: Path,
    *,
    accept_older: bool,
    as_json: bool,
) -> int:
    """Check the operation's audit log, or an evidence PACK (a folder or a zip).

    Of an operation: that no entry was changed, taken out, put in or moved, that its entries were written and its
    heads signed with the operation's key, that what is sealed in it is what it stands for, and that it tells what
    the store holds. Without the key all is checked that needs none, and the rest is named. The last signed head is
    shown again. Ends with 0, or with 5 if something is not as it should be.
    """
    if pack is not None:
        if accept_older or as_json:
            raise UsageError("--accept-older and --json are for an operation, and a pack was named")
        return _pack(pack, head or "")
    noted = [_read(head)] if head is not None else []
    if accept_older:
        _accept(folder, reason, who)
    elif reason is not None or who is not None:
        raise UsageError("--because and --person say why and by whom an older store is accepted: --accept-older")
    with looked_at(folder, older_told=True) as (settings, store):
        seen, problem = wiring.remembered(settings, store)
        found = store.verify([*noted, *(seen.entries if seen is not None else ())])
        older, unwiped = wiring.older(settings, store), store.unwiped()
    if problem:
        options.say(problem)
    if as_json:
        more = {"remembered": _remembered(seen), "older": older or None, "unwiped": unwiped}
        options.emit({**_object(found), **more})
    else:
        tell_older(older)
        for line in _words(found, noted):
            options.tell(line)
        if unwiped:
            options.tell(options.loud(retention.unwiped_words(options.where(folder))))
        if not older and not settings.lab and not problem:
            options.tell(_known(seen))
    if found.findings or older:
        words = "'gsmsend verify' found that the audit log or the store is not as it was written"
        tell_at_once(settings, Trouble(Alarm.VERIFY, Urgency.NOW, words))
        return GuardStop.exit_code
    return 0


def _pack(pack: Path, head: str) -> int:
    from gsmsend.evidence.verify import verify as verify_pack  # noqa: PLC0415 - no operation needs it

    return GuardStop.exit_code if verify_pack(str(pack), head, options.tell) else 0


def _read(head: str) -> Noted:
    try:
        return read_short(head)
    except ValueError as error:
        raise UsageError(
            f"--head {head!r} is not a head as gsmsend shows it: {error}",
            remedy='Give it as it was written down, in quotes: --head "1042 7KQX-93MB-TT2P-0A4C"',
        ) from None


def _accept(folder: Path, reason: str | None, who: str | None) -> None:
    """Put on record that a person goes on with this store, then remember it as it is. Raises UsageError."""
    why, by = (reason or "").strip(), (who or person()).strip()
    if not why or not by:
        raise UsageError(
            "an older store is accepted by a named person who says why, and one of the two is missing",
            remedy='For instance: gsmsend verify --accept-older --because "the newer disk broke, see case note 7"',
        )
    with opened_anyway(folder) as (settings, store):
        seen, _ = wiring.remembered(settings, store)
        lacking = [one for one in seen.entries if not store.has_entry(one)] if seen is not None else []
        if not wiring.older(settings, store):
            options.say("The store is not older than it was: there is nothing to accept.")
            return
        now_s = time.time()
        data = {
            "person": by, "what": "accepted a store that is older than it was",
            "lacking": [short(one.number, one.begins) for one in lacking],
        }  # fmt: skip
        store.record_now(Kind.NOTE, data, now_s, sealed={"reason": why})
        problem = wiring.accept_older(store, now_s)
    options.say(problem or f"Accepted by {by}. This is recorded.")


def _words(found: Verdict, noted: Sequence[Noted]) -> Iterator[str]:
    if found.findings:
        yield options.loud(f"The audit log is not as it should be: {count(len(found.findings), 'finding')}")
        for one in found.findings:
            place = f"Entry {one.n}" if one.n is not None else "The whole"
            yield f"  {place}: {plain(one.what)}"
            yield f"    What it may mean: {one.means}."
        for todo in dict.fromkeys(one.todo for one in found.findings):
            yield f"What to do: {todo}"
        return
    if not found.entries:
        yield (
            "This operation is older than the audit log, which is not begun yet: the next run begins it."
            if found.older
            else "There is no audit log yet: nothing was done in this operation."
        )
        return
    first, last = (_minute(at) for at in found.times)
    whole = "The audit log is as it was written" if not found.closed else "The audit log's chain has no gap"
    entries = count(found.entries, "entry", "entries")
    yield f"{whole}: {entries} from {first} to {last}."
    states = ", ".join(f"{number:,} {state}" for state, number in found.totals.items())
    held = count(sum(found.totals.values()), "message")
    yield f"It tells what the store holds: {held}{f' ({states})' if states else ''}."
    if found.closed:
        yield (
            "NOT checked, as that needs the operation's key: that the entries were written and the heads signed "
            "with it, and that what is sealed in them is what they stand for. Whoever can write to the store "
            "could have written all of it."
        )
        yield f"  {_sentence(plain(found.closed))}"
    elif found.sealed:
        yield f"What {count(found.sealed, 'entry', 'entries')} sealed is what they stand for."
    if found.unkeyed:
        without = count(found.unkeyed, "entry was", "entries were")
        yield (
            f"{without} written without the operation's key, as a stop waits for no passphrase: sessions, pauses, "
            "cancellations, and what they held back. Whoever can write to the store could have written them."
        )
    times, entry, by_s = found.back
    if times:
        yield (
            f"To know: {count(times, 'time')} an entry is much earlier than the one before it (first: entry "
            f"{entry}, by {_span(by_s)}): this computer's clock was set back."
        )
    if found.forgotten:
        yield f"What {count(found.forgotten, 'entry', 'entries')} sealed was forgotten, as the log says."
    for head in noted:
        yield f"The head of entry {head.number} that was noted is in it."
    if found.head is not None:
        yield f"The last signed head, of {_minute(found.head.at)}: {found.head.short}"
    else:
        yield "No head was signed yet: that is done at the end of each run."


def _known(seen: Seen | None) -> str:
    if seen is None:
        return (
            "Nothing is remembered of this operation in your own folder on this computer: an older copy that was "
            "put back shows only against a head that somebody wrote down (--head)."
        )
    return f"Entry {seen.newest.number}, which your own folder remembers since {_minute(seen.at)}, is in it."


def _remembered(seen: Seen | None) -> dict[str, Any] | None:
    return {"entry": seen.newest.number, "at": seen.at} if seen is not None else None


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _span(seconds: int) -> str:
    for length, name in ((86_400, "day"), (3600, "hour")):
        if seconds >= 2 * length:
            return count(round(seconds / length), name)
    return count(round(seconds / 60), "minute")


def _minute(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"


def _object(found: Verdict) -> dict[str, Any]:
    findings = [{"entry": one.n, "what": one.what, "means": one.means, "todo": one.todo} for one in found.findings]
    return {
        "ok": not found.findings, "entries": found.entries, "from": found.times[0], "to": found.times[1],
        "findings": findings,
        "heads": found.heads, "head": _head(found.head), "totals": found.totals, "sealed": found.sealed,
        "forgotten": found.forgotten, "not_checked": found.closed,
        "without_key": found.unkeyed, "older_than_log": found.older, "set_back": found.back[0],
    }  # fmt: skip


def _head(head: HeadRow | None) -> dict[str, Any] | None:
    return {"entry": head.n, "hash": head.hash, "short": head.short, "at": head.at} if head is not None else None
