"""What kind of file one is, found by its content and never by its name; and the reader for it."""

from __future__ import annotations

from pathlib import Path

from gsmsend.campaign.sources.row import Choice, Source
from gsmsend.errors import UsageError

_HEAD = 1 << 16  # octets
_EXCEL = "Open it in a spreadsheet program, save it as .xlsx (or as CSV UTF-8), and import that."
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
# A part that tells a kind of zip archive, and what such a file is.
_OTHER_ZIPS = {
    "xl/workbook.bin": ("a binary Excel workbook (.xlsb)", _EXCEL),
    "content.xml": ("an OpenDocument file", _EXCEL),
    "word/document.xml": (
        "a Word document",
        "Put its list into a spreadsheet, save that as .xlsx, and import it.",
    ),
    "Index/Document.iwa": ("an Apple Numbers or Pages document", "In Numbers choose Export To, Excel."),
}


def open_source(path: Path, choice: Choice) -> Source:
    """Open a file with the reader for what it is. Raises UsageError if there is none, or if that one does."""
    if path.exists() and not path.is_file():
        raise UsageError(
            f"{path} is not a file", remedy="Name a file: a list, a workbook, a vCard or a UFED report."
        )
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}",
            remedy="Check its name and folder, and that you may read it.",
        ) from None
    if not head.strip():
        raise UsageError(
            f"{path} is empty",
            remedy="Expected a list with a column `number`, a workbook, a vCard or a UFED report.",
        )
    if head.startswith(b"PK\x03\x04"):
        return _zip(path, choice)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _old_office(path, head)
    words = _words(head)
    if words.startswith("<"):
        return _markup(path, choice, words)
    if words[:11] == "begin:vcard":
        from gsmsend.campaign.sources.vcard import open_vcard  # noqa: PLC0415 - only for such files

        return open_vcard(path, choice)
    from gsmsend.campaign.sources.delimited import open_delimited  # noqa: PLC0415 - only for such files

    if choice.sheet is not None:
        raise UsageError(f"{path} is a text file and has no sheets", remedy="Leave out --sheet for this file.")
    return open_delimited(path, choice)


def _words(head: bytes) -> str:
    """How a text begins, in small letters."""
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head[:2048].replace(b"\0", b"").decode("latin-1").lstrip().casefold()


def _zip(path: Path, choice: Choice) -> Source:
    from gsmsend.campaign.sources import archive  # noqa: PLC0415 - only for such files

    with archive.opened(path) as packed:
        names = packed.namelist()
    if "xl/workbook.xml" in names:
        from gsmsend.campaign.sources.workbook import open_workbook  # noqa: PLC0415 - only for such files

        return open_workbook(path, choice)
    if any(name.rpartition("/")[2].casefold() == "report.xml" for name in names):
        from gsmsend.campaign.sources.ufed import open_ufed  # noqa: PLC0415 - only for such files

        return open_ufed(path, choice)
    for part, (what, remedy) in _OTHER_ZIPS.items():
        if part in names:
            raise UsageError(f"{path} is {what}, which is not read", remedy=remedy)
    raise UsageError(f"{path} is a zip archive", remedy="Unpack it, and import the files in it one by one.")


def _old_office(path: Path, head: bytes) -> UsageError:
    """An OLE compound file: an old workbook, or a new one under a password (ECMA-376 part 4, MS-OFFCRYPTO)."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _HEAD))
        tail = stream.read()
    if _PROTECTED in head or _PROTECTED in tail:
        return UsageError(
            f"{path} is a workbook under a password",
            remedy="Open it in a spreadsheet program, save it without a password, and import that.",
        )
    return UsageError(f"{path} is an old Excel workbook (.xls), which is not read", remedy=_EXCEL)


def _markup(path: Path, choice: Choice, words: str) -> Source:
    if words.startswith(("<!doctype html", "<html", "<table")) or "<html" in words:
        raise UsageError(f"{path} is a web page (HTML), whatever its name says", remedy=_EXCEL)
    if "urn:schemas-microsoft-com:office:spreadsheet" in words:
        raise UsageError(f"{path} is an Excel 2003 XML workbook, which is not read", remedy=_EXCEL)
    from gsmsend.campaign.sources.ufed import open_ufed  # noqa: PLC0415 - only for such files

    return open_ufed(path, choice)
