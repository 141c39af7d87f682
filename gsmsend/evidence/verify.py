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


class Findings:
    """What is right, what is wrong, and what is only to be known."""

    def __init__(self) -> None:
        self.right: list[str] = []
        self.wrong: list[str] = []
        self.notes: list[str] = []

    def judge(self, what: str, faults: list[str]) -> None:
        """Keep the result of one check: it is right if it has no faults."""
        self.right += [] if faults else [what]
        self.wrong += faults[:5] + ([f"... and {len(faults) - 5} more of this kind."] if len(faults) > 5 else [])


# ---- 1. The files of the pack ------------------------------------------------------------------------


def open_pack(place: Path) -> Pack:
    """All files by name. Links and names that lead elsewhere are refused; nothing is unpacked onto the disk."""
    files = _in_zip(place) if place.is_file() else _in_folder(place)
    if "manifest.json" not in files and len({name.split("/")[0] for name in files}) == 1:
        files = {name.partition("/")[2]: opener for name, opener in files.items()}  # packed with its folder
    if "manifest.json" not in files:
        raise ValueError(f"{place} has no manifest.json: it is no evidence pack, or only a part of one")
    return files


def _in_folder(place: Path) -> dict[str, Callable[[], IO[bytes]]]:
    found = [(file, file.lstat()) for file in sorted(place.rglob("*"))]
    files = [(file, facts) for file, facts in found if not stat.S_ISDIR(facts.st_mode)]
    if not all(stat.S_ISREG(facts.st_mode) for _, facts in files):
        raise ValueError(f"{place} has a link or a device in it; a pack has none, so nothing is read")
    _bounded(place, [facts.st_size for _, facts in files])
    return {file.relative_to(place).as_posix(): functools.partial(_open, file) for file, _ in files}


def _open(file: Path) -> IO[bytes]:
    return file.open("rb")


def _in_zip(place: Path) -> dict[str, Callable[[], IO[bytes]]]:
    archive = zipfile.ZipFile(place)
    items = [item for item in archive.infolist() if not item.is_dir()]
    _bounded(place, [item.file_size for item in items])
    steps = [re.split(r"[/\\]", item.filename) for item in items]
    linked = any(stat.S_ISLNK(item.external_attr >> 16) for item in items)
    if linked or any({"", ".."} & set(one) for one in steps) or len({*map(tuple, steps)}) != len(items):
        raise ValueError(f"{place} has links, odd names or one name twice; a pack has none of these")
    return {item.filename: functools.partial(archive.open, item) for item in items}


def _bounded(place: Path, sizes: list[int]) -> None:
    if len(sizes) > MOST_FILES or sum(sizes) > MOST_OCTETS:
        raise ValueError(f"{place} is larger than any pack, so it is not read")


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
NEUTRAL = (0, 1, 1, 0)


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def _sum(a: int, first: Point, b: int, second: Point) -> Point:
    """The first point taken a times and the second b times, bit by bit."""
    table, result = [NEUTRAL, first, second, _add(first, second)], NEUTRAL
    for bit in reversed(range(253)):
        chosen, result = (a >> bit & 1) + 2 * (b >> bit & 1), _add(result, result)
        result = _add(result, table[chosen]) if chosen else result
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


BASE = _point(b"\x58" + b"\x66" * 31) or NEUTRAL


