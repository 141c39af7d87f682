"""From a segment to an SMS-SUBMIT, and between TPDUs and the hexadecimal PDUs of AT commands.

A PDU is the service centre's address followed by the TPDU (TS 27.005 3.1, <pdu>); the length that AT+CMGS
asks for is that of the TPDU alone, in octets: `len(tpdu)`.
"""

from __future__ import annotations

from functools import lru_cache
from string import hexdigits
from typing import Literal

from gsmsend.errors import SmsError
from gsmsend.sms.address import Address
from gsmsend.sms.coding import DataCoding
from gsmsend.sms.header import Concatenation, Header
from gsmsend.sms.octets import Octets, check_octet
from gsmsend.sms.tpdu import (
    HAS_HEADER,
    MTI_DELIVER,
    MTI_RESERVED,
    MTI_STATUS_REPORT,
    MTI_SUBMIT,
    REJECT_DUPLICATES,
    REPORT,
    Deliver,
    StatusReport,
    Submit,
)
from gsmsend.sms.userdata import UserData
from gsmsend.sms.validity import Validity, ValidityFormat, relative_value
from gsmsend.sms.values import Segment

Direction = Literal["to_network", "from_network"]

_REFERENCE_AT = 4  # in TP-UDL, TP-UDHL, IEI, IEIDL, reference: the concatenation element comes first


def submit(
    destination: str,
    segment: Segment,
    *,
    reference: int = 0,
    seq: int = 1,
    total: int = 1,
    concat_reference: int = 0,
    report: bool = True,
    validity_s: float | None = None,
    wide_reference: bool = False,
    reject_duplicates: bool = False,
) -> Submit:
    """Part `seq` of `total` as an SMS-SUBMIT. `validity_s`: seconds, rounded up to a relative TP-VP.

    `reference` is TP-MR, 0..255, which most modems replace. `concat_reference`: 0..255, or 0..65535 if
    `wide_reference`; used only where `total` > 1. Raises SmsError for a bad destination, number or length.
    """
    return Submit(
        Address.of(destination),
        _user_data(segment, seq, total, concat_reference, wide=wide_reference),
        DataCoding.of(segment.encoding),
        Validity() if validity_s is None else Validity.of_seconds(validity_s),
        reference,
        report=report,
        reject_duplicates=reject_duplicates,
    )


def encode_submit(
    destination: str,
    segment: Segment,
    *,
    reference: int = 0,
    seq: int = 1,
    total: int = 1,
    concat_reference: int = 0,
    report: bool = True,
    validity_s: float | None = None,
    wide_reference: bool = False,
    reject_duplicates: bool = False,
) -> bytes:
    """The octets of `submit(...).encode()`, from remembered user data: for a segment sent to many."""
    packed, coding, has_header = _packed(segment, seq, total, wide=wide_reference)
    if total > 1:
        width = 2 if wide_reference else 1
        if not 0 <= concat_reference < 256**width:
            message = f"concatenation reference {concat_reference} is out of range"
            raise SmsError(f"{message}; expected 0 to {256**width - 1}", field="TP-UDH")
        octets = concat_reference.to_bytes(width, "big")
        packed = packed[:_REFERENCE_AT] + octets + packed[_REFERENCE_AT + width :]
    first = MTI_SUBMIT | has_header
    if report:
        first |= REPORT
    if reject_duplicates:
        first |= REJECT_DUPLICATES
    if validity_s is None:
        middle = bytes((0, coding))
    else:
        first |= ValidityFormat.RELATIVE << 3
        middle = bytes((0, coding, relative_value(validity_s)))
    return bytes((first, check_octet(reference, "TP-MR"))) + _destination(destination) + middle + packed


def to_pdu(tpdu: bytes, smsc: str | None = None) -> str:
    """Hexadecimal PDU for AT+CMGS. Without `smsc` the modem uses the one it knows. Raises SmsError."""
    prefix = b"\0" if smsc is None else Address.of(smsc).encode_rp()
    return (prefix + tpdu).hex().upper()


def from_pdu(pdu: str, direction: Direction) -> tuple[Address | None, Submit | Deliver | StatusReport]:
    """Read a hexadecimal PDU: the service centre, None if it is not given, and the TPDU.

    `from_network`: SMS-DELIVER (also under the reserved TP-MTI) or SMS-STATUS-REPORT; `to_network`:
    SMS-SUBMIT. White space around it is ignored. Octets behind the TPDU are kept in its `trailing`.
    Raises SmsError naming field and offset, counted in octets from the start of the TPDU (of the PDU for the
    service centre), for any other string.
    """
    octets = _from_hex(pdu.strip())
    reader = Octets(octets)
    smsc = Address.read_rp(reader)
    tpdu = reader.rest()
    if not tpdu:
        raise SmsError("no TPDU follows the service centre", field="TP-MTI", offset=0)
    kind = tpdu[0] & 3
    if direction == "to_network":
        if kind == MTI_SUBMIT:
            return smsc, Submit.decode(tpdu)
    elif kind in (MTI_DELIVER, MTI_RESERVED):
        return smsc, Deliver.decode(tpdu)
    elif kind == MTI_STATUS_REPORT:
        return smsc, StatusReport.decode(tpdu)
    way = direction.replace("_", " ")
    raise SmsError(f"{kind} is a type that is not read {way}", field="TP-MTI", offset=0)


def _from_hex(pdu: str) -> bytes:
    if len(pdu) % 2:
        message = "an odd number of hexadecimal digits; half an octet is missing"
        raise SmsError(message, field="PDU", offset=len(pdu) // 2)
    try:
        octets = bytes.fromhex(pdu)
    except ValueError:
        octets = b""
    # Python skips white space between octets; a modem never writes any there.
    if len(octets) * 2 != len(pdu):
        at = next(index for index, char in enumerate(pdu) if char not in hexdigits)
        raise SmsError("is no hexadecimal digit", field="PDU", offset=at // 2)
    return octets


def _user_data(segment: Segment, seq: int, total: int, reference: int, *, wide: bool) -> UserData:
    concatenation = Concatenation(reference, total, seq, wide) if total != 1 or seq != 1 else None
    header = Header.of(concatenation=concatenation, locking=segment.locking, single=segment.single)
    return UserData.of_segment(segment, header)


@lru_cache(maxsize=1024)
def _packed(segment: Segment, seq: int, total: int, *, wide: bool) -> tuple[bytes, int, int]:
    user_data = _user_data(segment, seq, total, 0, wide=wide)
    has_header = HAS_HEADER if user_data.header is not None else 0
    return user_data.encode(), DataCoding.of(segment.encoding).octet, has_header


@lru_cache(maxsize=4096)
def _destination(destination: str) -> bytes:
    return Address.of(destination).encode("TP-DA")
