"""Tables of recipients as people really save them: encodings, delimiters, headers, damage."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from gsmsend.campaign.layout import inspect
from gsmsend.campaign.table import digest_of, rows, segments_of
from gsmsend.contract.imports import NewMessage, Refused
from gsmsend.errors import UsageError

Table = Callable[..., Path]

ANNA, BORIS, CHLOE = "+447700900101", "+447700900102", "+447700900103"
TEXT = "Help is free: example.org"


def read(path: Path, text: str | None = TEXT, *, drama: bool = True) -> list[NewMessage | Refused]:
    return list(rows(path, default_text=text, region="GB", drama_allowed=drama))


def accepted(path: Path, text: str | None = TEXT) -> list[tuple[int, str, str]]:
    found = read(path, text)
    assert all(isinstance(row, NewMessage) for row in found), found
    return [(row.row, row.number, row.text) for row in found if isinstance(row, NewMessage)]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    def write(content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


WESTERN = (
    "name;number;text\r\nZoë O\u2019Brien;07700 900101;Café à côté \u2013 £5\r\n"
    "José;07700 900102;\u201cÇa va\u201d\r\n"
)


@pytest.mark.parametrize(
    ("mark", "encoding", "named"),
    [
        (b"", "utf-8", "UTF-8"),
        (codecs.BOM_UTF8, "utf-8", "UTF-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
        (b"", "utf-16-le", "UTF-16"),
        (b"", "utf-16-be", "UTF-16"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
        (b"", "cp1252", "Windows-1252"),
    ],
)
def test_texts_arrive_letter_for_letter_from_every_usual_encoding(
    table: Table, mark: bytes, encoding: str, named: str
) -> None:
    path = table(mark + WESTERN.encode(encoding))
    assert accepted(path) == [(2, ANNA, "Café à côté \u2013 £5"), (3, BORIS, "\u201cÇa va\u201d")]
    assert inspect(path, "GB").describe().startswith(f"{named}, semicolon-separated, header in row 1")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Здравствуйте! Помощь бесплатна и доступна каждому, звоните нам в любое время"),
        (
            "cp1250",
            "Dzień dobry, proszę zadzwonić: pomoc jest bezpłatna i życzliwa. Żółć, łąka, źródło",
        ),
        ("cp1253", "Καλημέρα, η βοήθεια είναι δωρεάν και διαθέσιμη σε όλους κάθε ημέρα"),
    ],
)
def test_other_old_encodings_are_told_by_their_letters(table: Table, encoding: str, text: str) -> None:
    path = table(f"number;text\r\n07700900101;{text}\r\n07700900102;{text}\r\n", encoding)
    assert [row[2] for row in accepted(path)] == [text, text]


def test_one_accent_far_into_a_long_file_is_read_right(table: Table) -> None:
    lines = [f"07700900{n % 1000:03},Hello" for n in range(30_000)] + ["07700900101,Café"]
    path = table("number,text\n" + "\n".join(lines) + "\n", "cp1252")
    assert accepted(path)[-1] == (30_002, ANNA, "Café")


def test_letters_that_fit_no_encoding_are_refused_instead_of_sent_garbled(table: Table) -> None:
    with pytest.raises(UsageError, match="encoding that cannot be told") as caught:
        read(table("number;text\r\n07700900101;Café à côté, déjà vu\r\n", "mac_roman"))
    assert "CSV UTF-8" in caught.value.remedy


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(table: Table, delimiter: str, end: str) -> None:
    lines = [["number", "name", "text"], ["07700900101", "Anna", "One"], ["07700900102", "Boris", "Two"]]
    path = table(end.join(delimiter.join(line) for line in lines) + end)
    assert accepted(path) == [(2, ANNA, "One"), (3, BORIS, "Two")]


def test_commas_in_texts_do_not_pass_for_the_delimiter(table: Table) -> None:
    path = table("number;text\n07700900101;Hello, you, there\n07700900102;Bye, then, you\n")
    assert accepted(path) == [(2, ANNA, "Hello, you, there"), (3, BORIS, "Bye, then, you")]


def test_a_declared_delimiter_is_believed(table: Table) -> None:
    assert accepted(table("sep=|\r\nnumber|text\r\n07700900101|Hi, you\r\n")) == [(3, ANNA, "Hi, you")]


def test_names_with_commas_quotes_and_line_breaks_in_quotes(table: Table) -> None:
    path = table(
        'name,number,text\n"Smith, Anna",07700900101,"Line 1\r\nline ""2"""\n\n"Boris ""Bo"" B",07700900102,Hi\n'
    )
    assert accepted(path) == [(2, ANNA, 'Line 1\nline "2"'), (4, BORIS, "Hi")]


