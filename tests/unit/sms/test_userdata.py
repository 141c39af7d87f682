"""TP-UDL and TP-UD in the three encodings, with headers and without."""

from __future__ import annotations

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import Concatenation, Encoding, Header, Language, Segment, UserData
from gsmsend.sms.octets import Octets
from gsmsend.sms.userdata import decode_text, encode_text

GSM7, OCTETS, UCS2 = Encoding.GSM7, Encoding.OCTETS, Encoding.UCS2
CONCATENATED = Header.of(concatenation=Concatenation(0x9D, 2, 1))
WIDE = Header.of(concatenation=Concatenation(0x9D, 2, 1, wide=True))
TURKISH = Header.of(single=Language.TURKISH)
CONCATENATED_TURKISH = Header.of(concatenation=Concatenation(0x9D, 2, 1), single=Language.TURKISH)

KNOWN = [
    # text, encoding, header, TP-UDL and TP-UD
    ("", GSM7, None, "00"),
    ("hellohello", GSM7, None, "0AE8329BFD4697D9EC37"),
    ("1234567@", GSM7, None, "08" + "31D98C56B3DD00"),
    ("A", GSM7, CONCATENATED, "08" + "0500039D0201" + "82"),  # 48 header bits, one to fill, 7 of text
    ("", GSM7, CONCATENATED, "07" + "0500039D0201" + "00"),
    ("A", GSM7, WIDE, "09" + "060804009D0201" + "41"),  # 56 header bits: nothing to fill
    ("", GSM7, WIDE, "08" + "060804009D0201"),
    ("", GSM7, Header(), "02" + "00" + "00"),
    ("A", GSM7, Header(), "03" + "00" + "4010"),  # one octet of header takes two septets
    ("\u015f", GSM7, TURKISH, "07" + "03240101" + "D8CC01"),  # three bits to fill, an escape, an s
    ("", UCS2, None, "00"),
    ("\u20acA", UCS2, None, "04" + "20AC0041"),
    ("\U0001f600", UCS2, None, "04" + "D83DDE00"),
    ("\u043c", UCS2, CONCATENATED, "08" + "0500039D0201" + "043C"),
    ("\x00\xff", OCTETS, None, "02" + "00FF"),
    ("\x01", OCTETS, WIDE, "08" + "060804009D0201" + "01"),
]


def user_data(text: str, encoding: Encoding, header: Header | None) -> UserData:
    locking = header.locking if header else Language.DEFAULT
    single = header.single if header else Language.DEFAULT
    return UserData.of_segment(Segment(text, encoding, locking, single), header)


@pytest.mark.parametrize(("text", "encoding", "header", "octets"), KNOWN)
def test_known_user_data_both_ways(text: str, encoding: Encoding, header: Header | None, octets: str) -> None:
    data = user_data(text, encoding, header)
    assert data.encode().hex().upper() == octets
    reader = Octets(bytes.fromhex(octets))
    assert UserData.read(reader, encoding, has_header=header is not None) == data
    assert reader.left == 0
    assert data.text == text


@pytest.mark.parametrize("header", [None, Header(), CONCATENATED, WIDE, TURKISH, CONCATENATED_TURKISH])
@pytest.mark.parametrize("encoding", Encoding)
def test_the_fullest_user_data_are_140_octets(encoding: Encoding, header: Header | None) -> None:
    head = 0 if header is None else 1 + len(header.encode())
    room = (140 - head) * 8 // 7 if encoding is GSM7 else 140 - head
    full = UserData(bytes(room), encoding, header)
    assert len(full.encode()) == 141
    assert UserData.read(Octets(full.encode()), encoding, has_header=header is not None) == full
    with pytest.raises(SmsError, match=r"^TP-UDL: 1[46][01] (septets|octets); expected at most 1[46]0"):
        UserData(bytes(room + 1), encoding, header).encode()


