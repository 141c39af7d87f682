"""A pack's files, written one after the other into a folder: all of it from the log, or compared with it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

from gsmsend.audit import Kind, canonical
from gsmsend.audit.short import short
from gsmsend.campaign.report import Page, shape
from gsmsend.campaign.report import Terms as PageTerms
from gsmsend.campaign.report.render import IN_FULL, MASKED
from gsmsend.campaign.report.render import html as page_html
from gsmsend.campaign.report.render import pdf as page_pdf
from gsmsend.campaign.report.times import when
from gsmsend.config import Prices
from gsmsend.contract.results import Results
from gsmsend.errors import UsageError
from gsmsend.evidence import statement
from gsmsend.evidence import verify as telling
from gsmsend.evidence.entries import Entry
from gsmsend.evidence.method import method
from gsmsend.evidence.placing import Folder
from gsmsend.evidence.readme import readme
from gsmsend.evidence.spelling import asked, decoded
from gsmsend.evidence.story import Story
from gsmsend.evidence.tables import Csv, write_workbook
from gsmsend.evidence.terms import Terms
from gsmsend.masking import mask_number

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Material:
    """What a pack is made from. `entries` gives those of the log once more, with what they sealed.

    `results` are by root campaign; `transcripts` files by name; `over` the price of a segment over the fallback,
    and `senders` whom people see as its sender, by campaign. `stamp_ca` is the certificate (PEM) that
    time stamps are checked with, empty if there is none.
    """

    story: Story
    entries: Callable[[], Iterable[Entry]] = field(repr=False)
    terms: Terms
    title: str
    program: str
    zone: str
    prices: Prices
    results: Mapping[int, Results] = field(repr=False)
    transcripts: Mapping[str, Path] = field(default_factory=dict)
    pdf: bool = True
    stamp_ca: bytes = b""
    over: Mapping[str, Decimal] = field(default_factory=dict)
    senders: Mapping[str, str] = field(default_factory=dict)

    @property
    def until(self) -> str:
        """When the last entry of the pack was made."""
        return self.story.log.at

    @property
    def head(self) -> str:
        """The last signed head, short enough to write down."""
        number, found = max(self.story.log.heads.items())
        return short(number, found)

    @property
    def campaigns(self) -> dict[int, str]:
        """Those that the pack is about, by id."""
        return {campaign: self.story.names[campaign] for campaign in sorted(self.terms.campaigns)}


def make(material: Material, sign: Callable[[bytes], str], folder: Folder) -> None:
    """Write all files. Raises UsageError if a PDF is wanted and cannot be made here."""
    _record(material, folder)
    _pages(material, folder)
    _transcripts(material, folder)
    folder.write("verify.py", resources.files("gsmsend.evidence").joinpath("verify.py").read_bytes())
    folder.write("README.txt", readme(
        material.terms, (*folder.names(), "README.txt", "manifest.json"), title=material.title, head=material.head,
        program=material.program, pdf=material.pdf, story=material.story, campaigns=material.campaigns,
    ))  # fmt: skip
    folder.write("manifest.json", _manifest(material, folder, sign))


def _manifest(material: Material, folder: Folder, sign: Callable[[bytes], str]) -> bytes:
    operation, terms = material.story.log.own, material.terms
    noted = set(material.story.log.transcripts) if not terms.redacted else set()
    manifest: dict[str, Any] = {
        "format": FORMAT, "program": material.program, "operation": operation["id"],
        "public_key": operation["public_key"], "variant": terms.variant.value, "numbers_shown": terms.numbers,
        "whole": set(material.story.log.names) <= terms.campaigns,
        "campaigns": {str(campaign): name for campaign, name in material.campaigns.items()},
        "head": material.head, "without": sorted(noted - set(material.transcripts)),
        "files": {name: telling.hash_of(folder.opener(name))[0] for name in folder.names()},
    }  # fmt: skip
    signature = sign(b"gsmsend manifest 1\n" + telling.indented(manifest).encode("ascii"))
    return telling.indented(manifest | {"signature": signature}).encode("ascii")


class _Tables:
    """The files that are told from the entries, while these go by."""

    def __init__(self, material: Material, folder: Folder) -> None:
        story, self._terms = material.story, material.terms
        self._material, self._folder, self._campaigns = material, folder, material.campaigns
        self._alone, self._whole = self._terms.alone(story), set(story.log.names) <= self._terms.campaigns
        self._log = telling.Log()
        self._facts: dict[str, list[dict[str, Any]]] = {name: [] for name in telling.FACTS}
        self._csv = {name: Csv(folder.create(f"{name}.csv"), telling.HEADS[name]) for name in telling.HEADS}
        self._received: list[tuple[Any, ...]] = []

    def take(self, entry: Entry) -> Mapping[str, Sequence[Any]]:
        """The next entry; salt and value of what is shown of it."""
        sealed = self._terms.shown(entry, self._alone)
        shown, said = {name: value for name, (_, value) in sealed.items()}, entry.said
        self._log.take(said, shown)
        self._log.hash = telling.sha256(entry.line.encode("ascii"))
        rows = telling.passing(self._log, said, shown, self._campaigns, whole=self._whole)
        if "pdus" in rows:
            self._csv["pdus"].add((*rows["pdus"], _said(entry, rows["pdus"][-1])))
        if "received" in rows:
            self._received.append(_with_sender(rows["received"], entry, self._terms))
            self._csv["received"].add(self._received[-1])
        for name, kinds in telling.FACTS.items():
            if entry.kind in kinds:
                self._facts[name].append(telling.facts(said, shown))
        for name, octets in telling.files_of(said, shown).items():
            self._folder.write(name, octets)
        return sealed

    def end(self) -> None:
        """After the last entry."""
        log, campaigns, folder = self._log, self._campaigns, self._folder
        for name, said in self._facts.items():
            folder.write(name, telling.indented(said).encode("ascii"))
        if self._material.stamp_ca and any(name.startswith("timestamps/") for name in folder.names()):
            folder.write("timestamps/ca.pem", self._material.stamp_ca)
        _overlay(log, self._material)
        wordings = list(_texts(log, self._material))
        for row in wordings:
            self._csv["texts"].add(row)
        for row in telling.recipients(log, campaigns):
            self._csv["recipients"].add(row)
        for table in self._csv.values():
            table.close()
        folder.write("totals.json", telling.indented(telling.totals(log, campaigns)).encode("ascii"))
        people = telling.recipients(log, campaigns)
        sheets = [
            (name, telling.HEADS[name], rows)
            for name, rows in (("recipients", people), ("texts", wordings), ("received", self._received))
        ]
        folder.write("recipients.xlsx", b"")
        write_workbook(folder.path / "recipients.xlsx", sheets, at=datetime.fromisoformat(self._material.until))


def _record(material: Material, folder: Folder) -> None:
    """The log, what is shown of it, and the tables: one pass over the entries."""
    tables = _Tables(material, folder)
    with folder.create("audit.jsonl") as lines, folder.create("secrets.jsonl") as secrets:
        for entry in material.entries():
            lines.write(f"{entry.line}\n".encode("ascii"))
            sealed = tables.take(entry)
            if sealed:
                secrets.write(f"{canonical({'n': entry.number, 'sealed': sealed})}\n".encode("ascii"))
    tables.end()


def _said(entry: Entry, pdu: str) -> str:
    if pdu == telling.HIDDEN:
        return pdu
    if entry.data.get("key") or entry.data.get("handle"):
        return asked(entry.data)
    return decoded(pdu, "to_network" if entry.kind == Kind.ATTEMPT else "from_network")


def _with_sender(row: tuple[Any, ...], entry: Entry, terms: Terms) -> tuple[Any, ...]:
    sender = entry.secrets.get("sender")
    return row if sender is None else (*row[:5], terms.number(str(sender)), *row[6:])


def _overlay(log: telling.Log, material: Material) -> None:
    """Beside what the log shows: masked numbers, who had which wording, and older messages from the store."""
    for message, one in log.messages.items():
        full = material.story.log.messages[message]
        one.campaign = full.campaign
        one.text = full.text if one.text is None else one.text
        if one.number is None and full.number is not None:
            one.number = material.terms.number(full.number)
        if message in log.older:
            one.place = full.place


def _texts(log: telling.Log, material: Material) -> Iterator[tuple[Any, ...]]:
    people = [one for one in log.messages.values() if one.campaign in material.terms.campaigns]
    uses = Counter(one.over or one.text for one in people if one.text is not None)
    for text, _, *more in telling.texts(log, material.campaigns, numbers=material.terms.numbers):
        yield text, uses[int(text[1:])], *more
    for text_id, body in sorted(material.story.older.items()):
        if uses[text_id] and text_id not in log.texts and not material.terms.redacted:
            yield f"T{text_id}", uses[text_id], body, "store"


def _pages(material: Material, folder: Folder) -> None:
    """Summaries of campaigns, and the method statement."""
    terms, at_s = material.terms, datetime.fromisoformat(material.until).timestamp()
    for root, results in material.results.items():
        name = "summary" if len(material.results) == 1 else f"summary-{root}"
        told = replace(results, replies=tuple(replace(one, text=terms.words(one.text)) for one in results.replies))
        page = shape(told, _page_terms(material, at_s, told.campaign))
        note, whence = IN_FULL if terms.numbers else MASKED, _whence(material)
        folder.write(f"{name}.html", page_html(page, note=note, whence=whence).encode("utf-8", "replace"))
        if material.pdf:
            folder.write(f"{name}.pdf", _pdf(page, note, whence))
    done = method(material.story, _Dialogues(material.transcripts), terms.number if terms.numbers else mask_number)
    until = f"{when(at_s, material.zone)} ({material.zone})"
    folder.write("method.html", statement.html(done, material.title, until))
    folder.write("method.txt", statement.text(done, material.title, until))


def _whence(material: Material) -> str:
    return (
        f"Operation {material.story.log.own['id']}; the audit log up to {material.head}. The evidence pack that "
        f"this page belongs to is checked with its verify.py. Times are those of {material.zone}."
    )


class _Dialogues(Mapping[str, str]):
    """Transcripts as texts, each read when it is asked for: they may be large."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def __getitem__(self, name: str) -> str:
        return self._files[name].read_bytes().decode("utf-8", "replace")

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _transcripts(material: Material, folder: Folder) -> None:
    for name, file in material.transcripts.items() if not material.terms.redacted else ():
        with file.open("rb") as source, folder.create(f"transcripts/{name}") as stream:
            _copy(source, stream)


def _copy(source: BinaryIO, stream: BinaryIO) -> None:
    most = os.fstat(source.fileno()).st_size  # a run may write on in it
    while most > 0 and (octets := source.read(min(1 << 20, most))):
        stream.write(octets)
        most -= len(octets)


def _pdf(page: Page, note: str, whence: str) -> bytes:
    try:
        return page_pdf(page, note=note, whence=whence)
    except UsageError as error:
        raise UsageError(
            str(error),
            remedy="Install it with: pip install 'gsmsend[pdf]' and, on Debian or Ubuntu, apt-get install "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0. Or leave it out: --without-pdf",
        ) from None


def _page_terms(material: Material, at_s: float, campaign: str) -> PageTerms:
    return PageTerms(
        material.title, at_s, material.zone, material.prices, redacted=material.terms.redacted,
        number=material.terms.number, exact=material.terms.redacted, over=material.over.get(campaign),
        sender=material.senders.get(campaign, ""),
    )  # fmt: skip
