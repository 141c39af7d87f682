"""Texts to octets and back, as an SMSC takes and brings them (SMPP 3.4 5.2.12, 5.2.19, 5.3.2.22)."""

from __future__ import annotations

from dataclasses import replace

from gsmsend.contract import Submission
from gsmsend.errors import SmsError
from gsmsend.sms import Concatenation, Encoding, Header, Language, Segment, split
from gsmsend.sms.userdata import decode_text, encode_text
from gsmsend_cloud.smpp.compose import Coded
from gsmsend_cloud.smpp.pdu import Deliver, Tag
from gsmsend_cloud.smpp.settings import Alphabet, Long, Settings

UCS2 = 8
_UDHI = 0x40
_MOST_PART_OCTETS = 140
_LATIN1 = 3
_PLAIN = {1: "ascii", _LATIN1: "latin-1", 2: "latin-1", 4: "latin-1", 6: "iso8859_5", 7: "iso8859_8"}


def code(submission: Submission, settings: Settings) -> Coded:
    """How this part, or with message_payload this text, is handed over. Raises SmsError if it cannot be."""
    if settings.long is Long.PAYLOAD:
        plan = split(submission.text, national=False)
        coding, octets = _octets(Segment(submission.text, plan.encoding), settings)
        return Coded(coding, payload=octets) if len(plan.segments) > 1 else Coded(coding, short=octets)
    place = (submission.concat_reference, submission.total, submission.seq) if submission.total > 1 else None
    segment = submission.segment
    languages = bool(segment.locking or segment.single)
    if languages and (settings.long is Long.SAR or settings.alphabet is not Alphabet.GSM7):
        # A national alphabet is named in a header, which this SMSC is not to be given.
        segment, languages = replace(segment, locking=Language.DEFAULT, single=Language.DEFAULT), False
    if place is None or settings.long is Long.SAR:
        head = _head(None, segment)
    else:
        head = _head(Concatenation(*place), segment)
    coding, octets = _octets(segment, settings, room=_MOST_PART_OCTETS - len(head))
    sar = place if settings.long is Long.SAR else None
    return Coded(coding, short=head + octets, esm_class=_UDHI if head else 0, sar=sar)


def _head(place: Concatenation | None, segment: Segment) -> bytes:
    header = Header.of(concatenation=place, locking=segment.locking, single=segment.single)
    if header is None:
        return b""
    content = header.encode()
    return bytes((len(content),)) + content


def _octets(segment: Segment, settings: Settings, room: int | None = None) -> tuple[int, bytes]:
    """data_coding and octets: the SMSC's alphabet where that has all characters, else UCS-2 if there is room."""
    if segment.encoding is not Encoding.UCS2:
        try:
            if settings.alphabet is Alphabet.GSM7:
                octets = encode_text(segment.text, Encoding.GSM7, segment.locking, segment.single)
            else:
                octets = segment.text.encode("latin-1")
        except (SmsError, UnicodeEncodeError):
            pass
        else:
            return settings.data_coding, octets
    octets = encode_text(segment.text, Encoding.UCS2)
    if room is not None and len(octets) > room:
        words = f"{len(octets)} octets in UCS-2, which this SMSC needs for it; expected at most {room}"
        raise SmsError(words, field="short_message")
    return UCS2, octets


def read(deliver: Deliver, settings: Settings) -> tuple[str, tuple[int, int, int] | None]:
    """The text of a deliver_sm, and its place: reference, total, number."""
    octets, header = deliver.octets, Header()
    if deliver.esm_class & _UDHI and octets and octets[0] < len(octets):
        header, octets = Header.decode(octets[1 : octets[0] + 1]), octets[octets[0] + 1 :]
    found = header.concatenation
    place = (found.reference, found.total, found.seq) if found is not None else _sar(deliver)
    return _text(octets, deliver.data_coding, header, settings), place


def _sar(deliver: Deliver) -> tuple[int, int, int] | None:
    tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
    reference, total, seq = (deliver.number(tag) for tag in tags)
    if reference is None or total is None or seq is None or not 1 <= seq <= total <= 255:
        return None
    return reference, total, seq


def _text(octets: bytes, coding: int, header: Header, settings: Settings) -> str:
    if coding == UCS2 or coding & 0xFC == 0x18:  # 0x18 and up: UCS-2 with a class (TS 23.038 4)
        return decode_text(octets, Encoding.UCS2)
    if coding in _PLAIN and coding != settings.data_coding:
        return octets.decode(_PLAIN[coding], "replace")
    if settings.alphabet is Alphabet.LATIN1 or max(octets, default=0) > 127:
        return octets.decode("latin-1")
    return decode_text(octets, Encoding.GSM7, header.locking, header.single)
