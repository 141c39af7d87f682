"""Any text is cut so that nothing is lost, everything fits, and no other way would take fewer segments."""

from __future__ import annotations

import random
from math import ceil
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gsmsend.sms import (
    Address,
    Concatenation,
    DataCoding,
    Deliver,
    Encoding,
    Header,
    Joiner,
    Language,
    Segmentation,
    UserData,
    encode_submit,
    from_pdu,
    split,
    submit,
    to_pdu,
)
from gsmsend.sms.alphabet import alphabet

ASTRAL = "\U0001f600\U0001f469\u200d\U0001f3fd\U0001f1ec\ufe0f"
mixed = (
    sorted(alphabet().codes)
    + sorted(alphabet(Language.TURKISH, Language.TURKISH).codes)
    + sorted(alphabet(Language.HINDI, Language.HINDI).codes)
    + [*ASTRAL, "`", "\u2019", "\u0301"]
)
palettes = st.sampled_from(
    [
        sorted(alphabet().codes),
        *(sorted(alphabet(language, language).codes) for language in Language if language),
        mixed,
        [*ASTRAL, "a"],
    ]
)
lengths = st.integers(0, 500) | st.sampled_from((70, 71, 134, 135, 152, 153, 155, 156, 160, 161, 306, 307))


@st.composite
def texts(draw: st.DrawFn) -> str:
    # Long texts character by character would make hypothesis slow: it draws the seed instead.
    palette, length, seed = draw(palettes), draw(lengths), draw(st.integers(0, 2**32))
    return "".join(random.Random(seed).choices(palette, k=length))


def places(made: Segmentation, *, wide: bool) -> list[Concatenation | None]:
    total = len(made.segments)
    return [Concatenation(77, total, seq, wide) if total > 1 else None for seq in range(1, total + 1)]


@given(texts(), st.booleans(), st.booleans())
def test_nothing_is_lost_and_everything_fits(text: str, national: bool, wide: bool) -> None:
    made = split(text, national=national, wide_reference=wide)
    joiner = Joiner()
    joined = []
    for segment, place in zip(made.segments, places(made, wide=wide), strict=True):
        header = Header.of(concatenation=place, locking=segment.locking, single=segment.single)
        data = UserData.of_segment(segment, header)
        assert len(data.encode()) <= 141
        assert len(data.payload) == segment.units
        deliver = Deliver(Address.of("CHARITY"), data, DataCoding.of(segment.encoding))
        joined.append(joiner.add(deliver, 0.0))
    assert [each.text for each in joined if each] == [text]
    assert made.units_left >= 0
    assert all(char in text and char not in alphabet().codes for char in made.forcing)
    if not national:
        assert {segment.locking or segment.single for segment in made.segments} == {Language.DEFAULT}


@given(texts(), st.booleans())
def test_no_other_encoding_would_take_fewer_segments(text: str, wide: bool) -> None:
    made = split(text, wide_reference=wide)
    count = len(made.segments)
    longer = 6 if wide else 5
    units = len(text.encode("utf-16-be"))
    assert count <= (1 if units <= 140 else ceil(units / ((139 - longer) // 2 * 2 - 2)))
    for locking in Language:
        for single in Language:
            codes = alphabet(locking, single).codes
            if not codes.keys() >= set(text):
                continue
            septets = sum(len(codes[char]) for char in text)
            languages = 3 * (bool(locking) + bool(single))
            alone = (140 - (languages + 1 if languages else 0)) * 8 // 7
            each = (139 - languages - longer) * 8 // 7
            # A pair at the end of a segment may leave one septet of it free.
            assert count <= (1 if septets <= alone else ceil(septets / (each - 1)))


@given(texts(), st.booleans())
def test_the_fast_way_writes_what_the_other_writes(text: str, wide: bool) -> None:
    made = split(text, wide_reference=wide)
    total = len(made.segments)
    for seq, segment in enumerate(made.segments, 1):
        options: dict[str, Any] = {
            "seq": seq,
            "total": total,
            "concat_reference": 7 * seq % 256,
            "wide_reference": wide,
        }
        fast = encode_submit("+447700900123", segment, **options)
        assert fast == submit("+447700900123", segment, **options).encode()
        assert len(fast) <= 13 + 1 + 140
        _, read = from_pdu(to_pdu(fast), "to_network")
        assert read.text == segment.text


@given(texts())
def test_pairs_are_whole_in_each_part(text: str) -> None:
    for segment in split(text).segments:
        if segment.encoding is Encoding.UCS2:
            segment.text.encode("utf-16-be")
        else:
            alphabet(segment.locking, segment.single).encode(segment.text)