@functools.lru_cache(maxsize=4096)
def signed(public_key: str, signature: str, message: bytes) -> bool:
    """Whether this signature (hex) of this message was made with the private half of this key (hex).

    Keys of small order (eight times the point is the neutral one), under which one signature fits many messages,
    and second spellings count as wrong.
    """
    if not re.fullmatch("[0-9a-f]{64}", public_key) or not re.fullmatch("[0-9a-f]{128}", signature):
        return False
    key, octets = bytes.fromhex(public_key), bytes.fromhex(signature)
    point, s = _point(key), int.from_bytes(octets[32:], "little")
    if point is None or s >= ORDER or _spelled(_sum(8, point, 0, BASE)) == _spelled(NEUTRAL):
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
    """Every file against its SHA-256, and the list of them against its signature. Empty: it cannot be read."""
    try:
        manifest: dict[str, Any] = parse(octets_of(pack, "manifest.json"), indented)
        listed: dict[str, str] = dict(manifest["files"])
        statement = {name: value for name, value in manifest.items() if name != "signature"}
        message = b"gsmsend manifest 1\n" + indented(statement).encode("ascii")
        right = signed(manifest["public_key"], manifest["signature"], message)
        manifest["campaigns"] = {int(campaign): str(name) for campaign, name in manifest["campaigns"].items()}
    except FAULTS as error:
        found.wrong.append(f"manifest.json was changed or is damaged: {error}.")
        return {}
    faults = [f"{name!r} is missing." for name in sorted(set(listed) - set(pack))]
    for name in sorted(set(pack) - {"manifest.json"}):
        if name not in listed:
            faults.append(f"{name!r} does not belong to the pack: it was put there later.")
        elif hash_of(pack[name])[0] != listed[name]:
            faults.append(f"{name!r} was changed after the pack was made.")
    found.judge(f"All {len(listed)} files are as they were when the pack was made.", faults)
    faults = [] if right else ["manifest.json: its signature is wrong: it was changed, or made by somebody else."]
    found.judge("The list of files is signed with the operation's key.", faults)
    return manifest


# ---- 4. The chain of entries, and what is shown of what they sealed ------------------------------------

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
KINDS = """operation session config import rows imported suppress suppress-end preview officer officer-removed
sign-in approve approval-void release withdraw reword pause resume cancel start stop line storage pin attempt
outcome settle resolve move report adopt fallback inbound reply-seen answer visits note unmask export key forget
head timestamp"""


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
    following = next(secrets, None)
    try:
        for line in lines_of(pack, "audit.jsonl"):
            entry, shown = entry_of(line, log.number + 1, prev), dict[str, Any]()
            prev, sealed = sha256(line), entry.get("sealed", {})
            if following is not None and following[0] == entry["n"]:
                for name, (salt, value) in following[1].items():
                    if sha256(f"{salt}:{canonical(value)}".encode("ascii")) != sealed.get(name):
                        hidden.append(f"secrets.jsonl: {name!r} is not what entry {entry['n']} recorded.")
                    shown[name] = value
                following = next(secrets, None)
            count, left_out = count + len(shown), left_out + len(set(sealed) - set(shown))
            log.take(entry, shown)
            log.hash = prev
            tables.take(entry, shown)
            fits = prev if words and int(words[1]) == log.number else fits
    except FAULTS as error:
        chain.append(f"audit.jsonl, entry {log.number + 1}: {error}.")
    if following is not None and not chain:
        hidden.append(f"secrets.jsonl: there is no entry {following[0]} after the one before it.")
    if not log.number:
        chain.append("audit.jsonl: its beginning is missing.")
    found.judge(f"The audit log has {log.number:,} entries in an unbroken chain.", chain)
    found.judge(f"{count:,} sealed values that are shown are those that were recorded.", hidden)
    if left_out:
        found.notes.append(f"{left_out:,} recorded values are not shown here, or were destroyed on purpose.")
    if words:
        code = re.sub(r"[\s-]", "", words[2]).upper().translate(str.maketrans("OIL", "011"))
        fault = f"Entry {words[1]} is not the one whose head was written down: this is another log."
        if not fits:
            fault = f"The head that was written down is of entry {words[1]}; this log has only {log.number}."
        same = fits and short_head(fits).replace("-", "") == code
        what = f"Up to entry {words[1]} this is the log whose head was written down at the time."
        found.judge(what, [] if same else [fault])
    elif noted:
        found.wrong.append(f'--head {noted!r} is no head; expected such as "1042 7KQX-93MB-TT2P-0A4C".')
    else:
        found.notes.append("No head that was written down elsewhere was given to compare with (--head).")


# ---- 5. What the entries tell -------------------------------------------------------------------------

BEGUN = "found when the audit log was begun"
HIDDEN, FORGOTTEN = "(not shown)", "(forgotten)"


class Message:
    """One text to one person, as far as the entries have come. None: it is not shown here."""

    __slots__ = (
        "accepted", "attempts", "campaign", "first", "line", "number", "over", "parts", "place", "references",
        "reported", "said", "source", "state", "status", "text", "wanted", "why",
    )  # fmt: skip

    def __init__(self, campaign: int, source: str = "", wanted: str = "") -> None:
        self.campaign, self.source, self.wanted = campaign, source, wanted
        self.number: str | None = None
        self.place: str | None = None
        self.text: int | None = None
        self.over: int | None = None  # the wording of the fallback that it goes over
        self.line: int | None = None
        self.status: int | None = None
        self.state = self.why = self.first = self.accepted = self.reported = self.references = self.parts = ""
        self.said = ""
        self.attempts = 0


