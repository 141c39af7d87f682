"""The text for all recipients: `--text` or `--text-file`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from gsmsend.errors import UsageError

_LARGEST = 1 << 20  # octets; 255 segments need far less

F = TypeVar("F", bound=Callable[..., Any])


def text_options(command: F) -> F:
    """Add the two options of commands that take lists."""
    return _text_options(command, "The text for rows that have none of their own.")


def new_text_options(command: F) -> F:
    """Add the two options of a command that gives another text."""
    return _text_options(command, "The new text.")


def _text_options(command: F, words: str) -> F:
    command = click.option(
        "--text-file", metavar="FILE", type=click.Path(path_type=Path), help="A file that holds the text."
    )(command)
    return click.option("--text", metavar="TEXT", help=words)(command)


def option_text(text: str | None, text_file: Path | None) -> str | None:
    """The text given, or None. Raises UsageError: both given, or the file cannot be read."""
    if text is not None and text_file is not None:
        raise UsageError("--text and --text-file were both given; expected one of them")
    if text_file is None:
        return text
    from gsmsend.campaign.encodings import examine  # noqa: PLC0415 - most runs have no text file

    if text_file.is_file() and text_file.stat().st_size > _LARGEST:
        raise UsageError(
            f"{text_file} is larger than a megabyte; expected one text", remedy="Is it the right file?"
        )
    encoding = examine(text_file).encoding
    words = text_file.read_text(encoding=encoding).replace("\r\n", "\n").replace("\r", "\n")
    # Editors end a file with a line end that nobody means to send.
    return words.removesuffix("\n")
