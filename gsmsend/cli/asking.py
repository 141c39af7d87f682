"""A number and a text that are in no process list: from standard input, or asked for on the terminal."""

from __future__ import annotations

import sys

import click

from gsmsend.errors import UsageError

FROM_INPUT = "-"
_LARGEST = 1 << 20  # octets; 255 segments need far less


def number_and_text(number: str | None, text: str | None) -> tuple[str, str]:
    """What is given as `-` or left out comes from standard input: the number is its first line, the text the rest.

    On a terminal both are asked for. Raises UsageError.
    """
    if number not in (None, FROM_INPUT) and text not in (None, FROM_INPUT):
        return str(number), str(text)
    ask_number, ask_text = number in (None, FROM_INPUT), text in (None, FROM_INPUT)
    if _on_terminal():
        said = click.prompt("Number", err=True) if ask_number else number
        return str(said), str(click.prompt("Text", err=True) if ask_text else text)
    for given, name in ((number, "NUMBER"), (text, "TEXT")):
        if given is None:
            raise UsageError(
                f"{name} is missing, and there is no terminal to ask for it",
                remedy="Give it, or - to take it from standard input.",
            )
    rest = _read()
    if ask_number:
        number, _, rest = rest.partition("\n")
    if ask_text:
        text = rest.removesuffix("\n")
    elif rest.strip():
        raise UsageError(
            "standard input has more than the number, and the text was given as well; expected one line",
            remedy="Give - for the text too if it is there.",
        )
    if not (number or "").strip():
        raise UsageError("the first line of standard input is empty; expected the number")
    return str(number).strip(), str(text)


def _on_terminal() -> bool:
    return sys.stdin.isatty()


def _read() -> str:
    octets = sys.stdin.buffer.read(_LARGEST + 1)
    if len(octets) > _LARGEST:
        raise UsageError("standard input is larger than a megabyte; expected one text")
    try:
        words = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"standard input is not UTF-8 (octet {error.start + 1})", remedy="Save the text as UTF-8."
        ) from None
    return words.replace("\r\n", "\n").replace("\r", "\n")
