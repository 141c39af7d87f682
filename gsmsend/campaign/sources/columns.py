"""Which columns of a table hold the number, the text, the time and how often a number was seen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from gsmsend.campaign.numbers import Number, looks_like_a_number, normalise
from gsmsend.errors import UsageError

HEADER_WITHIN = 10
"""Rows: exports put a title above their header."""

SAMPLE = 100
"""Rows that are looked at to find the columns."""

Records = Sequence[tuple[int, list[str]]]
"""Rows that are not empty, with their row numbers."""

# Ranks: a column that says "mobile" is taken before one that says "phone", and that before "to".
_MOBILE = (
    "number msisdn mobile mobilenumber mobileno mobilephone mobilephonenumber mob mobiletelephone e164 "
    "recipientnumber handynummer handy portable telephoneportable movil cellulare"
)
_PHONE = (
    "phone phonenumber phoneno telephone telephonenumber telephoneno tel telno cell cellphone cellnumber "
    "cellphonenumber contactnumber contactno smsnumber phone1value phonevalue primaryphone telefon "
    "telefonnummer rufnummer numero nummer telefono"
)
_PERSON = "recipient recipients to destination address"
_PARTY = "party parties otherparty remoteparty caller callee calledparty callingparty from sender participants"
_TEXT = "text message sms"
_BODY = "smstext messagetext textmessage smsmessage msg body content"
_TIME = (
    "timestamp datetime dateandtime dateofcall calldate calltime starttime timedate lastseen lastcontact sent "
    "sentat received receivedat timestamputc datetimeutc timestamptime timestampdate"
)
_DAY = "date time day datum when"
_SEEN = "seen timesseen count times occurrences frequency"
# A table with one of these beside its texts is a record of messages that people wrote, not of texts to send.
_LOG = (
    "direction folder from sender callee caller party parties participants smsc sourceapplication duration "
    "calltype incoming outgoing"
)


def _ranked(*ranks: str) -> dict[str, int]:
    return {name: rank for rank, names in enumerate(ranks) for name in names.split()}


_NUMBER_NAMES = _ranked(_MOBILE, _PHONE, _PERSON, _PARTY)
_TEXT_NAMES = _ranked(_TEXT, _BODY)
_TIME_NAMES = _ranked(_TIME, _DAY)
_SEEN_NAMES = _ranked(_SEEN)
_LOG_NAMES = frozenset(_LOG.split())
_CALL_NAMES = frozenset(("duration", "calltype", "callee", "caller", "callstatus", "calldate", "calltime"))


@dataclass(frozen=True, slots=True)
class Columns:
    """`header` is the header's row number, 0 for none; columns count from 0; `width` is the header's cells.

    `log` says whether the table is a record of calls or of messages, so that its words are not texts to send;
    empty for a list.
    """

    number: int
    text: int | None
    header: int
    width: int
    time: int | None = None
    seen: int | None = None
    log: str = ""

    def others(self) -> str:
        """What else is read, for a person: `, text in 3, seen at in 4`."""
        said = (("text", self.text), ("time", self.time), ("times seen", self.seen))
        found = "".join(f", {what} in {column + 1}" for what, column in said if column is not None)
        return found + (f"; a record of {self.log}s: its words are not sent" if self.log else "")


def find(records: Records, region: str, where: str, wanted: str | None = None) -> tuple[Columns, int] | None:
    """The columns and how many numbers were seen in the sample, or None if no column holds numbers.

    `wanted` is the column that a person named, by its header, letter or number. Raises UsageError if two columns
    could be meant.
    """
    for place, (row, record) in enumerate(records[:HEADER_WITHIN]):
        if any(looks_like_a_number(cell) for cell in record):
            continue
        names = [name_of(cell) for cell in record]
        if wanted is not None:
            named = [(column, 0) for column, name in enumerate(names) if name and name == name_of(wanted)]
        else:
            named = [(column, _NUMBER_NAMES[name]) for column, name in enumerate(names) if name in _NUMBER_NAMES]
        if not named:
            continue
        below = records[place + 1 :]
        seen = {column: _hits(below, column, region) for column, _ in named}
        number = min(named, key=lambda item: (not seen[item[0]], item[1], item[0]))[0]
        twins = [c for c, _ in named if names[c] == names[number] and (seen[c] or not seen[number])]
        if len(twins) > 1:
            raise _which(where, record[number], twins)
        found = _headed(names, number, row)
        _one_text(found, names, record, below, where)
        return found, seen[number]
    if wanted is not None:
        return _numbered(records, region, wanted)
    return _unnamed(records, region, where)


def name_of(cell: str) -> str:
    """A header cell, reduced to its letters and digits."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", cell.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", plain)


