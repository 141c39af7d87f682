"""Whether a log is as it was written: its chain recomputed, its heads checked, the states it tells. Pure.

It is fed line by line and keeps no line, so that a log of any length can be checked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from gsmsend.audit import sealing
from gsmsend.audit.chain import FIRST, Kind, canonical, digest
from gsmsend.audit.owners import Owners
from gsmsend.audit.short import Noted
from gsmsend.audit.states import States, ids_in

Verify = Callable[[str, str, bytes], bool]
"""Whether a signature (hex) over these octets is by this Ed25519 public key (hex)."""
MOST_FINDINGS = 20
"""What comes after so many says nothing more."""
FOUND = "found when the audit log was begun"
"""`why` of the entries that tell the states of messages which are older than the log."""

_KEYS = frozenset({"at", "data", "kind", "n", "prev", "session"})
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_HASH = re.compile(r"[0-9a-f]{64}")
_KINDS = frozenset(Kind)
_MAKERS = frozenset({Kind.ROWS, Kind.ANSWER})
_AT_FIRST = (Kind.OPERATION, Kind.SESSION, Kind.CONFIG)
"""What may stand before those that are older than the log."""
_SET_BACK_S = 300
"""Entries of one moment may be out of order by a little; a clock that was set back is off by more."""
_OTHERS = "an entry was put in, or others were taken out"
_BROKEN = "the entry before was changed after it was written, or one of the two is not the one that was there"
KEEP = (
    "Send nothing from this operation. Copy its whole folder to another disk as it is now, and compare it with "
    "older copies and with the heads in your notebook."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, at which entry (None: with the whole), what it may mean, and what to do."""

    n: int | None
    what: str
    means: str
    todo: str = KEEP


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A `head` entry: it is entry `entry`, and says that entry `number` had the hash `hash`."""

    entry: int
    number: int
    hash: str
    at: str
    signature: str


@dataclass(slots=True)
class Back:
    """How often an entry is much earlier than the one before it, and which was first, by how many seconds."""

    times: int = 0
    entry: int = 0
    by_s: int = 0
    _at: str = ""

    def look(self, n: int, at: str) -> None:
        """The next entry, written at that time."""
        by_s = _seconds(self._at, at) if at < self._at else 0
        if by_s > _SET_BACK_S:
            self.times += 1
            if self.times == 1:
                self.entry, self.by_s = n, by_s
        self._at = at


@dataclass(slots=True)
class Chain:
    """The log so far. `number` and `last` are those of its last entry."""

    verify: Verify | None = None
    noted: Sequence[Noted] = ()
    number: int = 0
    last: str = FIRST
    operation: str = ""
    public_key: str = ""
    session: int | None = None
    findings: list[Finding] = field(default_factory=list)
    heads: list[SignedHead] = field(default_factory=list)
    states: States = field(default_factory=States)
    counts: Counter[str] = field(default_factory=Counter)
    before: dict[str, int] = field(default_factory=dict)
    owners: Owners = field(default_factory=Owners)
    back: Back = field(default_factory=Back)
    _begun: bool = False

    def find(self, n: int | None, what: str, means: str, todo: str = KEEP) -> None:
        """Add a finding."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(n, what, means, todo))

    def take(self, line: str) -> Mapping[str, Any] | None:
        """The next line; what stands in it, None if it cannot be read."""
        expected = self.number + 1
        made = self._read(line, expected)
        if made is not None:
            if made["n"] != expected:
                self._gap(made["n"], expected)
            elif made["prev"] != self.last:
                self.find(expected, f"entry {expected} does not hold the hash of the entry before it", _BROKEN)
            self._look(made)
        self.number = made["n"] if made is not None else expected
        self.last = digest(line) if line.isascii() else ""
        for one in self.noted:
            if one.number == self.number and not one.fits(self.last):
                self.find(
                    self.number,
                    f"entry {self.number} is not the one whose head was noted",
                    "the log was changed or replaced since that head was written down",
                )
        return made

    def end(self, *, nothing_done: bool = False) -> None:
        """There is no further line. With `nothing_done` there need not be any."""
        if not self.number and not nothing_done:
            self.find(None, "there is no audit log", "it was taken away, or nothing was ever done here")
        for one in self.noted:
            if one.number > self.number:
                self.find(
                    None,
                    f"the log ends at entry {self.number}, and the head of entry {one.number} was noted",
                    "its end was cut off, or an older copy of the store was put back: people may have been texted "
                    "since of whom it says nothing",
                )

    def _read(self, line: str, expected: int) -> dict[str, Any] | None:
        try:
            made = json.loads(line, parse_float=_no_number, parse_constant=_no_number)
            if not isinstance(made, dict) or canonical(made) != line:
                raise ValueError("it is not in canonical form")  # noqa: TRY301 - all come to one finding
            _form(made)
        except (ValueError, TypeError, RecursionError) as error:
            why = str(error) if not isinstance(error, json.JSONDecodeError) else "it is not JSON"
            self.find(expected, f"entry {expected} cannot be read: {why}", "it was changed after it was written")
            return None
        return made

    def _gap(self, found: int, expected: int) -> None:
        if found > expected:
            few = found == expected + 1
            what = f"entry {expected} is missing" if few else f"entries {expected} to {found - 1} are missing"
            self.find(expected, what, "they were taken out of the log, or entries were moved")
        else:
            self.find(found, f"entry {found} stands after entry {expected - 1}", "it was put in or moved")

    def _look(self, made: Mapping[str, Any]) -> None:
        """What an entry says, by its kind."""
        n, kind, data = made["n"], made["kind"], made["data"]
        self.counts[kind] += 1
        self.back.look(n, made["at"])
        self._whose(n, kind, made["session"], data)
        if kind == Kind.HEAD:
            self._head(made)
        found = not self._begun and kind == Kind.MOVE and data.get("why") == FOUND
        self._begun = not found and (self._begun or n > len(_AT_FIRST) or kind != _AT_FIRST[n - 1])
        state = data.get("state")
        if isinstance(state, str):
            self._move(n, data, state, kind, may_make=kind in _MAKERS or found)
        lacking = sealing.lacking(made)
        if lacking:
            names = ", ".join(sorted(lacking))
            self.find(n, f"entry {n} ({kind}) stands for no {names}", "it was not written by gsmsend")
        sealing.learn(made, self.owners, found=found)

    def _whose(self, n: int, kind: str, session: object, data: Mapping[str, Any]) -> None:
        if (kind == Kind.OPERATION) != (n == 1):
            self.find(
                n, f"entry {n} is of the kind {kind}; expected {'not ' if n > 1 else ''}operation",
                "the log of one operation was put together with that of another, or its begin was taken away",
            )  # fmt: skip
        if kind == Kind.OPERATION:
            self.operation, self.public_key = str(data.get("id", "")), str(data.get("public_key", ""))
            before = data.get("before")
            self.before = {str(name): count for name, count in before.items()} if isinstance(before, dict) else {}
        elif kind == Kind.SESSION:
            self.session = n
        known = session is None if n == 1 else isinstance(session, int) and 0 < session <= n
        if not known:
            self.find(n, f"entry {n} names no session that can have written it", "it was not written by gsmsend")

    def _head(self, made: Mapping[str, Any]) -> None:
        n, data = made["n"], made["data"]
        number, found, signature = data.get("head"), data.get("hash"), data.get("signature")
        if number != n - 1 or found != made["prev"]:
            self.find(
                n, f"the head in entry {n} is not that of the entry before it", "the log was changed around it"
            )
            return
        self.heads.append(SignedHead(n, number, found, made["at"], str(signature)))
        if self.verify is None:
            return
        words = head_words(self.operation, number, found)
        if not isinstance(signature, str) or not self.verify(self.public_key, signature, words):
            self.find(
                n,
                f"the signature of the head in entry {n} is not by the key that entry 1 names",
                "the log was replaced, or written by somebody who does not have this operation's key",
            )

    def _move(self, n: int, data: Mapping[str, Any], state: str, kind: str, *, may_make: bool) -> None:
        listed = data.get("messages", data.get("message"))
        if kind == Kind.ROWS and isinstance(listed, list):
            listed = [listed]
        unknown = 0
        try:
            for message_id in (one for span in ids_in(listed) for one in span):
                unknown += not may_make and self.states.get(message_id) is None
                self.states.put(message_id, state)
        except ValueError as error:
            self.find(n, f"entry {n} cannot be: {error}", _OTHERS)
        if unknown:
            self.find(n, f"entry {n} moves {unknown} message(s) that no entry before it has made", _OTHERS)


