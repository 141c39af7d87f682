"""Receipts of many an SMSC, and what nobody may read into one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsmsend_cloud.smpp.pdu import Deliver, Tag
from gsmsend_cloud.smpp.receipt import fields_of, receipt_of


def deliver(octets: bytes = b"", esm_class: int = 4, **options: bytes) -> Deliver:
    return Deliver(
        "447700900123",
        1,
        "447700900999",
        esm_class,
        0,
        octets,
        {Tag[name]: value for name, value in options.items()},
    )


@pytest.mark.parametrize(
    ("words", "name", "said", "status"),
    [
        (
            ("id:0123456789 sub:001 dlvrd:001 submit date:1305050826 done date:1305050828 "
            "stat:DELIVRD err:000 text:x"),
            "0123456789", "DELIVRD", 0x00,
        ),
        ("id:c449ab9744f47b6af1879e49e75e4f40 stat:UNDELIV err:0BA", "c449ab9744f47b6af1879e49e75e4f40",
         "UNDELIV err 0BA", 0x50),
        ("id:7 stat:EXPIRED err:027 Text:", "7", "EXPIRED err 027", 0x46),
        ("ID: 7 Stat: rejectd Err: 1", "7", "REJECTD err 1", 0x51),
        ("id:7 stat:DELETED", "7", "DELETED", 0x48),
        ("id:7 stat:UNKNOWN", "7", "UNKNOWN", 0x30),
        ("id:7 stat:ACCEPTD", "7", "ACCEPTD", 0x30),
        ("id:7 stat:ENROUTE", "7", "ENROUTE", 0x30),
        ("id:7 stat:DELIVERED", "7", "DELIVERED", 0x30),
        ("id:7 stat:FAILED err:5", "7", "FAILED err 5", 0x30),
        ("id:7", "7", "ENROUTE", 0x30),
    ],
)  # fmt: skip
def test_the_text_form(words: str, name: str, said: str, status: int) -> None:
    receipt = receipt_of(deliver(words.encode()))
    assert receipt is not None
    assert (receipt.text_id, receipt.said, receipt.state.status) == (name, said, status)


def test_parameters_count_for_more_than_the_text() -> None:
    receipt = receipt_of(deliver(b"id:26 stat:ENROUTE err:001", RECEIPTED_MESSAGE_ID=b"1A\0", MESSAGE_STATE=b"\2"))
    assert receipt is not None
    assert (receipt.option_id, receipt.text_id, receipt.said, receipt.state.status) == (
        "1A",
        "26",
        "DELIVRD err 001",
        0,
    )


def test_an_id_without_its_zero_is_whole() -> None:
    receipt = receipt_of(deliver(RECEIPTED_MESSAGE_ID=b"1234", MESSAGE_STATE=b"\0\2"))
    assert receipt is not None
    assert (receipt.option_id, receipt.state.stat) == ("1234", "DELIVRD")


def test_a_notice_in_between_is_no_end() -> None:
    receipt = receipt_of(deliver(b"id:7 stat:DELIVRD", esm_class=0x20))
    assert receipt is not None
    assert receipt.state.status == 0x30


@pytest.mark.parametrize("esm_class", [0x00, 0x08, 0x10, 0x18, 0x40])
def test_what_a_person_can_write_is_no_receipt(esm_class: int) -> None:
    assert receipt_of(deliver(b"id:7 stat:DELIVRD err:000 text:", esm_class=esm_class)) is None


def test_parameters_alone_make_a_receipt_even_without_its_type() -> None:
    assert receipt_of(deliver(esm_class=0, RECEIPTED_MESSAGE_ID=b"7", MESSAGE_STATE=b"\2")) is not None
    assert receipt_of(deliver(esm_class=0, RECEIPTED_MESSAGE_ID=b"7")) is None


@given(st.text())
def test_the_text_that_was_sent_says_nothing_of_itself(sent: str) -> None:
    assert fields_of(f"id:7 stat:UNDELIV err:001 text:{sent}") == {"id": "7", "stat": "UNDELIV", "err": "001"}


@given(
    st.binary(),
    st.integers(0, 255),
    st.dictionaries(st.sampled_from([int(tag) for tag in Tag]), st.binary(max_size=8)),
)
def test_anything_at_all_is_read_or_is_none(octets: bytes, esm_class: int, options: dict[int, bytes]) -> None:
    receipt = receipt_of(Deliver("447700900123", 1, "447700900999", esm_class, 0, octets, options))
    assert receipt is None or receipt.option_id or receipt.text_id


_WORD = st.text(st.characters(codec="ascii", exclude_characters=":", exclude_categories=["Z", "C"]), min_size=1)


@given(st.permutations(["id", "sub", "dlvrd", "submit date", "done date", "stat", "err"]), st.data())
def test_fields_are_found_in_any_order(names: list[str], data: st.DataObject) -> None:
    wanted = {name: data.draw(_WORD.filter(lambda word: word.lower() != "text")) for name in names}
    words = " ".join(f"{name}:{value}" for name, value in wanted.items())
    assert fields_of(f"{words} text:id:0") == wanted