def test_a_space_after_each_comma(table: Table) -> None:
    path = table('number, text\n07700900101, "Hello, Anna"\n07700900102, "Hi"\n')
    assert accepted(path) == [(2, ANNA, "Hello, Anna"), (3, BORIS, "Hi")]


def test_row_numbers_are_those_a_spreadsheet_shows(table: Table) -> None:
    path = table("number\n\n07700900101\n  \n,,\n07700900102\n")
    assert [row[0] for row in accepted(path)] == [3, 6]


@pytest.mark.parametrize(
    "header",
    [
        "number",
        "Number",
        "PHONE",
        "Phone Number",
        "phone_number",
        "Mobile No.",
        "MSISDN",
        "Tel.",
        "Telephone",
        "Contact number",
        "Phone 1 - Value",
        "Téléphone",
        " mobile ",
        '"Mobile"',
    ],
)
def test_headers_people_write(table: Table, header: str) -> None:
    assert accepted(table(f"Name,{header}\nAnna,07700900101\n")) == [(2, ANNA, TEXT)]


def test_mobile_is_taken_before_telephone(table: Table) -> None:
    path = table("telephone,mobile\n020 7946 0101,07700900101\n020 7946 0102,07700900102\n")
    assert [row[1] for row in accepted(path)] == [ANNA, BORIS]


def test_a_column_called_number_with_no_phone_numbers_in_it_is_passed_over(table: Table) -> None:
    path = table("number,phone\n1,07700900101\n2,07700900102\n")
    assert [row[1] for row in accepted(path)] == [ANNA, BORIS]


def test_a_title_above_the_header(table: Table) -> None:
    path = table("Contacts of exhibit A\n\nName,Phone\nAnna,07700900101\n")
    assert accepted(path) == [(4, ANNA, TEXT)]


def test_no_header_the_column_of_numbers_is_found(table: Table) -> None:
    path = table("Anna,Mobile,07700900101,7\nBoris,Mobile,07700900102,8\n")
    assert accepted(path) == [(1, ANNA, TEXT), (2, BORIS, TEXT)]


def test_a_bare_list_of_numbers(table: Table) -> None:
    assert accepted(table("07700900101\n07700900102")) == [(1, ANNA, TEXT), (2, BORIS, TEXT)]


def test_a_header_in_unknown_words_is_not_taken_for_a_recipient(table: Table) -> None:
    assert accepted(table("Wer,Wohin\nAnna,07700900101\n")) == [(2, ANNA, TEXT)]


def test_two_columns_of_numbers_without_a_header_are_not_guessed_between(table: Table) -> None:
    path = table("07700900101,07700900102\n07700900103,07700900104\n")
    with pytest.raises(UsageError, match="columns 1 and 2 all hold phone numbers") as caught:
        read(path)
    assert "header" in caught.value.remedy


def test_a_cell_without_text_takes_the_text_given_for_all(table: Table) -> None:
    path = table("number,text\n07700900101,Own\n07700900102,\n07700900103\n")
    assert [row[2] for row in accepted(path)] == ["Own", TEXT, TEXT]


def test_a_row_without_text_is_refused_when_none_was_given_for_all(table: Table) -> None:
    path = table("number,text\n07700900101,Own\n07700900102, \n")
    first, second = read(path, None)
    assert isinstance(first, NewMessage)
    assert isinstance(second, Refused)
    assert (second.row, second.why) == (3, "there is no text in this row, and none was given for all")


def test_no_text_at_all_says_how_to_give_one(table: Table) -> None:
    with pytest.raises(UsageError, match="no text column") as caught:
        read(table("number\n07700900101\n"), None)
    assert "--text" in caught.value.remedy


def test_without_a_header_a_second_column_is_never_taken_for_the_text(table: Table) -> None:
    with pytest.raises(UsageError, match="no text column"):
        read(table("07700900101,Anna\n07700900102,Boris\n"), None)


def test_bad_rows_are_listed_and_the_rest_is_accepted(table: Table) -> None:
    path = table(
        "number,text\n07700900101,Hi\n02079460101,Hi\n60777,Hi\n4.477E+11,Hi\n,Hi\n07700900102,Hi\n"
        f"07700900103,{'x' * 40_000}\n07700900103,a\x07b\n"
    )
    found = read(path)
    good = [row.row for row in found if isinstance(row, NewMessage)]
    bad = {row.row: row.why for row in found if isinstance(row, Refused)}
    assert good == [2, 7]
    assert "landline" in bad[3]
    assert "short code" in bad[4]
    assert "spreadsheet" in bad[5]
    assert "no number" in bad[6]
    assert "255" in bad[8]
    assert "control character" in bad[9]


def test_an_unquoted_comma_never_cuts_a_text_short(table: Table) -> None:
    (refused,) = read(table("number,text\n07700900101,Come, we help\n"))
    assert isinstance(refused, Refused)
    assert "3 cells and the header 2" in refused.why
    assert "comma" in refused.why


