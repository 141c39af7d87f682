"""A pack as files in memory: all of it from the log, or compared with it; the same store gives the same octets."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import resources
from typing import Any

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
from gsmsend.evidence import sheets, statement
from gsmsend.evidence.entries import Entry, of_kind
from gsmsend.evidence.method import method
from gsmsend.evidence.readme import readme
from gsmsend.evidence.story import Story
from gsmsend.evidence.tables import as_csv, as_workbook
from gsmsend.evidence.terms import Terms
from gsmsend.evidence.verify import manifest_text
from gsmsend.masking import mask_number

FORMAT = 1
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Material:
    """What a pack is made from. `results` are by root campaign; `transcripts` by file name.

    `stamp_ca` is the certificate (PEM) that time stamps are checked with, empty if there is none.
    """

    story: Story
    terms: Terms
    title: str
    program: str
    zone: str
    prices: Prices
    results: Mapping[int, Results] = field(repr=False)
    transcripts: Mapping[str, bytes] = field(default_factory=dict)
    pdf: bool = True
    stamp_ca: bytes = b""

    @property
    def until(self) -> str:
        """When the last entry of the pack was made."""
        return self.story.entries[-1].at

    @property
    def head(self) -> str:
        """The last signed head, short enough to write down."""
        last = of_kind(self.story.entries, Kind.HEAD)[-1].data
        return short(last["head"], last["hash"])


def make(material: Material, sign: Callable[[bytes], str]) -> Files:
    """All files by name. Raises UsageError if a PDF is wanted and cannot be made here."""
    files = _record(material) | _tables(material) | _pages(material) | _facts(material)
    files["verify.py"] = resources.files("gsmsend.evidence").joinpath("verify.py").read_bytes()
    files["README.txt"] = readme(
        material.terms, (*files, "manifest.json"), title=material.title, head=material.head,
        program=material.program, pdf=material.pdf,
    )  # fmt: skip
    files["manifest.json"] = _manifest(material, files, sign)
    return dict(sorted(files.items()))


def _manifest(material: Material, files: Files, sign: Callable[[bytes], str]) -> bytes:
    import hashlib  # noqa: PLC0415 - only here

    operation, terms = material.story.entries[0].data, material.terms
    manifest: dict[str, Any] = {
        "format": FORMAT, "program": material.program, "operation": operation["id"],
        "public_key": operation["public_key"], "variant": terms.variant.value, "numbers_shown": terms.numbers,
        "campaigns": {str(campaign): material.story.names[campaign] for campaign in sorted(terms.campaigns)},
        "head": material.head,
        "files": {name: hashlib.sha256(octets).hexdigest() for name, octets in files.items()},
    }  # fmt: skip
    signature = sign(b"gsmsend manifest 1\n" + manifest_text(manifest).encode("ascii"))
    return manifest_text(manifest | {"signature": signature}).encode("ascii")


def _record(material: Material) -> Files:
    shown = material.terms.secrets(material.story)
    return {
        "audit.jsonl": "".join(f"{one.line}\n" for one in material.story.entries).encode("ascii"),
        "secrets.jsonl": "".join(
            f"{canonical({'n': number, 'sealed': sealed})}\n" for number, sealed in shown.items()
        ).encode("ascii"),
        "totals.json": _json(sheets.totals(material.story, material.terms)),
    }


def _tables(material: Material) -> Files:
    story, terms = material.story, material.terms
    shown = terms.secrets(story)
    people, wordings = sheets.recipients(story, terms), sheets.texts(story, terms, shown)
    others = [sheets.pdus(story, terms, shown), sheets.received(story, terms), sheets.timeline(story)]
    at = datetime.fromisoformat(material.until)
    return {
        **{f"{sheet.name}.csv": as_csv(sheet) for sheet in (people, wordings, *others)},
        "recipients.xlsx": as_workbook([people, wordings, others[1]], at=at),
    }


def _pages(material: Material) -> Files:
    """Summaries of campaigns, and the method statement."""
    files: Files = {}
    terms, at_s = material.terms, datetime.fromisoformat(material.until).timestamp()
    for root, results in material.results.items():
        name = "summary" if len(material.results) == 1 else f"summary-{root}"
        told = replace(results, replies=tuple(replace(one, text=terms.words(one.text)) for one in results.replies))
        page = shape(told, _page_terms(material, at_s))
        note = IN_FULL if terms.numbers else MASKED
        files[f"{name}.html"] = page_html(page, note=note).encode("utf-8", "replace")
        if material.pdf:
            files[f"{name}.pdf"] = _pdf(page, note)
    dialogues = {name: octets.decode("utf-8", "replace") for name, octets in material.transcripts.items()}
    done = method(material.story, dialogues, terms.number if terms.numbers else mask_number)
    until = when(at_s, material.zone)
    files["method.html"] = statement.html(done, material.title, until)
    files["method.txt"] = statement.text(done, material.title, until)
    if not terms.redacted:
        files |= {f"transcripts/{name}": octets for name, octets in material.transcripts.items()}
    return files


def _pdf(page: Page, note: str) -> bytes:
    try:
        return page_pdf(page, note=note)
    except UsageError as error:
        raise UsageError(
            str(error),
            remedy="Install it with: pip install 'gsmsend[pdf]' and, on Debian or Ubuntu, apt-get install "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0. Or leave it out: --without-pdf",
        ) from None


def _page_terms(material: Material, at_s: float) -> PageTerms:
    return PageTerms(
        material.title, at_s, material.zone, material.prices, redacted=material.terms.redacted,
        number=material.terms.number,
    )  # fmt: skip


def _facts(material: Material) -> Files:
    """What the log has of people, programs, devices and settings, kind by kind."""
    entries, shown = material.story.entries, material.terms.secrets(material.story)
    named = {
        "approvals.json": (Kind.APPROVE, Kind.APPROVAL_VOID),
        "officers.json": (Kind.OFFICER, Kind.OFFICER_REMOVED),
        "sessions.json": (Kind.SESSION, Kind.START, Kind.STOP), "devices.json": (Kind.LINE,),
        "storage.json": (Kind.STORAGE,), "config.json": (Kind.CONFIG,),
    }  # fmt: skip
    files: Files = {}
    for name, kinds in named.items():
        files[name] = _json([_fact(one, shown) for one in of_kind(entries, *kinds)])
    for one in of_kind(entries, Kind.CONFIG):
        if "toml" in shown.get(one.number, {}):
            files[f"config/entry-{one.number}.toml"] = str(shown[one.number]["toml"][1]).encode("utf-8", "replace")
    for one in of_kind(entries, Kind.TIMESTAMP):
        token = _token(one)
        if token:
            files[f"timestamps/head-{one.data['head']}.tst"] = token
            if material.stamp_ca:
                files["timestamps/ca.pem"] = material.stamp_ca
    return files


def _fact(entry: Entry, shown: sheets.Shown) -> dict[str, Any]:
    fact: dict[str, Any] = {"entry": entry.number, "time": entry.at, "what": entry.kind, **entry.data}
    if entry.kind == Kind.APPROVE:
        sealed = shown.get(entry.number, {})
        fact["content"] = json.loads(sealed["content"][1]) if "content" in sealed else None
    return fact


def _token(entry: Entry) -> bytes:
    try:
        return base64.b64decode(entry.data.get("token") or "", validate=True)
    except (binascii.Error, TypeError):
        return b""


def _json(value: object) -> bytes:
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=True) + "\n").encode("ascii")
