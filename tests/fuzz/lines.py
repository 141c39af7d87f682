"""The corpus on disk: one file a target, one input a line, in Python's escapes; `#` begins a comment."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "corpus" / "fuzz"


def read(path: Path) -> list[bytes]:
    """The inputs of one file, none if it is not there."""
    if not path.exists():
        return []
    return [unescaped(line) for line in path.read_text("ascii").splitlines() if line and not line.startswith("#")]


def comments(path: Path) -> list[str]:
    """The comment lines at its beginning."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text("ascii").splitlines():
        if not line.startswith("#"):
            break
        found.append(line)
    return found


def write(path: Path, head: Iterable[str], inputs: Iterable[bytes]) -> None:
    """Replace one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in (*head, *map(escaped, inputs))), "ascii")


def escaped(octets: bytes) -> str:
    """Octets as one printable line that neither begins nor ends with a blank."""
    text = octets.decode("latin-1").encode("unicode_escape").decode("ascii")
    if text[:1] in {"#", " "}:
        text = f"\\x{ord(text[0]):02x}{text[1:]}"
    return f"{text[:-1]}\\x20" if text.endswith(" ") else text


def unescaped(line: str) -> bytes:
    """The inverse of `escaped`."""
    return line.encode("ascii").decode("unicode_escape").encode("latin-1")