def test_empty_cells_beyond_the_header_do_no_harm(table: Table) -> None:
    assert accepted(table("number,text\n07700900101,Hi,,\n")) == [(2, ANNA, "Hi")]


def test_the_drama_range_needs_virtual_modems(table: Table) -> None:
    (refused,) = read(table("number\n07700900101\n"), drama=False)
    assert isinstance(refused, Refused)
    assert "virtual" in refused.why


def test_segments_are_counted(table: Table) -> None:
    texts = ("x" * 160, "x" * 161, "\u017b" * 71)
    path = table("number,text\n" + "".join(f"0770090010{n},{text}\n" for n, text in enumerate(texts)))
    assert [row.segments for row in read(path) if isinstance(row, NewMessage)] == [1, 2, 2]


@pytest.mark.parametrize("text", ["", "  \n", "a\0b", "x" * 39_016, "\U0001f600" * 17_100, "\ud800"])
def test_a_text_that_cannot_be_sent_is_refused_before_any_row(table: Table, text: str) -> None:
    with pytest.raises(UsageError, match="the text given cannot be sent"):
        read(table("number\n07700900101\n"), text)


def test_the_longest_text_counts_255_segments() -> None:
    assert segments_of("x" * 39_015) == 255


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"number\n07700900101\0\n", "NUL"),
        (codecs.BOM_UTF16_LE + b"n\x00\x00\xd8x\x00", "damaged"),
        (b"name,place\nAnna,Hull\n", 'first row is: "name", "place"'),
        (b"\n\n", "the first row is: empty"),
        (b'number,text\n07700900101,"Hello\n07700900102,Bye\n', "row 2 .* never closed"),
        (b'number,text\n07700900101,"' + b"x\n" * 70_000 + b'"\n', "row 2 .* more than 131,072"),
        (b"number,text\n07700900101,Hi\n" + b"7" * 1_100_000, "line 3 is longer"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(table: Table, content: bytes, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read(table(content))


def test_damage_at_the_end_is_found_before_the_first_row_is_given(table: Table) -> None:
    path = table("number\n" + "07700900101\n" * 5000 + '"07700900102\n')
    with pytest.raises(UsageError, match=r"row 5002 .* never closed"):
        rows(path, default_text=TEXT, region="GB", drama_allowed=True)


def test_quotation_marks_that_do_not_pair_up_cost_their_row_only(table: Table) -> None:
    path = table('number,text\n07700900101,"Help" is here\n07700900102,Hi\n')
    refused, good = read(path)
    assert isinstance(refused, Refused)
    assert refused.row == 2
    assert "do not pair up (line 2" in refused.why
    assert isinstance(good, NewMessage)
    assert (good.row, good.number) == (3, BORIS)


def test_an_error_about_columns_shows_no_number_and_no_text(table: Table) -> None:
    with pytest.raises(UsageError) as caught:
        read(table("Anna Example of Hull and surroundings here;0800 FLOWERS12345\nx;y\n"))
    assert "12345" not in str(caught.value)
    assert "Hull" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=str(tmp_path / name)):
        read(tmp_path / name)


def test_a_country_that_is_none_is_refused_with_a_hint(table: Table) -> None:
    with pytest.raises(UsageError, match="the United Kingdom is GB"):
        rows(table("number\n07700900101\n"), default_text=TEXT, region="UK", drama_allowed=True)


def test_the_digest_changes_with_all_that_decides_what_is_queued(table: Table) -> None:
    path = table("number\n07700900101\n")
    layout = inspect(path, "GB")
    same = digest_of(layout, default_text="a", region="GB", drama_allowed=True)
    assert same == digest_of(inspect(path, "GB"), default_text="a", region="GB", drama_allowed=True)
    other = inspect(table("number\n07700900102\n"), "GB")
    others = {
        digest_of(layout, default_text="b", region="GB", drama_allowed=True),
        digest_of(layout, default_text="a", region="IE", drama_allowed=True),
        digest_of(layout, default_text="a", region="GB", drama_allowed=False),
        digest_of(other, default_text="a", region="GB", drama_allowed=True),
    }
    assert len(others | {same}) == 5


def test_blanks_at_the_end_of_a_text_make_no_other_text(tmp_path: Path) -> None:
    place = tmp_path / "people.csv"
    rows_with_blanks = 'number,text\n07700 900001,"Help is here. \n"\n07700 900001,Help is here.\n'
    place.write_text(rows_with_blanks, encoding="utf-8")
    found = list(rows(place, default_text=None, region="GB", drama_allowed=True))
    assert [row.text for row in found if isinstance(row, NewMessage)] == ["Help is here."] * 2
