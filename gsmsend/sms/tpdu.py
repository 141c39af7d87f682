"""SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT: TPDUs without service centre (TS 23.040 9.2.2).

Reading is strict about lengths and lenient about meanings: a TPDU that ends early, or whose lengths contradict
each other, raises SmsError; reserved values are kept. Octets behind a complete TPDU are no error, as SIM files
and some modems pad: they are kept in `trailing` and written back by `encode`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gsmsend.errors import SmsError
from gsmsend.sms.address import Address
from gsmsend.sms.coding import DataCoding
from gsmsend.sms.octets import Octets, check_octet
from gsmsend.sms.timestamp import Timestamp
from gsmsend.sms.userdata import UserData
from gsmsend.sms.validity import Validity, ValidityFormat
from gsmsend.sms.values import Encoding

MTI_DELIVER, MTI_SUBMIT, MTI_STATUS_REPORT, MTI_RESERVED = 0, 1, 2, 3
"""TP-MTI, bits 1 and 0 of the first octet (TS 23.040 9.2.3.1); 0 and 2 are from the network."""

# First octet of each type, TS 23.040 9.2.2.1 to 9.2.2.3.
REJECT_DUPLICATES, NO_MORE_MESSAGES, LOOP_PREVENTION = 0x04, 0x04, 0x08
REPORT, HAS_HEADER, REPLY_PATH = 0x20, 0x40, 0x80

_NO_TEXT, _GSM7, _NO_VALIDITY, _NO_STAMP = UserData(), DataCoding(), Validity(), Timestamp()

_HAS_PID, _HAS_DCS, _HAS_UD, _MORE_INDICATORS = 0x01, 0x02, 0x04, 0x80


def _flags(mti: int, *flags: tuple[bool, int]) -> int:
    return mti | sum(bit for wanted, bit in flags if wanted)


def _check_coding(coding: DataCoding, user_data: UserData) -> None:
    if coding.encoding is not user_data.encoding:
        message = f"says {coding.encoding.value} but the user data are {user_data.encoding.value}"
        raise SmsError(message, field="TP-DCS")


def _start(octets: bytes, wanted: tuple[int, ...], name: str) -> tuple[Octets, int]:
    reader = Octets(octets)
    first = reader.octet("TP-MTI")
    if first & 3 not in wanted:
        message = f"is {first & 3}; an {name} has {wanted[0]}"
        raise SmsError(message, field="TP-MTI", offset=0)
    return reader, first


@dataclass(frozen=True, slots=True)
class Submit:
    """SMS-SUBMIT, from the mobile to the service centre (TS 23.040 9.2.2.2).

    `reference` is TP-MR 0..255, `report` TP-SRR, `reply_path` TP-RP. TP-VPF follows from `validity`, TP-UDHI
    from the user data's header.
    """

    destination: Address
    user_data: UserData = _NO_TEXT
    coding: DataCoding = _GSM7
    validity: Validity = _NO_VALIDITY
    reference: int = 0
    protocol: int = 0
    report: bool = False
    reject_duplicates: bool = False
    reply_path: bool = False
    trailing: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        """The text of this part."""
        return self.user_data.text

    def encode(self) -> bytes:
        """The TPDU. Raises SmsError naming the field that does not fit."""
        _check_coding(self.coding, self.user_data)
        first = _flags(
            MTI_SUBMIT | self.validity.format << 3,
            (self.reject_duplicates, REJECT_DUPLICATES),
            (self.report, REPORT),
            (self.user_data.header is not None, HAS_HEADER),
            (self.reply_path, REPLY_PATH),
        )
        return b"".join(
            [
                bytes((first, check_octet(self.reference, "TP-MR"))),
                self.destination.encode("TP-DA"),
                bytes((check_octet(self.protocol, "TP-PID"), self.coding.octet)),
                self.validity.octets,
                self.user_data.encode(),
                self.trailing,
            ]
        )

    @classmethod
    def decode(cls, octets: bytes) -> Submit:
        """Read a TPDU. Raises SmsError with field and octet offset."""
        reader, first = _start(octets, (MTI_SUBMIT,), "SMS-SUBMIT")
        reference = reader.octet("TP-MR")
        destination = Address.read(reader, "TP-DA")
        protocol = reader.octet("TP-PID")
        coding = DataCoding(reader.octet("TP-DCS"))
        validity = Validity.read(reader, ValidityFormat(first >> 3 & 3))
        user_data = UserData.read(reader, coding.encoding, has_header=bool(first & HAS_HEADER))
        return cls(
            destination,
            user_data,
            coding,
            validity,
            reference,
            protocol,
            bool(first & REPORT),
            bool(first & REJECT_DUPLICATES),
            bool(first & REPLY_PATH),
            reader.rest(),
        )


@dataclass(frozen=True, slots=True)
class Deliver:
    """SMS-DELIVER, from the service centre to the mobile (TS 23.040 9.2.2.1).

    `more_messages`: more wait (TP-MMS, whose bit says the contrary). `loop_prevention` TP-LP, `report` TP-SRI,
    `reply_path` TP-RP. `message_type` is 3 for the reserved TP-MTI, which is read as SMS-DELIVER (9.2.3.1).
    """

    originator: Address
    user_data: UserData = _NO_TEXT
    coding: DataCoding = _GSM7
    service_centre_time: Timestamp = _NO_STAMP
    protocol: int = 0
    more_messages: bool = False
    loop_prevention: bool = False
    report: bool = False
    reply_path: bool = False
    message_type: int = MTI_DELIVER
    trailing: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        """The text of this part."""
        return self.user_data.text

    def encode(self) -> bytes:
        """The TPDU. Raises SmsError naming the field that does not fit."""
        _check_coding(self.coding, self.user_data)
        if self.message_type not in (MTI_DELIVER, MTI_RESERVED):
            raise SmsError(f"is {self.message_type}; an SMS-DELIVER has 0", field="TP-MTI")
        first = _flags(
            self.message_type,
            (not self.more_messages, NO_MORE_MESSAGES),
            (self.loop_prevention, LOOP_PREVENTION),
            (self.report, REPORT),
            (self.user_data.header is not None, HAS_HEADER),
            (self.reply_path, REPLY_PATH),
        )
        return b"".join(
            [
                bytes((first,)),
                self.originator.encode("TP-OA"),
                bytes((check_octet(self.protocol, "TP-PID"), self.coding.octet)),
                self.service_centre_time.octets,
                self.user_data.encode(),
                self.trailing,
            ]
        )

    @classmethod
    def decode(cls, octets: bytes) -> Deliver:
        """Read a TPDU. Raises SmsError with field and octet offset."""
        reader, first = _start(octets, (MTI_DELIVER, MTI_RESERVED), "SMS-DELIVER")
        originator = Address.read(reader, "TP-OA")
        protocol = reader.octet("TP-PID")
        coding = DataCoding(reader.octet("TP-DCS"))
        stamp = Timestamp.read(reader, "TP-SCTS")
        user_data = UserData.read(reader, coding.encoding, has_header=bool(first & HAS_HEADER))
        return cls(
            originator,
            user_data,
            coding,
            stamp,
            protocol,
            not first & NO_MORE_MESSAGES,
            bool(first & LOOP_PREVENTION),
            bool(first & REPORT),
            bool(first & REPLY_PATH),
            first & 3,
            reader.rest(),
        )


@dataclass(frozen=True, slots=True)
class StatusReport:
    """SMS-STATUS-REPORT, from the service centre to the mobile (TS 23.040 9.2.2.3).

    `reference` is the TP-MR of the SMS-SUBMIT, `status` the raw TP-ST (`tp_status` says what it means),
    `of_command` TP-SRQ. `protocol`, `coding` and `user_data` are None where TP-PI does not announce them.
    `indicator` keeps the TP-PI octets, whose reserved bits mean nothing; if empty it is made up from the
    fields. Padding of 0xFF right behind TP-ST is no TP-PI.
    """

    recipient: Address
    reference: int = 0
    status: int = 0
    service_centre_time: Timestamp = _NO_STAMP
    discharge_time: Timestamp = _NO_STAMP
    protocol: int | None = None
    coding: DataCoding | None = None
    user_data: UserData | None = None
    more_messages: bool = False
    loop_prevention: bool = False
    of_command: bool = False
    indicator: bytes = field(default=b"", compare=False)
    trailing: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        """The text that came with it, mostly empty."""
        return "" if self.user_data is None else self.user_data.text

    def encode(self) -> bytes:
        """The TPDU. Raises SmsError naming the field that does not fit."""
        user_data = self.user_data
        if user_data is not None:
            _check_coding(self.coding or _GSM7, user_data)
        first = _flags(
            MTI_STATUS_REPORT,
            (not self.more_messages, NO_MORE_MESSAGES),
            (self.loop_prevention, LOOP_PREVENTION),
            (self.of_command, REPORT),
            (user_data is not None and user_data.header is not None, HAS_HEADER),
        )
        return b"".join(
            [
                bytes((first, check_octet(self.reference, "TP-MR"))),
                self.recipient.encode("TP-RA"),
                self.service_centre_time.octets,
                self.discharge_time.octets,
                bytes((check_octet(self.status, "TP-ST"),)),
                self._indicator(),
                b"" if self.protocol is None else bytes((check_octet(self.protocol, "TP-PID"),)),
                b"" if self.coding is None else bytes((self.coding.octet,)),
                b"" if user_data is None else user_data.encode(),
                self.trailing,
            ]
        )

    def _indicator(self) -> bytes:
        present = (
            (self.protocol is not None and _HAS_PID)
            | (self.coding is not None and _HAS_DCS)
            | (self.user_data is not None and _HAS_UD)
        )
        if not self.indicator:
            return bytes((present,)) if present or self.trailing.strip(b"\xff") else b""
        if self.indicator[0] & 7 != present:
            raise SmsError("does not announce the fields that are there", field="TP-PI")
        return self.indicator

    @classmethod
    def decode(cls, octets: bytes) -> StatusReport:
        """Read a TPDU. Raises SmsError with field and octet offset."""
        reader, first = _start(octets, (MTI_STATUS_REPORT,), "SMS-STATUS-REPORT")
        reference = reader.octet("TP-MR")
        recipient = Address.read(reader, "TP-RA")
        submitted = Timestamp.read(reader, "TP-SCTS")
        discharged = Timestamp.read(reader, "TP-DT")
        status = reader.octet("TP-ST")
        indicator = b""
        protocol = coding = user_data = None
        # Bits 7 to 0 all set would announce indicators for ever: that is a SIM record's padding.
        if reader.left and octets[reader.at :].strip(b"\xff"):
            indicator = cls._read_indicator(reader)
            if indicator[0] & _HAS_PID:
                protocol = reader.octet("TP-PID")
            if indicator[0] & _HAS_DCS:
                coding = DataCoding(reader.octet("TP-DCS"))
            if indicator[0] & _HAS_UD:
                encoding = Encoding.GSM7 if coding is None else coding.encoding
                user_data = UserData.read(reader, encoding, has_header=bool(first & HAS_HEADER))
        return cls(
            recipient,
            reference,
            status,
            submitted,
            discharged,
            protocol,
            coding,
            user_data,
            not first & NO_MORE_MESSAGES,
            bool(first & LOOP_PREVENTION),
            bool(first & REPORT),
            indicator,
            reader.rest(),
        )

    @staticmethod
    def _read_indicator(reader: Octets) -> bytes:
        # Bit 7 says that another octet of indicators follows (TS 23.040 9.2.3.27).
        start = reader.at
        while reader.octet("TP-PI") & _MORE_INDICATORS:
            pass
        return reader.data[start : reader.at]
