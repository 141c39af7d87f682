"""The bMessage: a text as it is pushed to a handset, or read from it (Message Access Profile 1.4, 3.1.3)."""

from __future__ import annotations

import re

_MARK = re.compile(r"(/*END:MSG)")
_MARKED = re.compile(r"/(/*END:MSG)")
_BODY = re.compile(rb"\r?\nBEGIN:MSG\r?\n(.*?)\r?\nEND:MSG\r?\n", re.DOTALL)
_NEWLINE = re.compile(r"\r\n|\r|\n")
_CRLF = "\r\n"

SMS_GSM, SMS_CDMA = "SMS_GSM", "SMS_CDMA"


def bmessage(kind: str, number: str, text: str) -> bytes:
    """A text to one number, for the outbox: UTF-8, lines end in CR LF. `kind` is SMS_GSM or SMS_CDMA.

    LENGTH counts the octets from BEGIN:MSG to the end of the line END:MSG. In the text itself END:MSG is written
    with a slash before it. Raises ValueError for a text that UTF-8 cannot hold.
    """
    body = _lines("BEGIN:MSG", _MARK.sub(r"/\1", _NEWLINE.sub(_CRLF, text)), "END:MSG").encode("utf-8")
    head = _lines(
        "BEGIN:BMSG", "VERSION:1.0", "STATUS:READ", f"TYPE:{kind}", "FOLDER:telecom/msg/outbox", "BEGIN:BENV",
        "BEGIN:VCARD", "VERSION:2.1", "N:", f"TEL:{number}", "END:VCARD",
        "BEGIN:BBODY", "CHARSET:UTF-8", f"LENGTH:{len(body)}",
    )  # fmt: skip
    return head.encode("ascii") + body + _lines("END:BBODY", "END:BENV", "END:BMSG").encode("ascii")


def text_of(octets: bytes) -> str:
    """The text in a bMessage, lines ending in LF; empty if there is none. What is no UTF-8 is replaced."""
    bodies = [found[1].decode("utf-8", "replace") for found in _BODY.finditer(octets)]
    return _NEWLINE.sub("\n", _MARKED.sub(r"\1", "".join(bodies)))


def _lines(*lines: str) -> str:
    return "".join(f"{line}{_CRLF}" for line in lines)
