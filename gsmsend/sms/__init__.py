"""3GPP TS 23.038 and 23.040: octets to values and back, pure. Raises `gsmsend.errors.SmsError` and nothing else.

Out: `split` a text into segments, `encode_submit` each (or build a `submit` and look at it), `to_pdu`.
In: `from_pdu`, then `tp_status` for a StatusReport, or a `Joiner` for Delivers.
"""

from __future__ import annotations

from gsmsend.sms.address import Address, Ton
from gsmsend.sms.coding import DataCoding, Waiting
from gsmsend.sms.compose import Direction, encode_submit, from_pdu, submit, to_pdu
from gsmsend.sms.header import Concatenation, Header, InformationElement, Ports
from gsmsend.sms.joiner import Joined, Joiner
from gsmsend.sms.segmentation import split
from gsmsend.sms.status import Finality, TpStatus, tp_status
from gsmsend.sms.timestamp import Timestamp
from gsmsend.sms.tpdu import Deliver, StatusReport, Submit
from gsmsend.sms.userdata import UserData
from gsmsend.sms.validity import Validity, ValidityFormat
from gsmsend.sms.values import Encoding, Language, Segment, Segmentation

__all__ = [
    "Address",
    "Concatenation",
    "DataCoding",
    "Deliver",
    "Direction",
    "Encoding",
    "Finality",
    "Header",
    "InformationElement",
    "Joined",
    "Joiner",
    "Language",
    "Ports",
    "Segment",
    "Segmentation",
    "StatusReport",
    "Submit",
    "Timestamp",
    "Ton",
    "TpStatus",
    "UserData",
    "Validity",
    "ValidityFormat",
    "Waiting",
    "encode_submit",
    "from_pdu",
    "split",
    "submit",
    "to_pdu",
    "tp_status",
]
