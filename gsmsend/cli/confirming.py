"""Asking a person before something is done that cannot be taken back."""

from __future__ import annotations

import sys

import click

from gsmsend.errors import UsageError


def on_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def confirm(question: str) -> None:
    """Ask. Raises click.Abort for no, UsageError where nobody can be asked."""
    if not on_terminal():
        raise UsageError(
            "nobody can be asked here, as this is no terminal; nothing was changed", remedy="To do it: add --yes"
        )
    click.confirm(question, abort=True, err=True)
