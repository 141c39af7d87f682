"""UFED reports: contacts, calls, messages and chats of the form that Physical Analyzer writes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from gsmsend.campaign.sources.finding import open_source
from gsmsend.campaign.sources.row import Choice, RowKind, SourceRow
from gsmsend.campaign.sources.times import seen_at
from gsmsend.errors import UsageError

CORPUS = Path(__file__).parents[2] / "corpus" / "import"
ANNA, BORIS, CHLOE, DAN, EVE = (f"+44770090010{n}" for n in range(1, 6))


def read(path: Path, **choice: str) -> list[SourceRow]:
    return list(open_source(path, Choice(**choice)).rows())


def by_section(path: Path) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    for row in read(path):
        found.setdefault(row.place, []).append((row.row, row.original))
    return found


def test_every_section_of_a_report() -> None:
    assert by_section(CORPUS / "report.xml") == {
        "Contact": [(1, ANNA), (1, "07700 900102"), (2, f"{CHLOE[1:]}@s.whatsapp.net")],
        "Call": [(1, "07700900101"), (2, BORIS), (3, "900104")],
        "SMS": [(1, ANNA), (2, DAN)],
        "MMS": [(1, DAN)],
        "Chat": [(1, f"{EVE[1:]}@s.whatsapp.net"), (1, f"{EVE[1:]}@s.whatsapp.net"), (2, "123456789")],
    }


def test_kinds_and_times() -> None:
    rows = {(row.place, row.row): row for row in read(CORPUS / "report.xml")}
    assert rows["Contact", 1].kind is RowKind.CONTACT
    assert rows["Call", 1].kind is RowKind.CALL
    assert rows["SMS", 2].kind is RowKind.MESSAGE
    assert rows["Call", 1].at_s == seen_at("2026-01-02T03:04:05+00:00") == 1_767_323_045
    assert rows["SMS", 1].at_s == seen_at("2026-01-03 10:00:00+01:00")
    assert rows["Contact", 1].at_s is None
    assert rows["Chat", 1].at_s == seen_at("2026-01-04T10:00:00Z")  # the message, after the whole chat
    assert [row.number for row in read(CORPUS / "report.xml", sheet="Chat")] == [EVE, EVE, ""]


def test_the_owner_is_left_out_and_told() -> None:
    source = open_source(CORPUS / "report.xml", Choice())
    assert "2 of the phone's owner left out" in source.read_as[0]
    assert not source.texts


def test_an_account_of_an_app_is_not_taken_for_a_phone_number() -> None:
    (row,) = [row for row in read(CORPUS / "report.xml") if row.original == "123456789"]
    assert row.why == ("an account of an app, not surely a phone number: only numbers with + are taken from apps")


def test_one_section_by_name() -> None:
    assert {row.place for row in read(CORPUS / "report.xml", sheet="call")} == {"Call"}
    with pytest.raises(UsageError, match="no phone numbers in section 'Notes'; it has Contact, Call"):
        read(CORPUS / "report.xml", sheet="Notes")


def test_the_report_in_a_ufdr_package(tmp_path: Path) -> None:
    path = tmp_path / "phone.ufdr"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.write(CORPUS / "report.xml", "report.xml")
        package.writestr("files/image.jpg", b"x")
    assert by_section(path) == by_section(CORPUS / "report.xml")


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ('<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>', "declares a document type or entities"),
        ('<!DOCTYPE p SYSTEM "file:///etc/passwd">', "declares a document type or entities"),
    ],
)
def test_entities_are_refused_before_they_can_grow(tmp_path: Path, head: str, says: str) -> None:
    path = tmp_path / "report.xml"
    path.write_text(f'<?xml version="1.0"?>{head}<project>&b;</project>', encoding="utf-8")
    with pytest.raises(UsageError, match=says) as caught:
        read(path)
    assert "made to do harm" in caught.value.remedy


def test_a_report_that_is_cut_off_says_where(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    whole = (CORPUS / "report.xml").read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(UsageError, match=r"damaged or cut off: line \d+"):
        read(path)


def test_other_xml_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text("<contacts><c>07700900101</c></contacts>", encoding="utf-8")
    with pytest.raises(UsageError, match="no UFED report: it begins with <contacts>"):
        read(path)
    path.write_text('<project xmlns="http://pa.cellebrite.com/report/2.0"/>', encoding="utf-8")
    with pytest.raises(UsageError, match="no phone numbers in its sections; it has none of Contact, Call"):
        read(path)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-02T03:04:05.123+00:00", 1_767_323_045.0),
        ("2026-01-02 04:04:05+01:00", 1_767_323_045.0),
        ("02/01/2026 06:04:05(UTC+3)", 1_767_323_045.0),
        ("02.01.2026 03:04", 1_767_323_040.0),
        ("2026-01-02", 1_767_312_000.0),
        ("31/02/2026", None),
        ("yesterday", None),
        ("2026-01-02T03:04:05 somewhere", None),
    ],
)
def test_times_are_told_or_not_at_all(text: str, at: float | None) -> None:
    assert seen_at(text) == at
