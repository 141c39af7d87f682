"""What a person may type as a number, and what comes of it.

Numbers are Ofcom's for drama, other regulators' equivalents, or phonenumbers' own examples (made at run time).
"""

from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from gsmsend.campaign.numbers import Kind, NotTextable, Number, looks_like_a_number, normalise

DRAMA = "+447700900123"


def example(kind: int, region: str = "GB") -> str:
    """phonenumbers' own example of a kind of number, in E.164."""
    number = phonenumbers.example_number_for_type(region, kind)
    assert number is not None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    "typed",
    [
        "07700900123",
        "07700 900123",
        "07700 900 123",
        " 07700900123 ",
        "(07700) 900123",
        "07700-900-123",
        "07700.900.123",
        "07700/900123",
        "07700\u2013900123",
        "+447700900123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "+44 (0) 7700 900 123",
        "(+44) 7700 900123",
        "00447700900123",
        "0044 (0)7700 900123",
        "447700900123",
        "44 7700 900123",
        "7700900123",  # a spreadsheet dropped the 0
        "'07700900123",
        "\u201907700900123",
        '="07700900123"',
        '="+44 7700 900123"',
        '"07700900123"',
        "tel:+44-7700-900123",
        "\u202a+44\u00a07700\u00a0900123\u202c",  # as contact exports write it
        "\ufeff07700900123",
        "\uff10\uff17\uff17\uff10\uff10\uff19\uff10\uff10\uff11\uff12\uff13",  # full-width digits
    ],
)
def test_every_usual_way_to_write_a_number_gives_the_same_one(typed: str) -> None:
    assert normalise(typed, "GB", drama_allowed=True) == Number(DRAMA, Kind.DRAMA)


def test_the_drama_range_is_taken_only_where_modems_are_virtual() -> None:
    refused = normalise("07700 900123", "GB")
    assert isinstance(refused, NotTextable)
    assert "drama" in refused.why
    assert "virtual" in refused.why


@pytest.mark.parametrize(
    ("typed", "drama"),
    # One past the end is not written out: it is no number of ours to print.
    [("+447700900000", True), ("+447700900999", True), (f"+{447700900999 + 1}", False)],
)
def test_the_drama_range_ends_where_ofcom_says(typed: str, drama: bool) -> None:
    found = normalise(typed, "GB", drama_allowed=True)
    assert (isinstance(found, Number) and found.kind is Kind.DRAMA) is drama


@pytest.mark.parametrize(
    ("typed", "region", "e164", "kind"),
    [
        (example(PhoneNumberType.MOBILE), "GB", example(PhoneNumberType.MOBILE), Kind.MOBILE),
        ("0491 570 156", "AU", "+61491570156", Kind.MOBILE),  # ACMA's for drama
        ("+61 491 570 156", "GB", "+61491570156", Kind.MOBILE),
        ("0061 491 570 156", "GB", "+61491570156", Kind.MOBILE),
        ("202 555 0123", "US", "+12025550123", Kind.FIXED_OR_MOBILE),
        ("0171/3920012", "DE", "+491713920012", Kind.MOBILE),  # BNetzA's for drama
        ("00491713920012", "US", "+491713920012", Kind.MOBILE),  # 00 also where 011 is dialled
        ("011 49 171 3920012", "US", "+491713920012", Kind.MOBILE),
    ],
)
def test_mobiles_of_every_country_are_taken(typed: str, region: str, e164: str, kind: Kind) -> None:
    assert normalise(typed, region) == Number(e164, kind)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("020 7946 0123", "landline"),
        ("0808 157 0123", "freephone"),
        ("0909 879 0123", "premium"),
        (example(PhoneNumberType.PERSONAL_NUMBER), "personal"),
        (example(PhoneNumberType.PAGER), "pager"),
        (example(PhoneNumberType.VOIP), "internet-phone"),
        ("0306 999 0123", "company"),
        ("60777", "short code"),
        ("999", "short code"),
        ("118118", "short code"),
        ("0770090012", "digit"),
        ("077009", "short code"),
        ("+44770090", "too short"),
        ("077009001234", "too long"),
        ("61491570156", "must start with +|starts with +"),
        ("+447700900123456", "too long"),
        ("00000000000", "missing or wrong"),
        ("+999 1234567", "country"),
        ("07700 900123 ext 5", "extension"),
        ("07700900123x5", "extension"),
        ("07700900123#5", "extension"),
        ("07700900123 / 07700900124", "two numbers"),
        ("07700900123;07700900124", "two numbers"),
        ("07700 900123 07700 900124", "too long for one"),
        ("4.477E+11", "spreadsheet"),
        ("4,477E+11", "spreadsheet"),
        ("4.477e11", "spreadsheet"),
        ("447700900123.0", "spreadsheet"),
        ("447700900123,00", "spreadsheet"),
        ("", "no number"),
        ("   ", "no number"),
        ("'", "no number"),
        ("unknown", "letters"),
        ("O7700 900123", "letters"),
        ("07700 900123 (mum)", "letters"),
        ("0800 FLOWERS", "letters"),
        ("#N/A", "letters"),
        ("*#06#", "not a phone number"),
        ("+", "not a phone number"),
        ("\u00a307700900123", "not a phone number"),
        ("7" * 300, "far too long"),
    ],
)
def test_what_takes_no_text_is_refused_with_its_reason(typed: str, says: str) -> None:
    refused = normalise(typed, "GB", drama_allowed=True)
    assert isinstance(refused, NotTextable), refused
    assert any(words in refused.why for words in says.split("|")), refused.why


def test_a_us_shared_plan_does_not_let_toll_free_through() -> None:
    refused = normalise(example(PhoneNumberType.TOLL_FREE, "US"), "US")
    assert isinstance(refused, NotTextable)
    assert "freephone" in refused.why


@pytest.mark.parametrize(
    "typed", ["020 7946 0123", "0770090012", "077009001234", "07700 900123 ext 5", "4.477E+11"]
)
def test_a_reason_never_repeats_the_number(typed: str) -> None:
    refused = normalise(typed, "GB")
    assert isinstance(refused, NotTextable)
    assert typed not in refused.why
    assert typed[-4:] not in refused.why


@pytest.mark.parametrize(
    ("cell", "likely"),
    [
        ("020 7946 0123", True),
        ("07700 900123", True),
        ("4.477E+11", True),
        ("Bob", False),
        ("12/11/2025", False),
        ("60777", False),
        ("Case 7700900123", False),
        ("", False),
    ],
)
def test_cells_that_could_be_meant_as_numbers(cell: str, likely: bool) -> None:
    assert looks_like_a_number(cell) is likely
