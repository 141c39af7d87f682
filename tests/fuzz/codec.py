"""Target `codec`: octets that no sane network sends. The first octet says what the others are read as.

Only SmsError may come out, and what was read is written so that it reads the same again.
"""

from __future__ import annotations

from collections.abc import Callable

from gsmsend.errors import SmsError
from gsmsend.model import ReportOutcome
from gsmsend.sms import (
    Address,
    DataCoding,
    Deliver,
    Encoding,
    Header,
    Joiner,
    Language,
    StatusReport,
    Submit,
    Timestamp,
    Ton,
    UserData,
    Validity,
    ValidityFormat,
    encode_submit,
    from_pdu,
    split,
    submit,
    to_pdu,
    tp_status,
)
from gsmsend.sms.octets import Octets
from gsmsend.sms.userdata import decode_text, encode_text
from tests.fuzz.attempt import attempt

NUMBER = "+447700900123"
Tpdu = Submit | Deliver | StatusReport


def fuzz(data: bytes) -> None:
    """Read `data[1:]` as what `data[0]` names."""
    if data:
        reader, octets = READERS[data[0] % len(READERS)], data[1:]
        error = attempt(SmsError, reader, octets)
        if error is not None:
            assert error.field, "an error names its field"
            assert error.offset is None or 0 <= error.offset <= max(len(octets), 1), (error, octets)


# -- what is read -----------------------------------------------------------------------------------


def _pdu_to_network(octets: bytes) -> None:
    centre, tpdu = from_pdu(octets.hex(), "to_network")
    assert isinstance(tpdu, Submit)
    _pdu(centre, tpdu)


def _pdu_from_network(octets: bytes) -> None:
    centre, tpdu = from_pdu(octets.hex(), "from_network")
    assert isinstance(tpdu, Deliver | StatusReport)
    _pdu(centre, tpdu)


def _pdu_of_any_characters(octets: bytes) -> None:
    text = octets.decode("utf-8", "surrogateescape")
    for pdu in (text, octets.decode("latin-1")):
        read = attempt(SmsError, from_pdu, pdu, "from_network")
        assert not isinstance(read, SmsError) or read.offset is not None, "an unreadable PDU names the place"


def _submit(octets: bytes) -> None:
    _tpdu(Submit.decode(octets))


def _deliver(octets: bytes) -> None:
    _tpdu(Deliver.decode(octets))


def _report(octets: bytes) -> None:
    report = StatusReport.decode(octets)
    _tpdu(report)
    assert tp_status(report.status).outcome in ReportOutcome


def _header(octets: bytes) -> None:
    header = Header.decode(octets)
    assert header.encode() == octets, "a header is kept octet by octet"
    assert Header.decode(header.encode()) == header
    _use_header(header)


def _user_data(octets: bytes) -> None:
    if octets:
        encoding, has_header = tuple(Encoding)[octets[0] % 3], bool(octets[0] & 0x80)
        reader = Octets(octets, 1)
        read = UserData.read(reader, encoding, has_header=has_header)
        _use_user_data(read)
        again = Octets(read.encode())
        assert UserData.read(again, encoding, has_header=has_header) == read
        assert not again.left


def _stamp(octets: bytes) -> None:
    _use_stamp(Timestamp(octets[:7].ljust(7, b"\0")))
    Timestamp(octets)


def _validity(octets: bytes) -> None:
    if octets:
        reader = Octets(octets, 1)
        form = ValidityFormat(octets[0] & 3)
        _use_validity(Validity.read(reader, form))
        Validity(form, octets[1:])


def _address(octets: bytes) -> None:
    address = Address.decode(octets)
    _use_address(address)
    assert Address.decode(address.encode()) == address


def _service_centre(octets: bytes) -> None:
    reader = Octets(octets)
    _use_centre(Address.read_rp(reader))


def _address_as_typed(octets: bytes) -> None:
    typed = octets.decode("utf-8", "surrogateescape")
    address = attempt(SmsError, Address.of, typed)
    if isinstance(address, SmsError):
        assert len(typed) < 8 or typed not in str(address), "an error repeats no number"
        return
    assert address.text == typed
    assert Address.decode(address.encode()) == address


def _text(octets: bytes) -> None:
    if len(octets) > 2:
        encoding = tuple(Encoding)[octets[0] % 3]
        locking, single = Language(octets[1] % len(Language)), Language(octets[2] % len(Language))
        payload = octets[3:]
        if encoding is Encoding.GSM7:
            payload = bytes(octet & 127 for octet in payload)
        text = decode_text(payload, encoding, locking, single)
        text.encode()
        written = encode_text(text, encoding, locking, single)
        assert decode_text(written, encoding, locking, single) == text


