"""Whatever is queued and received, nothing of it can be read in the store's files."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gsmsend.contract import ImportSource, NewMessage, Refused
from gsmsend.engine.rules import EngineRules
from gsmsend.model import Inbound
from gsmsend.store import SqlStore
from gsmsend.testing.store_desk import NOW_S, Desk, number, report
from gsmsend.testing.store_replies import e164, read

_WORDS = st.text("gjkqvwxyzGJKQVWXYZ\u00c4\u0416\u6f22", min_size=6, max_size=40)
"""No digit and no letter of a hash: what is found of them is there by no chance."""
_PEOPLE = st.lists(st.integers(0, 999), min_size=1, max_size=4, unique=True)


@settings(max_examples=15, deadline=None)
@given(people=_PEOPLE, body=_WORDS, original=_WORDS, refused=_WORDS, sender=_WORDS, reply=_WORDS, pdu=_WORDS)
def test_no_octets_of_a_number_or_text_are_in_the_files(
    people: list[int], body: str, original: str, refused: str, sender: str, reply: str, pdu: str
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(SqlStore(folder / "gsmsend.db", EngineRules(read, e164))) as store:
            _use(Desk(store), people, body, original, refused, sender, reply, pdu)
            while_open = _octets(folder)
        found = while_open + _octets(folder)
        secrets = [body, original, refused, sender, reply, pdu, *(number(index) for index in people)]
        forms = {form for word in secrets for form in (word.encode(), word.encode("utf-16-le"), _hex(word))}
        assert [form for form in forms if form in found] == []


def _use(
    desk: Desk, people: list[int], body: str, original: str, refused: str, sender: str, reply: str, pdu: str
) -> None:
    rows: list[NewMessage | Refused] = [
        NewMessage(number(index), body, row, 1, original=original) for row, index in enumerate(people)
    ]
    desk.store.add(ImportSource("a.csv", "a", "campaign", NOW_S), [*rows, Refused(99, refused, "a landline")])
    line = desk.line()
    for reference, message in enumerate(desk.claim(line)):
        desk.send(line, message, reference)
        desk.store.record_report(line.line_id, report(reference, message.number, raw=pdu + str(reference)), NOW_S)
    desk.store.record_report(line.line_id, report(99, sender, raw=pdu), NOW_S).result()
    for who in (number(people[0]), sender):
        desk.store.record_inbound(line.line_id, Inbound(who, reply, raw=pdu + who), NOW_S).result()


def _octets(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("gsmsend.db*"))


def _hex(word: str) -> bytes:
    return word.encode().hex().upper().encode()
