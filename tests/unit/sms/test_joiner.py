"""Parts joined to texts: any order, parts twice, gaps, references that come round again."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from gsmsend.sms import (
    Address,
    Concatenation,
    DataCoding,
    Deliver,
    Encoding,
    Header,
    Joined,
    Joiner,
    Language,
    Segment,
    Timestamp,
    UserData,
    split,
)
from gsmsend.sms.userdata import encode_text

ALICE, BOB = Address.of("+447700900001"), Address.of("+447700900002")


def parts(
    text: str, reference: int = 1, sender: Address = ALICE, *, wide: bool = False, at: int = 1715516060
) -> list[Deliver]:
    """The text as its sender's phone would cut it."""
    segments = split(text, wide_reference=wide).segments
    made = []
    for seq, segment in enumerate(segments, 1):
        place = Concatenation(reference, len(segments), seq, wide) if len(segments) > 1 else None
        header = Header.of(concatenation=place, locking=segment.locking, single=segment.single)
        data = UserData.of_segment(segment, header)
        made.append(Deliver(sender, data, DataCoding.of(segment.encoding), Timestamp.of_epoch(at)))
    return made


def texts(joiner: Joiner, delivers: list[Deliver], now_s: float = 0.0) -> list[str]:
    """What comes out while these come in."""
    return [joined.text for deliver in delivers if (joined := joiner.add(deliver, now_s)) is not None]


LONG = "".join(f"{number:03} bottles on the wall. " for number in range(18))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_parts_in_any_order_make_one_text(order: tuple[int, ...]) -> None:
    three = parts(LONG)
    assert len(three) == 3
    joiner = Joiner()
    assert texts(joiner, [three[place] for place in order]) == [LONG]
    assert joiner.gaps() == ()


def test_a_short_text_is_whole_at_once() -> None:
    joined = Joiner().add(parts("hello")[0], 5.0)
    assert joined is not None
    assert (joined.text, joined.total, joined.missing, joined.whole) == ("hello", 1, (), True)
    assert (joined.sender, joined.first_s, joined.last_s) == ("+447700900001", 5.0, 5.0)


def test_a_part_that_comes_twice_counts_once() -> None:
    one, two, three = parts(LONG)
    joiner = Joiner()
    assert texts(joiner, [two, two, one, two, three]) == [LONG]


def test_a_part_delivered_again_after_all_is_ignored() -> None:
    three = parts(LONG)
    joiner = Joiner()
    assert texts(joiner, [*three, *three, three[1]]) == [LONG]
    assert joiner.gaps() == ()


def test_the_same_text_sent_again_is_a_new_text() -> None:
    joiner = Joiner()
    assert texts(joiner, parts(LONG)) == [LONG]
    assert texts(joiner, parts(LONG, at=1715519999)) == [LONG]


def test_senders_references_and_totals_are_kept_apart() -> None:
    other = LONG.replace("bottles", "candles")
    shorter = other[:200]
    lists = [
        parts(LONG),
        parts(LONG.upper(), sender=BOB),
        parts(other, reference=2),
        parts(shorter),
    ]
    mixed = [part for group in itertools.zip_longest(*lists) for part in group if part is not None]
    assert sorted(texts(Joiner(), mixed)) == sorted([LONG, LONG.upper(), other, shorter])


def test_wide_references_join_too() -> None:
    assert texts(Joiner(), parts(LONG, 0x1234, wide=True)[::-1]) == [LONG]


def test_a_reference_that_comes_round_again_starts_a_new_text() -> None:
    old, new = parts(LONG), parts(LONG.replace("wall", "roof"), at=1715599999)
    joiner = Joiner()
    assert texts(joiner, [old[0], old[1]]) == []
    assert texts(joiner, [new[0], new[1], new[2]], now_s=60.0) == [LONG.replace("wall", "roof")]
    (left,) = joiner.gaps()
    assert left.missing == (3,)
    assert left.text.startswith(LONG[:100])
    assert joiner.expire(60.0) == ()
    assert joiner.expire(1e9) == (left,)
    assert joiner.gaps() == ()


def test_parts_sent_days_apart_are_not_mixed() -> None:
    old, new = parts(LONG), parts(LONG.replace("wall", "roof"), at=1715516060 + 2 * 86400)
    joiner = Joiner()
    assert texts(joiner, [old[0], old[1], new[2], new[0], new[1]]) == [LONG.replace("wall", "roof")]
    assert [gap.missing for gap in joiner.gaps()] == [(3,)]


def test_parts_without_a_known_time_are_joined() -> None:
    one, two, three = parts(LONG)
    assert texts(Joiner(), [replace(one, service_centre_time=Timestamp()), two, three]) == [LONG]


