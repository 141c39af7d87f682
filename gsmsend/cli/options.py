"""Options that many commands share."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gsmsend.inert import plain

operation = click.option(
    "--operation",
    "folder",
    metavar="DIR",
    default=Path(),
    show_default="the current folder",
    type=click.Path(path_type=Path, file_okay=False),
    is_eager=True,  # known before the other options are looked at
    help="The operation's folder.",
)


def _of_group(ctx: click.Context, parameter: click.Parameter, value: Path) -> Path:
    source = ctx.get_parameter_source(parameter.name or "")
    if source is click.core.ParameterSource.DEFAULT and isinstance(ctx.obj, Path):
        return ctx.obj
    return value


operation_or_groups = click.option(
    "--operation", "folder", metavar="DIR", default=Path(), show_default="the current folder",
    type=click.Path(path_type=Path, file_okay=False), callback=_of_group, help="The operation's folder.",
)  # fmt: skip
"""Of a subcommand: --operation may stand before it too, where its group keeps the folder."""
campaign = click.option(
    "--campaign", metavar="NAME", default="main", show_default=True, help="Which campaign of the operation."
)
as_json = click.option("--json", "as_json", is_flag=True, help="JSON for scripts.")
again = click.option("--again", is_flag=True, help="Text people as well who have another text in this operation.")
_OWN_STYLES = re.compile(r"(\x1b\[(?:3[0-7]|0|1)m)")
"""What `loud` writes round our own words. Whatever else acts on a terminal was not meant to."""
_STYLED = re.compile(r"((?:\x1b\[[\d;]*m)+)(.*?)(\x1b\[0m)")
unmask = click.option("--unmask", is_flag=True, help="Show numbers in full; that is recorded.")


def loud(words: str, colour: str = "red") -> str:
    """Words that stand out on a terminal, unless its user wants no colours (https://no-color.org)."""
    return _coloured(click.style(words, fg=colour, bold=True))


def _coloured(words: str) -> str:
    return click.unstyle(words) if os.environ.get("NO_COLOR") else words


def say(words: str = "") -> None:
    """A line for people, on stderr; on a terminal it is broken between words."""
    shown = inert(words)
    click.echo(fitting(shown, 2) if sys.stderr.isatty() else shown, err=True)


def inert(words: str) -> str:
    """Words with nothing in them that acts on a terminal, but for the colours that `loud` gives."""
    return "".join(one if _OWN_STYLES.fullmatch(one) else plain(one) for one in _OWN_STYLES.split(words))


def tell(words: str, *, hang: int = 2) -> None:
    """Lines of results for people, on stdout; on a terminal they are broken between words.

    What does not fit on a line goes on `hang` columns further in.
    """
    shown = inert(words)
    click.echo(fitting(_coloured(shown), hang) if sys.stdout.isatty() else shown)


def fitting(words: str, hang: int) -> str:
    """Lines broken between words to the width of the terminal; what goes on does so `hang` columns further in."""
    width = max(40, shutil.get_terminal_size().columns) - 1
    return "\n".join(_wrapped(line, width, hang) for line in words.split("\n"))


def _wrapped(line: str, width: int, hang: int) -> str:
    bare = click.unstyle(line)
    if len(bare) <= width:
        return line
    indent = " " * (len(bare) - len(bare.lstrip()) + hang)
    broken = "\n".join(
        textwrap.wrap(bare, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    )
    styled = _STYLED.match(line)
    if styled is None:
        return broken
    on, words, off = styled.groups()
    if words == bare:
        return on + broken + off
    return on + words + off + broken[len(words) :] if broken.startswith(words) else broken


def emit(value: dict[str, Any]) -> None:
    """One JSON object a line on stdout."""
    click.echo(json.dumps(value))


def where(folder: Path) -> str:
    """What to add to a command that is suggested to the user: ` --operation DIR`, or nothing when in it."""
    if folder.resolve() == Path.cwd():
        return ""
    return f" --operation {shlex.quote(str(folder))}"


def of(name: str) -> str:
    """What to add to a command that is suggested to the user: ` --campaign NAME`, or nothing for the usual one."""
    return "" if name == "main" else f" --campaign {shlex.quote(name)}"


def iso(at_s: float) -> str:
    """Seconds since the epoch as ISO 8601, UTC, to the millisecond."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
