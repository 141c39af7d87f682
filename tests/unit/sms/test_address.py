"""Addresses: numbers and names as people write them, as TP-OA/DA/RA, and as a service centre's."""

from __future__ import annotations

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import Address, Ton
from gsmsend.sms.octets import Octets

KNOWN = [
    # as written, type, numbering plan, TP form, RP form
    ("+447700900123", Ton.INTERNATIONAL, 1, "0C91447700091032", "0791447700091032"),
    ("+44770090012", Ton.INTERNATIONAL, 1, "0B914477000910F2", "07914477000910F2"),
    ("07700900123", Ton.UNKNOWN, 1, "0B817007900021F3", "07817007900021F3"),
    ("60777", Ton.UNKNOWN, 1, "05810677F7", "04810677F7"),
    ("1", Ton.UNKNOWN, 1, "0181F1", "0281F1"),
    ("*100#", Ton.UNKNOWN, 1, "05811A00FB", "04811A00FB"),
    ("12345678901234567890", Ton.UNKNOWN, 1, "148121436587092143658709", "0B8121436587092143658709"),
]


@pytest.mark.parametrize(("written", "ton", "npi", "tp", "rp"), KNOWN)
def test_numbers_both_ways(written: str, ton: Ton, npi: int, tp: str, rp: str) -> None:
    address = Address.of(written)
    assert (address.ton, address.npi, address.text) == (ton, npi, written)
    assert address.encode().hex().upper() == tp
    assert Address.decode(bytes.fromhex(tp)) == address
    assert address.encode_rp().hex().upper() == rp
    assert Address.read_rp(Octets(bytes.fromhex(rp))) == address


NAMES = [
    # name, semi-octets, packed
    ("A", 2, "41"),
    ("AB", 4, "4121"),
    ("ABC", 6, "41E110"),
    ("Design@Home", 20, "C4F23C7D760390EF7619"),  # eleven characters, the most there can be
    ("CHARITY", 13, "4364509AA46601"),
    ("CHARITY8", 14, "4364509AA46671"),
    ("Gov.uk@", 13, "C7B7DD555F0300"),
    ("@", 2, "00"),
    ("Help line", 16, "C8321B0E62A7DD65"),
    ("A{", 6, "C10D0A"),
]


@pytest.mark.parametrize(("name", "length", "packed"), NAMES)
def test_names_both_ways(name: str, length: int, packed: str) -> None:
    address = Address.of(name)
    assert (address.ton, address.npi, address.text) == (Ton.ALPHANUMERIC, 0, name)
    octets = address.encode("TP-OA")
    assert octets[:2] == bytes((length, 0xD0))
    assert len(octets) == 2 + (length + 1) // 2
    assert Address.decode(octets) == address
    assert octets[2:].hex().upper() == packed


@pytest.mark.parametrize("ton", [ton for ton in Ton if ton is not Ton.ALPHANUMERIC])
@pytest.mark.parametrize("npi", range(16))
def test_every_type_and_plan_is_kept(ton: Ton, npi: int) -> None:
    address = Address("12*#abc", ton, npi)
    assert Address.decode(address.encode()) == address
    assert Address.read_rp(Octets(address.encode_rp())) == address
    assert address.encode()[1] == 0x80 | ton << 4 | npi


def test_only_international_numbers_are_shown_with_a_plus() -> None:
    assert Address("447700900123", Ton.INTERNATIONAL).text == "+447700900123"
    assert Address("7700900123", Ton.NATIONAL).text == "7700900123"


def test_no_number_at_all() -> None:
    assert Address.decode(b"\x00\x81") == Address("", Ton.UNKNOWN, 1)
    assert Address("").encode() == b"\x00\x81"
    assert Address.read_rp(Octets(b"\x00")) is None
    assert Address.read_rp(Octets(b"\x01\x91")) == Address("", Ton.INTERNATIONAL)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "is empty"),
        ("+", "that digits alone do not follow"),
        ("+44 7700", "that digits alone do not follow"),
        ("+CHARITY", "that digits alone do not follow"),
        ("123456789012345678901", "too long"),
        ("+123456789012345678901", "too long"),
        ("twelve chars", "too long"),
        ("sixes{}[]", "too long"),  # every bracket takes two septets
        ("caf\u00ea", "not in the GSM 7 bit default alphabet"),
        ("\U0001f600", "not in the GSM 7 bit default alphabet"),
    ],
)
def test_what_cannot_be_an_address(written: str, words: str) -> None:
    with pytest.raises(SmsError, match=words) as caught:
        Address.of(written)
    assert caught.value.field == "address"
    assert len(written) < 3 or written not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (Address("12x"), "not a digit"),
        (Address("+12"), "not a digit"),
        (Address("1", Ton.UNKNOWN, 16), "numbering plan 16"),
        (Address("1", Ton.UNKNOWN, -1), "numbering plan -1"),
        (Address("1" * 21), "too long"),
    ],
)
def test_values_that_do_not_fit_are_refused(address: Address, words: str) -> None:
    with pytest.raises(SmsError, match=words):
        address.encode("TP-DA")
    with pytest.raises(SmsError, match=words):
        address.encode_rp()


def test_a_service_centre_has_no_name() -> None:
    with pytest.raises(SmsError, match=r"^RP-SMSC: .* not a name"):
        Address.of("CHARITY").encode_rp()


@pytest.mark.parametrize(
    ("octets", "field", "offset", "words"),
    [
        ("", "TP-OA", 0, "truncated"),
        ("0C", "TP-OA", 1, "truncated"),
        ("0C91", "TP-OA", 2, "needs 6 octets but only 0 follow"),
        ("0C914477000910", "TP-OA", 2, "needs 6 octets but only 5 follow"),
        ("0B914477000910", "TP-OA", 2, "needs 6 octets but only 5 follow"),
        ("1591" + "11" * 11, "TP-OA", 0, "is 21 semi-octets long"),
        ("FF91" + "11" * 128, "TP-OA", 0, "is 255 semi-octets long"),
        ("0191F1F1", "TP-OA", 3, "1 octets are left over"),
    ],
)
def test_malformed_addresses_name_field_and_offset(octets: str, field: str, offset: int, words: str) -> None:
    with pytest.raises(SmsError, match=words) as caught:
        Address.decode(bytes.fromhex(octets), "TP-OA")
    assert (caught.value.field, caught.value.offset) == (field, offset)


@pytest.mark.parametrize(
    ("octets", "offset"), [("", 0), ("07", 1), ("0791", 2), ("07914477", 2), ("0C91" + "11" * 11, 0)]
)
def test_malformed_service_centres_name_the_offset(octets: str, offset: int) -> None:
    with pytest.raises(SmsError, match=r"^RP-SMSC at octet") as caught:
        Address.read_rp(Octets(bytes.fromhex(octets)))
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("0C914477000910F2", "+44770090012"),  # a length that counts the filler
        ("03D041E110", "A"),  # three semi-octets are one septet
        ("02D000", "@"),
        ("01D001", ""),  # not even one septet
        ("0ED04364509AA46601", "CHARITY@"),  # a sender that counts whole octets: as the standard reads it
        ("14D0" + "FF" * 10, "\u00e0" * 11),
    ],
)
def test_odd_lengths_have_a_reading(octets: str, text: str) -> None:
    whole = bytes.fromhex(octets)
    assert Address.decode(whole[: 2 + (whole[0] + 1) // 2]).text == text


def test_repr_masks_the_number() -> None:
    assert repr(Address.of("+447700900123")) == "Address('+447*****0123', ton=INTERNATIONAL, npi=1)"
    assert "07700900123" not in repr(Address.of("07700900123"))