def test_gaps_are_shown_where_they_are() -> None:
    one, two, three = parts(LONG)
    joiner = Joiner()
    joiner.add(three, 10.0)
    (gap,) = joiner.gaps()
    assert gap.missing == (1, 2)
    assert gap.text == f"[part 1 of 3 is missing][part 2 of 3 is missing]{three.text}"
    joiner.add(one, 20.0)
    (gap,) = joiner.gaps()
    assert (gap.missing, gap.whole, gap.first_s, gap.last_s) == ((2,), False, 10.0, 20.0)
    assert gap.text == f"{one.text}[part 2 of 3 is missing]{three.text}"
    joined = joiner.add(two, 30.0)
    assert joined is not None
    assert (joined.text, joined.first_s, joined.last_s) == (LONG, 10.0, 30.0)


def test_gaps_come_oldest_first() -> None:
    joiner = Joiner()
    joiner.add(parts(LONG, 1)[0], 30.0)
    joiner.add(parts(LONG, 2)[0], 10.0)
    joiner.add(parts(LONG, 3)[0], 20.0)
    assert [gap.reference for gap in joiner.gaps()] == [2, 3, 1]


def test_parts_expire_by_the_callers_clock() -> None:
    joiner = Joiner(keep_s=100.0)
    one, two, three = parts(LONG)
    joiner.add(one, 0.0)
    joiner.add(two, 90.0)
    assert joiner.expire(190.0) == (), "the latest part is exactly as old as is kept"
    (given_up,) = joiner.expire(190.5)
    assert given_up.missing == (3,)
    assert joiner.add(three, 191.0) is None
    assert [gap.missing for gap in joiner.gaps()] == [(1, 2)]


def test_a_joined_text_is_forgotten_in_time() -> None:
    joiner = Joiner(keep_s=100.0)
    three = parts(LONG)
    assert texts(joiner, three) == [LONG]
    assert joiner.expire(101.0) == (), "what was handed over is not given up"
    assert texts(joiner, three, 102.0) == [LONG]


def test_pairs_that_the_sender_cut_through_are_whole_again() -> None:
    def piece(payload: bytes, encoding: Encoding, seq: int) -> Deliver:
        header = Header.of(concatenation=Concatenation(9, 2, seq))
        return Deliver(ALICE, UserData(payload, encoding, header), DataCoding.of(encoding))

    emoji = encode_text("a\U0001f600", Encoding.UCS2)
    assert texts(Joiner(), [piece(emoji[:4], Encoding.UCS2, 1), piece(emoji[4:], Encoding.UCS2, 2)]) == [
        "a\U0001f600"
    ]
    euro = encode_text("a\u20ac", Encoding.GSM7)
    assert texts(Joiner(), [piece(euro[:2], Encoding.GSM7, 1), piece(euro[2:], Encoding.GSM7, 2)]) == ["a\u20ac"]


def test_parts_in_different_encodings_are_each_read_in_their_own() -> None:
    def piece(text: str, encoding: Encoding, seq: int, single: Language = Language.DEFAULT) -> Deliver:
        header = Header.of(concatenation=Concatenation(9, 3, seq), single=single)
        data = UserData.of_segment(Segment(text, encoding, single=single), header)
        return Deliver(ALICE, data, DataCoding.of(encoding))

    mixed = [
        piece("plain ", Encoding.GSM7, 1),
        piece("\u043c\u0438\u0440 ", Encoding.UCS2, 2),
        piece("\u015f", Encoding.GSM7, 3, Language.TURKISH),
    ]
    assert texts(Joiner(), mixed[::-1]) == ["plain \u043c\u0438\u0440 \u015f"]


def test_a_useless_concatenation_is_a_text_of_its_own() -> None:
    header = Header.decode(bytes.fromhex("0003010200"))
    deliver = Deliver(ALICE, UserData(b"hello", header=header))
    assert texts(Joiner(), [deliver]) == ["hello"]


def test_a_part_one_of_one_is_whole() -> None:
    header = Header.of(concatenation=Concatenation(1, 1, 1))
    deliver = Deliver(ALICE, UserData(b"hello", header=header))
    assert texts(Joiner(), [deliver, deliver, replace(deliver, service_centre_time=Timestamp.of_epoch(1e9))]) == [
        "hello",
        "hello",
    ]


def test_repr_does_not_show_the_sender() -> None:
    joined = Joined("+447700900001", 1, 1, tuple(parts("secret")), 0.0, 0.0)
    assert "447700900001" not in repr(joined)
    assert "secret" not in repr(joined)
