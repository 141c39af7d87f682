"""Texts cut into segments: how many, in which encoding, and what is never cut through."""

from __future__ import annotations

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import Concatenation, Encoding, Header, Language, Segmentation, UserData, split
from gsmsend.sms.alphabet import locking_table, single_table

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2
DEFAULT, TURKISH, SPANISH, PORTUGUESE = (
    Language.DEFAULT,
    Language.TURKISH,
    Language.SPANISH,
    Language.PORTUGUESE,
)
EURO, EMOJI = "\u20ac", "\U0001f600"
CYRILLIC = "\u043c"
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f466"  # one picture of eight UTF-16 units
FLAG = "\U0001f1ec\U0001f1e7"
NURSE = "\U0001f469\U0001f3fd\u200d\u2695\ufe0f"


def check(text: str, made: Segmentation, *, wide: bool = False) -> None:
    """What must hold of every segmentation: nothing lost, every part fits, its units are its own."""
    assert "".join(segment.text for segment in made.segments) == text
    total = len(made.segments)
    for seq, segment in enumerate(made.segments, 1):
        place = Concatenation(0, total, seq, wide) if total > 1 else None
        header = Header.of(concatenation=place, locking=segment.locking, single=segment.single)
        data = UserData.of_segment(segment, header)
        assert len(data.encode()) <= 141
        assert data.text == segment.text
        assert segment.units == len(data.payload)
        assert (segment.encoding, segment.locking, segment.single) == (made.encoding, made.locking, made.single)


COUNTS = [
    # text, encoding, segments, units left in the last
    ("", GSM7, 1, 160),
    ("a", GSM7, 1, 159),
    ("a" * 160, GSM7, 1, 0),
    ("a" * 161, GSM7, 2, 145),
    ("a" * 306, GSM7, 2, 0),
    ("a" * 307, GSM7, 3, 152),
    (EURO, GSM7, 1, 158),
    (EURO * 80, GSM7, 1, 0),
    ("a" + EURO * 79, GSM7, 1, 1),
    (CYRILLIC, UCS2, 1, 138),
    (CYRILLIC * 70, UCS2, 1, 0),
    (CYRILLIC * 71, UCS2, 2, 126),
    (CYRILLIC * 134, UCS2, 2, 0),
    (CYRILLIC * 135, UCS2, 3, 132),
    (EMOJI * 35, UCS2, 1, 0),
    (EMOJI * 36, UCS2, 2, 122),
    (EMOJI * 66, UCS2, 2, 2),  # 33 to a part: an octet pair of each stays free
    (EMOJI * 67, UCS2, 3, 130),
    ("a" * 69 + "\u2019", UCS2, 1, 0),
    ("a" * 70 + "\u2019", UCS2, 2, 126),
]


@pytest.mark.parametrize(("text", "encoding", "segments", "left"), COUNTS)
def test_counts(text: str, encoding: Encoding, segments: int, left: int) -> None:
    made = split(text)
    check(text, made)
    assert (made.encoding, len(made.segments), made.units_left) == (encoding, segments, left)


WIDE = [
    ("a" * 160, GSM7, 1, 0),
    ("a" * 304, GSM7, 2, 0),
    ("a" * 305, GSM7, 3, 151),
    (CYRILLIC * 70, UCS2, 1, 0),
    (CYRILLIC * 132, UCS2, 2, 0),
    (CYRILLIC * 133, UCS2, 3, 130),
]


@pytest.mark.parametrize(("text", "encoding", "segments", "left"), WIDE)
def test_a_16_bit_reference_costs_one_octet(text: str, encoding: Encoding, segments: int, left: int) -> None:
    made = split(text, wide_reference=True)
    check(text, made, wide=True)
    assert (made.encoding, len(made.segments), made.units_left) == (encoding, segments, left)


NATIONAL = [
    # text, encoding, locking, single, segments
    ("\u015f" * 70, UCS2, DEFAULT, DEFAULT, 1),  # as cheap without tables
    ("\u015f" * 71, GSM7, DEFAULT, TURKISH, 1),
    ("\u015f" * 77, GSM7, DEFAULT, TURKISH, 1),  # 155 septets behind a header of four octets
    ("\u015f" * 78, GSM7, TURKISH, DEFAULT, 1),
    ("\u015f" * 155, GSM7, TURKISH, DEFAULT, 1),
    ("\u015f" * 156, GSM7, TURKISH, DEFAULT, 2),
    ("a" * 150 + "\u00e1", GSM7, DEFAULT, SPANISH, 1),  # the first of two languages that would do
    ("a" * 150 + "\u00e3", GSM7, DEFAULT, PORTUGUESE, 1),
    ("\u00e3" * 155, GSM7, PORTUGUESE, DEFAULT, 1),
    ("\u00e3\u00ca" * 76, GSM7, PORTUGUESE, DEFAULT, 1),
    ("\u0c95" * 155, GSM7, Language.KANNADA, DEFAULT, 1),
    ("\u0c95" * 149 + "A", GSM7, Language.KANNADA, Language.KANNADA, 1),  # capitals are in the single table
    ("\u0c95" * 150 + "A", GSM7, Language.KANNADA, Language.KANNADA, 1),
    ("\u0c95" * 151 + "A", GSM7, Language.KANNADA, Language.KANNADA, 2),
    (EURO * 81, GSM7, TURKISH, DEFAULT, 1),
    (EURO * 154, GSM7, TURKISH, DEFAULT, 1),  # where the euro takes one septet
    ("\u015f" * 71 + EMOJI, UCS2, DEFAULT, DEFAULT, 2),
]


