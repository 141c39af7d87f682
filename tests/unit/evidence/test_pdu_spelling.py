"""A PDU in words; and what stands in its place where a library speaks to the handset."""

from __future__ import annotations

from gsmsend.evidence.spelling import UNREADABLE, decoded
from gsmsend.sms import Segment, encode_submit, to_pdu
from gsmsend.testing.driver_suite import part
from gsmsend_handset.gammu import wire


def test_a_pdu_is_told_in_words() -> None:
    pdu = to_pdu(encode_submit("+447700900123", Segment("Help is there")))
    assert decoded(pdu, "to_network") == "SMS-SUBMIT to +447700900123; report asked for; gsm7: Help is there"
    assert decoded("", "to_network") == "nothing was handed over"
    assert decoded("zz", "from_network").startswith(UNREADABLE)


def test_what_libgammu_was_given_or_gave_is_no_unreadable_pdu() -> None:
    given = wire.canonical(wire.sms_of(part(), "+447700900800"))
    assert "was given, in its own form" in decoded(given, "to_network")
    assert "gave, in its own form" in decoded(wire.canonical({"Type": "Status_Report"}), "from_network")