class Log:
    """The log told from its first entry on. What is not as it should be is in `faults`, by what it is about."""

    def __init__(self) -> None:
        self.number, self.hash, self.at, self.told, self.needed, self.compared = 0, "", "", 0, 0, 0
        self.own: Shown = {}
        self.faults: dict[str, list[str]] = {"log": [], "heads": [], "approvals": []}
        self.counts: Counter[str] = Counter()
        self.sessions: set[Any] = set()
        self.heads: dict[int, str] = {}
        self.tail: list[str] = []
        self.backwards: list[tuple[int, float]] = []
        self.messages: dict[int, Message] = {}
        self.older: set[int] = set()
        self.names: dict[int, str] = {}
        self.parents: dict[int, int] = {}
        self.imports: dict[Any, tuple[str, str]] = {}
        self.texts: dict[int, str] = {}
        self.forgotten: set[Any] = set()
        self.transcripts: dict[str, list[tuple[int, int, str]]] = {}
        self.officers: dict[str, tuple[str, str]] = {}
        self.approvals: dict[Any, dict[str, tuple[str, int]]] = {}
        self.cleared: set[Any] = set()

    def take(self, entry: Entry, shown: Shown) -> None:
        """The next entry, with what is shown of it. What has not the form that it should have is a fault."""
        self.number, kind, data = entry["n"], entry["kind"], entry["data"]
        self.counts[kind] += 1
        self.tail.append(kind)
        try:
            self._begins(entry, kind)
            self._standing(kind, data)
            self._makes(kind, data, shown)
            if isinstance(data.get("state"), str):
                self._states(kind, data, shown)
            self._sends(kind, data)
            if kind in ("approve", "release", "head", "timestamp"):
                getattr(self, f"_{kind}")(data, shown)
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

    def _begins(self, entry: Entry, kind: str) -> None:
        """When it was made, in which session."""
        number, before, self.at = entry["n"], self.at, entry["at"]
        if kind == "session":
            self.sessions.add(number)
        if not TIME.fullmatch(self.at) or entry.get("session") not in (self.sessions if number > 1 else [None]):
            raise ValueError("its time is none, or no session wrote it")
        if (kind == "operation") != (number == 1):
            raise ValueError("an operation begins once")
        now = datetime.fromisoformat(self.at[:-1])
        if self.at < before and (by := (datetime.fromisoformat(before[:-1]) - now).total_seconds()) > 300:
            self.backwards.append((number, by))

    def _standing(self, kind: str, data: Entry) -> None:
        """What is set, who the officers are, what was destroyed, how far dialogues had come."""
        if kind == "operation":
            self.own = data
        elif kind == "config":
            required = data["settings"].get("approval.required") == "true"
            self.needed = int(data["settings"].get("approval.officers", 2)) if required else 0
        elif kind == "officer":
            self.officers[str(data["name"])] = str(data["public_key"]), str(data.get("role") or "approver")
        elif kind == "officer-removed":
            self.officers.pop(str(data["name"]), None)
        elif kind == "approval-void":
            self.approvals.pop(data["campaign"], None)
        elif kind == "forget":
            self.forgotten.add(data.get("campaign"))
        elif kind == "stop":
            for name, (length, digest) in (data.get("transcripts") or {}).items():
                self.transcripts.setdefault(name, []).append((self.number, int(length), str(digest)))

    def _makes(self, kind: str, data: Entry, shown: Shown) -> None:
        """Lists, their rows, and answers to replies make messages; wordings are theirs."""
        self.texts.update({int(text): str(body) for text, body in (shown.get("texts") or {}).items()})
        if kind == "import":
            source = data.get("source", shown.get("source", f"list {data['import']}"))
            self.names[data["campaign"]] = str(data["name"])
            self.imports[data["import"]] = str(source), str(data.get("line") or "")
        elif kind == "rows":
            for message in self._about(kind, data):
                self._make(message, Message(data["campaign"], *self.imports[data["import"]]))
            for place, _, number, text, message in shown.get("rows") or ():
                one = self.messages.get(message)
                if one is not None and one.text is None:
                    one.number, one.place, one.text = str(number), str(place), int(text)
        elif kind == "answer":
            self.parents.setdefault(data["campaign"], self.root(self.messages[data["to"]].campaign))
            self.names.setdefault(data["campaign"], str(data["name"]))
            made = Message(data["campaign"], f"a reply of {reference(data['to'])}")
            made.number, made.place = shown.get("number"), ""
            self._make(data["message"], made)
        elif kind == "reword":
            now = {int(old): int(new) for old, new in data["texts"].items()}
            for one in map(self.messages.__getitem__, self._about(kind, data)):
                one.text = None if one.text is None else now.get(one.text, one.text)
        elif kind == "fallback":
            for one in map(self.messages.__getitem__, self._about(kind, data)):
                one.over = None if data["text"] is None else int(data["text"])
        elif kind == "move" and data.get("why") == BEGUN:
            self._found(data)

    def _found(self, data: Entry) -> None:
        """Messages that are older than the log; their campaign, and whose replies it answers, where it is told."""
        if set(self.counts) - {"operation", "session", "config", "move"}:
            raise ValueError("what is older than the log is told at its beginning only")
        campaign, parent = int(data.get("campaign") or 0), int(data.get("parent") or 0)
        for message in self._about("move", data):
            self._make(message, Message(campaign))
            self.older.add(message)
        self.names.update({campaign: str(data["name"])} if campaign else {})
        self.parents.update({campaign: parent} if parent else {})

    def _make(self, message: int, made: Message) -> None:
        if message in self.messages or len(self.messages) >= MOST_MESSAGES:
            raise ValueError(f"message {message} was made before, or there are too many")
        self.messages[message] = made

    def _about(self, kind: str, data: Entry) -> Iterator[int]:
        """Ids of the messages that an entry is about. In a list of them, a pair is a range."""
        listed = data.get("messages") or ([] if data.get("message") is None else [data["message"]])
        for one in [listed] if kind == "rows" and listed else listed:
            first, last = one if isinstance(one, list) else (one, one)
            self.told += last - first + 1
            if not 0 < first <= last or last - first >= MOST_MESSAGES or self.told > MOST_TOLD:
                raise ValueError("it is about messages that cannot be")
            yield from range(first, last + 1)

    def _states(self, kind: str, data: Entry, shown: Shown) -> None:
        """An entry with `state` says what its messages are from now on."""
        why = str(data.get("why") or data.get("reason") or shown.get("reason") or "")
        for message in self._about(kind, data):
            if message not in self.messages:
                raise ValueError(f"it is about message {message}, that was never made")
            one = self.messages[message]
            one.state, one.why = data["state"], "" if kind in ("rows", "answer") else why

    def _sends(self, kind: str, data: Entry) -> None:
        """What came of each part that was handed over."""
        if kind not in ("attempt", "outcome", "settle", "report") or data.get("message") is None:
            return
        one = self.messages[data["message"]]
        if kind == "attempt":
            if self.needed and one.campaign and self.root(one.campaign) not in self.cleared:
                self.fault("approvals", "a text was handed over whose campaign had not been released by officers")
            one.attempts, one.line, part = one.attempts + 1, data["line"], chr(int(data["part"]))
            one.parts += part if part not in one.parts else ""
            one.first = one.first or self.at
        elif kind == "report":
            one.reported, one.said = self.at, str(data.get("said") or "")
            # Who has a word of its own gave no TP-Status: that beside it is gsmsend's reading of the word.
            own_word = one.said and not one.said.startswith("TP-Status ")
            one.status = None if own_word else int(data["status"])
        elif data["outcome"] == "accepted":
            one.accepted = self.at
            known_as = data.get("handle") if data.get("reference") is None else data["reference"]
            if known_as is not None:
                one.references = f"{one.references} {known_as}".strip()

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
        of, digest, self.tail = data["head"], str(data["hash"]), []
        message = f"gsmsend head 1\n{self.own.get('id')}\n{of}\n{digest}".encode("utf-8", "replace")
        self.heads[of] = digest
        if (of, digest) != (self.number - 1, self.hash):
            self.fault("heads", "the head is not that of the entry before it")
        elif not signed(str(self.own.get("public_key")), str(data["signature"]), message):
            self.fault("heads", "the signature of the chain's head is wrong")

    def _timestamp(self, data: Entry, _: Shown) -> None:
        if data.get("token"):
            octets = base64.b64decode(data["token"], validate=True)
            if self.heads.get(data["head"]) != data["hash"] or bytes.fromhex(data["hash"]) not in octets:
                self.fault("heads", "the time stamp is of no head in this log")
            self.counts["stamped"] += 1


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
                   "first attempt", "taken by the network", "TP-MR or handle", "last report", "TP-Status",
                   "provider's word", "text", "list", "place in it", "route", "told by"),
    "texts": ("text", "recipients", "wording", "told by"),
    "received": ("entry", "time", "reply", "answers", "line", "sender", "text", "flags"),
    "pdus": ("entry", "time", "what", "reference", "part", "line", "known as", "provider's word",
             "octets (hexadecimal)", "it says"),
}  # fmt: skip
MUST = {"README.txt", "verify.py", "recipients.xlsx", "method.html", "method.txt", "totals.json",
        *FACTS, *(f"{name}.csv" for name in HEADS)}  # fmt: skip