def no_number_column(where: str, first: Sequence[str], wanted: str | None) -> UsageError:
    """The error for a table in which no column of numbers was found."""
    shown = ", ".join(_shown(cell) for cell in first[:8]) + (", ..." if len(first) > 8 else "")
    if wanted is not None:
        return UsageError(
            f"{where}: there is no column {wanted!r}; the first row is: {shown or 'empty'}",
            remedy="Give --column the words at the head of the column, or its letter or number, such as C or 3.",
        )
    return UsageError(
        f"{where}: no column of phone numbers was found. Expected a header with `number` (or phone, mobile, "
        f"msisdn, telephone) and optionally `text`; the first row is: {shown or 'empty'}",
        remedy="Name the columns in the first row, for example: number,text. Or say which with --column.",
    )


def _which(where: str, head: str, twins: Sequence[int]) -> UsageError:
    which = " and ".join(str(column + 1) for column in twins)
    return UsageError(
        f"{where}: columns {which} are both headed {_shown(head)}, and nothing says which one to text",
        remedy=f"Say which with --column and its number, such as --column {twins[0] + 1}, or rename one of them.",
    )


def _one_text(found: Columns, names: Sequence[str], head: Sequence[str], below: Records, where: str) -> None:
    """Raise UsageError if two columns of texts are headed alike: nobody guesses what people are told."""
    if found.text is None:
        return
    twins = [column for column, name in enumerate(names) if name == names[found.text]]
    told = [column for column in twins if any(column < len(row) and row[column].strip() for _, row in below)]
    if len(told) > 1:
        which = " and ".join(str(column + 1) for column in told)
        raise UsageError(
            f"{where}: columns {which} are both headed {_shown(head[found.text])}, and nothing says which one to "
            "send",
            remedy="Rename or delete the one that is not to be sent, and import the file again.",
        )


def _headed(names: Sequence[str], number: int, row: int) -> Columns:
    text, time = _named(names, _TEXT_NAMES), _named(names, _TIME_NAMES)
    stamped = time is not None and _TIME_NAMES[names[time]] == 0
    log = ""
    if stamped or any(name in _LOG_NAMES for place, name in enumerate(names) if place != number):
        log = "call" if _CALL_NAMES & set(names) else "message"
    return Columns(number, None if log else text, row, len(names), time, _named(names, _SEEN_NAMES), log)


def _named(names: Sequence[str], known: dict[str, int]) -> int | None:
    named = [(known[name], column) for column, name in enumerate(names) if name in known]
    return min(named)[1] if named else None


def _hits(records: Records, column: int, region: str) -> int:
    """How many of these cells are numbers that take texts."""
    cells = (record[column] for _, record in records if column < len(record))
    return sum(isinstance(normalise(cell, region, drama_allowed=True), Number) for cell in cells)


def _numbered(records: Records, region: str, wanted: str) -> tuple[Columns, int] | None:
    """A column named by its letter (A, AB) or number (from 1)."""
    width = max((len(record) for _, record in records), default=0)
    if wanted.isascii() and wanted.isdecimal():
        column = int(wanted) - 1
    elif re.fullmatch(r"[A-Za-z]{1,2}", wanted):
        column = sum((ord(c) - 64) * 26**place for place, c in enumerate(reversed(wanted.upper()))) - 1
    else:
        return None
    if not 0 <= column < width:
        return None
    return _at(records, column), _hits(records, column, region)


def _at(records: Records, number: int) -> Columns:
    """The columns where it is known in which one the numbers are."""
    row, first = records[0]
    # A first row with no digit in the number's place cannot lose a recipient by being a header.
    headed = number < len(first) and bool(first[number].strip()) and not any(c.isdigit() for c in first[number])
    if headed:
        return _headed([name_of(cell) for cell in first], number, row)
    return Columns(number, None, 0, max(len(record) for _, record in records))


def _unnamed(records: Records, region: str, where: str) -> tuple[Columns, int] | None:
    """The one column that reads as numbers. Raises UsageError if two do."""
    width = max((len(record) for _, record in records), default=0)
    hits = [_hits(records, column, region) for column in range(width)]
    most = max(hits, default=0)
    if not most:
        return None
    likely = [column for column, count in enumerate(hits) if count * 2 >= most]
    if len(likely) > 1:
        which = " and ".join(str(column + 1) for column in likely)
        raise UsageError(
            f"{where}: columns {which} all hold phone numbers, and no header says which one to text",
            remedy="Put a header in the first row, with `number` over the column to text, or say which with "
            f"--column, such as --column {likely[0] + 1}.",
        )
    return _at(records, likely[0]), most


def _shown(cell: str) -> str:
    """A header cell for an error; a row that is no header may hold what must not be shown."""
    if looks_like_a_number(cell) or sum(c.isdigit() for c in cell) > 4:
        return "(digits)"
    if len(cell) > 30 or not cell.isprintable():
        return "(a long text)"
    return f'"{cell}"'