MALFORMED = [
    # encoding, with a header, octets, field, offset, words
    (GSM7, False, "", "TP-UDL", 0, "truncated"),
    (GSM7, False, "01", "TP-UD", 1, "needs 1 octets but only 0 follow"),
    (GSM7, False, "0AE8329BFD4697D9EC", "TP-UD", 1, "needs 9 octets but only 8 follow"),
    (GSM7, False, "A1" + "00" * 141, "TP-UDL", 0, "is 161 septets; expected at most 160"),
    (GSM7, False, "FF" + "00" * 255, "TP-UDL", 0, "is 255 septets"),
    (UCS2, False, "8D" + "00" * 141, "TP-UDL", 0, "is 141 octets; expected at most 140"),
    (OCTETS, False, "0400", "TP-UD", 1, "needs 4 octets but only 1 follow"),
    (GSM7, True, "00", "TP-UDHL", 1, "announces a header but TP-UD is empty"),
    (UCS2, True, "00", "TP-UDHL", 1, "announces a header but TP-UD is empty"),
    (GSM7, True, "0805" + "00" * 5, "TP-UD", 1, "needs 7 octets but only 6 follow"),
    (GSM7, True, "0806" + "00" * 7, "", 0, ""),  # exactly fits: seven octets are eight septets
    (GSM7, True, "0706" + "00" * 6, "TP-UDHL", 1, "reaches beyond TP-UD"),
    (GSM7, True, "0808" + "00" * 6, "TP-UDHL", 1, "the header of 9 octets reaches beyond TP-UD of 7"),
    (UCS2, True, "0403000000", "", 0, ""),
    (UCS2, True, "0404000000", "TP-UDHL", 1, "the header of 5 octets reaches beyond TP-UD of 4"),
    (OCTETS, True, "01FF", "TP-UDHL", 1, "the header of 256 octets reaches beyond TP-UD of 1"),
]


@pytest.mark.parametrize(("encoding", "has_header", "octets", "field", "offset", "words"), MALFORMED)
def test_lengths_that_do_not_add_up(
    encoding: Encoding, octets: str, field: str, offset: int, words: str, *, has_header: bool
) -> None:
    reader = Octets(bytes.fromhex(octets))
    if not field:
        assert UserData.read(reader, encoding, has_header=has_header).payload == b""
        return
    with pytest.raises(SmsError, match=words) as caught:
        UserData.read(reader, encoding, has_header=has_header)
    assert (caught.value.field, caught.value.offset) == (field, offset)


def test_a_broken_header_does_not_hide_the_text() -> None:
    # An element that says it is longer than the header: the header is ignored, the text stays (9.2.3.24).
    broken = Octets(bytes.fromhex("08" + "0500FF9D0201" + "0041"))
    data = UserData.read(broken, UCS2, has_header=True)
    assert data.text == "A"
    assert data.header is not None
    assert data.header.unread == bytes.fromhex("00FF9D0201")


def test_bits_that_fill_up_mean_nothing() -> None:
    lenient = UserData.read(Octets(bytes.fromhex("080500039D020183")), GSM7, has_header=True)
    assert lenient.text == "A"
    assert lenient.encode().hex().upper() == "080500039D020182"


def test_half_characters_are_shown_not_lost() -> None:
    assert decode_text(b"\xd8\x3d", UCS2) == "\ufffd"
    assert decode_text(b"\x00A\x00", UCS2) == "A\ufffd"
    assert decode_text(b"\xde\x00\x00A", UCS2) == "\ufffdA"


@pytest.mark.parametrize(
    ("text", "encoding"), [("ab\ud83d", UCS2), ("ab\ude00\ud83d", UCS2), ("ab\u0100", OCTETS), ("ab`", GSM7)]
)
def test_characters_that_cannot_be_coded_are_named_by_place(text: str, encoding: Encoding) -> None:
    with pytest.raises(SmsError, match=r"^TP-UD: character 3 of the text"):
        encode_text(text, encoding)


def test_a_header_of_140_octets_is_refused() -> None:
    with pytest.raises(SmsError, match=r"^TP-UDHL: the header has 140 octets"):
        UserData(b"", OCTETS, Header((), bytes(140))).encode()


def test_a_septet_above_127_is_refused() -> None:
    with pytest.raises(SmsError, match=r"^TP-UD: has a septet above 127"):
        UserData(b"A\x80")
    assert UserData(b"A\x80", OCTETS).text == "A\x80"


def test_repr_does_not_show_the_text() -> None:
    data = user_data("meet me at noon", GSM7, None)
    assert "noon" not in repr(data)
    assert "noon" not in repr(Segment("noon"))
