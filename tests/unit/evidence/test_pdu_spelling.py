"""A PDU in words; and what stands in its place where a library speaks to the handset."""

from __future__ import annotations

from gsmsend.contract.rows import PartRow
from gsmsend.evidence.spelling import UNREADABLE, asked, decoded
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


def test_a_tp_status_is_told_where_one_was_given_and_a_word_where_that_was_all() -> None:
    about = {"status": 0, "handle": "a1"}
    assert asked({**about, "said": "delivered"}).endswith(
        "a1: delivered; that is its own word, no TP-Status; gsmsend reads it as: delivered"
    )
    given = "TP-Status 0x00: received by the SME"
    assert asked({**about, "said": given}).endswith(f"a1: {given}")
    assert "TP-Status 0x00" in asked(about)


def test_messages_show_no_tp_status_that_nobody_gave() -> None:
    def row(said: str | None) -> PartRow:
        return PartRow(1, "line", None, "accepted", None, "delivered", 0, 1, "a1", said)

    assert [row(said).given_status for said in ("delivered", "TP-Status 0x00: received", "", None)] == [
        None, 0, 0, 0,
    ]  # fmt: skip
