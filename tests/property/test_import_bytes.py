"""Whatever bytes a file holds, reading it gives rows, refusals or a UsageError, and every row is one of them."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gsmsend.campaign.numbers import NotTextable, Number, normalise
from gsmsend.campaign.table import rows
from gsmsend.contract.imports import NewMessage, Refused
from gsmsend.errors import UsageError

FRAGMENTS = st.sampled_from(
    (
        b"number",
        b"text",
        b",",
        b";",
        b"\t",
        b"|",
        b"\n",
        b"\r",
        b'"',
        b"'",
        b"=",
        b"07700900123",
        b"+44",
        b"\0",
        b"sep=;\n",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xe9",
        b"\x81",
        b"caf\xc3\xa9",
        b"4.4E+11",
        b" ",
        b"Hi",
    )
)
BYTES = st.binary(max_size=300) | st.lists(FRAGMENTS, max_size=60).map(b"".join)


def import_all(content: bytes, text: str | None) -> list[NewMessage | Refused]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_bytes(content)
        return list(rows(path, default_text=text, region="GB", drama_allowed=True))


@given(BYTES, st.none() | st.just("Hello"))
def test_arbitrary_bytes_never_raise_anything_but_a_usage_error(content: bytes, text: str | None) -> None:
    try:
        found = import_all(content, text)
    except UsageError as refused:
        said = str(refused)
        found = []
    else:
        said = ""
    assert "07700900123" not in said
    numbers = [row.row for row in found]
    assert numbers == sorted(set(numbers))
    for row in found:
        assert isinstance(row, NewMessage | Refused)
        if isinstance(row, NewMessage):
            assert row.number == "+447700900123"
            assert row.segments >= 1
        else:
            assert row.why


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
NUMBERS = st.sampled_from(["07700 900123", "+447700900124", "020 7946 0123", "60777", "", "n/a", "4.4E+11"])


@given(st.lists(st.tuples(CELLS, NUMBERS, CELLS), min_size=1, max_size=20), st.sampled_from([",", ";", "\t", "|"]))
def test_every_row_of_a_table_is_accepted_or_refused(people: list[tuple[str, str, str]], delimiter: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(
        [("name", "number", "text"), *people]
    )
    found = import_all(written.getvalue().encode(), "For all")
    given_rows = {
        row: person for row, person in enumerate(people, start=2) if any(cell.strip() for cell in person)
    }
    assert [row.row for row in found] == list(given_rows)
    for row in found:
        _, number, text = given_rows[row.row]
        takes = isinstance(normalise(number, drama_allowed=True), Number)
        assert isinstance(row, NewMessage) is takes
        if isinstance(row, NewMessage):
            # A blank at its end would make another text of it.
            assert row.text == (text.rstrip() if text.strip() else "For all")


@given(st.text(max_size=40), st.sampled_from(["GB", "US", "DE", "AU"]))
def test_any_text_is_a_number_or_a_reason(typed: str, region: str) -> None:
    found = normalise(typed, region)
    assert isinstance(found, Number | NotTextable)
    if isinstance(found, Number):
        assert normalise(found.e164, "GB") == found