@pytest.mark.parametrize(("text", "encoding", "locking", "single", "segments"), NATIONAL)
def test_national_tables_only_where_they_save_a_segment(
    text: str, encoding: Encoding, locking: Language, single: Language, segments: int
) -> None:
    made = split(text)
    check(text, made)
    assert (made.encoding, made.locking, made.single) == (encoding, locking, single)
    assert len(made.segments) == segments
    assert len(split(text, national=False).segments) >= segments


@pytest.mark.parametrize("language", [language for language in Language if language])
def test_every_language_has_a_text_that_it_carries_in_half_the_segments(language: Language) -> None:
    own = [char for char in locking_table(language).values() if char not in locking_table(DEFAULT).values()]
    if not own:
        own = [char for char in single_table(language).values() if char > "\u00ff" or char in "\u00e1\u00cd"]
    text = (own[-1] * 4 + "1 ") * 24 if language is not SPANISH else "\u00e1" * 8 + "1 " * 67
    made = split(text)
    check(text, made)
    assert made.encoding is GSM7
    assert len(made.segments) < len(split(text, national=False).segments)


def test_without_national_tables() -> None:
    made = split("\u015f" * 71, national=False)
    assert (made.encoding, len(made.segments)) == (UCS2, 2)


def test_forcing_names_the_characters_and_only_where_they_cost() -> None:
    assert split("plain [text] \u20ac").forcing == ()
    assert split("It\u2019s \u2018fine\u2019 \u2026").forcing == ("\u2019", "\u2018", "\u2026")
    assert split("a" * 150 + "\u00e1\u00e1\u00ed").forcing == ("\u00e1", "\u00ed")
    assert split(EURO * 81).forcing == ()


NEVER_CUT = [
    (EURO, GSM7),
    ("[", GSM7),
    (EMOJI, UCS2),
]


@pytest.mark.parametrize(("unit", "encoding"), NEVER_CUT)
@pytest.mark.parametrize("before", range(60, 160))
def test_pairs_are_never_cut(unit: str, encoding: Encoding, before: int) -> None:
    filler = "a" if encoding is GSM7 else CYRILLIC
    text = filler * before + unit * 90
    made = split(text, national=False)
    check(text, made)
    assert made.encoding is encoding


@pytest.mark.parametrize("cluster", [FAMILY, FLAG, NURSE, "e\u0301", "\u0915\u094d", "\u2764\ufe0f"])
def test_pictures_and_accents_are_kept_whole_where_that_costs_nothing(cluster: str) -> None:
    for before in range(55, 72):
        text = CYRILLIC * before + cluster + CYRILLIC * 30
        made = split(text, national=False)
        check(text, made)
        assert len(made.segments) == 2
        assert any(cluster in segment.text for segment in made.segments)


def test_line_ends_are_kept_whole() -> None:
    text = "a" * 152 + "\r\n" + "a" * 20
    made = split(text)
    check(text, made)
    assert [segment.text[-1] for segment in made.segments] == ["a", "a"]


def test_two_flags_may_part() -> None:
    text = CYRILLIC * 65 + FLAG + FLAG + CYRILLIC * 8
    made = split(text, national=False)
    assert [segment.text for segment in made.segments] == [CYRILLIC * 65, FLAG + FLAG + CYRILLIC * 8]
    text = CYRILLIC * 63 + FLAG + FLAG + CYRILLIC * 8
    assert split(text, national=False).segments[0].text == CYRILLIC * 63 + FLAG


def test_a_cluster_is_cut_before_another_segment_is_paid_for() -> None:
    text = CYRILLIC * 66 + "e\u0301" + CYRILLIC * 66
    made = split(text, national=False)
    check(text, made)
    assert len(made.segments) == 2


def test_a_cluster_longer_than_a_segment_is_cut() -> None:
    text = "a" + "\u0301" * 200
    made = split(text, national=False)
    check(text, made)
    assert len(made.segments) == 3


def test_the_limit_of_segments() -> None:
    assert len(split("a" * 153 * 255).segments) == 255
    with pytest.raises(SmsError, match=r"^TP-UD: the text needs 256 segments; expected at most 255"):
        split("a" * (153 * 255 + 1))
    with pytest.raises(SmsError, match="needs 2 segments; expected at most 1"):
        split("a" * 161, max_segments=1)
    assert len(split("a" * 160, max_segments=1).segments) == 1


@pytest.mark.parametrize("text", ["ab\ud83d", "ab\ude00\ud83d"])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(SmsError, match=r"^TP-UD: character 3 of the text is half a surrogate pair"):
        split(text)


def test_the_same_text_is_split_once() -> None:
    assert split("remember me") is split("remember me")