MAY = re.compile(r"(manifest\.json|audit\.jsonl|secrets\.jsonl|summary(-\d+)?\.(html|pdf)|timestamps/ca\.pem"
                 r"|transcripts/[0-9A-Za-z][0-9A-Za-z._-]*\.transcript)")  # fmt: skip
"""What a pack may have beside MUST and the files of single entries."""
FREE = {"number": r"\+?\d{0,5}\*{3,}\d{0,4}", "sender": "(?s:.*)", "text": r"T\d+", "recipients": r"\d+"}
"""What a pack without numbers may have in place of HIDDEN: only hashed, as the log does not show it."""
Row = tuple[Any, ...]


def reference(message: Any) -> str:
    """How a pack names a person where the number is not to be shown; the same in all packs of an operation."""
    return "" if message is None else f"R{int(message):04d}"


def recipients(log: Log, campaigns: Mapping[int, str]) -> Iterator[Row]:
    """recipients.csv: one row a text to one person."""
    for message, one in sorted(log.messages.items()):
        if one.campaign in campaigns:
            gone = FORGOTTEN if log.root(one.campaign) in log.forgotten else HIDDEN
            text = "" if one.campaign in log.parents else gone if one.text is None else f"T{one.over or one.text}"
            yield (
                reference(message), message, campaigns[one.campaign], gone if one.number is None else one.number,
                one.state, one.why, one.line, len(one.parts) or None,
                one.attempts or (None if message in log.older else 0), one.first, one.accepted,
                one.references, one.reported, "" if one.status is None else f"0x{one.status:02X}", one.said, text,
                one.source, gone if one.place is None else one.place, "line" if one.over is None else "fallback",
                "store" if message in log.older else "log",
            )  # fmt: skip


