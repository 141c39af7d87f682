"""Every way to tamper with a log is found by checking its lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import pytest

from gsmsend.audit import FIRST, Kind, digest, entry
from gsmsend.audit.checking import FOUND, check, head_words
from gsmsend.audit.sealing import MUST
from gsmsend.audit.short import Noted

PUBLIC = "ab" * 32


def signature(public: str, words: bytes) -> str:
    return hashlib.sha256(public.encode() + words).hexdigest()


def genuine(public: str, signed: str, words: bytes) -> bool:
    return signed == signature(public, words)


def written(*entries: tuple[Kind, dict[str, object]], operation: str = "op", public: str = PUBLIC) -> list[str]:
    """A log with these entries, and its head signed at the end."""
    first = {"format": 1, "id": operation, "public_key": public}
    lines: list[str] = []
    for kind, data in ((Kind.OPERATION, first), (Kind.SESSION, {}), *entries):
        number, prev = len(lines) + 1, digest(lines[-1]) if lines else FIRST
        sealed = dict.fromkeys(MUST.get(kind, ()), "5a" * 32)
        lines.append(entry(number, prev, kind, float(number), data, session=2 if lines else None, sealed=sealed))
    number, prev = len(lines), digest(lines[-1])
    signed = {"head": number, "hash": prev, "signature": signature(public, head_words(operation, number, prev))}
    lines.append(entry(number + 1, prev, Kind.HEAD, 9.0, signed, session=2))
    return lines


ROWS: tuple[Kind, dict[str, object]] = (Kind.ROWS, {"messages": [1, 3], "state": "queued"})
SENT: tuple[Kind, dict[str, object]] = (Kind.OUTCOME, {"message": 2, "state": "sent"})
LOG = written(ROWS, SENT, (Kind.MOVE, {"messages": [1, [3, 3]], "state": "cancelled"}))
NOTED = Noted(len(LOG), digest(LOG[-1]))


def wrong(lines: Sequence[str], *noted: Noted) -> str:
    return "; ".join(one.what for one in check(lines, genuine, noted).findings)


def test_a_log_as_it_was_written_is_right_and_tells_the_states() -> None:
    found = check(LOG, genuine, [NOTED])
    assert found.findings == []
    assert dict(found.states) == {1: "cancelled", 2: "sent", 3: "cancelled"}
    assert found.states.totals() == {"sent": 1, "cancelled": 2}
    assert [head.number for head in found.heads] == [len(LOG) - 1]


def test_each_changed_octet_is_found() -> None:
    """Exhaustive: the last line by the head that was noted of it, all others by the chain alone."""
    for at, line in enumerate(LOG):
        last = at == len(LOG) - 1
        for place in range(len(line)):
            for mask in (0x01, 0x20, 0x80):
                changed = line[:place] + chr(ord(line[place]) ^ mask) + line[place + 1 :]
                lines = [*LOG[:at], changed, *LOG[at + 1 :]]
                assert wrong(lines, *([NOTED] if last else [])), f"octet {place} of entry {at + 1}"


@pytest.mark.parametrize("at", range(len(LOG) - 1))
def test_a_deleted_entry_is_found(at: int) -> None:
    assert f"entry {at + 1} is missing" in wrong(LOG[:at] + LOG[at + 1 :])


@pytest.mark.parametrize("at", range(len(LOG)))
def test_an_inserted_entry_is_found(at: int) -> None:
    before = digest(LOG[at - 1]) if at else FIRST
    put_in = entry(at + 1, before, Kind.NOTE, 3.0, {"what": "nothing"}, session=2 if at else None)
    assert wrong([*LOG[:at], put_in, *LOG[at:]])


@pytest.mark.parametrize("at", range(len(LOG) - 1))
def test_moved_entries_are_found(at: int) -> None:
    assert wrong([*LOG[:at], LOG[at + 1], LOG[at], *LOG[at + 2 :]])


@pytest.mark.parametrize("left", range(len(LOG)))
def test_a_log_that_was_cut_off_is_found_by_a_noted_head(left: int) -> None:
    words = wrong(LOG[:left], NOTED)
    assert f"ends at entry {left}" in words


def test_a_log_that_was_replaced_is_found_by_a_noted_head() -> None:
    other = written(ROWS, SENT, SENT, operation="other")
    assert wrong(other) == ""
    assert f"entry {len(LOG)} is not the one" in wrong(other, NOTED)


def test_a_log_that_was_written_anew_without_the_key_is_found() -> None:
    forged = [LOG[0]]
    for line in written(ROWS, (Kind.OUTCOME, {"message": 2, "state": "failed"}), public="00" * 32)[1:-1]:
        kind = Kind.SESSION if len(forged) == 1 else Kind.ROWS if len(forged) == 2 else Kind.OUTCOME
        data = json.loads(line)["data"]
        forged.append(entry(len(forged) + 1, digest(forged[-1]), kind, 5.0, data, session=2))
    number, prev = len(forged), digest(forged[-1])
    signed = {"head": number, "hash": prev, "signature": signature("00" * 32, head_words("op", number, prev))}
    forged.append(entry(number + 1, prev, Kind.HEAD, 9.0, signed, session=2))
    assert "is not by the key that entry 1 names" in wrong(forged)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([(Kind.OUTCOME, {"message": 9, "state": "sent"})], "moves 1 message(s) that no entry before it has made"),
        ([(Kind.OPERATION, {"id": "x"})], "expected not operation"),
        ([(Kind.MOVE, {"messages": [[1, 10**9]], "state": "sent"})], "more than"),
        ([ROWS, (Kind.MOVE, {"messages": [7], "state": "sent", "why": FOUND})], "no entry before it has made"),
    ],
)
def test_an_entry_that_cannot_be_is_found(entries: list[tuple[Kind, dict[str, object]]], words: str) -> None:
    assert words in wrong(written(*entries))


def test_messages_that_are_older_than_the_log_are_told_at_its_begin() -> None:
    found = check(written((Kind.MOVE, {"messages": [[1, 5]], "state": "delivered", "why": FOUND})), genuine)
    assert found.findings == []
    assert found.states.totals() == {"delivered": 5}


@pytest.mark.parametrize(
    "line", ["", "null", "[]", "{}", "{" * 5000, '{"n":1.0}', "\x00", '{"a":NaN}', "[" * 100_000]
)
def test_no_line_breaks_the_check(line: str) -> None:
    assert "cannot be read" in wrong([line])


def test_nothing_at_all_is_a_finding() -> None:
    assert wrong([]) == "there is no audit log"


def test_a_thousand_faults_are_told_in_a_few() -> None:
    assert 0 < len(check(["x"] * 1000, genuine).findings) <= 20


def test_a_clock_that_was_set_back_is_told_and_no_finding() -> None:
    hours = (9, 10, 8, 9, 7)
    lines: list[str] = []
    for number, hour in enumerate(hours, 1):
        kind = (Kind.OPERATION, Kind.SESSION)[number - 1] if number < 3 else Kind.NOTE
        prev = digest(lines[-1]) if lines else FIRST
        lines.append(entry(number, prev, kind, hour * 3600.0, {"id": "op"}, session=2 if lines else None))
    found = check(lines)
    assert found.findings == []
    assert (found.back.times, found.back.entry, found.back.by_s) == (2, 3, 2 * 3600)


@pytest.mark.parametrize("kind", list(MUST))
def test_what_an_entry_must_have_sealed_cannot_be_left_out(kind: str) -> None:
    lines = written(ROWS)[:3]
    data = {"message": 1, "messages": None, "campaign": 1}
    lines.append(entry(4, digest(lines[-1]), Kind(kind), 4.0, data, session=2))
    assert f"entry 4 ({kind}) stands for no" in wrong(lines)


def test_messages_older_than_the_log_are_told_at_its_begin_only() -> None:
    found: tuple[Kind, dict[str, object]] = (Kind.MOVE, {"messages": [7], "state": "sent", "why": FOUND})
    settings: tuple[Kind, dict[str, object]] = (Kind.CONFIG, {"config": "x"})
    assert wrong(written(settings, found, found)) == ""
    held: dict[str, object] = {"messages": [], "state": "held"}
    for before in ((Kind.NOTE, {}), (Kind.SESSION, {}), (Kind.MOVE, held)):
        assert "no entry before it has made" in wrong(written(settings, before, found))
