"""Text mode lines of stored and received messages, and TPDUs from text mode input (TS 27.005 3 and 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gsmsend.errors import SmsError
from gsmsend.sms import Address, DataCoding, Deliver, Encoding, StatusReport, Submit, Timestamp, Ton, UserData
from gsmsend.sms.validity import ValidityFormat
from gsmsend_virtual import charset, tpdu
from gsmsend_virtual.storage import Stored

UDHI = 0x40


@dataclass(frozen=True, slots=True)
class View:
    """How the TE wants to see messages: +CSCS and +CSDH."""

    charset: str = "IRA"
    details: bool = False

    def string(self, text: str) -> str:
        """A string parameter, quoted."""
        return f'"{charset.to_te(text, self.charset)}"'


def parse(octets: bytes) -> Deliver | Submit | StatusReport | None:
    """The TPDU of a stored message; None if it is something else (SMS-COMMAND, rubbish)."""
    kinds: dict[int, type[Deliver | Submit | StatusReport]] = {0: Deliver, 1: Submit, 2: StatusReport}
    kind = kinds.get(octets[0] & 3 if octets else 3)
    try:
        return None if kind is None else kind.decode(octets)
    except SmsError:
        return None


def time_string(stamp: Timestamp) -> str:
    """`"yy/MM/dd,hh:mm:ss+zz"`, zz in quarters of an hour."""
    swapped = [f"{octet & 15}{octet >> 4}" for octet in stamp.octets[:6]]
    zone = stamp.octets[6]
    quarters = (zone & 7) * 10 + (zone >> 4)
    sign = "-" if zone & 8 else "+"
    return f'"{"/".join(swapped[:3])},{":".join(swapped[3:])}{sign}{quarters:02d}"'


def type_of(address: Address) -> int:
    """<toda>, <tooa>, <tora>: the type of address octet."""
    return 0x80 | address.ton << 4 | address.npi


def body(message: Deliver | Submit, view: View) -> str:
    """<data>: characters if GSM 7 bit without header, else two hexadecimal digits an octet."""
    data = message.user_data
    if data.encoding is Encoding.GSM7 and data.header is None:
        return charset.to_te(data.text, view.charset)
    return data.encode()[1:].hex().upper()


def length(message: Deliver | Submit) -> int:
    """<length> of <data>: septets or octets."""
    return message.user_data.encode()[0]


def sca_fields(sca: bytes, view: View) -> str:
    """<sca>,<tosca>."""
    return f"{view.string(tpdu.sca_number(sca))},{sca[1]}" if len(sca) > 1 else ","


def status_report(report: StatusReport, first: int, view: View) -> str:
    """<fo>,<mr>,[<ra>],[<tora>],<scts>,<dt>,<st>."""
    return (
        f"{first},{report.reference},{view.string(report.recipient.text)},{type_of(report.recipient)},"
        f"{time_string(report.service_centre_time)},{time_string(report.discharge_time)},{report.status}"
    )


def received(octets: bytes, sca: bytes, view: View, name: str) -> str:
    """The lines of +CMT or +CDS in text mode."""
    message = parse(octets)
    if isinstance(message, StatusReport):
        return f"{name}: {status_report(message, octets[0], view)}"
    if not isinstance(message, Deliver):
        return f"{name}: \r\n"
    head = f"{name}: {view.string(message.originator.text)},,{time_string(message.service_centre_time)}"
    if view.details:
        head += (
            f",{type_of(message.originator)},{octets[0]},{message.protocol},{message.coding.octet},"
            f"{sca_fields(sca, view)},{length(message)}"
        )
    return f"{head}\r\n{body(message, view)}"


def read_line(stored: Stored, view: View) -> str:
    """What follows `+CMGR: ` in text mode."""
    octets, status = stored.tpdu, f'"{stored.status.text}"'
    message = parse(octets)
    if isinstance(message, StatusReport):
        return f"{status},{status_report(message, octets[0], view)}"
    if isinstance(message, Deliver):
        head = f"{status},{view.string(message.originator.text)},,{time_string(message.service_centre_time)}"
        if view.details:
            head += (
                f",{type_of(message.originator)},{octets[0]},{message.protocol},{message.coding.octet},"
                f"{sca_fields(stored.sca, view)},{length(message)}"
            )
        return f"{head}\r\n{body(message, view)}"
    if isinstance(message, Submit):
        head = f"{status},{view.string(message.destination.text)},"
        if view.details:
            head += (
                f",{type_of(message.destination)},{octets[0]},{message.protocol},{message.coding.octet},"
                f"{validity(message)},{sca_fields(stored.sca, view)},{length(message)}"
            )
        return f"{head}\r\n{body(message, view)}"
    return f"{status},0,2\r\n"


def list_line(index: int, stored: Stored, view: View) -> str:
    """What follows `+CMGL: ` in text mode."""
    octets, start = stored.tpdu, f'{index},"{stored.status.text}"'
    message = parse(octets)
    if isinstance(message, StatusReport):
        return f"{start},{status_report(message, octets[0], view)}"
    if isinstance(message, Deliver):
        other, stamp = message.originator, time_string(message.service_centre_time)
    elif isinstance(message, Submit):
        other, stamp = message.destination, ""
    else:
        return f"{start},0,2"
    head = f"{start},{view.string(other.text)},,{stamp}"
    if view.details:
        head += f",{type_of(other)},{length(message)}"
    return f"{head}\r\n{body(message, view)}"


def validity(message: Submit) -> str:
    """<vp> as +CSMP shows it: an integer, or a time string."""
    form, octets = message.validity.format, message.validity.octets
    if form is ValidityFormat.RELATIVE:
        return str(octets[0])
    if form is ValidityFormat.ABSOLUTE:
        return time_string(Timestamp(octets))
    return f'"{octets.hex().upper()}"' if form is ValidityFormat.ENHANCED else ""


@lru_cache(maxsize=1024)
def address(number: str, kind: str | None) -> Address:
    """<da> and <toda>. Raises SmsError or ValueError."""
    digits = number.removeprefix("+")
    if kind is None:
        return Address.of(number)
    octet = int(kind)
    return Address(digits, Ton(octet >> 4 & 7), octet & 15)


def compose(first: int, to: Address, protocol: int, coding: int, period: str, typed: str, te: str) -> bytes:
    """The SMS-SUBMIT or SMS-DELIVER of text mode input, by +CSMP; TP-MR 0. Raises SmsError or ValueError."""
    scheme = DataCoding(coding)
    if scheme.encoding is Encoding.GSM7 and not first & UDHI:
        data = UserData(charset.septets(charset.from_te(typed, te))).encode()
    else:
        octets = bytes.fromhex(typed)
        count = len(octets) * 8 // 7 if scheme.encoding is Encoding.GSM7 else len(octets)
        data = bytes((min(count, 255),)) + octets
    head = bytes((first, 0)) if first & 3 == 1 else bytes((first,))
    middle = _period(first, period) if first & 3 == 1 else bytes(7)
    made = head + to.encode() + bytes((protocol, coding)) + middle + data
    (Submit if first & 3 == 1 else Deliver).decode(made)
    return made


def _period(first: int, period: str) -> bytes:
    form = ValidityFormat(first >> 3 & 3)
    if form is ValidityFormat.NONE:
        return b""
    if form is ValidityFormat.RELATIVE:
        return bytes((int(period or "167"),))
    if form is ValidityFormat.ENHANCED:
        return bytes.fromhex(period).ljust(7, b"\0")[:7]
    digits = "".join(char for char in period if char.isdigit())
    octets = bytearray(int(digits[at + 1] + digits[at], 16) for at in range(0, 14, 2))
    if "-" in period:
        octets[6] |= 8
    return bytes(octets)
