"""What each TP-Status means (TS 23.040 9.2.3.15)."""

from __future__ import annotations

import pytest

from gsmsend.errors import SmsError
from gsmsend.model import ReportOutcome
from gsmsend.sms import Finality, tp_status

DELIVERED, FORWARDED, REPLACED = ReportOutcome.DELIVERED, ReportOutcome.FORWARDED, ReportOutcome.REPLACED
PENDING, UNDELIVERED = ReportOutcome.PENDING, ReportOutcome.UNDELIVERED
PERMANENT, TEMPORARY, EXPIRED = Finality.PERMANENT, Finality.TEMPORARY, Finality.EXPIRED

KNOWN = [
    (0x00, DELIVERED, None, "received by the SME"),
    (0x01, FORWARDED, None, "cannot confirm"),
    (0x02, REPLACED, None, "replaced by the SC"),
    (0x03, UNDELIVERED, TEMPORARY, "reserved"),
    (0x0F, UNDELIVERED, TEMPORARY, "reserved"),
    (0x10, FORWARDED, None, "SC specific"),
    (0x1F, FORWARDED, None, "SC specific"),
    (0x20, PENDING, None, "congestion"),
    (0x25, PENDING, None, "error in SME"),
    (0x26, UNDELIVERED, TEMPORARY, "reserved"),
    (0x30, PENDING, None, "still trying"),
    (0x3F, PENDING, None, "still trying"),
    (0x40, UNDELIVERED, PERMANENT, "remote procedure error"),
    (0x45, UNDELIVERED, PERMANENT, "no interworking available"),
    (0x46, UNDELIVERED, EXPIRED, "validity period expired"),
    (0x47, UNDELIVERED, PERMANENT, "deleted by originating SME"),
    (0x49, UNDELIVERED, PERMANENT, "SM does not exist"),
    (0x4A, UNDELIVERED, TEMPORARY, "reserved"),
    (0x50, UNDELIVERED, PERMANENT, "SC specific (permanent)"),
    (0x5F, UNDELIVERED, PERMANENT, "SC specific (permanent)"),
    (0x60, UNDELIVERED, TEMPORARY, "congestion"),
    (0x65, UNDELIVERED, TEMPORARY, "error in SME"),
    (0x66, UNDELIVERED, TEMPORARY, "reserved"),
    (0x70, UNDELIVERED, TEMPORARY, "SC stopped trying"),
    (0x7F, UNDELIVERED, TEMPORARY, "SC stopped trying"),
    (0x80, UNDELIVERED, TEMPORARY, "reserved"),
    (0xFF, UNDELIVERED, TEMPORARY, "reserved"),
]


@pytest.mark.parametrize(("value", "outcome", "finality", "words"), KNOWN)
def test_known_values(value: int, outcome: ReportOutcome, finality: Finality | None, words: str) -> None:
    status = tp_status(value)
    assert (status.value, status.outcome, status.finality) == (value, outcome, finality)
    assert words in status.name


def test_every_value_has_a_reading_and_keeps_its_raw_value() -> None:
    for value in range(256):
        status = tp_status(value)
        assert status.value == value
        assert status.name
        assert (status.finality is not None) == (status.outcome is UNDELIVERED)
        assert status.final == (status.outcome is not PENDING)


def test_only_zero_is_proof_of_delivery() -> None:
    assert [value for value in range(256) if tp_status(value).outcome is DELIVERED] == [0]


def test_only_the_second_class_is_pending() -> None:
    # Bits 6 and 5 are 01: a temporary error, the service centre still tries; a reserved value is read as 63.
    assert [value for value in range(256) if tp_status(value).outcome is PENDING] == [
        *range(0x20, 0x26),
        *range(0x30, 0x40),
    ]


def test_reserved_values_are_read_as_service_rejected() -> None:
    rejected = tp_status(0x63)
    for value in range(256):
        status = tp_status(value)
        if status.name.startswith("reserved"):
            assert (status.outcome, status.finality) == (rejected.outcome, rejected.finality)


@pytest.mark.parametrize("value", [-1, 256])
def test_what_is_no_octet_is_refused(value: int) -> None:
    with pytest.raises(SmsError, match=r"^TP-ST: -?\d+ does not fit"):
        tp_status(value)
