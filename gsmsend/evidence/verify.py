#!/usr/bin/env python3
"""Checks an evidence pack of gsmsend: offline, without gsmsend, with nothing but Python 3.9 or newer.

    python3 verify.py                                         the folder that this file lies in
    python3 verify.py PACK                                    another folder, or a .zip
    python3 verify.py PACK --head "1042 7KQX-93MB-TT2P-0A4C"  compare with what somebody wrote down at the time

It changes nothing. It ends with 0 if all that it checked is right, else with 1. In the order of this file:
  1. the files of the pack are found: those that lie there, never by names that the pack gives;
  2. the signature algorithm Ed25519 is written out, so that no other program has to be trusted;
  3. manifest.json: the SHA-256 of every file, signed with the operation's key;
  4. audit.jsonl: every entry holds the SHA-256 of the one before, so none can be changed, added or left out;
     secrets.jsonl: numbers and texts that may be shown, each against the commitment in its entry;
  5. what the entries tell, one by one: signatures of heads and officers, approvals before each release, states;
  6. the tables: told again from the entries, and compared cell by cell. gsmsend makes them with the same lines.
"""

from __future__ import annotations

import argparse
import base64
import csv
import functools
import hashlib
import io
import json
import re
import stat
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

if sys.version_info < (3, 9):  # noqa: UP036 - gsmsend needs more, this file does not
    sys.exit("verify.py needs Python 3.9 or newer.")

Pack = Mapping[str, Callable[[], IO[bytes]]]
"""What opens each file, by its name."""
Entry = dict[str, Any]
Shown = Mapping[str, Any]
MOST_FILES, MOST_OCTETS, MOST_LINE, MOST_MESSAGES, MOST_TOLD = 10_000, 8 << 30, 1 << 26, 2_000_000, 30_000_000
"""A pack that says that it has more is an attempt to fill this computer, or to keep it busy."""
FAULTS = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, csv.Error)
"""What Python raises when something has not the form that it should have."""


class Unusable(Exception):
    """There is no pack to check, or it cannot be read safely."""


class Findings:
    """What is right, what is wrong, and what is only to be known."""

    def __init__(self) -> None:
        self.right: list[str] = []
        self.wrong: list[str] = []
        self.notes: list[str] = []

    def judge(self, what: str, faults: list[str]) -> None:
        """Keep the result of one check: it is right if it has no faults."""
        if not faults:
            self.right.append(what)
        self.wrong += faults[:5] + ([f"... and {len(faults) - 5} more of this kind."] if len(faults) > 5 else [])


# ---- 1. The files of the pack ------------------------------------------------------------------------


def open_pack(place: Path) -> Pack:
    """All files by name. Links and names that lead elsewhere are refused; nothing is unpacked onto the disk."""
    try:
        found = dict(_in_zip(place) if place.is_file() else _in_folder(place))
    except Unusable:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged archive raises whatever its decompressor likes
        raise Unusable(f"{place} is damaged, or no pack: {error}") from None
    if "manifest.json" not in found and len({name.split("/")[0] for name in found}) == 1:
        found = {name.partition("/")[2]: opener for name, opener in found.items()}  # packed with its folder
    if "manifest.json" not in found:
        raise Unusable(f"{place} has no manifest.json: it is no evidence pack, or only a part of one")
    return found


def _in_folder(place: Path) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    files = [file for file in sorted(place.rglob("*")) if not stat.S_ISDIR(file.lstat().st_mode)]
    if not all(stat.S_ISREG(file.lstat().st_mode) for file in files):
        raise Unusable(f"{place} has a link or a device in it; a pack has none, so nothing is read")
    _bounded(place, [file.lstat().st_size for file in files])
    for file in files:
        yield file.relative_to(place).as_posix(), functools.partial(_open, file)


def _open(file: Path) -> IO[bytes]:
    return file.open("rb")


def _in_zip(place: Path) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    archive = zipfile.ZipFile(place)
    items = [item for item in archive.infolist() if not item.is_dir()]
    _bounded(place, [item.file_size for item in items])
    steps = [re.split(r"[/\\]", item.filename) for item in items]
    linked = any(stat.S_ISLNK(item.external_attr >> 16) for item in items)
    if linked or any({"", ".."} & set(one) for one in steps) or len({*map(tuple, steps)}) != len(items):
        raise Unusable(f"{place} has links, odd names or one name twice; a pack has none of these")
    for item in items:
        yield item.filename, functools.partial(archive.open, item)


def _bounded(place: Path, sizes: list[int]) -> None:
    if len(sizes) > MOST_FILES or sum(sizes) > MOST_OCTETS:
        raise Unusable(f"{place} is larger than any pack, so it is not read")


def octets_of(pack: Pack, name: str) -> bytes:
    """A file that is not large."""
    with pack[name]() as stream:
        octets = stream.read(MOST_LINE + 1)
    if len(octets) > MOST_LINE:
        raise ValueError(f"{name} is larger than it can be")
    return octets


def lines_of(pack: Pack, name: str) -> Iterator[bytes]:
    """A file line by line, without line ends."""
    with pack[name]() as stream:
        while line := stream.readline(MOST_LINE):
            if not line.endswith(b"\n"):
                raise ValueError(f"{name}: its last line was cut off, or is too long")
            yield line[:-1]


# ---- 2. Ed25519 (RFC 8032, section 5.1) --------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def _sum(a: int, first: Point, b: int, second: Point) -> Point:
    """The first point taken a times and the second b times, bit by bit."""
    table = [(0, 1, 1, 0), first, second, _add(first, second)]
    result = table[0]
    for bit in reversed(range(253)):
        chosen = table[(a >> bit & 1) + 2 * (b >> bit & 1)]
        result = _add(_add(result, result), chosen) if chosen is not table[0] else _add(result, result)
    return result


