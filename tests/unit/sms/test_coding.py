"""TP-DCS: every group of TS 23.038 clause 4."""

from __future__ import annotations

import pytest

from gsmsend.errors import SmsError
from gsmsend.sms import DataCoding, Encoding, Waiting

GSM7, OCTETS, UCS2 = Encoding.GSM7, Encoding.OCTETS, Encoding.UCS2

GENERAL = [
    # octet, alphabet, class, compressed, marked for deletion
    (0x00, GSM7, None, False, False),
    (0x04, OCTETS, None, False, False),
    (0x08, UCS2, None, False, False),
    (0x0C, GSM7, None, False, False),  # reserved character set
    (0x03, GSM7, None, False, False),  # class bits that bit 4 does not announce
    (0x10, GSM7, 0, False, False),
    (0x11, GSM7, 1, False, False),
    (0x16, OCTETS, 2, False, False),
    (0x1B, UCS2, 3, False, False),
    (0x20, GSM7, None, True, False),
    (0x28, UCS2, None, True, False),
    (0x31, GSM7, 1, True, False),
    (0x40, GSM7, None, False, True),
    (0x48, UCS2, None, False, True),
    (0x52, GSM7, 2, False, True),
    (0x7B, UCS2, 3, True, True),
    (0x80, GSM7, None, False, False),  # 1000 to 1011 are reserved: read as the default alphabet
    (0x9A, GSM7, None, False, False),
    (0xBF, GSM7, None, False, False),
    (0xF0, GSM7, 0, False, False),
    (0xF2, GSM7, 2, False, False),
    (0xF4, OCTETS, 0, False, False),
    (0xF7, OCTETS, 3, False, False),
    (0xFB, GSM7, 3, False, False),  # bit 3 of group 1111 is reserved
]


@pytest.mark.parametrize(("octet", "charset", "message_class", "compressed", "auto_delete"), GENERAL)
def test_general_groups(
    octet: int, charset: Encoding, message_class: int | None, *, compressed: bool, auto_delete: bool
) -> None:
    coding = DataCoding(octet)
    assert coding.alphabet is charset
    assert coding.encoding is (OCTETS if compressed else charset)
    assert coding.message_class == message_class
    assert coding.compressed is compressed
    assert coding.auto_delete is auto_delete
    assert coding.waiting is None
    assert not coding.waiting_active
    assert not coding.waiting_store


WAITING = [
    # octet, alphabet, what waits, switched on, kept
    (0xC0, GSM7, Waiting.VOICEMAIL, False, False),
    (0xC8, GSM7, Waiting.VOICEMAIL, True, False),
    (0xC9, GSM7, Waiting.FAX, True, False),
    (0xCB, GSM7, Waiting.OTHER, True, False),
    (0xD0, GSM7, Waiting.VOICEMAIL, False, True),
    (0xDA, GSM7, Waiting.EMAIL, True, True),
    (0xE3, UCS2, Waiting.OTHER, False, True),
    (0xE8, UCS2, Waiting.VOICEMAIL, True, True),
]


@pytest.mark.parametrize(("octet", "charset", "waiting", "active", "store"), WAITING)
def test_message_waiting_groups(
    octet: int, charset: Encoding, waiting: Waiting, *, active: bool, store: bool
) -> None:
    coding = DataCoding(octet)
    assert coding.encoding is coding.alphabet is charset
    assert (coding.waiting, coding.waiting_active, coding.waiting_store) == (waiting, active, store)
    assert coding.message_class is None
    assert not coding.compressed
    assert not coding.auto_delete
    assert DataCoding.of_waiting(waiting, active=active, store=store, encoding=charset) == coding


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("message_class", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("auto_delete", [False, True])
def test_what_is_made_says_what_was_asked(
    encoding: Encoding, message_class: int | None, *, compressed: bool, auto_delete: bool
) -> None:
    coding = DataCoding.of(encoding, message_class=message_class, compressed=compressed, auto_delete=auto_delete)
    assert coding.alphabet is encoding
    assert coding.message_class == message_class
    assert coding.compressed is compressed
    assert coding.auto_delete is auto_delete
    assert not coding.reserved


def test_every_octet_has_a_reading() -> None:
    for octet in range(256):
        coding = DataCoding(octet)
        assert isinstance(coding.encoding, Encoding)
        assert coding.message_class in (None, 0, 1, 2, 3)


def test_reserved_octets_are_known_as_such() -> None:
    reserved = {octet for octet in range(256) if DataCoding(octet).reserved}
    assert {0x0C, 0x1F, 0x4D, 0x80, 0xBF} <= reserved
    assert reserved.isdisjoint({0x00, 0x04, 0x08, 0x40, 0xC8, 0xD0, 0xE0, 0xF0, 0xF4})


@pytest.mark.parametrize("octet", [-1, 256])
def test_what_is_no_octet_is_refused(octet: int) -> None:
    with pytest.raises(SmsError, match=r"^TP-DCS: -?\d+ does not fit"):
        DataCoding(octet)


@pytest.mark.parametrize("message_class", [-1, 4])
def test_other_classes_are_refused(message_class: int) -> None:
    with pytest.raises(SmsError, match=r"^TP-DCS: message class"):
        DataCoding.of(GSM7, message_class=message_class)


@pytest.mark.parametrize(("encoding", "store"), [(OCTETS, True), (OCTETS, False), (UCS2, False)])
def test_waiting_groups_that_do_not_exist(encoding: Encoding, *, store: bool) -> None:
    with pytest.raises(SmsError, match="message waiting is"):
        DataCoding.of_waiting(Waiting.FAX, active=True, store=store, encoding=encoding)
