"""TPDUs as the network sees them, through gsmsend.sms (3GPP TS 23.040)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from gsmsend.errors import SmsError
from gsmsend.sms import (
    Address,
    Concatenation,
    DataCoding,
    Deliver,
    Header,
    StatusReport,
    Submit,
    Timestamp,
    Ton,
    UserData,
    split,
)
from gsmsend.sms.validity import ValidityFormat, relative_seconds

COUNTRY = "44"  # the network is a British one: how it reads numbers without a country


@dataclass(frozen=True, slots=True)
class Submitted:
    """An SMS-SUBMIT as the SMSC reads it. `number` is E.164 with `+`, or a short code."""

    octets: bytes
    tpdu: Submit
    number: str
    reference: int

    @property
    def wants_report(self) -> bool:
        """TP-SRR."""
        return self.tpdu.report

    @property
    def reject_duplicates(self) -> bool:
        """TP-RD."""
        return self.tpdu.reject_duplicates

    @property
    def validity_s(self) -> float | None:
        """Relative validity period in seconds; None if another form or none is given."""
        validity = self.tpdu.validity
        if validity.format is not ValidityFormat.RELATIVE:
            return None
        return float(relative_seconds(validity.octets[0]))


def canonical(number: str) -> str:
    """A number as the network routes it: `07700 900123` and `447700900123` mean `+447700900123`."""
    if number.startswith("00"):
        return "+" + number[2:]
    if number.startswith("0"):
        return "+" + COUNTRY + number[1:]
    if number.startswith(COUNTRY) and len(number) == 12:
        return "+" + number
    return number


def national(number: str) -> str:
    """The same number without its country, as dialled inside it."""
    return "0" + number[3:] if number.startswith("+" + COUNTRY) else number


def read_submit(octets: bytes) -> Submitted:
    """Read an SMS-SUBMIT. Raises SmsError."""
    tpdu = Submit.decode(octets)
    if not tpdu.destination.number:
        raise SmsError("is empty", field="TP-DA")
    return Submitted(octets, tpdu, canonical(tpdu.destination.text), tpdu.reference)


@lru_cache(maxsize=256)
def sca(number: str) -> bytes:
    """A service centre's address as it leads a PDU (TS 24.011 8.2.5.2); one zero octet for none."""
    return Address.of(number).encode_rp() if number else b"\0"


@lru_cache(maxsize=256)
def sca_number(octets: bytes) -> str:
    """The number of a service centre's address; empty for none."""
    if len(octets) < 2:
        return ""
    kind, digits = octets[1], octets[2:]
    address = Address.decode(bytes((_semi_octets(digits), kind)) + digits)
    return address.text


def _semi_octets(digits: bytes) -> int:
    return 2 * len(digits) - (digits[-1:] >= b"\xf0")


def report(
    submit: Submitted, reference: int, status: int, submitted: float, discharged: float, *,
    recipient: str | None = None, zone_quarters: int = 0,
) -> bytes:  # fmt: skip
    """The SMS-STATUS-REPORT for a submission; times in seconds since the epoch."""
    address = submit.tpdu.destination if recipient is None else Address.of(recipient)
    minutes = 15 * zone_quarters
    return StatusReport(
        address, reference, status, _stamp(int(submitted), minutes), _stamp(int(discharged), minutes)
    ).encode()


@lru_cache(maxsize=64)
def _stamp(epoch_s: int, minutes: int) -> Timestamp:
    return Timestamp.of_epoch(epoch_s, minutes)


def deliver_from(submit: Submitted, sender: str, epoch_s: float, zone_quarters: int) -> bytes:
    """What the recipient gets: text, header, coding and protocol as they were submitted."""
    tpdu = submit.tpdu
    return Deliver(
        Address.of(sender), tpdu.user_data, tpdu.coding, _stamp(int(epoch_s), 15 * zone_quarters), tpdu.protocol,
        reply_path=tpdu.reply_path,
    ).encode()  # fmt: skip


def text_parts(sender: str, text: str, epoch_s: float, zone_quarters: int, reference: int) -> list[bytes]:
    """A text from outside as SMS-DELIVERs, one a part. Raises SmsError."""
    cut = split(text)
    address = Address.of(sender)
    if address.ton is Ton.UNKNOWN and len(sender) > 6 and canonical(sender) != sender:
        address = replace(address, ton=Ton.NATIONAL)
    stamp = _stamp(int(epoch_s), 15 * zone_quarters)
    total = len(cut.segments)
    parts: list[bytes] = []
    for seq, segment in enumerate(cut.segments, 1):
        concatenation = Concatenation(reference, total, seq) if total > 1 else None
        header = Header.of(concatenation=concatenation, locking=segment.locking, single=segment.single)
        user_data = UserData.of_segment(segment, header)
        parts.append(Deliver(address, user_data, DataCoding.of(segment.encoding), stamp).encode())
    return parts


def message_class(octets: bytes) -> int | None:
    """The class of an SMS-DELIVER, 0 to 3, or None (TS 23.038 clause 4)."""
    return Deliver.decode(octets).coding.message_class
