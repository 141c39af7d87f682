"""A PDU in words, beside its octets (TS 23.040 9.2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from gsmsend.errors import SmsError
from gsmsend.sms import Deliver, StatusReport, Submit, Timestamp, from_pdu, tp_status

UNREADABLE = "cannot be read as a PDU"


def decoded(pdu: str, direction: Literal["to_network", "from_network"]) -> str:
    """What it says, in one line; that it cannot be read, where that is so."""
    if not pdu:
        return "nothing was handed over"
    if pdu.startswith("{"):  # no hexadecimal digit: a route with TP-MR that takes no PDUs, such as libgammu
        way = "was given, in its own form" if direction == "to_network" else "gave, in its own form"
        return f"no PDU: what the library that speaks to the handset {way}"
    try:
        _, tpdu = from_pdu(pdu, direction)
    except SmsError as error:
        return f"{UNREADABLE}: {error}"
    if isinstance(tpdu, Submit):
        report = "report asked for" if tpdu.report else "no report asked for"
        return f"SMS-SUBMIT to {tpdu.destination.text}; {report}; {_user_data(tpdu)}"
    if isinstance(tpdu, StatusReport):
        status = tp_status(tpdu.status)
        sent, ended = _time(tpdu.service_centre_time), _time(tpdu.discharge_time)
        about = f"SMS-STATUS-REPORT about TP-MR {tpdu.reference} to {tpdu.recipient.text}"
        return f"{about}; sent {sent}, ended {ended}; TP-Status 0x{tpdu.status:02X}: {status.name}"
    return f"SMS-DELIVER from {tpdu.originator.text}, {_time(tpdu.service_centre_time)}; {_user_data(tpdu)}"


def asked(data: Mapping[str, Any]) -> str:
    """What an attempt or a report of a route without TP-MR is: what stands beside it is no PDU."""
    if "status" not in data:
        return f"a request to the route, as it was handed over under our own name for it, {data.get('key')}"
    about = f"the route's answer about {data.get('handle')}"
    said = str(data.get("said") or "")
    if said.startswith("TP-Status "):
        return f"{about}: {said}"
    if said:
        read = tp_status(data["status"]).outcome.value
        return f"{about}: {said}; that is its own word, no TP-Status; gsmsend reads it as: {read}"
    return f"{about}: TP-Status 0x{data['status']:02X}: {tp_status(data['status']).name}"


def _user_data(tpdu: Submit | Deliver) -> str:
    header = tpdu.user_data.header
    joined = header.concatenation if header is not None else None
    part = f"part {joined.seq} of {joined.total}; " if joined is not None else ""
    return f"{part}{tpdu.coding.encoding.value}: {tpdu.text}"


def _time(stamp: Timestamp) -> str:
    if stamp.epoch_s is None:
        return "at no readable time"
    return datetime.fromtimestamp(stamp.epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