def _composed(octets: bytes) -> None:
    if not octets:
        return
    wide, national, wild = bool(octets[0] & 1), bool(octets[0] & 2), bool(octets[0] & 4)
    written = octets[1:]
    if wild:  # in UTF-16 nearly any octets are a text, half surrogate pairs too
        text = written[len(written) % 2 :].decode("utf-16-le", "surrogatepass")
    else:
        text = written.decode("utf-8", "replace")
    made = split(text, wide_reference=wide, national=national)
    total, read = len(made.segments), []
    for seq, segment in enumerate(made.segments, 1):
        tpdu = encode_submit(NUMBER, segment, seq=seq, total=total, concat_reference=9, wide_reference=wide)
        slow = submit(NUMBER, segment, seq=seq, total=total, concat_reference=9, wide_reference=wide)
        assert tpdu == slow.encode()
        _, part = from_pdu(to_pdu(tpdu), "to_network")
        assert isinstance(part, Submit)
        assert part.destination.text == NUMBER
        assert part.text == segment.text
        read.append(part.text)
    assert "".join(read) == text


def _joined(octets: bytes) -> None:
    joiner, reader, now_s = Joiner(), Octets(octets), 0.0
    added = 0
    while reader.left:
        count, now_s = reader.octet("harness"), now_s + 1
        try:
            part = Deliver.decode(reader.take(min(count, reader.left), "harness"))
        except SmsError:
            continue
        added += 1
        joined = joiner.add(part, now_s)
        if joined is not None:
            assert joined.whole
            joined.text.encode()
    gaps = joiner.gaps()
    assert len(gaps) <= added
    for gap in gaps:
        assert gap.missing
        gap.text.encode()
    assert joiner.expire(1e12) == gaps
    kept = len(joiner._open) + len(joiner._joined) + len(joiner._interrupted)
    assert kept == 0, "it forgets what has expired"


def _coding(octets: bytes) -> None:
    for octet in octets[:4]:
        coding = DataCoding(octet)
        assert coding.encoding in Encoding
        assert (coding.waiting is None) or not coding.compressed
        assert coding.message_class is None or 0 <= coding.message_class <= 3


READERS: tuple[Callable[[bytes], None], ...] = (
    _pdu_to_network, _pdu_from_network, _pdu_of_any_characters, _submit, _deliver, _report, _header, _user_data,
    _stamp, _validity, _address, _service_centre, _address_as_typed, _text, _composed, _joined, _coding,
)  # fmt: skip


# -- what must hold of it ---------------------------------------------------------------------------


def _pdu(centre: Address | None, tpdu: Tpdu) -> None:
    _use_centre(centre)
    _tpdu(tpdu)


def _tpdu(tpdu: Tpdu) -> None:
    written = tpdu.encode()
    again = type(tpdu).decode(written)
    assert again == tpdu, "what was read is written so that it reads the same"
    assert again.encode() == written
    assert again.text == tpdu.text
    tpdu.text.encode()
    if isinstance(tpdu, Submit):
        address = tpdu.destination
        _use_validity(tpdu.validity)
    else:
        address = tpdu.originator if isinstance(tpdu, Deliver) else tpdu.recipient
        _use_stamp(tpdu.service_centre_time)
    assert len(address.number) < 10 or address.number not in repr(tpdu), "no number is in a repr"
    _use_address(address)
    if tpdu.user_data is not None:
        _use_user_data(tpdu.user_data)


def _use_address(address: Address) -> None:
    address.text.encode()
    assert len(address.number) <= 20


def _use_centre(centre: Address | None) -> None:
    if centre is not None and centre.ton is not Ton.ALPHANUMERIC:
        assert Address.read_rp(Octets(centre.encode_rp())) == centre


def _use_user_data(user_data: UserData) -> None:
    user_data.text.encode()
    if user_data.header is not None:
        _use_header(user_data.header)


def _use_header(header: Header) -> None:
    place, ports = header.concatenation, header.ports
    assert place is None or 1 <= place.seq <= place.total <= 255
    assert ports is None or max(ports.destination, ports.source) <= 0xFFFF
    assert header.locking in Language
    assert header.single in Language


def _use_stamp(stamp: Timestamp) -> None:
    epoch_s, offset = stamp.epoch_s, stamp.offset_minutes
    if epoch_s is not None:
        assert offset is not None
        assert 6e8 < epoch_s < 4e9
        assert Timestamp.of_epoch(epoch_s, offset).epoch_s == epoch_s


def _use_validity(validity: Validity) -> None:
    assert validity.seconds is None or validity.seconds >= 0
    assert validity.seconds is None or validity.stamp is None
    assert Validity.read(Octets(validity.octets), validity.format) == validity
