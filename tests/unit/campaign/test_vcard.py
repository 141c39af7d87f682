"""vCards of every version as phones write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsmsend.campaign.judging import Terms, judge
from gsmsend.campaign.sources.finding import open_source
from gsmsend.campaign.sources.row import Choice, RowKind, SourceRow
from gsmsend.contract import NewMessage, Refused
from gsmsend.errors import UsageError


def read(path: Path) -> list[SourceRow]:
    return list(open_source(path, Choice()).rows())


def card(path: Path, *lines: str, version: str = "3.0", encoding: str = "utf-8", end: str = "\r\n") -> Path:
    text = end.join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("version", "line", "number"),
    [
        ("2.1", "TEL;CELL;VOICE:07700 900101", "07700 900101"),
        ("2.1", "TEL;CELL;ENCODING=QUOTED-PRINTABLE:=2B44=\r\n7700900101", "+447700900101"),
        ("2.1", "TEL;CELL;QUOTED-PRINTABLE:=2B447700900101", "+447700900101"),
        ("3.0", "item1.TEL;type=CELL;type=pref:\u202a+44 7700 900101\u202c", "\u202a+44 7700 900101\u202c"),
        ("3.0", "TEL;TYPE=CELL:+4477\r\n 00900101", "+447700900101"),
        ("4.0", 'TEL;VALUE=uri;TYPE="cell,voice":tel:+44-7700-900101', "+44-7700-900101"),
        ("4.0", "tel;value=uri:tel:+447700900101;ext=12", "+447700900101 ext. 12"),
    ],
)
def test_every_way_to_write_a_number(tmp_path: Path, version: str, line: str, number: str) -> None:
    (row,) = read(card(tmp_path / "x", "FN:Smith\\, Anna", line, version=version))
    assert (row.number or row.original, row.row, row.kind) == (number, 1, RowKind.CONTACT)


def test_several_numbers_of_several_people_and_the_place_of_each(tmp_path: Path) -> None:
    path = tmp_path / "contacts.vcf"
    made = ""
    for index in range(3):
        made += (
            f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Person {index}\\, \u05d0\u05d1\u05d2\r\n"
            "NOTE:TEL:07700900999\\nBEGIN:VCARD and so long a note that it goes on in the n\r\n ext TEL:07\r\n"
            f"TEL:+44 7700 90010{index}\r\nTEL:+44 7700 90020{index}\r\nEND:VCARD\r\n"
        )
    path.write_text(made, encoding="utf-8", newline="")
    assert [(row.row, row.original[-3:]) for row in read(path)] == [
        (1, "100"), (1, "200"), (2, "101"), (2, "201"), (3, "102"), (3, "202"),
    ]  # fmt: skip


def test_photographs_and_old_encodings_pass_by(tmp_path: Path) -> None:
    photo = "PHOTO;ENCODING=BASE64;JPEG:" + "\r\n ".join(["TEL0" * 18] * 2000)
    path = card(tmp_path / "x", "N;CHARSET=ISO-8859-1:Jos\u00e9", photo, "TEL:07700900101", encoding="latin-1")
    assert [row.original for row in read(path)] == ["07700900101"]
    assert [row.original for row in read(card(tmp_path / "y", "TEL:07700900101", encoding="utf-16"))] == [
        "07700900101"
    ]


def test_an_extension_is_refused_and_not_cut_away(tmp_path: Path) -> None:
    source = open_source(card(tmp_path / "x", "TEL;VALUE=uri:tel:+447700900101;ext=12"), Choice())
    (told,) = judge(source.rows(), Terms("GB", "Help", drama_allowed=True))
    assert isinstance(told, Refused)
    assert "extension" in told.why


def test_a_landline_is_refused_by_its_card(tmp_path: Path) -> None:
    source = open_source(card(tmp_path / "x", "TEL:020 7946 0101", "TEL:07700900101"), Choice())
    told = list(judge(source.rows(), Terms("GB", "Help", drama_allowed=True)))
    assert [type(one) for one in told] == [Refused, NewMessage]


def test_a_cut_off_file_is_refused_whole(tmp_path: Path) -> None:
    path = card(tmp_path / "x", "TEL:07700900101")
    path.write_bytes(path.read_bytes() * 2 + b"BEGIN:VCARD\r\nTEL:07700900102\r\n")
    with pytest.raises(UsageError, match="contact 3 has no END:VCARD: the file is cut off"):
        read(path)


def test_cards_without_any_number(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none of its contacts has a phone number"):
        read(card(tmp_path / "x", "FN:Anna", "EMAIL:a@example.org"))
