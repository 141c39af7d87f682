"""What a person typed as a phone number -> an E.164 number that takes texts, or why not in plain English.

`phonenumbers` (Google's libphonenumber) says what a number is. Its metadata marks the range that Ofcom keeps
for drama, 07700 900000 to 900999, as not in use; here it is a kind of its own, for virtual modems only.
Reasons never repeat the number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult


class Kind(StrEnum):
    """What an accepted number is."""

    MOBILE = "mobile"
    FIXED_OR_MOBILE = "fixed line or mobile"  # countries whose plan does not tell, such as the USA
    DRAMA = "reserved for drama"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that takes texts: `e164` with its `+`."""

    e164: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class NotTextable:
    """Why a number is refused, for an officer; carries no digit of it.

    `not_mobile`: it is a number in order, but of a landline, a company and the like.
    """

    why: str
    not_mobile: bool = False


# Ofcom's mobile numbers for use in TV and radio drama.
_DRAMA = re.compile(r"\+447700900\d{3}")
_PLAIN = re.compile(r"\+?[0-9]+")
_EXCEL_TEXT = re.compile(r'="?([^"]*)"?')
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
# A mobile number of twelve digits that was shown as 4.47911E+11 and then taken for a number again.
_ROUNDED = re.compile(r"[1-9]\d{4,}0{5,}")
_FLOAT = re.compile(r"\+?\d{6,}[.,]\d{1,2}")
_DIGITS_IN_A_ROW = re.compile(r"[+\d(][\d ().\-]{8,}")
_SHAPE = re.compile(r"\(?\+?[\d\s().\-/\u2010-\u2015]+")
_PARTED = re.compile(r"[;,|/\r\n]|\s(?:or|and|&)\s", re.IGNORECASE)
_MOST_PIECES = 10
_LONGEST = 250  # libphonenumber itself gives up there

_OF_TYPE = {
    PhoneNumberType.MOBILE: Kind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Kind.FIXED_OR_MOBILE,
}
_REFUSED_TYPE = {
    PhoneNumberType.FIXED_LINE: "this is a landline, which takes no texts; a mobile number is needed",
    PhoneNumberType.TOLL_FREE: "this is a freephone number, not a person's mobile",
    PhoneNumberType.PREMIUM_RATE: "this is a premium-rate or service number (such as 084, 087 or 09), "
    "not a person's mobile",
    PhoneNumberType.SHARED_COST: "this is a shared-cost service number, not a person's mobile",
    PhoneNumberType.VOIP: "this is an internet-phone (VoIP) number, which takes no texts",
    PhoneNumberType.PERSONAL_NUMBER: "this is a personal or follow-me number (such as 070), not a mobile: "
    "it costs extra and takes no texts",
    PhoneNumberType.PAGER: "this is a pager, not a mobile",
    PhoneNumberType.UAN: "this is a company's number (such as 03), not a person's mobile",
    PhoneNumberType.VOICEMAIL: "this is a voicemail access number, not a person's mobile",
}
_SEVERAL = "this looks like several numbers, but not each is a full one; put each on a row of its own"
_SHEET = (
    "the spreadsheet kept this as {what} and {loss}; format the column as Text, fill the numbers in again "
    "from the source and save"
)


def known_region(region: str) -> bool:
    """Whether phonenumbers knows this two-letter country code (ISO 3166, `GB`)."""
    return region in phonenumbers.SUPPORTED_REGIONS


def normalise(raw: str, region: str = "GB", *, drama_allowed: bool = False) -> Number | NotTextable:
    """Say which number `raw` is; one with no country code belongs to `region` (ISO 3166).

    Takes spaces, brackets, dots, dashes, `(0)`, `+` and `00`, a leading apostrophe, Excel's `="..."` and the
    invisible marks of contact exports. Never raises.
    """
    text = raw if _PLAIN.fullmatch(raw) else _clean(raw)
    if wrong := _not_a_number(text):
        return NotTextable(wrong)
    parsed = _parse(text, region)
    if isinstance(parsed, NotTextable):
        return parsed
    if parsed.extension:
        return NotTextable("this has an extension; texts cannot be sent to an extension")
    if not _SHAPE.fullmatch(text):
        return NotTextable(_foreign_signs(text))
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if _DRAMA.fullmatch(e164):
        if drama_allowed:
            return Number(e164, Kind.DRAMA)
        return NotTextable("this number is kept for drama (07700 900000 to 900999): only virtual modems take it")
    what = phonenumbers.number_type(parsed)
    if kind := _OF_TYPE.get(what):
        return Number(e164, kind)
    other = _REFUSED_TYPE.get(what)
    return NotTextable(other or _invalid(parsed, text, region), not_mobile=other is not None)


