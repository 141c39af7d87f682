"""Which characters make a text dearer, where they stand, and what would do instead."""

from __future__ import annotations

import pytest

from gsmsend.campaign.characters import Place, read
from gsmsend.campaign.swaps import TABLE, swapped
from gsmsend.sms import Encoding
from gsmsend.sms.alphabet import alphabet


def test_a_curly_apostrophe_is_named_with_its_places_and_its_swap() -> None:
    found = read("You\u2019re not\nin trouble. It\u2019s free.")
    (quote,) = found.dear
    assert (quote.char, quote.name, quote.swap, quote.double) == (
        "\u2019",
        "right single quotation mark",
        "'",
        False,
    )
    assert quote.places == (Place(1, 4), Place(2, 15))
    assert quote.places[1].words == "line 2, character 15"
    assert found.segmentation.encoding is Encoding.UCS2


def test_the_swap_is_offered_only_where_it_saves_a_segment_and_never_made() -> None:
    short = read("You\u2019re not in trouble.")
    assert short.swap is None
    long = read("You\u2019re not in trouble. " + "Help is free and private. " * 4)
    assert long.segments == 2
    assert long.swap is not None
    assert len(long.swap.segments) == 1
    assert "\u2019" in long.segmentation.segments[0].text


def test_one_letter_that_no_swap_helps_keeps_the_others_from_being_offered() -> None:
    found = read("\u4f60\u2026 " + "Help is free and private. " * 4)
    assert found.swap is None
    assert [(one.char, one.swap) for one in found.forcing] == [("\u4f60", None), ("\u2026", "...")]


def test_signs_that_take_two_places_are_told_apart() -> None:
    (euro,) = read("It costs \u20ac0").dear
    assert euro.double
    assert euro.swap is None
    assert read("It costs \u20ac0").forcing == ()


def test_a_national_table_is_named_when_it_is_used() -> None:
    text = "G\u00fcl\u00fc\u015f i\u00e7in yard\u0131m " * 6
    assert "Turkish letter table" in read(text).encoding_words
    assert read(text, national=False).encoding_words.startswith("UCS-2")


def test_a_letter_with_its_accent_apart_is_put_together() -> None:
    apart = "Cafe\u0301"
    assert swapped(apart) == "Caf\u00e9"
    (accent,) = read(apart).dear
    assert (accent.char, accent.swap) == ("\u0301", "")


@pytest.mark.parametrize("char", list(TABLE))
def test_every_swap_leads_to_plain_characters(char: str) -> None:
    codes = alphabet().codes
    assert char not in codes
    assert all(len(codes[plain]) == 1 for plain in TABLE[char])


@pytest.mark.parametrize("letter", "\u00e9\u00f1\u00e7\u00df\u0142\u0430\u03b1\u00d8")
def test_no_letter_is_swapped_for_another(letter: str) -> None:
    assert swapped(letter) == letter
