"""The certificates of a time stamp put in the order of DER.

DER orders a SET OF by its members' octets (X.690, 11.6); many services, and OpenSSL, write the chain as it is, and
the library's parser refuses that. The order is outside of what is signed (RFC 5652, 5.4), so it may be put right.
"""

from __future__ import annotations

_SEQUENCE, _CERTIFICATES, _EXPLICIT = 0x30, 0xA0, 0xA0


def ordered(answer: bytes) -> bytes:
    """A TimeStampResp (RFC 3161, 2.4.2) with its certificates in order; any other octets as they are."""
    try:
        begin, end = _certificates(answer)
        members = []
        at = begin
        while at < end:
            _, _, after = _element(answer, at, end)
            members.append(answer[at:after])
            at = after
    except (IndexError, ValueError):
        return answer
    return answer[:begin] + b"".join(sorted(members)) + answer[end:]


def _certificates(answer: bytes) -> tuple[int, int]:
    """Where the certificates stand: TimeStampResp, ContentInfo, SignedData (RFC 5652, 5.1), its fourth field."""
    begin, end = _inside(answer, 0, len(answer), _SEQUENCE)
    begin, end = _inside(answer, _after(answer, begin, end), end, _SEQUENCE)
    begin, end = _inside(answer, _after(answer, begin, end), end, _EXPLICIT)
    begin, end = _inside(answer, begin, end, _SEQUENCE)
    for _ in ("version", "digestAlgorithms", "encapContentInfo"):
        begin = _after(answer, begin, end)
    return _inside(answer, begin, end, _CERTIFICATES)


def _inside(octets: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    found, begin, after = _element(octets, at, end)
    if found != tag:
        raise ValueError("another element than expected")
    return begin, after


def _after(octets: bytes, at: int, end: int) -> int:
    return _element(octets, at, end)[2]


def _element(octets: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, where the content begins, where it ends (X.690, 8.1; definite lengths only)."""
    tag, length, begin = octets[at], octets[at + 1], at + 2
    if length > 0x80:
        count = length & 0x7F
        length, begin = int.from_bytes(octets[begin : begin + count], "big"), begin + count
    elif length == 0x80:
        raise ValueError("an indefinite length")
    if begin + length > end:
        raise ValueError("an element longer than what holds it")
    return tag, begin, begin + length
