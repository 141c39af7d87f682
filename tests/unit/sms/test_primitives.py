"""Septets, semi-octets and the two default tables, against the worked examples of TS 23.038 and 23.040."""

from __future__ import annotations

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms.primitives import (
    _library,
    default_alphabet,
    default_extension,
    digits,
    pack,
    semi_octets,
    unpack,
)

PACKED = [
    # septets, octets
    (b"", ""),
    (b"1", "31"),
    (b"12", "3119"),  # TS 23.038 6.1.2.1.1: two characters in two octets
    (b"1234567", "31D98C56B3DD00"),
    (b"12345678", "31D98C56B3DD70"),  # eight septets are exactly seven octets
    (b"123456789", "31D98C56B3DD7039"),
    (b"hellohello", "E8329BFD4697D9EC37"),
    (b"Hello world", "C8329BFD06DDDF723619"),
    (b"How are you?", "C8F71D14969741F977FD07"),
    (b"\0", "00"),
    (b"\0" * 8, "00" * 7),
    (b"\x7f" * 8, "FF" * 7),
]


@pytest.mark.parametrize(("septets", "octets"), PACKED)
def test_septets_pack_as_the_standard_shows(septets: bytes, octets: str) -> None:
    assert pack(septets).hex().upper() == octets
    assert unpack(bytes.fromhex(octets), len(septets)) == septets


def reference_pack(septets: bytes, fill_bits: int) -> bytes:
    """The standard's rule written another way: a number whose lowest bits come first."""
    number = sum(septet << 7 * place for place, septet in enumerate(septets)) << fill_bits
    return number.to_bytes((fill_bits + 7 * len(septets) + 7) // 8, "little")


@pytest.mark.parametrize("fill_bits", range(7))
@pytest.mark.parametrize("length", [1, 2, 6, 7, 8, 9, 15, 16, 152, 153])
def test_fill_bits_come_first(length: int, fill_bits: int) -> None:
    septets = bytes((place * 37 + 5) % 128 for place in range(length))
    assert pack(septets, fill_bits) == reference_pack(septets, fill_bits)


@pytest.mark.parametrize("fill_bits", range(7))
def test_an_empty_text_still_carries_its_fill_bits(fill_bits: int) -> None:
    assert pack(b"", fill_bits) == bytes(1 if fill_bits else 0)


@pytest.mark.parametrize("length", [1, 7, 8, 9, 15, 16, 24, 160])
def test_final_at_signs_survive(length: int) -> None:
    text = b"A" * (length - 1) + b"\0"
    assert unpack(pack(text), length) == text
    assert unpack(pack(bytes(length)), length) == bytes(length)


def test_the_library_still_has_the_slip_that_unpack_mends() -> None:
    lost = _library().unpackSeptets(bytearray(pack(b"1234567\0")))
    assert bytes(lost) == b"1234567", "the library mended its final @: simplify gsmsend.sms.primitives.unpack"


def test_spare_bits_of_the_last_octet_are_no_septet() -> None:
    # Seven septets leave seven spare bits; some senders fill them with a carriage return (TS 23.038 6.1.2.3.1).
    octets = bytearray(pack(b"1234567"))
    octets[-1] |= 0x0D << 1
    assert unpack(bytes(octets), 7) == b"1234567"


def test_unpack_reads_no_more_than_is_asked_for() -> None:
    assert unpack(pack(b"12345678") + b"\xff\xff", 8) == b"12345678"
    assert unpack(b"\xff", 0) == b""


@pytest.mark.parametrize(("octets", "count"), [(b"", 1), (b"\0", 2), (bytes(6), 7), (bytes(139), 160)])
def test_unpack_of_too_few_octets_is_an_error(octets: bytes, count: int) -> None:
    with pytest.raises(SmsError, match=r"^TP-UD: \d+ septets need \d+ octets, there are \d+$"):
        unpack(octets, count)


def test_pack_refuses_what_is_no_septet() -> None:
    with pytest.raises(SmsError, match="above 127"):
        pack(b"\x80")


@pytest.mark.parametrize(
    ("number", "octets"),
    [
        ("", ""),
        ("1", "F1"),
        ("12", "21"),
        ("447700900123", "447700091032"),
        ("07700900123", "7007900021F3"),
        ("*#abc", "BADCFE"),
        ("*100#", "1A00FB"),
        ("1a2b3c", "C1D2E3"),
    ],
)
def test_digits_are_swapped_pairwise(number: str, octets: str) -> None:
    assert semi_octets(number, "TP-DA").hex().upper() == octets
    assert digits(bytes.fromhex(octets), len(number)) == number


@pytest.mark.parametrize("number", ["+44", "12 34", "12x", "\uff11\uff12", "447AA", "44f", "-1"])
def test_semi_octets_refuse_other_characters_without_showing_them(number: str) -> None:
    with pytest.raises(SmsError) as caught:
        semi_octets(number, "TP-DA")
    assert caught.value.field == "TP-DA"
    assert number not in str(caught.value)


@pytest.mark.parametrize(
    ("octets", "count", "number"),
    [
        ("21F3", 4, "123"),  # the filler counted as a digit
        ("21F3", 3, "123"),
        ("2143", 3, "123"),  # another filler than 1111
        ("1F32", 4, ""),  # a filler in front
        ("21FF", 4, "12"),
        ("2F43", 4, ""),
        ("F143", 4, "1"),
        ("FFFF", 4, ""),
        ("", 0, ""),
    ],
)
def test_a_filler_ends_the_number(octets: str, count: int, number: str) -> None:
    assert digits(bytes.fromhex(octets), count) == number


def test_default_alphabet_is_the_standards() -> None:
    # TS 23.038 6.2.1, row by row (rows here are of sixteen codes).
    assert "".join(char or "?" for char in default_alphabet()) == (
        "@£$¥èéùìòÇ\nØø\rÅå"
        "Δ_ΦΓΛΩΠΨΣΘΞ?ÆæßÉ"
        " !\"#¤%&'()*+,-./"
        "0123456789:;<=>?"
        "¡ABCDEFGHIJKLMNO"
        "PQRSTUVWXYZÄÖÑÜ§"
        "¿abcdefghijklmno"
        "pqrstuvwxyzäöñüà"
    )


def test_default_extension_is_the_standards() -> None:
    # TS 23.038 6.2.1.1.
    assert default_extension() == {
        0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
        0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
    }  # fmt: skip


def test_the_library_still_has_the_slips_that_the_tables_mend() -> None:
    assert _library().GSM7_BASIC[0x5F] == "`"
    assert _library().GSM7_EXTENDED["\xff"] == 0x0A
