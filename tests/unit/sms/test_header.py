"""User data headers: known elements read, unknown ones kept, broken ones ignored but kept (9.2.3.24)."""

from __future__ import annotations

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import Concatenation, Header, InformationElement, Language, Ports

CONCATENATIONS = [
    (Concatenation(0, 2, 1), "0003000201"),
    (Concatenation(0x9D, 4, 4), "00039D0404"),
    (Concatenation(255, 255, 255), "0003FFFFFF"),
    (Concatenation(0x1234, 3, 2, wide=True), "080412340302"),
    (Concatenation(7, 3, 2, wide=True), "080400070302"),  # small numbers stay 16 bits wide
    (Concatenation(0xFFFF, 255, 1, wide=True), "0804FFFFFF01"),
]


@pytest.mark.parametrize(("concatenation", "octets"), CONCATENATIONS)
def test_concatenation_both_ways(concatenation: Concatenation, octets: str) -> None:
    header = Header.of(concatenation=concatenation)
    assert header is not None
    assert header.encode().hex().upper() == octets
    assert Header.decode(bytes.fromhex(octets)) == header
    assert header.concatenation == concatenation


PORTS = [
    (Ports(0x23F4, 0), "050423F40000"),
    (Ports(80, 5060), "0504005013C4"),  # small numbers stay 16 bits wide
    (Ports(240, 1, wide=False), "0402F001"),
]


@pytest.mark.parametrize(("ports", "octets"), PORTS)
def test_ports_both_ways(ports: Ports, octets: str) -> None:
    header = Header.of(ports=ports)
    assert header is not None
    assert header.encode().hex().upper() == octets
    assert Header.decode(bytes.fromhex(octets)).ports == ports
    assert header.concatenation is None


@pytest.mark.parametrize("language", list(Language)[1:])
def test_languages_both_ways(language: Language) -> None:
    header = Header.of(locking=language, single=language)
    assert header is not None
    assert header.encode() == bytes((0x24, 1, language, 0x25, 1, language))
    assert (header.locking, header.single) == (language, language)


def test_the_concatenation_comes_first_and_all_are_read() -> None:
    header = Header.of(
        concatenation=Concatenation(1, 2, 2), ports=Ports(1, 2), locking=Language.TURKISH, single=Language.URDU
    )
    assert header is not None
    assert header.encode().hex().upper() == "00030102020504000100022401" + "0D" + "250101"
    assert header.concatenation == Concatenation(1, 2, 2)
    assert header.ports == Ports(1, 2)


def test_no_elements_are_no_header() -> None:
    assert Header.of() is None
    assert Header().encode() == b""
    assert Header().concatenation is None
    assert Header().locking is Language.DEFAULT


@pytest.mark.parametrize("octets", ["", "0100", "70024142", "00039D0201" + "A003313233", "2401FF"])
def test_unknown_elements_are_kept_byte_for_byte(octets: str) -> None:
    header = Header.decode(bytes.fromhex(octets))
    assert header.unread == b""
    assert header.encode().hex().upper() == octets


@pytest.mark.parametrize(
    "octets",
    [
        "00",  # an identifier with no length
        "0003",
        "00039D02",  # one octet short
        "00049D0201",
        "00039D020170",  # a second element that does not end
        "0003010201FFFF",
    ],
)
def test_a_header_that_does_not_add_up_is_ignored_but_kept(octets: str) -> None:
    header = Header.decode(bytes.fromhex(octets))
    assert header.elements == ()
    assert header.concatenation is None
    assert header.encode().hex().upper() == octets


@pytest.mark.parametrize(
    "octets",
    [
        "0003010001",  # of no parts at all
        "0003010200",  # part 0
        "0003010203",  # part 3 of 2
        "00020102",  # too short
        "000401020100",  # too long
        "0803010201",
        "080401000000",
    ],
)
def test_a_useless_concatenation_is_ignored(octets: str) -> None:
    header = Header.decode(bytes.fromhex(octets))
    assert header.concatenation is None
    assert header.encode().hex().upper() == octets


@pytest.mark.parametrize("octets", ["040101", "05020102", "0403010203"])
def test_useless_ports_are_ignored(octets: str) -> None:
    assert Header.decode(bytes.fromhex(octets)).ports is None


@pytest.mark.parametrize("octets", ["2401" + "0E", "2401FF", "2400", "24020101"])
def test_reserved_languages_are_ignored(octets: str) -> None:
    assert Header.decode(bytes.fromhex(octets)).single is Language.DEFAULT


def test_of_elements_that_exclude_each_other_the_last_counts() -> None:
    header = Header.decode(bytes.fromhex("00030103010804000203022401012401020402010205040003" + "0004"))
    assert header.concatenation == Concatenation(2, 3, 2, wide=True)
    assert header.single is Language.SPANISH
    assert header.ports == Ports(3, 4)


def test_a_useless_last_element_leaves_the_one_before() -> None:
    header = Header.decode(bytes.fromhex("0003010301" + "0003010300"))
    assert header.concatenation == Concatenation(1, 3, 1)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Concatenation(256, 2, 1), "reference 256 is out of range; expected 0 to 255"),
        (Concatenation(-1, 2, 1), "reference -1"),
        (Concatenation(65536, 2, 1, wide=True), "expected 0 to 65535"),
        (Concatenation(1, 0, 0), "part 0 of 0"),
        (Concatenation(1, 2, 0), "part 0 of 2"),
        (Concatenation(1, 2, 3), "part 3 of 2"),
        (Concatenation(1, 256, 1), "part 1 of 256"),
        (Ports(65536, 0), "expected 0 to 65535"),
        (Ports(0, -1), "expected 0 to 65535"),
        (Ports(256, 0, wide=False), "expected 0 to 255"),
    ],
)
def test_numbers_out_of_range_are_refused(value: Concatenation | Ports, words: str) -> None:
    with pytest.raises(SmsError, match=words) as caught:
        value.element()
    assert caught.value.field == "TP-UDH"


@pytest.mark.parametrize(
    "element", [InformationElement(256), InformationElement(-1), InformationElement(0, bytes(256))]
)
def test_elements_that_do_not_fit_are_refused(element: InformationElement) -> None:
    with pytest.raises(SmsError, match=r"^TP-UDH IEI"):
        element.encode()
