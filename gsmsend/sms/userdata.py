"""TP-UDL and TP-UD: the user data of a TPDU, with its header (TS 23.040 9.2.3.16 and 9.2.3.24)."""

from __future__ import annotations

from dataclasses import dataclass, field

from gsmsend.errors import SmsError
from gsmsend.sms.alphabet import alphabet
from gsmsend.sms.header import Header
from gsmsend.sms.octets import Octets
from gsmsend.sms.primitives import pack, unpack
from gsmsend.sms.values import Encoding, Language, Segment

MAX_OCTETS = 140
MAX_SEPTETS = 160
MAX_SEPTET = 127


def encode_text(
    text: str,
    encoding: Encoding,
    locking: Language = Language.DEFAULT,
    single: Language = Language.DEFAULT,
) -> bytes:
    """Text to payload: septets, one a byte (GSM7), UTF-16 (UCS2), or the character's own octet (OCTETS).

    Raises SmsError for a character that does not fit, and for half a surrogate pair.
    """
    if encoding is Encoding.GSM7:
        return alphabet(locking, single).encode(text)
    try:
        return text.encode("utf-16-be" if encoding is Encoding.UCS2 else "latin-1")
    except UnicodeEncodeError as error:
        message = f"character {error.start + 1} of the text cannot be coded as {encoding.value}"
        raise SmsError(message, field="TP-UD") from None


def decode_text(
    payload: bytes,
    encoding: Encoding,
    locking: Language = Language.DEFAULT,
    single: Language = Language.DEFAULT,
) -> str:
    """The inverse of `encode_text`; never fails. Half a surrogate pair or octet pair becomes U+FFFD."""
    if encoding is Encoding.GSM7:
        return alphabet(locking, single).decode(payload)
    return payload.decode("utf-16-be" if encoding is Encoding.UCS2 else "latin-1", "replace")


@dataclass(frozen=True, slots=True)
class UserData:
    """`payload`: one byte a septet if GSM7, else the octets. `header` is None without TP-UDHI.

    The payload stays out of `repr`: it may be about a person.
    """

    payload: bytes = field(default=b"", repr=False)
    encoding: Encoding = Encoding.GSM7
    header: Header | None = None

    def __post_init__(self) -> None:
        """Raise SmsError if a septet is none."""
        if self.encoding is Encoding.GSM7 and max(self.payload, default=0) > MAX_SEPTET:
            raise SmsError("has a septet above 127", field="TP-UD")

    @classmethod
    def of_segment(cls, segment: Segment, header: Header | None = None) -> UserData:
        """User data of a segment. The header must name the segment's languages (`Header.of`)."""
        payload = encode_text(segment.text, segment.encoding, segment.locking, segment.single)
        return cls(payload, segment.encoding, header)

    @property
    def text(self) -> str:
        """The text. 8-bit data is shown as Latin-1, one character an octet."""
        header = self.header
        if header is None:
            return decode_text(self.payload, self.encoding)
        return decode_text(self.payload, self.encoding, header.locking, header.single)

    def encode(self) -> bytes:
        """TP-UDL and TP-UD. Raises SmsError if more than 140 octets come out."""
        head = b""
        if self.header is not None:
            content = self.header.encode()
            if len(content) >= MAX_OCTETS:
                message = f"the header has {len(content)} octets; expected at most {MAX_OCTETS - 1}"
                raise SmsError(message, field="TP-UDHL")
            head = bytes((len(content),)) + content
        if self.encoding is Encoding.GSM7:
            head_septets = (len(head) * 8 + 6) // 7
            length = head_septets + len(self.payload)
            if length > MAX_SEPTETS:
                raise SmsError(f"{length} septets; expected at most {MAX_SEPTETS}", field="TP-UDL")
            body = pack(self.payload, head_septets * 7 - len(head) * 8)
        else:
            body = self.payload
            length = len(head) + len(body)
            if length > MAX_OCTETS:
                raise SmsError(f"{length} octets; expected at most {MAX_OCTETS}", field="TP-UDL")
        return bytes((length,)) + head + body

    @classmethod
    def read(cls, reader: Octets, encoding: Encoding, *, has_header: bool) -> UserData:
        """Read TP-UDL and TP-UD of a TPDU. Raises SmsError if they are truncated or contradict each other."""
        start = reader.at
        length = reader.octet("TP-UDL")
        packed = encoding is Encoding.GSM7
        limit = MAX_SEPTETS if packed else MAX_OCTETS
        if length > limit:
            message = f"is {length} {'septets' if packed else 'octets'}; expected at most {limit}"
            raise SmsError(message, field="TP-UDL", offset=start)
        octets = reader.take((length * 7 + 7) // 8 if packed else length, "TP-UD")
        if not has_header:
            return cls(unpack(octets, length) if packed else octets, encoding)
        if not octets:
            message = "TP-UDHI announces a header but TP-UD is empty"
            raise SmsError(message, field="TP-UDHL", offset=reader.at)
        head = octets[0] + 1
        head_septets = (head * 8 + 6) // 7
        if head > len(octets) or (packed and head_septets > length):
            message = f"the header of {head} octets reaches beyond TP-UD of {len(octets)}"
            raise SmsError(message, field="TP-UDHL", offset=start + 1)
        # Unpacked from the very start, header and all, the text falls on a septet boundary by itself.
        payload = unpack(octets, length)[head_septets:] if packed else octets[head:]
        return cls(payload, encoding, Header.decode(octets[1:head]))
