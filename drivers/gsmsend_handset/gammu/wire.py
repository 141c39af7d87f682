"""Between gsmsend's values and python-gammu's dictionaries, as JSON has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gsmsend.contract import Submission
from gsmsend.errors import SmsError
from gsmsend.model import Inbound, Registration, Report
from gsmsend.sms import Concatenation, Encoding, Header, Language, Submit, from_pdu, submit
from gsmsend.sms.validity import relative_value

_CODINGS = {Encoding.GSM7: "Default_No_Compression", Encoding.UCS2: "Unicode_No_Compression"}
_LONGEST_IN_DAYS = 196
"""Relative TP-VP of 30 days: what python-gammu makes of weeks is wrong (StringToSMSValidity, python-gammu 3.2)."""
_STATES = {
    "HomeNetwork": Registration.HOME,
    "RoamingNetwork": Registration.ROAMING,
    "RequestingNetwork": Registration.SEARCHING,
    "RegistrationDenied": Registration.DENIED,
    "NoNetwork": Registration.NOT_SEARCHING,
}


def canonical(value: object) -> str:
    """The one way to write it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sms_of(submission: Submission, smsc: str) -> dict[str, Any]:
    """The part as python-gammu's SendSMS takes it. Raises SmsError for a text that cannot be coded.

    A validity of more than 30 days becomes 30 days.
    """
    segment = submission.segment
    if not segment.text:
        raise SmsError("the text is empty", field="TP-UD")
    if segment.encoding not in _CODINGS or (segment.locking, segment.single) != (Language.DEFAULT,) * 2:
        raise SmsError("is coded in a way that libgammu does not have", field="TP-UD")
    asked_for(submission)
    made: dict[str, Any] = {
        "Coding": _CODINGS[segment.encoding],
        "Number": submission.destination,
        "SMSC": {"Format": "Text", "Number": smsc, "Validity": _validity(submission.validity_s)},
        "Text": segment.text,
        "Type": "Status_Report" if submission.report else "Submit",
    }
    if submission.total > 1:
        joined = Concatenation(submission.concat_reference, submission.total, submission.seq)
        elements = Header.of(concatenation=joined)
        octets = elements.encode() if elements is not None else b""
        made["UDH"] = {"Text": {"hex": (bytes((len(octets),)) + octets).hex()}, "Type": "UserUDH"}
    return made


def asked_for(submission: Submission) -> Submit:
    """The same as an SMS-SUBMIT. Raises SmsError."""
    return submit(
        submission.destination, submission.segment, seq=submission.seq, total=submission.total,
        concat_reference=submission.concat_reference, report=submission.report, validity_s=submission.validity_s,
    )  # fmt: skip


def same(pdu: str, submission: Submission) -> bool:
    """Whether libgammu's PDU (hex) is this part: to the same number, the same octets, reported alike."""
    try:
        made, asked = from_pdu(pdu, "to_network")[1], asked_for(submission)
    except SmsError:
        return False
    return isinstance(made, Submit) and (made.destination, made.user_data, made.coding, made.report) == (
        asked.destination, asked.user_data, asked.coding, asked.report
    )  # fmt: skip


def _validity(seconds: float | None) -> str:
    if seconds is None:
        return "Max"
    octet = min(relative_value(seconds), _LONGEST_IN_DAYS)
    if octet <= 143:
        return f"{(octet + 1) * 5}M"
    if octet <= 167:
        return f"{12 * 60 + (octet - 143) * 30}M"
    return f"{octet - 166}D"


def is_report(event: Mapping[str, Any]) -> bool:
    """Whether a text that came is an SMS-STATUS-REPORT."""
    return event.get("Type") == "Status_Report"


def report_of(event: Mapping[str, Any], how: str) -> Report:
    """A status report. Its moments lack their time zone in python-gammu: they stand in `raw` alone."""
    return Report(
        int(event.get("MessageReference", 0)) & 0xFF, str(event.get("Number", "")),
        int(event.get("DeliveryStatus", 0)) & 0xFF, raw=canonical(event), how=how,
    )  # fmt: skip


def inbound_of(event: Mapping[str, Any], how: str) -> Inbound:
    """A received text; of its time of sending python-gammu drops the zone, so that it stands in `raw` alone."""
    text = event.get("Text", "")
    words = text if isinstance(text, str) else bytes.fromhex(str(text.get("hex", ""))).decode("latin-1")
    # libgammu counts the escape of an extension character as one more: a NUL, and what was there before, follow.
    return Inbound(
        str(event.get("Number", "")), words.partition("\0")[0], concat=_concat(event.get("UDH") or {}),
        raw=canonical(event), how=how,
    )  # fmt: skip


def _concat(header: Mapping[str, Any]) -> tuple[int, int, int] | None:
    if not str(header.get("Type", "")).startswith("Concatenated"):
        return None
    wide = int(header.get("ID16bit", -1))
    reference = wide if str(header["Type"]).endswith("16bit") else int(header.get("ID8bit", -1))
    total, seq = int(header.get("AllParts", 0)), int(header.get("PartNumber", 0))
    return (reference, total, seq) if 1 <= seq <= total and reference >= 0 else None


def registration_of(network: Mapping[str, Any] | None) -> Registration:
    """GetNetworkInfo's State."""
    return _STATES.get(str((network or {}).get("State", "")), Registration.UNKNOWN)


def operator_of(network: Mapping[str, Any] | None) -> str:
    """The network's name, else its code."""
    return str((network or {}).get("NetworkName") or (network or {}).get("NetworkCode") or "").strip()


def signal_of(signal: Mapping[str, Any] | None) -> int | None:
    """GetSignalQuality in dBm; None where it is not known (-1)."""
    found = (signal or {}).get("SignalStrength")
    return found if isinstance(found, int) and -130 <= found < -20 else None


def digits_of(value: object) -> str | None:
    """An IMEI or IMSI; None for anything else."""
    text = str(value or "").strip()
    return text if text.isascii() and text.isdigit() and 14 <= len(text) <= 17 else None
