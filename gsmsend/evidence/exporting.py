"""`gsmsend export`, but for its words: from an open store to a pack in its place, with its entry in the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gsmsend import __version__
from gsmsend.audit import Kind
from gsmsend.config import Settings
from gsmsend.contract import Results, Store
from gsmsend.contract.heads import HeadRow
from gsmsend.errors import StoreError, UsageError
from gsmsend.evidence import placing
from gsmsend.evidence.entries import QUIET, Entry, up_to_head
from gsmsend.evidence.pack import Files, Material, make
from gsmsend.evidence.story import OLDER, Story, tell
from gsmsend.evidence.terms import Terms, Variant
from gsmsend.evidence.verify import check, sha256
from gsmsend.window import Window

Keep = Callable[[HeadRow, float], Sequence[str]]
"""Has a new head stamped and remembered, as at the end of a run; what people must be told."""
_TRIES = 3
_CHANGING = "the operation is being changed while it is exported; nothing was written"
_LATER = "Wait until its run has ended ('gsmsend status' says so), then export it."
_TRANSCRIPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.transcript")
_MOST_OCTETS = 1 << 30


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
        material = _material(store, settings, wanted, _told(store, now, keep, problems))
        if not any(row.kind not in QUIET for row in store.audit(material.story.entries[-1].number)):
            break
    else:
        raise UsageError(_CHANGING, remedy=_LATER)
    last = material.story.entries[-1].number
    name = f"{_plain_name(wanted.campaign)}{wanted.variant.value}{'-unmasked' if wanted.unmask else ''}-{last}"
    place = place or settings.folder / placing.EXPORTS / name
    placing.check_place(place, settings.folder)
    files = make(material, store.sign_pack)
    _prove(files)
    digest = sha256(files["manifest.json"])
    data = {"variant": wanted.variant.value, "head": last, "digest": digest, "person": wanted.person,
            "campaign": wanted.campaign, "numbers": material.terms.numbers}  # fmt: skip
    placing.put(files, place, lambda: store.record_now(Kind.EXPORT, data, now()))
    recipients = sum(one.campaign in material.terms.campaigns for one in material.story.recipients.values())
    return Exported(place, digest, material.head, last, recipients, len(files), tuple(problems))


def _plain_name(campaign: str | None) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "-", campaign or "").strip("-")[:40]
    return f"{words}-" if words else ""


def _told(store: Store, now: Callable[[], float], keep: Keep, problems: list[str]) -> Sequence[Entry]:
    """The entries of the pack; a head is signed first, and kept as a run's is, if anything came after the last."""
    told = up_to_head([Entry.of(row) for row in store.audit()])
    if told is None:
        now_s = now()
        head = store.sign_head(now_s)
        if head is None:
            raise UsageError(
                "nothing was ever done in this operation: there is nothing to export",
                remedy="Import a list first: gsmsend import FILE",
            )
        problems += keep(head, now_s)
        told = up_to_head([Entry.of(row) for row in store.audit()])
    if told is None:
        raise UsageError(_CHANGING, remedy=_LATER)
    return told


def _material(store: Store, settings: Settings, wanted: Wanted, told: Sequence[Entry]) -> Material:
    try:
        story = tell(told)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(f"it cannot be told from its beginning: {error}") from None
    terms = _terms(story, wanted)
    results = _results(store, story, terms)
    zone = (settings.window or Window()).zone
    return Material(
        story, terms, settings.name, f"gsmsend {__version__}", zone, settings.prices, results,
        _transcripts(settings.transcript_folder), wanted.pdf,
        _stamp_ca(settings),
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
    """What the store's tables say; refused where the log says otherwise."""
    results = {}
    for root in sorted(set(story.roots()) & terms.campaigns):
        found = store.results(story.names[root])
        if found is not None and story.names[root] != OLDER:
            results[root] = found
    stored = {row.message_id: row.state.value.replace("sending", "queued") for row in store.messages()}
    if stored != {message: one.state for message, one in story.recipients.items()}:
        raise _damaged("it and the store's tables do not say the same of every message")
    return results


def _damaged(what: str) -> StoreError:
    return StoreError(
        f"the audit log was changed by something else than gsmsend: {what}; nothing was exported",
        remedy="See what is wrong with 'gsmsend verify', and keep a copy of the operation's whole folder.",
    )


def _prove(files: Files) -> None:
    """What is handed on is right by the very check that goes with it."""
    found = check(files)
    if found.wrong:
        raise _damaged(found.wrong[0].rstrip("."))


def _transcripts(folder: Path) -> dict[str, bytes]:
    """The recorded dialogues by file name; links and what is no transcript are left alone."""
    if not folder.is_dir():
        return {}
    named = (file for file in folder.iterdir() if _TRANSCRIPT.fullmatch(file.name))
    files = sorted(file for file in named if file.is_file() and not file.is_symlink())
    if sum(file.stat().st_size for file in files) > _MOST_OCTETS:
        raise UsageError(f"the transcripts in {folder} are larger than a pack may be")
    return {file.name: file.read_bytes() for file in files}


def _stamp_ca(settings: Settings) -> bytes:
    """The certificate of the time-stamping service; nothing if there is none to be read."""
    if not settings.evidence.timestamp_ca:
        return b""
    try:
        return (settings.folder / settings.evidence.timestamp_ca).read_bytes()
    except OSError:
        return b""
