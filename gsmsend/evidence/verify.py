#!/usr/bin/env python3
"""Checks an evidence pack of gsmsend: offline, without gsmsend, with nothing but Python 3.9 or newer.

    python3 verify.py                                         the folder that this file lies in
    python3 verify.py PACK                                    another folder, or a .zip
    python3 verify.py PACK --head "1042 7KQX-93MB-TT2P-0A4C"  compare with what somebody wrote down at the time

It changes nothing. It ends with 0 if all that it checked is right, else with 1. In the order of this file:
  1. the files of the pack are read: those that lie there, never by names that the pack gives;
  2. the signature algorithm Ed25519 is written out, so that no other program has to be trusted;
  3. manifest.json: the SHA-256 of every file, signed with the operation's key;
  4. audit.jsonl: every entry holds the SHA-256 of the one before, so none can be changed, added or left out;
  5. signatures in it: of the chain's heads by the operation, of approvals by officers;
  6. secrets.jsonl: numbers and texts that may be shown, each against the commitment in its entry;
  7. recipients.csv, totals.json: told again from the first entry to the last, and compared.
"""

from __future__ import annotations

import argparse
import csv
import functools
import hashlib
import io
import json
import re
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Pack = dict[str, bytes]
Entry = dict[str, Any]
Shown = dict[int, dict[str, Any]]
MOST_FILES, MOST_OCTETS, MOST_MESSAGES = 10_000, 2 << 30, 10_000_000
"""A pack that says that it has more is an attempt to fill this computer."""
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


def read_pack(place: Path) -> Pack:
    """All files by name. Links and names that lead elsewhere are refused; nothing is unpacked onto the disk."""
    try:
        found = dict(_in_zip(place) if place.is_file() else _in_folder(place))
    except Unusable:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged archive raises whatever its decompressor likes
        raise Unusable(f"{place} is damaged, or no pack: {error}") from None
    if "manifest.json" not in found and len({name.split("/")[0] for name in found}) == 1:
        found = {name.partition("/")[2]: octets for name, octets in found.items()}  # packed with its folder
    if "manifest.json" not in found:
        raise Unusable(f"{place} has no manifest.json: it is no evidence pack, or only a part of one")
    return found


def _in_folder(place: Path) -> Iterator[tuple[str, bytes]]:
    files = [file for file in sorted(place.rglob("*")) if not stat.S_ISDIR(file.lstat().st_mode)]
    if not all(stat.S_ISREG(file.lstat().st_mode) for file in files):
        raise Unusable(f"{place} has a link or a device in it; a pack has none, so nothing is read")
    _bounded(place, [file.lstat().st_size for file in files])
    for file in files:
        yield file.relative_to(place).as_posix(), file.read_bytes()


