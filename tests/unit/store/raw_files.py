"""Looks for numbers and texts in a store's files, in the forms that they are known to take."""

from __future__ import annotations

from pathlib import Path

from gsmsend.sms.primitives import pack


def forms_of(secret: str) -> set[bytes]:
    """A number's or a text's: as characters, in UTF-16, as a PDU has it, each as octets and as hex."""
    digits = secret.replace(" ", "").removeprefix("+")
    raws: set[bytes] = set()
    if digits.isdigit():
        national = "0" + digits[2:] if digits.startswith("44") else digits
        for written in (f"+{digits}", digits, national, national[1:], f"{national[:5]} {national[5:]}"):
            raws |= {written.encode(), written.encode("utf-16-be"), written.encode("utf-16-le")}
        for address in (digits, national):
            filled = address + "F" * (len(address) % 2)
            raws.add(bytes.fromhex("".join(filled[at + 1] + filled[at] for at in range(0, len(filled), 2))))
    else:
        raws |= {secret.encode(), secret.encode("utf-16-be"), secret.encode("utf-16-le"), septets(secret)}
    return raws | {raw.hex().encode() for raw in raws} | {raw.hex().upper().encode() for raw in raws}


def septets(text: str) -> bytes:
    """A text of letters in the default alphabet, packed (TS 23.038 6.1.2.1)."""
    return pack(text.encode("ascii"))  # letters are the same there


def found_in(folder: Path, secrets: list[str]) -> list[tuple[str, str]]:
    """Which of these are in which file of the store: the file itself, its log, and the log's index."""
    files = {file.name: file.read_bytes() for file in folder.glob("gsmsend.db*")}
    assert files
    return [
        (name, secret)
        for secret in secrets
        for form in forms_of(secret)
        for name, content in files.items()
        if len(form) >= 6 and form in content
    ]
