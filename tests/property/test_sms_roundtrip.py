"""Whatever value the codec writes it reads back the same, and whatever it reads it writes again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmsend.sms import (
    Address,
    Concatenation,
    DataCoding,
    Deliver,
    Direction,
    Encoding,
    Header,
    InformationElement,
    Language,
    Ports,
    StatusReport,
    Submit,
    Timestamp,
    Ton,
    UserData,
    Validity,
    ValidityFormat,
    from_pdu,
    to_pdu,
)
from gsmsend.sms.alphabet import alphabet
from gsmsend.sms.octets import Octets
from gsmsend.sms.primitives import digits, pack, semi_octets, unpack

octet = st.integers(0, 255)
flags = st.booleans()
languages = st.sampled_from(Language)
dialled = st.text("0123456789*#abc", max_size=20)

numbers = st.builds(
    Address, dialled, st.sampled_from([ton for ton in Ton if ton is not Ton.ALPHANUMERIC]), st.integers(0, 15)
)
names = st.builds(
    Address,
    st.text(st.sampled_from(sorted(alphabet().codes)), max_size=11).filter(
        lambda name: len(alphabet().encode(name)) <= 11
    ),
    st.just(Ton.ALPHANUMERIC),
    st.integers(0, 15),
)
addresses = numbers | names

wide_concatenations = st.builds(
    Concatenation, st.integers(0, 65535), st.just(255), st.integers(1, 255), st.just(True)
)
concatenations = (
    st.builds(Concatenation, octet, st.integers(200, 255), st.integers(1, 200), st.just(False))
    | wide_concatenations
)
ports = st.builds(Ports, st.integers(0, 65535), st.integers(0, 65535)) | st.builds(
    Ports, octet, octet, st.just(False)
)
headers = st.builds(
    lambda elements: Header(tuple(elements)),
    st.lists(
        st.builds(InformationElement, octet, st.binary(max_size=6))
        | concatenations.map(Concatenation.element)
        | ports.map(Ports.element),
        max_size=4,
    ),
)


@st.composite
def user_data(draw: st.DrawFn, encoding: Encoding) -> UserData:
    header = draw(st.none() | headers)
    head = 0 if header is None else 1 + len(header.encode())
    if encoding is Encoding.GSM7:
        room = 160 - (head * 8 + 6) // 7
        payload = bytes(draw(st.lists(st.integers(0, 127), max_size=room)))
    else:
        payload = draw(st.binary(max_size=140 - head))
    return UserData(payload, encoding, header)


codings = st.builds(DataCoding, octet)
stamps = st.builds(Timestamp, st.binary(min_size=7, max_size=7))
moments = st.integers(631152000 + 86400, 3786911999 - 86400)
offsets = st.integers(-56, 56).map(lambda quarters: 15 * quarters)
validities = st.sampled_from(ValidityFormat).flatmap(
    lambda form: st.binary(min_size=(0, 7, 1, 7)[form], max_size=(0, 7, 1, 7)[form]).map(
        lambda octets: Validity(form, octets)
    )
)


@st.composite
def submits(draw: st.DrawFn) -> Submit:
    coding = draw(codings)
    return Submit(
        draw(addresses),
        draw(user_data(coding.encoding)),
        coding,
        draw(validities),
        draw(octet),
        draw(octet),
        draw(flags),
        draw(flags),
        draw(flags),
        draw(st.binary(max_size=4)),
    )


@st.composite
def delivers(draw: st.DrawFn) -> Deliver:
    coding = draw(codings)
    return Deliver(
        draw(addresses),
        draw(user_data(coding.encoding)),
        coding,
        draw(stamps),
        draw(octet),
        draw(flags),
        draw(flags),
        draw(flags),
        draw(flags),
        draw(st.sampled_from((0, 3))),
        draw(st.binary(max_size=4)),
    )


@st.composite
def reports(draw: st.DrawFn) -> StatusReport:
    coding = draw(st.none() | codings)
    encoding = Encoding.GSM7 if coding is None else coding.encoding
    return StatusReport(
        draw(addresses),
        draw(octet),
        draw(octet),
        draw(stamps),
        draw(stamps),
        draw(st.none() | octet),
        coding,
        draw(st.none() | user_data(encoding)),
        draw(flags),
        draw(flags),
        draw(flags),
        b"",
        draw(st.binary(max_size=4)),
    )


tpdus = submits() | delivers() | reports()


@given(tpdus)
def test_tpdus_come_back(tpdu: Submit | Deliver | StatusReport) -> None:
    octets = tpdu.encode()
    again = type(tpdu).decode(octets)
    assert again == tpdu
    assert again.encode() == octets
    assert again.text == tpdu.text


@given(tpdus, st.none() | dialled.filter(lambda number: set(number) <= set("0123456789") and number))
def test_pdus_come_back(tpdu: Submit | Deliver | StatusReport, smsc: str | None) -> None:
    pdu = to_pdu(tpdu.encode(), smsc)
    direction: Direction = "to_network" if isinstance(tpdu, Submit) else "from_network"
    centre, again = from_pdu(pdu, direction)
    assert again == tpdu
    assert (centre.text if centre else None) == smsc


@given(addresses)
def test_addresses_come_back(address: Address) -> None:
    octets = address.encode()
    assert Address.decode(octets) == address
    assert octets[0] <= 20
    assert len(octets) <= 12


@given(numbers)
def test_service_centres_come_back(address: Address) -> None:
    octets = address.encode_rp()
    assert Address.read_rp(Octets(octets)) == address
    assert octets[0] == len(octets) - 1


@given(headers)
def test_headers_come_back(header: Header) -> None:
    assert Header.decode(header.encode()) == header


@given(st.binary(max_size=139))
def test_headers_keep_any_octets(octets: bytes) -> None:
    assert Header.decode(octets).encode() == octets


@given(concatenations, ports, languages, languages)
def test_known_elements_come_back(
    concatenation: Concatenation, ports: Ports, locking: Language, single: Language
) -> None:
    header = Header.of(concatenation=concatenation, ports=ports, locking=locking, single=single)
    assert header is not None
    again = Header.decode(header.encode())
    assert (again.concatenation, again.ports) == (concatenation, ports)
    assert (again.locking, again.single) == (locking, single)


@given(st.lists(st.integers(0, 127), max_size=160).map(bytes), st.integers(0, 6))
def test_septets_come_back(septets: bytes, fill_bits: int) -> None:
    packed = pack(septets, fill_bits)
    assert len(packed) == (len(septets) * 7 + fill_bits + 7) // 8
    if not fill_bits:
        assert unpack(packed, len(septets)) == septets
    number = int.from_bytes(packed, "little") >> fill_bits
    assert bytes(number >> 7 * place & 127 for place in range(len(septets))) == septets


@given(st.binary(max_size=140), st.data())
def test_unpacking_is_the_standards_rule_for_any_octets(octets: bytes, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(octets) * 8 // 7))
    number = int.from_bytes(octets, "little")
    assert unpack(octets, count) == bytes(number >> 7 * place & 127 for place in range(count))


@given(dialled)
def test_digits_come_back(number: str) -> None:
    assert digits(semi_octets(number, "TP-DA"), len(number)) == number


@given(languages, languages, st.data())
def test_texts_come_back_in_every_pairing_of_tables(
    locking: Language, single: Language, data: st.DataObject
) -> None:
    pairing = alphabet(locking, single)
    text = data.draw(st.text(st.sampled_from(sorted(pairing.codes)), max_size=60))
    assert pairing.decode(pairing.encode(text)) == text


@given(languages, languages, st.lists(st.integers(0, 127)).map(bytes))
def test_any_septets_have_a_text_that_is_not_longer(locking: Language, single: Language, septets: bytes) -> None:
    assert len(alphabet(locking, single).decode(septets)) <= len(septets)


@given(moments, offsets)
def test_moments_come_back(moment: int, offset: int) -> None:
    stamp = Timestamp.of_epoch(moment, offset)
    assert (stamp.epoch_s, stamp.offset_minutes) == (moment, offset)


@given(stamps)
def test_any_known_stamp_is_made_again(stamp: Timestamp) -> None:
    if stamp.epoch_s is not None and stamp.offset_minutes is not None:
        again = Timestamp.of_epoch(stamp.epoch_s, stamp.offset_minutes)
        assert again.octets[:6] == stamp.octets[:6]
        assert again.epoch_s == stamp.epoch_s


@given(st.floats(min_value=0, max_value=63 * 604800, exclude_min=True))
def test_a_validity_is_never_shorter_and_never_a_step_too_long(seconds: float) -> None:
    validity = Validity.of_seconds(seconds)
    value = validity.octets[0]
    assert validity.seconds is not None
    assert validity.seconds >= seconds
    if value:
        shorter = Validity.relative(value - 1).seconds
        assert shorter is not None
        assert shorter < seconds


@pytest.mark.parametrize("octet", range(256))
def test_codings_come_back(octet: int) -> None:
    coding = DataCoding(octet)
    if coding.waiting is not None:
        made = DataCoding.of_waiting(
            coding.waiting, active=coding.waiting_active, store=coding.waiting_store, encoding=coding.alphabet
        )
        assert made.octet == octet & ~4
    elif octet < 0x80:
        made = DataCoding.of(
            coding.alphabet,
            message_class=coding.message_class,
            compressed=coding.compressed,
            auto_delete=coding.auto_delete,
        )
        assert made.octet == (octet & ~0x0C if coding.reserved else octet) & (~0 if octet & 0x10 else ~3)
