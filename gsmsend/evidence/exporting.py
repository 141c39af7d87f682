"""`gsmsend export`, but for its words: from an open store to a pack in its place, with its entry in the log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from gsmsend import __version__
from gsmsend.audit import Kind
from gsmsend.config import Settings
from gsmsend.contract import Results, Store
from gsmsend.contract.heads import HeadRow
from gsmsend.errors import StoreError, UsageError
from gsmsend.evidence import placing
from gsmsend.evidence.entries import QUIET, Entry, last_of
from gsmsend.evidence.pack import Material, make
from gsmsend.evidence.placing import Folder
from gsmsend.evidence.story import Story, tell
from gsmsend.evidence.terms import Terms, Variant
from gsmsend.evidence.verify import check, hash_of, open_pack
from gsmsend.evidence.verify import totals as verify_totals
from gsmsend.window import Window

Keep = Callable[[HeadRow, float], Sequence[str]]
"""Has a new head stamped and remembered, as at the end of a run; what people must be told."""
_TRIES = 3
_CHANGING = "the operation is being changed while it is exported; nothing was written"
_LATER = "Wait until its run has ended ('gsmsend status' says so), then export it."
_TRANSCRIPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.transcript")
_MOST_OCTETS = 4 << 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported: a campaign by name (None: all), for whom, by whom; `pdf` with summaries as PDF."""

    campaign: str | None
    variant: Variant
    person: str
    unmask: bool = False
    pdf: bool = True


@dataclass(frozen=True, slots=True)
class Exported:
    """A pack in its place. `digest` is the SHA-256 of its manifest; `head` that of the log, to be written down.

    `problems` are of keeping a head that was signed for it.
    """

    place: Path
    digest: str
    head: str
    entries: int
    recipients: int
    files: int
    problems: tuple[str, ...] = ()


def export(
    store: Store, settings: Settings, wanted: Wanted, place: Path | None, now: Callable[[], float], keep: Keep
) -> Exported:
    """Make the pack and put it in its place (None: among the operation's exports), then it is on record.

    Raises UsageError, StoreError, GuardStop.
    """
    problems: list[str] = []
    for _ in range(_TRIES):
        last = _last(store, now, keep, problems)
        name = f"{_plain_name(wanted.campaign)}{wanted.variant.value}{'-unmasked' if wanted.unmask else ''}-{last}"
        goal = place or settings.folder / placing.EXPORTS / name
        placing.check_place(goal, settings.folder)
        _unharmed(store)
        material = _material(store, settings, wanted, last)
        with placing.beside(goal) as folder:
            make(material, store.sign_pack, folder)
            if any(kind not in QUIET for number, kind in store.audit_kinds() if number > last):
                continue
            _prove(folder)
            digest = hash_of(folder.opener("manifest.json"))[0]
            data = {"variant": wanted.variant.value, "head": last, "digest": digest, "person": wanted.person,
                    "campaign": wanted.campaign, "numbers": material.terms.numbers}  # fmt: skip
            files = len(folder.names())
            placing.put(folder, goal, partial(_recorded, store, data, now))
        messages = material.story.log.messages.values()
        recipients = sum(one.campaign in material.terms.campaigns for one in messages)
        return Exported(goal, digest, material.head, last, recipients, files, tuple(problems))
    raise UsageError(_CHANGING, remedy=_LATER)


def _recorded(store: Store, data: Mapping[str, object], now: Callable[[], float]) -> None:
    store.record_now(Kind.EXPORT, data, now())


def _plain_name(campaign: str | None) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "-", campaign or "").strip("-")[:40]
    return f"{words}-" if words else ""


def _last(store: Store, now: Callable[[], float], keep: Keep, problems: list[str]) -> int:
    """The last entry of the pack. If anything came after the last head, one is signed and kept first."""
    last = last_of(store.audit_kinds())
    if last is None:
        now_s = now()
        head = store.sign_head(now_s)
        if head is None:
            raise UsageError(
                "nothing was ever done in this operation: there is nothing to export",
                remedy="Import a list first: gsmsend import FILE",
            )
        problems += keep(head, now_s)
        last = last_of(store.audit_kinds())
    if last is None:
        raise UsageError(_CHANGING, remedy=_LATER)
    return last


