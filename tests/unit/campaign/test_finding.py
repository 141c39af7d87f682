"""What a file is, told by its content; and words for those that are not read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from gsmsend.campaign.sources.finding import open_source
from gsmsend.campaign.sources.row import Choice, RowKind
from gsmsend.errors import UsageError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def zipped(path: Path, *names: str) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("octets", "says", "remedy"),
    [
        (b"", "is empty", "a list with a column `number`, a workbook, a vCard or a UFED report"),
        (b" \r\n\r\n", "is empty", "a column `number`"),
        (OLE, "an old Excel workbook (.xls), which is not read", "save it as .xlsx"),
        (
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "a workbook under a password",
            "save it without a password",
        ),
        (b"<html><table><tr><td>number", "a web page (HTML), whatever its name says", "save it as .xlsx"),
        (b"\xef\xbb\xbf<!DOCTYPE HTML><html>", "a web page (HTML)", "save it as .xlsx"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "an Excel 2003 XML workbook",
            "save it as .xlsx",
        ),
        (b"PK\x03\x04 and no more", "is damaged or cut off", "copy it whole"),
        (b"%PDF-1.7", "a PDF document", "CSV UTF-8"),
        (b"\x1f\x8b\x08", "a gzip archive", "CSV UTF-8"),
    ],
)
def test_what_is_not_read_is_named_with_what_to_do(tmp_path: Path, octets: bytes, says: str, remedy: str) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(octets)
    with pytest.raises(UsageError) as caught:
        open_source(path, Choice())
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("xl/workbook.bin", "a binary Excel workbook (.xlsb)"),
        ("content.xml", "an OpenDocument file"),
        ("word/document.xml", "a Word document"),
        ("Index/Document.iwa", "an Apple Numbers"),
        ("people.csv", "is a zip archive"),
    ],
)
def test_other_zip_archives_are_told_apart(tmp_path: Path, part: str, says: str) -> None:
    path = tmp_path / "people.xlsx"
    zipped(path, "other", part)
    with pytest.raises(UsageError) as caught:
        open_source(path, Choice())
    assert says in str(caught.value)


def test_a_folder_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a file"):
        open_source(tmp_path, Choice())
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        open_source(tmp_path / "none.csv", Choice())


def test_the_name_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    path.write_text("begin:vcard\ntel:07700900101\nend:vcard\n", encoding="utf-8")
    assert [row.kind for row in open_source(path, Choice()).rows()] == [RowKind.CONTACT]
    path.write_text("number\tname\n07700900101\tAnna\n", encoding="utf-16")
    assert [row.kind for row in open_source(path, Choice()).rows()] == [RowKind.LIST]


def test_a_list_has_no_sheets(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("number\n07700900101\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is a text file and has no sheets"):
        open_source(path, Choice(sheet="Contacts"))


def test_a_list_that_is_a_record_of_calls(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("Number,Duration,Timestamp,Text\n07700900101,00:10,01/02/2026 10:00,x\n", encoding="utf-8")
    source = open_source(path, Choice())
    (row,) = source.rows()
    assert (row.kind, row.text, row.at_s) == (RowKind.CALL, "", 1_769_940_000.0)
    assert "a record of calls: its words are not sent" in source.read_as[0]
    assert not source.texts
    (american,) = open_source(path, Choice(region="US")).rows()
    assert american.at_s == 1_767_348_000.0  # the second of January there


def test_how_often_a_number_was_seen_may_stand_in_a_column(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("number,times seen\n07700900101,12\n07700900102,\n07700900103,many\n", encoding="utf-8")
    assert [row.seen for row in open_source(path, Choice()).rows()] == [12, 1, 1]
