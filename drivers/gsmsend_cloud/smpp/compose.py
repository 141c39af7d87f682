"""SMPP 3.4 PDUs that are sent: made by smpplib, with the limits that it leaves to its caller.

smpplib cuts what is too long for its field without a word; here that is refused first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from types import ModuleType

from gsmsend.errors import NotInstalled, SmsError
from gsmsend.sms import Address

MOST_SHORT_OCTETS = 254
"""sm_length (5.2.21)."""
MOST_ADDRESS = 20
"""Characters of an address, less its zero (5.2.8)."""
_DAY_S = 86400
_MOST_DAYS = 441  # 63 weeks, as long as the longest of TS 23.040 9.2.3.12.1


@cache
def _library() -> ModuleType:
    try:
        return import_module("smpplib.smpp")
    except ImportError:
        raise NotInstalled(
            "the driver smpp needs the package smpplib, which is not installed",
            remedy="Install it: pip install 'gsmsend[smpp]'",
        ) from None


def ready() -> None:
    """Raise NotInstalled if the library is not installed."""
    _library()


@dataclass(frozen=True, slots=True)
class Coded:
    """The text of a submit_sm: `short` as short_message, or `payload` as message_payload. `sar`: its place."""

    data_coding: int
    short: bytes = field(default=b"", repr=False)
    payload: bytes = field(default=b"", repr=False)
    esm_class: int = 0
    sar: tuple[int, int, int] | None = None


def simple(command: str, sequence: int, status: int = 0) -> bytes:
    """A PDU with nothing but its header; of a deliver_sm_resp, with its empty message_id (4.6.2)."""
    return _octets(command, sequence, status=status)


def bind(system_id: str, password: str, system_type: str, sequence: int) -> bytes:
    """bind_transceiver (4.1.5). The lengths are those that `settings` and `link` have checked."""
    return _octets(
        "bind_transceiver", sequence, system_id=system_id, password=password, system_type=system_type,
        addr_ton=0, addr_npi=0, address_range="",
    )  # fmt: skip


def submit(
    source: Address,
    destination: Address,
    coded: Coded,
    *,
    report: bool,
    validity_s: float | None,
    user_reference: int | None,
    service_type: str = "",
) -> bytes:
    """submit_sm (4.4.1), its sequence_number 0: that is set when it goes. Raises SmsError for what has no room."""
    if len(coded.short) > MOST_SHORT_OCTETS:
        words = f"{len(coded.short)} octets; expected at most {MOST_SHORT_OCTETS}"
        raise SmsError(words, field="short_message")
    for name, address in (("source_addr", source), ("destination_addr", destination)):
        if len(address.number) > MOST_ADDRESS or not address.number.isascii():
            raise SmsError(f"expected at most {MOST_ADDRESS} characters of ASCII", field=name)
    options: dict[str, object] = {}
    if user_reference is not None:
        options["user_message_reference"] = user_reference
    if coded.sar is not None:
        names = ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum")
        options.update(zip(names, coded.sar, strict=True))
    if coded.payload:
        options["message_payload"] = coded.payload
    return _octets(
        "submit_sm", 0, service_type=service_type, source_addr_ton=int(source.ton), source_addr_npi=source.npi,
        source_addr=source.number, dest_addr_ton=int(destination.ton), dest_addr_npi=destination.npi,
        destination_addr=destination.number, esm_class=coded.esm_class, protocol_id=0, priority_flag=0,
        schedule_delivery_time="", validity_period=relative_time(validity_s), registered_delivery=int(report),
        replace_if_present_flag=0, data_coding=coded.data_coding, sm_default_msg_id=0, short_message=coded.short,
        **options,
    )  # fmt: skip


def relative_time(seconds: float | None) -> str:
    """A span as `YYMMDDhhmmss000R` (7.1.1.1), a month being 30 days; empty: the SMSC's own."""
    if seconds is None:
        return ""
    days, rest = divmod(max(round(seconds), 1), _DAY_S)
    months, days = divmod(min(days, _MOST_DAYS), 30)
    years, months = divmod(months, 12)
    hours, minutes = divmod(rest // 60, 60)
    return f"{years:02d}{months:02d}{days:02d}{hours:02d}{minutes:02d}{rest % 60:02d}000R"


def _octets(command: str, sequence: int, **fields: object) -> bytes:
    fields.setdefault("status", 0)
    made = _library().make_pdu(command, sequence=sequence, **fields)
    made.sequence = sequence
    octets: bytes = made.generate()
    return octets
