"""Whatever is written makes a chain that checks out, and one change anywhere in it does not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gsmsend.audit import FIRST, Kind, canonical, digest, entry, spans
from gsmsend.audit.checking import check
from gsmsend.audit.short import Noted, read_short, short
from gsmsend.audit.states import States, ids_in

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
FACTS = st.dictionaries(
    st.text().filter(lambda name: name not in {"state", "message", "messages"}), VALUES, max_size=5
)
ENTRIES = st.lists(st.tuples(st.sampled_from([Kind.NOTE, Kind.LINE, Kind.STORAGE, Kind.START]), FACTS), max_size=8)


def written(entries: list[tuple[Kind, dict[str, Any]]]) -> list[str]:
    lines: list[str] = []
    first: list[tuple[Kind, dict[str, Any]]] = [(Kind.OPERATION, {"id": "op"}), (Kind.SESSION, {})]
    for kind, data in first + entries:
        prev = digest(lines[-1]) if lines else FIRST
        lines.append(entry(len(lines) + 1, prev, kind, 1.0, data, session=2 if lines else None))
    return lines


@given(VALUES)
def test_the_canonical_form_is_jsons_own_and_comes_back(value: Any) -> None:
    assert canonical(value) == json.dumps(value, sort_keys=True, separators=(",", ":"))
    assert canonical(json.loads(canonical(value))) == canonical(value)


@given(ENTRIES)
def test_what_is_written_checks_out(entries: list[tuple[Kind, dict[str, Any]]]) -> None:
    lines = written(entries)
    assert check(lines, noted=[Noted(len(lines), digest(lines[-1]))]).findings == []


@settings(max_examples=200)
@given(ENTRIES, st.data())
def test_one_change_anywhere_is_found(entries: list[tuple[Kind, dict[str, Any]]], data: st.DataObject) -> None:
    lines = written(entries)
    noted = Noted(len(lines), digest(lines[-1]))
    at = data.draw(st.integers(0, len(lines) - 1))
    line = lines[at]
    how = data.draw(st.sampled_from(["change", "cut", "insert", "delete", "double", "move"]))
    changed = list(lines)
    if how in {"change", "cut", "insert"}:
        place = data.draw(st.integers(0, len(line) - 1))
        sign = data.draw(st.characters()) if how != "cut" else ""
        changed[at] = line[:place] + sign + line[place + (how != "insert") :]
    elif how == "delete":
        del changed[at]
    elif how == "double":
        changed.insert(at, line)
    else:
        changed.insert(data.draw(st.integers(0, len(lines) - 1)), changed.pop(at))
    if changed != lines:
        assert check(changed, noted=[noted]).findings


@given(st.integers(1, 10**9), st.binary(min_size=32, max_size=32), st.data())
def test_a_head_is_read_back_however_it_was_typed(number: int, octets: bytes, data: st.DataObject) -> None:
    shown = short(number, octets.hex())
    typed = "".join(
        data.draw(st.sampled_from([sign, sign.lower(), *{"0": "Oo", "1": "IiLl", "-": " \u2013"}.get(sign, "")]))
        for sign in shown
    )
    assert read_short(typed) == Noted(number, octets.hex()[:20])
    assert read_short(typed).fits(octets.hex())


@given(st.text())
def test_no_words_break_the_reading_of_a_head(words: str) -> None:
    try:
        found = read_short(words)
    except ValueError:
        return
    assert read_short(short(found.number, found.begins + "0" * 44)) == found


@given(st.sets(st.integers(1, 300)))
def test_ids_come_back_from_their_ranges(ids: set[int]) -> None:
    assert [one for span in ids_in(spans(ids)) for one in span] == sorted(ids)


@given(st.lists(st.tuples(st.integers(1, 20_000), st.sampled_from(["queued", "sent", "failed"]))))
def test_states_are_the_last_that_were_told(moves: list[tuple[int, str]]) -> None:
    states, known = States(), dict[int, str]()
    for message_id, state in moves:
        states.put(message_id, state)
        known[message_id] = state
    assert dict(states) == known
    assert states.count == len(known)
    assert sum(states.totals().values()) == len(known)


@given(st.lists(st.text() | st.binary().map(lambda octets: octets.decode("latin-1")), max_size=4))
def test_no_lines_break_the_check(lines: list[str]) -> None:
    assert bool(check(lines).findings)