def texts(log: Log, campaigns: Mapping[int, str], *, numbers: bool) -> Iterator[Row]:
    """texts.csv: the wordings that are shown, and how many recipients had each."""
    uses = Counter(one.over or one.text for one in log.messages.values() if one.campaign in campaigns)
    for text, body in sorted(log.texts.items()):
        yield f"T{text}", uses[text] if numbers else HIDDEN, body, "log"


def passing(log: Log, entry: Entry, shown: Shown, campaigns: Mapping[int, str], *, whole: bool) -> dict[str, Row]:
    """What an entry is in pdus.csv (beside which gsmsend writes what the octets say) and received.csv.

    What is about nobody's message, or one older than the log, is in packs of all campaigns only.
    """
    kind, data, about = entry["kind"], entry["data"], entry["data"].get("message")
    one = log.messages.get(about or 0)
    if kind not in WHAT or not (whole if one is None or about in log.older else one.campaign in campaigns):
        return {}
    pdu, sender, text = (shown.get(name, HIDDEN) for name in ("pdu", "sender", "text"))
    at, who, line = (entry["n"], entry["at"]), reference(about), data.get("line")
    own = data.get("handle") or data.get("key"), data.get("said")  # of a route without TP-MR, and our own for it
    rows: dict[str, Row] = {"pdus": (*at, WHAT[kind], who, data.get("part"), line, *own, pdu)}
    if kind == "inbound":
        rows["received"] = (*at, data.get("reply"), who, line, sender, text, ", ".join(data.get("flags") or ()))
    return rows