def several(raw: str, region: str = "GB", *, drama_allowed: bool = False) -> tuple[Number | NotTextable, ...]:
    """What each of the numbers is in a cell that holds more than one, between signs that part them beyond doubt.

    Empty if it holds no more than one. Refused whole unless each piece is a full number: a piece that is none may
    be the rest of another.
    """
    pieces = [piece for piece in _PARTED.split(raw[:_LONGEST]) if piece.strip()]
    if not 2 <= len(pieces) <= _MOST_PIECES:
        return ()
    found = tuple(normalise(piece, region, drama_allowed=drama_allowed) for piece in pieces)
    if all(isinstance(one, Number) or one.not_mobile for one in found):
        return found
    return (NotTextable(_SEVERAL),) if any(isinstance(one, Number) for one in found) else ()


def region_of(number: Number) -> str:
    """The country (ISO 3166) that a number belongs to; empty where it cannot be told."""
    if number.kind is Kind.DRAMA:
        return "GB"
    return phonenumbers.region_code_for_number(phonenumbers.parse(number.e164)) or ""


def looks_like_a_number(raw: str) -> bool:
    """Whether a cell could be meant as a phone number at all, of whatever kind: for finding its column."""
    text = _clean(raw)
    if _SCIENTIFIC.fullmatch(text):
        return True
    if any(c.isalpha() for c in text):
        return False
    return 7 <= sum(c.isdigit() for c in text) <= 16 and not re.search(r"\d[/:]\d\d?[/:]", text)


def _clean(raw: str) -> str:
    """Drop what spreadsheets and contact exports put round a number."""
    text = "".join(c for c in raw if unicodedata.category(c) != "Cf") if not raw.isascii() else raw
    text = text.strip()
    if text.startswith("="):
        wrapped = _EXCEL_TEXT.fullmatch(text)
        text = wrapped.group(1) if wrapped else text
    text = text.lstrip("'\u2019`").strip().strip('"').strip()
    return text[4:].strip() if text[:4].lower() == "tel:" else text


def _not_a_number(text: str) -> str:
    """Why this is no phone number, seen from its shape alone; empty when it may be one."""
    if not text:
        return "there is no number in this row"
    if len(text) > _LONGEST:
        return "this is far too long to be a phone number"
    if _SCIENTIFIC.fullmatch(text):
        return _SHEET.format(what="a scientific number (one with an E in it)", loss="lost its last digits")
    if _FLOAT.fullmatch(text):
        return _SHEET.format(what="a decimal number", loss="may have lost digits")
    if _ROUNDED.fullmatch(text):
        return (
            "the last five digits are all 0, as when a spreadsheet has rounded a number; look it up in the "
            "source, and if it is right write it with + in front"
        )
    if len(_DIGITS_IN_A_ROW.findall(text)) > 1:
        return "this looks like two numbers; put each on a row of its own"
    return ""


def _parse(text: str, region: str) -> PhoneNumber | NotTextable:
    """Parse, trying `00` as `+` where the region's own dialling plan does not."""
    try:
        parsed = phonenumbers.parse(text, region)
        if text.startswith("00") and not phonenumbers.is_possible_number(parsed):
            parsed = phonenumbers.parse("+" + text.lstrip("0"), region)
    except NumberParseException as error:
        return NotTextable(_unparsed(error, text))
    return parsed


def _unparsed(error: NumberParseException, text: str) -> str:
    if sum(c.isdigit() for c in text) > 17:
        return "this is too long for one number; if these are two, put each on a row of its own"
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return "no country has the code that follows the +"
    return _foreign_signs(text)


def _foreign_signs(text: str) -> str:
    if any(c.isalpha() for c in text):
        return "this is not a phone number: it has letters in it"
    return "this is not a phone number"


def _invalid(parsed: PhoneNumber, text: str, region: str) -> str:
    """Why a number that parsed is not one in use."""
    home = phonenumbers.country_code_for_region(region)
    where = f"a number of +{parsed.country_code}"
    digits = sum(c.isdigit() for c in text)
    if parsed.country_code == home and digits <= 6 and not text.startswith("+"):
        return f"this is a short code or service number ({digits} digits), not a person's mobile"
    length = phonenumbers.is_possible_number_with_reason(parsed)
    if length in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return f"this is too short for {where}: a digit is missing"
    if length == ValidationResult.TOO_LONG:
        abroad = "" if text.startswith(("+", "00")) else "; a foreign number starts with + and its country code"
        return f"this is too long for {where}{abroad}"
    if length != ValidationResult.IS_POSSIBLE:
        return f"this does not have as many digits as {where}"
    return f"no number of +{parsed.country_code} is like this: check that no digit is missing or wrong"
