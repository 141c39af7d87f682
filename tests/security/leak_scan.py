"""Looks through everything that was written for numbers and texts, in every form that they are known to take."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

_GAPS = (
    ("", ""), (" ", ""), (" ", " "), ("-", ""), ("-", "-"), (".", ""), (".", "."), (")", ""), (") ", ""),
    (") ", " "), ("\u00a0", ""), ("\u00a0", "\u00a0"),
)  # fmt: skip
"""What people write after the fourth and the seventh digit of a number without its country's code."""
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


class Secret(StrEnum):
    """What must not be found."""

    NUMBER = "number"
    TEXT = "text"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a place, and the form that it had there."""

    place: str
    secret: Secret
    form: str
    what: str


def semi_octets(digits: str) -> str:
    """An even count of digits as hex of a PDU's address (TS 23.040 9.1.2.3)."""
    return "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2))


def _written(word: str) -> Iterator[tuple[str, bytes]]:
    """A word as characters: as written, in UTF-16, and as hex of either."""
    octets = {"UTF-8": word.encode(), "UTF-16BE": word.encode("utf-16-be"), "UTF-16LE": word.encode("utf-16-le")}
    for name, raw in octets.items():
        yield name, raw
        yield f"hex of {name}", raw.hex().encode()
        yield f"HEX of {name}", raw.hex().upper().encode()
    escaped = word.encode("unicode_escape")
    if escaped != octets["UTF-8"]:
        yield "escaped", escaped


def forms_of_number(e164: str) -> dict[str, bytes]:
    """The forms of a number such as +447700900123, by name: what it shows but for its country's code."""
    significant = e164.removeprefix("+44")
    first, last = significant[:4], significant[4:]
    found: dict[str, bytes] = {}
    for gap, second in _GAPS:
        for name, raw in _written(first + gap + last[:3] + second + last[3:]):
            found[f"{name}, {gap!r} and {second!r} between its digits"] = raw
    for digits in (e164[1:], f"0{significant}", significant):
        whole = semi_octets(digits[: len(digits) // 2 * 2])  # an odd last digit shares its octet with a filler
        found[f"semi-octets of {len(digits)} digits"] = whole.encode()
        found[f"raw semi-octets of {len(digits)} digits"] = bytes.fromhex(whole)
    return found


def packed(word: str, before: int) -> bytes:
    """The whole octets of a word in septets (TS 23.038 6.1.2.1.1) where so many septets stand before it."""
    bits = "".join(f"{ord(sign):07b}"[::-1] for sign in word)
    skipped = -(before * 7) % 8
    inside = bits[skipped:]
    whole = inside[: len(inside) // 8 * 8]
    return bytes(int(whole[at : at + 8][::-1], 2) for at in range(0, len(whole), 8))


def forms_of_word(word: str) -> dict[str, bytes]:
    """The forms of a word of letters, by name."""
    found = dict(_written(word))
    for before in range(8):
        raw = packed(word, before)
        found[f"septets after {before}"] = raw
        found[f"hex of septets after {before}"] = raw.hex().encode()
        found[f"HEX of septets after {before}"] = raw.hex().upper().encode()
    return found


@dataclass(frozen=True, slots=True)
class Scanner:
    """Finds `numbers` (E.164) and marks: words of texts and replies that stand nowhere else."""

    needles: tuple[tuple[Secret, str, str, bytes], ...]

    @classmethod
    def of(cls, numbers: list[str], texts: list[str], replies: list[str]) -> Scanner:
        """A scanner for these."""
        found = [(Secret.NUMBER, number, *form) for number in numbers for form in forms_of_number(number).items()]
        for secret, words in ((Secret.TEXT, texts), (Secret.REPLY, replies)):
            found += [(secret, word, *form) for word in words for form in forms_of_word(word).items()]
        return cls(tuple(found))

    def scan(self, place: str, content: bytes) -> list[Found]:
        """What is in these octets, or in what they hold in packed form."""
        return [
            Found(place, secret, form, what)
            for layer in layers(content)
            for secret, what, form, raw in self.needles
            if raw in layer
        ]

    def scan_all(self, root: Path, allowed: Mapping[str, frozenset[Secret]]) -> list[Found]:
        """What is in the files under a folder, and in their names, that their place may not hold."""
        found: list[Found] = []
        for file in sorted(root.rglob("*")):
            place = file.relative_to(root).as_posix()
            found += self.scan(f"name of {place}", place.encode())
            if file.is_file() and not file.is_symlink():
                found += self.scan(place, file.read_bytes())
        return [one for one in found if one.secret not in allowed.get(one.place, frozenset())]


def layers(content: bytes) -> Iterator[bytes]:
    """Octets as they are, then what is packed in them: the members of a zip file, the streams of a PDF."""
    yield content
    if content.startswith(b"PK"):
        try:
            with ZipFile(BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield archive.read(name)
        except BadZipFile:
            return
    if content.startswith(b"%PDF"):
        for packed_stream in _STREAM.findall(content):
            unpacker = zlib.decompressobj()
            try:
                yield unpacker.decompress(packed_stream)
            except zlib.error:
                continue