def _in_zip(place: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(place) as archive:
        items = [item for item in archive.infolist() if not item.is_dir()]
        _bounded(place, [item.file_size for item in items])
        steps = [re.split(r"[/\\]", item.filename) for item in items]
        linked = any(stat.S_ISLNK(item.external_attr >> 16) for item in items)
        if linked or any({"", ".."} & set(one) for one in steps) or len({*map(tuple, steps)}) != len(items):
            raise Unusable(f"{place} has links, odd names or one name twice; a pack has none of these")
        for item in items:
            with archive.open(item) as stream:
                yield item.filename, stream.read(item.file_size + 1)


def _bounded(place: Path, sizes: list[int]) -> None:
    if len(sizes) > MOST_FILES or sum(sizes) > MOST_OCTETS:
        raise Unusable(f"{place} is larger than any pack, so it is not read")


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


def manifest_text(manifest: dict[str, Any]) -> str:
    """How manifest.json is spelled, and, without its signature, what is signed."""
    return json.dumps(manifest, sort_keys=True, indent=1, ensure_ascii=True) + "\n"


def parse(octets: bytes, spelling: Callable[[Any], str]) -> Any:
    """A JSON value; ValueError if it is spelled in another way, as somebody else's program might do.

    Numbers that are not whole come back as texts, so they are never spelled as they were.
    """
    value = json.loads(octets.decode("ascii"), parse_float=str, parse_constant=str)
    if spelling(value).encode("ascii") != octets:
        raise ValueError("it is not spelled as gsmsend spells it")
    return value


def check_manifest(pack: Pack, found: Findings) -> dict[str, Any]:
    """Every file against its SHA-256, and the list of them against its signature."""
    try:
        manifest: dict[str, Any] = parse(pack["manifest.json"], manifest_text)
        listed: dict[str, str] = dict(manifest["files"])
        statement = {name: value for name, value in manifest.items() if name != "signature"}
        message = b"gsmsend manifest 1\n" + manifest_text(statement).encode("ascii")
        right = signed(manifest["public_key"], manifest["signature"], message)
        campaigns: dict[str, str] = dict(manifest["campaigns"])
    except FAULTS as error:
        found.wrong.append(f"manifest.json was changed or is damaged: {error}.")
        return {"campaigns": {}}
    faults = [f"{name!r} is missing." for name in sorted(set(listed) - set(pack))]
    for name in sorted(set(pack) - {"manifest.json"}):
        if name not in listed:
            faults.append(f"{name!r} does not belong to the pack: it was put there later.")
        elif sha256(pack[name]) != listed[name]:
            faults.append(f"{name!r} was changed after the pack was made.")
    found.judge(f"All {len(listed)} files are as they were when the pack was made.", faults)
    faults = [] if right else ["manifest.json: its signature is wrong: it was changed, or made by somebody else."]
    found.judge("The list of files is signed with the operation's key.", faults)
    return {**manifest, "campaigns": campaigns}


# ---- 4. The chain of entries -------------------------------------------------------------------------


def read_chain(octets: bytes, found: Findings) -> tuple[list[Entry], list[str]]:
    """The entries and their SHA-256, each entry checked against the one before; up to the first fault."""
    entries: list[Entry] = []
    hashes = ["0" * 64]
    lines = octets.split(b"\n")
    faults = [] if lines.pop() == b"" else ["audit.jsonl: its last line was cut off."]
    for number, line in enumerate(lines, 1):
        try:
            entry = parse(line, canonical)
            form = [type(entry[name]) for name in ("n", "prev", "at", "kind", "data")]
            if form != [int, str, str, str, dict] or not isinstance(entry.get("sealed", {}), dict):
                raise ValueError("it has not the form of an entry")
            if entry["n"] != number:
                raise ValueError(f"it calls itself {entry['n']}: entries were added, removed or moved")
            if entry["prev"] != hashes[-1]:
                raise ValueError(f"it does not follow from entry {number - 1}: one of the two was changed")
        except FAULTS as error:
            faults.append(f"audit.jsonl, entry {number}: {error}.")
            break
        entries.append(entry)
        hashes.append(sha256(line))
    if not entries or entries[0]["kind"] != "operation":
        faults.append("audit.jsonl: its beginning is missing.")
    found.judge(f"The audit log has {len(entries):,} entries in an unbroken chain.", faults)
    return entries, hashes[1:]


def short_head(digest: str) -> str:
    """The first 80 bits of a hash in groups of four, in Crockford's base 32: short enough to write down."""
    value = int(digest[:20], 16)
    signs = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(signs[index : index + 4] for index in range(0, 16, 4))


def check_noted(noted: str, hashes: list[str], found: Findings) -> None:
    """Compare with a head that somebody wrote down elsewhere; O is read as 0, I and L as 1."""
    words = re.fullmatch(r"\s*([0-9]{1,12})[\s:]+([0-9A-Za-z][0-9A-Za-z\s-]*)", noted)
    if words is None:
        found.wrong.append(f'--head {noted!r} is no head; expected such as "1042 7KQX-93MB-TT2P-0A4C".')
        return
    number, fault = int(words[1]), []
    code = re.sub(r"[\s-]", "", words[2]).upper().translate(str.maketrans("OIL", "011"))
    if not 1 <= number <= len(hashes):
        fault = [f"The head that was written down is of entry {number}; this log has only {len(hashes)}."]
    elif short_head(hashes[number - 1]).replace("-", "") != code:
        fault = [f"Entry {number} is not the one whose head was written down: this is another log."]
    found.judge(f"Up to entry {number} this is the log whose head was written down at the time.", fault)


# ---- 5. Signatures in the log ------------------------------------------------------------------------


def check_signatures(entries: list[Entry], hashes: list[str], shown: Shown, found: Findings) -> None:
    """Heads by the operation's key; approvals by keys of officers who were registered at that time."""
    operation, officers = entries[0]["data"], dict[str, str]()
    count, bad_heads, bad_approvals = dict[str, int](), list[str](), list[str]()
    for entry in entries:
        number, kind, data = entry["n"], entry["kind"], entry["data"]
        count[kind] = count.get(kind, 0) + 1
        if kind == "officer":
            officers[str(data.get("name"))] = str(data.get("public_key"))
        elif kind == "officer-removed":
            officers.pop(str(data.get("name")), None)
        elif kind == "head":
            of, digest = data.get("head"), data.get("hash")
            message = f"gsmsend head 1\n{operation.get('id')}\n{of}\n{digest}".encode("utf-8", "replace")
            right = type(of) is int and 0 < of < number and hashes[of - 1] == digest
            if not right or not signed(str(operation.get("public_key")), str(data.get("signature")), message):
                bad_heads.append(f"audit.jsonl, entry {number}: the signature of the chain's head is wrong.")
        elif kind == "approve":
            stated = {name: data.get(name) for name in ("digest", "officer", "login", "at_ms")}
            message = b"gsmsend approval 1\n" + canonical(stated).encode("ascii")
            if not signed(officers.get(str(data.get("officer")), ""), str(data.get("signature")), message):
                bad_approvals.append(f"audit.jsonl, entry {number}: the officer's signature is wrong.")
            content = shown.get(number, {}).get("content")
            if content is not None and sha256(str(content).encode("utf-8", "replace")) != data.get("digest"):
                bad_approvals.append(f"audit.jsonl, entry {number}: the officer signed something else.")
    if entries[-1]["kind"] not in ("head", "timestamp"):
        bad_heads.append("audit.jsonl: its end is not signed: entries were taken away or added there.")
    found.judge(f"Signatures of the chain's head: {count.get('head', 0)}; the last covers all of it.", bad_heads)
    found.judge(f"Approvals signed by officers registered at that time: {count.get('approve', 0)}.", bad_approvals)


# ---- 6. What is shown of what was sealed -------------------------------------------------------------


def check_secrets(octets: bytes, entries: list[Entry], found: Findings) -> Shown:
    """The values that are shown, by entry and name, each if it holds against its commitment."""
    shown: Shown = {}
    lines = octets.split(b"\n")
    faults = [] if lines.pop() == b"" else ["secrets.jsonl: its last line was cut off."]
    for number, line in enumerate(lines, 1):
        try:
            value = parse(line, canonical)
            committed = entries[value["n"] - 1]["sealed"] if value["n"] > 0 else {}
            for name, (salt, secret) in value["sealed"].items():
                if sha256(f"{salt}:{canonical(secret)}".encode("ascii")) != committed[name]:
                    raise ValueError(f"{name!r} is not what entry {value['n']} recorded")
                shown.setdefault(value["n"], {})[name] = secret
        except FAULTS as error:
            faults.append(f"secrets.jsonl, line {number}: {error}.")
    count = sum(map(len, shown.values()))
    found.judge(f"{count:,} sealed values that are shown are those that were recorded.", faults)
    left_out = sum(len(entry.get("sealed", {})) for entry in entries) - count
    if left_out:
        found.notes.append(f"{left_out:,} recorded values are not shown here, or were destroyed on purpose.")
    return shown


# ---- 7. The log told again from its beginning --------------------------------------------------------


def messages_of(entry: dict[str, Any]) -> Iterator[int]:
    """Ids of the messages that an entry is about. In a list of them, a pair is a range."""
    data = entry["data"]
    listed = data.get("messages") or ([] if data.get("message") is None else [data["message"]])
    for one in [listed] if entry["kind"] == "rows" and listed else listed:
        first, last = one if isinstance(one, list) else (one, one)
        if not 0 < first <= last < first + MOST_MESSAGES:
            raise ValueError(f"entry {entry['n']} is about messages that cannot be")
        yield from range(first, last + 1)


def replay(entries: list[Entry]) -> dict[int, tuple[str, str]]:
    """Campaign and state of each message after the last entry. Campaign 0: it is older than the log."""
    now: dict[int, tuple[str, str]] = {}
    for entry in entries:
        data, state = entry["data"], entry["data"].get("state")
        found = entry["kind"] == "move" and data.get("why") == "found when the audit log was begun"
        made = found or entry["kind"] in ("rows", "answer")
        for message in messages_of(entry) if isinstance(state, str) else ():
            if message not in now and not made:
                raise ValueError(f"entry {entry['n']} is about message {message}, that was never made")
            now[message] = (str(data.get("campaign", 0)) if made else now[message][0], state)
    return now


def check_tables(pack: Pack, campaigns: set[str], entries: list[Entry], shown: Shown, found: Findings) -> None:
    """Each recipient's state and number, and the totals, against the log."""
    faults: list[str] = []
    try:
        states = {at: one for at, one in replay(entries).items() if one[0] in campaigns}
        totals: dict[str, dict[str, int]] = {campaign: {} for campaign in campaigns}
        for campaign, state in states.values():
            totals[campaign][state] = totals[campaign].get(state, 0) + 1
        if json.loads(pack["totals.json"]) != totals:
            faults.append("totals.json: the log has other totals.")
        numbers = {row[4]: row[2] for values in shown.values() for row in values.get("rows", ())}
        rows = list(csv.DictReader(io.StringIO(pack["recipients.csv"].decode("utf-8-sig"))))
        if sorted(int(row["message"]) for row in rows) != sorted(states):
            faults.append("recipients.csv: the log has other messages.")
        for row in rows:
            message, number = int(row["message"]), row["number"].lstrip("'")
            if message in states and states[message][1] != row["state"]:
                faults.append(f"recipients.csv: the log has another state for message {message}.")
            if number[1:].isdigit() and numbers.get(message, number) != number:
                faults.append(f"recipients.csv: the log has another number for message {message}.")
    except FAULTS as error:
        faults.append(f"The table of recipients and the log do not go together: {error}.")
    found.judge("The state of every recipient, and the totals, are what the log says.", faults)


def check_transcripts(pack: Pack, entries: list[Entry], found: Findings) -> None:
    """The records of dialogues with modems, as far as they went when each run ended, against the log."""
    faults, count = [], 0
    for entry in entries:
        noted = (entry["data"].get("transcripts") or {}) if entry["kind"] == "stop" else {}
        for name, (length, digest) in noted.items():
            octets = pack.get(f"transcripts/{name}")
            count += octets is not None
            if octets is not None and (len(octets[:length]), sha256(octets[:length])) != (length, digest):
                faults.append(f"transcripts/{name}: it is not as it was at entry {entry['n']}.")
    if count:
        found.judge("The records of dialogues with modems are as they were at the end of each run.", faults)


def check(pack: Pack, head: str = "") -> Findings:
    """All of it."""
    found = Findings()
    manifest = check_manifest(pack, found)
    entries, hashes = read_chain(pack.get("audit.jsonl", b""), found)
    if not entries:
        return found
    own = entries[0]["data"]
    if (manifest.get("operation"), manifest.get("public_key")) != (own.get("id"), own.get("public_key")):
        found.wrong.append("manifest.json and audit.jsonl are not of the same operation.")
    shown = check_secrets(pack.get("secrets.jsonl", b""), entries, found)
    check_signatures(entries, hashes, shown, found)
    check_tables(pack, set(manifest["campaigns"]), entries, shown, found)
    check_transcripts(pack, entries, found)
    if head:
        check_noted(head, hashes, found)
    else:
        found.notes.append("No head that was written down elsewhere was given to compare with (--head).")
    forgotten = [entry["data"].get("campaign") for entry in entries if entry["kind"] == "forget"]
    found.notes += [f"Numbers and texts of campaign {one!r} were destroyed on purpose." for one in forgotten]
    stamps = sum(entry["kind"] == "timestamp" and bool(entry["data"].get("token")) for entry in entries)
    found.notes.append(f"Time stamps of a third party in the log: {stamps or 'none'}. README.txt says more.")
    found.notes.append(f"Operation {own.get('id')}, public key {own.get('public_key')}.")
    heads = [entry["data"] for entry in entries if entry["kind"] == "head"]
    if heads and not found.wrong:
        found.notes.append(f"Last signed head: {heads[-1]['head']} {short_head(heads[-1]['hash'])}")
    return found


MEANING = """
What this means:
  {}

What it does not prove:
  - That the log is the first one. Whoever has the operation's key could have written another from the
    beginning. A head written down elsewhere at the time (--head) or a third party's time stamp rules it out.
  - That the computer's clock was right, but where a third party's time stamp stands.
  - That anybody read a text, or who holds a phone: "delivered" is what the network reported.
  - That this verify.py is the right one: take it from gsmsend itself, not from a pack that you doubt."""
GOOD = """Nothing in this pack was changed, added, removed or moved since it was made. Its log is complete
  from the operation's first entry to its last signed head, and the tables say what the log says."""
BAD = "This pack is NOT as gsmsend made it. Do not rely on it: keep it as it is, and ask for another copy."


def verify(place: str | Path, head: str = "", write: Callable[[str], object] = print) -> int:
    """Check a pack and tell the findings, line by line. 0 if nothing is wrong, else 1."""
    try:
        found = check(read_pack(Path(place)), head)
    except (Unusable, OSError, *FAULTS) as error:
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
    sys.exit(verify(given.pack, given.head))