def facts(entry: Entry, shown: Shown) -> Entry:
    """An entry in one of the JSON files."""
    return {**entry["data"], **shown, "entry": entry["n"], "time": entry["at"], "what": entry["kind"]}


def files_of(entry: Entry, shown: Shown) -> dict[str, bytes]:
    """Files that are one value of one entry: gsmsend.toml as it was, a time stamp."""
    if entry["kind"] == "config" and "toml" in shown:
        return {f"config/entry-{entry['n']}.toml": str(shown["toml"]).encode("utf-8", "replace")}
    if entry["kind"] == "timestamp" and entry["data"].get("token"):
        return {f"timestamps/head-{int(entry['data']['head'])}.tst": base64.b64decode(entry["data"]["token"])}
    return {}


def totals(log: Log, campaigns: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """totals.json: messages by campaign id and state."""
    found: dict[str, Counter[str]] = {str(campaign): Counter() for campaign in campaigns}
    for one in log.messages.values():
        if one.campaign in campaigns:
            found[str(one.campaign)][one.state] += 1
    return {campaign: dict(states) for campaign, states in found.items()}


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


class Table:
    """A CSV file of the pack, read row by row beside what the entries tell."""

    def __init__(self, pack: Pack, name: str, *, numbers: bool) -> None:
        self.name, self.heads, self.at, self.faults = name, HEADS[name], 0, list[str]()
        self.free = {} if numbers else FREE
        self.stream = io.TextIOWrapper(pack[f"{name}.csv"](), "utf-8-sig", newline="")
        self.rows = csv.reader(self.stream)
        if self.next() != list(self.heads):
            self.fault("it is not the first row that this table has")

    def next(self) -> list[str] | None:
        """Its next row; None at the end, or where it cannot be read on."""
        self.at += 1
        try:
            return next(self.rows, None)
        except FAULTS as error:
            self.fault(f"it cannot be read: {error}")
            return None

    def expect(self, told: Row) -> None:
        """Compare its next row with what the log tells, as far as that goes."""
        row = self.next()
        if row is None or len(row) != len(self.heads):
            self.fault("a row of the log is missing, or has more or fewer cells than the first row")
            return
        for head, cell, value in zip(self.heads, row, told):  # noqa: B905 - Python 3.9 has no strict
            text = "" if value is None else str(value)
            fits = cell == text or seen(cell) in (seen(text), "'" + seen(text))
            if not fits and not (text == HIDDEN and re.fullmatch("'?" + self.free.get(head, "(?!)"), cell)):
                self.fault(f"the log has another {head!r}: {text[:60]!r}, and there stands {cell[:60]!r}")

    def fault(self, words: str) -> None:
        """Something is wrong with the row at hand."""
        if len(self.faults) < 1000:
            self.faults.append(f"{self.name}.csv, row {self.at}: {words}.")

    def end(self) -> list[str]:
        """There must be no further row. What is wrong with it all."""
        if self.next() is not None:
            self.fault("the log has no such row")
        self.stream.close()
        return self.faults


class Tables:
    """All that a pack says beside the log, compared with it."""

    def __init__(self, pack: Pack, manifest: Shown, log: Log) -> None:
        self.pack, self.log, self.campaigns = pack, log, manifest["campaigns"]
        self.whole, self.numbers = manifest.get("whole") is True, manifest.get("numbers_shown") is True
        self.tables = {name: Table(pack, name, numbers=self.numbers) for name in HEADS if f"{name}.csv" in pack}
        self.facts: dict[str, list[Entry]] = {name: [] for name in FACTS}
        self.files: dict[str, bytes] = {}

    def take(self, entry: Entry, shown: Shown) -> None:
        """The next entry, which the log has taken."""
        for name, row in passing(self.log, entry, shown, self.campaigns, whole=self.whole).items():
            if name in self.tables:
                self.tables[name].expect(row)
        for name, kinds in FACTS.items():
            if entry["kind"] in kinds:
                self.facts[name].append(facts(entry, shown))
        self.files.update(files_of(entry, shown))

    def end(self, found: Findings) -> None:
        """What can be told after the last entry only."""
        log, campaigns = self.log, self.campaigns
        there, must = set(self.pack), MUST | set(self.files)
        faults = [f"{name} is missing." for name in sorted(must - there)]
        faults += [f"{name!r} is in no pack." for name in sorted(there - must) if not MAY.fullmatch(name)]
        if log.older:
            self._older()
        wordings = texts(log, campaigns, numbers=self.numbers)
        for name, rows in (("recipients", recipients(log, campaigns)), ("texts", wordings)):
            for told in rows if name in self.tables else ():
                self.tables[name].expect(told)
        while log.older and (row := self.tables["texts"].next()) is not None:
            if row[3:] != ["store"]:
                self.tables["texts"].fault("the log has no such row")
        for table in self.tables.values():
            faults += table.end()
        people = log.messages.values()
        if self.whole and any(one.campaign not in campaigns for one in people):
            faults.append("recipients.csv: messages that the log has are not in it.")
        if self.numbers and any(
            one.number is None and one.campaign in campaigns and log.root(one.campaign) not in log.forgotten
            for one in people
        ):
            faults.append("manifest.json says that numbers are shown, and not all of them are.")
        for name, value in [*self.facts.items(), ("totals.json", totals(log, campaigns))]:
            self.files[name] = indented(value).encode("ascii")
        for name, octets in self.files.items():
            if name in self.pack and octets_of(self.pack, name) != octets:
                faults.append(f"{name}: it is not what the log tells.")
        named = sorted({*FACTS, "totals.json", *(f"{name}.csv" for name in HEADS)})
        found.judge(f"Told again from the log and the same: {', '.join(named)}.", faults)

    def _older(self) -> None:
        """Of messages older than the log it has the states; the rest is as the table says, which is told."""
        ids = {name: campaign for campaign, name in self.campaigns.items()}
        table = Table(self.pack, "recipients", numbers=self.numbers)
        while (row := table.next()) is not None:
            told = dict(zip(HEADS["recipients"], row))  # noqa: B905 - Python 3.9 has no strict
            if told["message"].isdigit() and int(told["message"]) in self.log.older:
                one = self.log.messages[int(told["message"])]
                one.campaign, one.number = ids.get(told["campaign"], 0), told["number"]
                one.source, one.place = told["list"], told["place in it"]
                one.text = int(told["text"][1:]) if told["text"][1:].isdigit() else None
        table.end()


def check_transcripts(pack: Pack, manifest: Shown, log: Log, found: Findings) -> None:
    """The records of dialogues with modems, as far as they went when each run ended, against the log."""
    faults, without, count = list[str](), set(manifest.get("without") or ()), 0
    for name, noted in sorted(log.transcripts.items()) if manifest.get("variant") != "redacted" else ():
        opener = pack.get(f"transcripts/{name}")
        if opener is None:
            faults += [] if name in without else [f"transcripts/{name} is missing."]
            continue
        for number, length, digest in noted:
            count += 1
            if hash_of(opener, length) != (digest, length):
                faults.append(f"transcripts/{name}: it is not as it was at entry {number}.")
    if count or faults:
        found.judge("The records of dialogues with modems are as they were at the end of each run.", faults)
    if without:
        named = ", ".join(map(str, sorted(without)))
        found.notes.append(f"Records of dialogues that were not there any more: {named}.")


def check_claims(manifest: Shown, log: Log, found: Findings) -> None:
    """What manifest.json says of the pack, against the log."""
    last, kind = max(log.heads, default=0), (manifest.get("variant"), manifest.get("numbers_shown"))
    campaigns, program = manifest["campaigns"], str(manifest.get("program"))
    own = (manifest.get("operation"), manifest.get("public_key")) == (log.own.get("id"), log.own.get("public_key"))
    claims = {
        "it is not of the same operation as audit.jsonl": own,
        "it names another head than the last in the log":
            bool(log.heads) and manifest.get("head") == f"{last} {short_head(log.heads[last])}",
        "there is no such kind of pack":
            kind in (("full", True), ("redacted", False), ("disclosure", True), ("disclosure", False)),
        "it does not say rightly whether all campaigns are in the pack":
            manifest.get("whole") is (set(log.names) <= set(campaigns)),
        "it has other names of campaigns than the log":
            all(log.names.get(campaign, name) == name for campaign, name in campaigns.items()),
        "it was not written by gsmsend": bool(re.fullmatch(r"gsmsend [0-9A-Za-z.+-]{1,40}", program)),
    }  # fmt: skip
    faults = [f"manifest.json: {words}." for words, right in claims.items() if not right]
    found.judge("What manifest.json says of the pack (kind, campaigns, head) is what the log says.", faults)


def check_log(log: Log, found: Findings) -> None:
    """What was found while the entries were told."""
    count, extra = log.counts, len(log.tail)
    if not log.heads or set(log.tail) - {"session", "timestamp"}:
        log.fault("heads", "the log's end is not signed: entries were taken away or added there")
    after = f", but for {extra} about its time stamp" if extra else ""
    found.judge("What each entry says may follow from those before it.", log.faults["log"])
    found.judge(
        f"Signatures of the chain's head: {count['head']}; the last covers all entries before it{after}.",
        log.faults["heads"],
    )
    found.judge(
        f"Approvals signed by officers registered at that time: {count['approve']}; releases of campaigns, each "
        f"with as many approvals as were needed: {count['release']}.", log.faults["approvals"],
    )  # fmt: skip
    found.notes += _notes(log)
    if log.heads and not found.wrong:
        last = max(log.heads)
        found.notes.append(f"Last signed head: {last} {short_head(log.heads[last])}")


def _notes(log: Log) -> Iterator[str]:
    count, own = log.counts, log.own
    if number := count["approve"]:
        yield (
            f"The recipients are those whom the officers approved: compared for {log.compared} approvals of "
            f"{number}; where numbers are not shown it cannot be compared."
        )
    if number := count["released with no approval"]:
        yield f"Releases with no approval, as the settings asked for none: {number}."
    if log.backwards:
        times, (number, by_s) = len(log.backwards), log.backwards[0]
        yield (
            f"{times} {'time' if times == 1 else 'times'} an entry is much earlier than the one before it (first: "
            f"entry {number}, by {by_s / 60:,.0f} minutes): this computer's clock was set back."
        )
    before = ", ".join(f"{number} {what}" for what, number in sorted((own.get("before") or {}).items()) if number)
    if log.older or before:
        yield (
            f"{len(log.older):,} messages are older than the log ({before or 'nothing'} not in it): of these it "
            "tells states and what came since; their numbers and texts are from the store, and only hashed."
        )
    for one in sorted(log.forgotten, key=str):
        yield f"Numbers and texts of campaign {log.names.get(one, one)!r} were destroyed on purpose."
    yield f"Time stamps of a third party in the log: {count['stamped'] or 'none'}. " + (
        "Each was made for a head in this log; the signature of the service is not checked here: see README.txt."
        if count["stamped"] else "README.txt says more."
    )  # fmt: skip
    yield f"Operation {own.get('id')}, public key {own.get('public_key')}."


def check(pack: Pack, head: str = "") -> Findings:
    """All of it."""
    found, log = Findings(), Log()
    manifest = check_manifest(pack, found)
    if manifest:
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
  - That anybody read a text, or who holds a phone: "delivered" is what the network reported, or
    the provider or handset that the text went over, by its own word.
  - That pages and renderings say the same: summary, method, recipients.xlsx, the words beside each PDU, and
    README.txt are as gsmsend signed them, but are not told again here. In a pack without numbers that is so,
    too, of masked numbers, and of which recipient had which wording.
  - That this verify.py is the right one: take it from gsmsend itself, not from a pack that you doubt."""
GOOD = """No file of this pack was changed, added or removed since it was signed. Its log is complete from the
  operation's first entry to its last signed head. The tables named above say what the log says."""
BAD = "This pack is NOT as gsmsend made it. Do not rely on it: keep it as it is, and ask for another copy."


def verify(place: str | Path, head: str = "", write: Callable[[str], object] = print) -> int:
    """Check a pack and tell the findings, line by line. 0 if nothing is wrong, else 1."""
    longest = csv.field_size_limit(MOST_LINE)
    try:
        found = check(open_pack(Path(place)), head)
    except Exception as error:  # noqa: BLE001 - a damaged archive raises whatever its decompressor likes
        write(f"It cannot be checked, as it is damaged, or no pack: {error}.")
        return 1
    finally:
        csv.field_size_limit(longest)
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
