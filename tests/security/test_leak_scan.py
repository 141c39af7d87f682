"""The scan itself finds what was planted: each form of a number and a text, in each kind of place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from gsmmodem.pdu import encodeSmsSubmitPdu

from tests.security.leak_scan import Scanner, Secret

NUMBER = "+447700900123"
TEXT, REPLY = "Kestrelwind", "Plumtreefog"
SCANNER = Scanner.of([NUMBER], [TEXT], [REPLY])


def pdu_of(number: str, text: str) -> str:
    """A submission as another program codes it, in hex."""
    made = encodeSmsSubmitPdu(number, text, reference=0)
    return "".join(str(part) for part in made)


@pytest.mark.parametrize(
    "spelling",
    ["+447700900123", "447700900123", "07700900123", "07700 900123", "07700 900 123", "+44 7700 900123",
     "(07700) 900123", "07700-900-123", "00447700900123"],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_number_in_any_spelling(spelling: str, encoding: str) -> None:
    raw = f"to {spelling}.".encode(encoding)
    for octets in (raw, raw.hex().encode(), raw.hex().upper().encode()):
        assert {one.secret for one in SCANNER.scan("x", octets)} == {Secret.NUMBER}, octets


@pytest.mark.parametrize("number", [NUMBER, "07700900123"])
def test_a_number_in_a_pdu(number: str) -> None:
    pdu = pdu_of(number, "Hello")
    for octets in (pdu.upper().encode(), bytes.fromhex(pdu)):
        assert {one.secret for one in SCANNER.scan("x", octets)} == {Secret.NUMBER}


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize("more", ["", " \u20ac", " \u0416"])
def test_a_text_in_a_pdu(before: int, more: str) -> None:
    """At each place in the septets; with a sign of the extension table; in UCS-2."""
    pdu = pdu_of("+447700900999", "x" * before + TEXT + " again" + more)
    for octets in (pdu.upper().encode(), pdu.lower().encode(), bytes.fromhex(pdu)):
        assert {one.secret for one in SCANNER.scan("x", octets)} == {Secret.TEXT}


def _in_a_store(file: Path, *, wal: bool) -> None:
    place = file.with_name("gsmsend.db")
    with closing(sqlite3.connect(place)) as store:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("CREATE TABLE t (a, b, c)")
        if wal:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.execute("INSERT INTO t VALUES (?, ?, ?)", (TEXT, NUMBER.encode(), REPLY))
        store.commit()
        if wal:  # as a kill leaves it
            log = file.read_bytes()
    if wal:
        file.write_bytes(log)
        place.unlink()


def _in_a_zip(file: Path) -> None:
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{TEXT}</t><t>{NUMBER}</t><t>{REPLY}</t>")


PLACES: dict[str, Callable[[Path], object]] = {
    "gsmsend.db": lambda file: _in_a_store(file, wal=False),
    "gsmsend.db-wal": lambda file: _in_a_store(file, wal=True),
    "transcripts/modem1.transcript": lambda file: file.write_text(f"> {TEXT} {NUMBER} {REPLY}", encoding="utf-8"),
    "run.lock": lambda file: file.write_bytes(f"{TEXT} {NUMBER} {REPLY}".encode("utf-16-le")),
    "faults/fault.txt": lambda file: file.write_text(repr([TEXT, NUMBER, REPLY]), encoding="utf-8"),
    "export/table.xlsx": _in_a_zip,
    "screen of run": lambda file: file.write_text(f"\x1b[1m{TEXT} {NUMBER} {REPLY}\x1b[0m", encoding="utf-8"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_was_planted_is_found_where_it_lies(tmp_path: Path, place: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    PLACES[place](file)
    found = SCANNER.scan_all(tmp_path, {})
    assert {one.secret for one in found} == set(Secret)
    assert {one.place for one in found} == {place}
    assert SCANNER.scan_all(tmp_path, {place: frozenset(Secret)}) == []
    left = SCANNER.scan_all(tmp_path, {place: frozenset({Secret.TEXT, Secret.REPLY})})
    assert {one.secret for one in left} == {Secret.NUMBER}


def test_the_name_of_a_file_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "07700 900123.csv").touch()
    assert [one.secret for one in SCANNER.scan_all(tmp_path, {})] != []


def test_what_is_masked_is_not_found() -> None:
    for harmless in (b"+447*****0123", b"0770*******", b"SUBMIT 23", b"7700900124", b"Kestrel wind"):
        assert SCANNER.scan("x", harmless) == []