def check(lines: Iterable[str], verify: Verify | None = None, noted: Sequence[Noted] = ()) -> Chain:
    """Check a whole log, given line by line without line ends. What is wrong is in `findings`."""
    chain = Chain(verify, noted)
    for line in lines:
        chain.take(line)
    chain.end()
    return chain


def head_words(operation: str, number: int, found: str) -> bytes:
    """What the signature of a head is over."""
    return f"gsmsend head 1\n{operation}\n{number}\n{found}".encode()


def _form(made: Mapping[str, Any]) -> None:
    """Raise ValueError unless it has what every entry has."""
    if made.keys() - {"sealed"} != _KEYS:
        raise ValueError("it has not the keys of an entry")
    n, kind, at, prev, sealed = made["n"], made["kind"], made["at"], made["prev"], made.get("sealed")
    if type(n) is not int or n < 1:
        raise ValueError("its number is none")
    if kind not in _KINDS:
        raise ValueError("this version of gsmsend knows no entry of its kind")
    if not isinstance(at, str) or not _TIME.fullmatch(at):
        raise ValueError("its time is none")
    if not isinstance(prev, str) or not _HASH.fullmatch(prev):
        raise ValueError("the hash in it is none")
    if not isinstance(made["data"], dict):
        raise ValueError("it has no facts")  # noqa: TRY004 - it comes to a finding, as the others
    if "sealed" in made and not (
        isinstance(sealed, dict) and sealed and all(_HASH.fullmatch(str(one)) for one in sealed.values())
    ):
        raise ValueError("what stands for its secrets is none")


def _seconds(later: str, at: str) -> int:
    try:
        return round((datetime.fromisoformat(later) - datetime.fromisoformat(at)).total_seconds())
    except ValueError:  # such as of month 13: no entry of ours
        return 0


def _no_number(_: str) -> NoReturn:
    raise ValueError("there is a number in it that is not whole")
