"""The TE character sets of +CSCS (TS 27.007 5.5), and text as it goes over the line in text mode.

Over the line a string is characters 0..255, one an octet.
"""

from __future__ import annotations

from gsmsend.sms.alphabet import alphabet

SETS = ("IRA", "GSM", "UCS2", "HEX", "8859-1", "UTF-8", "PCCP437")
SUBSTITUTE = "?"


def from_te(line: str, charset: str) -> str:
    """What the TE means. Raises ValueError for bad hexadecimal."""
    if charset == "UCS2":
        return bytes.fromhex(line).decode("utf-16-be")
    if charset == "GSM":
        return alphabet().decode(bytes(ord(char) & 0x7F for char in line))
    if charset == "HEX":
        return alphabet().decode(bytes(octet & 0x7F for octet in bytes.fromhex(line)))
    if charset == "UTF-8":
        return line.encode("latin-1").decode("utf-8", "replace")
    if charset == "PCCP437":
        return line.encode("latin-1").decode("cp437")
    return line


def to_te(text: str, charset: str) -> str:
    """Text in the TE's character set; what it lacks becomes `?`."""
    if charset == "UCS2":
        return text.encode("utf-16-be").hex().upper()
    if charset == "GSM":
        return septets(text).decode("latin-1")
    if charset == "HEX":
        return septets(text).hex().upper()
    if charset == "UTF-8":
        return text.encode("utf-8").decode("latin-1")
    coding = {"IRA": "ascii", "PCCP437": "cp437"}.get(charset, "latin-1")
    return text.encode(coding, "replace").decode("latin-1")


def septets(text: str) -> bytes:
    """GSM 7 bit default alphabet, one a byte; what it lacks becomes `?`."""
    codes = alphabet().codes
    fallback = codes[SUBSTITUTE]
    return b"".join(codes.get(char, fallback) for char in text)