def _point(octets: bytes) -> Point | None:
    """The point that 32 octets stand for, if it is on the curve and they are its one right spelling."""
    y, sign = int.from_bytes(octets, "little") & (1 << 255) - 1, octets[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def _spelled(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _of_small_order(point: Point) -> bool:
    """Whether eight times the point is the neutral element."""
    for _ in range(3):
        point = _add(point, point)
    return _spelled(point) == (1).to_bytes(32, "little")


BASE = _point(b"\x58" + b"\x66" * 31)


@functools.lru_cache(maxsize=4096)
def signed(public_key: str, signature: str, message: bytes) -> bool:
    """Whether this signature (hex) of this message was made with the private half of this key (hex).

    Keys of small order, under which one signature fits many messages, and second spellings count as wrong.
    """
    if not re.fullmatch("[0-9a-f]{64}", public_key) or not re.fullmatch("[0-9a-f]{128}", signature):
        return False
    key, octets = bytes.fromhex(public_key), bytes.fromhex(signature)
    point, s = _point(key), int.from_bytes(octets[32:], "little")
    if point is None or BASE is None or s >= ORDER or _of_small_order(point):
        return False
    challenge = int.from_bytes(hashlib.sha512(octets[:32] + key + message).digest(), "little") % ORDER
    opposite = (P - point[0], point[1], point[2], P - point[3])
    return _spelled(_sum(s, BASE, challenge, opposite)) == octets[:32]


# ---- 3. The manifest ---------------------------------------------------------------------------------


def sha256(octets: bytes) -> str:
    """As 64 hex digits."""
    return hashlib.sha256(octets).hexdigest()


def canonical(value: Any) -> str:
    """The one spelling of a value: keys sorted, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def indented(value: Any) -> str:
    """How the JSON files of a pack are spelled; manifest.json is signed so, without its signature."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=True) + "\n"


def parse(octets: bytes, spelling: Callable[[Any], str]) -> Any:
    """A JSON value; ValueError if it is spelled in another way, as somebody else's program might do.

    Numbers that are not whole come back as texts, so they are never spelled as they were.
    """
    value = json.loads(octets.decode("ascii"), parse_float=str, parse_constant=str)
    if spelling(value).encode("ascii") != octets:
        raise ValueError("it is not spelled as gsmsend spells it")
    return value


def hash_of(opener: Callable[[], IO[bytes]], most: int = MOST_OCTETS) -> tuple[str, int]:
    """The SHA-256 of a file, or of its first octets, and how many there were."""
    found, count = hashlib.sha256(), 0
    with opener() as stream:
        while octets := stream.read(min(1 << 20, most - count)):
            found.update(octets)
            count += len(octets)
    return found.hexdigest(), count


def check_manifest(pack: Pack, found: Findings) -> dict[str, Any]:
    """Every file against its SHA-256, and the list of them against its signature."""
    try:
        manifest: dict[str, Any] = parse(octets_of(pack, "manifest.json"), indented)
        listed: dict[str, str] = dict(manifest["files"])
        statement = {name: value for name, value in manifest.items() if name != "signature"}
        message = b"gsmsend manifest 1\n" + indented(statement).encode("ascii")
        right = signed(manifest["public_key"], manifest["signature"], message)
        campaigns = {int(campaign): str(name) for campaign, name in dict(manifest["campaigns"]).items()}
    except FAULTS as error:
        found.wrong.append(f"manifest.json was changed or is damaged: {error}.")
        return {"campaigns": None}
    faults = [f"{name!r} is missing." for name in sorted(set(listed) - set(pack))]
    for name in sorted(set(pack) - {"manifest.json"}):
        if name not in listed:
            faults.append(f"{name!r} does not belong to the pack: it was put there later.")
        elif hash_of(pack[name])[0] != listed[name]:
            faults.append(f"{name!r} was changed after the pack was made.")
    found.judge(f"All {len(listed)} files are as they were when the pack was made.", faults)
    faults = [] if right else ["manifest.json: its signature is wrong: it was changed, or made by somebody else."]
    found.judge("The list of files is signed with the operation's key.", faults)
    return {**manifest, "campaigns": campaigns}


# ---- 4. The chain of entries, and what is shown of what they sealed ------------------------------------

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
KINDS = """operation session config import rows imported suppress suppress-end preview officer officer-removed
sign-in approve approval-void release withdraw reword pause resume cancel start stop line storage pin attempt
outcome settle resolve move report adopt inbound reply-seen answer visits note unmask export key forget head
timestamp"""


def short_head(digest: str) -> str:
    """The first 80 bits of a hash in groups of four, in Crockford's base 32: short enough to write down."""
    value = int(digest[:20], 16)
    signs = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(signs[index : index + 4] for index in range(0, 16, 4))


def entry_of(line: bytes, number: int, prev: str) -> Entry:
    """An entry, if it follows from the one before."""
    entry: Entry = parse(line, canonical)
    form = [type(entry[name]) for name in ("n", "prev", "at", "kind", "data")]
    if form != [int, str, str, str, dict] or set(entry) - {"n", "prev", "at", "kind", "data", "session", "sealed"}:
        raise ValueError("it has not the form of an entry")
    if entry["n"] != number:
        raise ValueError(f"it calls itself {entry['n']}: entries were added, removed or moved")
    if entry["prev"] != prev:
        raise ValueError(f"it does not follow from entry {number - 1}: one of the two was changed")
    if entry["kind"] not in KINDS.split() or not isinstance(entry.get("sealed", {}), dict):
        raise ValueError("there is no entry of this kind")
    return entry


def secrets_of(pack: Pack, faults: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines of secrets.jsonl: number of an entry, and [salt, value] by name."""
    try:
        for line in lines_of(pack, "secrets.jsonl"):
            value = parse(line, canonical)
            yield int(value["n"]), dict(value["sealed"])
    except FAULTS as error:
        faults.append(f"secrets.jsonl was changed or is damaged: {error}.")


def read_log(pack: Pack, log: Log, tables: Tables, found: Findings, noted: str) -> None:
    """Each entry against the one before, what is shown of it against its commitments; up to the first fault."""
    chain, hidden, prev, count, left_out, fits = list[str](), list[str](), "0" * 64, 0, 0, ""
    words = re.fullmatch(r"\s{0,9}([0-9]{1,12})[\s:]{1,9}([0-9A-Za-z][0-9A-Za-z\s-]{0,60})", noted)
    secrets = secrets_of(pack, hidden)
    next_one = next(secrets, None)
    try:
        for line in lines_of(pack, "audit.jsonl"):
            entry, shown = entry_of(line, log.number + 1, prev), dict[str, Any]()
            prev = sha256(line)
            if next_one is not None and next_one[0] == entry["n"]:
                for name, (salt, value) in next_one[1].items():
                    if sha256(f"{salt}:{canonical(value)}".encode("ascii")) != entry.get("sealed", {}).get(name):
                        hidden.append(f"secrets.jsonl: {name!r} is not what entry {entry['n']} recorded.")
                    shown[name] = value
                next_one = next(secrets, None)
            count, left_out = count + len(shown), left_out + len(set(entry.get("sealed", {})) - set(shown))
            log.take(entry, shown)
            log.hash = prev
            tables.take(entry, shown)
            fits = prev if words and int(words[1]) == log.number else fits
    except FAULTS as error:
        chain.append(f"audit.jsonl, entry {log.number + 1}: {error}.")
    if next_one is not None and not chain:
        hidden.append(f"secrets.jsonl: there is no entry {next_one[0]} after the one before it.")
    if not log.number:
        chain.append("audit.jsonl: its beginning is missing.")
    found.judge(f"The audit log has {log.number:,} entries in an unbroken chain.", chain)
    found.judge(f"{count:,} sealed values that are shown are those that were recorded.", hidden)
    if left_out:
        found.notes.append(f"{left_out:,} recorded values are not shown here, or were destroyed on purpose.")
    if noted and not words:
        found.wrong.append(f'--head {noted!r} is no head; expected such as "1042 7KQX-93MB-TT2P-0A4C".')
    elif words:
        code = re.sub(r"[\s-]", "", words[2]).upper().translate(str.maketrans("OIL", "011"))
        same = fits and short_head(fits).replace("-", "") == code
        fault = f"Entry {words[1]} is not the one whose head was written down: this is another log."
        if not fits:
            fault = f"The head that was written down is of entry {words[1]}; this log has only {log.number}."
        what = f"Up to entry {words[1]} this is the log whose head was written down at the time."
        found.judge(what, [] if same else [fault])
    else:
        found.notes.append("No head that was written down elsewhere was given to compare with (--head).")


# ---- 5. What the entries tell -------------------------------------------------------------------------

BEGUN = "found when the audit log was begun"
HIDDEN, FORGOTTEN = "(not shown)", "(forgotten)"


class Message:
    """One text to one person, as far as the entries have come. None: it is not shown here."""

    __slots__ = (
        "accepted", "attempts", "campaign", "first", "line", "number", "parts", "place", "references", "reported",
        "source", "state", "status", "text", "wanted", "why",
    )  # fmt: skip

    def __init__(self, campaign: int, source: str | None = "", wanted: str = "") -> None:
        self.campaign, self.source, self.wanted = campaign, source, wanted
        self.number: str | None = None
        self.place: str | None = None
        self.text: int | None = None
        self.line: int | None = None
        self.status: int | None = None
        self.state = self.why = self.first = self.accepted = self.reported = self.references = ""
        self.attempts, self.parts = 0, ""


class Log:
    """The log told from its first entry on. What is not as it should be is in `faults`, by what it is about."""

    def __init__(self) -> None:
        self.number, self.hash, self.at, self.sessions, self.told = 0, "", "", {0}, 0
        self.own: Shown = {}
        self.faults: dict[str, list[str]] = {"log": [], "heads": [], "approvals": []}
        self.counts: Counter[str] = Counter()
        self.heads: dict[int, str] = {}
        self.tail: list[str] = []
        self.backwards: list[int] = []
        self.messages: dict[int, Message] = {}
        self.older: set[int] = set()
        self.names: dict[int, str] = {}
        self.parents: dict[int, int] = {}
        self.texts: dict[int, str] = {}
        self.forgotten: set[Any] = set()
        self.transcripts: dict[str, list[tuple[int, int, str]]] = {}
        self.officers: dict[str, tuple[str, str]] = {}
        self.approvals: dict[Any, dict[str, tuple[str, int]]] = {}
        self.needed, self.cleared, self.compared = 0, set[Any](), 0
        self.imports: dict[Any, tuple[str, str]] = {}

    def take(self, entry: Entry, shown: Shown) -> None:
        """The next entry, with what is shown of it. What has not the form that it should have is a fault."""
        number, kind, data = entry["n"], entry["kind"], entry["data"]
        self.number, before = number, self.at
        self.counts[kind] += 1
        self.tail = [] if kind == "head" else [*self.tail, kind]
        if kind == "session":
            self.sessions.add(number)
        try:
            if not TIME.fullmatch(entry["at"]) or (entry.get("session") or 0) not in self.sessions - {0} | {
                0 if number == 1 else number
            }:
                raise ValueError("its time is none, or no session wrote it")
            self.at = entry["at"]
            if before and (_time(before) - _time(self.at)).total_seconds() > 300:
                self.backwards.append(number)
            if (kind == "operation") != (number == 1):
                raise ValueError("an operation begins once")
            act = getattr(self, "_" + kind.replace("-", "_"), None)
            if kind in ("rows", "answer", "import"):
                act(data, shown)  # type: ignore[misc]  # these three make what the others are about
                act = None
            self._states(entry, shown)
            if act is not None:
                act(data, shown)
        except FAULTS as error:
            missing = isinstance(error, KeyError)
            self.fault("log", f"it is about {error}, of which no entry before it tells" if missing else str(error))

    def fault(self, about: str, words: str) -> None:
        """Something is wrong with the entry at hand."""
        if len(self.faults[about]) < 1000:
            self.faults[about].append(f"audit.jsonl, entry {self.number}: {words}.")

    def root(self, campaign: int) -> int:
        """A campaign, or the one whose replies it answers."""
        return self.parents.get(campaign, campaign)

    def _about(self, data: Entry, kind: str) -> Iterator[int]:
        """Ids of the messages that an entry is about. In a list of them, a pair is a range."""
        listed = data.get("messages") or ([] if data.get("message") is None else [data["message"]])
        for one in [listed] if kind == "rows" and listed else listed:
            first, last = one if isinstance(one, list) else (one, one)
            self.told += last - first + 1
            if not 0 < first <= last or last - first >= MOST_MESSAGES or self.told > MOST_TOLD:
                raise ValueError("it is about messages that cannot be")
            yield from range(first, last + 1)

    def _states(self, entry: Entry, shown: Shown) -> None:
        """An entry with `state` says what its messages are from now on."""
        data, kind = entry["data"], entry["kind"]
        if not isinstance(data.get("state"), str):
            return
        if kind == "move" and data.get("why") == BEGUN:
            if set(self.counts) - {"operation", "session", "config", "move"}:
                raise ValueError("what is older than the log is told at its beginning only")
            self.older.update(self._about(data, kind))
            campaign = int(data.get("campaign") or 0)
            self.messages.update({message: Message(campaign) for message in self.older - set(self.messages)})
            if campaign:
                self.names[campaign] = str(data["name"])
            if data.get("parent"):
                self.parents[campaign] = int(data["parent"])
        why = str(data.get("why") or data.get("reason") or shown.get("reason") or "")
        for message in self._about(data, kind):
            if message not in self.messages:
                raise ValueError(f"it is about message {message}, that was never made")
            one = self.messages[message]
            one.state, one.why = data["state"], "" if kind in ("rows", "answer") else why

    def _operation(self, data: Entry, _: Shown) -> None:
        self.own = data

    def _config(self, data: Entry, _: Shown) -> None:
        settings = data["settings"]
        required = settings.get("approval.required") == "true"
        self.needed = int(settings.get("approval.officers", 2)) if required else 0

    def _import(self, data: Entry, shown: Shown) -> None:
        self.names[data["campaign"]] = str(data["name"])
        source = data.get("source", shown.get("source", f"list {data['import']}"))
        self.imports[data["import"]] = str(source), str(data.get("line") or "")

    def _make(self, message: int, made: Message) -> None:
        if message in self.messages or len(self.messages) >= MOST_MESSAGES:
            raise ValueError(f"message {message} was made before, or there are too many")
        self.messages[message] = made

    def _rows(self, data: Entry, shown: Shown) -> None:
        made = list(self._about(data, "rows"))
        source, wanted = self.imports[data["import"]]
        for message in made:
            self._make(message, Message(data["campaign"], source, wanted))
        self.texts.update({int(text): str(body) for text, body in (shown.get("texts") or {}).items()})
        for place, _, number, text, message in shown.get("rows") or ():
            one = self.messages.get(message)
            if one is not None and one.text is None:
                one.number, one.place, one.text = str(number), str(place), int(text)

    def _answer(self, data: Entry, shown: Shown) -> None:
        campaign, asked = data["campaign"], self.messages[data["to"]].campaign
        self.parents.setdefault(campaign, self.root(asked))
        self.names.setdefault(campaign, str(data["name"]))
        made = Message(campaign, f"a reply of {reference(data['to'])}")
        made.number, made.place = shown.get("number"), ""
        self._make(data["message"], made)

    def _reword(self, data: Entry, shown: Shown) -> None:
        self.texts.update({int(text): str(body) for text, body in (shown.get("texts") or {}).items()})
        now = {int(old): int(new) for old, new in data["texts"].items()}
        for message in self._about(data, "reword"):
            one = self.messages[message]
            one.text = now.get(one.text, one.text) if one.text is not None else None

    def _attempt(self, data: Entry, _: Shown) -> None:
        one = self.messages[data["message"]]
        if self.needed and one.campaign and self.root(one.campaign) not in self.cleared:
            self.fault("approvals", "a text was handed over, and its campaign had not been released by officers")
        one.attempts, one.line = one.attempts + 1, data["line"]
        part = chr(int(data["part"]))
        one.parts += part if part not in one.parts else ""
        one.first = one.first or self.at

    def _outcome(self, data: Entry, _: Shown) -> None:
        one = self.messages[data["message"]]
        if data["outcome"] == "accepted":
            one.accepted = self.at
            if data.get("reference") is not None:
                one.references = f"{one.references} {data['reference']}".strip()

    _settle = _outcome

    def _report(self, data: Entry, _: Shown) -> None:
        if data.get("message") is not None:
            one = self.messages[data["message"]]
            one.reported, one.status = self.at, int(data["status"])

    def _stop(self, data: Entry, _: Shown) -> None:
        for name, (length, digest) in (data.get("transcripts") or {}).items():
            self.transcripts.setdefault(name, []).append((self.number, int(length), str(digest)))

    def _forget(self, data: Entry, _: Shown) -> None:
        self.forgotten.add(data.get("campaign"))

    def _officer(self, data: Entry, _: Shown) -> None:
        self.officers[str(data["name"])] = str(data["public_key"]), str(data.get("role") or "approver")

    def _officer_removed(self, data: Entry, _: Shown) -> None:
        self.officers.pop(str(data["name"]), None)

    def _approve(self, data: Entry, shown: Shown) -> None:
        stated = {name: data.get(name) for name in ("digest", "officer", "login", "at_ms")}
        message = b"gsmsend approval 1\n" + canonical(stated).encode("ascii")
        key, role = self.officers.get(str(data["officer"]), ("", ""))
        if not signed(key, str(data["signature"]), message):
            self.fault("approvals", "the officer's signature is wrong, or nobody of that name was registered")
            return
        if role != "approver":
            self.fault("approvals", "who signed it was no approver")
        needed = self.needed
        if "content" in shown:
            content = json.loads(shown["content"])
            if sha256(str(shown["content"]).encode("utf-8", "replace")) != data["digest"]:
                self.fault("approvals", "the officer signed something else than what is shown")
            needed = max(needed, int(content.get("officers", {}).get("needed", 0)))
            self._compare(data["campaign"], content["recipients"], shown)
        self.approvals.setdefault(data["campaign"], {})[str(data["officer"])] = data["digest"], needed

    def _compare(self, campaign: int, approved: Shown, shown: Shown) -> None:
        """The numbers and rows that an officer signed are those of the campaign, where the salt is shown."""
        people = [one for one in self.messages.values() if one.campaign == campaign]
        if "salt" not in shown or self.older or any(one.number is None for one in people):
            return
        rows = sorted(
            (str(one.number), sha256(self.texts[one.text or 0].encode("utf-8", "surrogatepass")), one.wanted)
            for one in people
        )
        for name, told in (("numbers", "\n".join(row[0] for row in rows)), ("rows", canonical(rows))):
            if approved.get(name) != sha256(f"{shown['salt']}:{told}".encode("utf-8", "surrogatepass")):
                self.fault("approvals", f"the {name} that the officer signed are not those of the recipients")
        if approved.get("count") != len(rows):
            self.fault("approvals", "the officer signed for another count of recipients")
        self.compared += 1

    def _approval_void(self, data: Entry, _: Shown) -> None:
        self.approvals.pop(data["campaign"], None)

    def _release(self, data: Entry, _: Shown) -> None:
        """As many approvers as are needed have signed one and the same content, and none was voided or removed."""
        given = {
            officer: one for officer, one in self.approvals.get(data["campaign"], {}).items()
            if self.officers.get(officer, ("", ""))[1] == "approver"
        }  # fmt: skip
        needed = max([self.needed, *(one[1] for one in given.values())])
        most = max(Counter(digest for digest, _ in given.values()).values(), default=0)
        if most < needed:
            self.fault("approvals", f"a campaign was released with {most} of {needed} approvals that it needs")
        elif not needed and not given:
            self.counts["released with no approval"] += 1
        self.cleared.add(data["campaign"])

    def _head(self, data: Entry, _: Shown) -> None:
        of, digest = data["head"], str(data["hash"])
        message = f"gsmsend head 1\n{self.own.get('id')}\n{of}\n{digest}".encode("utf-8", "replace")
        self.heads[of] = digest
        if (of, digest) != (self.number - 1, self.hash):
            self.fault("heads", "the head is not that of the entry before it")
        elif not signed(str(self.own.get("public_key")), str(data["signature"]), message):
            self.fault("heads", "the signature of the chain's head is wrong")

    def _timestamp(self, data: Entry, _: Shown) -> None:
        if not data.get("token"):
            return
        octets = base64.b64decode(data["token"], validate=True)
        if self.heads.get(data["head"]) != data["hash"] or bytes.fromhex(data["hash"]) not in octets:
            self.fault("heads", "the time stamp is of no head in this log")
        self.counts["stamped"] += 1


def _time(at: str) -> datetime:
    return datetime.fromisoformat(at[:-1])


def reference(message: Any) -> str:
    """How a pack names a person where the number is not to be shown; the same in all packs of an operation."""
    return "" if message is None else f"R{int(message):04d}"


# ---- 6. The tables, as the entries tell them ------------------------------------------------------------

FACTS = {
    "approvals.json": ("approve", "approval-void", "release", "withdraw"),
    "officers.json": ("officer", "officer-removed"), "sessions.json": ("session", "start", "stop"),
    "devices.json": ("line",), "storage.json": ("storage",), "config.json": ("config",),
}  # fmt: skip
"""Files with all entries of some kinds: what they say, and what is shown of what they sealed."""
WHAT = {"attempt": "handed over", "report": "report received", "inbound": "text received"}
HEADS = {
    "recipients": ("reference", "message", "campaign", "number", "state", "why", "line", "parts", "attempts",
                   "first attempt", "taken by the network", "TP-MR", "last report", "TP-Status", "text", "list",
                   "place in it", "told by"),
    "texts": ("text", "recipients", "wording", "told by"),
    "received": ("entry", "time", "reply", "answers", "line", "sender", "text", "flags"),
    "pdus": ("entry", "time", "what", "reference", "part", "line", "octets (hexadecimal)", "it says"),
}  # fmt: skip
MUST = {"README.txt", "verify.py", "recipients.xlsx", "method.html", "method.txt", "totals.json",
        *FACTS, *(f"{name}.csv" for name in HEADS)}  # fmt: skip
MASK = r"\+?\d{0,5}\*{3,}\d{0,4}"
FREE = {"number": MASK, "sender": "(?s:.*)", "text": r"T\d+", "recipients": r"\d+"}
"""What a pack without numbers may have in place of HIDDEN: only hashed, as the log does not show it."""
Row = tuple[Any, ...]


def recipients(log: Log, campaigns: Mapping[int, str]) -> Iterator[Row]:
    """recipients.csv: one row a text to one person."""
    for message, one in sorted(log.messages.items()):
        if one.campaign in campaigns:
            status, gone = "" if one.status is None else f"0x{one.status:02X}", _instead(log, one.campaign)
            text = "" if one.campaign in log.parents else gone if one.text is None else f"T{one.text}"
            yield (
                reference(message), message, campaigns[one.campaign], _or(one.number, gone), one.state, one.why,
                one.line, len(one.parts) or None, one.attempts, one.first, one.accepted,
                one.references, one.reported, status, text, _or(one.source, gone), _or(one.place, gone),
                "store" if message in log.older else "log",
            )  # fmt: skip


def texts(log: Log, campaigns: Mapping[int, str], *, numbers: bool) -> Iterator[Row]:
    """texts.csv: the wordings that are shown, and how many recipients had each."""
    uses = Counter(one.text for one in log.messages.values() if one.campaign in campaigns)
    for text, body in sorted(log.texts.items()):
        yield f"T{text}", uses[text] if numbers else HIDDEN, body, "log"


def pdu(log: Log, entry: Entry, shown: Shown, campaigns: Mapping[int, str], *, whole: bool) -> Iterator[Row]:
    """pdus.csv: what was handed over or received; gsmsend writes beside it what that says in words."""
    data = entry["data"]
    if entry["kind"] in WHAT and _concerns(log, data.get("message"), campaigns, whole=whole):
        yield (entry["n"], entry["at"], WHAT[entry["kind"]], reference(data.get("message")), data.get("part"),
               data.get("line"), _or(shown.get("pdu"), HIDDEN))  # fmt: skip


def received(log: Log, entry: Entry, shown: Shown, campaigns: Mapping[int, str], *, whole: bool) -> Iterator[Row]:
    """received.csv: texts that came in, each part as it came."""
    data = entry["data"]
    if entry["kind"] == "inbound" and _concerns(log, data.get("message"), campaigns, whole=whole):
        yield (entry["n"], entry["at"], data.get("reply"), reference(data.get("message")), data.get("line"),
               _or(shown.get("sender"), HIDDEN), _or(shown.get("text"), HIDDEN),
               ", ".join(data.get("flags") or ()))  # fmt: skip


def facts(entry: Entry, shown: Shown) -> Entry:
    """An entry in one of the JSON files."""
    return {**entry["data"], **shown, "entry": entry["n"], "time": entry["at"], "what": entry["kind"]}


def totals(log: Log, campaigns: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """totals.json: messages by campaign id and state."""
    found: dict[str, dict[str, int]] = {str(campaign): {} for campaign in campaigns}
    for one in log.messages.values():
        if one.campaign in campaigns:
            of = found[str(one.campaign)]
            of[one.state] = of.get(one.state, 0) + 1
    return found


def _concerns(log: Log, message: int | None, campaigns: Mapping[int, str], *, whole: bool) -> bool:
    """What is about nobody's message, or one older than the log, is in packs of all campaigns only."""
    one = log.messages.get(message or 0)
    return whole if one is None or message in log.older else one.campaign in campaigns


def _instead(log: Log, campaign: int) -> str:
    return FORGOTTEN if log.root(campaign) in log.forgotten else HIDDEN


def _or(value: Any, otherwise: str) -> Any:
    return otherwise if value is None else value


class Table:
    """A CSV file of the pack, read row by row beside what the entries tell."""

    def __init__(self, pack: Pack, name: str, *, numbers: bool) -> None:
        self.name, self.faults, self.free = name, list[str](), {} if numbers else FREE
        csv.field_size_limit(MOST_LINE)
        self.rows = _rows(pack, f"{name}.csv")
        self.at = 0
        if self.next() != list(HEADS[name]):
            self.fault("it is not the first row that this table has")

    def next(self) -> list[str] | None:
        """Its next row; None at the end, or where it cannot be read on."""
        self.at += 1
        try:
            return next(self.rows, None)
        except FAULTS as error:
            self.faults.append(f"{self.name}.csv, row {self.at} cannot be read: {error}.")
            return None

    def expect(self, told: Row) -> None:
        """Compare its next row with what the log tells, as far as that goes."""
        row = self.next()
        if row is None or len(row) != len(HEADS[self.name]):
            self.fault("a row of the log is missing, or has more or fewer cells than the first row")
            return
        for head, cell, value in zip(HEADS[self.name], row, told):  # noqa: B905 - Python 3.9 has no strict
            text = "" if value is None else str(value)
            fits = cell == text or seen(cell) in (seen(text), "'" + seen(text))
            allowed = text == HIDDEN and head in self.free and re.fullmatch("'?" + self.free[head], cell)
            if not fits and not allowed:
                self.fault(f"the log has another {head!r} than stands there")

    def fault(self, words: str) -> None:
        """Something is wrong with the row at hand."""
        if len(self.faults) < 1000:
            self.faults.append(f"{self.name}.csv, row {self.at}: {words}.")

    def end(self) -> None:
        """There must be no further row."""
        if self.next() is not None:
            self.fault("the log has no such row")


def _rows(pack: Pack, name: str) -> Iterator[list[str]]:
    with pack[name]() as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as words:
        yield from csv.reader(words)


def seen(text: str) -> str:
    """A cell or text with unseen signs put back, and no more accents on a letter than gsmsend writes."""
    if text.isascii() and "<U+" not in text:
        return text
    text = re.sub(r"<U\+(10[0-9A-F]{4}|[0-9A-F]{4,5})>", lambda sign: chr(int(sign[1], 16)), text)
    marks, kept = 0, list[str]()
    for sign in text:
        marks = marks + 1 if unicodedata.category(sign) == "Mn" else 0
        kept += [sign] if marks <= 4 else []
    return "".join(kept)


class Tables:
    """All that a pack says beside the log, compared with it."""

    def __init__(self, pack: Pack, manifest: Shown, log: Log) -> None:
        self.pack, self.log, self.manifest = pack, log, manifest
        self.campaigns: dict[int, str] = manifest["campaigns"]
        self.whole, self.numbers = manifest.get("whole") is True, manifest.get("numbers_shown") is True
        self.tables = {name: Table(pack, name, numbers=self.numbers) for name in HEADS}
        self.facts: dict[str, list[Entry]] = {name: [] for name in FACTS}
        self.files: dict[str, bytes] = {}

    def take(self, entry: Entry, shown: Shown) -> None:
        """The next entry, which the log has taken."""
        for name, rows in (("pdus", pdu), ("received", received)):
            for row in rows(self.log, entry, shown, self.campaigns, whole=self.whole):
                self.tables[name].expect(row)
        for name, kinds in FACTS.items():
            if entry["kind"] in kinds:
                self.facts[name].append(facts(entry, shown))
        self.files.update(files_of(entry, shown))

    def end(self, found: Findings) -> None:
        """What can be told after the last entry only."""
        self._older()
        for told in recipients(self.log, self.campaigns):
            self.tables["recipients"].expect(told)
        for told in texts(self.log, self.campaigns, numbers=self.numbers):
            self.tables["texts"].expect(told)
        faults: list[str] = []
        while self.log.older and (row := self.tables["texts"].next()) is not None:
            if row[3:] != ["store"]:
                self.tables["texts"].fault("the log has no such row")
        for table in self.tables.values():
            table.end()
            faults += table.faults
        if self.whole and any(one.campaign not in self.campaigns for one in self.log.messages.values()):
            faults.append("recipients.csv: messages that the log has are not in it.")
        for name, value in [*self.facts.items(), ("totals.json", totals(self.log, self.campaigns))]:
            self.files[name] = indented(value).encode("ascii")
        faults += [
            f"{name}: it is not what the log tells."
            for name, octets in self.files.items() if name in self.pack and octets_of(self.pack, name) != octets
        ]  # fmt: skip
        faults += [f"{name} is missing." for name in sorted((MUST | set(self.files)) - set(self.pack))]
        if self.numbers and any(
            one.number is None and self.log.root(one.campaign) not in self.log.forgotten
            for one in self.log.messages.values() if one.campaign in self.campaigns
        ):  # fmt: skip
            faults.append("manifest.json says that numbers are shown, and not all of them are.")
        named = sorted({*FACTS, "totals.json", *(f"{name}.csv" for name in HEADS)})
        found.judge(f"Told again from the log and the same: {', '.join(named)}.", faults)

    def _older(self) -> None:
        """Of messages older than the log it has the states; the rest is as the table says, which is told."""
        ids = {name: campaign for campaign, name in self.campaigns.items()}
        table = Table(self.pack, "recipients", numbers=self.numbers) if self.log.older else None
        while table is not None and (row := table.next()) is not None:
            told = dict(zip(HEADS["recipients"], row))  # noqa: B905 - Python 3.9 has no strict
            one = self.log.messages.get(int(told["message"])) if told["message"].isdigit() else None
            if one is not None and int(told["message"]) in self.log.older:
                one.campaign, one.number = ids.get(told["campaign"], 0), told["number"]
                one.source, one.place = told["list"], told["place in it"]
                one.text = int(told["text"][1:]) if told["text"][1:].isdigit() else None


def files_of(entry: Entry, shown: Shown) -> dict[str, bytes]:
    """Files that are one value of one entry: gsmsend.toml as it was, a time stamp."""
    if entry["kind"] == "config" and "toml" in shown:
        return {f"config/entry-{entry['n']}.toml": str(shown["toml"]).encode("utf-8", "replace")}
    if entry["kind"] == "timestamp" and entry["data"].get("token"):
        return {f"timestamps/head-{int(entry['data']['head'])}.tst": base64.b64decode(entry["data"]["token"])}
    return {}


def check_transcripts(pack: Pack, manifest: Shown, log: Log, found: Findings) -> None:
    """The records of dialogues with modems, as far as they went when each run ended, against the log."""
    faults, without, count = list[str](), set(manifest.get("without") or ()), 0
    for name, noted in sorted(log.transcripts.items()) if manifest.get("variant") != "redacted" else ():
        opener = pack.get(f"transcripts/{name}")
        if opener is None and name not in without:
            faults.append(f"transcripts/{name} is missing.")
        for number, length, digest in noted if opener is not None else ():
            count += 1
            if hash_of(opener, length) != (digest, length):  # type: ignore[arg-type]
                faults.append(f"transcripts/{name}: it is not as it was at entry {number}.")
    if count or faults:
        found.judge("The records of dialogues with modems are as they were at the end of each run.", faults)
    if without:
        named = ", ".join(map(str, sorted(without)))
        found.notes.append(f"Records of dialogues that were not there any more: {named}.")


def check_claims(manifest: Shown, log: Log, found: Findings) -> None:
    """What manifest.json says of the pack, against the log."""
    faults, heads = [], sorted(log.heads.items())
    if (manifest.get("operation"), manifest.get("public_key")) != (log.own.get("id"), log.own.get("public_key")):
        faults.append("manifest.json and audit.jsonl are not of the same operation.")
    if not heads or manifest.get("head") != f"{heads[-1][0]} {short_head(heads[-1][1])}":
        faults.append("manifest.json names another head than the last in the log.")
    variant, shown = manifest.get("variant"), manifest.get("numbers_shown")
    if (variant, shown) not in (("full", True), ("redacted", False), ("disclosure", True), ("disclosure", False)):
        faults.append("manifest.json says that it is of a kind that there is not.")
    if manifest.get("whole") is not (set(log.names) <= set(manifest["campaigns"])):
        faults.append("manifest.json does not say rightly whether all campaigns are in the pack.")
    if any(log.names.get(campaign, name) != name for campaign, name in manifest["campaigns"].items()):
        faults.append("manifest.json has other names of campaigns than the log.")
    if not re.fullmatch(r"gsmsend [0-9A-Za-z.+-]{1,40}", str(manifest.get("program"))):
        faults.append("manifest.json was not written by gsmsend.")
    found.judge("What manifest.json says of the pack (kind, campaigns, head) is what the log says.", faults)


def check_log(log: Log, found: Findings) -> None:
    """What was found while the entries were told."""
    count, extra = log.counts, len(log.tail)
    if not log.heads or set(log.tail) - {"session", "timestamp"}:
        log.fault("heads", "the log's end is not signed: entries were taken away or added there")
    found.judge("What each entry says may follow from those before it.", log.faults["log"])
    after = f", but for {extra} about its time stamp" if extra else ""
    said = f"Signatures of the chain's head: {count['head']}; the last covers all entries before it"
    found.judge(f"{said}{after}.", log.faults["heads"])
    found.judge(
        f"Approvals signed by officers registered at that time: {count['approve']}; releases of campaigns, each "
        f"with as many approvals as were needed: {count['release']}.", log.faults["approvals"],
    )  # fmt: skip
    if count["approve"]:
        said = f"The recipients are those whom the officers approved: compared for {log.compared} approvals of"
        found.notes.append(f"{said} {count['approve']}; where numbers are not shown it cannot be compared.")
    if count["released with no approval"]:
        none = count["released with no approval"]
        found.notes.append(f"Releases with no approval, as the settings asked for none: {none}.")
    if log.backwards:
        found.notes.append(
            f"{len(log.backwards)} times an entry is earlier than the one before it (first: entry "
            f"{log.backwards[0]}): this computer's clock was set back."
        )
    before = ", ".join(f"{number} {what}" for what, number in sorted((log.own.get("before") or {}).items()))
    if log.older or before:
        found.notes.append(
            f"{len(log.older):,} messages are older than the log ({before or 'nothing'} not in it): of these it "
            "tells states and what came since; their numbers and texts are from the store, and only hashed."
        )
    forgotten = [log.names.get(one, one) for one in sorted(log.forgotten, key=str)]
    found.notes += [f"Numbers and texts of campaign {one!r} were destroyed on purpose." for one in forgotten]
    found.notes.append(
        f"Time stamps of a third party in the log: {count['stamped'] or 'none'}. Each was made for a head in this "
        "log; the signature of the service is not checked here: README.txt says how."
        if count["stamped"] else "Time stamps of a third party in the log: none. README.txt says more."
    )  # fmt: skip
    found.notes.append(f"Operation {log.own.get('id')}, public key {log.own.get('public_key')}.")
    if log.heads and not found.wrong:
        last = max(log.heads)
        found.notes.append(f"Last signed head: {last} {short_head(log.heads[last])}")


def check(pack: Pack, head: str = "") -> Findings:
    """All of it."""
    found, log = Findings(), Log()
    manifest = check_manifest(pack, found)
    if manifest["campaigns"] is None:
        return found
    tables = Tables(pack, manifest, log)
    read_log(pack, log, tables, found, head)
    parts: list[Callable[[], None]] = [
        lambda: tables.end(found), lambda: check_transcripts(pack, manifest, log, found),
        lambda: check_claims(manifest, log, found), lambda: check_log(log, found),
    ]  # fmt: skip
    for part in parts:
        try:
            part()
        except FAULTS as error:
            found.wrong.append(f"Something has not the form that gsmsend gives it: {error}.")
    return found


MEANING = """
What this means:
  {}

What it does not prove:
  - That the log is the first one. Whoever has the operation's key could have written another from the
    beginning. A head written down elsewhere at the time (--head) or a third party's time stamp rules it out.
  - That the computer's clock was right, but where a third party's time stamp stands.
  - That anybody read a text, or who holds a phone: "delivered" is what the network reported.
  - That pages and renderings say the same: summary, method, recipients.xlsx, the words beside each PDU, and
    README.txt are as gsmsend signed them, but are not told again here. In a pack without numbers that is so,
    too, of masked numbers, and of which recipient had which wording.
  - That this verify.py is the right one: take it from gsmsend itself, not from a pack that you doubt."""
GOOD = """No file of this pack was changed, added or removed since it was signed. Its log is complete from the
  operation's first entry to its last signed head. The tables named above say what the log says."""
BAD = "This pack is NOT as gsmsend made it. Do not rely on it: keep it as it is, and ask for another copy."


def verify(place: str | Path, head: str = "", write: Callable[[str], object] = print) -> int:
    """Check a pack and tell the findings, line by line. 0 if nothing is wrong, else 1."""
    try:
        found = check(open_pack(Path(place)), head)
    except Exception as error:  # noqa: BLE001 - a damaged archive raises whatever its decompressor likes
        write(f"It cannot be checked: {error}.")
        return 1
    told = [f"Evidence pack {place}"]
    for title, lines in (("WRONG", found.wrong), ("Right", found.right), ("To know", found.notes)):
        told += [f"\n{title}:", *(f"  - {line}" for line in lines)] if lines else []
    told += [MEANING.format(BAD if found.wrong else GOOD), f"\nRESULT: {'WRONG' if found.wrong else 'right'}"]
    for line in "\n".join(told).split("\n"):
        write("".join(sign if sign.isprintable() else "?" for sign in line))
    return 1 if found.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Checks an evidence pack of gsmsend, offline.")
    parser.add_argument("pack", nargs="?", default=Path(__file__).absolute().parent, help="folder or .zip")
    parser.add_argument("--head", default="", help='what was written down: "1042 7KQX-93MB-TT2P-0A4C"')
    given = parser.parse_args()
    try:
        sys.exit(verify(given.pack, given.head))
    except BrokenPipeError:
        sys.exit(1)