def _unharmed(store: Store) -> None:
    """Raise StoreError unless the tables say what the log says: the summary is made of them."""
    found = store.verify().findings
    if found:
        raise _damaged(found[0].what)


def _entries(store: Store, last: int) -> Iterator[Entry]:
    for row in store.audit():
        if row.number > last:
            return
        yield Entry.of(row)


def _material(store: Store, settings: Settings, wanted: Wanted, last: int) -> Material:
    try:
        story = tell(_entries(store, last), store.stored_messages())
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(f"it cannot be told from its beginning: {error}") from None
    for faults in story.log.faults.values():
        if faults:
            raise _damaged(faults[0].rstrip("."))
    terms = _terms(story, wanted)
    zone = (settings.window or Window()).zone
    return Material(
        story, lambda: _entries(store, last), terms, settings.name, f"gsmsend {__version__}", zone,
        settings.prices, _results(store, story, terms), _transcripts(settings.transcript_folder), wanted.pdf,
        _stamp_ca(settings), {name: one.segment for name, one in settings.fallbacks.items()},
        {name: one.sender for name, one in settings.fallbacks.items()},
    )  # fmt: skip


def _terms(story: Story, wanted: Wanted) -> Terms:
    roots = [root for root in story.roots() if wanted.campaign in (None, story.names[root])]
    if wanted.campaign is not None and not roots:
        raise UsageError(
            f"there is no campaign {wanted.campaign!r} in this operation",
            remedy="See which there are with: gsmsend status",
        )
    chosen = frozenset(one for root in roots for one in story.family(root))
    return Terms(wanted.variant, chosen, chosen == frozenset(story.names), wanted.unmask)


def _results(store: Store, story: Story, terms: Terms) -> dict[int, Results]:
    """What the store's tables say of each campaign; refused where the log says otherwise."""
    results, totals = {}, verify_totals(story.log, dict.fromkeys(terms.campaigns, ""))
    for root in sorted(set(story.roots()) & terms.campaigns):
        found = store.results(story.names[root])
        if found is None:
            raise _damaged(f"the campaign that it calls {story.names[root]!r} is not in the store's tables")
        states: Counter[str] = Counter()
        for state, count in found.totals.items():
            states[state.value.replace("sending", "queued")] += count
        if +states != Counter(totals[str(root)]):
            raise _damaged(f"it and the store's tables do not say the same of campaign {story.names[root]!r}")
        told = (replace(one, why=story.log.messages[one.message_id].why or one.why) for one in found.unreached)
        results[root] = replace(found, unreached=tuple(told))
    return results


def _damaged(what: str) -> StoreError:
    return StoreError(
        f"the audit log was changed by something else than gsmsend: {what}; nothing was exported",
        remedy="See what is wrong with 'gsmsend verify', and keep a copy of the operation's whole folder.",
    )


def _prove(folder: Folder) -> None:
    """What is handed on is right by the very check that goes with it."""
    found = check(open_pack(folder.path))
    if found.wrong:
        raise _damaged(found.wrong[0].rstrip("."))


def _transcripts(folder: Path) -> dict[str, Path]:
    """The recorded dialogues by file name; links and what is no transcript are left alone."""
    if not folder.is_dir():
        return {}
    named = (file for file in folder.iterdir() if _TRANSCRIPT.fullmatch(file.name))
    files = sorted(file for file in named if file.is_file() and not file.is_symlink())
    if sum(file.stat().st_size for file in files) > _MOST_OCTETS:
        raise UsageError(f"the transcripts in {folder} are larger than a pack may be")
    return {file.name: file for file in files}


def _stamp_ca(settings: Settings) -> bytes:
    """The certificate of the time-stamping service; nothing if there is none to be read."""
    if not settings.evidence.timestamp_ca:
        return b""
    try:
        return (settings.folder / settings.evidence.timestamp_ca).read_bytes()
    except OSError:
        return b""
